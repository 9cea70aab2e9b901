/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An open-addressed hash table over the texts of a data set, which it refers to by row and does not
 * copy. Equal hashes are compared in full. The hash is keyed anew each time, so that no file can be
 * made to collide; what is found does not depend on the key. Any thread, one at a time.
 */
#include "config.h"

#include "attune-text-index.h"

#include <string.h>

struct _AttuneTextIndex {
  AttuneDataset *dataset;
  guint64 key;
  guint *slots;    /* (n_slots,) row + 1, 0 if free */
  guint32 *hashes; /* (n_slots,) the half of the hash that did not choose the slot */
  gsize n_slots;   /* a power of two, at least twice the rows */
  guint *first;    /* (n_rows,) */
  GString *folded[2]; /* scratch of a folded index; NULL in an exact one */
};

static guint64
mix (guint64 a,
     guint64 b)
{
  __uint128_t product = (__uint128_t) (a ^ 0x9e3779b97f4a7c15u) * (b ^ 0xd1342543de82ef95u);

  return (guint64) product ^ (guint64) (product >> 64);
}

static guint64
hash_bytes (guint64     state,
            const char *bytes,
            gsize       length)
{
  guint64 word;

  state = mix (state, length);
  for (; length >= sizeof word; bytes += sizeof word, length -= sizeof word)
    {
      memcpy (&word, bytes, sizeof word);
      state = mix (state, word ^ (state << 1));
    }
  word = 0;
  memcpy (&word, bytes, length);
  return mix (state, word ^ (state << 1));
}

static guint64
hash_row (guint64        key,
          AttuneDataset *dataset,
          guint          row)
{
  gsize length, pair_length;
  const char *text = attune_dataset_get_text (dataset, row, &length);
  const char *pair = attune_dataset_get_pair (dataset, row, &pair_length);
  guint64 hash = hash_bytes (key, text, length);

  return pair == NULL ? hash : hash_bytes (hash, pair, pair_length);
}

static gboolean
rows_are_equal (AttuneDataset *a,
                guint          row_a,
                AttuneDataset *b,
                guint          row_b)
{
  gsize length_a, length_b;
  const char *text_a = attune_dataset_get_text (a, row_a, &length_a);
  const char *text_b = attune_dataset_get_text (b, row_b, &length_b);

  if (length_a != length_b || memcmp (text_a, text_b, length_a) != 0)
    return FALSE;
  text_a = attune_dataset_get_pair (a, row_a, &length_a);
  text_b = attune_dataset_get_pair (b, row_b, &length_b);
  if (text_a == NULL || text_b == NULL)
    return text_a == text_b;
  return length_a == length_b && memcmp (text_a, text_b, length_a) == 0;
}

/* Appends a text in lower case, runs of white space as one space, none at its ends. */
static void
append_folded (GString    *out,
               const char *text,
               gsize       length)
{
  const char *end = text + length;
  gboolean space = FALSE;
  gsize start = out->len;

  while (text < end)
    {
      gboolean is_ascii = (guchar) *text < 0x80;
      gunichar c = is_ascii ? (gunichar) *text : g_utf8_get_char (text);

      text = is_ascii ? text + 1 : g_utf8_next_char (text);
      if (is_ascii ? g_ascii_isspace (c) : g_unichar_isspace (c))
        {
          space = out->len > start;
          continue;
        }
      if (space)
        g_string_append_c (out, ' ');
      space = FALSE;
      if (is_ascii)
        g_string_append_c (out, g_ascii_tolower ((char) c));
      else
        g_string_append_unichar (out, g_unichar_tolower (c));
    }
}

/* Text and pair in one; a NUL, which no text holds, between them. */
static void
fold_row (GString       *out,
          AttuneDataset *dataset,
          guint          row)
{
  gsize length, pair_length;
  const char *text = attune_dataset_get_text (dataset, row, &length);
  const char *pair = attune_dataset_get_pair (dataset, row, &pair_length);

  g_string_truncate (out, 0);
  append_folded (out, text, length);
  if (pair != NULL)
    {
      g_string_append_c (out, '\0');
      append_folded (out, pair, pair_length);
    }
}

/* Whether the row in a slot equals another, which an index of folded texts has in folded[0]. */
static gboolean
slot_is_equal (AttuneTextIndex *self,
               gsize            slot,
               AttuneDataset   *dataset,
               guint            row)
{
  guint own = self->slots[slot] - 1;

  if (self->folded[0] == NULL)
    return rows_are_equal (self->dataset, own, dataset, row);
  fold_row (self->folded[1], self->dataset, own);
  return g_string_equal (self->folded[0], self->folded[1]);
}

/* The slot of an equal row, or the free one where it would go. */
static gsize
find_slot (AttuneTextIndex *self,
           AttuneDataset   *dataset,
           guint            row,
           guint32         *tag)
{
  guint64 hash;
  gsize slot;

  if (self->folded[0] != NULL)
    {
      fold_row (self->folded[0], dataset, row);
      hash = hash_bytes (self->key, self->folded[0]->str, self->folded[0]->len);
    }
  else
    hash = hash_row (self->key, dataset, row);
  slot = hash & (self->n_slots - 1);
  *tag = (guint32) (hash >> 32);
  while (self->slots[slot] != 0
         && (self->hashes[slot] != *tag || !slot_is_equal (self, slot, dataset, row)))
    slot = (slot + 1) & (self->n_slots - 1);
  return slot;
}

static AttuneTextIndex *
create_index (AttuneDataset *dataset,
              gboolean       is_folded,
              GCancellable  *cancellable)
{
  g_autoptr (AttuneTextIndex) self = g_new0 (AttuneTextIndex, 1);
  guint n_rows = attune_dataset_get_n_rows (dataset);

  self->dataset = g_object_ref (dataset);
  self->key = (guint64) g_random_int () << 32 | g_random_int ();
  for (guint i = 0; is_folded && i < G_N_ELEMENTS (self->folded); i++)
    self->folded[i] = g_string_new (NULL);
  self->n_slots = 16;
  while (self->n_slots < (gsize) n_rows * 2)
    self->n_slots *= 2;
  self->slots = g_new0 (guint, self->n_slots);
  self->hashes = g_new (guint32, self->n_slots);
  self->first = g_new (guint, MAX (n_rows, 1));

  for (guint row = 0; row < n_rows; row++)
    {
      guint32 tag;
      gsize slot;

      self->first[row] = row;
      if (attune_dataset_is_dropped (dataset, row))
        continue;
      slot = find_slot (self, dataset, row, &tag);
      if (row % 4096 == 0 && g_cancellable_is_cancelled (cancellable))
        return NULL;
      if (self->slots[slot] == 0)
        {
          self->slots[slot] = row + 1;
          self->hashes[slot] = tag;
        }
      self->first[row] = self->slots[slot] - 1;
    }
  return g_steal_pointer (&self);
}

/**
 * attune_text_index_new:
 *
 * Returns: (transfer full) (nullable): NULL when cancelled
 */
AttuneTextIndex *
attune_text_index_new (AttuneDataset *dataset,
                       GCancellable  *cancellable)
{
  return create_index (dataset, FALSE, cancellable);
}

/* As attune_text_index_new(). */
AttuneTextIndex *
attune_text_index_new_folded (AttuneDataset *dataset,
                              GCancellable  *cancellable)
{
  return create_index (dataset, TRUE, cancellable);
}

void
attune_text_index_free (AttuneTextIndex *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->folded); i++)
    if (self->folded[i] != NULL)
      g_string_free (self->folded[i], TRUE);
  g_clear_object (&self->dataset);
  g_free (self->slots);
  g_free (self->hashes);
  g_free (self->first);
  g_free (self);
}

/* The first row with the same text and pair as row; row itself if there is none before it. */
guint
attune_text_index_get_first (AttuneTextIndex *self,
                             guint            row)
{
  return self->first[row];
}

/* The first row with the text and pair of a row of another data set, or ATTUNE_NO_ROW. */
guint
attune_text_index_find (AttuneTextIndex *self,
                        AttuneDataset   *other,
                        guint            row)
{
  guint32 tag;

  return self->slots[find_slot (self, other, row, &tag)] - 1;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Words are those that a WordPiece tokenizer would break into pieces; a vocabulary without pieces
 * leaves them whole, so the tokenizer made here is an ordinary one. What it does not know is [UNK].
 * The order depends on counts and bytes alone: the same texts make the same ids in any order.
 */
#include "config.h"

#include "attune-word-counter.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-word-splitter.h"

/* More different words than this are not counted any more; 67,000 sentences have 15,000. */
#define MOST_WORDS 2000000

static const AttuneTokenizerOptions options = {
  .lowercase = TRUE,
  .strip_accents = ATTUNE_STRIP_ACCENTS_NO,
  .tokenize_chinese_chars = TRUE,
};

struct _AttuneWordCounter {
  GHashTable *counts; /* word → its number */
};

typedef struct {
  const char *word;
  guint count;
} Counted;

AttuneWordCounter *
attune_word_counter_new (void)
{
  AttuneWordCounter *self = g_new0 (AttuneWordCounter, 1);

  self->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
attune_word_counter_free (AttuneWordCounter *self)
{
  if (self == NULL)
    return;

  g_hash_table_unref (self->counts);
  g_free (self);
}

static void
count_cb (const AttuneWord *word,
          gpointer          user_data)
{
  AttuneWordCounter *self = user_data;
  char key[4 * ATTUNE_MAX_WORD_CHARACTERS + 1];
  gpointer count;

  if (word->n_characters > ATTUNE_MAX_WORD_CHARACTERS || word->length >= sizeof key
      || memchr (word->bytes, '\0', word->length) != NULL)
    return;
  memcpy (key, word->bytes, word->length);
  key[word->length] = '\0';
  count = g_hash_table_lookup (self->counts, key);
  if (count == NULL && g_hash_table_size (self->counts) >= MOST_WORDS)
    return;
  if (GPOINTER_TO_UINT (count) < G_MAXINT)
    g_hash_table_insert (self->counts, g_strdup (key), GUINT_TO_POINTER (GPOINTER_TO_UINT (count) + 1));
}

/**
 * attune_word_counter_add:
 * @text: UTF-8; U+0000 inside it is data
 *
 * Returns: %FALSE with %ATTUNE_TOKENIZER_ERROR_ENCODING if @text is not UTF-8
 */
gboolean
attune_word_counter_add (AttuneWordCounter  *self,
                         const char         *text,
                         gsize               length,
                         GError            **error)
{
  const AttuneSplitOptions split = { .lowercase = options.lowercase, .split_cjk = TRUE };
  gsize bad_byte;

  if (length > G_MAXUINT32 / 2)
    {
      g_set_error_literal (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_ENCODING,
                           _("The text is longer than can be taken at once."));
      return FALSE;
    }
  if (attune_split_words (&split, text, 0, length, count_cb, self, &bad_byte))
    return TRUE;
  g_set_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_ENCODING,
               _("The text is not UTF-8 at byte %u; convert it first."), (guint) bad_byte + 1);
  return FALSE;
}

/* How many different words there were. */
guint
attune_word_counter_get_n_words (AttuneWordCounter *self)
{
  return g_hash_table_size (self->counts);
}

/* The most frequent first, of equally frequent ones the first by bytes. */
static int
compare_counted (gconstpointer a,
                 gconstpointer b)
{
  const Counted *x = a, *y = b;

  if (x->count != y->count)
    return x->count > y->count ? -1 : 1;
  return strcmp (x->word, y->word);
}

/**
 * attune_word_counter_create_tokenizer:
 * @min_count: rarer words are left out
 * @max_words: most words there may be, the special tokens not counted
 *
 * Returns: (transfer full) (nullable): a tokenizer of the words counted; the errors of
 *   attune_tokenizer_new_wordpiece()
 */
AttuneTokenizer *
attune_word_counter_create_tokenizer (AttuneWordCounter  *self,
                                      guint               min_count,
                                      guint               max_words,
                                      GError            **error)
{
  g_autoptr (GArray) words = g_array_new (FALSE, FALSE, sizeof (Counted));
  g_autoptr (GString) lines = g_string_new ("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n");
  g_autoptr (GBytes) file = NULL;
  GHashTableIter iter;
  gpointer word, count;

  g_hash_table_iter_init (&iter, self->counts);
  while (g_hash_table_iter_next (&iter, &word, &count))
    {
      const Counted counted = { word, GPOINTER_TO_UINT (count) };

      if (counted.count >= min_count)
        g_array_append_val (words, counted);
    }
  g_array_sort (words, compare_counted);
  for (guint i = 0; i < MIN (words->len, max_words); i++)
    g_string_append_printf (lines, "%s\n", g_array_index (words, Counted, i).word);

  file = g_string_free_to_bytes (g_steal_pointer (&lines));
  return attune_tokenizer_new_wordpiece (file, _("the words of the texts"), &options, error);
}

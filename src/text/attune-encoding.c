/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneEncoding's arrays, and how many tokens of two texts remain when both together are too long.
 */
#include "config.h"

#include "attune-encoding.h"

#include "attune-pipeline.h"

/* An empty encoding. Pass it to attune_tokenizer_encode() again and again; its arrays are reused.
 * Not for two threads at once. */
AttuneEncoding *
attune_encoding_new (void)
{
  AttuneEncoding *self = g_new0 (AttuneEncoding, 1);

  self->ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->type_ids = g_array_new (FALSE, FALSE, sizeof (guint8));
  self->spans = g_array_new (FALSE, FALSE, sizeof (AttuneSpan));

  return self;
}

void
attune_encoding_free (AttuneEncoding *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->ids);
  g_array_unref (self->type_ids);
  g_array_unref (self->spans);
  attune_scratch_free (self->scratch);
  g_free (self);
}

void
attune_encoding_clear (AttuneEncoding *self)
{
  g_array_set_size (self->ids, 0);
  g_array_set_size (self->type_ids, 0);
  g_array_set_size (self->spans, 0);
  self->pair_start = G_MAXUINT;
  self->n_tokens_full = 0;
}

void
attune_encoding_add_special (AttuneEncoding *self,
                             gint32          id,
                             guint8          type_id)
{
  const AttuneSpan nowhere = { 0, 0 };

  g_array_append_val (self->ids, id);
  g_array_append_val (self->type_ids, type_id);
  g_array_append_val (self->spans, nowhere);
}

void
attune_encoding_side_init (AttuneEncodingSide *side,
                           AttuneEncoding     *encoding,
                           guint8              type_id,
                           guint               max_length)
{
  *side = (AttuneEncodingSide) {
    .encoding = encoding,
    .type_id = type_id,
    .max_length = max_length,
  };
}

/* Appends the pieces of one word or, with is_word FALSE, of a special token typed in the text. */
void
attune_encoding_side_add (AttuneEncodingSide *side,
                          const AttunePiece  *pieces,
                          guint               n_pieces,
                          gboolean            is_word)
{
  AttuneEncoding *encoding = side->encoding;
  const guint n_more = MIN (n_pieces, side->max_length - side->n_kept);

  if (n_more > 0)
    {
      const guint old_length = encoding->ids->len;
      gint32 *ids;
      guint8 *type_ids;
      AttuneSpan *spans;

      g_array_set_size (encoding->ids, old_length + n_more);
      g_array_set_size (encoding->type_ids, old_length + n_more);
      g_array_set_size (encoding->spans, old_length + n_more);
      ids = &g_array_index (encoding->ids, gint32, old_length);
      type_ids = &g_array_index (encoding->type_ids, guint8, old_length);
      spans = &g_array_index (encoding->spans, AttuneSpan, old_length);
      for (guint i = 0; i < n_more; i++)
        {
          ids[i] = pieces[i].id;
          type_ids[i] = side->type_id;
          spans[i] = pieces[i].span;
        }
      side->n_kept += n_more;
    }

  side->n_pieces += n_pieces;
  if (!side->weighed)
    {
      side->n_weighed = side->n_pieces;
      side->weighed = is_word && side->n_pieces >= side->max_length;
    }
}

/* How many pieces of each side stay when only available fit: the longer side is cut first; once
 * both have to be, they get half each, and the odd one goes to the longer side (the second if
 * equal).
 * A side's length is weighed as tokenizers 0.23.1 does, which stops reading a side after the word
 * that reaches max_length: two sides that are both longer often count as equal. */
void
attune_encoding_longest_first (const AttuneEncodingSide *first,
                               const AttuneEncodingSide *second,
                               guint                     available,
                               guint                    *n_first,
                               guint                    *n_second)
{
  const gboolean first_is_longer = first->n_weighed > second->n_weighed;
  guint shorter = MIN (first->n_weighed, second->n_weighed);
  guint longer = MAX (first->n_weighed, second->n_weighed);

  if ((guint64) shorter + longer > available)
    {
      longer = shorter < available ? MAX (shorter, available - shorter) : shorter;
      if ((guint64) shorter + longer > available)
        {
          shorter = available / 2;
          longer = available - shorter;
        }
    }

  *n_first = first_is_longer ? longer : shorter;
  *n_second = first_is_longer ? shorter : longer;
}

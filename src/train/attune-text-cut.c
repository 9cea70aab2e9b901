/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every sequence keeps the first and the last token of the whole, which are special; what is chosen
 * is the body between them. Of "head and tail" a quarter is head: 128 of 512, as Sun et al. (2019,
 * "How to Fine-Tune BERT for Text Classification?") found best.
 */
#include "config.h"

#include "attune-text-cut.h"

#define N_SPECIALS 2u

void
attune_text_cut_init (AttuneTextCut     *self,
                      AttuneTrainConfig *config,
                      guint              max_length)
{
  const char *name = attune_train_config_get_string (config, "long_text_strategy");

  *self = (AttuneTextCut) {
    .kind = g_str_equal (name, "tail")        ? ATTUNE_LONG_TEXTS_TAIL
            : g_str_equal (name, "head_tail") ? ATTUNE_LONG_TEXTS_HEAD_TAIL
            : g_str_equal (name, "windows")   ? ATTUNE_LONG_TEXTS_WINDOWS
                                              : ATTUNE_LONG_TEXTS_HEAD,
    .max_length = max_length,
    .overlap = (guint) attune_train_config_get_int (config, "window_overlap"),
    .max_windows = (guint) attune_train_config_get_int (config, "max_windows"),
  };
}

/* Body tokens of a sequence; 0 where not even one fits between the special ones. */
static guint
get_body (const AttuneTextCut *self)
{
  return self->max_length > N_SPECIALS ? self->max_length - N_SPECIALS : 0;
}

/* From one window to the next: at least half of it is new. */
static guint
get_stride (const AttuneTextCut *self)
{
  guint body = get_body (self);

  return MAX (body - MIN (self->overlap, body / 2), 1);
}

static gboolean
has_windows (const AttuneTextCut *self)
{
  return self->kind == ATTUNE_LONG_TEXTS_WINDOWS && get_body (self) > 0 && self->max_windows > 1;
}

/* That a text which does not fit into one takes, however many there may be. */
static guint
need_windows (const AttuneTextCut *self,
              guint                length)
{
  guint body = get_body (self), stride = get_stride (self);

  return 1 + (length - N_SPECIALS - body + stride - 1) / stride;
}

static guint
count_windows (const AttuneTextCut *self,
               guint                length)
{
  return MIN (need_windows (self, length), self->max_windows);
}

guint
attune_text_cut_propose_windows (const AttuneTextCut *self,
                                 guint                length)
{
  guint most = (guint) attune_train_config_find_field ("max_windows")->maximum;
  guint n = get_body (self) > 0 && length > self->max_length ? need_windows (self, length) : 1;

  return n > self->max_windows && n <= most ? n : 0;
}

guint
attune_text_cut_get_length (const AttuneTextCut *self,
                            guint                length)
{
  guint n, last;

  if (length <= self->max_length)
    return length;
  if (!has_windows (self))
    return self->max_length;
  n = count_windows (self, length);
  last = length - N_SPECIALS - (n - 1) * get_stride (self);
  return (n - 1) * self->max_length + MIN (last, get_body (self)) + N_SPECIALS;
}

guint
attune_text_cut_get_capacity (const AttuneTextCut *self)
{
  return has_windows (self) ? self->max_length + (self->max_windows - 1) * get_stride (self)
                            : self->max_length;
}

guint
attune_text_cut_get_window (const AttuneTextCut *self)
{
  return has_windows (self) ? self->max_length : 0;
}

static guint *
pick_range (guint *places,
            guint  begin,
            guint  n)
{
  for (guint i = 0; i < n; i++)
    *places++ = begin + i;
  return places;
}

void
attune_text_cut_pick (const AttuneTextCut *self,
                      guint                length,
                      guint               *places)
{
  guint body = get_body (self);
  guint n_windows = has_windows (self) && length > self->max_length ? count_windows (self, length)
                                                                    : 1;
  guint head = self->kind == ATTUNE_LONG_TEXTS_TAIL        ? 0
               : self->kind == ATTUNE_LONG_TEXTS_HEAD_TAIL ? body / 4
                                                           : body;

  if (length <= self->max_length || self->max_length < N_SPECIALS)
    {
      pick_range (places, 0, MIN (length, self->max_length));
      return;
    }
  if (n_windows == 1)
    {
      places = pick_range (places, 0, 1 + head);
      pick_range (places, length - 1 - (body - head), body - head + 1);
      return;
    }
  for (guint window = 0; window < n_windows; window++)
    {
      guint begin = 1 + window * get_stride (self);

      *places++ = 0;
      places = pick_range (places, begin, MIN (body, length - 1 - begin));
      *places++ = length - 1;
    }
}

void
attune_text_cut_apply (const AttuneTextCut *self,
                       AttuneEncoding      *encoding)
{
  guint length = encoding->ids->len;
  guint n = attune_text_cut_get_length (self, length);
  g_autofree guint *places = NULL;
  g_autoptr (AttuneEncoding) whole = NULL;

  if (length <= self->max_length)
    return;
  places = g_new (guint, MAX (n, 1));
  attune_text_cut_pick (self, length, places);
  whole = attune_encoding_new ();
  g_array_append_vals (whole->ids, encoding->ids->data, length);
  g_array_append_vals (whole->type_ids, encoding->type_ids->data, length);
  g_array_append_vals (whole->spans, encoding->spans->data, length);
  g_array_set_size (encoding->ids, n);
  g_array_set_size (encoding->type_ids, n);
  g_array_set_size (encoding->spans, n);
  for (guint i = 0; i < n; i++)
    {
      g_array_index (encoding->ids, gint32, i) = g_array_index (whole->ids, gint32, places[i]);
      g_array_index (encoding->type_ids, guint8, i) =
        g_array_index (whole->type_ids, guint8, places[i]);
      g_array_index (encoding->spans, AttuneSpan, i) =
        g_array_index (whole->spans, AttuneSpan, places[i]);
    }
}

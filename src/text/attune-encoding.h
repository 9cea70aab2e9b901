/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How an AttuneEncoding is filled: one side (text or pair) after the other, then cut to length.
 * Private to this room; AttuneEncoding itself is in attune-tokenizer.h.
 */
#pragma once

#include <glib.h>

#include "attune-tokenizer.h"
#include "attune-wordpiece.h"

G_BEGIN_DECLS

/* One of the two texts while its pieces arrive. */
typedef struct {
  AttuneEncoding *encoding;
  guint8 type_id;
  guint max_length; /* of the whole encoding: more pieces than that are counted, not kept */
  guint n_kept;
  guint n_pieces;   /* all there are */
  guint n_weighed;  /* pieces until max_length was reached, to the end of that word */
  gboolean weighed; /* n_weighed stands */
} AttuneEncodingSide;

void attune_encoding_clear         (AttuneEncoding           *self);
void attune_encoding_add_special   (AttuneEncoding           *self,
                                    gint32                    id,
                                    guint8                    type_id);
void attune_encoding_side_init     (AttuneEncodingSide       *side,
                                    AttuneEncoding           *encoding,
                                    guint8                    type_id,
                                    guint                     max_length);
void attune_encoding_side_add      (AttuneEncodingSide       *side,
                                    const AttunePiece        *pieces,
                                    guint                     n_pieces,
                                    gboolean                  is_word);
void attune_encoding_longest_first (const AttuneEncodingSide *first,
                                    const AttuneEncodingSide *second,
                                    guint                     available,
                                    guint                    *n_first,
                                    guint                    *n_second);

G_END_DECLS

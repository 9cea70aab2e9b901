/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finding what Split and Replace look for. Private to this room.
 */
#pragma once

#include "attune-tokenizer-steps.h"

G_BEGIN_DECLS

gboolean attune_pattern_find     (const AttunePattern *self,
                                  const char          *bytes,
                                  gsize                from,
                                  gsize                end,
                                  gsize               *match_start,
                                  gsize               *match_end);
gsize    attune_pattern_end_gpt2 (const char          *bytes,
                                  gsize                from,
                                  gsize                end);

G_END_DECLS

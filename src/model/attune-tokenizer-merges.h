/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * RoBERTa's vocab.json and merges.txt, read and written. Used by this room only.
 */
#pragma once

#include "attune-json.h"
#include "attune-tokenizer.h"

G_BEGIN_DECLS

GBytes  *attune_tokenizer_merges_to_json (GBytes           *vocab_json,
                                          GBytes           *merges,
                                          yyjson_val       *config,
                                          const char       *folder,
                                          GError          **error);
gboolean attune_tokenizer_merges_write   (const char       *folder,
                                          AttuneTokenizer  *tokenizer,
                                          GError          **error);

G_END_DECLS

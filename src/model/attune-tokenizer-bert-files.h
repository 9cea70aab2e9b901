/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * BERT's tokenizer out of the files that BERT's folders have. Used by this room only.
 */
#pragma once

#include "attune-tokenizer-json.h"

G_BEGIN_DECLS

gboolean         attune_tokenizer_bert_files_suffice (AttuneTokenizerJson  *json,
                                                      yyjson_val           *root);
AttuneTokenizer *attune_tokenizer_bert_files_load    (GBytes               *vocabulary,
                                                      yyjson_val           *root,
                                                      yyjson_val           *config,
                                                      const char           *folder,
                                                      GPtrArray            *warnings,
                                                      GError              **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tokenizer_config.json and special_tokens_map.json, which say nothing about ids but what other
 * programs need to load a tokenizer.json. Used by this room only.
 */
#pragma once

#include "attune-json.h"
#include "attune-tokenizer-json.h"

G_BEGIN_DECLS

/* The keys under which special tokens have their parts: "unk_token" and so on. */
extern const char *const attune_tokenizer_special_keys[];

GBytes     *attune_tokenizer_config_create (yyjson_val                *config,
                                            yyjson_val                *special_tokens_map,
                                            AttuneTokenizerJson       *json,
                                            const char                *class,
                                            GError                   **error);
gboolean    attune_tokenizer_config_write  (const char                *folder,
                                            AttuneTokenizer           *tokenizer,
                                            guint                      max_length,
                                            GError                   **error);
AttuneBytes attune_tokenizer_config_get_token (yyjson_val             *config,
                                            const char                *key);

G_END_DECLS

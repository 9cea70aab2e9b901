/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tokenizer's files in a HF folder: tokenizer.json, or vocab.txt, or vocab.json and merges.txt;
 * tokenizer_config.json, special_tokens_map.json. Folders are read by attune-model-folder.h.
 */
#pragma once

#include <gio/gio.h>

#include "attune-tokenizer.h"

G_BEGIN_DECLS

/* The bytes of each file, NULL where there is none. */
typedef struct {
  GBytes *tokenizer_json;
  GBytes *vocab_txt;
  GBytes *vocab_json;
  GBytes *merges;
  GBytes *tokenizer_config;
  GBytes *special_tokens_map;
} AttuneTokenizerFiles;

AttuneTokenizer *attune_tokenizer_files_load        (const char                  *folder,
                                                     guint                        positions,
                                                     GPtrArray                   *warnings,
                                                     GError                     **error);
AttuneTokenizer *attune_tokenizer_files_load_bytes  (const AttuneTokenizerFiles  *files,
                                                     const char                  *folder,
                                                     GPtrArray                   *warnings,
                                                     GError                     **error);
AttuneTokenizer *attune_tokenizer_files_load_merges (const char                  *vocab,
                                                     const char                  *merges,
                                                     GError                     **error);
gboolean         attune_tokenizer_files_write       (const char                  *folder,
                                                     AttuneTokenizer             *tokenizer,
                                                     guint                        max_length,
                                                     GError                     **error);

G_END_DECLS

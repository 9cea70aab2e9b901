/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tokenizer's files in a HF folder: vocab.txt, tokenizer.json, tokenizer_config.json,
 * special_tokens_map.json. Used by this room only.
 */
#pragma once

#include <gio/gio.h>

#include "attune-tokenizer.h"

G_BEGIN_DECLS

AttuneTokenizer *attune_tokenizer_files_load          (const char       *folder,
                                                       GPtrArray        *warnings,
                                                       GError          **error);
AttuneTokenizer *attune_tokenizer_files_load_bytes    (GBytes           *vocabulary,
                                                       GBytes           *tokenizer_json,
                                                       GBytes           *tokenizer_config,
                                                       const char       *folder,
                                                       GPtrArray        *warnings,
                                                       GError          **error);
gboolean         attune_tokenizer_files_write         (const char       *folder,
                                                       AttuneTokenizer  *tokenizer,
                                                       guint             max_length,
                                                       GError          **error);

G_END_DECLS

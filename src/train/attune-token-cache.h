/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tokenized data sets kept in the user's cache folder: <key>.bin, the key made of the content of the
 * texts and of the tokenizer. Nothing in it is needed or trusted: a file that is damaged, of another
 * format or not there makes the texts be tokenized again, and one that cannot be written is left
 * out. Any thread but the main one.
 */
#pragma once

#include "attune-encoded-rows.h"

G_BEGIN_DECLS

/* Of hexadecimal digits. */
#define ATTUNE_TOKEN_KEY_LENGTH 64
/* All files together are kept below this. */
#define ATTUNE_TOKEN_CACHE_BYTES (G_GUINT64_CONSTANT (2) << 30)

/* (transfer full) */
char              *attune_token_cache_get_folder (void);
/* (transfer full) (nullable): NULL when cancelled, or for data that comes from no file. */
char              *attune_token_cache_create_key (AttuneDataset           *dataset,
                                                  AttuneTokenizer         *tokenizer,
                                                  const AttuneRowThreads  *threads,
                                                  GCancellable            *cancellable);
/* (transfer full) (nullable): rows that were stored under key, without truncation; n_rows,
 * has_types and n_vocabulary (every id is below it) are what they have to be. */
AttuneEncodedRows *attune_token_cache_load       (const char              *folder,
                                                  const char              *key,
                                                  guint                    n_rows,
                                                  gboolean                 has_types,
                                                  guint                    n_vocabulary);
/* FALSE when that was not possible, which is no error. */
gboolean           attune_token_cache_store      (const char              *folder,
                                                  const char              *key,
                                                  const AttuneEncodedRows *rows);
/* Removes the files that have not been used for longest until max_bytes or less remain. */
void               attune_token_cache_trim       (const char              *folder,
                                                  guint64                  max_bytes);

G_END_DECLS

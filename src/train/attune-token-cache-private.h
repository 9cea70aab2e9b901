/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a file of the token cache begins. After it come offsets, full lengths, ids and type ids as
 * AttuneEncodedRows has them, in this computer's byte order and without gaps.
 */
#pragma once

#include "attune-token-cache.h"

G_BEGIN_DECLS

/* Its lowest byte is the version of the format. Read as a number, so that a file of a computer with
 * the other byte order is a foreign one. */
#define ATTUNE_TOKEN_MAGIC G_GUINT64_CONSTANT (0x6174746e746f6b01)

typedef struct {
  guint64 magic;
  char key[ATTUNE_TOKEN_KEY_LENGTH];
  guint64 n_tokens;
  guint32 n_rows;
  guint32 has_types;
  guint32 checksum; /* crc32 of all of the file, with 0 here */
  guint32 unused;
} AttuneTokenHeader;

G_STATIC_ASSERT (sizeof (AttuneTokenHeader) == 96);

/* As attune_token_cache_load(), from the file's beginning at fd, which stays open. */
AttuneEncodedRows *attune_token_cache_read (int         fd,
                                            const char *key,
                                            guint       n_rows,
                                            gboolean    has_types,
                                            guint       n_vocabulary);

G_END_DECLS

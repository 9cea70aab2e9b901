/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SHA-256 of a block of memory that is still being filled, on a thread of its own.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _AttuneDigest AttuneDigest;

/* data: where the bytes will be; it must stay there, unchanged, until attune_digest_end() */
AttuneDigest *attune_digest_begin   (const char   *data);
/* So many bytes from the beginning are there now. */
void          attune_digest_advance (AttuneDigest *self,
                                     gsize         n_bytes);
/* Waits for the rest. (transfer full): in hexadecimal; frees self */
char         *attune_digest_end     (AttuneDigest *self);
/* Leaves off. Frees self. */
void          attune_digest_abandon (AttuneDigest *self);

G_END_DECLS

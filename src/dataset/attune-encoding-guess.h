/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: in what a text that is no UTF-8 may be written.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* first: the first byte that is no UTF-8. NULL if there is no good guess: a text that is UTF-8 in one
 * place and something else in another is damaged, and no encoding is right for it.
 * (transfer full) (nullable) */
char *attune_encoding_guess (const char *data,
                             gsize       length,
                             gsize       first);

G_END_DECLS

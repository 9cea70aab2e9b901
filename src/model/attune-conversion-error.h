/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the confined program said, and how it ended, as an error with a sentence.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* status: of waitpid(). FALSE with an error unless the program ended well and said nothing. */
gboolean attune_conversion_check (const char         *folder,
                                  const char * const *names,
                                  const char         *message,
                                  int                 status,
                                  GError            **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: a file that is to be read, opened only if it is one, and held to stay as it
 * was.
 */
#pragma once

#include <glib.h>
#include <sys/stat.h>

G_BEGIN_DECLS

/* A descriptor that the caller closes, and what the file was like; -1 with an error. */
int      attune_source_file_open        (const char         *path,
                                         const char         *name,
                                         struct stat        *status,
                                         GError            **error);
/* Whether it is still what it was when it was opened. */
gboolean attune_source_file_check       (int                 fd,
                                         const struct stat  *before,
                                         const char         *name,
                                         GError            **error);

/* FALSE, with what is to be said of it. */
gboolean attune_source_file_changed     (const char         *name,
                                         GError            **error);
gboolean attune_source_file_unreadable  (const char         *name,
                                         int                 error_number,
                                         GError            **error);
gboolean attune_source_file_not_regular (const char         *name,
                                         gboolean            is_directory,
                                         GError            **error);

G_END_DECLS

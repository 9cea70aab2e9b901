/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stands in for the desktop's session manager on the session bus of the tests, until the program
 * ends. It answers from a thread of its own: GTK asks it and waits.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Flags as GtkApplicationInhibitFlags. */
void     session_manager_start         (void);
/* What is inhibited now by anybody; 0: nothing. */
guint    session_manager_get_inhibited (void);
/* How often somebody has begun to inhibit. */
guint    session_manager_get_n_calls   (void);
/* Tells all who registered that the session ends. FALSE: nobody has. */
gboolean session_manager_log_out       (void);

G_END_DECLS

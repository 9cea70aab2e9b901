/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Measures how long the main loop is kept from its next turn. For build-aux/bench-window and for
 * whoever looks for what makes the window stutter; costs nothing unless it is started.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The environment variable that names the file to write. */
#define ATTUNE_LOOP_TRACE_VARIABLE "ATTUNE_TRACE_LOOP"

/* From now on, on the default main context; main thread, once. */
void     attune_loop_trace_start  (void);
/* Stops, and writes what was measured as JSON. Does nothing and is TRUE where it never started. */
gboolean attune_loop_trace_finish (const char  *path,
                                   GError     **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stands in for the desktop's notifications on the session bus of the tests, until the program ends.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (element-type utf8): "title: body" of each notification, growing as they come. */
GPtrArray *notification_server_start (void);

G_END_DECLS

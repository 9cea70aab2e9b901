/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a chart says aloud when arrow keys walk it. Main thread.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void attune_chart_say (GtkWidget  *widget,
                       const char *text);

G_END_DECLS

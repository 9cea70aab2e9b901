/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Emptying a GtkListBox: gtk_list_box_remove_all() takes its placeholder away, too.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Removes all rows of box and leaves its placeholder. */
static inline void
attune_list_rows_clear (GtkListBox *box)
{
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (box, 0)) != NULL)
    gtk_list_box_remove (box, GTK_WIDGET (row));
}

G_END_DECLS

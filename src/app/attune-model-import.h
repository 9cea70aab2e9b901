/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Taking a model from a folder into the store: choosing the folder, asking where its weights have to
 * be converted, copying and checking off the main thread, and saying what went wrong.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* name: of the model in the store. Not called where nothing was imported. */
typedef void (*AttuneModelImported) (const char *name,
                                     gpointer    owner);

/* widget: inside of an AttuneWindow, and insensitive while the model is being imported. owner:
 * kept alive until then. */
void attune_model_import      (GtkWidget           *widget,
                               AttuneModelImported  imported,
                               GObject             *owner);
/* … of this folder. */
void attune_model_import_path (GtkWidget           *widget,
                               const char          *path,
                               AttuneModelImported  imported,
                               GObject             *owner);

G_END_DECLS

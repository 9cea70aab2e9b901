/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A name, which of its sets where there are several, and an AttuneDownload of its own: nobody waits
 * for it but this dialog.
 */
#include "config.h"

#include "attune-hub-data-dialog.h"

#include <glib/gi18n.h>

#include "attune-download.h"
#include "attune-hub-answer.h"
#include "attune-model-words.h"

struct _AttuneHubDataDialog
{
  AdwDialog parent_instance;

  GtkWidget *names;
  GtkEditable *name;
  GtkEditable *part;
  GtkWidget *under_way;
  GtkProgressBar *bar;
  GtkLabel *progress;
  GtkWidget *failure;
  GtkLabel *message;
  GtkWidget *open;

  GWeakRef window;
  AttuneDownload *download; /* NULL: none runs */
};

G_DEFINE_FINAL_TYPE (AttuneHubDataDialog, attune_hub_data_dialog, ADW_TYPE_DIALOG)

/* (transfer full): without the spaces around it. */
static char *
get_text (GtkEditable *editable)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (editable)));
}

static void
update (AttuneHubDataDialog *self)
{
  g_autofree char *name = get_text (self->name);
  gboolean runs = self->download != NULL;

  gtk_widget_set_sensitive (self->names, !runs);
  gtk_widget_set_visible (self->under_way, runs);
  gtk_widget_set_sensitive (self->open, !runs && attune_hub_check_id (name, NULL));
}

static void
show_message (AttuneHubDataDialog *self, const char *message)
{
  gtk_widget_set_visible (self->failure, message != NULL);
  gtk_label_set_text (self->message, message != NULL ? message : "");
  if (message != NULL)
    gtk_accessible_announce (GTK_ACCESSIBLE (self), message,
                             GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

static void
show_progress (AttuneHubDataDialog *self)
{
  g_autofree char *words = NULL;
  guint64 done, total;

  attune_download_get_progress (self->download, &done, &total);
  words = total > 0 ? attune_model_words_for_progress (done, total) : g_strdup (_("Connecting…"));
  gtk_progress_bar_set_fraction (self->bar, total > 0 ? (double) done / (double) total : 0);
  gtk_label_set_text (self->progress, words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bar), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                  words, -1);
}

/* Not heard any more, whatever becomes of it. */
static void
drop_download (AttuneHubDataDialog *self)
{
  if (self->download == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->download, self);
  attune_download_cancel (self->download);
  g_clear_object (&self->download);
}

/* (transfer full): "sst2"; "glue sst2" where it is one of several. */
static char *
make_title (AttuneHubDataDialog *self)
{
  g_autofree char *name = get_text (self->name);
  g_autofree char *part = get_text (self->part);
  g_autofree char *last = g_path_get_basename (name);

  return *part != '\0' ? g_strconcat (last, " ", part, NULL) : g_steal_pointer (&last);
}

static void
show_folder (AttuneHubDataDialog *self, const char *path)
{
  g_autoptr (AttuneWindow) window = g_weak_ref_get (&self->window);
  GtkApplication *application =
    window != NULL ? gtk_window_get_application (GTK_WINDOW (window)) : NULL;
  g_autoptr (GFile) folder = g_file_new_for_path (path);

  if (application != NULL)
    {
      AttuneProject *project = attune_application_open_file (ATTUNE_APPLICATION (application),
                                                             folder);
      g_autofree char *title = make_title (self);

      /* Folders of the Hub's data sets are all named alike. */
      attune_run_set_title (attune_project_get_run (project), title);
      attune_window_show_project (window, project);
    }
  adw_dialog_force_close (ADW_DIALOG (self));
}

static void
download_changed_cb (AttuneHubDataDialog *self, AttuneDownload *download)
{
  g_autoptr (AttuneDownload) ended = NULL;

  if (attune_download_get_state (download) == ATTUNE_DOWNLOAD_RUNNING)
    {
      show_progress (self);
      return;
    }
  ended = g_object_ref (download);
  drop_download (self);
  update (self);
  show_message (self, attune_download_get_message (ended));
  if (attune_download_get_state (ended) == ATTUNE_DOWNLOAD_DONE)
    show_folder (self, attune_download_get_result (ended));
  else
    gtk_widget_grab_focus (GTK_WIDGET (self->name));
}

static void
open_cb (AttuneHubDataDialog *self)
{
  g_autofree char *name = get_text (self->name);
  g_autofree char *part = get_text (self->part);

  if (self->download != NULL || !attune_hub_check_id (name, NULL))
    return;
  show_message (self, NULL);
  self->download = attune_download_new_data (name, *part != '\0' ? part : NULL);
  g_signal_connect_swapped (self->download, "changed", G_CALLBACK (download_changed_cb), self);
  update (self);
  attune_download_start (self->download);
}

static void
cancel_cb (AttuneHubDataDialog *self)
{
  if (self->download != NULL)
    attune_download_cancel (self->download);
}

static void
closed_cb (AttuneHubDataDialog *self)
{
  drop_download (self);
}

static void
attune_hub_data_dialog_dispose (GObject *object)
{
  AttuneHubDataDialog *self = ATTUNE_HUB_DATA_DIALOG (object);

  drop_download (self);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_HUB_DATA_DIALOG);
  G_OBJECT_CLASS (attune_hub_data_dialog_parent_class)->dispose (object);
}

static void
attune_hub_data_dialog_finalize (GObject *object)
{
  g_weak_ref_clear (&ATTUNE_HUB_DATA_DIALOG (object)->window);
  G_OBJECT_CLASS (attune_hub_data_dialog_parent_class)->finalize (object);
}

static void
attune_hub_data_dialog_class_init (AttuneHubDataDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_hub_data_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = attune_hub_data_dialog_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-hub-data-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDataDialog, names);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDataDialog, name);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDataDialog, part);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDataDialog, under_way);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDataDialog, bar);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDataDialog, progress);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDataDialog, failure);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDataDialog, message);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDataDialog, open);
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_bind_template_callback (widget_class, open_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
  gtk_widget_class_bind_template_callback (widget_class, closed_cb);
}

static void
attune_hub_data_dialog_init (AttuneHubDataDialog *self)
{
  g_weak_ref_init (&self->window, NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
  update (self);
}

AdwDialog *
attune_hub_data_dialog_new (AttuneWindow *window)
{
  AttuneHubDataDialog *self = g_object_new (ATTUNE_TYPE_HUB_DATA_DIALOG, NULL);

  g_weak_ref_set (&self->window, window);
  return ADW_DIALOG (self);
}

static void
open_hub_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_dialog_present (attune_hub_data_dialog_new (ATTUNE_WINDOW (widget)), widget);
}

void
attune_hub_data_dialog_install (GtkWidgetClass *window_class)
{
  gtk_widget_class_install_action (window_class, "win.open-hub", NULL, open_hub_cb);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Name and notes are saved when the dialog closes, however it is closed. Disk use is added up on
 * GIO's pool. Main thread.
 */
#include "config.h"

#include "attune-run-details.h"

#include <glib/gi18n.h>

#include "attune-run-disk-use.h"
#include "attune-window.h"

struct _AttuneRunDetails
{
  AdwDialog parent_instance;

  AdwEntryRow *name;
  GtkTextView *notes;
  AdwActionRow *started;
  AdwActionRow *data;
  AdwActionRow *model;
  AdwActionRow *disk;
  AdwActionRow *folder;

  AttuneProject *project;
  GCancellable *measuring;
};

G_DEFINE_FINAL_TYPE (AttuneRunDetails, attune_run_details, ADW_TYPE_DIALOG)

static AttuneRun *
get_run (AttuneRunDetails *self)
{
  return attune_project_get_run (self->project);
}

static char *
get_notes (AttuneRunDetails *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->notes);
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GtkWindow) window = GTK_WINDOW (user_data);
  g_autoptr (GError) error = NULL;

  if (!attune_run_annotate_finish (ATTUNE_RUN (source), result, &error)
      && gtk_window_get_application (window) != NULL)
    attune_window_show_error (ATTUNE_WINDOW (window), error->message, NULL);
}

static void
closed_cb (AttuneRunDetails *self)
{
  AttuneRun *run = get_run (self);
  const char *before = attune_run_get_notes (run);
  const char *title = gtk_editable_get_text (GTK_EDITABLE (self->name));
  g_autofree char *notes = get_notes (self);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (ATTUNE_IS_WINDOW (root)
      && (!g_str_equal (title, attune_run_get_title (run))
          || !g_str_equal (notes, before != NULL ? before : "")))
    attune_run_annotate_async (run, title, notes, saved_cb, g_object_ref (root));
}

static void
open_folder_cb (AttuneRunDetails *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.open-run-folder", NULL);
}

static void
measure_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  AttuneRunDiskUse *use = g_new (AttuneRunDiskUse, 1);
  GError *error = NULL;

  if (attune_run_disk_use_measure (use, task_data, cancellable, &error))
    g_task_return_pointer (task, use, g_free);
  else
    {
      g_free (use);
      g_task_return_error (task, error);
    }
}

static void
measured_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AttuneRunDetails *self = ATTUNE_RUN_DETAILS (source);
  g_autoptr (GError) error = NULL;
  g_autofree AttuneRunDiskUse *use = g_task_propagate_pointer (G_TASK (result), &error);
  g_autofree char *words = NULL;

  if (self->project == NULL)
    return;
  if (use != NULL)
    {
      g_autofree char *total = g_format_size (use->total);
      g_autofree char *model = g_format_size (use->model);
      g_autofree char *checkpoints = g_format_size (use->checkpoints);

      if (use->checkpoints > 0)
        /* Translators: sizes of a run's folder and of two parts of it. */
        words = g_strdup_printf (_("%s: model %s, checkpoints %s"), total, model, checkpoints);
      else if (use->model > 0)
        words = g_strdup_printf (_("%s: model %s"), total, model);
      else
        words = g_strdup (total);
    }
  adw_action_row_set_subtitle (self->disk, words != NULL ? words : error->message);
}

static char *
join_names (GPtrArray *files)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;

  for (guint i = 0; files != NULL && i < files->len; i++)
    {
      g_autofree char *path = g_file_get_parse_name (g_ptr_array_index (files, i));

      g_strv_builder_add (names, path);
    }
  list = g_strv_builder_end (names);
  return g_strjoinv ("\n", list);
}

/* A row without anything to say is no row. */
static void
set_fact (AdwActionRow *row, const char *words)
{
  gboolean known = words != NULL && *words != '\0';

  gtk_widget_set_visible (GTK_WIDGET (row), known);
  if (known)
    adw_action_row_set_subtitle (row, words);
}

static void
show_facts (AttuneRunDetails *self)
{
  AttuneRun *run = get_run (self);
  const char *folder = attune_run_get_folder (run);
  g_autoptr (GDateTime) created = g_date_time_new_from_unix_local (attune_run_get_created (run));
  g_autofree char *date = created != NULL ? g_date_time_format (created, "%F %R") : NULL;
  g_autofree char *data = join_names (attune_project_get_given (self->project));

  set_fact (self->started, folder != NULL ? date : NULL);
  set_fact (self->data, data);
  set_fact (self->model, attune_project_get_model (self->project));
  set_fact (self->folder, folder);
  set_fact (self->disk, folder != NULL ? _("Adding up…") : NULL);
  if (folder != NULL)
    {
      g_autoptr (GTask) task = g_task_new (self, self->measuring, measured_cb, NULL);

      g_task_set_task_data (task, g_strdup (folder), g_free);
      g_task_run_in_thread (task, measure_in_thread);
    }
}

static void
attune_run_details_dispose (GObject *object)
{
  AttuneRunDetails *self = ATTUNE_RUN_DETAILS (object);

  if (self->measuring != NULL)
    g_cancellable_cancel (self->measuring);
  g_clear_object (&self->measuring);
  g_clear_object (&self->project);
  adw_dialog_set_child (ADW_DIALOG (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_RUN_DETAILS);
  G_OBJECT_CLASS (attune_run_details_parent_class)->dispose (object);
}

static void
attune_run_details_class_init (AttuneRunDetailsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_run_details_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-run-details.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneRunDetails, name);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunDetails, notes);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunDetails, started);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunDetails, data);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunDetails, model);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunDetails, disk);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunDetails, folder);
  gtk_widget_class_bind_template_callback (widget_class, closed_cb);
  gtk_widget_class_bind_template_callback (widget_class, open_folder_cb);
}

static void
attune_run_details_init (AttuneRunDetails *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->measuring = g_cancellable_new ();
}

AdwDialog *
attune_run_details_new (AttuneProject *project)
{
  AttuneRunDetails *self = g_object_new (ATTUNE_TYPE_RUN_DETAILS, NULL);
  const char *notes = attune_run_get_notes (attune_project_get_run (project));

  self->project = g_object_ref (project);
  gtk_editable_set_text (GTK_EDITABLE (self->name), attune_run_get_title (get_run (self)));
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->notes), notes != NULL ? notes : "", -1);
  show_facts (self);
  return ADW_DIALOG (self);
}

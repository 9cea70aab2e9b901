/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Choosing runs, reading them on GIO's pool, and going on to the page that shows them. Main thread.
 */
#include "config.h"

#include "attune-comparison-dialog.h"

#include <glib/gi18n.h>

#include "attune-comparison-view.h"
#include "attune-run-choice.h"
#include "attune-run-comparison.h"
#include "attune-run-order.h"
#include "attune-run-row.h"

struct _AttuneComparisonDialog
{
  AdwDialog parent_instance;

  AdwNavigationView *pages;
  GtkSearchEntry *search_entry;
  GtkListView *list;
  GtkFilterListModel *found;
  GtkLabel *count;
  GtkWidget *compare;
  GtkStack *stack;
  AdwStatusPage *failed;
  GtkWidget *copy;
  AttuneComparisonView *view;

  GListStore *choices; /* the run that others are compared with is the first */
  GCancellable *reading;
};

G_DEFINE_FINAL_TYPE (AttuneComparisonDialog, attune_comparison_dialog, ADW_TYPE_DIALOG)

/* Folders of the chosen runs, NULL-terminated. (transfer full) */
static char **
list_chosen (AttuneComparisonDialog *self)
{
  g_autoptr (GStrvBuilder) folders = g_strv_builder_new ();
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->choices));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (AttuneRunChoice) choice = g_list_model_get_item (G_LIST_MODEL (self->choices), i);
      AttuneRun *run = attune_project_get_run (attune_run_choice_get_project (choice));

      if (attune_run_choice_get_chosen (choice))
        g_strv_builder_add (folders, attune_run_get_folder (run));
    }
  return g_strv_builder_end (folders);
}

static void
chosen_cb (AttuneComparisonDialog *self)
{
  g_auto (GStrv) folders = list_chosen (self);
  guint n = g_strv_length (folders);
  g_autofree char *words = NULL;

  if (n < 2)
    words = g_strdup (_("Choose two runs or more"));
  else if (n > ATTUNE_RUN_COMPARISON_MAX)
    words = g_strdup_printf (_("At most %d can be compared"), ATTUNE_RUN_COMPARISON_MAX);
  else
    words = g_strdup_printf (ngettext ("%u run chosen", "%u runs chosen", n), n);
  gtk_label_set_text (self->count, words);
  gtk_widget_set_sensitive (self->compare, n >= 2 && n <= ATTUNE_RUN_COMPARISON_MAX);
}

static void
search_changed_cb (AttuneComparisonDialog *self)
{
  attune_run_filter_set (gtk_filter_list_model_get_filter (self->found),
                         gtk_editable_get_text (GTK_EDITABLE (self->search_entry)));
}

static void
toggle_cb (AttuneComparisonDialog *self, guint position)
{
  g_autoptr (AttuneRunChoice) choice = g_list_model_get_item (G_LIST_MODEL (self->found), position);

  attune_run_choice_set_chosen (choice, !attune_run_choice_get_chosen (choice));
}

/* Space, as on any check mark; Enter and the pointer activate the row. */
static gboolean
space_cb (GtkWidget *widget, GVariant *arguments, AttuneComparisonDialog *self)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (widget));
  GtkWidget *row = focus != NULL ? gtk_widget_get_first_child (focus) : NULL;
  AttuneRunChoice *choice;

  if (!ATTUNE_IS_RUN_ROW (row))
    return GDK_EVENT_PROPAGATE;
  choice = attune_run_row_get_choice (ATTUNE_RUN_ROW (row));
  attune_run_choice_set_chosen (choice, !attune_run_choice_get_chosen (choice));
  return GDK_EVENT_STOP;
}

static void
read_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  AttuneRunComparison *comparison = attune_run_comparison_new (task_data, cancellable, &error);

  if (comparison != NULL)
    g_task_return_pointer (task, comparison, (GDestroyNotify) attune_run_comparison_free);
  else
    g_task_return_error (task, error);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AttuneComparisonDialog *self = ATTUNE_COMPARISON_DIALOG (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneRunComparison) comparison = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_task_get_cancellable (G_TASK (result)) != self->reading)
    return;
  if (comparison == NULL)
    {
      g_autofree char *escaped = g_markup_escape_text (error->message, -1);

      adw_status_page_set_description (self->failed, escaped);
      gtk_stack_set_visible_child_name (self->stack, "failed");
      return;
    }
  attune_comparison_view_show (self->view, g_steal_pointer (&comparison));
  gtk_stack_set_visible_child_name (self->stack, "view");
  gtk_widget_set_sensitive (self->copy, TRUE);
}

static void
compare_cb (AttuneComparisonDialog *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->reading != NULL)
    g_cancellable_cancel (self->reading);
  g_clear_object (&self->reading);
  self->reading = g_cancellable_new ();
  gtk_widget_set_sensitive (self->copy, FALSE);
  gtk_stack_set_visible_child_name (self->stack, "reading");
  adw_navigation_view_push_by_tag (self->pages, "comparison");
  task = g_task_new (self, self->reading, read_cb, NULL);
  g_task_set_task_data (task, list_chosen (self), (GDestroyNotify) g_strfreev);
  g_task_run_in_thread (task, read_in_thread);
}

static void
copy_cb (AttuneComparisonDialog *self)
{
  g_autofree char *text = attune_comparison_view_to_text (self->view);

  if (text != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
}

static void
attune_comparison_dialog_dispose (GObject *object)
{
  AttuneComparisonDialog *self = ATTUNE_COMPARISON_DIALOG (object);

  if (self->reading != NULL)
    g_cancellable_cancel (self->reading);
  g_clear_object (&self->reading);
  g_clear_object (&self->choices);
  adw_dialog_set_child (ADW_DIALOG (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_COMPARISON_DIALOG);
  G_OBJECT_CLASS (attune_comparison_dialog_parent_class)->dispose (object);
}

static void
attune_comparison_dialog_class_init (AttuneComparisonDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_comparison_dialog_dispose;
  g_type_ensure (ATTUNE_TYPE_COMPARISON_VIEW);
  g_type_ensure (ATTUNE_TYPE_RUN_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-comparison-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonDialog, pages);
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonDialog, search_entry);
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonDialog, list);
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonDialog, found);
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonDialog, count);
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonDialog, compare);
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonDialog, failed);
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonDialog, copy);
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonDialog, view);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, toggle_cb);
  gtk_widget_class_bind_template_callback (widget_class, compare_cb);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
}

static void
attune_comparison_dialog_init (AttuneComparisonDialog *self)
{
  g_autoptr (GtkFilter) filter = attune_run_filter_new ();
  GtkEventController *keys = gtk_shortcut_controller_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  gtk_shortcut_controller_add_shortcut (
    GTK_SHORTCUT_CONTROLLER (keys),
    gtk_shortcut_new (gtk_shortcut_trigger_parse_string ("space"),
                      gtk_callback_action_new ((GtkShortcutFunc) space_cb, self, NULL)));
  gtk_widget_add_controller (GTK_WIDGET (self->list), keys);
  gtk_filter_list_model_set_filter (self->found, filter);
  self->choices = g_list_store_new (ATTUNE_TYPE_RUN_CHOICE);
}

static void
add_choice (AttuneComparisonDialog *self, AttuneProject *project, gboolean chosen)
{
  g_autoptr (AttuneRunChoice) choice = attune_run_choice_new (project, chosen);

  g_signal_connect_object (choice, "notify::chosen", G_CALLBACK (chosen_cb), self,
                           G_CONNECT_SWAPPED);
  g_list_store_append (self->choices, choice);
}

AdwDialog *
attune_comparison_dialog_new (GListModel *projects, AttuneProject *project)
{
  AttuneComparisonDialog *self = g_object_new (ATTUNE_TYPE_COMPARISON_DIALOG, NULL);
  g_autoptr (GtkSorter) sorter = attune_run_sorter_new ("date");
  g_autoptr (GtkSortListModel) sorted =
    gtk_sort_list_model_new (g_object_ref (projects), g_object_ref (sorter));
  guint n = g_list_model_get_n_items (G_LIST_MODEL (sorted));

  add_choice (self, project, TRUE);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (AttuneProject) other = g_list_model_get_item (G_LIST_MODEL (sorted), i);

      /* A draft has nothing that could be compared. */
      if (other != project && attune_run_get_folder (attune_project_get_run (other)) != NULL)
        add_choice (self, other, FALSE);
    }
  gtk_filter_list_model_set_model (self->found, G_LIST_MODEL (self->choices));
  chosen_cb (self);
  return ADW_DIALOG (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Actions of the Setup page's menu. Each works on the project shown at that moment; those that
 * change settings only on one that has not started.
 */
#include "config.h"

#include "attune-setup-actions.h"

#include <glib/gi18n.h>

#include "attune-rate-dialog.h"
#include "attune-run-queue.h"
#include "attune-search-dialog.h"
#include "attune-settings-file.h"
#include "attune-window.h"

static AttuneWindow *
get_window (AttuneSetupPage *page)
{
  return ATTUNE_WINDOW (gtk_widget_get_root (GTK_WIDGET (page)));
}

/* (nullable): the project if its settings can be changed */
static AttuneProject *
get_draft (AttuneSetupPage *page)
{
  AttuneProject *project = attune_setup_page_get_project (page);

  return project != NULL && attune_project_get_editable (project) ? project : NULL;
}

static void
load_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AttuneProject *project = get_draft (user_data);

  if (project != NULL)
    attune_settings_file_load (get_window (user_data), attune_project_get_config (project));
}

static void
save_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AttuneProject *project = attune_setup_page_get_project (user_data);

  if (project != NULL)
    attune_settings_file_save (get_window (user_data), attune_project_get_config (project));
}

static void
copy_command_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AttuneProject *project = attune_setup_page_get_project (user_data);
  g_autofree char *command = NULL;

  if (project == NULL)
    return;
  command = attune_settings_file_describe_command (project);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (user_data)), command);
  attune_window_show_toast (get_window (user_data), _("Command line copied"));
}

static void
queue_cb (AttuneProject *project, GPtrArray *runs, AdwDialog *dialog)
{
  AttuneWindow *window = ATTUNE_WINDOW (gtk_widget_get_root (GTK_WIDGET (dialog)));
  AttuneRunQueue *queue =
    attune_application_get_queue (ATTUNE_APPLICATION (gtk_window_get_application (
                                    GTK_WINDOW (window))));
  g_autoptr (GError) error = NULL;

  if (attune_run_queue_add_search (queue, project, runs, &error))
    attune_run_queue_set_held (queue, FALSE);
  else
    attune_window_show_error (window, error->message, NULL);
}

static void
search_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AttuneProject *project = get_draft (user_data);
  AttuneSearchDialog *dialog;

  if (project == NULL)
    return;
  dialog = attune_search_dialog_new (attune_project_get_config (project),
                                     attune_setup_page_get_estimate (user_data));
  g_signal_connect_object (dialog, "queue", G_CALLBACK (queue_cb), project, G_CONNECT_SWAPPED);
  adw_dialog_present (ADW_DIALOG (dialog), GTK_WIDGET (user_data));
}

static void
find_rate_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AttuneProject *project = get_draft (user_data);

  if (project != NULL)
    adw_dialog_present (ADW_DIALOG (attune_rate_dialog_new (project)), GTK_WIDGET (user_data));
}

GSimpleActionGroup *
attune_setup_actions_new (AttuneSetupPage *page)
{
  static const GActionEntry entries[] = {
    { .name = "search", .activate = search_cb },
    { .name = "find-rate", .activate = find_rate_cb },
    { .name = "load", .activate = load_cb },
    { .name = "save", .activate = save_cb },
    { .name = "copy-command", .activate = copy_command_cb },
  };
  GSimpleActionGroup *group = g_simple_action_group_new ();

  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), page);
  return group;
}

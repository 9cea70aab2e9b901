/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneWindow: frame around the pages: sidebar, switcher, actions, closing, toasts. What a page
 * shows is the page's business.
 */
#include "config.h"

#include "attune-window.h"

#include <glib/gi18n.h>

#include "attune-close-question.h"
#include "attune-data-page.h"
#include "attune-hub-data-dialog.h"
#include "attune-model-browser.h"
#include "attune-model-try-dialog.h"
#include "attune-open-dialog.h"
#include "attune-queue-actions.h"
#include "attune-results-page.h"
#include "attune-run-actions.h"
#include "attune-run-queue.h"
#include "attune-run-sidebar.h"
#include "attune-setup-page.h"
#include "attune-start-page.h"
#include "attune-train-page.h"
#include "attune-try-page.h"

struct _AttuneWindow
{
  AdwApplicationWindow parent_instance;

  GtkStack *root_stack;
  AdwToastOverlay *toast_overlay;
  AdwNavigationSplitView *split_view;
  AdwNavigationPage *content_page;
  AdwViewStack *stack;
  AttuneRunSidebar *sidebar;
  GtkMenuButton *page_menu;
  GtkDropTarget *drop_target;
  AttuneTrainPage *train_page;
  AttuneTryPage *try_page;

  AttuneProject *project;
  AttuneProject *awaited; /* chosen, and shown once its history is read */
  GCancellable *loading;
  gboolean closing; /* the person chose to stop and close: close once the run has ended */
};

G_DEFINE_FINAL_TYPE (AttuneWindow, attune_window, ADW_TYPE_APPLICATION_WINDOW)

enum {
  PROP_0,
  PROP_PROJECT,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static AttuneApplication *
get_application (AttuneWindow *self)
{
  return ATTUNE_APPLICATION (gtk_window_get_application (GTK_WINDOW (self)));
}

static AttuneTrainer *
get_trainer (AttuneWindow *self)
{
  return attune_application_get_trainer (get_application (self));
}

/* A run that goes on (or waits) although its window is asked to close. */
static AttuneRun *
get_active_run (AttuneWindow *self)
{
  AttuneApplication *application = get_application (self);

  return application != NULL ? attune_trainer_get_run (get_trainer (self)) : NULL;
}

static void
update_actions (AttuneWindow *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  AttuneRun *run = self->project != NULL ? attune_project_get_run (self->project) : NULL;

  attune_run_actions_update (self, self->project);
  attune_queue_actions_update (self, self->project);
  gtk_widget_action_set_enabled (widget, "win.page", run != NULL);
  gtk_widget_action_set_enabled (widget, "win.search-runs", run != NULL);
}

static void
finish_closing_cb (gpointer user_data)
{
  g_autoptr (AttuneWindow) self = ATTUNE_WINDOW (user_data);

  gtk_window_destroy (GTK_WINDOW (self));
}

/* Also of one that is not shown, as those that the queue begins. */
static void
active_run_changed_cb (AttuneWindow *self)
{
  update_actions (self);
  if (self->closing && get_active_run (self) == NULL)
    {
      self->closing = FALSE;
      g_idle_add_once (finish_closing_cb, g_object_ref (self));
    }
}

/* Whose run the list has chosen: that which is shown, or will be. */
AttuneProject *
attune_window_get_chosen (AttuneWindow *self)
{
  return self->awaited != NULL ? self->awaited : self->project;
}

static void
show_loaded (AttuneWindow *self, AttuneProject *project)
{
  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_clear_object (&self->awaited);
  if (self->project == project)
    {
      attune_run_sidebar_set_project (self->sidebar, project);
      return;
    }
  if (self->project != NULL)
    {
      g_signal_handlers_disconnect_by_func (attune_project_get_run (self->project), update_actions,
                                            self);
      g_signal_handlers_disconnect_by_func (self->project, update_actions, self);
      g_signal_handlers_disconnect_by_func (attune_project_get_config (self->project),
                                            update_actions, self);
    }

  g_set_object (&self->project, project);
  if (project != NULL)
    {
      AttuneRun *run = attune_project_get_run (project);
      AttuneRunState state = attune_run_get_state (run);

      g_signal_connect_object (run, "notify::state", G_CALLBACK (update_actions), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (project, "notify", G_CALLBACK (update_actions), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (attune_project_get_config (project), "notify",
                               G_CALLBACK (update_actions),
                               self, G_CONNECT_SWAPPED);
      adw_navigation_page_set_title (self->content_page, attune_run_get_title (run));
      if (state == ATTUNE_RUN_DRAFT)
        attune_window_show_page (self, "data");
      else if (state == ATTUNE_RUN_RUNNING || state == ATTUNE_RUN_PAUSED)
        attune_window_show_page (self, "train");
    }
  attune_run_sidebar_set_project (self->sidebar, project);
  update_actions (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROJECT]);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AttuneWindow) self = ATTUNE_WINDOW (user_data);
  g_autoptr (GError) error = NULL;
  AttuneRun *run = ATTUNE_RUN (source);

  if (!attune_run_load_finish (run, result, &error)
      && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (self->awaited == NULL || attune_project_get_run (self->awaited) != run
      || get_application (self) == NULL)
    return;
  /* A run that cannot be read any more shows what is known of it. */
  if (error != NULL)
    attune_window_show_error (self, error->message, NULL);
  show_loaded (self, self->awaited);
}

/* Pages see runs with their whole history; until that is read, the project before stays. */
static void
show_project (AttuneWindow *self, AttuneProject *project)
{
  if (project == NULL || attune_run_is_loaded (attune_project_get_run (project)))
    {
      show_loaded (self, project);
      return;
    }
  if (self->awaited == project)
    return;
  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_set_object (&self->awaited, project);
  attune_run_sidebar_set_project (self->sidebar, project);
  self->loading = g_cancellable_new ();
  attune_run_load_async (attune_project_get_run (project), self->loading, loaded_cb,
                         g_object_ref (self));
}

static void
project_chosen_cb (AttuneWindow *self)
{
  AttuneProject *project = attune_run_sidebar_get_project (self->sidebar);

  if (project != attune_window_get_chosen (self))
    show_project (self, project);
}

static void
run_activated_cb (AttuneWindow *self)
{
  adw_navigation_split_view_set_show_content (self->split_view, TRUE);
}

/* A page with a menu of its own (a property "menu") has it in the header bar. */
static void
page_changed_cb (AttuneWindow *self)
{
  GtkWidget *page = adw_view_stack_get_visible_child (self->stack);
  g_autoptr (GMenuModel) menu = NULL;

  if (page != NULL && g_object_class_find_property (G_OBJECT_GET_CLASS (page), "menu") != NULL)
    g_object_get (page, "menu", &menu, NULL);
  gtk_menu_button_set_menu_model (self->page_menu, menu);
  gtk_widget_set_visible (GTK_WIDGET (self->page_menu), menu != NULL);
}

static void
projects_changed_cb (AttuneWindow *self)
{
  GListModel *projects = G_LIST_MODEL (attune_application_get_projects (get_application (self)));
  gboolean empty = g_list_model_get_n_items (projects) == 0;

  if (empty)
    {
      show_project (self, NULL);
      gtk_stack_set_visible_child_name (self->root_stack, "start");
    }
  else
    {
      gtk_stack_set_visible_child_name (self->root_stack, "main");
      if (attune_window_get_chosen (self) == NULL)
        {
          g_autoptr (AttuneProject) first = g_list_model_get_item (projects, 0);

          show_project (self, first);
        }
    }
}

void
attune_window_show_project (AttuneWindow *self, AttuneProject *project)
{
  g_return_if_fail (ATTUNE_IS_WINDOW (self));

  show_project (self, project);
  /* Where there is room for one of them only: what was asked for, not the list of runs. */
  if (project != NULL)
    adw_navigation_split_view_set_show_content (self->split_view, TRUE);
}

AttuneProject *
attune_window_get_project (AttuneWindow *self)
{
  g_return_val_if_fail (ATTUNE_IS_WINDOW (self), NULL);

  return self->project;
}

void
attune_window_show_page (AttuneWindow *self, const char *page)
{
  g_return_if_fail (ATTUNE_IS_WINDOW (self));

  adw_view_stack_set_visible_child_name (self->stack, page);
}

void
attune_window_add_toast (AttuneWindow *self, AdwToast *toast)
{
  g_return_if_fail (ATTUNE_IS_WINDOW (self));

  adw_toast_overlay_add_toast (self->toast_overlay, toast);
}

void
attune_window_try_text (AttuneWindow *self, const char *text, const char *pair)
{
  attune_window_show_page (self, "try");
  attune_try_page_set_text (self->try_page, text, pair);
}

static void
page_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  attune_window_show_page (ATTUNE_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
search_runs_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AttuneWindow *self = ATTUNE_WINDOW (widget);

  adw_navigation_split_view_set_show_content (self->split_view, FALSE);
  attune_run_sidebar_search (self->sidebar);
}

static gboolean
drop_cb (AttuneWindow *self, const GValue *value)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new ();

  if (!G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST))
    return FALSE;
  for (GSList *l = g_value_get_boxed (value); l != NULL; l = l->next)
    g_ptr_array_add (files, l->data);
  attune_open_dialog_open_files (self, files);
  return TRUE;
}

static void
close_answered_cb (GtkWidget *window, const char *answer)
{
  AttuneWindow *self = ATTUNE_WINDOW (window);

  /* The run may have ended while the question stood. */
  if (get_active_run (self) == NULL)
    g_idle_add_once (finish_closing_cb, g_object_ref (self));
  else if (g_str_equal (answer, "background"))
    gtk_widget_set_visible (window, FALSE);
  else if (g_str_equal (answer, "stop"))
    {
      self->closing = TRUE;
      attune_run_queue_set_held (attune_application_get_queue (get_application (self)), TRUE);
      attune_trainer_stop (get_trainer (self), "closed");
    }
}

static void
save_size (AttuneWindow *self)
{
  GSettings *settings = attune_application_get_settings (get_application (self));
  int width, height;

  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  g_settings_set_int (settings, "window-width", width);
  g_settings_set_int (settings, "window-height", height);
  g_settings_set_boolean (settings, "window-maximized",
                          gtk_window_is_maximized (GTK_WINDOW (self)));
}

static gboolean
attune_window_close_request (GtkWindow *window)
{
  AttuneWindow *self = ATTUNE_WINDOW (window);
  AttuneApplication *application = get_application (self);

  save_size (self);
  if (get_active_run (self) == NULL)
    return GTK_WINDOW_CLASS (attune_window_parent_class)->close_request (window);
  attune_close_question_ask (
    GTK_WIDGET (self), attune_application_get_settings (application),
    attune_run_queue_get_n_waiting (attune_application_get_queue (application)), close_answered_cb);
  return TRUE;
}

static void
attune_window_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_PROJECT:
      g_value_set_object (value, ATTUNE_WINDOW (object)->project);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

/* Charts look for this class: colours of a widget do not tell high contrast. */
static void
contrast_changed_cb (AttuneWindow *self, GParamSpec *pspec, AdwStyleManager *manager)
{
  if (adw_style_manager_get_high_contrast (manager))
    gtk_widget_add_css_class (GTK_WIDGET (self), "high-contrast");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "high-contrast");
}

static void
attune_window_dispose (GObject *object)
{
  AttuneWindow *self = ATTUNE_WINDOW (object);

  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_clear_object (&self->awaited);
  g_clear_object (&self->project);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_WINDOW);
  G_OBJECT_CLASS (attune_window_parent_class)->dispose (object);
}

static void
attune_window_class_init (AttuneWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = attune_window_get_property;
  object_class->dispose = attune_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = attune_window_close_request;

  properties[PROP_PROJECT] = g_param_spec_object ("project", NULL, NULL, ATTUNE_TYPE_PROJECT,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (ATTUNE_TYPE_RUN_SIDEBAR);
  g_type_ensure (ATTUNE_TYPE_START_PAGE);
  g_type_ensure (ATTUNE_TYPE_DATA_PAGE);
  g_type_ensure (ATTUNE_TYPE_SETUP_PAGE);
  g_type_ensure (ATTUNE_TYPE_TRAIN_PAGE);
  g_type_ensure (ATTUNE_TYPE_RESULTS_PAGE);
  g_type_ensure (ATTUNE_TYPE_TRY_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_BASE "/ui/attune-window.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneWindow, root_stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneWindow, toast_overlay);
  gtk_widget_class_bind_template_child (widget_class, AttuneWindow, split_view);
  gtk_widget_class_bind_template_child (widget_class, AttuneWindow, content_page);
  gtk_widget_class_bind_template_child (widget_class, AttuneWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneWindow, sidebar);
  gtk_widget_class_bind_template_child (widget_class, AttuneWindow, page_menu);
  gtk_widget_class_bind_template_child (widget_class, AttuneWindow, drop_target);
  gtk_widget_class_bind_template_child (widget_class, AttuneWindow, train_page);
  gtk_widget_class_bind_template_child (widget_class, AttuneWindow, try_page);
  gtk_widget_class_bind_template_callback (widget_class, project_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, run_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, drop_cb);
  gtk_widget_class_bind_template_callback (widget_class, page_changed_cb);

  attune_open_dialog_install (widget_class);
  attune_hub_data_dialog_install (widget_class);
  gtk_widget_class_install_action (widget_class, "win.page", "s", page_cb);
  attune_run_actions_install (widget_class);
  attune_queue_actions_install (widget_class);
  attune_model_browser_install (widget_class);
  attune_model_try_dialog_install (widget_class);
  gtk_widget_class_install_action (widget_class, "win.search-runs", NULL, search_runs_cb);
}

static void
attune_window_init (AttuneWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::high-contrast",
                           G_CALLBACK (contrast_changed_cb), self, G_CONNECT_SWAPPED);
  contrast_changed_cb (self, NULL, adw_style_manager_get_default ());
  gtk_drop_target_set_gtypes (self->drop_target, (GType[]) { GDK_TYPE_FILE_LIST }, 1);
}

/**
 * attune_window_new:
 * @application: whose projects it lists
 *
 * Returns: (transfer none): a window of the size it was last closed with, not yet presented
 */
AttuneWindow *
attune_window_new (AttuneApplication *application)
{
  AttuneWindow *self = g_object_new (ATTUNE_TYPE_WINDOW, "application", application, NULL);
  GSettings *settings = attune_application_get_settings (application);
  GListStore *projects = attune_application_get_projects (application);
  AttuneTrainer *trainer = attune_application_get_trainer (application);

  gtk_window_set_default_size (GTK_WINDOW (self), g_settings_get_int (settings, "window-width"),
                               g_settings_get_int (settings, "window-height"));
  if (g_settings_get_boolean (settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));

  g_object_set (self->train_page, "projects", projects, NULL);
  attune_run_sidebar_set_application (self->sidebar, application);
  g_signal_connect_object (projects, "items-changed", G_CALLBACK (projects_changed_cb), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (trainer, "notify::run", G_CALLBACK (active_run_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (attune_application_get_queue (application), "changed",
                           G_CALLBACK (update_actions), self, G_CONNECT_SWAPPED);
  attune_queue_actions_offer (self);
  projects_changed_cb (self);
  update_actions (self);
  return self;
}

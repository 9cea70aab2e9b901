/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sidebar: projects of the application → those that are found → in order → one chosen → rows,
 * of which only those in sight exist. Main thread.
 */
#include "config.h"

#include "attune-run-sidebar.h"

#include <glib/gi18n.h>

#include "attune-run-order.h"
#include "attune-run-row.h"

#define ORDER_KEY "run-order"

struct _AttuneRunSidebar
{
  AdwBin parent_instance;

  GtkSearchBar *search_bar;
  GtkSearchEntry *search_entry;
  GtkStack *stack;
  GtkListView *list;
  GtkFilterListModel *found;
  GtkSortListModel *sorted;
  GtkSingleSelection *selection;
  GtkPopoverMenu *row_menu;
  GMenuModel *menu_model;

  AttuneProject *project;
  GSettings *settings;
  GListModel *projects;
  guint sort_source;
  guint items_source;
};

G_DEFINE_FINAL_TYPE (AttuneRunSidebar, attune_run_sidebar, ADW_TYPE_BIN)

enum {
  PROP_0,
  PROP_PROJECT,
  PROP_MENU_MODEL,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];
static guint activated_signal;

/* Where the project stands in the list; GTK_INVALID_LIST_POSITION when it is not found. */
static guint
find_position (AttuneRunSidebar *self)
{
  GListModel *model = G_LIST_MODEL (self->selection);
  guint n = g_list_model_get_n_items (model);

  for (guint i = 0; self->project != NULL && i < n; i++)
    {
      g_autoptr (AttuneProject) project = g_list_model_get_item (model, i);

      if (project == self->project)
        return i;
    }
  return GTK_INVALID_LIST_POSITION;
}

static void
select_project (AttuneRunSidebar *self)
{
  guint position = find_position (self);

  gtk_single_selection_set_selected (self->selection, position);
  if (position != GTK_INVALID_LIST_POSITION)
    gtk_list_view_scroll_to (self->list, position, GTK_LIST_SCROLL_NONE, NULL);
}

static void
select_row (AttuneRunSidebar *self, AttuneRunRow *row)
{
  attune_run_sidebar_set_project (self, attune_run_row_get_project (row));
}

static void
follow_items_cb (gpointer user_data)
{
  AttuneRunSidebar *self = ATTUNE_RUN_SIDEBAR (user_data);
  gboolean none = g_list_model_get_n_items (G_LIST_MODEL (self->selection)) == 0;
  gboolean searching = *gtk_editable_get_text (GTK_EDITABLE (self->search_entry)) != '\0';

  self->items_source = 0;
  gtk_stack_set_visible_child_name (self->stack, none && searching ? "nothing" : "list");
  if (gtk_single_selection_get_selected (self->selection) == GTK_INVALID_LIST_POSITION)
    select_project (self);
}

/* Once for all of the runs that come or go with a letter typed: each is news of its own. */
static void
items_changed_cb (AttuneRunSidebar *self)
{
  if (self->items_source == 0)
    self->items_source = g_idle_add_once (follow_items_cb, self);
}

/* A project that the search does not find stays chosen. */
static void
selected_cb (AttuneRunSidebar *self)
{
  AttuneProject *project = gtk_single_selection_get_selected_item (self->selection);

  if (project != NULL && g_set_object (&self->project, project))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROJECT]);
}

static void
search_changed_cb (AttuneRunSidebar *self)
{
  attune_run_filter_set (gtk_filter_list_model_get_filter (self->found),
                         gtk_editable_get_text (GTK_EDITABLE (self->search_entry)));
}

/* Down, or Enter, from the field into what was found. */
static void
enter_list_cb (AttuneRunSidebar *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->list));
}

static void
activated_cb (AttuneRunSidebar *self)
{
  g_signal_emit (self, activated_signal, 0);
}

static void
resort_cb (gpointer user_data)
{
  AttuneRunSidebar *self = ATTUNE_RUN_SIDEBAR (user_data);

  self->sort_source = 0;
  gtk_sorter_changed (gtk_sort_list_model_get_sorter (self->sorted), GTK_SORTER_CHANGE_DIFFERENT);
}

/* A run was renamed, evaluated or started: its place may be another. */
static void
run_changed_cb (AttuneRunSidebar *self)
{
  if (self->sort_source == 0)
    self->sort_source = g_idle_add_once (resort_cb, self);
}

static void
watch_runs_cb (AttuneRunSidebar *self, guint position, guint removed, guint added)
{
  static const char * const watched[] = { "notify::title", "notify::best-accuracy",
                                          "notify::state" };

  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (AttuneProject) project = g_list_model_get_item (self->projects, i);
      AttuneRun *run = attune_project_get_run (project);

      g_signal_handlers_disconnect_by_func (run, run_changed_cb, self);
      for (guint w = 0; w < G_N_ELEMENTS (watched); w++)
        g_signal_connect_object (run, watched[w], G_CALLBACK (run_changed_cb), self,
                                 G_CONNECT_SWAPPED);
    }
}

static void
order_changed_cb (AttuneRunSidebar *self)
{
  g_autofree char *name = g_settings_get_string (self->settings, ORDER_KEY);
  g_autoptr (GtkSorter) sorter = attune_run_sorter_new (name);

  gtk_sort_list_model_set_sorter (self->sorted, sorter);
  select_project (self);
}

/* What is under a point of the list; NULL where there is no row. */
static AttuneRunRow *
find_row (AttuneRunSidebar *self, double x, double y)
{
  GtkWidget *widget = gtk_widget_pick (GTK_WIDGET (self->list), x, y, GTK_PICK_DEFAULT);
  GtkWidget *row = gtk_widget_get_ancestor (widget, ATTUNE_TYPE_RUN_ROW);

  /* The frame of a row belongs to it. */
  if (row == NULL && widget != NULL && widget != GTK_WIDGET (self->list))
    row = gtk_widget_get_first_child (widget);
  return ATTUNE_IS_RUN_ROW (row) ? ATTUNE_RUN_ROW (row) : NULL;
}

/* The menu is about the chosen run, so its row is chosen first. */
static void
show_menu (AttuneRunSidebar *self, AttuneRunRow *row, double x, double y)
{
  const GdkRectangle point = { (int) x, (int) y, 1, 1 };

  select_row (self, row);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->row_menu), &point);
  gtk_popover_popup (GTK_POPOVER (self->row_menu));
}

static void
pressed_cb (AttuneRunSidebar *self, int n_press, double x, double y, GtkGestureSingle *gesture)
{
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (gesture));
  AttuneRunRow *row = find_row (self, x, y);

  if (row == NULL || event == NULL || !gdk_event_triggers_context_menu (event))
    return;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  show_menu (self, row, x, y);
}

static void
released_cb (AttuneRunSidebar *self, int n_press, double x, double y, GtkGestureSingle *gesture)
{
  if (gtk_gesture_single_get_current_button (gesture) == GDK_BUTTON_PRIMARY
      && find_row (self, x, y) != NULL)
    g_signal_emit (self, activated_signal, 0);
}

static void
long_pressed_cb (AttuneRunSidebar *self, double x, double y, GtkGesture *gesture)
{
  AttuneRunRow *row = find_row (self, x, y);

  if (row == NULL)
    return;
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  show_menu (self, row, x, y);
}

/* Menu key or Shift+F10: at the row that has the focus. */
static gboolean
menu_key_cb (GtkWidget *widget, GVariant *arguments, AttuneRunSidebar *self)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));
  GtkWidget *row = focus != NULL ? gtk_widget_get_first_child (focus) : NULL;
  graphene_rect_t bounds;

  if (!ATTUNE_IS_RUN_ROW (row)
      || !gtk_widget_compute_bounds (row, GTK_WIDGET (self->list), &bounds))
    return GDK_EVENT_PROPAGATE;
  show_menu (self, ATTUNE_RUN_ROW (row), (double) (bounds.origin.x + bounds.size.width / 2),
             (double) (bounds.origin.y + bounds.size.height / 2));
  return GDK_EVENT_STOP;
}

AttuneProject *
attune_run_sidebar_get_project (AttuneRunSidebar *self)
{
  return self->project;
}

void
attune_run_sidebar_set_project (AttuneRunSidebar *self, AttuneProject *project)
{
  if (!g_set_object (&self->project, project))
    return;
  select_project (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROJECT]);
}

void
attune_run_sidebar_search (AttuneRunSidebar *self)
{
  gtk_search_bar_set_search_mode (self->search_bar, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

void
attune_run_sidebar_set_application (AttuneRunSidebar *self, AttuneApplication *application)
{
  g_autoptr (GSimpleActionGroup) actions = g_simple_action_group_new ();
  g_autoptr (GAction) order = NULL;

  g_return_if_fail (self->projects == NULL);

  self->settings = g_object_ref (attune_application_get_settings (application));
  self->projects = G_LIST_MODEL (g_object_ref (attune_application_get_projects (application)));
  order = g_settings_create_action (self->settings, ORDER_KEY);
  g_action_map_add_action (G_ACTION_MAP (actions), order);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "runs", G_ACTION_GROUP (actions));

  g_signal_connect_object (self->settings, "changed::" ORDER_KEY, G_CALLBACK (order_changed_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->projects, "items-changed", G_CALLBACK (watch_runs_cb), self,
                           G_CONNECT_SWAPPED);
  watch_runs_cb (self, 0, 0, g_list_model_get_n_items (self->projects));
  order_changed_cb (self);
  gtk_filter_list_model_set_model (self->found, self->projects);
}

static void
attune_run_sidebar_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AttuneRunSidebar *self = ATTUNE_RUN_SIDEBAR (object);

  switch (id)
    {
    case PROP_PROJECT:
      g_value_set_object (value, self->project);
      break;
    case PROP_MENU_MODEL:
      g_value_set_object (value, self->menu_model);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_run_sidebar_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  AttuneRunSidebar *self = ATTUNE_RUN_SIDEBAR (object);

  switch (id)
    {
    case PROP_PROJECT:
      attune_run_sidebar_set_project (self, g_value_get_object (value));
      break;
    case PROP_MENU_MODEL:
      if (g_set_object (&self->menu_model, g_value_get_object (value)))
        g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_run_sidebar_dispose (GObject *object)
{
  AttuneRunSidebar *self = ATTUNE_RUN_SIDEBAR (object);

  if (self->row_menu != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->row_menu));
  self->row_menu = NULL;
  if (self->found != NULL)
    gtk_filter_list_model_set_model (self->found, NULL);
  g_clear_handle_id (&self->sort_source, g_source_remove);
  g_clear_handle_id (&self->items_source, g_source_remove);
  g_clear_object (&self->project);
  g_clear_object (&self->projects);
  g_clear_object (&self->settings);
  g_clear_object (&self->menu_model);
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_RUN_SIDEBAR);
  G_OBJECT_CLASS (attune_run_sidebar_parent_class)->dispose (object);
}

static void
attune_run_sidebar_class_init (AttuneRunSidebarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = attune_run_sidebar_get_property;
  object_class->set_property = attune_run_sidebar_set_property;
  object_class->dispose = attune_run_sidebar_dispose;

  properties[PROP_PROJECT] = g_param_spec_object ("project", NULL, NULL, ATTUNE_TYPE_PROJECT,
                                                  flags);
  properties[PROP_MENU_MODEL] = g_param_spec_object ("menu-model", NULL, NULL, G_TYPE_MENU_MODEL,
                                                     flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * AttuneRunSidebar::activated:
   *
   * The chosen run is to be looked at, not only chosen.
   */
  activated_signal = g_signal_new ("activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (ATTUNE_TYPE_RUN_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-run-sidebar.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneRunSidebar, search_bar);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunSidebar, search_entry);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunSidebar, stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunSidebar, list);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunSidebar, found);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunSidebar, sorted);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunSidebar, selection);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunSidebar, row_menu);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, enter_list_cb);
  gtk_widget_class_bind_template_callback (widget_class, items_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, released_cb);
  gtk_widget_class_bind_template_callback (widget_class, long_pressed_cb);
}

static void
attune_run_sidebar_init (AttuneRunSidebar *self)
{
  g_autoptr (GtkFilter) filter = attune_run_filter_new ();
  GtkEventController *keys = gtk_shortcut_controller_new ();
  static const char * const triggers[] = { "Menu", "<Shift>F10" };
  GtkShortcut *delete = gtk_shortcut_new (gtk_shortcut_trigger_parse_string ("Delete"),
                                          gtk_named_action_new ("win.delete-run"));

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_filter_list_model_set_filter (self->found, filter);
  gtk_widget_set_parent (GTK_WIDGET (self->row_menu), GTK_WIDGET (self->list));
  for (guint i = 0; i < G_N_ELEMENTS (triggers); i++)
    gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (keys),
      gtk_shortcut_new (gtk_shortcut_trigger_parse_string (triggers[i]),
                        gtk_callback_action_new ((GtkShortcutFunc) menu_key_cb, self, NULL)));
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys), delete);
  gtk_widget_add_controller (GTK_WIDGET (self->list), keys);
}

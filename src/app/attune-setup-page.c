/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Setup page: which settings, what a run will cost. Rows of settings are in the .ui and know
 * their field; this file gives them the project's config and lists devices. Models are
 * AttuneModelList's, the estimate beside Start is AttuneRunCost's.
 */
#include "config.h"

#include "attune-setup-page.h"

#include <glib/gi18n.h>
#include <math.h>

#include "attune-encoded-rows.h"
#include "attune-model-describe.h"
#include "attune-model-list.h"
#include "attune-run-cost.h"
#include "attune-schedule.h"
#include "attune-scratch-model.h"
#include "attune-setting-row.h"
#include "attune-setup-actions.h"

struct _AttuneSetupPage
{
  AdwBin parent_instance;

  AdwBanner *banner;
  AttuneModelList *models;
  GtkWidget *settings;
  GtkWidget *find_rate;
  AdwExpanderRow *all_settings;
  GtkEditable *search;
  GtkWidget *n_rows_row;
  GtkSpinButton *n_rows;
  AdwComboRow *device;
  AttuneRunCost *cost;
  GtkWidget *start;
  GtkWidget *again;
  GtkWidget *dequeue;
  GMenuModel *menu;

  AttuneProject *project;
  GPtrArray *setting_rows; /* (element-type AttuneSettingRow), borrowed from the template */
  char *described_model;   /* whose config is or will be model_config */
  AttuneModelConfig *model_config; /* NULL until read */
  GPtrArray *devices;      /* (element-type AttuneDeviceInfo); NULL until asked */
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (AttuneSetupPage, attune_setup_page, ADW_TYPE_BIN)

enum {
  PROP_0,
  PROP_PROJECT,
  PROP_MENU,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

/* Answers may come after the window was closed. */
static gboolean
is_gone (AttuneSetupPage *self)
{
  return self->setting_rows == NULL;
}

static AttuneSettingRow *
find_row (AttuneSetupPage *self, const char *field)
{
  for (guint i = 0; i < self->setting_rows->len; i++)
    {
      AttuneSettingRow *row = g_ptr_array_index (self->setting_rows, i);

      if (g_str_equal (attune_setting_row_get_field (row), field))
        return row;
    }
  g_return_val_if_reached (NULL);
}

/* What "automatic" was found to be on this computer, when there are figures. */
static void
measured_cb (AttuneSetupPage *self, const AttuneEstimate *estimate)
{
  AttuneSettingRow *row = self->setting_rows != NULL ? find_row (self, "precision") : NULL;
  g_autofree char *device = NULL;
  g_autofree char *note = NULL;

  if (row == NULL)
    return;
  if (estimate != NULL)
    device = estimate->on_cpu
               ? g_strdup_printf (ngettext ("CPU, %d thread", "CPU, %d threads", estimate->threads),
                                  estimate->threads)
               : g_strdup (estimate->device);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->device), device != NULL ? device : "");
  /* Translators: %s is "bf16", a precision. */
  note = estimate != NULL ? g_strdup_printf (_("Automatic is %s here"), estimate->precision) : NULL;
  attune_setting_row_set_note (row, note);
}

/* "31 more, 1 changed", and why Start cannot be pressed. */
static void
update_state (AttuneSetupPage *self)
{
  gboolean editable = self->project != NULL && attune_project_get_editable (self->project);
  gboolean waiting = self->project != NULL && attune_project_get_turn (self->project) > 0;
  gboolean busy = self->project != NULL
                  && attune_trainer_get_run (attune_project_get_trainer (self->project)) != NULL;
  guint n_changed = 0, n_more = 0;
  g_autofree char *more = NULL;
  g_autofree char *subtitle = NULL;
  g_autofree char *obstacle = NULL;

  for (guint i = 0; i < self->setting_rows->len; i++)
    {
      GtkWidget *row = g_ptr_array_index (self->setting_rows, i);

      if (!gtk_widget_is_ancestor (row, GTK_WIDGET (self->all_settings)))
        continue;
      n_more++;
      n_changed += attune_setting_row_is_changed (ATTUNE_SETTING_ROW (row));
    }
  more = g_strdup_printf (ngettext ("%u more", "%u more", n_more), n_more);
  subtitle = n_changed > 0
               ? g_strdup_printf (ngettext ("%s, %u changed", "%s, %u changed", n_changed), more,
                                  n_changed)
               : g_strdup (more);
  adw_expander_row_set_subtitle (self->all_settings, subtitle);

  if (editable)
    obstacle = attune_project_get_fault (self->project);
  gtk_widget_set_tooltip_text (self->start, obstacle);
  gtk_button_set_label (GTK_BUTTON (self->start),
                        waiting ? _("Start _Now") : busy ? _("Add to _Queue") : _("_Start Training"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->start),
                                  waiting ? "win.start-now" : busy ? "win.enqueue" : "win.start");
  gtk_widget_set_visible (self->start, editable || (waiting && !busy));
  gtk_widget_set_visible (self->dequeue, waiting);
  gtk_widget_set_visible (self->again, self->project != NULL && !editable && !waiting);
  gtk_widget_set_sensitive (self->settings, editable);
  attune_model_list_set_editable (self->models, editable);
}

static void
set_automatic (AttuneSetupPage *self, const char *field, double value)
{
  attune_setting_row_set_automatic_value (find_row (self, field), value);
}

/* "Tokens; 99 % of texts fit whole", of n lengths. */
static char *
describe_length (const guint *lengths, guint n, guint max_length)
{
  guint n_whole = 0;

  for (guint i = 0; i < n; i++)
    n_whole += lengths[i] <= max_length;
  if (n_whole == n)
    return g_strdup (_("Tokens; all texts fit whole"));
  /* Not "100 %" while there is a longer one. */
  return g_strdup_printf (_("Tokens; %.0f %% of texts fit whole"),
                          MIN (99, floor (100.0 * n_whole / n)));
}

/* What "automatic" comes to for this model and these texts; unknown until both are read. */
static void
show_automatic_values (AttuneSetupPage *self)
{
  const AttuneModelConfig *config = self->model_config;
  GArray *lengths = self->project != NULL ? attune_project_get_lengths (self->project) : NULL;
  double dropout = config != NULL ? config->hidden_dropout_prob : NAN;
  g_autofree char *fitting = NULL;
  guint max_length = 0;

  if (config != NULL && lengths != NULL && lengths->len > 0)
    max_length = attune_propose_max_length ((const guint *) lengths->data, lengths->len,
                                            attune_model_config_get_max_length (config));
  set_automatic (self, "learning_rate",
                 config != NULL ? attune_propose_learning_rate (config) : NAN);
  set_automatic (self, "hidden_dropout_prob", dropout);
  set_automatic (self, "attention_probs_dropout_prob",
                 config != NULL ? config->attention_probs_dropout_prob : NAN);
  set_automatic (self, "classifier_dropout",
                 config != NULL && config->classifier_dropout >= 0 ? config->classifier_dropout
                                                                   : dropout);
  set_automatic (self, "max_length", max_length > 0 ? max_length : NAN);
  if (max_length > 0)
    fitting = describe_length ((const guint *) lengths->data, lengths->len, max_length);
  attune_setting_row_set_note (find_row (self, "max_length"), fitting);
}

/* A model that cannot be opened leaves its values unknown; the list and Start say why. */
static void
described_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AttuneSetupPage *self = ATTUNE_SETUP_PAGE (source);
  const char *model;
  g_autoptr (AttuneModelConfig) config = attune_model_describe_finish (result, &model, NULL);

  if (is_gone (self) || config == NULL || g_strcmp0 (model, self->described_model) != 0)
    return;
  g_clear_pointer (&self->model_config, attune_model_config_free);
  self->model_config = g_steal_pointer (&config);
  show_automatic_values (self);
}

static void
update_automatic_values (AttuneSetupPage *self)
{
  const char *model = self->project != NULL ? attune_project_get_model (self->project) : NULL;

  if (g_set_str (&self->described_model, model))
    {
      g_clear_pointer (&self->model_config, attune_model_config_free);
      if (model != NULL)
        attune_model_describe_async (G_OBJECT (self), model, described_cb);
    }
  show_automatic_values (self);
}

static void
search_changed_cb (AttuneSetupPage *self)
{
  const char *words = gtk_editable_get_text (self->search);

  for (guint i = 0; i < self->setting_rows->len; i++)
    {
      GtkWidget *row = g_ptr_array_index (self->setting_rows, i);

      if (gtk_widget_is_ancestor (row, GTK_WIDGET (self->all_settings)))
        gtk_widget_set_visible (row, attune_setting_row_matches (ATTUNE_SETTING_ROW (row), words));
    }
  gtk_widget_set_visible (self->n_rows_row, *words == '\0');
}

/* From the text, so that what is typed counts before the field is left. */
static void
n_rows_changed_cb (AttuneSetupPage *self)
{
  guint64 n_rows;

  if (self->project != NULL && !self->updating
      && g_ascii_string_to_unsigned (gtk_editable_get_text (GTK_EDITABLE (self->n_rows)), 10, 0,
                                     G_MAXUINT,
                                     &n_rows, NULL))
    attune_project_set_n_rows (self->project, (guint) n_rows);
}

static void
device_selected_cb (AttuneSetupPage *self)
{
  guint selected = adw_combo_row_get_selected (self->device);
  AttuneTrainConfig *config;
  const char *id = "auto";

  if (self->project == NULL || self->devices == NULL || self->updating)
    return;
  config = attune_project_get_config (self->project);
  if (selected > 0 && selected <= self->devices->len)
    id = ((AttuneDeviceInfo *) g_ptr_array_index (self->devices, selected - 1))->id;
  attune_train_config_set (config, "device", id, NULL);
}

static void
update_device (AttuneSetupPage *self)
{
  const char *id;
  guint selected = 0;

  if (self->devices == NULL || self->project == NULL)
    return;
  id = attune_train_config_get_string (attune_project_get_config (self->project), "device");
  for (guint i = 0; i < self->devices->len; i++)
    {
      if (g_str_equal (((AttuneDeviceInfo *) g_ptr_array_index (self->devices, i))->id, id))
        selected = i + 1;
    }
  self->updating = TRUE;
  adw_combo_row_set_selected (self->device, selected);
  self->updating = FALSE;
}

static void
devices_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AttuneSetupPage) self = ATTUNE_SETUP_PAGE (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) devices = attune_trainer_devices_finish (ATTUNE_TRAINER (source), result,
                                                                 &error);
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  const char *notice = NULL;
  gboolean has_gpu = FALSE;

  if (is_gone (self))
    return;
  g_clear_pointer (&self->devices, g_ptr_array_unref);
  self->devices = g_steal_pointer (&devices);
  if (self->devices == NULL)
    {
      adw_banner_set_title (self->banner, error->message);
      adw_banner_set_revealed (self->banner, TRUE);
      return;
    }
  gtk_string_list_append (names, _("Automatic"));
  for (guint i = 0; i < self->devices->len; i++)
    {
      AttuneDeviceInfo *info = g_ptr_array_index (self->devices, i);
      gboolean cpu = g_str_equal (info->id, "cpu");
      g_autofree char *name =
        cpu ? g_strdup_printf (ngettext ("CPU, %d thread", "CPU, %d threads", info->threads),
                               info->threads)
            : g_strdup (info->name);

      has_gpu = has_gpu || !cpu;
      notice = info->notice != NULL ? info->notice : notice;
      gtk_string_list_append (names, name);
    }
  self->updating = TRUE;
  adw_combo_row_set_model (self->device, G_LIST_MODEL (names));
  self->updating = FALSE;
  update_device (self);
  if (!has_gpu)
    adw_banner_set_title (self->banner,
                          notice != NULL ? notice : _("No GPU found: training on the CPU"));
  adw_banner_set_revealed (self->banner, !has_gpu);
}

/* The project, its config, or whether another run trains. */
static void
draft_changed_cb (AttuneSetupPage *self)
{
  update_device (self);
  update_state (self);
  attune_run_cost_update (self->cost);
}

static void
set_project (AttuneSetupPage *self, AttuneProject *project)
{
  /* "loading" stands for all that a reading brings. */
  static const char * const followed[] = { "notify::loading", "notify::model", "notify::n-rows",
                                           "notify::editable" };
  AttuneTrainConfig *config = project != NULL ? attune_project_get_config (project) : NULL;

  if (self->project == project)
    return;
  if (self->project != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->project, self);
      g_signal_handlers_disconnect_by_data (attune_project_get_config (self->project), self);
      g_signal_handlers_disconnect_by_data (attune_project_get_trainer (self->project), self);
    }
  g_set_object (&self->project, project);
  for (guint i = 0; self->setting_rows != NULL && i < self->setting_rows->len; i++)
    attune_setting_row_set_config (g_ptr_array_index (self->setting_rows, i), config);
  if (self->models != NULL)
    attune_model_list_set_project (self->models, project);
  if (self->cost != NULL)
    attune_run_cost_set_project (self->cost, project);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROJECT]);
  if (project == NULL)
    return;

  g_signal_connect_object (project, "notify::model", G_CALLBACK (update_automatic_values), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (project, "notify::lengths", G_CALLBACK (update_automatic_values), self,
                           G_CONNECT_SWAPPED);
  for (guint i = 0; i < G_N_ELEMENTS (followed); i++)
    g_signal_connect_object (project, followed[i], G_CALLBACK (draft_changed_cb), self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (config, "notify", G_CALLBACK (draft_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (attune_project_get_trainer (project), "notify::run",
                           G_CALLBACK (draft_changed_cb), self, G_CONNECT_SWAPPED);
  self->updating = TRUE;
  gtk_spin_button_set_value (self->n_rows, attune_project_get_n_rows (project));
  self->updating = FALSE;
  update_automatic_values (self);
  draft_changed_cb (self);
}

static void
attune_setup_page_map (GtkWidget *widget)
{
  AttuneSetupPage *self = ATTUNE_SETUP_PAGE (widget);

  GTK_WIDGET_CLASS (attune_setup_page_parent_class)->map (widget);
  if (self->project == NULL)
    return;
  if (self->devices == NULL)
    attune_trainer_devices_async (attune_project_get_trainer (self->project), NULL, devices_cb,
                                  g_object_ref (self));
  attune_model_list_update (self->models);
}

/* The header menu names these as setup.*, so the window has to know them. */
static void
attune_setup_page_root (GtkWidget *widget)
{
  g_autoptr (GSimpleActionGroup) group = attune_setup_actions_new (ATTUNE_SETUP_PAGE (widget));

  GTK_WIDGET_CLASS (attune_setup_page_parent_class)->root (widget);
  gtk_widget_insert_action_group (GTK_WIDGET (gtk_widget_get_root (widget)), "setup",
                                  G_ACTION_GROUP (group));
}

static void
attune_setup_page_unroot (GtkWidget *widget)
{
  gtk_widget_insert_action_group (GTK_WIDGET (gtk_widget_get_root (widget)), "setup", NULL);
  GTK_WIDGET_CLASS (attune_setup_page_parent_class)->unroot (widget);
}

static void
attune_setup_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AttuneSetupPage *self = ATTUNE_SETUP_PAGE (object);

  switch (id)
    {
    case PROP_PROJECT:
      g_value_set_object (value, self->project);
      break;
    case PROP_MENU:
      g_value_set_object (value, self->menu);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_setup_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_PROJECT:
      set_project (ATTUNE_SETUP_PAGE (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_setup_page_dispose (GObject *object)
{
  AttuneSetupPage *self = ATTUNE_SETUP_PAGE (object);

  g_clear_pointer (&self->setting_rows, g_ptr_array_unref);
  set_project (self, NULL);
  g_clear_pointer (&self->described_model, g_free);
  g_clear_pointer (&self->model_config, attune_model_config_free);
  g_clear_pointer (&self->devices, g_ptr_array_unref);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_SETUP_PAGE);
  G_OBJECT_CLASS (attune_setup_page_parent_class)->dispose (object);
}

static void
attune_setup_page_class_init (AttuneSetupPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = attune_setup_page_get_property;
  object_class->set_property = attune_setup_page_set_property;
  object_class->dispose = attune_setup_page_dispose;
  widget_class->map = attune_setup_page_map;
  widget_class->root = attune_setup_page_root;
  widget_class->unroot = attune_setup_page_unroot;

  properties[PROP_PROJECT] =
    g_param_spec_object ("project", NULL, NULL, ATTUNE_TYPE_PROJECT,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_MENU] = g_param_spec_object ("menu", NULL, NULL, G_TYPE_MENU_MODEL,
                                               G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (ATTUNE_TYPE_MODEL_LIST);
  g_type_ensure (ATTUNE_TYPE_RUN_COST);
  g_type_ensure (ATTUNE_TYPE_SETTING_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-setup-page.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneSetupPage, banner);
  gtk_widget_class_bind_template_child (widget_class, AttuneSetupPage, models);
  gtk_widget_class_bind_template_child (widget_class, AttuneSetupPage, settings);
  gtk_widget_class_bind_template_child (widget_class, AttuneSetupPage, all_settings);
  gtk_widget_class_bind_template_child (widget_class, AttuneSetupPage, search);
  gtk_widget_class_bind_template_child (widget_class, AttuneSetupPage, find_rate);
  gtk_widget_class_bind_template_child (widget_class, AttuneSetupPage, n_rows_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneSetupPage, n_rows);
  gtk_widget_class_bind_template_child (widget_class, AttuneSetupPage, device);
  gtk_widget_class_bind_template_child (widget_class, AttuneSetupPage, cost);
  gtk_widget_class_bind_template_child (widget_class, AttuneSetupPage, start);
  gtk_widget_class_bind_template_child (widget_class, AttuneSetupPage, again);
  gtk_widget_class_bind_template_child (widget_class, AttuneSetupPage, dequeue);
  gtk_widget_class_bind_template_child (widget_class, AttuneSetupPage, menu);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, n_rows_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, device_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, measured_cb);
}

/* The setting rows of the template, wherever they stand. */
static void
collect_setting_rows (GtkWidget *widget, GPtrArray *rows)
{
  if (ATTUNE_IS_SETTING_ROW (widget))
    {
      g_ptr_array_add (rows, widget);
      return;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    collect_setting_rows (child, rows);
}

static void
attune_setup_page_init (AttuneSetupPage *self)
{
  GtkWidget *suffixes;

  self->setting_rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  collect_setting_rows (GTK_WIDGET (self), self->setting_rows);
  /* Before the spin button, so that those of all rows stand below each other. */
  suffixes = gtk_widget_get_parent (self->find_rate);
  gtk_widget_insert_before (self->find_rate, suffixes, gtk_widget_get_first_child (suffixes));
}

AttuneProject *
attune_setup_page_get_project (AttuneSetupPage *self)
{
  return self->project;
}

const AttuneEstimate *
attune_setup_page_get_estimate (AttuneSetupPage *self)
{
  return attune_run_cost_get_estimate (self->cost);
}

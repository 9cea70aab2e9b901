/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneModelList: a radio row per model of the store; listing and importing go on GIO's pool.
 */
#include "config.h"

#include "attune-model-list.h"

#include <glib/gi18n.h>

#include "attune-download-list.h"
#include "attune-head-plan.h"
#include "attune-model-head.h"
#include "attune-model-import.h"
#include "attune-model-offer.h"
#include "attune-model-store.h"
#include "attune-model-words.h"
#include "attune-rnn-config.h"
#include "attune-run-record.h"

struct _AttuneModelList
{
  AdwBin parent_instance;

  AdwPreferencesGroup *group;
  AttuneDownloadList *downloads;
  AdwButtonRow *add;

  AttuneProject *project;
  GPtrArray *rows; /* (element-type GtkWidget), of the group */
  GtkCheckButton *radio_group;
  gboolean updating;
  gboolean empty;   /* nothing is installed */
};

G_DEFINE_FINAL_TYPE (AttuneModelList, attune_model_list, ADW_TYPE_BIN)

/* Above the list, which may be long: that it is empty, or what the classes of the chosen model are to
 * those of the data. */
static void
update_description (AttuneModelList *self)
{
  AttuneDataset *dataset = self->project != NULL ? attune_project_get_dataset (self->project)
                                                 : NULL;
  const char *chosen = self->project != NULL ? attune_project_get_model (self->project) : NULL;
  g_autoptr (AttuneHeadPlan) plan = NULL;
  g_autofree char *description = NULL;

  for (guint i = 0; dataset != NULL && i < self->rows->len; i++)
    {
      GObject *row = g_ptr_array_index (self->rows, i);
      const char * const *labels = g_object_get_data (row, "labels");

      if (labels != NULL && g_strcmp0 (g_object_get_data (row, "model"), chosen) == 0)
        plan = attune_head_plan_new (labels, attune_dataset_get_label_names (dataset));
      if (plan != NULL)
        break;
    }
  if (plan != NULL)
    description = g_markup_escape_text (plan->notice, -1);
  else if (self->empty)
    description = g_markup_escape_text (_("No model is installed. Download one, or add one from a "
                                          "folder as the Hugging Face Hub has it: config.json, "
                                          "vocab.txt and model.safetensors"), -1);
  adw_preferences_group_set_description (self->group, description);
}

static void
model_toggled_cb (GtkCheckButton *button, AttuneModelList *self)
{
  if (gtk_check_button_get_active (button) && self->project != NULL && !self->updating)
    attune_project_set_model (self->project, g_object_get_data (G_OBJECT (button), "model"));
}

/* One that was fine-tuned already can be asked right away. */
static void
add_try_button (GtkWidget *row, const AttuneModelInfo *info)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (_("Tr_y"));
  /* Translators: a model by its name. */
  g_autofree char *label = g_strdup_printf (_("Try “%s” as it is"), info->title);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.try-model");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", info->name);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
}

/* group: never shown; it makes the others radio buttons even when there is only one. */
static GtkWidget *
add_row (AttuneModelList *self, const char *name, const char *title, const char *subtitle,
         GtkCheckButton *group)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *check = gtk_check_button_new ();
  const char *chosen = attune_project_get_model (self->project);

  g_object_set_data_full (G_OBJECT (check), "model", g_strdup (name), g_free);
  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_check_button_set_group (GTK_CHECK_BUTTON (check), group);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), g_strcmp0 (chosen, name) == 0);
  g_signal_connect_object (check, "toggled", G_CALLBACK (model_toggled_cb), self, 0);
  g_object_set_data_full (G_OBJECT (row), "model", g_strdup (name), g_free);
  adw_preferences_group_add (self->group, row);
  g_ptr_array_add (self->rows, row);
  return row;
}

static void
add_model_row (AttuneModelList *self, AttuneModelInfo *info, GtkCheckButton *group)
{
  g_autofree char *size = g_format_size (info->n_bytes);
  g_autofree char *subtitle = NULL;
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_auto (GStrv) parts = NULL;
  /* What the store calls one of the Hub is the end of its id. */
  const char *title = attune_model_offer_find_title (info->source);
  GtkWidget *row;

  if (info->language != NULL && *info->language != '\0')
    g_strv_builder_take (words, attune_model_words_for_languages (info->language));
  g_strv_builder_add (words, size);
  if (info->licence != NULL)
    g_strv_builder_take (words, attune_model_words_for_licence (info->licence));
  if (info->labels != NULL)
    {
      g_autofree char *labels =
        attune_model_head_describe_labels ((const char * const *) info->labels);

      /* Translators: the classes that a model was fine-tuned for. */
      g_strv_builder_take (words, g_strdup_printf (_("labels %s"), labels));
    }
  parts = g_strv_builder_end (words);
  subtitle = g_strjoinv (" · ", parts);
  row = add_row (self, info->name, title != NULL ? title : info->title, subtitle, group);
  if (info->labels == NULL)
    return;
  g_object_set_data_full (G_OBJECT (row), "labels", g_strdupv (info->labels),
                          (GDestroyNotify) g_strfreev);
  if (!g_path_is_absolute (info->name))
    add_try_button (row, info);
}

/* What can be trained without a model: recurrent networks, small enough to begin with nothing. */
static void
add_scratch_rows (AttuneModelList *self, GtkCheckButton *group)
{
  guint n;
  const AttuneRnnKind *kinds = attune_rnn_get_kinds (&n);

  for (guint i = 0; i < n; i++)
    add_row (self, kinds[i].name, _(kinds[i].title), _(kinds[i].help), group);
}

/* A folder of the store that is no model, and why. */
static void
add_problem_row (AttuneModelList *self, const char *problem)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _("A model that cannot be used"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), problem);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("dialog-warning-symbolic"));
  adw_preferences_group_add (self->group, row);
  g_ptr_array_add (self->rows, row);
}

/* What one listing found. */
typedef struct
{
  GPtrArray *infos; /* (element-type AttuneModelInfo) (nullable) */
  AttuneModelInfo *folder; /* nullable: the chosen one, if it is a folder outside the store */
  GStrv problems;
} Listing;

static void
listing_free (Listing *listing)
{
  g_clear_pointer (&listing->infos, g_ptr_array_unref);
  g_clear_pointer (&listing->folder, attune_model_info_free);
  g_strfreev (listing->problems);
  g_free (listing);
}

static void
show_models (AttuneModelList *self, const Listing *listing)
{
  GPtrArray *infos = listing->infos;
  gboolean none = infos == NULL || infos->len == 0;

  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (self->group, g_ptr_array_index (self->rows, i));
  g_ptr_array_set_size (self->rows, 0);

  if (attune_project_get_model (self->project) == NULL && !none)
    attune_project_set_model (self->project,
                              ((AttuneModelInfo *) g_ptr_array_index (infos, 0))->name);
  self->updating = TRUE;
  g_clear_object (&self->radio_group);
  self->radio_group = GTK_CHECK_BUTTON (g_object_ref_sink (gtk_check_button_new ()));
  for (guint i = 0; infos != NULL && i < infos->len; i++)
    add_model_row (self, g_ptr_array_index (infos, i), self->radio_group);
  if (listing->folder != NULL)
    add_model_row (self, listing->folder, self->radio_group);
  add_scratch_rows (self, self->radio_group);
  self->updating = FALSE;
  for (guint i = 0; listing->problems[i] != NULL; i++)
    add_problem_row (self, listing->problems[i]);
  self->empty = none;
  update_description (self);
  attune_download_list_set_installed (self->downloads, infos);
}

/* The best weights of an earlier run; NULL for any other model. */
static AttuneModelInfo *
describe_folder (const char *path)
{
  g_autoptr (AttuneModelFolder) folder = NULL;
  g_autoptr (AttuneRunRecord) record = NULL;
  g_autofree char *run = NULL;
  AttuneModelInfo *info;

  if (path == NULL || !g_path_is_absolute (path))
    return NULL;
  folder = attune_model_folder_open (path, ATTUNE_MODEL_OPEN_DEFAULT, NULL);
  if (folder == NULL)
    return NULL;
  run = g_path_get_dirname (path);
  record = attune_run_record_load (run, NULL);
  info = g_new0 (AttuneModelInfo, 1);
  info->name = g_strdup (path);
  info->n_bytes = attune_model_folder_get_n_bytes (folder);
  info->labels = attune_model_head_list_labels (folder);
  info->title = record != NULL ? g_strdup_printf (_("Weights of the run “%s”"), record->title)
                               : g_path_get_basename (path);
  return info;
}

static void
list_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Listing *listing = g_new0 (Listing, 1);

  listing->folder = describe_folder (task_data);

  listing->infos = attune_model_store_list (NULL);
  listing->problems = attune_model_store_list_problems ();
  g_task_return_pointer (task, listing, (GDestroyNotify) listing_free);
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AttuneModelList *self = ATTUNE_MODEL_LIST (source);
  Listing *listing = g_task_propagate_pointer (G_TASK (result), NULL);

  if (self->rows != NULL && self->project != NULL)
    show_models (self, listing);
  listing_free (listing);
}

void
attune_model_list_update (AttuneModelList *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, listed_cb, NULL);

  if (self->project != NULL)
    g_task_set_task_data (task, g_strdup (attune_project_get_model (self->project)), g_free);
  g_task_run_in_thread (task, list_in_thread);
}

static void
imported_cb (const char *name, gpointer owner)
{
  AttuneModelList *self = ATTUNE_MODEL_LIST (owner);

  if (self->rows == NULL)
    return;
  if (self->project != NULL && attune_project_get_editable (self->project))
    attune_project_set_model (self->project, name);
  attune_model_list_update (self);
}

static void
add_model_cb (AttuneModelList *self)
{
  attune_model_import (GTK_WIDGET (self->add), imported_cb, G_OBJECT (self));
}

void
attune_model_list_set_project (AttuneModelList *self, AttuneProject *project)
{
  if (self->project == project)
    return;
  if (self->project != NULL)
    g_signal_handlers_disconnect_by_data (self->project, self);
  g_set_object (&self->project, project);
  if (project == NULL)
    return;
  g_signal_connect_object (project, "notify::dataset", G_CALLBACK (update_description), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (project, "notify::model", G_CALLBACK (update_description), self,
                           G_CONNECT_SWAPPED);
  attune_model_list_update (self);
}

void
attune_model_list_set_editable (AttuneModelList *self, gboolean editable)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->group), editable);
  gtk_widget_set_sensitive (GTK_WIDGET (self->add), editable);
}

static void
attune_model_list_dispose (GObject *object)
{
  AttuneModelList *self = ATTUNE_MODEL_LIST (object);

  attune_model_list_set_project (self, NULL);
  g_clear_object (&self->radio_group);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_MODEL_LIST);
  G_OBJECT_CLASS (attune_model_list_parent_class)->dispose (object);
}

static void
attune_model_list_class_init (AttuneModelListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_model_list_dispose;
  g_type_ensure (ATTUNE_TYPE_DOWNLOAD_LIST);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-model-list.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneModelList, group);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelList, downloads);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelList, add);
  gtk_widget_class_bind_template_callback (widget_class, add_model_cb);
  gtk_widget_class_bind_template_callback (widget_class, attune_model_list_update);
}

static void
attune_model_list_init (AttuneModelList *self)
{
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

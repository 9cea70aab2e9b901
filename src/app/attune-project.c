/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneProject: the draft or run that the pages show. Reading is done by one task at a time; a
 * newer request cancels the older one and results of a cancelled task are dropped.
 */
#include "config.h"

#include "attune-project.h"

#include <string.h>

#include "attune-project-private.h"

/* Settings that the check depends on change by the dozen while a number is typed. */
#define SETTLE_MS 200

G_DEFINE_FINAL_TYPE (AttuneProject, attune_project, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_RUN,
  PROP_TRAINER,
  PROP_FILE,
  PROP_VALIDATION_FILE,
  PROP_LOADING,
  PROP_ERROR,
  PROP_TABLE,
  PROP_DATASET,
  PROP_VALIDATION,
  PROP_FINDINGS,
  PROP_LENGTHS,
  PROP_MODEL,
  PROP_CONFIG,
  PROP_N_ROWS,
  PROP_TURN,
  PROP_EDITABLE,
  PROP_AMENDMENTS,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

/* The next reading takes what this one found, but what was guessed of labels stays a guess, to be
 * told as one. */
static void
keep_columns (AttuneProject *self)
{
  self->columns = *attune_dataset_get_columns (self->dataset);
  if (!attune_dataset_is_task_guessed (self->dataset))
    return;
  self->columns.task = ATTUNE_TASK_DETECT;
  self->columns.separator = '\0';
  if (self->columns.n_more > 0)
    self->columns.label = -1;
  self->columns.n_more = 0;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AttuneProject *self = ATTUNE_PROJECT (source);
  AttuneProjectReading *reading = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  g_task_propagate_boolean (G_TASK (result), &error);
  if (g_task_get_cancellable (G_TASK (result)) != self->cancellable)
    return;

  g_clear_object (&self->cancellable);
  self->reading = NULL;
  self->reading_table = FALSE;
  g_set_str (&self->error, error != NULL ? error->message : NULL);
  g_clear_pointer (&self->files, attune_data_files_unref);
  self->files = g_steal_pointer (&reading->files);
  g_set_object (&self->table, reading->table);
  g_set_object (&self->dataset, reading->dataset);
  g_set_object (&self->validation, reading->validation);
  self->n_train = reading->n_train;
  self->n_validation = reading->n_validation;
  g_clear_pointer (&self->findings, g_ptr_array_unref);
  self->findings = g_steal_pointer (&reading->findings);
  g_clear_pointer (&self->lengths, g_array_unref);
  self->lengths = g_steal_pointer (&reading->lengths);
  g_clear_pointer (&self->facts, attune_token_facts_unref);
  self->facts = g_steal_pointer (&reading->facts);
  if (self->dataset != NULL)
    keep_columns (self);
  self->shown_columns = self->dataset != NULL ? *attune_dataset_get_columns (self->dataset)
                                              : self->columns;

  g_object_freeze_notify (G_OBJECT (self));
  for (guint i = PROP_LOADING; i <= PROP_LENGTHS; i++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
  g_object_thaw_notify (G_OBJECT (self));
}

/* What a reading has found so far: the first rows, or all of them before they are looked through. */
static void
preview_cb (gpointer source, GCancellable *cancellable, AttuneTable *table,
            const AttuneColumns *columns, AttuneDataset *dataset, AttuneDataset *validation)
{
  AttuneProject *self = ATTUNE_PROJECT (source);

  if (self->cancellable != cancellable || !self->reading_table)
    return;
  self->shown_columns = *columns;
  g_set_object (&self->table, table);
  g_set_object (&self->dataset, dataset);
  g_set_object (&self->validation, validation);
  /* They speak of rows that are no longer there. */
  g_clear_pointer (&self->findings, g_ptr_array_unref);
  g_clear_pointer (&self->lengths, g_array_unref);
  g_object_freeze_notify (G_OBJECT (self));
  for (guint i = PROP_TABLE; i <= PROP_LENGTHS; i++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
  g_object_thaw_notify (G_OBJECT (self));
}

void
attune_project_read_again (AttuneProject *self, AttuneKeep keep)
{
  g_autoptr (GTask) task = NULL;
  AttuneProjectReading *reading = attune_project_reading_new ();

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  self->asked = TRUE;
  if (self->reading_table)
    keep = ATTUNE_KEEP_NOTHING;
  self->reading_table = keep == ATTUNE_KEEP_NOTHING;
  /* Of a reading that is cut off here nothing is known. */
  if (keep < ATTUNE_KEEP_TOKENS)
    g_clear_pointer (&self->facts, attune_token_facts_unref);

  self->reading = reading;
  reading->preview = preview_cb;
  reading->given = g_ptr_array_ref (self->given);
  if (self->validation_given != NULL)
    reading->validation_given = g_ptr_array_ref (self->validation_given);
  reading->no_validation = self->no_validation;
  reading->options = self->options;
  reading->columns = self->columns;
  reading->text_column = g_strdup (self->text_column);
  reading->label_column = g_strdup (self->label_column);
  reading->pair_column = g_strdup (self->pair_column);
  reading->more_label_columns = g_strdupv (self->more_label_columns);
  reading->model = g_strdup (self->model);
  reading->amendments = attune_amendments_copy (self->amendments);
  attune_text_cut_init (&reading->cut, self->config,
                        (guint) attune_train_config_get_int (self->config, "max_length"));
  reading->seed = attune_train_config_get_split_seed (self->config);
  if (!g_str_equal (attune_train_config_get_string (self->config, "eval_strategy"), "no"))
    reading->share = attune_train_config_get_double (self->config, "validation_split");
  if (keep >= ATTUNE_KEEP_TABLE && self->table != NULL)
    {
      reading->files = attune_data_files_ref (self->files);
      g_set_object (&reading->table, self->table);
      reading->progress = 1000;
    }
  if (keep >= ATTUNE_KEEP_TOKENS && self->facts != NULL)
    reading->facts = attune_token_facts_ref (self->facts);

  task = g_task_new (self, self->cancellable, read_cb, NULL);
  g_task_set_source_tag (task, attune_project_read_again);
  g_task_set_task_data (task, reading, (GDestroyNotify) attune_project_reading_free);
  g_task_run_in_thread (task, attune_project_reading_run);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADING]);
}

static gboolean
length_settled_cb (gpointer data)
{
  AttuneProject *self = data;
  AttuneTextCut cut;

  self->length_source = 0;
  if (self->facts == NULL || self->findings == NULL || self->dataset == NULL)
    return G_SOURCE_REMOVE;
  attune_text_cut_init (&cut, self->config,
                        (guint) attune_train_config_get_int (self->config, "max_length"));
  attune_token_facts_check_length (self->facts, self->dataset, &cut, self->findings);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FINDINGS]);
  return G_SOURCE_REMOVE;
}

static void
cut_changed_cb (AttuneProject *self)
{
  g_clear_handle_id (&self->length_source, g_source_remove);
  self->length_source = g_timeout_add (SETTLE_MS, length_settled_cb, self);
}

static gboolean
split_settled_cb (gpointer data)
{
  AttuneProject *self = data;

  self->split_source = 0;
  if (self->asked && self->dataset != NULL && self->validation == NULL
      && attune_project_get_editable (self))
    attune_project_read_again (self, ATTUNE_KEEP_TOKENS);
  return G_SOURCE_REMOVE;
}

static void
split_changed_cb (AttuneProject *self)
{
  g_clear_handle_id (&self->split_source, g_source_remove);
  self->split_source = g_timeout_add (SETTLE_MS, split_settled_cb, self);
}

/* (transfer full) */
static void
take_config (AttuneProject *self, AttuneTrainConfig *config)
{
  static const char *const of_split[] = { "notify::validation-split", "notify::seed",
                                          "notify::eval-strategy" };
  static const char *const of_cut[] = { "notify::max-length", "notify::long-text-strategy",
                                        "notify::window-overlap", "notify::max-windows" };

  self->config = config;
  for (guint i = 0; i < G_N_ELEMENTS (of_cut); i++)
    g_signal_connect_object (config, of_cut[i], G_CALLBACK (cut_changed_cb), self,
                             G_CONNECT_SWAPPED);
  for (guint i = 0; i < G_N_ELEMENTS (of_split); i++)
    g_signal_connect_object (config, of_split[i], G_CALLBACK (split_changed_cb), self,
                             G_CONNECT_SWAPPED);
}

static void
state_changed_cb (AttuneProject *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_EDITABLE]);
}

static void
take_run (AttuneProject *self, AttuneRun *run)
{
  self->run = run;
  g_signal_connect_object (run, "notify::state", G_CALLBACK (state_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

GPtrArray *
attune_project_list_files (GFile **files, guint n_files)
{
  GPtrArray *array = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < n_files; i++)
    g_ptr_array_add (array, g_object_ref (files[i]));
  return array;
}

/* NULL for none. */
static GPtrArray *
file_array_new_for_paths (char **paths)
{
  GPtrArray *array;

  if (paths == NULL || paths[0] == NULL)
    return NULL;
  array = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; paths[i] != NULL; i++)
    g_ptr_array_add (array, g_file_new_for_path (paths[i]));
  return array;
}

/* The file's name without what comes behind the dot; of several, and of one that is only called
 * "train", their folder's. */
static char *
make_title (GFile **files, guint n_files)
{
  g_autofree char *first = g_file_get_basename (files[0]);
  gboolean is_part = g_ascii_strncasecmp (first, "train", 5) == 0
                     && !g_ascii_isalpha (first[5]);
  g_autoptr (GFile) folder = n_files > 1 || is_part ? g_file_get_parent (files[0]) : NULL;
  g_autofree char *name = g_file_get_basename (folder != NULL ? folder : files[0]);
  char *title = g_filename_display_name (name);
  char *dot = strrchr (title, '.');

  if (dot != NULL && dot != title)
    *dot = '\0';
  return title;
}

AttuneProject *
attune_project_new_for_file (AttuneTrainer *trainer, GFile *file)
{
  return attune_project_new_for_files (trainer, &file, 1);
}

AttuneProject *
attune_project_new_for_files (AttuneTrainer *trainer, GFile **files, guint n_files)
{
  AttuneProject *self = g_object_new (ATTUNE_TYPE_PROJECT, NULL);
  g_autofree char *title = make_title (files, n_files);

  self->trainer = g_object_ref (trainer);
  self->given = attune_project_list_files (files, n_files);
  take_config (self, attune_train_config_new ());
  take_run (self, attune_run_new (title));
  attune_project_read_again (self, ATTUNE_KEEP_NOTHING);
  return self;
}

/* What a run is made of; its data is read when somebody asks for it. */
static void
take_source (AttuneProject *self, const AttuneRunSource *source)
{
  /* A run from elsewhere may not say where its data is. */
  self->given = file_array_new_for_paths (source->data_paths);
  self->validation_given = file_array_new_for_paths (source->validation_paths);
  self->no_validation = TRUE;
  self->options = source->reading;
  self->options.encoding = g_intern_string (source->reading.encoding);
  self->text_column = g_strdup (source->text_column);
  self->label_column = g_strdup (source->label_column);
  self->pair_column = g_strdup (source->pair_column);
  self->more_label_columns = g_strdupv (source->more_label_columns);
  self->columns.pair = -1;
  self->columns.task = source->task;
  self->columns.separator = source->label_separator != NULL ? *source->label_separator : '\0';
  self->n_rows = source->n_rows;
  self->amendments = attune_amendments_copy (source->amendments);
  g_set_str (&self->model, source->model);
}

AttuneProject *
attune_project_new_for_run (AttuneTrainer *trainer, AttuneRun *run)
{
  AttuneProject *self = g_object_new (ATTUNE_TYPE_PROJECT, NULL);
  const AttuneRunSource *source = attune_run_get_source (run);

  self->trainer = g_object_ref (trainer);
  take_run (self, g_object_ref (run));
  take_config (self, attune_train_config_copy (attune_run_get_config (run)));
  if (source != NULL)
    take_source (self, source);
  return self;
}

AttuneProject *
attune_project_new_for_record (AttuneTrainer *trainer, const AttuneRunRecord *record)
{
  AttuneProject *self = g_object_new (ATTUNE_TYPE_PROJECT, NULL);

  self->trainer = g_object_ref (trainer);
  take_run (self, attune_run_new (record->title));
  take_config (self, attune_train_config_copy (record->config));
  take_source (self, record->source);
  self->split_sha256 = g_strdup (record->source->split_sha256);
  self->split_share = record->source->validation_split;
  self->split_seed = record->source->split_seed;
  return self;
}

AttuneProject *
attune_project_new_copy (AttuneProject *other)
{
  AttuneProject *self = g_object_new (ATTUNE_TYPE_PROJECT, NULL);
  const AttuneRunSource *source = attune_run_get_source (other->run);

  self->trainer = g_object_ref (other->trainer);
  self->given = g_ptr_array_ref (other->given);
  if (other->validation_given != NULL)
    self->validation_given = g_ptr_array_ref (other->validation_given);
  self->no_validation = other->no_validation;
  self->options = other->options;
  self->columns = other->columns;
  self->text_column = g_strdup (other->text_column);
  self->label_column = g_strdup (other->label_column);
  self->pair_column = g_strdup (other->pair_column);
  self->more_label_columns = g_strdupv (other->more_label_columns);
  take_config (self, attune_train_config_copy (other->config));
  self->n_rows = other->n_rows;
  self->amendments = attune_amendments_copy (other->amendments);
  if (source != NULL)
    {
      self->split_sha256 = g_strdup (source->split_sha256);
      self->split_share = source->validation_split;
      self->split_seed = source->split_seed;
    }
  g_set_str (&self->model, other->model);
  take_run (self, attune_run_new (attune_run_get_title (other->run)));
  attune_project_read_again (self, ATTUNE_KEEP_NOTHING);
  return self;
}

void
attune_project_set_turn (AttuneProject *self, guint turn)
{
  gboolean editable = attune_project_get_editable (self);

  if (self->turn == turn)
    return;
  self->turn = turn;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TURN]);
  if (editable != attune_project_get_editable (self))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_EDITABLE]);
}

void
attune_project_ensure_loaded (AttuneProject *self)
{
  if (!self->asked && self->given != NULL)
    attune_project_read_again (self, ATTUNE_KEEP_NOTHING);
}

static void
attune_project_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AttuneProject *self = ATTUNE_PROJECT (object);

  switch (id)
    {
    case PROP_RUN:
      g_value_set_object (value, self->run);
      break;
    case PROP_TRAINER:
      g_value_set_object (value, self->trainer);
      break;
    case PROP_FILE:
      g_value_set_object (value, attune_project_get_file (self));
      break;
    case PROP_VALIDATION_FILE:
      g_value_set_object (value, attune_project_get_validation_file (self));
      break;
    case PROP_LOADING:
      g_value_set_boolean (value, self->cancellable != NULL);
      break;
    case PROP_ERROR:
      g_value_set_string (value, self->error);
      break;
    case PROP_TABLE:
      g_value_set_object (value, self->table);
      break;
    case PROP_DATASET:
      g_value_set_object (value, self->dataset);
      break;
    case PROP_VALIDATION:
      g_value_set_object (value, self->validation);
      break;
    case PROP_FINDINGS:
      g_value_set_boxed (value, self->findings);
      break;
    case PROP_LENGTHS:
      g_value_set_boxed (value, self->lengths);
      break;
    case PROP_MODEL:
      g_value_set_string (value, self->model);
      break;
    case PROP_CONFIG:
      g_value_set_object (value, self->config);
      break;
    case PROP_N_ROWS:
      g_value_set_uint (value, self->n_rows);
      break;
    case PROP_TURN:
      g_value_set_uint (value, self->turn);
      break;
    case PROP_EDITABLE:
      g_value_set_boolean (value, attune_project_get_editable (self));
      break;
    case PROP_AMENDMENTS:
      g_value_set_boxed (value, self->amendments);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_project_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  AttuneProject *self = ATTUNE_PROJECT (object);

  switch (id)
    {
    case PROP_VALIDATION_FILE:
      attune_project_set_validation_file (self, g_value_get_object (value));
      break;
    case PROP_MODEL:
      attune_project_set_model (self, g_value_get_string (value));
      break;
    case PROP_N_ROWS:
      attune_project_set_n_rows (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_project_dispose (GObject *object)
{
  AttuneProject *self = ATTUNE_PROJECT (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->length_source, g_source_remove);
  g_clear_handle_id (&self->split_source, g_source_remove);
  g_clear_object (&self->trainer);
  g_clear_object (&self->run);
  g_clear_object (&self->config);
  g_clear_object (&self->table);
  g_clear_object (&self->dataset);
  g_clear_object (&self->validation);
  G_OBJECT_CLASS (attune_project_parent_class)->dispose (object);
}

static void
attune_project_finalize (GObject *object)
{
  AttuneProject *self = ATTUNE_PROJECT (object);

  g_clear_pointer (&self->given, g_ptr_array_unref);
  g_clear_pointer (&self->validation_given, g_ptr_array_unref);
  g_clear_pointer (&self->files, attune_data_files_unref);
  g_free (self->text_column);
  g_free (self->label_column);
  g_free (self->pair_column);
  g_strfreev (self->more_label_columns);
  g_free (self->model);
  g_free (self->error);
  g_free (self->split_sha256);
  attune_amendments_free (self->amendments);
  g_clear_pointer (&self->facts, attune_token_facts_unref);
  g_clear_pointer (&self->findings, g_ptr_array_unref);
  g_clear_pointer (&self->lengths, g_array_unref);
  G_OBJECT_CLASS (attune_project_parent_class)->finalize (object);
}

static void
attune_project_class_init (AttuneProjectClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  const GParamFlags writable = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = attune_project_get_property;
  object_class->set_property = attune_project_set_property;
  object_class->dispose = attune_project_dispose;
  object_class->finalize = attune_project_finalize;

  properties[PROP_RUN] = g_param_spec_object ("run", NULL, NULL, ATTUNE_TYPE_RUN, readable);
  properties[PROP_TRAINER] = g_param_spec_object ("trainer", NULL, NULL, ATTUNE_TYPE_TRAINER,
                                                  readable);
  properties[PROP_FILE] = g_param_spec_object ("file", NULL, NULL, G_TYPE_FILE, readable);
  properties[PROP_VALIDATION_FILE] =
    g_param_spec_object ("validation-file", NULL, NULL, G_TYPE_FILE, writable);
  properties[PROP_LOADING] = g_param_spec_boolean ("loading", NULL, NULL, FALSE, readable);
  properties[PROP_ERROR] = g_param_spec_string ("error", NULL, NULL, NULL, readable);
  properties[PROP_TABLE] = g_param_spec_object ("table", NULL, NULL, ATTUNE_TYPE_TABLE, readable);
  properties[PROP_DATASET] = g_param_spec_object ("dataset", NULL, NULL, ATTUNE_TYPE_DATASET,
                                                  readable);
  properties[PROP_VALIDATION] =
    g_param_spec_object ("validation", NULL, NULL, ATTUNE_TYPE_DATASET, readable);
  properties[PROP_FINDINGS] = g_param_spec_boxed ("findings", NULL, NULL, G_TYPE_PTR_ARRAY,
                                                  readable);
  properties[PROP_LENGTHS] = g_param_spec_boxed ("lengths", NULL, NULL, G_TYPE_ARRAY, readable);
  properties[PROP_MODEL] = g_param_spec_string ("model", NULL, NULL, NULL, writable);
  properties[PROP_CONFIG] =
    g_param_spec_object ("config", NULL, NULL, ATTUNE_TYPE_TRAIN_CONFIG, readable);
  properties[PROP_N_ROWS] = g_param_spec_uint ("n-rows", NULL, NULL, 0, G_MAXUINT, 0, writable);
  properties[PROP_TURN] = g_param_spec_uint ("turn", NULL, NULL, 0, G_MAXUINT, 0, readable);
  properties[PROP_EDITABLE] = g_param_spec_boolean ("editable", NULL, NULL, FALSE, readable);
  properties[PROP_AMENDMENTS] =
    g_param_spec_boxed ("amendments", NULL, NULL, ATTUNE_TYPE_AMENDMENTS, readable);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
attune_project_init (AttuneProject *self)
{
  self->columns = ATTUNE_COLUMNS_GUESS;
  self->shown_columns = ATTUNE_COLUMNS_GUESS;
}

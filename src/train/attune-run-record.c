/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * run.json, both ways. Read with distrust: sizes are capped, a wrong type is an unset field, an
 * unknown version is refused. Any thread.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <gio/gio.h>
#include <string.h>
#include <yyjson.h>

#include "attune-run-folder.h"
#include "attune-run-record.h"
#include "attune-table-options.h"

#define VERSION 1
#define MAX_BYTES (16 * 1024 * 1024)

/* Empty, with default settings. */
AttuneRunRecord *
attune_run_record_new (void)
{
  AttuneRunRecord *self = g_new0 (AttuneRunRecord, 1);

  self->config = attune_train_config_new ();
  self->source = g_new0 (AttuneRunSource, 1);
  return self;
}

void
attune_run_record_free (AttuneRunRecord *self)
{
  if (self == NULL)
    return;
  g_free (self->title);
  g_clear_object (&self->config);
  attune_run_source_free (self->source);
  g_free (self->validation_sha256);
  g_strfreev (self->labels);
  g_free (self->model_path);
  g_free (self->head);
  g_free (self->device);
  g_free (self->precision);
  g_free (self->probed_precision);
  g_free (self->paths);
  g_free (self->engine);
  g_free (self->engine_version);
  g_free (self->engine_blas);
  g_free (self->engine_capability);
  g_free (self);
}

const char *
attune_task_get_problem_type (AttuneTask task)
{
  return task == ATTUNE_TASK_MULTI_LABEL ? "multi_label_classification"
                                         : "single_label_classification";
}

void
attune_run_source_free (AttuneRunSource *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->data_paths);
  g_strfreev (self->data_sums);
  g_free (self->data_sha256);
  g_free ((char *) self->reading.encoding);
  g_strfreev (self->validation_paths);
  g_free ((char *) self->validation_reading.encoding);
  g_free (self->text_column);
  g_free (self->pair_column);
  g_free (self->label_column);
  g_strfreev (self->more_label_columns);
  g_free (self->label_separator);
  g_free (self->model);
  attune_amendments_free (self->amendments);
  g_strfreev (self->plain_labels);
  g_free (self->split_sha256);
  g_free (self);
}

/* Deep. */
AttuneRunSource *
attune_run_source_copy (const AttuneRunSource *self)
{
  AttuneRunSource *copy = g_memdup2 (self, sizeof *self);

  copy->data_paths = g_strdupv (self->data_paths);
  copy->data_sums = g_strdupv (self->data_sums);
  copy->data_sha256 = g_strdup (self->data_sha256);
  copy->reading.encoding = g_strdup (self->reading.encoding);
  copy->validation_paths = g_strdupv (self->validation_paths);
  copy->validation_reading.encoding = g_strdup (self->validation_reading.encoding);
  copy->text_column = g_strdup (self->text_column);
  copy->pair_column = g_strdup (self->pair_column);
  copy->label_column = g_strdup (self->label_column);
  copy->more_label_columns = g_strdupv (self->more_label_columns);
  copy->label_separator = g_strdup (self->label_separator);
  copy->model = g_strdup (self->model);
  copy->amendments = attune_amendments_copy (self->amendments);
  copy->plain_labels = g_strdupv (self->plain_labels);
  copy->split_sha256 = g_strdup (self->split_sha256);
  return copy;
}

static void
add_text (yyjson_mut_doc *doc,
          yyjson_mut_val *object,
          const char     *key,
          const char     *text)
{
  if (text != NULL)
    yyjson_mut_obj_add_str (doc, object, key, text);
  else
    yyjson_mut_obj_add_null (doc, object, key);
}

/* The first path by itself, as one that read one file wrote it; all of them where there are more. */
static void
add_paths (yyjson_mut_doc *doc,
           yyjson_mut_val *object,
           const char     *key,
           const char     *list_key,
           char          **paths)
{
  yyjson_mut_val *list;

  add_text (doc, object, key, paths != NULL ? paths[0] : NULL);
  if (paths == NULL || paths[0] == NULL || paths[1] == NULL)
    return;
  list = yyjson_mut_obj_add_arr (doc, object, list_key);
  for (guint i = 0; paths[i] != NULL; i++)
    yyjson_mut_arr_add_str (doc, list, paths[i]);
}

/* Nothing at all for NULL. */
static void
add_texts (yyjson_mut_doc *doc,
           yyjson_mut_val *object,
           const char     *key,
           char          **texts)
{
  yyjson_mut_val *list;

  if (texts == NULL)
    return;
  list = yyjson_mut_obj_add_arr (doc, object, key);
  for (guint i = 0; texts[i] != NULL; i++)
    yyjson_mut_arr_add_str (doc, list, texts[i]);
}

/* How the file was read. */
static void
add_reading (yyjson_mut_doc           *doc,
             yyjson_mut_val           *data,
             const AttuneTableOptions *reading)
{
  g_autofree char *delimiter = attune_delimiter_get_name (reading->delimiter);

  add_text (doc, data, "encoding", reading->encoding);
  add_text (doc, data, "format", attune_format_get_name (reading->format));
  if (delimiter != NULL)
    yyjson_mut_obj_add_strcpy (doc, data, "delimiter", delimiter);
  add_text (doc, data, "quoting", attune_quoting_get_name (reading->quoting));
  add_text (doc, data, "header", attune_header_get_name (reading->header));
}

/* As much as it takes to make the same division of the same file, and to see that it is the same. */
static void
add_split (yyjson_mut_doc        *doc,
           yyjson_mut_val        *root,
           const AttuneRunRecord *self)
{
  yyjson_mut_val *split = yyjson_mut_obj_add_obj (doc, root, "split");
  const AttuneRunSource *source = self->source;
  const char *method = source->validation_paths != NULL || self->validation_sha256 != NULL ? "file"
                       : self->validation_rows > 0                                       ? "share"
                                                                                         : "none";

  yyjson_mut_obj_add_str (doc, split, "method", method);
  yyjson_mut_obj_add_real (doc, split, "share", source->validation_split);
  yyjson_mut_obj_add_sint (doc, split, "seed", source->split_seed);
  yyjson_mut_obj_add_uint (doc, split, "train_rows", self->train_rows);
  yyjson_mut_obj_add_uint (doc, split, "validation_rows", self->validation_rows);
  add_text (doc, split, "sha256", source->split_sha256);
}

static void
add_amendments (yyjson_mut_doc         *doc,
                yyjson_mut_val         *data,
                const AttuneAmendments *amendments)
{
  g_autofree char *json = attune_amendments_to_json (amendments);
  yyjson_doc *read = yyjson_read (json, strlen (json), YYJSON_READ_NOFLAG);

  yyjson_mut_obj_add_val (doc, data, "amendments",
                          yyjson_val_mut_copy (doc, yyjson_doc_get_root (read)));
  yyjson_doc_free (read);
}

static void
add_source (yyjson_mut_doc        *doc,
            yyjson_mut_val        *root,
            const AttuneRunRecord *self)
{
  yyjson_mut_val *data = yyjson_mut_obj_add_obj (doc, root, "data");
  const AttuneRunSource *source = self->source;

  add_paths (doc, data, "path", "paths", source->data_paths);
  add_text (doc, data, "sha256", source->data_sha256);
  if (source->data_sums != NULL && source->data_sums[0] != NULL && source->data_sums[1] != NULL)
    {
      yyjson_mut_val *sums = yyjson_mut_obj_add_arr (doc, data, "file_sha256");

      for (guint i = 0; source->data_sums[i] != NULL; i++)
        yyjson_mut_arr_add_str (doc, sums, source->data_sums[i]);
    }
  add_reading (doc, data, &source->reading);
  add_text (doc, data, "text_column", source->text_column);
  add_text (doc, data, "text_pair_column", source->pair_column);
  add_text (doc, data, "label_column", source->label_column);
  add_texts (doc, data, "more_label_columns", source->more_label_columns);
  if (source->label_separator != NULL)
    add_text (doc, data, "label_separator", source->label_separator);
  yyjson_mut_obj_add_uint (doc, data, "n_rows", source->n_rows);
  add_paths (doc, data, "validation_path", "validation_paths", source->validation_paths);
  add_text (doc, data, "validation_sha256", self->validation_sha256);
  if (source->validation_paths != NULL)
    add_reading (doc, yyjson_mut_obj_add_obj (doc, data, "validation_reading"),
                 &source->validation_reading);
  yyjson_mut_obj_add_real (doc, data, "validation_split", source->validation_split);
  yyjson_mut_obj_add_uint (doc, data, "train_rows", self->train_rows);
  yyjson_mut_obj_add_uint (doc, data, "validation_rows", self->validation_rows);
  if (source->amendments != NULL)
    add_amendments (doc, data, source->amendments);
  add_texts (doc, data, "plain_labels", source->plain_labels);
}

static void
add_computer (yyjson_mut_doc        *doc,
              yyjson_mut_val        *root,
              const AttuneRunRecord *self)
{
  yyjson_mut_val *resolved = yyjson_mut_obj_add_obj (doc, root, "resolved");
  yyjson_mut_val *engine = yyjson_mut_obj_add_obj (doc, root, "engine");
  yyjson_mut_val *probe = yyjson_mut_obj_add_obj (doc, root, "probe");
  yyjson_mut_val *versions = yyjson_mut_obj_add_obj (doc, root, "versions");

  yyjson_mut_obj_add_real (doc, resolved, "learning_rate", self->learning_rate);
  yyjson_mut_obj_add_uint (doc, resolved, "max_length", self->max_length);
  yyjson_mut_obj_add_int (doc, resolved, "steps", self->steps);
  yyjson_mut_obj_add_int (doc, resolved, "steps_per_epoch", self->steps_per_epoch);
  add_text (doc, engine, "name", self->engine);
  add_text (doc, engine, "version", self->engine_version);
  add_text (doc, engine, "blas", self->engine_blas);
  add_text (doc, engine, "capability", self->engine_capability);
  add_text (doc, probe, "precision", self->probed_precision);
  yyjson_mut_obj_add_real (doc, probe, "fp32_gflops", self->fp32_gflops);
  yyjson_mut_obj_add_real (doc, probe, "bf16_gflops", self->bf16_gflops);
  add_text (doc, probe, "paths", self->paths);
  add_text (doc, root, "device", self->device);
  add_text (doc, root, "precision", self->precision);
  yyjson_mut_obj_add_int (doc, root, "threads", self->threads);
  yyjson_mut_obj_add_int (doc, root, "seed", attune_train_config_get_int (self->config, "seed"));
  yyjson_mut_obj_add_str (doc, versions, "attune", PACKAGE_VERSION);
}

/**
 * attune_run_record_to_json:
 *
 * Returns: (transfer full): the text of run.json
 */
char *
attune_run_record_to_json (const AttuneRunRecord *self)
{
  yyjson_mut_doc *doc = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (doc);
  g_autofree char *config = attune_train_config_to_json (self->config);
  yyjson_doc *config_doc = yyjson_read (config, strlen (config), YYJSON_READ_NOFLAG);
  yyjson_mut_val *list;
  char *written;
  char *json;

  yyjson_mut_doc_set_root (doc, root);
  yyjson_mut_obj_add_int (doc, root, "version", VERSION);
  add_text (doc, root, "title", self->title);
  yyjson_mut_obj_add_int (doc, root, "created", self->created);
  add_text (doc, root, "model", self->source->model);
  add_text (doc, root, "model_path", self->model_path);
  if (self->head != NULL)
    add_text (doc, root, "head", self->head);
  yyjson_mut_obj_add_uint (doc, root, "model_weights", self->model_weights);
  add_text (doc, root, "problem_type", attune_task_get_problem_type (self->source->task));
  list = yyjson_mut_obj_add_arr (doc, root, "labels");
  for (guint i = 0; self->labels != NULL && self->labels[i] != NULL; i++)
    yyjson_mut_arr_add_str (doc, list, self->labels[i]);
  add_source (doc, root, self);
  add_split (doc, root, self);
  yyjson_mut_obj_add_val (doc, root, "config",
                          yyjson_val_mut_copy (doc, yyjson_doc_get_root (config_doc)));
  add_computer (doc, root, self);

  written = yyjson_mut_write (doc, YYJSON_WRITE_PRETTY_TWO_SPACES
                                   | YYJSON_WRITE_ALLOW_INVALID_UNICODE, NULL);
  json = g_utf8_make_valid (written, -1);
  free (written);
  yyjson_doc_free (config_doc);
  yyjson_mut_doc_free (doc);
  return json;
}

static char *
get_text (yyjson_val *object,
          const char *key)
{
  return g_strdup (yyjson_get_str (yyjson_obj_get (object, key)));
}

static char **
get_texts (yyjson_val *list)
{
  g_autoptr (GStrvBuilder) texts = g_strv_builder_new ();
  yyjson_arr_iter iter;
  yyjson_val *item;

  if (!yyjson_arr_iter_init (list, &iter) || yyjson_arr_size (list) == 0)
    return NULL;
  while ((item = yyjson_arr_iter_next (&iter)) != NULL)
    g_strv_builder_add (texts, yyjson_is_str (item) ? yyjson_get_str (item) : "");
  return g_strv_builder_end (texts);
}

/* The list, or the one path of a record that has no list. */
static char **
get_paths (yyjson_val *object,
           const char *key,
           const char *list_key)
{
  char **paths = get_texts (yyjson_obj_get (object, list_key));
  const char *path = yyjson_get_str (yyjson_obj_get (object, key));

  if (paths == NULL && path != NULL)
    {
      paths = g_new0 (char *, 2);
      paths[0] = g_strdup (path);
    }
  return paths;
}

/* What is not there, or not known, is to be detected. */
static void
read_reading (AttuneTableOptions *reading,
              yyjson_val         *data)
{
  const char *format = yyjson_get_str (yyjson_obj_get (data, "format"));
  const char *delimiter = yyjson_get_str (yyjson_obj_get (data, "delimiter"));
  const char *quoting = yyjson_get_str (yyjson_obj_get (data, "quoting"));
  const char *header = yyjson_get_str (yyjson_obj_get (data, "header"));

  reading->encoding = get_text (data, "encoding");
  if (format != NULL)
    attune_format_from_name (format, &reading->format);
  if (delimiter != NULL)
    attune_delimiter_from_name (delimiter, &reading->delimiter);
  if (quoting != NULL)
    attune_quoting_from_name (quoting, &reading->quoting);
  if (header != NULL)
    attune_header_from_name (header, &reading->header);
}

static void
read_source (AttuneRunRecord *self,
             yyjson_val      *root)
{
  yyjson_val *data = yyjson_obj_get (root, "data");
  yyjson_val *split = yyjson_obj_get (root, "split");
  AttuneRunSource *source = self->source;

  source->model = get_text (root, "model");
  source->data_paths = get_paths (data, "path", "paths");
  source->data_sums = get_texts (yyjson_obj_get (data, "file_sha256"));
  source->data_sha256 = get_text (data, "sha256");
  read_reading (&source->reading, data);
  source->text_column = get_text (data, "text_column");
  source->pair_column = get_text (data, "text_pair_column");
  source->label_column = get_text (data, "label_column");
  source->more_label_columns = get_texts (yyjson_obj_get (data, "more_label_columns"));
  source->label_separator = get_text (data, "label_separator");
  source->plain_labels = get_texts (yyjson_obj_get (data, "plain_labels"));
  /* Runs of earlier versions do not say it; they have one label a text. */
  source->task = g_strcmp0 (yyjson_get_str (yyjson_obj_get (root, "problem_type")),
                            attune_task_get_problem_type (ATTUNE_TASK_MULTI_LABEL)) == 0
                   ? ATTUNE_TASK_MULTI_LABEL
                   : ATTUNE_TASK_SINGLE_LABEL;
  source->n_rows = (guint) yyjson_get_uint (yyjson_obj_get (data, "n_rows"));
  source->validation_paths = get_paths (data, "validation_path", "validation_paths");
  read_reading (&source->validation_reading, yyjson_obj_get (data, "validation_reading"));
  source->validation_split = yyjson_get_num (yyjson_obj_get (data, "validation_split"));
  source->split_seed = yyjson_get_sint (yyjson_obj_get (split, "seed"));
  source->split_sha256 = get_text (split, "sha256");
  self->validation_sha256 = get_text (data, "validation_sha256");
  self->train_rows = yyjson_get_uint (yyjson_obj_get (data, "train_rows"));
  self->validation_rows = yyjson_get_uint (yyjson_obj_get (data, "validation_rows"));
}

static void
read_computer (AttuneRunRecord *self,
               yyjson_val      *root)
{
  yyjson_val *resolved = yyjson_obj_get (root, "resolved");
  yyjson_val *engine = yyjson_obj_get (root, "engine");
  yyjson_val *probe = yyjson_obj_get (root, "probe");

  self->learning_rate = yyjson_get_num (yyjson_obj_get (resolved, "learning_rate"));
  self->max_length = (guint) yyjson_get_uint (yyjson_obj_get (resolved, "max_length"));
  self->steps = yyjson_get_sint (yyjson_obj_get (resolved, "steps"));
  self->steps_per_epoch = yyjson_get_sint (yyjson_obj_get (resolved, "steps_per_epoch"));
  self->engine = get_text (engine, "name");
  self->engine_version = get_text (engine, "version");
  self->engine_blas = get_text (engine, "blas");
  self->engine_capability = get_text (engine, "capability");
  self->probed_precision = get_text (probe, "precision");
  self->fp32_gflops = yyjson_get_num (yyjson_obj_get (probe, "fp32_gflops"));
  self->bf16_gflops = yyjson_get_num (yyjson_obj_get (probe, "bf16_gflops"));
  self->paths = get_text (probe, "paths");
  self->device = get_text (root, "device");
  self->precision = get_text (root, "precision");
  self->threads = yyjson_get_int (yyjson_obj_get (root, "threads"));
}

static gboolean
read_config (AttuneRunRecord  *self,
             yyjson_val       *config,
             GError          **error)
{
  char *json = config != NULL ? yyjson_val_write (config, YYJSON_WRITE_NOFLAG, NULL) : NULL;
  gboolean ok = json == NULL || attune_train_config_load_json (self->config, json, -1, error);

  free (json);
  return ok;
}

/* Data amended by half would be other data, so what is not understood is an error. */
static gboolean
read_amendments (AttuneRunRecord  *self,
                 yyjson_val       *root,
                 GError          **error)
{
  yyjson_val *amendments = yyjson_obj_get (yyjson_obj_get (root, "data"), "amendments");
  size_t length = 0;
  char *json = amendments != NULL ? yyjson_val_write (amendments, YYJSON_WRITE_NOFLAG, &length)
                                  : NULL;
  g_autoptr (GError) local_error = NULL;

  if (amendments == NULL)
    return TRUE;
  if (json != NULL)
    self->source->amendments = attune_amendments_from_json (json, length, &local_error);
  free (json);
  if (self->source->amendments != NULL)
    return TRUE;
  g_set_error_literal (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
                       local_error != NULL ? local_error->message
                                           : _("The run's record is damaged"));
  return FALSE;
}

/**
 * attune_run_record_parse:
 * @source_name: what messages call the text
 *
 * Returns: (transfer full): the record, or %NULL with ATTUNE_TRAIN_ERROR_RUN or, for settings that
 *   this version does not know, ATTUNE_TRAIN_ERROR_SETTING
 */
AttuneRunRecord *
attune_run_record_parse (const char  *json,
                         gsize        length,
                         const char  *source_name,
                         GError     **error)
{
  g_autoptr (AttuneRunRecord) self = attune_run_record_new ();
  yyjson_doc *doc = length <= MAX_BYTES ? yyjson_read (json, length, YYJSON_READ_NOFLAG) : NULL;
  yyjson_val *root = doc != NULL ? yyjson_doc_get_root (doc) : NULL;
  gboolean ok = FALSE;

  if (!yyjson_is_obj (root))
    g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
                 _("%s is no record of a run"), source_name);
  else if (yyjson_get_sint (yyjson_obj_get (root, "version")) != VERSION)
    g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
                 _("%s was written by another version of Attune, which this one cannot read"),
                 source_name);
  else
    ok = read_config (self, yyjson_obj_get (root, "config"), error)
         && read_amendments (self, root, error);
  if (ok)
    {
      self->title = get_text (root, "title");
      self->created = yyjson_get_sint (yyjson_obj_get (root, "created"));
      self->model_path = get_text (root, "model_path");
      self->head = get_text (root, "head");
      self->model_weights = yyjson_get_uint (yyjson_obj_get (root, "model_weights"));
      self->labels = get_texts (yyjson_obj_get (root, "labels"));
      if (self->labels == NULL)
        self->labels = g_new0 (char *, 1);
      read_source (self, root);
      read_computer (self, root);
    }
  if (doc != NULL)
    yyjson_doc_free (doc);
  return ok ? g_steal_pointer (&self) : NULL;
}

/* The record in @folder, with the errors of attune_run_record_parse(). */
AttuneRunRecord *
attune_run_record_load (const char  *folder,
                        GError     **error)
{
  g_autofree char *path = g_build_filename (folder, "run.json", NULL);
  g_autofree char *json = NULL;
  gsize length = 0;

  json = attune_run_folder_read (folder, "run.json", MAX_BYTES, &length, error);
  return json != NULL ? attune_run_record_parse (json, length, path, error) : NULL;
}

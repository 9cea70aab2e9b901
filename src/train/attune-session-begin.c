/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The moment a run is on disk: its record, its folder, made or gone on with, and the event that says
 * what it will be. Trainer thread only.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "attune-session-private.h"
#include "attune-split.h"

static AttuneRunRecord *
create_record (AttuneSession *self)
{
  AttuneRunRecord *record = attune_run_record_new ();
  AttuneTrainRequest *request = self->request;
  const AttuneEngineInfo *info = &self->host->info;

  record->title = g_strdup (request->title);
  record->created = g_get_real_time () / G_USEC_PER_SEC;
  g_set_object (&record->config, request->config);
  attune_run_source_free (record->source);
  record->source = attune_train_request_describe_source (request);
  if (request->validation != NULL)
    record->validation_sha256 =
      g_strdup (attune_table_get_sha256 (attune_dataset_get_table (request->validation)));
  if (self->validation.rows != NULL)
    record->source->split_sha256 = attune_split_digest (self->validation.rows);
  record->train_rows = self->train.rows->len;
  record->validation_rows = self->validation.rows != NULL ? self->validation.rows->len : 0;
  record->labels = g_strdupv (self->classifier->labels);
  record->model_path = g_strdup (request->model_path);
  record->head = g_strdup (request->head);
  record->model_weights = attune_model_folder_get_n_weights (self->model);
  record->learning_rate = self->schedule.peak;
  record->max_length = self->max_length;
  record->steps = self->schedule.steps;
  record->steps_per_epoch = self->batches.steps_per_epoch;
  record->device = attune_engine_device_get_id (self->device);
  record->precision = g_strdup (attune_engine_precision_get_name (self->precision));
  record->threads = self->host->threads;
  record->probed_precision =
    g_strdup (attune_engine_precision_get_name (self->probe.precision));
  record->fp32_gflops = self->probe.fp32_gflops;
  record->bf16_gflops = self->probe.bf16_gflops;
  record->paths = g_strdup (self->probe.paths);
  record->engine = g_strdup (info->name);
  record->engine_version = g_strdup (info->version);
  record->engine_blas = g_strdup (info->blas);
  record->engine_capability = g_strdup (info->capability);
  return record;
}

/* The model's configuration and vocabulary beside run.json, so that the run outlives its model. */
static gboolean
copy_model_files (AttuneSession  *self,
                  GError        **error)
{
  g_autofree char *path = g_build_filename (self->request->model_path, "config.json", NULL);
  const char *folder = attune_run_folder_get_path (self->folder);
  g_autofree char *json = NULL;
  AttuneTokenizer *tokenizer = attune_model_folder_get_tokenizer (self->model);
  GBytes *vocabulary = attune_tokenizer_get_vocabulary (tokenizer);
  GBytes *source = vocabulary != NULL ? vocabulary : attune_tokenizer_get_source (tokenizer);
  gsize length = 0;

  if (!attune_model_folder_is_written (self->model))
    return attune_model_folder_write_description (folder, self->model_config,
                                                  (const char * const *) self->classifier->labels,
                                                  attune_model_folder_get_tokenizer (self->model),
                                                  ATTUNE_DTYPE_F32, error);
  if (!g_file_get_contents (path, &json, &length, error)
      || !attune_run_folder_write (self->folder, "config.json", json, (gssize) length, error))
    return FALSE;
  return attune_run_folder_write (self->folder,
                                  vocabulary != NULL ? "vocab.txt" : "tokenizer.json",
                                  g_bytes_get_data (source, NULL),
                                  (gssize) g_bytes_get_size (source), error);
}

/* What the run was computed with before may round otherwise than what computes now. */
static void
warn_about_computer (AttuneSession         *self,
                     const AttuneRunRecord *record)
{
  const AttuneRunRecord *before = self->request->resumed;

  if (g_strcmp0 (record->engine_version, before->engine_version) == 0
      && g_strcmp0 (record->engine_blas, before->engine_blas) == 0
      && g_strcmp0 (record->engine_capability, before->engine_capability) == 0
      && g_strcmp0 (record->device, before->device) == 0
      && g_strcmp0 (record->precision, before->precision) == 0 && record->threads == before->threads)
    return;
  attune_session_warn (self, "other-computer",
                       _("The run goes on with another device, engine or number of threads than it "
                         "began with; its numbers may differ in the last digits from those of a run "
                         "without an interruption"));
}

/* Opens what is on disk of a run that goes on; what its record says of the past stays. */
static gboolean
resume_folder (AttuneSession    *self,
               AttuneRunRecord  *record,
               GError          **error)
{
  AttuneTrainRequest *request = self->request;
  guint64 length = self->checkpoint != NULL ? self->checkpoint->state.events_length : 0;

  record->created = request->resumed->created;
  if (!attune_run_folder_resume (self->folder, length, request->changed ? record : NULL, error))
    return FALSE;
  warn_about_computer (self, record);
  return TRUE;
}

static gboolean
open_folder (AttuneSession    *self,
             AttuneRunRecord  *record,
             GError          **error)
{
  gint64 kept = attune_train_config_get_int (self->request->config, "save_total_limit");

  if (!attune_session_check_space (self, error))
    return FALSE;
  if (self->request->resumed != NULL
        ? !resume_folder (self, record, error)
        : (!attune_run_folder_begin (self->folder, record, error)
           || !copy_model_files (self, error)))
    return FALSE;
  self->saver = attune_checkpoint_saver_new (attune_run_folder_get_path (self->folder),
                                             (guint) kept);
  return TRUE;
}

/* From here on there is a run on disk. */
gboolean
attune_session_begin (AttuneSession  *self,
                      GError        **error)
{
  g_autoptr (AttuneRunRecord) record = create_record (self);
  AttuneEvent *event;

  if (!open_folder (self, record, error))
    return FALSE;
  event = attune_session_create_event (self, ATTUNE_EVENT_RUN_STARTED);
  event->best_step = self->best != NULL ? self->best_step : 0;
  event->steps = record->steps;
  event->steps_per_epoch = record->steps_per_epoch;
  event->train_samples = (gint64) record->train_rows;
  event->eval_samples = (gint64) record->validation_rows;
  event->classes = g_strdupv (record->labels);
  event->problem_type = g_strdup (attune_task_get_problem_type (record->source->task));
  event->device = g_strdup (record->device);
  event->precision = g_strdup (record->precision);
  event->threads = record->threads;
  event->fp32_gflops = record->fp32_gflops > 0 ? record->fp32_gflops : NAN;
  event->bf16_gflops = record->bf16_gflops > 0 ? record->bf16_gflops : NAN;
  /* They speak of the precision that was measured best. */
  if (self->precision == self->probe.precision)
    event->paths = g_strdup (record->paths);
  attune_session_say (self, event);
  if (self->request->split_sha256 != NULL
      && g_strcmp0 (self->request->split_sha256, record->source->split_sha256) != 0)
    attune_session_warn (self, "split-differs",
                         _("The rows held out to measure on are not those of the run that this one "
                           "repeats, for data, share or seed differ: do not compare the two"));
  if (self->validation.rows != NULL && !self->baselines_said)
    self->baselines = attune_baseline_task_new (self->train.dataset, self->train.rows,
                                                self->validation.dataset, self->validation.rows,
                                                attune_model_folder_get_tokenizer (self->model));
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What comes before there is a run on disk: the model folder, the split, what "auto" becomes, the
 * engine's model; tokens are made in attune-session-tokens.c. Each function is one advance of the
 * session. Trainer thread only.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "attune-check.h"
#include "attune-class-weights.h"
#include "attune-model-head.h"
#include "attune-model-store.h"
#include "attune-rnn-config.h"
#include "attune-scratch-model.h"
#include "attune-session-private.h"
#include "attune-split.h"

static void
override_dropout (AttuneTrainConfig *config,
                  const char        *name,
                  double            *value)
{
  if (!attune_train_config_is_default (config, name))
    *value = attune_train_config_get_double (config, name);
}

static AttuneEnginePrecision
parse_precision (const char            *name,
                 AttuneEnginePrecision  automatic)
{
  if (g_strcmp0 (name, "bf16") == 0)
    return ATTUNE_ENGINE_PRECISION_BF16;
  if (g_strcmp0 (name, "fp16") == 0)
    return ATTUNE_ENGINE_PRECISION_FP16;
  return g_strcmp0 (name, "fp32") == 0 ? ATTUNE_ENGINE_FP32 : automatic;
}

/* NULL: the request's model is a folder, or the run goes on from a checkpoint. */
static const char *
get_scratch (AttuneSession *self)
{
  return self->checkpoint == NULL ? attune_model_store_get_scratch (self->request->model_path) : NULL;
}

/* Without an encoder there is little to multiply: exact numbers, and on the processor. */
static gboolean
is_small (AttuneSession *self)
{
  if (self->model != NULL)
    return self->model_config->rnn != NULL && self->model_config->encoder == NULL;
  return attune_train_config_is_default (self->request->config, "rnn_embeddings");
}

/* Recurrent networks are computed on the processor. */
static gboolean
is_recurrent (AttuneSession *self)
{
  return self->model == NULL || self->model_config->rnn != NULL;
}

/* "auto" is what the device was measured to be fast at, or was when the run began. */
static gboolean
choose_precision (AttuneSession  *self,
                  GError        **error)
{
  const AttuneRunRecord *resumed = self->request->resumed;
  const char *name = attune_train_config_get_string (self->request->config, "precision");

  if (resumed != NULL)
    {
      self->probe.precision = parse_precision (resumed->probed_precision, ATTUNE_ENGINE_FP32);
      self->probe.threads = resumed->threads;
      self->probe.fp32_gflops = resumed->fp32_gflops;
      self->probe.bf16_gflops = resumed->bf16_gflops;
      g_strlcpy (self->probe.paths, resumed->paths != NULL ? resumed->paths : "",
                 sizeof self->probe.paths);
      self->precision = parse_precision (name, parse_precision (resumed->precision,
                                                                ATTUNE_ENGINE_FP32));
    }
  else
    {
      const AttuneEngineProbe *probe = attune_engine_host_probe (self->host, self->device, error);

      if (probe == NULL)
        return FALSE;
      self->probe = *probe;
      self->precision = parse_precision (name, is_small (self) ? ATTUNE_ENGINE_FP32
                                                               : probe->precision);
    }
  return TRUE;
}

/* Where a setting is "auto", a run goes on with what that was when it began. */
static gboolean
start_engine (AttuneSession  *self,
              GError        **error)
{
  AttuneTrainConfig *config = self->request->config;
  const AttuneRunRecord *resumed = self->request->resumed;
  gint n_threads = (gint) attune_train_config_get_int (config, "num_threads");
  const char *device = attune_train_config_get_string (config, "device");

  if (resumed != NULL && n_threads == 0)
    n_threads = resumed->threads;
  if (resumed != NULL && resumed->device != NULL && g_str_equal (device, "auto"))
    device = resumed->device;
  if (is_recurrent (self) && g_str_equal (device, "auto"))
    device = "cpu";
  if (!attune_engine_host_load (self->host, error)
      || !attune_engine_host_set_threads (self->host, n_threads, error))
    return FALSE;
  self->device = attune_engine_host_find_device (self->host, device, error);
  return self->device != NULL && choose_precision (self, error);
}

/* Takes the model, and its configuration with what this run says otherwise. */
static void
take_model (AttuneSession     *self,
            AttuneModelFolder *model)
{
  AttuneTrainConfig *config = self->request->config;
  AttuneModelConfig *model_config;

  self->model = model;
  model_config = attune_model_config_copy (attune_model_folder_get_config (model));
  self->model_config = model_config;
  model_config->multi_label = attune_dataset_get_task (self->request->dataset)
                              == ATTUNE_TASK_MULTI_LABEL;
  override_dropout (config, "hidden_dropout_prob", &model_config->hidden_dropout_prob);
  override_dropout (config, "hidden_dropout_prob", &model_config->embedding_dropout);
  override_dropout (config, "attention_probs_dropout_prob",
                    &model_config->attention_probs_dropout_prob);
  override_dropout (config, "classifier_dropout", &model_config->classifier_dropout);
}

/* Reads the folder's configuration and opens its weights, and starts the engine. */
gboolean
attune_session_load (AttuneSession  *self,
                     GError        **error)
{
  const char *path = self->checkpoint != NULL ? self->checkpoint->path : self->request->model_path;
  AttuneModelFolder *model;

  if (get_scratch (self) == NULL)
    {
      model = attune_model_folder_open (path, ATTUNE_MODEL_OPEN_DEFAULT, error);
      if (model == NULL)
        return FALSE;
      take_model (self, model);
    }
  if (self->request->head != NULL && self->checkpoint == NULL)
    {
      self->head = attune_safetensors_open (self->request->head, error);
      if (self->head == NULL)
        return FALSE;
    }
  return start_engine (self, error);
}

/* What is begun with nothing has the words of the rows it will learn from. */
static gboolean
make_model (AttuneSession  *self,
            GError        **error)
{
  AttuneModelFolder *model;

  if (self->model != NULL)
    return TRUE;
  model = attune_scratch_model_new (get_scratch (self), self->request->config, self->train.dataset,
                                    self->train.rows, self->cancellable, error);
  if (model == NULL)
    return FALSE;
  take_model (self, model);
  return TRUE;
}

void
attune_side_clear (AttuneSide *side)
{
  g_clear_object (&side->dataset);
  g_clear_pointer (&side->rows, g_array_unref);
  g_clear_pointer (&side->whole, attune_encoded_rows_unref);
  g_clear_pointer (&side->encoded, attune_encoded_rows_unref);
  g_clear_pointer (&side->labels, g_free);
}

/* Rows without a label teach and measure nothing. */
void
attune_side_fill (AttuneSide    *side,
                  AttuneDataset *dataset,
                  const GArray  *rows)
{
  const gint32 *labels = attune_dataset_get_labels (dataset);
  guint n = rows != NULL ? rows->len : attune_dataset_get_n_rows (dataset);

  side->dataset = g_object_ref (dataset);
  side->multi_label = attune_dataset_get_task (dataset) == ATTUNE_TASK_MULTI_LABEL;
  side->rows = g_array_sized_new (FALSE, FALSE, sizeof (guint), n);
  for (guint i = 0; i < n; i++)
    {
      guint row = rows != NULL ? g_array_index (rows, guint, i) : i;

      if (attune_dataset_is_labelled (dataset, row))
        g_array_append_val (side->rows, row);
    }
  side->labels = g_new (gint32, MAX (side->rows->len, 1));
  for (guint i = 0; i < side->rows->len; i++)
    side->labels[i] = labels[g_array_index (side->rows, guint, i)];
}

/* What the division that was asked for could not do. */
static void
warn_about_split (AttuneSession     *self,
                  const AttuneSplit *split)
{
  g_autoptr (GPtrArray) findings =
    g_ptr_array_new_with_free_func ((GDestroyNotify) attune_finding_free);

  attune_check_split (findings, self->request->dataset, split);
  for (guint i = 0; i < findings->len; i++)
    {
      const AttuneFinding *finding = g_ptr_array_index (findings, i);

      attune_session_warn (self, finding->code, finding->message);
    }
}

void
attune_side_pack (AttuneSide        *side,
                  AttunePackedBatch *packed,
                  const guint       *positions,
                  guint              n)
{
  attune_packed_batch_fill (packed, side->encoded, side->multi_label ? NULL : side->labels,
                            positions, n);
  if (side->multi_label)
    attune_packed_batch_set_targets (packed, side->dataset, (const guint *) side->rows->data,
                                     positions);
}

/* With several labels the mean of all answers, as torch.nn.BCEWithLogitsLoss has it, which does not
 * divide by weights. */
double
attune_side_get_denominator (AttuneSide  *side,
                             const float *class_weights,
                             const guint *positions,
                             guint        n,
                             guint        n_micro_batches)
{
  g_autofree gint32 *labels = NULL;

  if (side->multi_label)
    return (double) n * attune_dataset_get_n_labels (side->dataset) * n_micro_batches;
  labels = g_new (gint32, MAX (n, 1));
  for (guint i = 0; i < n; i++)
    labels[i] = side->labels[positions[i]];
  return attune_class_weights_denominator (class_weights, labels, n, n_micro_batches);
}

/* Nothing is held out when there is a validation file or nothing is evaluated. */
void
attune_session_split (AttuneSession *self)
{
  AttuneTrainRequest *request = self->request;
  double share = attune_train_config_get_double (request->config, "validation_split");
  guint64 seed = attune_train_config_get_split_seed (request->config);

  if (g_str_equal (attune_train_config_get_string (request->config, "eval_strategy"), "no"))
    attune_side_fill (&self->train, request->dataset, NULL);
  else if (request->validation != NULL)
    {
      attune_side_fill (&self->train, request->dataset, NULL);
      attune_side_fill (&self->validation, request->validation, NULL);
    }
  else if (share <= 0)
    attune_side_fill (&self->train, request->dataset, NULL);
  else
    {
      g_autoptr (AttuneSplit) halves = attune_split_new (request->dataset, share, seed);

      attune_side_fill (&self->train, request->dataset, halves->train);
      attune_side_fill (&self->validation, request->dataset, halves->validation);
      warn_about_split (self, halves);
    }
  if (self->validation.rows != NULL && self->validation.rows->len == 0)
    attune_side_clear (&self->validation);
}

/* A run that goes on must hold out the rows that it held out before. */
static gboolean
check_split (AttuneSession  *self,
             GError        **error)
{
  const AttuneRunRecord *resumed = self->request->resumed;
  g_autofree char *digest = NULL;

  if (resumed == NULL || resumed->source->split_sha256 == NULL)
    return TRUE;
  if (self->validation.rows != NULL)
    digest = attune_split_digest (self->validation.rows);
  if (g_strcmp0 (digest, resumed->source->split_sha256) == 0)
    return TRUE;
  g_set_error_literal (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_DATA,
                       _("The rows held out to measure on are not those that the run began with, so "
                         "it cannot go on; start a new run from its weights"));
  return FALSE;
}

static AttuneSampling
get_sampling (AttuneTrainConfig *config)
{
  const char *name = attune_train_config_get_string (config, "train_sampling_strategy");

  if (g_str_equal (name, "random"))
    return ATTUNE_SAMPLING_RANDOM;
  if (g_str_equal (name, "balanced"))
    return ATTUNE_SAMPLING_BALANCED;
  return g_str_equal (name, "sequential") ? ATTUNE_SAMPLING_SEQUENTIAL
                                          : ATTUNE_SAMPLING_GROUP_BY_LENGTH;
}

static gboolean
plan_steps (AttuneSession  *self,
            GError        **error)
{
  AttuneTrainConfig *config = self->request->config;
  gint64 max_steps = attune_train_config_get_int (config, "max_steps");
  double epochs = attune_train_config_get_double (config, "num_train_epochs");
  double peak = attune_train_config_get_double (config, "learning_rate");
  gint64 steps;

  attune_batches_init (&self->batches, get_sampling (config),
                       (guint64) attune_train_config_get_int (config, "seed"),
                       self->train.rows->len,
                       (guint) attune_train_config_get_int (config, "per_device_train_batch_size"),
                       (guint) attune_train_config_get_int (config, "gradient_accumulation_steps"));
  self->batches.labels = self->train.labels;
  self->batches.n_labels = attune_dataset_get_n_labels (self->request->dataset);
  steps = max_steps > 0 ? max_steps
                        : (gint64) ceil (epochs * (double) self->batches.steps_per_epoch);
  if (attune_train_config_is_default (config, "learning_rate"))
    peak = attune_propose_learning_rate (self->model_config);
  attune_schedule_init (&self->schedule, config, peak, MAX (steps, 1));
  if (self->schedule.type == ATTUNE_SCHEDULE_POLYNOMIAL && self->schedule.end >= peak)
    {
      g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
                   _("lr_end is %g, which is not below the learning rate of %g"),
                   self->schedule.end, peak);
      return FALSE;
    }

  self->plateau = (AttunePlateau) { .scale = 1, .best = NAN };
  self->part_size = self->batches.batch_size;
  self->settings = (AttuneEngineStep) {
    .seed = self->batches.seed,
    .adam_beta1 = attune_train_config_get_double (config, "adam_beta1"),
    .adam_beta2 = attune_train_config_get_double (config, "adam_beta2"),
    .adam_epsilon = attune_train_config_get_double (config, "adam_epsilon"),
    .weight_decay = attune_train_config_get_double (config, "weight_decay"),
    .max_grad_norm = attune_train_config_get_double (config, "max_grad_norm"),
    .label_smoothing = attune_train_config_get_double (config, "label_smoothing_factor"),
    .class_weights = self->class_weights,
    .momentum = attune_train_config_get_double (config, "sgd_momentum"),
    .nesterov = g_str_equal (attune_train_config_get_string (config, "sgd_nesterov"), "yes"),
    .l1_penalty = attune_train_config_get_double (config, "l1_penalty"),
    .l2_penalty = attune_train_config_get_double (config, "l2_penalty"),
  };
  return TRUE;
}

/* What becomes of a head that the model brings; NULL where it brings none, or where a checkpoint or
 * a file says what it is. */
static AttuneHeadPlan *
plan_head (AttuneSession *self)
{
  g_auto (GStrv) labels = NULL;

  if (self->checkpoint != NULL || self->head != NULL)
    return NULL;
  labels = attune_model_head_list_labels (self->model);
  return labels != NULL
           ? attune_head_plan_new ((const char * const *) labels,
                                   attune_dataset_get_label_names (self->request->dataset))
           : NULL;
}

/* Makes the engine's model with the weights of the folder and says what was not there. */
gboolean
attune_session_create_classifier (AttuneSession  *self,
                                  GError        **error)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  const char *device = attune_train_config_get_string (self->request->config, "device");
  const char *notice = attune_engine_get_notice (self->host->n_devices);
  g_autoptr (AttuneHeadPlan) plan = plan_head (self);
  AttuneClassifierSpec spec = {
    .folder = self->model,
    .config = self->model_config,
    .head = self->head,
    .head_plan = plan,
    .labels = attune_dataset_get_label_names (self->request->dataset),
    .device = self->device,
    .precision = self->precision,
    .training = self->request->config,
    .trainable = TRUE,
    .seed = self->batches.seed,
  };

  self->classifier = attune_classifier_new (self->host, &spec, warnings, error);
  if (self->classifier == NULL)
    return FALSE;
  self->classifier->cut = self->cut;
  if (plan != NULL && attune_head_plan_get_code (plan) != NULL)
    attune_session_warn (self, attune_head_plan_get_code (plan), plan->notice);
  for (guint i = 0; i < warnings->len; i++)
    attune_session_warn (self, "random-weights", warnings->pdata[i]);
  if (!attune_session_restore (self, error))
    return FALSE;
  if (notice != NULL && g_str_equal (device, "auto"))
    attune_session_warn (self, "graphics-card-unused", notice);
  return TRUE;
}

static gboolean
choose_class_weights (AttuneSession  *self,
                      GError        **error)
{
  guint n_labels = attune_dataset_get_n_labels (self->request->dataset);
  g_autofree guint *counts = g_new0 (guint, n_labels);
  g_autoptr (GError) local_error = NULL;

  for (guint i = 0; i < self->train.rows->len && !self->train.multi_label; i++)
    counts[self->train.labels[i]]++;
  self->class_weights = attune_class_weights_new (self->request->config, counts, n_labels,
                                                  &local_error);
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* Tokens, class weights and the plan of steps. */
gboolean
attune_session_encode (AttuneSession  *self,
                       GError        **error)
{
  if (self->train.rows->len == 0)
    {
      g_set_error_literal (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_DATA,
                           _("No row is left to train on; lower the validation share"));
      return FALSE;
    }
  if (!check_split (self, error) || !make_model (self, error))
    return FALSE;
  if (!attune_session_tokenize (self, error) || !choose_class_weights (self, error))
    return FALSE;
  self->lengths = g_new (guint, self->train.rows->len);
  for (guint i = 0; i < self->train.rows->len; i++)
    self->lengths[i] = attune_encoded_rows_get_length (self->train.encoded, i);
  return plan_steps (self, error);
}

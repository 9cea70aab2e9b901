/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Measuring on the validation rows, one batch a call, and keeping the best weights with the
 * predictions they made. Trainer thread only.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "attune-run-predictions.h"
#include "attune-session-private.h"

#define MOST_ROWS 64
#define MOST_TOKENS 4096

gboolean
attune_session_wants_evaluation (AttuneSession *self)
{
  AttuneTrainConfig *config = self->request->config;
  gint64 eval_steps = attune_train_config_get_int (config, "eval_steps");
  gboolean each_epoch = g_str_equal (attune_train_config_get_string (config, "eval_strategy"),
                                     "epoch");

  if (self->validation.rows == NULL)
    return FALSE;
  return self->step == self->schedule.steps
         || (each_epoch && self->step % self->batches.steps_per_epoch == 0)
         || (eval_steps > 0 && self->step % eval_steps == 0);
}

static gint
compare_longest_first (gconstpointer a,
                       gconstpointer b,
                       gpointer      encoded)
{
  guint length_a = attune_encoded_rows_get_length (encoded, *(const guint *) a);
  guint length_b = attune_encoded_rows_get_length (encoded, *(const guint *) b);

  return length_a < length_b ? 1 : length_a > length_b ? -1 : 0;
}

void
attune_session_begin_evaluation (AttuneSession *self)
{
  guint n = self->validation.rows->len;

  if (self->eval_order == NULL)
    {
      self->eval_order = g_new (guint, n);
      for (guint i = 0; i < n; i++)
        self->eval_order[i] = i;
      g_sort_array (self->eval_order, n, sizeof *self->eval_order, compare_longest_first,
                    self->validation.encoded);
      self->eval_logits = g_new (float, (gsize) n * self->classifier->n_labels);
    }
  if (self->eval_rows == 0)
    self->eval_rows = MOST_ROWS;
  self->eval_position = 0;
  self->stage = ATTUNE_STAGE_EVALUATE;
  attune_session_say_phase (self, "evaluating");
}

/* Larger is better, whatever the metric. */
static double
get_score (AttuneSession       *self,
           const AttuneMetrics *metrics)
{
  const char *name = attune_train_config_get_string (self->request->config,
                                                     "metric_for_best_model");

  if (g_str_equal (name, "loss"))
    return -metrics->loss;
  if (g_str_equal (name, "f1_macro"))
    return metrics->f1_macro;
  if (g_str_equal (name, "f1_micro"))
    return metrics->f1_micro;
  return g_str_equal (name, "mcc") ? metrics->mcc : metrics->accuracy;
}

/* Of equals the one that is surer: with several labels none may be right as a whole for long. */
static gboolean
is_better (AttuneSession       *self,
           const AttuneMetrics *metrics)
{
  double score = get_score (self, metrics), best;

  if (self->best == NULL)
    return TRUE;
  best = get_score (self, self->best);
  return score > best || (metrics->multi_label && score == best && metrics->loss < self->best->loss);
}

/* (transfer full): the labels of the validation rows one after another, and where each row's begin,
 * (N + 1,). */
static gint32 *
collect_sets (AttuneSide *side,
              guint     **offsets)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint32));

  *offsets = g_new0 (guint, side->rows->len + 1);
  for (guint i = 0; i < side->rows->len; i++)
    {
      guint n;
      const gint32 *set = attune_dataset_get_label_set (side->dataset,
                                                        g_array_index (side->rows, guint, i), &n);

      g_array_append_vals (ids, set, n);
      (*offsets)[i + 1] = ids->len;
    }
  return (gint32 *) g_array_free (ids, FALSE);
}

static AttuneMetrics *
measure (AttuneSession *self)
{
  guint n_rows = self->validation.rows->len, n_labels = self->classifier->n_labels;
  g_autofree gint32 *sets = NULL;
  g_autofree guint *offsets = NULL;

  if (!self->validation.multi_label)
    return attune_metrics_new_from_logits (self->validation.labels, self->eval_logits, n_rows,
                                           n_labels);
  sets = collect_sets (&self->validation, &offsets);
  return attune_metrics_new_from_label_sets (sets, offsets, self->eval_logits, n_rows, n_labels);
}

static char *
get_text (AttuneSession *self,
          guint          position,
          gboolean       pair)
{
  guint row = g_array_index (self->validation.rows, guint, position);
  gsize length = 0;
  const char *text = pair ? attune_dataset_get_pair (self->validation.dataset, row, &length)
                          : attune_dataset_get_text (self->validation.dataset, row, &length);

  return attune_run_predictions_shorten (text != NULL ? text : "", length);
}

/* predictions.json of the evaluation that just ended. */
static gboolean
save_predictions (AttuneSession  *self,
                  GError        **error)
{
  guint n = self->validation.rows->len;
  gboolean has_pairs = attune_dataset_get_columns (self->validation.dataset)->pair >= 0;
  AttuneRunPredictions *predictions = g_new0 (AttuneRunPredictions, 1);
  g_autofree char *json = NULL;
  gboolean ok;

  predictions->n_rows = n;
  predictions->n_classes = self->classifier->n_labels;
  predictions->texts = g_new0 (char *, n);
  predictions->pairs = has_pairs ? g_new0 (char *, n) : NULL;
  for (guint i = 0; i < n; i++)
    {
      predictions->texts[i] = get_text (self, i, FALSE);
      if (has_pairs)
        predictions->pairs[i] = get_text (self, i, TRUE);
    }
  if (self->validation.multi_label)
    predictions->sets = collect_sets (&self->validation, &predictions->set_offsets);
  else
    predictions->labels = self->validation.labels;
  predictions->logits = self->eval_logits;
  json = attune_run_predictions_to_json (predictions, self->collected);
  predictions->labels = NULL;
  predictions->logits = NULL;
  attune_run_predictions_free (predictions);
  ok = attune_run_folder_write (self->folder, "predictions.json", json, -1, error);
  return ok;
}

/* Metrics, the event, the best weights; and then on with training, or not. */
static gboolean
finish_evaluation (AttuneSession  *self,
                   GError        **error)
{
  AttuneMetrics *metrics = measure (self);
  gint64 patience = attune_train_config_get_int (self->request->config, "early_stopping_patience");
  gboolean by_loss = g_str_equal (attune_train_config_get_string (self->request->config,
                                                                  "metric_for_best_model"), "loss");
  gboolean is_best = is_better (self, metrics);
  AttuneEvent *event = attune_session_create_event (self, ATTUNE_EVENT_EVALUATION);

  event->eval_loss = metrics->loss;
  event->eval_accuracy = metrics->accuracy;
  event->eval_f1_macro = metrics->f1_macro;
  event->eval_f1_micro = metrics->f1_micro;
  event->eval_mcc = metrics->mcc;
  event->eval_samples = self->validation.rows->len;
  event->best_step = is_best ? event->step : self->best_step;
  self->evaluated_step = event->step;
  attune_session_say (self, event);
  self->n_without_gain = is_best ? 0 : self->n_without_gain + 1;
  attune_plateau_observe (&self->plateau, self->request->config,
                          by_loss ? metrics->loss : get_score (self, metrics), !by_loss);
  if (is_best)
    {
      if (!attune_session_save_best (self, error) || !save_predictions (self, error))
        {
          attune_metrics_free (metrics);
          return FALSE;
        }
      g_clear_pointer (&self->best, attune_metrics_free);
      self->best = metrics;
      self->best_step = self->collected;
    }
  else
    attune_metrics_free (metrics);

  self->stage = ATTUNE_STAGE_TRAIN;
  if (self->step == self->schedule.steps)
    attune_session_end (self);
  else if (patience > 0 && self->n_without_gain >= patience)
    {
      attune_session_warn (self, "early_stopping",
                           _("Training ended early because the last evaluations brought no gain"));
      attune_session_end (self);
    }
  else
    {
      if (attune_session_wants_checkpoint (self) && !attune_session_save_checkpoint (self, error))
        return FALSE;
      attune_session_say_phase (self, "training");
    }
  return TRUE;
}

/* Takes rows until there are enough of them or of their tokens. */
static guint
count_rows (AttuneSession *self)
{
  guint left = MIN (self->validation.rows->len - self->eval_position, self->eval_rows);
  guint n_tokens = 0;
  guint n = 0;

  while (n < left)
    {
      n_tokens += attune_encoded_rows_get_length (self->validation.encoded,
                                                  self->eval_order[self->eval_position + n]);
      if (n > 0 && n_tokens > MOST_TOKENS)
        break;
      n++;
    }
  return n;
}

gboolean
attune_session_evaluate (AttuneSession  *self,
                         GError        **error)
{
  guint n_labels = self->classifier->n_labels;
  guint n = count_rows (self);
  const guint *positions = self->eval_order + self->eval_position;
  g_autofree float *logits = g_new (float, (gsize) n * n_labels);
  g_autoptr (GError) local_error = NULL;
  AttuneEngineStatus status;

  attune_packed_batch_fill (&self->packed, self->validation.encoded, NULL, positions, n);
  status = attune_classifier_evaluate (self->classifier, &self->packed.batch, logits, &local_error);
  if (status == ATTUNE_ENGINE_OUT_OF_MEMORY && n > 1)
    {
      self->eval_rows = n / 2;
      return TRUE;
    }
  if (status != ATTUNE_ENGINE_OK)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  for (guint i = 0; i < n; i++)
    memcpy (self->eval_logits + (gsize) positions[i] * n_labels, logits + (gsize) i * n_labels,
            n_labels * sizeof *logits);
  self->eval_position += n;
  return self->eval_position < self->validation.rows->len || finish_evaluation (self, error);
}

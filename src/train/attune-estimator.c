/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tokenizes an even sample of the rows, times a step on a typical and on a long batch of it, draws
 * the line seconds = a + b × tokens through both, and adds it up over the batches of the sample.
 * The model that is measured with is thrown away. Trainer thread only.
 */
#include "config.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <math.h>
#include <unistd.h>

#include "attune-estimator.h"
#include "attune-scratch-model.h"
#include "attune-session-private.h"
#include "attune-training-options.h"

#define SAMPLE 2048
/* A first step longer than this has told enough. */
#define PATIENCE (0.6 * G_USEC_PER_SEC)
/* Share of a training step that computing without gradients takes. */
#define FORWARD_SHARE (1.0 / 3)

typedef struct {
  double base;          /* seconds a micro-batch takes whatever is in it */
  double per_token;
  double memory_bytes;
  guint64 n_moments;    /* that the optimizer keeps */
} Speed;

struct _AttuneEstimator
{
  AttuneEngineHost *host;
  GHashTable *speeds; /* key → Speed */
};

AttuneEstimator *
attune_estimator_new (AttuneEngineHost *host)
{
  AttuneEstimator *self = g_new0 (AttuneEstimator, 1);

  self->host = host;
  self->speeds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
attune_estimator_free (AttuneEstimator *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->speeds);
  g_free (self);
}

static char *
create_key (AttuneSession *session)
{
  AttuneTrainConfig *config = session->request->config;
  g_autofree char *device = attune_engine_device_get_id (session->device);
  g_autofree char *shape = attune_scratch_model_describe (config);
  g_autofree char *options = attune_training_options_describe (config);

  return g_strdup_printf ("%s\n%s\n%s\n%u\n%u\n%u\n%u\n%u\n%s\n%s\n%" G_GINT64_FORMAT,
                          session->request->model_path, shape, options, session->max_length,
                          attune_text_cut_get_window (&session->cut),
                          attune_text_cut_get_capacity (&session->cut),
                          session->batches.batch_size,
                          attune_dataset_get_n_labels (session->request->dataset), device,
                          attune_train_config_get_string (config, "precision"),
                          attune_train_config_get_int (config, "num_threads"));
}

/* Every k-th row, so that a sorted file is sampled fairly. */
static void
sample_rows (AttuneSession *session)
{
  guint n_rows = attune_dataset_get_n_rows (session->request->dataset);
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (guint));
  guint n = MIN (n_rows, SAMPLE);

  for (guint i = 0; i < n; i++)
    {
      guint row = (guint) ((guint64) i * n_rows / n);

      g_array_append_val (rows, row);
    }
  attune_side_fill (&session->train, session->request->dataset, rows);
}

static guint
get_batch (AttuneSession  *session,
           const guint    *order,
           guint           batch,
           const guint   **rows)
{
  guint start = batch * session->batches.batch_size;

  *rows = order + start;
  return MIN (session->batches.batch_size, session->batches.n_rows - start);
}

static guint64
count_tokens (AttuneSession *session,
              const guint   *order,
              guint          batch)
{
  const guint *rows;
  guint n = get_batch (session, order, batch, &rows);
  guint64 n_tokens = 0;

  for (guint i = 0; i < n; i++)
    n_tokens += session->lengths[rows[i]];
  return n_tokens;
}

static gint
compare_counts (gconstpointer a,
                gconstpointer b,
                gpointer      counts)
{
  guint64 count_a = ((const guint64 *) counts)[*(const guint *) a];
  guint64 count_b = ((const guint64 *) counts)[*(const guint *) b];

  return count_a < count_b ? -1 : count_a > count_b ? 1 : 0;
}

/* One whole step on one batch, in seconds; negative on error. */
static double
time_step (AttuneSession  *session,
           const guint    *order,
           guint           batch,
           GError        **error)
{
  const guint *rows;
  guint n = get_batch (session, order, batch, &rows);
  AttuneEngineStep step = session->settings;
  AttuneEngineStepResult result;
  AttuneEngineError failure = { 0 };
  const AttuneEngineApi *api = session->classifier->api;
  size_t n_results = 0;
  gint64 start = g_get_monotonic_time ();

  attune_side_pack (&session->train, &session->packed, rows, n);
  step.step = (uint64_t) ++session->step;
  step.last_micro_batch = true;
  step.learning_rate = session->schedule.peak;
  step.denominator = attune_side_get_denominator (&session->train, NULL, rows, n, 1);
  if (api->train_step (session->classifier->model, &session->packed.batch, &step, &failure)
        != ATTUNE_ENGINE_OK
      || api->collect (session->classifier->model, true, &result, 1, &n_results, &failure)
           != ATTUNE_ENGINE_OK)
    {
      attune_engine_set_error (error, &failure, _("Training"));
      return -1;
    }
  return (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
}

/* Two points of the line, after a first step that warms everything up; and what is held. */
static gboolean
measure_speed (AttuneSession  *session,
               const guint    *order,
               const guint64  *counts,
               const guint    *by_count,
               GCancellable   *cancellable,
               Speed          *speed,
               GError        **error)
{
  guint typical = by_count[session->batches.n_batches / 2];
  guint longest = by_count[session->batches.n_batches - 1];
  AttuneEngineMemory memory = { 0 };
  gint64 start = g_get_monotonic_time ();
  double fast = time_step (session, order, typical, error);
  double slow = fast;

  if (fast >= 0 && g_get_monotonic_time () - start < PATIENCE
      && !g_cancellable_is_cancelled (cancellable))
    {
      fast = time_step (session, order, typical, error);
      slow = fast;
      if (fast >= 0 && counts[longest] > counts[typical])
        slow = time_step (session, order, longest, error);
    }
  if (fast < 0 || slow < 0)
    return FALSE;
  speed->per_token = fast / (double) counts[typical];
  if (slow > fast && counts[longest] > counts[typical])
    speed->per_token = MIN (speed->per_token,
                            (slow - fast) / (double) (counts[longest] - counts[typical]));
  speed->base = MAX (0, fast - speed->per_token * (double) counts[typical]);
  speed->n_moments = attune_classifier_count_moments (session->classifier);
  if (session->host->api->get_memory (session->host->engine, session->device, &memory, NULL)
      == ATTUNE_ENGINE_OK)
    speed->memory_bytes = (double) memory.peak_bytes;
  return TRUE;
}

/* What the process has held at most counts from here on (proc(5)), so that a model which was measured
 * before does not. Where the kernel does not do that the estimate is too high. */
static void
forget_peak (void)
{
  g_autofd int file = g_open ("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

  if (file < 0 || write (file, "5", 1) != 1)
    g_debug ("The most memory held before still counts");
}

static const Speed *
find_speed (AttuneEstimator  *self,
            AttuneSession    *session,
            const guint      *order,
            const guint64    *counts,
            GCancellable     *cancellable,
            GError          **error)
{
  g_autofree char *key = create_key (session);
  g_autofree guint *by_count = g_new (guint, session->batches.n_batches);
  Speed *speed = g_hash_table_lookup (self->speeds, key);
  Speed measured = { 0 };

  if (speed != NULL)
    return speed;
  for (guint i = 0; i < session->batches.n_batches; i++)
    by_count[i] = i;
  g_sort_array (by_count, session->batches.n_batches, sizeof *by_count, compare_counts,
                (gpointer) counts);
  forget_peak ();
  if (!attune_session_create_classifier (session, error)
      || !measure_speed (session, order, counts, by_count, cancellable, &measured, error)
      || g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  speed = g_memdup2 (&measured, sizeof measured);
  g_hash_table_insert (self->speeds, g_steal_pointer (&key), speed);
  return speed;
}

/* How many rows the run will train and measure on. */
static void
count_rows (AttuneTrainRequest *request,
            guint              *n_train,
            guint              *n_validation)
{
  double share = attune_train_config_get_double (request->config, "validation_split");
  guint n_rows = attune_dataset_get_n_rows (request->dataset)
                 - attune_dataset_get_n_dropped (request->dataset);

  *n_train = n_rows;
  *n_validation = 0;
  if (g_str_equal (attune_train_config_get_string (request->config, "eval_strategy"), "no"))
    return;
  if (request->validation != NULL)
    *n_validation = attune_dataset_get_n_rows (request->validation);
  else
    {
      *n_validation = (guint) (n_rows * share);
      *n_train = MAX (1, n_rows - *n_validation);
    }
}

static double
count_evaluations (AttuneTrainConfig *config,
                   gint64             steps,
                   guint              steps_per_epoch)
{
  gint64 eval_steps = attune_train_config_get_int (config, "eval_steps");
  double n = eval_steps > 0 ? floor ((double) steps / (double) eval_steps) : 0;

  if (g_str_equal (attune_train_config_get_string (config, "eval_strategy"), "epoch"))
    n += ceil ((double) steps / steps_per_epoch);
  return MAX (n, 1);
}

static void
add_up (AttuneSession   *session,
        const Speed     *speed,
        const guint64   *counts,
        AttuneEstimate  *estimate)
{
  AttuneTrainConfig *config = session->request->config;
  AttuneBatches whole;
  guint n_train;
  guint n_validation;
  gint64 max_steps = attune_train_config_get_int (config, "max_steps");
  double per_row = 0;
  double steps;

  for (guint i = 0; i < session->batches.n_batches; i++)
    per_row += speed->base + speed->per_token * (double) counts[i];
  per_row /= session->batches.n_rows;

  count_rows (session->request, &n_train, &n_validation);
  attune_batches_init (&whole, session->batches.sampling, session->batches.seed, n_train,
                       session->batches.batch_size, session->batches.accumulation);
  steps = max_steps > 0 ? (double) max_steps
                        : ceil (attune_train_config_get_double (config, "num_train_epochs")
                                * whole.steps_per_epoch);
  estimate->steps = (gint64) steps;
  estimate->samples_per_second = 1 / per_row;
  estimate->seconds = steps / whole.steps_per_epoch * n_train * per_row;
  if (n_validation > 0)
    estimate->seconds += count_evaluations (config, estimate->steps, whole.steps_per_epoch)
                         * n_validation * per_row * FORWARD_SHARE;
  estimate->memory_bytes = speed->memory_bytes;
  estimate->disk_bytes =
    (double) attune_checkpoint_estimate_run (attune_model_folder_get_n_weights (session->model),
                                             speed->n_moments, attune_session_count_kept (session));
}

gboolean
attune_estimator_measure (AttuneEstimator     *self,
                          AttuneTrainRequest  *request,
                          GCancellable        *cancellable,
                          AttuneEstimate      *estimate,
                          GError             **error)
{
  g_autoptr (GCancellable) own = cancellable != NULL ? g_object_ref (cancellable)
                                                     : g_cancellable_new ();
  g_autoptr (AttuneSession) session = attune_session_new (0, request, NULL, self->host, NULL, own);
  g_autofree guint *order = NULL;
  g_autofree guint64 *counts = NULL;
  const Speed *speed;

  if (!attune_session_load (session, error))
    return FALSE;
  sample_rows (session);
  if (!attune_session_encode (session, error))
    return FALSE;
  order = attune_batches_order (&session->batches, session->lengths, 0);
  counts = g_new (guint64, session->batches.n_batches);
  for (guint i = 0; i < session->batches.n_batches; i++)
    counts[i] = count_tokens (session, order, i);
  speed = find_speed (self, session, order, counts, cancellable, error);
  if (speed == NULL)
    return FALSE;
  add_up (session, speed, counts, estimate);
  g_strlcpy (estimate->device, session->device->name, sizeof estimate->device);
  estimate->on_cpu = session->device->type == ATTUNE_ENGINE_DEVICE_CPU;
  estimate->threads = self->host->threads;
  estimate->precision = attune_engine_precision_get_name (session->precision);
  return TRUE;
}

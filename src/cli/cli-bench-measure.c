/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each measurement goes the way the program goes: a run with its events, predictions through the
 * trainer thread, the tokenizer as it is called for every data set.
 */
#include "config.h"

#include "cli-bench-measure.h"

#include "attune-batches.h"
#include "attune-durable.h"
#include "cli-predict.h"

#define WARM_UPS 10

static guint
get_max_length (const CliBenchMaterial *material)
{
  return MIN (CLI_BENCH_MAX_LENGTH,
              attune_model_config_get_max_length (
                attune_model_folder_get_config (material->opened)));
}

typedef struct {
  CliBenchTraining *result;
  GMainLoop *loop;
  char *failure;
} Training;

static void
event_cb (AttuneRun         *run,
          const AttuneEvent *event,
          gpointer           data)
{
  Training *self = data;
  CliBenchTraining *result = self->result;

  if (event->type == ATTUNE_EVENT_RUN_STARTED)
    {
      double peak = g_str_equal (event->precision, "bf16") ? event->bf16_gflops
                                                           : event->fp32_gflops;

      result->precision = g_strdup (event->precision);
      result->threads = event->threads;
      result->rows = (guint) event->train_samples;
      result->peak_gflops = peak > 0 ? peak : 0;
    }
  else if (event->type == ATTUNE_EVENT_RUN_FINISHED)
    {
      result->sentences_per_second = event->train_samples_per_second;
      result->peak_memory_bytes = event->peak_memory_bytes;
    }
  else if (attune_event_is_terminal (event))
    self->failure = g_strdup (event->message);
  if (attune_event_is_terminal (event))
    g_main_loop_quit (self->loop);
}

/* What a step is made of: tokens, how full padded batches would be, and arithmetic. The usual count
 * of a transformer: a token multiplies and adds each weight of the layers three times, and what
 * attention does for it grows with the length of its text. */
static gboolean
describe_work (const CliBenchMaterial  *material,
               AttuneDataset           *dataset,
               CliBenchTraining        *result,
               GError                 **error)
{
  const AttuneModelConfig *config = attune_model_folder_get_config (material->opened);
  g_autoptr (AttuneEncodedRows) encoded =
    attune_encoded_rows_new (dataset, attune_model_folder_get_tokenizer (material->opened),
                             get_max_length (material), NULL, error);
  g_autofree guint *lengths = NULL;
  g_autofree guint *order = NULL;
  AttuneBatches batches;
  double tokens = 0, squares = 0, padded = 0;
  double hidden = config->hidden_size, layers = config->num_hidden_layers;

  if (encoded == NULL)
    return FALSE;
  lengths = g_new (guint, MAX (encoded->n_rows, 1));
  for (guint i = 0; i < encoded->n_rows; i++)
    {
      lengths[i] = attune_encoded_rows_get_length (encoded, i);
      tokens += lengths[i];
      squares += (double) lengths[i] * lengths[i];
    }
  attune_batches_init (&batches, ATTUNE_SAMPLING_GROUP_BY_LENGTH, 42, encoded->n_rows,
                       CLI_BENCH_BATCH, 1);
  order = attune_batches_order (&batches, lengths, 0);
  for (guint start = 0; start < encoded->n_rows; start += CLI_BENCH_BATCH)
    {
      guint n = MIN (CLI_BENCH_BATCH, encoded->n_rows - start);
      guint longest = 0;

      for (guint i = 0; i < n; i++)
        longest = MAX (longest, lengths[order[start + i]]);
      padded += (double) n * longest;
    }
  result->mean_tokens = tokens / encoded->n_rows;
  result->fill = tokens / padded;
  result->flops_per_token =
    6 * layers * (4 * hidden * hidden + 2 * hidden * config->intermediate_size)
    + 12 * layers * hidden * squares / tokens;
  return TRUE;
}

static AttuneTrainConfig *
create_config (const CliBenchMaterial  *material,
               const char              *precision,
               GError                 **error)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  g_autofree char *max_length = g_strdup_printf ("%u", get_max_length (material));
  g_autofree char *batch = g_strdup_printf ("%d", CLI_BENCH_BATCH);

  if (!attune_train_config_set (config, "precision", precision, error)
      || !attune_train_config_set (config, "max_length", max_length, error)
      || !attune_train_config_set (config, "per_device_train_batch_size", batch, error)
      || !attune_train_config_set (config, "num_train_epochs", "1", error)
      || !attune_train_config_set (config, "eval_strategy", "no", error)
      || !attune_train_config_set (config, "save_strategy", "no", error))
    return NULL;
  return g_steal_pointer (&config);
}

gboolean
cli_bench_train (const CliBenchMaterial  *material,
                 const char              *precision,
                 guint                    rows,
                 CliBenchTraining        *result,
                 GError                 **error)
{
  g_autoptr (AttuneTrainer) trainer = attune_trainer_new (NULL);
  g_autoptr (AttuneRun) run = attune_run_new ("bench");
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (AttuneTrainConfig) config = create_config (material, precision, error);
  g_autoptr (AttuneDataset) dataset = attune_dataset_new_head (material->dataset, rows);
  g_autofree char *folder = g_build_filename (material->folder, "run", NULL);
  Training training = { .result = result, .loop = loop };
  AttuneTrainJob job = { .dataset = dataset, .model = material->model, .config = config,
                         .folder = folder, .title = "bench" };
  gboolean ok;

  *result = (CliBenchTraining) { 0 };
  if (config == NULL || !describe_work (material, dataset, result, error))
    return FALSE;
  g_signal_connect (run, "event", G_CALLBACK (event_cb), &training);
  ok = attune_trainer_start (trainer, run, &job, error);
  if (ok)
    g_main_loop_run (loop);
  attune_trainer_shutdown (trainer);
  g_signal_handlers_disconnect_by_data (run, &training);
  attune_durable_folder_remove (folder);
  if (training.failure != NULL)
    g_set_error_literal (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN, training.failure);
  ok = ok && training.failure == NULL;
  g_free (training.failure);
  return ok;
}

void
cli_bench_training_clear (CliBenchTraining *self)
{
  g_clear_pointer (&self->precision, g_free);
}

static gint
compare_doubles (gconstpointer a,
                 gconstpointer b,
                 gpointer      unused)
{
  double x = *(const double *) a;
  double y = *(const double *) b;

  return (x > y) - (x < y);
}

static AttunePredictSource
get_source (const CliBenchMaterial *material)
{
  return (AttunePredictSource) { .model = material->model, .head = material->head };
}

/* Ids of the texts one after another, so that every call reads other words. */
gboolean
cli_bench_latency (const CliBenchMaterial  *material,
                   AttuneTrainer           *trainer,
                   guint                    n_tokens,
                   guint                    repeats,
                   CliBenchLatency         *result,
                   GError                 **error)
{
  AttunePredictSource source = get_source (material);
  g_autoptr (AttuneDataset) some = attune_dataset_new_head (material->dataset, 4096);
  g_autoptr (AttuneEncodedRows) encoded = NULL;
  g_autofree double *seconds = g_new (double, repeats);
  guint64 n_ids;

  if (n_tokens > attune_model_config_get_max_length (attune_model_folder_get_config (material->opened)))
    return FALSE;
  encoded = attune_encoded_rows_new (some, attune_model_folder_get_tokenizer (material->opened),
                                     get_max_length (material), NULL, error);
  if (encoded == NULL)
    return FALSE;
  n_ids = encoded->offsets[encoded->n_rows];
  for (guint i = 0; i < WARM_UPS + repeats; i++)
    {
      guint64 start = (guint64) i * n_tokens % (n_ids - MIN (n_ids - 1, n_tokens));
      AttunePredictText text = { .ids = encoded->ids + start,
                                 .n_ids = (guint) MIN (n_tokens, n_ids - start) };
      g_autoptr (AttunePredictions) predictions = cli_predict (trainer, &source, &text, 1, 0,
                                                               error);

      if (predictions == NULL)
        return FALSE;
      if (i >= WARM_UPS)
        seconds[i - WARM_UPS] = predictions->seconds;
    }
  g_sort_array (seconds, repeats, sizeof *seconds, compare_doubles, NULL);
  result->median = seconds[repeats / 2];
  result->p90 = seconds[repeats * 9 / 10];
  return TRUE;
}

double
cli_bench_tokenize (const CliBenchMaterial  *material,
                    guint64                 *n_tokens,
                    GError                 **error)
{
  AttuneTokenizer *tokenizer = attune_model_folder_get_tokenizer (material->opened);
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  guint n_rows = attune_dataset_get_n_rows (material->dataset);
  gint64 start = g_get_monotonic_time ();

  *n_tokens = 0;
  for (guint i = 0; i < n_rows; i++)
    {
      gsize length = 0;
      const char *text = attune_dataset_get_text (material->dataset, i, &length);

      if (!attune_tokenizer_encode (tokenizer, text, (gssize) length, NULL, 0,
                                    CLI_BENCH_MAX_LENGTH, encoding, error))
        return -1;
      *n_tokens += encoding->ids->len;
    }
  return (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
}

double
cli_bench_classify (const CliBenchMaterial  *material,
                    AttuneTrainer           *trainer,
                    guint                    n,
                    GError                 **error)
{
  AttunePredictSource source = get_source (material);
  g_autofree AttunePredictText *texts = g_new0 (AttunePredictText, n);
  gint64 start = 0;

  for (guint i = 0; i < n; i++)
    {
      gsize length = 0;

      texts[i].text = attune_dataset_get_text (material->dataset, i, &length);
      texts[i].length = (gssize) length;
    }
  /* The first time opens the model. */
  for (guint pass = 0; pass < 2; pass++)
    {
      g_autoptr (AttunePredictions) predictions = NULL;

      start = g_get_monotonic_time ();
      predictions = cli_predict (trainer, &source, texts, pass == 0 ? MIN (n, 64) : n,
                                 get_max_length (material), error);
      if (predictions == NULL)
        return -1;
    }
  return (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
}

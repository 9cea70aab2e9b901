/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Times the engine without the rest of Attune: opens a plug-in, fills a model with random weights
 * and trains it on random ids whose lengths are like those of SST-2's sentences. Plain C.
 *
 *   bench-driver PLUGIN.so [key=value …]
 *
 * Keys: steps 60, batch 32, dropout 0.1, threads 0, precision fp32|bf16, device cpu|cuda, model
 * minilm|base|tiny, order grouped|random, thread 1 (train on a thread of its own, as Attune does),
 * latency 0 (1: time single texts instead), length 0 (above 0: all texts are of so many tokens).
 */
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine.h"

#define MAX_LENGTH 66
#define MAX_POSITIONS 512
#define GROUP 50 /* batches that are sorted by length together */

typedef struct {
  const char *model, *precision, *device, *order;
  double dropout;
  int steps, batch, threads, thread, latency, length;
} Settings;

typedef struct {
  const AttuneEngineApi *api;
  Settings settings;
  int status;
} Job;

static double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (double) time.tv_sec + 1e-9 * (double) time.tv_nsec;
}

/* Of all threads; tells more than the clock on a machine that has other work. */
static double
processor_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double) time.tv_sec + 1e-9 * (double) time.tv_nsec;
}

static uint64_t
draw (uint64_t *state)
{
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return *state >> 33;
}

/* Log-normal with mean 13, [CLS] and [SEP] included. */
static int
draw_length (uint64_t *state)
{
  double u = ((double) draw (state) + 1.0) / 2147483649.0, v = (double) draw (state) / 2147483648.0;
  double normal = sqrt (-2.0 * log (u)) * cos (6.283185307179586 * v);
  int length = (int) lround (exp (2.35 + 0.62 * normal));

  return length < 3 ? 3 : length > MAX_LENGTH ? MAX_LENGTH : length;
}

static int
by_value (const void *a, const void *b)
{
  return *(const int *) a - *(const int *) b;
}

static void
require (AttuneEngineStatus status, const AttuneEngineError *error)
{
  if (status == ATTUNE_ENGINE_OK)
    return;
  fprintf (stderr, "%s\n%s\n", error->message, error->details);
  exit (1);
}

static AttuneEngineModel *
make_model (const Job *job, AttuneEngine *engine, int *vocabulary)
{
  static const struct { const char *name, *hidden, *layers, *inner, *heads; } shapes[] = {
    { "minilm", "384", "6", "1536", "12" }, { "base", "768", "12", "3072", "12" },
    { "tiny", "128", "2", "512", "2" },
  };
  size_t shape = 0, n = 0;
  char dropout[32];
  AttuneEngineModel *model = NULL;
  AttuneEngineDevice device = { 0 };
  AttuneEngineError error = { 0 };

  while (shape < 2 && strcmp (shapes[shape].name, job->settings.model) != 0)
    shape++;
  snprintf (dropout, sizeof dropout, "%g", job->settings.dropout);
  if (strcmp (job->settings.device, "cuda") == 0)
    device.type = ATTUNE_ENGINE_DEVICE_CUDA;

  const AttuneEngineOption config[] = {
    { "model_type", "bert" }, { "vocab_size", "30522" }, { "hidden_size", shapes[shape].hidden },
    { "num_hidden_layers", shapes[shape].layers }, { "intermediate_size", shapes[shape].inner },
    { "num_attention_heads", shapes[shape].heads }, { "hidden_dropout_prob", dropout },
    { "attention_probs_dropout_prob", dropout },
  };
  *vocabulary = 30522;
  require (job->api->model_create (engine, &device, config, sizeof config / sizeof *config,
                                   ATTUNE_ENGINE_SINGLE_LABEL, 2,
                                   strcmp (job->settings.precision, "bf16") == 0
                                     ? ATTUNE_ENGINE_PRECISION_BF16 : ATTUNE_ENGINE_FP32,
                                   true, &model, &error), &error);
  require (job->api->count_tensors (model, &n, &error), &error);
  for (size_t i = 0; i < n; i++)
    {
      AttuneEngineTensor tensor = { 0 };

      require (job->api->describe_tensor (model, i, &tensor, &error), &error);
      if (strstr (tensor.name, "LayerNorm.weight") != NULL)
        {
          float *ones = malloc (tensor.length);

          for (size_t k = 0; k < tensor.length / sizeof (float); k++)
            ones[k] = 1.0f;
          tensor.data = ones;
          require (job->api->write_tensor (model, &tensor, &error), &error);
          free (ones);
        }
      else if (tensor.n_dims == 2)
        require (job->api->init_tensor (model, tensor.name, 0.02, i, &error), &error);
    }
  return model;
}

static void
fill (AttuneEngineBatch *batch, int32_t *ids, int32_t *offsets, int32_t *labels, const int *lengths,
      int n, int vocabulary, uint64_t *state)
{
  offsets[0] = 0;
  for (int b = 0; b < n; b++)
    {
      offsets[b + 1] = offsets[b] + lengths[b];
      labels[b] = (int32_t) (draw (state) & 1);
      for (int t = offsets[b]; t < offsets[b + 1]; t++)
        {
          /* Words are not used evenly: half of the tokens come from a small part of the list. */
          uint64_t many = draw (state) & 1 ? 1000 : (uint64_t) vocabulary;

          ids[t] = (int32_t) (draw (state) % many);
        }
    }
  *batch = (AttuneEngineBatch) { .ids = ids, .n_tokens = (size_t) offsets[n], .offsets = offsets,
                                 .n_sequences = (size_t) n, .labels = labels };
}

static void
time_latency (const Job *job, AttuneEngineModel *model, int vocabulary)
{
  static const int lengths[] = { 8, 12, 16, 32, 64 };
  int32_t ids[64], offsets[2], labels[1];
  uint64_t state = 3;
  AttuneEngineBatch batch;
  AttuneEngineError error = { 0 };
  float logits[2];

  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
    {
      double best = 1e9;

      fill (&batch, ids, offsets, labels, &lengths[i], 1, vocabulary, &state);
      for (int k = 0; k < 200; k++)
        {
          double begin = now ();

          require (job->api->evaluate (model, &batch, logits, 2, &error), &error);
          best = fmin (best, now () - begin);
        }
      printf ("%d tokens: %.2f ms\n", lengths[i], 1e3 * best);
    }
}

static void
time_steps (const Job *job, AttuneEngineModel *model, int vocabulary)
{
  const Settings *s = &job->settings;
  int *lengths = malloc (sizeof *lengths * (size_t) (s->batch * GROUP));
  int *order = malloc (sizeof *order * GROUP);
  int32_t *ids = malloc (sizeof *ids * (size_t) (s->batch * MAX_POSITIONS));
  int32_t *offsets = malloc (sizeof *offsets * (size_t) (s->batch + 1));
  int32_t *labels = malloc (sizeof *labels * (size_t) s->batch);
  uint64_t state = 1;
  double begin = 0, processor = 0, first_loss = 0, last_loss = 0, checksum = 0;
  size_t tokens = 0;
  int warm_up = s->steps / 10 + 1;
  AttuneEngineBatch batch;
  AttuneEngineError error = { 0 };

  for (int step = 0; step < s->steps + warm_up; step++)
    {
      AttuneEngineStepResult results[8];
      size_t n_results = 0;

      if (step % GROUP == 0)
        {
          for (int i = 0; i < s->batch * GROUP; i++)
            lengths[i] = s->length > 0 ? s->length : draw_length (&state);
          if (strcmp (s->order, "grouped") == 0)
            qsort (lengths, (size_t) (s->batch * GROUP), sizeof *lengths, by_value);
          for (int i = 0; i < GROUP; i++)
            order[i] = i;
          for (int i = GROUP - 1; i > 0; i--)
            {
              int k = (int) (draw (&state) % (uint64_t) (i + 1)), swapped = order[i];

              order[i] = order[k];
              order[k] = swapped;
            }
        }
      if (step == warm_up)
        {
          begin = now ();
          processor = processor_time ();
        }
      fill (&batch, ids, offsets, labels, lengths + order[step % GROUP] * s->batch, s->batch,
            vocabulary, &state);
      tokens += step >= warm_up ? batch.n_tokens : 0;

      AttuneEngineStep setting = {
        .step = (uint64_t) step + 1, .seed = 42, .last_micro_batch = true, .denominator = s->batch,
        .learning_rate = 5e-5, .adam_beta1 = 0.9, .adam_beta2 = 0.999, .adam_epsilon = 1e-8,
        .weight_decay = 0.01, .max_grad_norm = 1.0,
      };
      require (job->api->train_step (model, &batch, &setting, &error), &error);
      require (job->api->collect (model, step == s->steps + warm_up - 1, results, 8, &n_results,
                                  &error), &error);
      for (size_t i = 0; i < n_results; i++)
        {
          first_loss = results[i].step == 1 ? results[i].loss : first_loss;
          last_loss = results[i].loss;
          checksum += results[i].loss + results[i].grad_norm;
        }
    }

  double seconds = now () - begin;
  processor = processor_time () - processor;

  printf ("%.1f sentences/s, %.0f tokens/s, a step %.1f ms, %.1f ms of processor time\n",
          s->batch * s->steps / seconds, (double) tokens / seconds, 1e3 * seconds / s->steps,
          1e3 * processor / s->steps);
  printf ("loss %.4f to %.4f, sum of losses and norms %.9f\n", first_loss, last_loss, checksum);
  free (lengths);
  free (order);
  free (ids);
  free (offsets);
  free (labels);
}

static void *
work (void *data)
{
  Job *job = data;
  AttuneEngine *engine = NULL;
  AttuneEngineModel *model;
  AttuneEngineInfo info;
  AttuneEngineMemory memory;
  AttuneEngineDevice device = { 0 };
  AttuneEngineError error = { 0 };
  char threads[16];
  int vocabulary;
  double begin = now ();

  snprintf (threads, sizeof threads, "%d", job->settings.threads);
  const AttuneEngineOption options[] = { { "num_threads", threads } };
  require (job->api->open (options, 1, &engine, &error), &error);
  require (job->api->get_info (engine, &info, &error), &error);
  printf ("%s %s, %s, %s, %d threads, opened in %.0f ms\n", info.name, info.version, info.blas,
          info.capability, (int) info.threads, 1e3 * (now () - begin));
  model = make_model (job, engine, &vocabulary);
  if (job->settings.latency)
    time_latency (job, model, vocabulary);
  else
    time_steps (job, model, vocabulary);
  if (strcmp (job->settings.device, "cuda") == 0)
    device.type = ATTUNE_ENGINE_DEVICE_CUDA;
  require (job->api->get_memory (engine, &device, &memory, &error), &error);
  printf ("%s %.0f MB\n",
          device.type == ATTUNE_ENGINE_DEVICE_CUDA ? "in use of the card's memory"
                                                   : "peak resident memory",
          (double) memory.peak_bytes / 1e6);
  job->api->model_free (model);
  job->api->close (engine);
  return NULL;
}

static int
set (Settings *settings, char *argument)
{
  char *value = strchr (argument, '=');
  const struct { const char *key; const char **text; int *number; } keys[] = {
    { "model", &settings->model, NULL }, { "precision", &settings->precision, NULL },
    { "device", &settings->device, NULL }, { "order", &settings->order, NULL },
    { "steps", NULL, &settings->steps }, { "batch", NULL, &settings->batch },
    { "threads", NULL, &settings->threads }, { "thread", NULL, &settings->thread },
    { "latency", NULL, &settings->latency }, { "length", NULL, &settings->length },
  };

  if (value == NULL)
    return 0;
  *value++ = '\0';
  if (strcmp (argument, "dropout") == 0)
    {
      settings->dropout = strtod (value, NULL);
      return 1;
    }
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    if (strcmp (argument, keys[i].key) == 0)
      {
        if (keys[i].text != NULL)
          *keys[i].text = value;
        else
          *keys[i].number = atoi (value);
        return 1;
      }
  return 0;
}

int
main (int argc, char *argv[])
{
  Job job = { .settings = { "minilm", "fp32", "cpu", "grouped", 0.1, 60, 32, 0, 1, 0, 0 } };
  pthread_t thread;
  void *plugin;
  AttuneEngineQuery query;

  for (int i = 2; i < argc; i++)
    if (!set (&job.settings, argv[i]))
      {
        fprintf (stderr, "%s: no such setting\n", argv[i]);
        return 2;
      }
  if (job.settings.length > MAX_POSITIONS)
    job.settings.length = MAX_POSITIONS;
  /* As Attune's loader does. */
  if (getenv ("OMP_WAIT_POLICY") == NULL)
    setenv ("GOMP_SPINCOUNT", "2000", 0);
  setenv ("OMP_WAIT_POLICY", "passive", 0);
  plugin = argc > 1 ? dlopen (argv[1], RTLD_LAZY | RTLD_LOCAL) : NULL;
  if (plugin == NULL)
    {
      fprintf (stderr, "usage: %s PLUGIN.so [key=value …]\n%s\n", argv[0],
               argc > 1 ? dlerror () : "");
      return 2;
    }
  query = (AttuneEngineQuery) dlsym (plugin, ATTUNE_ENGINE_QUERY_SYMBOL);
  job.api = query != NULL ? query (ATTUNE_ENGINE_ABI) : NULL;
  if (job.api == NULL)
    {
      fprintf (stderr, "%s is not an engine of this version\n", argv[1]);
      return 1;
    }
  setvbuf (stdout, NULL, _IOLBF, 0);
  if (!job.settings.thread)
    work (&job);
  else if (pthread_create (&thread, NULL, work, &job) == 0)
    pthread_join (thread, NULL);
  return 0;
}

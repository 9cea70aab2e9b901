/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts are tokenized once, on all processors, computed longest first in packed batches, and returned in their own
 * order; the first one's words are weighed at the end when that was asked for.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <inttypes.h>

#include "attune-batches.h"
#include "attune-predict-job.h"
#include "attune-rnn-config.h"
#include "attune-row-chunks.h"
#include "attune-train-config.h"
#include "attune-word-weights.h"

#define MOST_ROWS 64
#define MOST_TOKENS 4096

struct _AttunePredictJob
{
  GTask *task;
  AttunePredictTarget target;
  AttunePredictText *texts; /* (n_texts,) owned copies */
  guint64 n_texts;
  guint max_length;
  AttuneTextCut cut;
  gint attribute_label;

  AttuneClassifier *classifier;
  GArray *ids;              /* gint32, all texts */
  GArray *type_ids;         /* guint8 */
  guint64 *offsets;         /* (n_texts+1,) */
  guint *order;             /* longest first */
  guint64 position;
  guint most_rows;
  AttunePackedBatch packed;
  AttunePredictions *predictions;
};

/* A copy with a NUL behind it, so that a length of -1 and an explicit one are the same. */
static const char *
copy_text (const char *text,
           gssize     *length)
{
  char *copy;

  if (text == NULL)
    return NULL;
  if (*length < 0)
    *length = (gssize) strlen (text);
  copy = g_malloc ((gsize) *length + 1);
  memcpy (copy, text, (gsize) *length);
  copy[*length] = '\0';
  return copy;
}

AttunePredictJob *
attune_predict_job_new (GTask                     *task,
                        const AttunePredictTarget *target,
                        const AttunePredictText   *texts,
                        guint64                    n_texts,
                        guint                      max_length,
                        gint                       attribute_label)
{
  AttunePredictJob *self = g_new0 (AttunePredictJob, 1);

  self->task = task;
  self->target = *target;
  self->n_texts = n_texts;
  self->max_length = max_length;
  self->attribute_label = attribute_label;
  self->most_rows = MOST_ROWS;
  attune_packed_batch_init (&self->packed);
  self->texts = g_new0 (AttunePredictText, MAX (n_texts, 1));
  for (guint64 i = 0; i < n_texts; i++)
    {
      self->texts[i] = texts[i];
      self->texts[i].text = copy_text (texts[i].text, &self->texts[i].length);
      self->texts[i].pair = copy_text (texts[i].pair, &self->texts[i].pair_length);
      if (texts[i].ids != NULL)
        self->texts[i].ids = g_memdup2 (texts[i].ids, texts[i].n_ids * sizeof *texts[i].ids);
    }
  return self;
}

void
attune_predict_job_free (AttunePredictJob *self)
{
  if (self == NULL)
    return;
  for (guint64 i = 0; i < self->n_texts; i++)
    {
      g_free ((char *) self->texts[i].text);
      g_free ((char *) self->texts[i].pair);
      g_free ((gint32 *) self->texts[i].ids);
    }
  g_free (self->texts);
  g_free (self->target.run_folder);
  g_free (self->target.model_path);
  g_free (self->target.head);
  g_clear_pointer (&self->classifier, attune_classifier_unref);
  attune_packed_batch_clear (&self->packed);
  g_clear_pointer (&self->ids, g_array_unref);
  g_clear_pointer (&self->type_ids, g_array_unref);
  g_clear_pointer (&self->predictions, attune_predictions_free);
  g_free (self->offsets);
  g_free (self->order);
  g_object_unref (self->task);
  g_free (self);
}

const AttunePredictTarget *
attune_predict_job_get_target (AttunePredictJob *self)
{
  return &self->target;
}

GTask *
attune_predict_job_get_task (AttunePredictJob *self)
{
  return self->task;
}

gboolean
attune_predict_job_has_text (AttunePredictJob *self)
{
  for (guint64 i = 0; i < self->n_texts; i++)
    if (self->texts[i].ids == NULL)
      return TRUE;
  return FALSE;
}

gboolean
attune_predict_job_is_begun (AttunePredictJob *self)
{
  return self->classifier != NULL;
}

/* What some texts became. */
typedef struct {
  GArray *ids;      /* gint32 */
  GArray *type_ids; /* guint8 */
  guint lengths[];  /* after truncation, then without: 2 n */
} Chunk;

static void
free_chunk (gpointer data)
{
  Chunk *chunk = data;

  g_array_unref (chunk->ids);
  g_array_unref (chunk->type_ids);
  g_free (chunk);
}

/* Ids given outright must be tokens of the model and fit its positions. */
static gboolean
append_ids (AttunePredictJob         *self,
            const AttunePredictText  *text,
            Chunk                    *chunk,
            GError                  **error)
{
  static const guint8 zero = 0;
  const AttuneModelConfig *config = self->classifier->config;
  guint longest = attune_model_config_get_max_length (config);

  if (text->n_ids == 0 || text->n_ids > longest)
    {
      g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_DATA,
                   _("There must be between 1 and %u token ids, not %u"),
                   longest, text->n_ids);
      return FALSE;
    }
  for (guint i = 0; i < text->n_ids; i++)
    {
      if (text->ids[i] < 0 || (guint) text->ids[i] >= config->vocab_size)
        {
          g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_DATA,
                       _("The model has no token %d; its vocabulary has %u"), text->ids[i],
                       config->vocab_size);
          return FALSE;
        }
      g_array_append_val (chunk->type_ids, zero);
    }
  g_array_append_vals (chunk->ids, text->ids, text->n_ids);
  return TRUE;
}

static gboolean
tokenize (AttunePredictJob         *self,
          const AttunePredictText  *text,
          AttuneEncoding           *encoding,
          GError                  **error)
{
  gboolean has_pair = text->pair != NULL && text->pair_length > 0;
  gboolean by_head = has_pair || self->cut.kind == ATTUNE_LONG_TEXTS_HEAD;

  if (!attune_tokenizer_encode (self->classifier->tokenizer, text->text, text->length, text->pair,
                                has_pair ? text->pair_length : 0,
                                by_head ? self->cut.max_length : ATTUNE_LONGEST_ROW, encoding, error))
    return FALSE;
  if (!by_head)
    attune_text_cut_apply (&self->cut, encoding);
  return TRUE;
}

/* encoding: filled for a text, left as it is for ids */
static gboolean
append_text (AttunePredictJob         *self,
             const AttunePredictText  *text,
             AttuneEncoding           *encoding,
             Chunk                    *chunk,
             guint                    *n_tokens,
             GError                  **error)
{
  if (text->ids != NULL)
    {
      *n_tokens = text->n_ids;
      return append_ids (self, text, chunk, error);
    }
  if (self->classifier->tokenizer == NULL)
    {
      g_set_error_literal (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_DATA,
                           _("The model has no vocabulary, so it cannot read text"));
      return FALSE;
    }
  if (!tokenize (self, text, encoding, error))
    return FALSE;
  *n_tokens = encoding->n_tokens_full;
  g_array_append_vals (chunk->ids, encoding->ids->data, encoding->ids->len);
  g_array_append_vals (chunk->type_ids, encoding->type_ids->data, encoding->type_ids->len);
  return TRUE;
}

static gsize
weigh (guint    i,
       gpointer data)
{
  const AttunePredictText *text = &((AttunePredictJob *) data)->texts[i];

  return text->ids != NULL ? text->n_ids
                           : (gsize) text->length + (text->pair != NULL ? (gsize) text->pair_length
                                                                        : 0);
}

static gpointer
encode_chunk (guint      first,
              guint      n,
              gpointer   data,
              GError   **error)
{
  AttunePredictJob *self = data;
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  Chunk *chunk = g_malloc0 (sizeof *chunk + 2 * (gsize) n * sizeof (guint));

  chunk->ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  chunk->type_ids = g_array_new (FALSE, FALSE, sizeof (guint8));
  for (guint i = 0; i < n; i++)
    {
      guint before = chunk->ids->len;

      if (!append_text (self, &self->texts[first + i], encoding, chunk, &chunk->lengths[n + i],
                        error))
        {
          g_prefix_error (error, _("Text %" PRIu64 ": "), (guint64) first + i + 1);
          free_chunk (chunk);
          return NULL;
        }
      chunk->lengths[i] = chunk->ids->len - before;
    }
  return chunk;
}

static gboolean
take_chunk (gpointer   result,
            guint      first,
            guint      n,
            gpointer   data,
            GError   **error)
{
  AttunePredictJob *self = data;
  Chunk *chunk = result;

  g_array_append_vals (self->ids, chunk->ids->data, chunk->ids->len);
  g_array_append_vals (self->type_ids, chunk->type_ids->data, chunk->type_ids->len);
  for (guint i = 0; i < n; i++)
    {
      self->offsets[first + i + 1] = self->offsets[first + i] + chunk->lengths[i];
      self->order[first + i] = first + i;
    }
  memcpy (self->predictions->n_tokens + first, chunk->lengths + n, n * sizeof (guint));
  free_chunk (chunk);
  return TRUE;
}

static gint
compare_longest_first (gconstpointer a,
                       gconstpointer b,
                       gpointer      offsets)
{
  const guint64 *at_a = (const guint64 *) offsets + *(const guint *) a;
  const guint64 *at_b = (const guint64 *) offsets + *(const guint *) b;
  guint64 length_a = at_a[1] - at_a[0];
  guint64 length_b = at_b[1] - at_b[0];

  return length_a < length_b ? 1 : length_a > length_b ? -1 : 0;
}

static gboolean
encode (AttunePredictJob  *self,
        GError           **error)
{
  static const AttuneRowWork work = { weigh, encode_chunk, take_chunk, free_chunk };

  if (!attune_row_chunks_run (&work, (guint) self->n_texts, self, NULL,
                              g_task_get_cancellable (self->task), error))
    return FALSE;
  g_sort_array (self->order, self->n_texts, sizeof *self->order, compare_longest_first,
                self->offsets);
  return TRUE;
}

gboolean
attune_predict_job_begin (AttunePredictJob *self,
                          AttuneClassifier *classifier)
{
  guint positions = attune_model_config_get_max_length (classifier->config);
  AttunePredictions *predictions = g_new0 (AttunePredictions, 1);
  GError *error = NULL;

  self->classifier = classifier;
  self->predictions = predictions;
  self->ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->type_ids = g_array_new (FALSE, FALSE, sizeof (guint8));
  self->offsets = g_new0 (guint64, self->n_texts + 1);
  self->order = g_new (guint, MAX (self->n_texts, 1));
  predictions->n_rows = self->n_texts;
  predictions->n_classes = classifier->n_labels;
  predictions->classes = g_strdupv (classifier->labels);
  predictions->multi_label = classifier->config->multi_label;
  predictions->logits = g_new0 (float, MAX (self->n_texts * classifier->n_labels, 1));
  predictions->n_tokens = g_new0 (guint, MAX (self->n_texts, 1));
  self->cut = classifier->cut;
  if (self->max_length > 0)
    self->cut.max_length = MIN (self->max_length, positions);
  predictions->max_length = attune_text_cut_get_capacity (&self->cut);
  if (encode (self, &error))
    return TRUE;
  g_task_return_error (self->task, error);
  return FALSE;
}

/* n texts, in the engine's form. */
static const AttuneEngineBatch *
pack (AttunePredictJob *self,
      const guint      *texts,
      guint             n)
{
  const AttuneEncodedRows rows = {
    .n_rows = (guint) self->n_texts,
    .ids = (gint32 *) self->ids->data,
    .offsets = self->offsets,
    .type_ids = (guint8 *) self->type_ids->data,
    .window = attune_text_cut_get_window (&self->cut),
  };

  attune_packed_batch_fill (&self->packed, &rows, NULL, texts, n);
  return &self->packed.batch;
}

static guint
count_rows (AttunePredictJob *self)
{
  guint64 left = MIN (self->n_texts - self->position, self->most_rows);
  guint64 n_tokens = 0;
  guint n = 0;

  while (n < left)
    {
      guint text = self->order[self->position + n];

      n_tokens += self->offsets[text + 1] - self->offsets[text];
      if (n > 0 && n_tokens > MOST_TOKENS)
        break;
      n++;
    }
  return n;
}

/* Computes the next batch; running out of memory makes the batches smaller. */
static gboolean
compute_batch (AttunePredictJob  *self,
               GError           **error)
{
  guint n = count_rows (self);
  guint n_classes = self->classifier->n_labels;
  g_autofree float *logits = g_new (float, (gsize) n * n_classes);
  const guint *texts = self->order + self->position;
  const AttuneEngineBatch *batch = pack (self, texts, n);
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GError) local_error = NULL;
  AttuneEngineStatus status = attune_classifier_evaluate (self->classifier, batch, logits,
                                                          &local_error);

  if (status == ATTUNE_ENGINE_OUT_OF_MEMORY && n > 1)
    {
      self->most_rows = n / 2;
      return TRUE;
    }
  if (status != ATTUNE_ENGINE_OK)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  self->predictions->seconds += (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  for (guint i = 0; i < n; i++)
    memcpy (self->predictions->logits + (gsize) texts[i] * n_classes,
            logits + (gsize) i * n_classes, n_classes * sizeof *logits);
  self->position += n;
  return TRUE;
}

static guint
find_largest (const float *logits,
              guint        n)
{
  guint largest = 0;

  for (guint c = 1; c < n; c++)
    if (logits[c] > logits[largest])
      largest = c;
  return largest;
}

static gboolean
pools_by_attention (const AttuneModelConfig *config)
{
  return config->rnn != NULL && g_str_equal (config->rnn->pooling, "attention");
}

/* Weighs the words of the first text. */
static gboolean
attribute (AttunePredictJob  *self,
           GError           **error)
{
  g_autofree float *scores = NULL;
  g_autoptr (AttuneEncoding) encoding = NULL;
  guint first = 0;
  const AttunePredictText *text = &self->texts[first];
  guint label = self->attribute_label >= 0 ? (guint) self->attribute_label
                                           : find_largest (self->predictions->logits,
                                                           self->classifier->n_labels);
  const AttuneEngineBatch *batch = pack (self, &first, 1);
  AttuneEngineError failure = { 0 };
  AttuneEngineStatus status;

  if (text->ids != NULL || label >= self->classifier->n_labels)
    return TRUE;
  scores = g_new0 (float, batch->n_tokens);
  if (pools_by_attention (self->classifier->config))
    {
      status = self->classifier->api->attend (self->classifier->model, batch, scores,
                                              batch->n_tokens, &failure);
      self->predictions->attended = status == ATTUNE_ENGINE_OK;
    }
  else
    status = self->classifier->api->attribute (self->classifier->model, batch, label, scores,
                                               batch->n_tokens, &failure);
  /* The answer is worth having without it. */
  if (status == ATTUNE_ENGINE_UNSUPPORTED)
    return TRUE;
  if (status != ATTUNE_ENGINE_OK)
    return attune_engine_set_error (error, &failure, _("Weighing the words"));
  encoding = attune_encoding_new ();
  if (!tokenize (self, text, encoding, error))
    return FALSE;
  attune_word_weights_fill (self->predictions, encoding, text->text, scores);
  return TRUE;
}

gboolean
attune_predict_job_advance (AttunePredictJob *self)
{
  GError *error = NULL;
  gboolean ok = !g_cancellable_set_error_if_cancelled (g_task_get_cancellable (self->task), &error);

  if (ok && self->position < self->n_texts)
    {
      ok = compute_batch (self, &error);
      if (ok && self->position < self->n_texts)
        return TRUE;
    }
  if (ok && self->attribute_label != -1 && self->n_texts > 0)
    ok = attribute (self, &error);
  if (ok)
    g_task_return_pointer (self->task, g_steal_pointer (&self->predictions),
                           (GDestroyNotify) attune_predictions_free);
  else
    g_task_return_error (self->task, error);
  return FALSE;
}

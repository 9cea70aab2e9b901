/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading runs to compare them. Of each run's predictions only what is needed to pair its rows with
 * those of another is kept, so that many runs with large validation sets fit. Long: off the main
 * thread. What is said of them is in attune-run-comparison-text.c.
 */
#include "config.h"

#include "attune-run-comparison-private.h"

#include <glib/gi18n.h>

#include "attune-run-private.h"

AttuneComparedRow *
attune_compared_row_new (const char *name,
                         const char *title,
                         guint       n_runs)
{
  AttuneComparedRow *self = g_new0 (AttuneComparedRow, 1);

  self->name = name;
  self->title = g_strdup (title);
  self->values = g_new0 (char *, n_runs + 1);
  return self;
}

void
attune_compared_row_free (AttuneComparedRow *self)
{
  g_free (self->title);
  g_strfreev (self->values);
  g_free (self);
}

static void
compared_run_free (AttuneComparedRun *self)
{
  g_clear_object (&self->run);
  g_free (self->letter);
  g_clear_pointer (&self->metrics, attune_metrics_free);
  g_free (self->problem);
  g_free (self);
}

static void
compared_group_free (AttuneComparedGroup *self)
{
  g_free (self->description);
  g_array_unref (self->runs);
  g_free (self);
}

static void
compared_rows_free (AttuneComparedRows *self)
{
  g_free (self->texts_sha256);
  g_free (self->labels_sha256);
  g_free (self->right);
  g_free (self);
}

void
attune_run_comparison_free (AttuneRunComparison *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->runs);
  g_ptr_array_unref (self->scores);
  g_ptr_array_unref (self->settings);
  g_ptr_array_unref (self->groups);
  g_ptr_array_unref (self->rows);
  g_free (self);
}

/* With the byte that ends it, so that two texts never run into one. */
static void
add_text (GChecksum  *sum,
          const char *text)
{
  g_checksum_update (sum, (const guchar *) text, (gssize) strlen (text) + 1);
}

static void
digest (AttuneComparedRows         *rows,
        const AttuneRunPredictions *predictions,
        const char * const         *classes)
{
  g_autoptr (GChecksum) texts = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GChecksum) labels = g_checksum_new (G_CHECKSUM_SHA256);

  for (guint64 i = 0; i < predictions->n_rows; i++)
    {
      add_text (texts, predictions->texts[i]);
      add_text (texts, predictions->pairs != NULL ? predictions->pairs[i] : "");
      if (predictions->labels != NULL)
        add_text (labels, classes[predictions->labels[i]]);
      else
        for (guint j = predictions->set_offsets[i]; j < predictions->set_offsets[i + 1]; j++)
          add_text (labels, classes[predictions->sets[j]]);
      g_checksum_update (labels, (const guchar *) "\n", 1);
    }
  rows->texts_sha256 = g_strdup (g_checksum_get_string (texts));
  rows->labels_sha256 = g_strdup (g_checksum_get_string (labels));
}

/* What the run's best evaluation says, or why there is nothing that it could say. */
static void
read_predictions (AttuneComparedRun  *compared,
                  AttuneComparedRows *rows)
{
  AttuneRun *run = compared->run;
  const char * const *classes = attune_run_get_classes (run);
  g_autoptr (AttuneRunPredictions) predictions = NULL;
  g_autoptr (GError) error = NULL;

  if (attune_run_get_history (run)->eval_accuracy->len == 0)
    {
      compared->problem = g_strdup (_("it was not evaluated"));
      return;
    }
  predictions = attune_run_load_predictions (attune_run_get_folder (run), &error);
  if (predictions == NULL)
    {
      compared->problem = g_steal_pointer (&error->message);
      return;
    }
  if (classes == NULL || g_strv_length ((char **) classes) != predictions->n_classes)
    {
      compared->problem = g_strdup (_("the predictions kept with it do not fit its labels"));
      return;
    }
  compared->metrics = attune_run_predictions_measure (predictions);
  rows->n_rows = predictions->n_rows;
  rows->right = g_new (guint8, predictions->n_rows);
  if (predictions->labels != NULL)
    attune_right_rows_from_logits (predictions->labels, predictions->logits, predictions->n_rows,
                                   predictions->n_classes, rows->right);
  else
    attune_right_rows_from_label_sets (predictions->sets, predictions->set_offsets,
                                       predictions->logits, predictions->n_rows,
                                       predictions->n_classes, rows->right);
  digest (rows, predictions, classes);
}

static double
get_last (const GArray *values)
{
  return values->len > 0 ? g_array_index (values, double, values->len - 1) : 0;
}

static gboolean
read_run (AttuneRunComparison  *self,
          const char           *folder,
          GError              **error)
{
  AttuneComparedRun *compared;
  AttuneComparedRows *rows;
  const AttuneRunHistory *history;
  AttuneRun *run = attune_run_open (folder, error);

  if (run == NULL)
    return FALSE;
  compared = g_new0 (AttuneComparedRun, 1);
  rows = g_new0 (AttuneComparedRows, 1);
  compared->run = run;
  compared->letter = g_strdup_printf ("%c", 'A' + (int) self->runs->len);
  g_ptr_array_add (self->runs, compared);
  g_ptr_array_add (self->rows, rows);
  history = attune_run_get_history (run);
  compared->samples_per_second = run->samples_per_second;
  compared->seconds = MAX (get_last (history->step_time), get_last (history->eval_time));
  read_predictions (compared, rows);
  return TRUE;
}

static void
spread (AttuneRunComparison *self,
        const GArray        *runs,
        gsize                offset,
        AttuneSpread        *result)
{
  double values[ATTUNE_RUN_COMPARISON_MAX];
  guint n = 0;

  for (guint i = 0; i < runs->len; i++)
    {
      const AttuneComparedRun *compared = g_ptr_array_index (self->runs,
                                                             g_array_index (runs, guint, i));

      if (compared->metrics != NULL)
        values[n++] = G_STRUCT_MEMBER (double, compared->metrics, offset);
    }
  attune_spread_compute (result, values, n);
}

/**
 * attune_run_comparison_new:
 * @folders: of 2 to ATTUNE_RUN_COMPARISON_MAX runs, %NULL-terminated, each once
 *
 * Reads all of each run, also while it is being trained.
 *
 * Returns: (transfer full): the comparison, or %NULL with ATTUNE_TRAIN_ERROR_RUN,
 *   ATTUNE_TRAIN_ERROR_SETTING for a number of runs that cannot be compared, or
 *   %G_IO_ERROR_CANCELLED
 */
AttuneRunComparison *
attune_run_comparison_new (const char * const  *folders,
                           GCancellable        *cancellable,
                           GError             **error)
{
  g_autoptr (AttuneRunComparison) self = g_new0 (AttuneRunComparison, 1);
  g_autoptr (GPtrArray) records = NULL;
  guint n = g_strv_length ((char **) folders);

  self->runs = g_ptr_array_new_with_free_func ((GDestroyNotify) compared_run_free);
  self->scores = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_compared_row_free);
  self->settings = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_compared_row_free);
  self->groups = g_ptr_array_new_with_free_func ((GDestroyNotify) compared_group_free);
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) compared_rows_free);
  if (n < 2 || n > ATTUNE_RUN_COMPARISON_MAX)
    {
      g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
                   _("2 to %d runs can be compared, not %u"), ATTUNE_RUN_COMPARISON_MAX, n);
      return NULL;
    }

  records = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_run_record_free);
  for (guint i = 0; i < n; i++)
    {
      AttuneRunRecord *record;

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !read_run (self, folders[i], error))
        return NULL;
      record = attune_run_record_load (folders[i], error);
      if (record == NULL)
        return NULL;
      g_ptr_array_add (records, record);
    }

  attune_run_comparison_compare_settings (self, (AttuneRunRecord * const *) records->pdata);
  for (guint i = 0; i < self->groups->len; i++)
    {
      AttuneComparedGroup *group = g_ptr_array_index (self->groups, i);

      spread (self, group->runs, G_STRUCT_OFFSET (AttuneMetrics, accuracy), &group->accuracy);
      spread (self, group->runs, G_STRUCT_OFFSET (AttuneMetrics, f1_macro), &group->f1_macro);
      spread (self, group->runs, G_STRUCT_OFFSET (AttuneMetrics, mcc), &group->mcc);
      spread (self, group->runs, G_STRUCT_OFFSET (AttuneMetrics, loss), &group->loss);
    }
  attune_run_comparison_list_scores (self);
  return g_steal_pointer (&self);
}

/**
 * attune_run_comparison_test:
 * @first: number of a run
 * @second: number of another
 * @test: (out caller-allocates): McNemar's test of the two, when they answered the same rows
 *
 * Returns: (transfer full) (nullable): why they cannot be compared row by row; %NULL with @test set
 */
char *
attune_run_comparison_test (const AttuneRunComparison *self,
                            guint                      first,
                            guint                      second,
                            AttunePairedTest          *test)
{
  const AttuneComparedRows *a = g_ptr_array_index (self->rows, first);
  const AttuneComparedRows *b = g_ptr_array_index (self->rows, second);
  const AttuneComparedRun *run_a = g_ptr_array_index (self->runs, first);
  const AttuneComparedRun *run_b = g_ptr_array_index (self->runs, second);

  for (guint i = 0; i < 2; i++)
    {
      const AttuneComparedRun *run = i == 0 ? run_a : run_b;

      if (run->metrics == NULL)
        /* Translators: the letter of a run, and why it has no results ("it was not evaluated"). */
        return g_strdup_printf (_("%s has no results: %s"), run->letter, run->problem);
    }
  if (a->n_rows != b->n_rows)
    return g_strdup_printf (_("they were measured on different rows, %'u and %'u of them"),
                            (guint) a->n_rows, (guint) b->n_rows);
  if (!g_str_equal (a->texts_sha256, b->texts_sha256))
    return g_strdup (_("they were measured on different texts"));
  if (!g_str_equal (a->labels_sha256, b->labels_sha256))
    return g_strdup (_("the same texts have other labels"));
  attune_paired_test_count (test, a->right, b->right, a->n_rows);
  return NULL;
}

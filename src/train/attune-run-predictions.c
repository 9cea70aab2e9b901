/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * predictions.json: the texts, labels and logits of the best evaluation, so that Results can open
 * the texts behind a cell of the confusion matrix. Written by the trainer thread, read by any.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>
#include <yyjson.h>

#include "attune-run-predictions.h"

#define MAX_BYTES (G_GUINT64_CONSTANT (1) << 30)
#define MAX_CLASSES 100000

void
attune_run_predictions_free (AttuneRunPredictions *self)
{
  if (self == NULL)
    return;
  for (guint64 i = 0; i < self->n_rows; i++)
    {
      g_free (self->texts[i]);
      if (self->pairs != NULL)
        g_free (self->pairs[i]);
    }
  g_free (self->texts);
  g_free (self->pairs);
  g_free (self->labels);
  g_free (self->sets);
  g_free (self->set_offsets);
  g_free (self->logits);
  g_free (self);
}

/**
 * attune_run_predictions_shorten:
 *
 * Returns: (transfer full): at most 2000 bytes of a text, cut between characters, as UTF-8; NUL
 *   characters inside become U+FFFD
 */
char *
attune_run_predictions_shorten (const char *text,
                                gsize       length)
{
  gsize cut = MIN (length, ATTUNE_RUN_PREDICTIONS_MAX_TEXT);

  if (cut < length)
    while (cut > 0 && ((guchar) text[cut] & 0xc0) == 0x80)
      cut--;
  return g_utf8_make_valid (text, (gssize) cut);
}

static void
add_row (yyjson_mut_doc             *doc,
         yyjson_mut_val             *rows,
         const AttuneRunPredictions *self,
         guint64                     i)
{
  yyjson_mut_val *row = yyjson_mut_arr_add_obj (doc, rows);
  yyjson_mut_val *logits;

  yyjson_mut_obj_add_str (doc, row, "text", self->texts[i]);
  if (self->pairs != NULL)
    yyjson_mut_obj_add_str (doc, row, "pair", self->pairs[i]);
  if (self->labels != NULL)
    yyjson_mut_obj_add_int (doc, row, "label", self->labels[i]);
  else
    {
      yyjson_mut_val *labels = yyjson_mut_obj_add_arr (doc, row, "labels");

      for (guint j = self->set_offsets[i]; j < self->set_offsets[i + 1]; j++)
        yyjson_mut_arr_add_int (doc, labels, self->sets[j]);
    }
  logits = yyjson_mut_obj_add_arr (doc, row, "logits");
  for (guint c = 0; c < self->n_classes; c++)
    {
      float logit = self->logits[i * self->n_classes + c];

      if (isfinite (logit))
        yyjson_mut_arr_add_real (doc, logits, (double) logit);
      else
        yyjson_mut_arr_add_null (doc, logits);
    }
}

/* Returns: (transfer full): the text of predictions.json */
char *
attune_run_predictions_to_json (const AttuneRunPredictions *self,
                                gint64                      step)
{
  yyjson_mut_doc *doc = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (doc);
  yyjson_mut_val *rows;
  char *written;
  char *json;

  yyjson_mut_doc_set_root (doc, root);
  yyjson_mut_obj_add_int (doc, root, "version", 1);
  yyjson_mut_obj_add_int (doc, root, "step", step);
  yyjson_mut_obj_add_uint (doc, root, "n_classes", self->n_classes);
  rows = yyjson_mut_obj_add_arr (doc, root, "rows");
  for (guint64 i = 0; i < self->n_rows; i++)
    add_row (doc, rows, self, i);

  written = yyjson_mut_write (doc, YYJSON_WRITE_NOFLAG, NULL);
  json = g_strdup (written);
  free (written);
  yyjson_mut_doc_free (doc);
  return json;
}

/* Ascending ids below C, added to sets. */
static gboolean
read_set (AttuneRunPredictions *self,
          GArray               *sets,
          yyjson_val           *labels,
          guint64               i)
{
  yyjson_arr_iter iter;
  yyjson_val *label;
  gint64 last = -1;

  if (!yyjson_arr_iter_init (labels, &iter))
    return FALSE;
  while ((label = yyjson_arr_iter_next (&iter)) != NULL)
    {
      gint64 number = yyjson_is_int (label) ? yyjson_get_sint (label) : -1;
      gint32 id = (gint32) number;

      if (number <= last || number >= self->n_classes)
        return FALSE;
      g_array_append_val (sets, id);
      last = number;
    }
  self->set_offsets[i + 1] = sets->len;
  return TRUE;
}

/* FALSE when the row is not of the shape that was promised. */
static gboolean
read_row (AttuneRunPredictions *self,
          GArray               *sets,
          yyjson_val           *row,
          guint64               i)
{
  const char *text = yyjson_get_str (yyjson_obj_get (row, "text"));
  const char *pair = yyjson_get_str (yyjson_obj_get (row, "pair"));
  yyjson_val *logits = yyjson_obj_get (row, "logits");
  gint64 label = yyjson_get_sint (yyjson_obj_get (row, "label"));
  yyjson_arr_iter iter;

  if (text == NULL || yyjson_arr_size (logits) != self->n_classes)
    return FALSE;
  if (self->labels == NULL ? !read_set (self, sets, yyjson_obj_get (row, "labels"), i)
                           : label < 0 || label >= self->n_classes)
    return FALSE;
  self->texts[i] = g_strdup (text);
  if (self->pairs != NULL)
    self->pairs[i] = g_strdup (pair != NULL ? pair : "");
  if (self->labels != NULL)
    self->labels[i] = (gint32) label;
  yyjson_arr_iter_init (logits, &iter);
  for (guint c = 0; c < self->n_classes; c++)
    {
      yyjson_val *logit = yyjson_arr_iter_next (&iter);

      self->logits[i * self->n_classes + c] = yyjson_is_num (logit) ? (float) yyjson_get_num (logit)
                                                                    : NAN;
    }
  return TRUE;
}

/**
 * attune_run_predictions_parse:
 *
 * Returns: (transfer full): the predictions, or %NULL with ATTUNE_TRAIN_ERROR_RUN
 */
AttuneRunPredictions *
attune_run_predictions_parse (const char  *json,
                              gsize        length,
                              const char  *source_name,
                              GError     **error)
{
  yyjson_doc *doc = yyjson_read (json, length, YYJSON_READ_NOFLAG);
  yyjson_val *root = doc != NULL ? yyjson_doc_get_root (doc) : NULL;
  yyjson_val *rows = yyjson_obj_get (root, "rows");
  guint64 n_rows = yyjson_arr_size (rows);
  guint64 n_classes = yyjson_get_uint (yyjson_obj_get (root, "n_classes"));
  g_autoptr (AttuneRunPredictions) self = NULL;
  gboolean ok = yyjson_get_sint (yyjson_obj_get (root, "version")) == 1 && n_rows > 0
                && n_classes > 0 && n_classes <= MAX_CLASSES;

  /* Every logit takes two bytes of the file at least, so the sizes are bounded by its length. */
  if (ok && n_rows * n_classes <= length / 2)
    {
      g_autoptr (GArray) sets = g_array_new (FALSE, FALSE, sizeof (gint32));
      yyjson_arr_iter iter;

      self = g_new0 (AttuneRunPredictions, 1);
      self->n_rows = n_rows;
      self->n_classes = (guint) n_classes;
      self->texts = g_new0 (char *, n_rows);
      if (yyjson_obj_get (yyjson_arr_get_first (rows), "pair") != NULL)
        self->pairs = g_new0 (char *, n_rows);
      if (yyjson_obj_get (yyjson_arr_get_first (rows), "labels") == NULL)
        self->labels = g_new0 (gint32, n_rows);
      else
        self->set_offsets = g_new0 (guint, n_rows + 1);
      self->logits = g_new0 (float, n_rows * n_classes);
      yyjson_arr_iter_init (rows, &iter);
      for (guint64 i = 0; ok && i < n_rows; i++)
        ok = read_row (self, sets, yyjson_arr_iter_next (&iter), i);
      if (self->labels == NULL)
        self->sets = (gint32 *) g_array_steal (sets, NULL);
    }
  else
    ok = FALSE;
  if (doc != NULL)
    yyjson_doc_free (doc);
  if (!ok)
    {
      g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
                   _("%s holds no predictions of a run"), source_name);
      return NULL;
    }
  return g_steal_pointer (&self);
}

AttuneMetrics *
attune_run_predictions_measure (const AttuneRunPredictions *self)
{
  return self->labels != NULL
           ? attune_metrics_new_from_logits (self->labels, self->logits, self->n_rows,
                                             self->n_classes)
           : attune_metrics_new_from_label_sets (self->sets, self->set_offsets, self->logits,
                                                 self->n_rows, self->n_classes);
}

/**
 * attune_run_load_predictions:
 * @folder: a run's folder
 *
 * Returns: (transfer full): the best evaluation's predictions, or %NULL with
 *   ATTUNE_TRAIN_ERROR_RUN, for one when nothing was ever evaluated
 */
AttuneRunPredictions *
attune_run_load_predictions (const char  *folder,
                             GError     **error)
{
  g_autofree char *path = g_build_filename (folder, "predictions.json", NULL);
  g_autofree char *json = NULL;
  gsize length = 0;

  json = attune_run_folder_read (folder, "predictions.json", MAX_BYTES, &length, error);
  return json != NULL ? attune_run_predictions_parse (json, length, path, error) : NULL;
}

gint64
attune_run_predictions_get_step (const char *folder)
{
  gsize length = 0;
  g_autofree char *json = attune_run_folder_read (folder, "predictions.json", MAX_BYTES, &length,
                                                  NULL);
  yyjson_doc *doc = json != NULL ? yyjson_read (json, length, YYJSON_READ_NOFLAG) : NULL;
  gint64 step = yyjson_get_sint (yyjson_obj_get (yyjson_doc_get_root (doc), "step"));

  if (doc != NULL)
    yyjson_doc_free (doc);
  return step;
}

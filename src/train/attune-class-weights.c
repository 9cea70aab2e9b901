/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Class weights: "balanced" is n / (C n_c) as scikit-learn's compute_class_weight has it; a list is
 * taken as it is. Pure functions.
 */
#include "config.h"

#include <glib/gi18n.h>

#include "attune-class-weights.h"

static float *
balance (const guint *counts,
         guint        n_classes)
{
  float *weights = g_new (float, n_classes);
  double n = 0;

  for (guint c = 0; c < n_classes; c++)
    n += counts[c];
  /* A class without rows is never looked up by a label; 0 keeps it out of label smoothing. */
  for (guint c = 0; c < n_classes; c++)
    weights[c] = counts[c] > 0 ? (float) (n / ((double) n_classes * counts[c])) : 0;
  return weights;
}

float *
attune_class_weights_new (AttuneTrainConfig  *config,
                          const guint        *counts,
                          guint               n_classes,
                          GError            **error)
{
  const char *text = attune_train_config_get_string (config, "class_weight");
  g_auto (GStrv) words = NULL;
  float *weights;

  if (g_str_equal (text, "none"))
    return NULL;
  if (g_str_equal (text, "balanced"))
    return balance (counts, n_classes);
  words = g_strsplit (text, ",", -1);
  if (g_strv_length (words) != n_classes)
    {
      g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
                   _("class_weight has %u numbers, but the data has %u labels"),
                   g_strv_length (words), n_classes);
      return NULL;
    }
  weights = g_new (float, n_classes);
  for (guint c = 0; c < n_classes; c++)
    weights[c] = (float) g_ascii_strtod (words[c], NULL);
  return weights;
}

double
attune_class_weights_denominator (const float  *weights,
                                  const gint32 *labels,
                                  guint         n,
                                  guint         n_micro_batches)
{
  double sum = 0;

  for (guint i = 0; weights != NULL && i < n; i++)
    sum += (double) weights[labels[i]];
  if (weights == NULL)
    sum = n;
  /* A micro-batch of rows without weight adds nothing, whatever it is divided by. */
  return (sum > 0 ? sum : 1) * n_micro_batches;
}

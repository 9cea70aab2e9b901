/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Metrics of rows that may have several labels, by the definitions of scikit-learn for label
 * indicators and of torch.nn.BCEWithLogitsLoss for the loss. Pure functions, any thread.
 */
#include "config.h"

#include "attune-metrics-private.h"

#include <math.h>

/* Binary cross entropy of one answer, from its logit: max (x, 0) - x t + log (1 + exp (-|x|)). */
static double
answer_loss (double   logit,
             gboolean has_label)
{
  return fmax (logit, 0.0) - (has_label ? logit : 0.0) + log1p (exp (-fabs (logit)));
}

/* Counts one row; its labels are set (n,), ascending. Returns: the sum of its answers' losses, NaN
 * if a logit is not finite. */
static double
count_row (AttuneMetrics *self,
           const gint32  *set,
           guint          n,
           const float   *logits)
{
  gboolean right = TRUE, finite = TRUE;
  double loss = 0.0;
  guint at = 0;

  for (guint c = 0; c < self->n_classes; c++)
    finite = finite && isfinite (logits[c]);
  for (guint c = 0; c < self->n_classes; c++)
    {
      gboolean has_label = at < n && set[at] == (gint32) c;
      gboolean given = finite && logits[c] > 0.0f;

      at += has_label;
      self->support[c] += has_label;
      self->n_predicted[c] += given;
      self->n_right[c] += has_label && given;
      right = right && has_label == given;
      loss += answer_loss ((double) logits[c], has_label);
    }
  self->n_rows++;
  self->n_correct += right && finite;
  return finite ? loss : NAN;
}

AttuneMetrics *
attune_metrics_new_from_label_sets (const gint32 *sets,
                                    const guint  *offsets,
                                    const float  *logits,
                                    guint64       n_rows,
                                    guint         n_classes)
{
  AttuneMetrics *self;
  double loss = 0.0;

  g_return_val_if_fail (n_classes > 0, NULL);

  self = attune_metrics_new (n_classes);
  self->multi_label = TRUE;
  for (guint64 row = 0; row < n_rows; row++)
    loss += count_row (self, sets + offsets[row], offsets[row + 1] - offsets[row],
                       logits + row * n_classes);
  attune_metrics_compute_scores (self);
  self->loss = n_rows > 0 ? loss / ((double) n_rows * n_classes) : NAN;
  self->mcc = NAN;
  self->calibration_error = NAN;
  return self;
}

/* Logits that are not finite give probabilities that are NaN, but for infinities of either sign. */
void
attune_sigmoid (const float *logits,
                guint        n_classes,
                float       *probabilities)
{
  for (guint c = 0; c < n_classes; c++)
    {
      double tail = exp (-fabs ((double) logits[c]));

      probabilities[c] = (float) (logits[c] < 0.0f ? tail / (1.0 + tail) : 1.0 / (1.0 + tail));
    }
}

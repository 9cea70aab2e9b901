/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRateCurve: what a learning rate range test measured, the loss at ever larger learning rates,
 * and which rate it speaks for. Plain data, any thread.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  double rate;
  double loss;
  double smoothed; /* debiased moving average of the losses so far */
} AttuneRatePoint;

typedef enum {
  ATTUNE_RATE_FOUND,
  ATTUNE_RATE_FLAT,    /* the loss falls nowhere by more than chance */
  ATTUNE_RATE_TOO_FEW, /* it ended before there was anything to see */
} AttuneRateVerdict;

typedef struct {
  GArray *points; /* AttuneRatePoint, rates ascending, all finite */
  double average; /* the moving average before it is debiased */
  double best;    /* the least smoothed loss */
  gboolean over;  /* the loss has exploded: nothing is added any more */
} AttuneRateCurve;

AttuneRateCurve *attune_rate_curve_new     (void);
void             attune_rate_curve_free    (AttuneRateCurve       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneRateCurve, attune_rate_curve_free)

/* Whether the test should go on: not after a loss that is not finite, or has exploded. */
gboolean         attune_rate_curve_add     (AttuneRateCurve       *self,
                                            double                 rate,
                                            double                 loss);
/* *rate: what it suggests, of one digit; NaN unless FOUND. */
AttuneRateVerdict
                 attune_rate_curve_judge   (const AttuneRateCurve *self,
                                            double                *rate);
/* (transfer full): the verdict as a sentence or two. */
char            *attune_rate_curve_explain (const AttuneRateCurve *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where an axis puts its ticks and how a number is written beside them. Pure arithmetic: no widget,
 * no drawing, any thread.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define ATTUNE_TICKS_MAX 48

typedef struct {
  double value[ATTUNE_TICKS_MAX];   /* ascending, all within the range asked for */
  guint  n;
  double step;                      /* distance between two; 0 on a logarithmic axis */
} AttuneTicks;

double  attune_ticks_nice_step (double       span,
                                guint        most,
                                gboolean     whole);
void    attune_ticks_linear    (AttuneTicks *ticks,
                                double       low,
                                double       high,
                                guint        most,
                                gboolean     whole);
void    attune_ticks_log       (AttuneTicks *ticks,
                                double       low,
                                double       high,
                                guint        most);
void    attune_ticks_time      (AttuneTicks *ticks,
                                double       low,
                                double       high,
                                guint        most);
char   *attune_time_format     (double       seconds);
char   *attune_ticks_format    (double       value,
                                double       step,
                                gboolean     percent);
char   *attune_power_format    (double       exponent);
char   *attune_value_format    (double       value,
                                gboolean     percent);

G_END_DECLS

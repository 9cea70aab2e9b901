/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a plot is given to show: series, points, levels and marks. Main thread.
 */
#include "config.h"

#include "attune-plot-private.h"

#include <math.h>

static AttunePlotSeries *
get_series (AttunePlot *self,
            guint       series)
{
  g_return_val_if_fail (ATTUNE_IS_PLOT (self), NULL);
  g_return_val_if_fail (series < self->series->len, NULL);

  return g_ptr_array_index (self->series, series);
}

/**
 * attune_plot_add_series:
 * @label: what legend and read-out say
 * @style: colour, line and points
 *
 * Returns: the number of the new, empty series
 */
guint
attune_plot_add_series (AttunePlot        *self,
                        const char        *label,
                        AttuneSeriesStyle  style)
{
  g_return_val_if_fail (ATTUNE_IS_PLOT (self), 0);
  g_return_val_if_fail (label != NULL, 0);

  g_ptr_array_add (self->series, attune_plot_series_new (label, style));
  attune_plot_series_changed (self);
  return self->series->len - 1;
}

/* Takes all series and marks away. */
void
attune_plot_clear (AttunePlot *self)
{
  g_return_if_fail (ATTUNE_IS_PLOT (self));

  g_ptr_array_set_size (self->series, 0);
  g_array_set_size (self->marks, 0);
  g_array_set_size (self->moments, 0);
  g_object_set (self, "cursor-x", NAN, NULL);
  attune_plot_reset_zoom (self);
  attune_plot_series_changed (self);
}

/**
 * attune_plot_truncate:
 * @n_series: how many to keep, counted from the first
 *
 * Takes away the series added after these; what is left keeps its numbers, points and toggles.
 */
void
attune_plot_truncate (AttunePlot *self,
                      guint       n_series)
{
  g_return_if_fail (ATTUNE_IS_PLOT (self));

  if (n_series >= self->series->len)
    return;
  g_ptr_array_set_size (self->series, (gint) n_series);
  attune_plot_series_changed (self);
}

/**
 * attune_plot_append:
 * @series: number of the series
 * @x: (array length=n): ascending, none below the last one appended
 * @y: (array length=n): NaN and infinite values are marked, never joined
 *
 * Appends points. Costs the new points only; draws once a frame however often it is called.
 */
void
attune_plot_append (AttunePlot   *self,
                    guint         series,
                    const double *x,
                    const double *y,
                    guint         n)
{
  AttunePlotSeries *found = get_series (self, series);

  g_return_if_fail (found != NULL && (n == 0 || (x != NULL && y != NULL)));

  attune_plot_series_append (found, x, y, n);
  attune_plot_invalidate (self);
}

/* Like attune_plot_append(), but in place of what was there. */
void
attune_plot_set_data (AttunePlot   *self,
                      guint         series,
                      const double *x,
                      const double *y,
                      guint         n)
{
  AttunePlotSeries *found = get_series (self, series);

  g_return_if_fail (found != NULL && (n == 0 || (x != NULL && y != NULL)));

  attune_plot_series_clear (found);
  attune_plot_series_append (found, x, y, n);
  attune_plot_invalidate (self);
}

/* Sets where a base line lies; NaN hides it. */
void
attune_plot_set_level (AttunePlot *self,
                       guint       series,
                       double      y)
{
  AttunePlotSeries *found = get_series (self, series);

  g_return_if_fail (found != NULL);

  found->level = y;
  attune_plot_invalidate (self);
}

void
attune_plot_set_series_visible (AttunePlot *self,
                                guint       series,
                                gboolean    visible)
{
  AttunePlotSeries *found = get_series (self, series);

  g_return_if_fail (found != NULL);

  if (found->visible != visible)
    {
      found->visible = visible;
      attune_plot_series_changed (self);
    }
}

/* Shows or hides the single values behind an average. */
void
attune_plot_set_raw_visible (AttunePlot *self,
                             guint       series,
                             gboolean    visible)
{
  AttunePlotSeries *found = get_series (self, series);

  g_return_if_fail (found != NULL);

  if (found->raw_visible != visible)
    {
      found->raw_visible = visible;
      attune_plot_series_changed (self);
    }
}

void
attune_plot_set_series_listed (AttunePlot *self,
                               guint       series,
                               gboolean    listed)
{
  AttunePlotSeries *found = get_series (self, series);

  g_return_if_fail (found != NULL);

  if (found->listed != listed)
    {
      found->listed = listed;
      attune_plot_series_changed (self);
    }
}

void
attune_plot_set_series_label (AttunePlot *self,
                              guint       series,
                              const char *label)
{
  AttunePlotSeries *found = get_series (self, series);

  g_return_if_fail (found != NULL && label != NULL);

  if (g_set_str (&found->label, label))
    attune_plot_series_changed (self);
}

void
attune_plot_set_series_smoothed (AttunePlot *self,
                                 guint       series,
                                 gboolean    smoothed)
{
  AttunePlotSeries *found = get_series (self, series);

  g_return_if_fail (found != NULL);

  if (found->smoothed != smoothed)
    {
      found->smoothed = smoothed;
      attune_plot_series_changed (self);
    }
}

void
attune_plot_set_series_faint (AttunePlot *self,
                              guint       series,
                              gboolean    faint)
{
  AttunePlotSeries *found = get_series (self, series);

  g_return_if_fail (found != NULL);

  if (found->faint != faint)
    {
      found->faint = faint;
      attune_plot_series_changed (self);
    }
}

static void
replace_marks (AttunePlot         *self,
               GArray             *marks,
               const double       *x,
               const char * const *labels,
               guint               n)
{
  g_array_set_size (marks, 0);
  for (guint i = 0; i < n; i++)
    {
      AttunePlotMark mark = { x[i], g_strdup (labels ? labels[i] : NULL) };

      g_array_append_val (marks, mark);
    }
  attune_plot_invalidate (self);
}

/**
 * attune_plot_set_marks:
 * @x: (array length=n): ascending
 * @labels: (nullable) (array length=n): names above the lines
 *
 * Replaces the vertical marks.
 */
void
attune_plot_set_marks (AttunePlot         *self,
                       const double       *x,
                       const char * const *labels,
                       guint               n)
{
  g_return_if_fail (ATTUNE_IS_PLOT (self));
  g_return_if_fail (n == 0 || x != NULL);

  replace_marks (self, self->marks, x, labels, n);
}

/* Likewise for the places where something happened, which are dashed. */
void
attune_plot_set_moments (AttunePlot         *self,
                         const double       *x,
                         const char * const *labels,
                         guint               n)
{
  g_return_if_fail (ATTUNE_IS_PLOT (self));
  g_return_if_fail (n == 0 || x != NULL);

  replace_marks (self, self->moments, x, labels, n);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading a learning rate range test (L. N. Smith, Cyclical Learning Rates for Training Neural
 * Networks, 2015). The rate suggested is the lesser of two: that at which the loss falls most
 * steeply against the logarithm of the rate, and a tenth of that at which it is lowest, for what a
 * pre-trained model bears for a few steps it does not bear for an epoch. Slopes and means are those
 * of a line through a tenth of the points around each, so that they neither lag, as a moving average
 * does, nor follow single batches. Before anything is suggested the fall must be more than chance:
 * see judge().
 */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "attune-rate-curve.h"

/* Of the moving average that is drawn, and that says when the loss has exploded. */
#define WEIGHT 0.9
#define EXPLOSION 4.0
/* Before this many points the average is that of a few batches. */
#define LEAST_POINTS 20u
/* The fall that counts: of the loss at the start, and in standard errors of the difference. */
#define LEAST_FALL 0.05
#define LEAST_ERRORS 5.0

/* The line through the points around one. */
typedef struct {
  double mean;
  double slope;
  double variance; /* of the points about the line */
} Fit;

AttuneRateCurve *
attune_rate_curve_new (void)
{
  AttuneRateCurve *self = g_new0 (AttuneRateCurve, 1);

  self->points = g_array_new (FALSE, FALSE, sizeof (AttuneRatePoint));
  self->best = INFINITY;
  return self;
}

void
attune_rate_curve_free (AttuneRateCurve *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->points);
  g_free (self);
}

gboolean
attune_rate_curve_add (AttuneRateCurve *self,
                       double           rate,
                       double           loss)
{
  AttuneRatePoint point = { .rate = rate, .loss = loss };

  if (self->over || !isfinite (loss) || !isfinite (rate) || rate <= 0)
    {
      self->over = TRUE;
      return FALSE;
    }
  self->average = WEIGHT * self->average + (1 - WEIGHT) * loss;
  point.smoothed = self->average / (1 - pow (WEIGHT, self->points->len + 1));
  g_array_append_val (self->points, point);
  self->best = MIN (self->best, point.smoothed);
  self->over = self->points->len > LEAST_POINTS && point.smoothed > EXPLOSION * self->best;
  return !self->over;
}

/* Least squares over the points from first on; x in logarithms of the rate. */
static Fit
fit_line (const AttuneRatePoint *first,
          guint                  n)
{
  double x_mean = 0, xx = 0, xy = 0, yy = 0;
  Fit fit = { 0 };

  for (guint i = 0; i < n; i++)
    {
      x_mean += log (first[i].rate) / n;
      fit.mean += first[i].loss / n;
    }
  for (guint i = 0; i < n; i++)
    {
      double x = log (first[i].rate) - x_mean;
      double y = first[i].loss - fit.mean;

      xx += x * x;
      xy += x * y;
      yy += y * y;
    }
  fit.slope = xx > 0 ? xy / xx : 0;
  fit.variance = MAX (0, yy - fit.slope * xy) / (n - 2);
  return fit;
}

static gint
compare_variances (gconstpointer a,
                   gconstpointer b)
{
  double one = ((const Fit *) a)->variance;
  double other = ((const Fit *) b)->variance;

  return one < other ? -1 : one > other ? 1 : 0;
}

/* What single batches differ by: the median of the fits up to the lowest, for large rates make the
 * loss restless; that of a chi-squared variable is about (1 - 2 / 9k)³ of its mean (Wilson and
 * Hilferty). The lowest one's own, where that is more already. */
static double
get_error (const Fit *fits,
           guint      n_fits,
           guint      lowest,
           guint      width)
{
  guint n = MAX (lowest + 1, (n_fits + 3) / 4);
  g_autofree Fit *sorted = g_memdup2 (fits, n * sizeof *fits);
  double usual;

  qsort (sorted, n, sizeof *sorted, compare_variances);
  usual = sorted[n / 2].variance / pow (1 - 2 / (9.0 * (width - 2)), 3);
  return sqrt ((usual + MAX (usual, fits[lowest].variance)) / width);
}

static double
round_to_one_digit (double rate)
{
  double power = pow (10, floor (log10 (rate)));

  return round (rate / power) * power;
}

/**
 * attune_rate_curve_judge:
 * @rate: (out): the suggestion
 *
 * The loss must fall from the first points to its lowest by a twentieth of itself and by five
 * standard errors of the difference of two such means. Of 8000 simulated curves of 60 points of
 * normal noise that lets two pass, of 3000 of 100 or 200 points none.
 *
 * Returns: FOUND with @rate; else why there is none
 */
AttuneRateVerdict
attune_rate_curve_judge (const AttuneRateCurve *self,
                         double                *rate)
{
  guint n = self->points->len;
  guint half = MAX (3, n / 20);
  guint width = 2 * half + 1;
  const AttuneRatePoint *points = (const AttuneRatePoint *) (gpointer) self->points->data;
  g_autofree Fit *fits = NULL;
  guint n_fits, lowest = 0, steepest = 0;
  double fall;

  *rate = NAN;
  if (n < LEAST_POINTS)
    return ATTUNE_RATE_TOO_FEW;

  n_fits = n - width + 1;
  fits = g_new (Fit, n_fits);
  for (guint i = 0; i < n_fits; i++)
    {
      fits[i] = fit_line (points + i, width);
      if (fits[i].mean < fits[lowest].mean)
        lowest = i;
    }
  for (guint i = 0; i <= lowest; i++)
    if (fits[i].slope < fits[steepest].slope)
      steepest = i;

  fall = fits[0].mean - fits[lowest].mean;
  if (fall < LEAST_FALL * fits[0].mean
      || fall < LEAST_ERRORS * get_error (fits, n_fits, lowest, width)
      || fits[steepest].slope >= 0)
    return ATTUNE_RATE_FLAT;
  *rate = round_to_one_digit (MIN (points[steepest + half].rate, points[lowest + half].rate / 10));
  return ATTUNE_RATE_FOUND;
}

char *
attune_rate_curve_explain (const AttuneRateCurve *self)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  char *power;
  double rate;

  switch (attune_rate_curve_judge (self, &rate))
    {
    case ATTUNE_RATE_FOUND:
      g_ascii_formatd (text, sizeof text, "%.1g", rate);
      power = strchr (text, 'e');
      if (power != NULL && power[2] == '0')
        memmove (power + 2, power + 3, strlen (power + 3) + 1);
      /* Translators: %s is a learning rate, such as 3e-5. */
      return g_strdup_printf (_("A learning rate of %s suits this model and data."), text);
    case ATTUNE_RATE_TOO_FEW:
      return g_strdup (_("The loss exploded at once, so there is no suggestion; begin with a "
                         "smaller learning rate, or set precision to fp32."));
    case ATTUNE_RATE_FLAT:
    default:
      return g_strdup (_("The loss falls at no learning rate by more than chance, so there is no "
                         "suggestion; take more steps or larger batches, and look at the labels."));
    }
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Minimises strictness · Σ loss + ½ |w|², divided by strictness · N, as scikit-learn's
 * LogisticRegression states it (C is the strictness): logistic loss of two classes, cross entropy of
 * more. L-BFGS (Liu and Nocedal 1989; two loops over the last steps) with a line search that halves
 * until the loss falls enough.
 */
#include "config.h"

#include "attune-logistic-solver.h"

#include <math.h>
#include <string.h>

#define HISTORY 6
#define MOST_HALVINGS 30
#define ENOUGH 1e-4 /* of the decrease that the slope promises */
#define ROWS_PER_CHECK 4096

typedef struct {
  const AttuneLogisticProblem *problem;
  guint n_sets;
  gsize n;           /* numbers: (F+1) K */
  double *scores;    /* (K,) */
  GCancellable *cancellable;
} Solver;

guint
attune_logistic_count_sets (guint n_classes)
{
  return n_classes == 2 ? 1 : n_classes;
}

void
attune_logistic_score (const double  *weights,
                       guint          n_features,
                       guint          n_sets,
                       const guint32 *columns,
                       const float   *values,
                       gsize          n,
                       double        *scores)
{
  memcpy (scores, weights + (gsize) n_features * n_sets, n_sets * sizeof *scores);
  for (gsize i = 0; i < n; i++)
    {
      const double *row = weights + (gsize) columns[i] * n_sets;
      const double value = values[i];

      for (guint k = 0; k < n_sets; k++)
        scores[k] += value * row[k];
    }
}

/* The loss of a row; scores become its derivative. */
static double
differentiate (double *scores,
               guint   n_sets,
               gint32  label)
{
  double highest = -INFINITY, sum = 0, loss;

  if (n_sets == 1)
    {
      const double margin = label == 1 ? scores[0] : -scores[0];

      loss = margin > 0 ? log1p (exp (-margin)) : log1p (exp (margin)) - margin;
      scores[0] = 1 / (1 + exp (-scores[0])) - label;
      return loss;
    }
  for (guint k = 0; k < n_sets; k++)
    highest = MAX (highest, scores[k]);
  loss = highest - scores[label];
  for (guint k = 0; k < n_sets; k++)
    sum += scores[k] = exp (scores[k] - highest);
  for (guint k = 0; k < n_sets; k++)
    scores[k] /= sum;
  scores[label] -= 1;
  return loss + log (sum);
}

/* What is minimised, and its gradient; FALSE when cancelled. */
static gboolean
evaluate (Solver        *self,
          const double  *weights,
          double        *loss,
          double        *gradient,
          GError       **error)
{
  const AttuneLogisticProblem *problem = self->problem;
  const guint n_sets = self->n_sets;
  const double each = 1.0 / problem->n_rows, decay = each / problem->strictness;
  const gsize n_kept_small = (gsize) problem->n_features * n_sets;
  double sum = 0, squares = 0;

  for (gsize i = 0; i < n_kept_small; i++)
    {
      squares += weights[i] * weights[i];
      gradient[i] = decay * weights[i];
    }
  memset (gradient + n_kept_small, 0, n_sets * sizeof *gradient);
  for (guint row = 0; row < problem->n_rows; row++)
    {
      const gsize start = problem->offsets[row], n = problem->offsets[row + 1] - start;

      if (row % ROWS_PER_CHECK == 0 && g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      attune_logistic_score (weights, problem->n_features, n_sets, problem->columns + start,
                             problem->values + start, n, self->scores);
      sum += differentiate (self->scores, n_sets, problem->labels[row]);
      for (guint k = 0; k < n_sets; k++)
        gradient[n_kept_small + k] += self->scores[k] *= each;
      for (gsize i = start; i < start + n; i++)
        {
          double *to = gradient + (gsize) problem->columns[i] * n_sets;

          for (guint k = 0; k < n_sets; k++)
            to[k] += self->scores[k] * problem->values[i];
        }
    }
  *loss = each * sum + 0.5 * decay * squares;
  return TRUE;
}

static double
dot (const double *a,
     const double *b,
     gsize         n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

static void
add_scaled (double       *to,
            double        factor,
            const double *from,
            gsize         n)
{
  for (gsize i = 0; i < n; i++)
    to[i] += factor * from[i];
}

static double
largest (const double *values,
         gsize         n)
{
  double found = 0;

  for (gsize i = 0; i < n; i++)
    found = MAX (found, fabs (values[i]));
  return found;
}

/* The last steps and how the gradient changed along them, in a ring. */
typedef struct {
  double *steps[HISTORY], *changes[HISTORY];
  double curvature[HISTORY]; /* step · change */
  guint n, next;
} History;

static void
history_init (History *self,
              gsize    n)
{
  *self = (History) { 0 };
  for (guint i = 0; i < HISTORY; i++)
    {
      self->steps[i] = g_new (double, n);
      self->changes[i] = g_new (double, n);
    }
}

static void
history_clear (History *self)
{
  for (guint i = 0; i < HISTORY; i++)
    {
      g_free (self->steps[i]);
      g_free (self->changes[i]);
    }
}

static void
history_add (History      *self,
             const double *from,
             const double *to,
             const double *gradient_from,
             const double *gradient_to,
             gsize         n)
{
  double *step = self->steps[self->next], *change = self->changes[self->next];
  double curvature = 0;

  for (gsize i = 0; i < n; i++)
    curvature += (to[i] - from[i]) * (gradient_to[i] - gradient_from[i]);
  /* Rounding may leave none: what is in the ring stays. */
  if (!(curvature > 0))
    return;
  for (gsize i = 0; i < n; i++)
    {
      step[i] = to[i] - from[i];
      change[i] = gradient_to[i] - gradient_from[i];
    }
  self->curvature[self->next] = curvature;
  self->next = (self->next + 1) % HISTORY;
  self->n = MIN (self->n + 1, HISTORY);
}

/* direction: minus the gradient, as the curvature seen so far bends it. */
static void
find_direction (const History *self,
                const double  *gradient,
                double        *direction,
                gsize          n)
{
  double parts[HISTORY];

  for (gsize i = 0; i < n; i++)
    direction[i] = -gradient[i];
  if (self->n == 0)
    {
      /* Of no known scale yet: a first step of length one. */
      const double length = sqrt (dot (gradient, gradient, n));

      for (gsize i = 0; length > 0 && i < n; i++)
        direction[i] /= length;
      return;
    }
  for (guint back = 1; back <= self->n; back++)
    {
      const guint i = (self->next + HISTORY - back) % HISTORY;

      parts[i] = dot (self->steps[i], direction, n) / self->curvature[i];
      add_scaled (direction, -parts[i], self->changes[i], n);
    }
  {
    const guint newest = (self->next + HISTORY - 1) % HISTORY;
    const double scale = self->curvature[newest]
                         / dot (self->changes[newest], self->changes[newest], n);

    for (gsize i = 0; i < n; i++)
      direction[i] *= scale;
  }
  for (guint back = self->n; back >= 1; back--)
    {
      const guint i = (self->next + HISTORY - back) % HISTORY;

      add_scaled (direction,
                  parts[i] - dot (self->changes[i], direction, n) / self->curvature[i],
                  self->steps[i], n);
    }
}

/* Moves from weights to where the loss is enough lower. FALSE without an error where it cannot fall
 * any more. */
static gboolean
search_line (Solver        *self,
             const double  *weights,
             const double  *direction,
             double         slope,
             double         before,
             double        *moved,
             double        *loss,
             double        *gradient,
             GError       **error)
{
  double length = 1;

  for (guint halving = 0; halving < MOST_HALVINGS; halving++, length /= 2)
    {
      memcpy (moved, weights, self->n * sizeof *moved);
      add_scaled (moved, length, direction, self->n);
      if (!evaluate (self, moved, loss, gradient, error))
        return FALSE;
      if (*loss <= before + ENOUGH * length * slope)
        return TRUE;
    }
  return FALSE;
}

gboolean
attune_logistic_solve (const AttuneLogisticProblem  *problem,
                       double                       *weights,
                       GCancellable                 *cancellable,
                       GError                      **error)
{
  const guint n_sets = attune_logistic_count_sets (problem->n_classes);
  Solver self = { problem, n_sets, ((gsize) problem->n_features + 1) * n_sets, NULL, cancellable };
  g_autofree double *moved = NULL, *gradient = NULL, *next_gradient = NULL, *direction = NULL;
  g_autofree double *scores = g_new (double, n_sets);
  GError *local_error = NULL;
  History history;
  double loss;

  g_return_val_if_fail (problem->n_rows > 0 && problem->n_classes >= 2, FALSE);

  self.scores = scores;
  moved = g_new (double, self.n);
  gradient = g_new (double, self.n);
  next_gradient = g_new (double, self.n);
  direction = g_new (double, self.n);
  history_init (&history, self.n);
  memset (weights, 0, self.n * sizeof *weights);
  if (evaluate (&self, weights, &loss, gradient, &local_error))
    for (guint i = 0; i < problem->most_iterations; i++)
      {
        double next_loss, slope;

        if (largest (gradient, self.n) <= problem->tolerance)
          break;
        find_direction (&history, gradient, direction, self.n);
        slope = dot (gradient, direction, self.n);
        if (!search_line (&self, weights, direction, slope, loss, moved, &next_loss, next_gradient,
                          &local_error))
          break;
        history_add (&history, weights, moved, gradient, next_gradient, self.n);
        memcpy (weights, moved, self.n * sizeof *weights);
        memcpy (gradient, next_gradient, self.n * sizeof *gradient);
        loss = next_loss;
      }
  history_clear (&history);
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

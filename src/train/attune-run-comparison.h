/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRunComparison: two or more runs side by side: what they scored, in which settings they
 * differ, whether one is better than another by more than chance, and where some differ in nothing
 * but the seed, what such groups score. Made in any one thread, then read by any.
 */
#pragma once

#include "attune-metrics.h"
#include "attune-paired-test.h"
#include "attune-run.h"
#include "attune-spread.h"

G_BEGIN_DECLS

/* More are not told apart, neither in a table nor in a plot. */
#define ATTUNE_RUN_COMPARISON_MAX 24

typedef struct {
  AttuneRun *run;         /* with its whole history */
  char *letter;           /* "A" to "X", what the run is called in tables */
  AttuneMetrics *metrics; /* of the best evaluation; NULL when there is none, see problem */
  char *problem;          /* nullable, translated: why there are no predictions to measure */
  double samples_per_second;
  double seconds;         /* of training, pauses excluded */
  guint group;            /* runs of one group differ in the seed alone */
} AttuneComparedRun;

/* A line of a table with a column for each run. */
typedef struct {
  const char *name;       /* untranslated, for machines */
  char *title;            /* translated */
  char **values;          /* (n_runs + 1,), NULL-terminated; translated */
} AttuneComparedRow;

typedef struct {
  char *description;      /* the settings that tell this group from the others; may be empty */
  GArray *runs;           /* (element-type guint) */
  AttuneSpread accuracy;
  AttuneSpread f1_macro;
  AttuneSpread mcc;
  AttuneSpread loss;
} AttuneComparedGroup;

typedef struct {
  GPtrArray *runs;        /* (element-type AttuneComparedRun) */
  GPtrArray *scores;      /* (element-type AttuneComparedRow) */
  GPtrArray *settings;    /* (element-type AttuneComparedRow): those that differ */
  GPtrArray *groups;      /* (element-type AttuneComparedGroup) */
  GPtrArray *rows;        /* private to the functions below */
} AttuneRunComparison;

AttuneRunComparison *attune_run_comparison_new  (const char * const         *folders,
                                                 GCancellable               *cancellable,
                                                 GError                    **error);
void                 attune_run_comparison_free (AttuneRunComparison        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneRunComparison, attune_run_comparison_free)

/* Numbers of runs, and of groups. */
char                *attune_run_comparison_test (const AttuneRunComparison  *self,
                                                 guint                       first,
                                                 guint                       second,
                                                 AttunePairedTest           *test);

/* Translated sentences and tables; all (transfer full). */
char                *attune_run_comparison_describe_test       (const AttuneRunComparison *self,
                                                                guint first, guint second);
char                *attune_run_comparison_describe_group      (const AttuneRunComparison *self,
                                                                guint group);
char                *attune_run_comparison_describe_difference (const AttuneRunComparison *self,
                                                                guint first, guint second);
char                *attune_run_comparison_to_text             (const AttuneRunComparison *self);

G_END_DECLS

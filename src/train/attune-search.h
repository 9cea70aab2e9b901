/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneSearch: every combination of chosen values of some settings, each with several seeds, as the
 * settings of runs; and which combination was best once they have run.
 */
#pragma once

#include "attune-spread.h"
#include "attune-train-config.h"

G_BEGIN_DECLS

#define ATTUNE_SEARCH_MAX_RUNS 100

typedef struct _AttuneSearch AttuneSearch;

/* One run of a search. Owned. */
typedef struct {
  AttuneTrainConfig *config;
  char *settings;  /* "learning_rate 5e-05": what is looked for, without the seed; may be empty */
  char *title;     /* the same with the seed: "learning_rate 5e-05, seed 42" */
  char *name;      /* the same as the name of a folder: "learning_rate=5e-05,seed=42" */
  double accuracy; /* of the best evaluation; NaN until the caller knows it */
} AttuneSearchRun;

/* What the runs with the same settings came to. Owned. */
typedef struct {
  char *settings;
  AttuneSpread accuracy; /* of those whose accuracy is known */
} AttuneSearchResult;

AttuneSearch *attune_search_new       (AttuneTrainConfig  *base);
void          attune_search_free      (AttuneSearch       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneSearch, attune_search_free)

/* Whether runs that differ in it can be held against each other: not where it says which texts they
 * are measured on, nor for seeds, which have a number of their own. */
gboolean      attune_search_may_vary  (const AttuneField  *field);
gboolean      attune_search_add       (AttuneSearch       *self,
                                       const char         *name,
                                       const char         *values,
                                       GError            **error);
gboolean      attune_search_set_seeds (AttuneSearch       *self,
                                       guint               n_seeds,
                                       GError            **error);
guint         attune_search_count     (AttuneSearch       *self);
/* (transfer full) (element-type AttuneSearchRun) */
GPtrArray    *attune_search_expand    (AttuneSearch       *self,
                                       GError            **error);
/* (transfer full) (element-type AttuneSearchResult): best mean first. */
GPtrArray    *attune_search_summarize (GPtrArray          *runs);

G_END_DECLS

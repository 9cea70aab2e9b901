/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The inside of AttuneTrainPage, shared by its files: what it says, and what its menu does.
 */
#pragma once

#include "attune-curve-table.h"
#include "attune-event-log.h"
#include "attune-plot.h"
#include "attune-train-curves.h"
#include "attune-train-page.h"

G_BEGIN_DECLS

struct _AttuneTrainPage
{
  AdwBin parent_instance;

  GtkStack *root;
  AdwBanner *banner;
  AdwBanner *warning;
  gboolean warned_of_disk; /* that a checkpoint was not saved */
  GtkLabel *epoch;
  GtkLabel *step;
  GtkLabel *time_left;
  GtkProgressBar *progress;
  AdwWrapBox *phases;
  GtkLabel *device;
  GtkStack *card;
  AttuneCurveTable *table;
  AdwWrapBox *loss_heading;
  AttunePlot *loss_plot;
  AdwWrapBox *accuracy_heading;
  AttunePlot *accuracy_plot;
  GtkLabel *best;
  GtkButton *pause;
  GtkWidget *stop;
  GtkWidget *results;
  GMenuModel *menu;

  AttuneProject *project;
  GListModel *projects;     /* nullable: those of which runs can be drawn beside */
  GSettings *settings;      /* how curves are drawn */
  GActionGroup *actions;
  AttuneTrainCurves *curves;
  AttuneEventLog *log;      /* of the project's run */
  GtkWidget *phase_checks[ATTUNE_N_PHASES];
  GtkWidget *phase_labels[ATTUNE_N_PHASES];
  guint updating;
  int epoch_said;
};

/* attune-train-actions.c */
void attune_train_page_init_actions (AttuneTrainPage *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What there is to know of an AttuneProject without asking anybody.
 */
#include "config.h"

#include "attune-project-private.h"

AttuneRun *
attune_project_get_run (AttuneProject *self)
{
  return self->run;
}

AttuneTrainer *
attune_project_get_trainer (AttuneProject *self)
{
  return self->trainer;
}

guint
attune_project_get_turn (AttuneProject *self)
{
  return self->turn;
}

gboolean
attune_project_get_editable (AttuneProject *self)
{
  return attune_run_get_state (self->run) == ATTUNE_RUN_DRAFT && self->turn == 0;
}

GFile *
attune_project_get_file (AttuneProject *self)
{
  return self->given != NULL ? g_ptr_array_index (self->given, 0) : NULL;
}

GFile *
attune_project_get_validation_file (AttuneProject *self)
{
  return self->validation_given != NULL ? g_ptr_array_index (self->validation_given, 0) : NULL;
}

GPtrArray *
attune_project_get_given (AttuneProject *self)
{
  return self->given;
}

GPtrArray *
attune_project_get_validation_given (AttuneProject *self)
{
  return self->validation_given;
}

AttuneDataFiles *
attune_project_get_data_files (AttuneProject *self)
{
  return self->files;
}

double
attune_project_get_progress (AttuneProject *self)
{
  return self->reading != NULL ? g_atomic_int_get (&self->reading->progress) / 1000.0 : 1;
}

void
attune_project_get_counts (AttuneProject *self, guint *n_train, guint *n_validation)
{
  *n_train = self->n_train;
  *n_validation = self->n_validation;
}

guint
attune_project_get_n_expected (AttuneProject *self)
{
  return self->reading != NULL ? (guint) g_atomic_int_get (&self->reading->n_expected) : 0;
}

gboolean
attune_project_get_loading (AttuneProject *self)
{
  return self->cancellable != NULL;
}

const char *
attune_project_get_error (AttuneProject *self)
{
  return self->error;
}

AttuneTable *
attune_project_get_table (AttuneProject *self)
{
  return self->table;
}

AttuneDataset *
attune_project_get_dataset (AttuneProject *self)
{
  return self->dataset;
}

AttuneDataset *
attune_project_get_validation (AttuneProject *self)
{
  return self->validation;
}

GPtrArray *
attune_project_get_findings (AttuneProject *self)
{
  return self->findings;
}

GArray *
attune_project_get_lengths (AttuneProject *self)
{
  return self->lengths;
}

AttuneTrainConfig *
attune_project_get_config (AttuneProject *self)
{
  return self->config;
}

const char *
attune_project_get_model (AttuneProject *self)
{
  return self->model;
}

guint
attune_project_get_n_rows (AttuneProject *self)
{
  return self->n_rows;
}

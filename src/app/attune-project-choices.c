/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a person chooses of an AttuneProject: how its data is read and amended, what it is checked
 * on, which model learns. What depends on a choice is read again.
 */
#include "config.h"

#include "attune-project-private.h"
#include "attune-scratch-model.h"

gboolean
attune_project_get_use_named_validation (AttuneProject *self)
{
  return !self->no_validation;
}

void
attune_project_set_use_named_validation (AttuneProject *self, gboolean use)
{
  if (self->no_validation == !use)
    return;
  self->no_validation = !use;
  g_object_notify (G_OBJECT (self), "validation-file");
  attune_project_read_again (self, ATTUNE_KEEP_TOKENS);
}

void
attune_project_set_validation_file (AttuneProject *self, GFile *file)
{
  if (file == NULL ? self->validation_given == NULL
                   : self->validation_given != NULL && self->validation_given->len == 1
                       && attune_project_get_validation_file (self) == file)
    return;
  g_clear_pointer (&self->validation_given, g_ptr_array_unref);
  if (file != NULL)
    self->validation_given = attune_project_list_files (&file, 1);
  g_object_notify (G_OBJECT (self), "validation-file");
  attune_project_read_again (self, ATTUNE_KEEP_TOKENS);
}

void
attune_project_set_model (AttuneProject *self, const char *model)
{
  g_autofree char *before = g_strdup (self->model);

  if (!g_set_str (&self->model, model))
    return;
  if (self->config != NULL)
    attune_scratch_model_suggest (self->config, before, model);
  g_object_notify (G_OBJECT (self), "model");
  if (self->asked)
    attune_project_read_again (self, ATTUNE_KEEP_TABLE);
}

void
attune_project_set_n_rows (AttuneProject *self, guint n_rows)
{
  if (self->n_rows == n_rows)
    return;
  self->n_rows = n_rows;
  g_object_notify (G_OBJECT (self), "n-rows");
}

const AttuneTableOptions *
attune_project_get_table_options (AttuneProject *self)
{
  return &self->options;
}

static void
set_amendments (AttuneProject *self, AttuneAmendments *amendments)
{
  g_clear_pointer (&self->amendments, attune_amendments_free);
  self->amendments = amendments;
  g_object_notify (G_OBJECT (self), "amendments");
}

void
attune_project_amend (AttuneProject *self, const AttuneAmendments *amendments)
{
  AttuneAmendments *sum = self->amendments != NULL ? attune_amendments_copy (self->amendments)
                                                   : attune_amendments_new ();

  attune_amendments_add (sum, amendments);
  set_amendments (self, sum);
  attune_project_read_again (self, ATTUNE_KEEP_TOKENS);
}

void
attune_project_take_back (AttuneProject *self, const AttuneAmendments *amendments)
{
  AttuneAmendments *rest;

  if (self->amendments == NULL)
    return;
  rest = attune_amendments_copy (self->amendments);
  attune_amendments_subtract (rest, amendments);
  set_amendments (self, rest);
  attune_project_read_again (self, ATTUNE_KEEP_TOKENS);
}

const AttuneAmendments *
attune_project_get_amendments (AttuneProject *self)
{
  return self->amendments;
}

void
attune_project_set_table_options (AttuneProject *self, const AttuneTableOptions *options)
{
  self->options = *options;
  self->options.encoding = g_intern_string (options->encoding);
  self->columns = ATTUNE_COLUMNS_GUESS;
  /* They were about other cells. */
  set_amendments (self, NULL);
  attune_project_read_again (self, ATTUNE_KEEP_NOTHING);
}

const AttuneColumns *
attune_project_get_columns (AttuneProject *self)
{
  return &self->shown_columns;
}

void
attune_project_set_columns (AttuneProject *self, const AttuneColumns *columns)
{
  self->columns = *columns;
  self->shown_columns = *columns;
  g_clear_pointer (&self->text_column, g_free);
  g_clear_pointer (&self->label_column, g_free);
  g_clear_pointer (&self->pair_column, g_free);
  g_clear_pointer (&self->more_label_columns, g_strfreev);
  set_amendments (self, NULL);
  attune_project_read_again (self, ATTUNE_KEEP_TABLE);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From an AttuneProject to a run: whether one can start, and starting it.
 */
#include "config.h"

#include <glib/gi18n.h>

#include "attune-project-private.h"

char *
attune_project_get_obstacle (AttuneProject *self)
{
  if (attune_trainer_get_run (self->trainer) != NULL)
    return g_strdup (_("Another run is training; stop it or wait for its end"));
  return attune_project_get_fault (self);
}

char *
attune_project_get_fault (AttuneProject *self)
{
  g_autoptr (GError) error = NULL;

  if (self->cancellable != NULL)
    return g_strdup (_("The data is still being read"));
  if (self->error != NULL)
    return g_strdup (self->error);
  if (self->dataset == NULL)
    return g_strdup (_("There is no data to learn from"));
  for (guint i = 0; self->findings != NULL && i < self->findings->len; i++)
    {
      AttuneFinding *finding = g_ptr_array_index (self->findings, i);

      if (finding->severity == ATTUNE_SEVERITY_BLOCKS)
        return g_strdup (finding->message);
    }
  if (self->model == NULL)
    return g_strdup (_("Choose a model first"));
  if (!attune_train_config_validate (self->config, &error))
    return g_strdup (error->message);
  return NULL;
}

void
attune_project_fill_job (AttuneProject *self, AttuneTrainJob *job)
{
  gboolean same_split =
    self->split_share == attune_train_config_get_double (self->config, "validation_split")
    && self->split_seed == (gint64) attune_train_config_get_split_seed (self->config);

  *job = (AttuneTrainJob) {
    .dataset = self->dataset,
    .validation = self->validation,
    .model = self->model,
    .config = self->config,
    .title = attune_run_get_title (self->run),
    .n_rows = self->n_rows,
    .split_sha256 = same_split ? self->split_sha256 : NULL,
  };
}

static gboolean
check_sum (AttuneDataset *dataset, const char *sha256, char **paths, GError **error)
{
  const char *now =
    dataset != NULL ? attune_table_get_sha256 (attune_dataset_get_table (dataset)) : NULL;

  if (sha256 == NULL || g_strcmp0 (now, sha256) == 0)
    return TRUE;
  g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_DATA,
               _("%s has changed since the run was put in the queue; look at the data and start it "
                 "again"),
               paths != NULL && paths[0] != NULL ? paths[0] : "");
  return FALSE;
}

/* What was amended and judged were other rows. */
gboolean
attune_project_check_record (AttuneProject *self, const AttuneRunRecord *record, GError **error)
{
  const AttuneRunSource *source = record->source;

  return check_sum (self->dataset, source->data_sha256, source->data_paths, error)
         && check_sum (self->validation, record->validation_sha256, source->validation_paths, error);
}

/* A folder name that is unique and says when and what: 20260131-142501-reviews. */
static char *
make_run_folder (const char *title)
{
  g_autofree char *runs = attune_run_get_runs_path ();
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%d-%H%M%S");
  g_autofree char *slug = g_str_to_ascii (title, "C");
  g_autofree char *name = NULL;
  char *path;

  g_strcanon (slug, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", '-');
  name = g_strdup_printf ("%s-%.40s", stamp, slug);
  path = g_build_filename (runs, name, NULL);
  /* Two runs may start within a second. */
  for (guint i = 2; g_file_test (path, G_FILE_TEST_EXISTS); i++)
    {
      g_free (path);
      path = g_strdup_printf ("%s" G_DIR_SEPARATOR_S "%s-%u", runs, name, i);
    }
  return path;
}

gboolean
attune_project_start (AttuneProject *self, GError **error)
{
  g_autofree char *folder = make_run_folder (attune_run_get_title (self->run));
  AttuneTrainJob job;

  attune_project_fill_job (self, &job);
  job.folder = folder;
  return attune_trainer_start (self->trainer, self->run, &job, error);
}

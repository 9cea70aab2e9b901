/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs on disk: where they lie, reading one by replaying its events, listing all, deleting one. A
 * folder that cannot be read is left out of the list, never touched. Main thread, or any one thread
 * before the run is handed over.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "attune-run-folder.h"
#include "attune-run-notes.h"
#include "attune-run-private.h"

/* 10 million steps are about 2 GB; more was not written by us. */
#define MAX_EVENTS_BYTES (G_GUINT64_CONSTANT (4) << 30)

char *
attune_run_get_runs_path (void)
{
  const char *set = g_getenv ("ATTUNE_RUNS");

  if (set != NULL && *set != '\0')
    return g_strdup (set);
  return g_build_filename (g_get_user_data_dir (), "attune", "runs", NULL);
}

/* Applies every whole line; a torn last one is skipped, as the writer was cut off there. */
void
attune_run_replay (AttuneRun  *self,
                   const char *lines,
                   gsize       length)
{
  const char *end = lines + length;

  while (lines < end)
    {
      const char *stop = memchr (lines, '\n', (gsize) (end - lines));
      gsize line_length = (gsize) ((stop != NULL ? stop : end) - lines);
      g_autoptr (AttuneEvent) event = attune_event_parse (lines, (gssize) line_length, NULL);

      if (event != NULL)
        attune_run_apply_event (self, event);
      lines += line_length + 1;
    }
}

AttuneRun *
attune_run_new_from_record (const AttuneRunRecord *record,
                            const char            *path)
{
  AttuneRun *self = attune_run_new (record->title);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneRunNotes) notes = attune_run_notes_load (path, &error);

  attune_run_set_folder (self, path);
  self->given_title = g_strdup (record->title);
  if (notes == NULL)
    g_debug ("%s", error->message);
  else
    {
      attune_run_set_title (self, notes->title != NULL ? notes->title : record->title);
      self->notes = g_strdup (notes->text);
    }
  g_set_object (&self->config, record->config);
  self->source = attune_run_source_copy (record->source);
  self->created = record->created;
  self->steps = record->steps;
  self->history.steps_per_epoch = (double) record->steps_per_epoch;
  self->classes = g_strdupv (record->labels);
  attune_run_set_state (self, ATTUNE_RUN_RUNNING);
  return self;
}

void
attune_run_settle (AttuneRun *self)
{
  if ((self->state == ATTUNE_RUN_RUNNING || self->state == ATTUNE_RUN_PAUSED)
      && !attune_run_folder_is_alive (self->folder))
    {
      self->seconds_left = -1;
      g_clear_pointer (&self->phase, g_free);
      attune_run_set_state (self, ATTUNE_RUN_INTERRUPTED);
    }
}

/**
 * attune_run_open:
 * @folder: a run's folder
 *
 * Returns: (transfer full): the run as its events left it. Without an end it is RUNNING while some
 *   process holds its lock, else INTERRUPTED. %NULL with ATTUNE_TRAIN_ERROR_RUN.
 */
AttuneRun *
attune_run_open (const char  *folder,
                 GError     **error)
{
  g_autoptr (AttuneRunRecord) record = attune_run_record_load (folder, error);
  g_autofree char *path = g_canonicalize_filename (folder, NULL);
  g_autofree char *events = NULL;
  g_autoptr (AttuneRun) self = NULL;
  gsize length = 0;

  if (record == NULL)
    return NULL;
  self = attune_run_new_from_record (record, path);
  events = attune_run_folder_read (path, "events.jsonl", MAX_EVENTS_BYTES, &length, NULL);
  if (events != NULL)
    attune_run_replay (self, events, length);
  attune_run_settle (self);
  return g_steal_pointer (&self);
}

static gint
compare_newest_first (gconstpointer a,
                      gconstpointer b)
{
  AttuneRun *run_a = *(AttuneRun * const *) a;
  AttuneRun *run_b = *(AttuneRun * const *) b;

  if (run_a->created != run_b->created)
    return run_a->created > run_b->created ? -1 : 1;
  return g_strcmp0 (run_b->folder, run_a->folder);
}

/**
 * attune_run_list:
 *
 * Returns: (transfer full) (element-type AttuneRun): every readable run, newest first, each as
 *   attune_run_glance() finds it; empty when there is no folder of runs yet
 */
GPtrArray *
attune_run_list (GError **error)
{
  g_autofree char *path = attune_run_get_runs_path ();
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GDir) dir = g_dir_open (path, 0, &local_error);
  const char *name;

  if (dir == NULL && !g_error_matches (local_error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *folder = g_build_filename (path, name, NULL);
      g_autofree char *record = g_build_filename (folder, "run.json", NULL);
      AttuneRun *run;

      if (*name == '.' || !g_file_test (record, G_FILE_TEST_IS_REGULAR))
        continue;
      run = attune_run_glance (folder, &local_error);
      if (run != NULL)
        g_ptr_array_add (runs, run);
      else
        g_debug ("%s left out: %s", folder, local_error->message);
      g_clear_error (&local_error);
    }
  g_ptr_array_sort (runs, compare_newest_first);
  return g_steal_pointer (&runs);
}

/* Does not follow links: what they point at is not ours. */
static gboolean
remove_tree (const char  *path,
             GError     **error)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (!remove_tree (child, error))
        return FALSE;
    }
  if (g_remove (path) == 0)
    return TRUE;
  g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN, _("%s cannot be deleted"), path);
  return FALSE;
}

/**
 * attune_run_delete:
 *
 * Moves the run's folder to the trash, or where there is none, removes it. Not while it trains; a
 * run that left no folder is no error.
 */
gboolean
attune_run_delete (AttuneRun  *self,
                   GError    **error)
{
  g_autoptr (GFile) file = NULL;

  if (self->folder == NULL || !g_file_test (self->folder, G_FILE_TEST_EXISTS))
    return TRUE;
  if (attune_run_folder_is_alive (self->folder))
    {
      g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_STATE,
                   _("“%s” is still training; stop it first"), self->title);
      return FALSE;
    }
  file = g_file_new_for_path (self->folder);
  return g_file_trash (file, NULL, NULL) || remove_tree (self->folder, error);
}

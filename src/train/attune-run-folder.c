/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Creating, locking and filling the folder of a run. Nothing is in it but the lock until training
 * really begins, and a run that fails before that takes its folder away again. run.lock is held by
 * flock for as long as the run lives, so a crash of the process releases it.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "attune-run-folder.h"

#define LOCK_NAME "run.lock"

struct _AttuneRunFolder
{
  char *path;
  int lock;
  int events;         /* events.jsonl, -1 until the run has begun */
  GString *early;     /* lines said before that */
  gboolean begun;
  gboolean made_here; /* the folder did not exist before */
};

static gboolean
fail (GError     **error,
      const char  *format,
      const char  *path)
{
  int saved = errno;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN, format, path, g_strerror (saved));
#pragma GCC diagnostic pop
  return FALSE;
}

static int
open_lock (const char *folder,
           int         flags)
{
  g_autofree char *path = g_build_filename (folder, LOCK_NAME, NULL);

  return g_open (path, flags | O_RDWR | O_CLOEXEC, 0644);
}

/**
 * attune_run_folder_create:
 * @path: where the run goes; made with its parents if absent
 *
 * Makes the folder and locks it, so that what cannot be written is known before anything is
 * computed. A half-made folder without run.json is used.
 *
 * Returns: (transfer full): the folder, or %NULL with ATTUNE_TRAIN_ERROR_RUN and nothing left
 *   behind
 */
AttuneRunFolder *
attune_run_folder_create (const char  *path,
                          GError     **error)
{
  g_autoptr (AttuneRunFolder) self = g_new0 (AttuneRunFolder, 1);
  g_autofree char *record = g_build_filename (path, "run.json", NULL);

  self->path = g_canonicalize_filename (path, NULL);
  self->lock = self->events = -1;
  self->early = g_string_new (NULL);
  if (g_file_test (record, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
                   _("%s already holds a run; choose another folder or resume it"), path);
      return NULL;
    }
  self->made_here = !g_file_test (path, G_FILE_TEST_EXISTS);
  if (g_mkdir_with_parents (path, 0755) != 0)
    {
      self->made_here = FALSE;
      fail (error, _("The run folder %s cannot be made: %s"), path);
      return NULL;
    }
  self->lock = open_lock (path, O_CREAT);
  if (self->lock < 0)
    {
      fail (error, _("The run folder %s cannot be written: %s"), path);
      return NULL;
    }
  if (flock (self->lock, LOCK_EX | LOCK_NB) != 0)
    {
      g_clear_fd (&self->lock, NULL);
      self->made_here = FALSE;
      fail (error, _("The run folder %s is in use by another run: %s"), path);
      return NULL;
    }
  return g_steal_pointer (&self);
}

/* Unlocks; a folder in which no run began is removed if it was made for it. */
void
attune_run_folder_free (AttuneRunFolder *self)
{
  if (self == NULL)
    return;
  if (self->lock >= 0)
    {
      g_autofree char *path = g_build_filename (self->path, LOCK_NAME, NULL);

      g_unlink (path);
    }
  g_clear_fd (&self->events, NULL);
  g_clear_fd (&self->lock, NULL);
  if (!self->begun && self->made_here)
    g_rmdir (self->path);
  g_string_free (self->early, TRUE);
  g_free (self->path);
  g_free (self);
}

/* Absolute. */
const char *
attune_run_folder_get_path (AttuneRunFolder *self)
{
  return self->path;
}

/* Whether run.json is written, so that the run will be found again. */
gboolean
attune_run_folder_is_begun (AttuneRunFolder *self)
{
  return self->begun;
}

/**
 * attune_run_folder_write:
 *
 * Writes a file under a temporary name, fsyncs it and the folder, and renames it into place.
 */
gboolean
attune_run_folder_write (AttuneRunFolder  *self,
                         const char       *name,
                         const char       *data,
                         gssize            length,
                         GError          **error)
{
  g_autofree char *path = g_build_filename (self->path, name, NULL);
  g_autoptr (GError) local_error = NULL;

  if (g_file_set_contents_full (path, data, length,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0644,
                                &local_error))
    return TRUE;
  g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN, _("%s cannot be written: %s"),
               path, local_error->message);
  return FALSE;
}

static gboolean
append_bytes (AttuneRunFolder  *self,
              const char       *bytes,
              gsize             length,
              GError          **error)
{
  off_t before = lseek (self->events, 0, SEEK_END);
  gsize done = 0;

  while (done < length)
    {
      gssize n = write (self->events, bytes + done, length - done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          int saved = errno;

          /* No torn line stays behind when the disk is full. */
          if (ftruncate (self->events, before) != 0)
            g_debug ("events.jsonl keeps a torn line: %s", g_strerror (errno));
          errno = saved;
          return fail (error, _("The events of the run in %s cannot be written: %s"), self->path);
        }
      done += (gsize) n;
    }
  return TRUE;
}

/**
 * attune_run_folder_begin:
 *
 * Opens events.jsonl with the lines said so far, and then writes run.json, which makes the folder a
 * run.
 */
gboolean
attune_run_folder_begin (AttuneRunFolder        *self,
                         const AttuneRunRecord  *record,
                         GError                **error)
{
  g_autofree char *path = g_build_filename (self->path, "events.jsonl", NULL);
  g_autofree char *json = attune_run_record_to_json (record);

  self->events = g_open (path, O_CREAT | O_WRONLY | O_APPEND | O_TRUNC | O_CLOEXEC, 0644);
  if (self->events < 0)
    return fail (error, _("The events of the run in %s cannot be written: %s"), self->path);
  if (!append_bytes (self, self->early->str, self->early->len, error)
      || !attune_run_folder_write (self, "run.json", json, -1, error))
    {
      g_clear_fd (&self->events, NULL);
      g_unlink (path);
      return FALSE;
    }
  self->begun = TRUE;
  return TRUE;
}

/* One line of events.jsonl, with the kernel when this returns. */
gboolean
attune_run_folder_append (AttuneRunFolder    *self,
                          const AttuneEvent  *event,
                          GError            **error)
{
  g_autofree char *json = attune_event_to_json (event);
  g_autofree char *line = g_strconcat (json, "\n", NULL);

  if (self->events >= 0)
    return append_bytes (self, line, strlen (line), error);
  g_string_append (self->early, line);
  return TRUE;
}

/* (transfer full) */
char *
attune_run_folder_build_best_path (const char *folder)
{
  return g_build_filename (folder, "best", NULL);
}

/* Whether there are weights to classify with. best/ is renamed into place, so it is whole. */
gboolean
attune_run_folder_has_best (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "best", "config.json", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* Whether some process, perhaps this one, is training there. */
gboolean
attune_run_folder_is_alive (const char *folder)
{
  int lock = open_lock (folder, 0);
  gboolean alive;

  if (lock < 0)
    return FALSE;
  alive = flock (lock, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  close (lock);
  return alive;
}

/* A file of the folder, refused when it is larger than it can be; (transfer full), terminated. */
char *
attune_run_folder_read (const char  *folder,
                        const char  *name,
                        guint64      max_bytes,
                        gsize       *length,
                        GError     **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) local_error = NULL;
  GStatBuf info;
  char *contents = NULL;

  if (g_stat (path, &info) == 0 && (!S_ISREG (info.st_mode) || (guint64) info.st_size > max_bytes))
    g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
                 _("%s is no file of a run: it is too large or no regular file"), path);
  else if (!g_file_get_contents (path, &contents, length, &local_error))
    g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN, _("%s cannot be read: %s"),
                 path, local_error->message);
  return contents;
}

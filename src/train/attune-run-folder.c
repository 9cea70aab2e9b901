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

#include "attune-checkpoint.h"
#include "attune-durable.h"
#include "attune-run-folder.h"

#define LOCK_NAME "run.lock"
/* Somebody who asks whether a run is alive holds its lock for an instant. */
#define LOCK_ATTEMPTS 20
#define LOCK_PAUSE_US 5000
/* Lines kept for a disk that is full, before the run ends for it. */
#define MOST_UNSAID (4 * 1024 * 1024)

struct _AttuneRunFolder
{
  char *path;
  int lock;
  int events;         /* events.jsonl, -1 until the run has begun */
  GString *unsaid;    /* lines said before that, or that the disk did not take yet */
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

/* Whether the file that is locked is the one that has the name; its last owner took it away. */
static gboolean
is_in_place (const char *folder,
             int         lock)
{
  g_autofree char *path = g_build_filename (folder, LOCK_NAME, NULL);
  GStatBuf named;
  struct stat held;

  return g_stat (path, &named) == 0 && fstat (lock, &held) == 0 && named.st_ino == held.st_ino
         && named.st_dev == held.st_dev;
}

static gboolean
take_lock (AttuneRunFolder  *self,
           GError          **error)
{
  for (guint i = 0; i < LOCK_ATTEMPTS; i++)
    {
      self->lock = open_lock (self->path, O_CREAT);
      if (self->lock < 0)
        return fail (error, _("The run folder %s cannot be written: %s"), self->path);
      if (flock (self->lock, LOCK_EX | LOCK_NB) == 0 && is_in_place (self->path, self->lock))
        return TRUE;
      g_clear_fd (&self->lock, NULL);
      g_usleep (LOCK_PAUSE_US);
    }
  self->made_here = FALSE;
  g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
               _("The run in %s is being trained by another program; wait for its end"),
               self->path);
  return FALSE;
}

static AttuneRunFolder *
run_folder_new (const char *path)
{
  AttuneRunFolder *self = g_new0 (AttuneRunFolder, 1);

  self->path = g_canonicalize_filename (path, NULL);
  self->lock = self->events = -1;
  self->unsaid = g_string_new (NULL);
  return self;
}

/* What a process that was killed left unfinished. The lock is held, so nobody else makes one. */
static void
remove_temporaries (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, ".tmp-"))
      {
        g_autofree char *path = g_build_filename (folder, name, NULL);

        attune_durable_folder_remove (path);
      }
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
  g_autoptr (AttuneRunFolder) self = run_folder_new (path);
  g_autofree char *record = g_build_filename (path, "run.json", NULL);

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
  if (!take_lock (self, error))
    return NULL;
  remove_temporaries (path);
  return g_steal_pointer (&self);
}

/**
 * attune_run_folder_reopen:
 * @path: the folder of a run
 *
 * Locks it and removes what was left unfinished there. Nothing is said in it before
 * attune_run_folder_resume().
 *
 * Returns: (transfer full): the folder, or %NULL with ATTUNE_TRAIN_ERROR_RUN
 */
AttuneRunFolder *
attune_run_folder_reopen (const char  *path,
                          GError     **error)
{
  g_autoptr (AttuneRunFolder) self = run_folder_new (path);
  g_autofree char *record = g_build_filename (path, "run.json", NULL);
  g_autofree char *checkpoints = attune_checkpoint_build_folder (path);

  if (!g_file_test (record, G_FILE_TEST_IS_REGULAR))
    {
      g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN, _("%s holds no run"), path);
      return NULL;
    }
  if (!take_lock (self, error))
    return NULL;
  remove_temporaries (path);
  remove_temporaries (checkpoints);
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
  g_string_free (self->unsaid, TRUE);
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

  if (attune_durable_write (path, data, length < 0 ? strlen (data) : (gsize) length, &local_error))
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

/* Opens events.jsonl at so many bytes and says what waits. */
static gboolean
open_events (AttuneRunFolder  *self,
             guint64           length,
             GError          **error)
{
  g_autofree char *path = g_build_filename (self->path, "events.jsonl", NULL);

  self->events = g_open (path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
  if (self->events < 0 || ftruncate (self->events, (off_t) length) != 0
      || !append_bytes (self, self->unsaid->str, self->unsaid->len, NULL))
    return fail (error, _("The events of the run in %s cannot be written: %s"), self->path);
  g_string_truncate (self->unsaid, 0);
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

  if (!open_events (self, 0, error) || !attune_run_folder_write (self, "run.json", json, -1, error))
    {
      g_clear_fd (&self->events, NULL);
      g_unlink (path);
      return FALSE;
    }
  self->begun = TRUE;
  return TRUE;
}

/* Of what was said, the whole lines within the first length bytes. */
static guint64
count_whole_lines (const char *folder,
                   guint64     length)
{
  g_autofree char *path = g_build_filename (folder, "events.jsonl", NULL);
  g_autoptr (GMappedFile) map = g_mapped_file_new (path, FALSE, NULL);
  const char *lines = map != NULL ? g_mapped_file_get_contents (map) : NULL;
  guint64 there = map != NULL ? g_mapped_file_get_length (map) : 0;

  length = MIN (length, there);
  while (length > 0 && lines[length - 1] != '\n')
    length--;
  return length;
}

gboolean
attune_run_folder_resume (AttuneRunFolder        *self,
                          guint64                 events_length,
                          const AttuneRunRecord  *record,
                          GError                **error)
{
  g_autofree char *json = record != NULL ? attune_run_record_to_json (record) : NULL;

  self->begun = TRUE;
  return open_events (self, count_whole_lines (self->path, events_length), error)
         && (json == NULL || attune_run_folder_write (self, "run.json", json, -1, error));
}

/* Says what waits for room on the disk. */
static gboolean
say_unsaid (AttuneRunFolder  *self,
            GError          **error)
{
  if (self->unsaid->len == 0)
    return TRUE;
  if (!append_bytes (self, self->unsaid->str, self->unsaid->len, error))
    return FALSE;
  g_string_truncate (self->unsaid, 0);
  return TRUE;
}

/**
 * attune_run_folder_append:
 *
 * Adds a line to events.jsonl, with the kernel when this returns. What a full disk does not take is
 * kept and said with a later line; only when there is much of that it is an error.
 */
gboolean
attune_run_folder_append (AttuneRunFolder    *self,
                          const AttuneEvent  *event,
                          GError            **error)
{
  g_autofree char *json = attune_event_to_json (event);
  g_autoptr (GError) local_error = NULL;

  g_string_append_printf (self->unsaid, "%s\n", json);
  if (self->events < 0 || say_unsaid (self, &local_error) || self->unsaid->len < MOST_UNSAID)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

gboolean
attune_run_folder_sync (AttuneRunFolder  *self,
                        guint64          *length,
                        GError          **error)
{
  off_t end;

  if (!say_unsaid (self, error))
    return FALSE;
  end = lseek (self->events, 0, SEEK_END);
  if (end < 0 || fdatasync (self->events) != 0)
    return fail (error, _("The events of the run in %s cannot be written: %s"), self->path);
  *length = (guint64) end;
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

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Durable writing. A crash, a full disk or a pulled plug leaves either the old state or the new
 * one, and at worst a ".tmp-…" beside it. Blocking; any thread but the main one.
 */
#define _GNU_SOURCE /* renameat2 */
#include "config.h"

#include "attune-durable.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "attune-safetensors.h"

/* One write(2) takes at most 2 GiB on Linux. */
#define MAX_WRITE (1u << 30)

static gboolean
failed (GError     **error,
        const char  *path,
        int          saved)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), _("Could not write “%s”: %s"),
               path, g_strerror (saved));
  return FALSE;
}

static char *
temporary_name (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *name = NULL;

  /* A name may have 255 bytes in all. */
  name = g_strdup_printf (".tmp-%.180s-%d-%08x", base, (int) getpid (), g_random_int ());

  return g_build_filename (folder, name, NULL);
}

static gboolean
sync_folder (const char  *path,
             GError     **error)
{
  g_autofd int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  /* Some network file systems cannot fsync a folder; their rename is as durable as they get. */
  if (fd < 0 || (fsync (fd) != 0 && errno != EINVAL && errno != ENOTSUP))
    return failed (error, path, errno);

  return TRUE;
}

static gboolean
sync_parent (const char  *path,
             GError     **error)
{
  g_autofree char *parent = g_path_get_dirname (path);

  return sync_folder (parent, error);
}

/**
 * attune_durable_file_open:
 * @path: where the file shall be; an existing one is replaced by commit
 *
 * Begins a file. End it with commit or abandon.
 */
gboolean
attune_durable_file_open (AttuneDurableFile  *self,
                          const char         *path,
                          GError            **error)
{
  self->path = g_strdup (path);
  self->temporary = temporary_name (path);
  self->fd = open (self->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (self->fd < 0)
    {
      int saved = errno;

      g_clear_pointer (&self->temporary, g_free);
      g_clear_pointer (&self->path, g_free);
      return failed (error, path, saved);
    }

  return TRUE;
}

/**
 * attune_durable_file_write:
 *
 * Appends @length bytes. After a failure only abandon is allowed.
 */
gboolean
attune_durable_file_write (AttuneDurableFile  *self,
                           const void         *data,
                           gsize               length,
                           GError            **error)
{
  const guint8 *bytes = data;

  while (length > 0)
    {
      gssize n = write (self->fd, bytes, MIN (length, MAX_WRITE));

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return failed (error, self->path, errno);
      bytes += n;
      length -= n;
    }

  return TRUE;
}

/* Closes and renames what has been written; nothing temporary is left. */
static gboolean
put_in_place (AttuneDurableFile  *self,
              gboolean            ok,
              GError            **error)
{
  /* A full disk may show only here. */
  if (close (g_steal_fd (&self->fd)) != 0 && ok)
    ok = failed (error, self->path, errno);
  if (ok && rename (self->temporary, self->path) != 0)
    ok = failed (error, self->path, errno);
  if (!ok)
    unlink (self->temporary);
  return ok;
}

static void
clear_names (AttuneDurableFile *self)
{
  g_clear_pointer (&self->temporary, g_free);
  g_clear_pointer (&self->path, g_free);
}

/**
 * attune_durable_file_commit:
 *
 * Puts the file in its place. Whatever the outcome, nothing temporary is left and @self is done.
 */
gboolean
attune_durable_file_commit (AttuneDurableFile  *self,
                            GError            **error)
{
  gboolean ok = TRUE;

  if (fsync (self->fd) != 0)
    ok = failed (error, self->path, errno);
  ok = put_in_place (self, ok, error) && sync_parent (self->path, error);
  clear_names (self);
  return ok;
}

/**
 * attune_durable_file_replace:
 *
 * As commit, without waiting for the disk: for what can be made anew and is checked when it is
 * read, since after a crash of the whole computer the file may be a torn one.
 */
gboolean
attune_durable_file_replace (AttuneDurableFile  *self,
                             GError            **error)
{
  gboolean ok = put_in_place (self, TRUE, error);

  clear_names (self);
  return ok;
}

/**
 * attune_durable_file_abandon:
 *
 * Removes what has been written.
 */
void
attune_durable_file_abandon (AttuneDurableFile *self)
{
  close (g_steal_fd (&self->fd));
  unlink (self->temporary);
  clear_names (self);
}

/**
 * attune_durable_write:
 *
 * A whole file at once.
 */
gboolean
attune_durable_write (const char  *path,
                      const void  *data,
                      gsize        length,
                      GError     **error)
{
  AttuneDurableFile file = { 0 };

  if (!attune_durable_file_open (&file, path, error))
    return FALSE;
  if (!attune_durable_file_write (&file, data, length, error))
    {
      attune_durable_file_abandon (&file);
      return FALSE;
    }

  return attune_durable_file_commit (&file, error);
}

/**
 * attune_durable_make_folder:
 *
 * An empty folder in one that exists; one that is there already is as good.
 */
gboolean
attune_durable_make_folder (const char  *path,
                            GError     **error)
{
  if (mkdir (path, 0777) == 0)
    return sync_parent (path, error);
  return errno == EEXIST || failed (error, path, errno);
}

/**
 * attune_durable_folder_begin:
 * @path: where the folder shall be
 *
 * Returns: (transfer full) (nullable): the path of a new empty folder beside it
 */
char *
attune_durable_folder_begin (const char  *path,
                             GError     **error)
{
  g_autofree char *temporary = temporary_name (path);

  if (mkdir (temporary, 0777) != 0)
    {
      failed (error, path, errno);
      return NULL;
    }

  return g_steal_pointer (&temporary);
}

/* For file systems that cannot exchange: moves the old folder away, and back if that fails. */
static gboolean
exchange_by_hand (const char  *temporary,
                  const char  *path,
                  GError     **error)
{
  g_autofree char *aside = temporary_name (path);

  if (rename (path, aside) != 0)
    return failed (error, path, errno);
  if (rename (temporary, path) != 0)
    {
      failed (error, path, errno);
      if (rename (aside, path) != 0)
        g_warning ("“%s” is now at “%s”", path, aside);
      return FALSE;
    }
  attune_durable_folder_remove (aside);

  return sync_parent (path, error);
}

/**
 * attune_durable_folder_commit:
 * @temporary: from attune_durable_folder_begin(), its files written and fsynced
 * @replace: whether an existing @path gives way, as a whole
 *
 * On failure @temporary is removed and @path is as before; EXISTS when it exists and @replace is
 * %FALSE.
 */
gboolean
attune_durable_folder_commit (const char  *temporary,
                              const char  *path,
                              gboolean     replace,
                              GError     **error)
{
  gboolean ok = FALSE;

  if (sync_folder (temporary, error))
    {
      if (renameat2 (AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0
          || (errno == EINVAL && !g_file_test (path, G_FILE_TEST_EXISTS)
              && rename (temporary, path) == 0))
        return sync_parent (path, error);

      if (errno != EEXIST && errno != EINVAL)
        ok = failed (error, path, errno);
      else if (!replace)
        g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_EXISTS,
                     _("“%s” exists already"), path);
      else if (renameat2 (AT_FDCWD, temporary, AT_FDCWD, path, RENAME_EXCHANGE) == 0)
        ok = sync_parent (path, error); /* The old one goes below. */
      else if (errno == EINVAL || errno == ENOSYS)
        ok = exchange_by_hand (temporary, path, error);
      else
        failed (error, path, errno);
    }

  attune_durable_folder_remove (temporary);
  return ok;
}

/* The process number in ".tmp-NAME-PID-RANDOM", or 0. */
static int
get_owner (const char *name)
{
  g_auto (GStrv) parts = NULL;
  guint n;
  gint64 pid;

  if (!g_str_has_prefix (name, ".tmp-"))
    return 0;
  parts = g_strsplit (name, "-", 0);
  n = g_strv_length (parts);
  pid = n >= 4 ? g_ascii_strtoll (parts[n - 2], NULL, 10) : 0;

  return pid > 0 && pid <= G_MAXINT32 ? (int) pid : 0;
}

/**
 * attune_durable_clean:
 * @folder: where temporary names may have been left by a process that was killed
 *
 * Removes them once their process is gone and they are an hour old: the number of a process says
 * nothing about those of another container.
 */
void
attune_durable_clean (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      int owner = get_owner (name);
      struct stat info;

      if (owner > 0 && kill (owner, 0) != 0 && errno == ESRCH && lstat (path, &info) == 0
          && now - info.st_mtime > 3600)
        attune_durable_folder_remove (path);
    }
}

/**
 * attune_durable_folder_remove:
 *
 * Removes a folder with all that is in it, as far as that is allowed; links are not followed. A
 * folder that is not there is no error.
 */
void
attune_durable_folder_remove (const char *path)
{
  g_autoptr (GDir) folder = NULL;
  struct stat info;
  const char *name;

  if (lstat (path, &info) != 0)
    return;
  if (!S_ISDIR (info.st_mode))
    {
      unlink (path);
      return;
    }

  folder = g_dir_open (path, 0, NULL);
  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      attune_durable_folder_remove (child);
    }
  rmdir (path);
}

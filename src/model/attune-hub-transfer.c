/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finding a repository, holding a folder, measuring what is wanted against the disk, fetching it
 * one file after the other. What is there already and right is not fetched, nor what other programs
 * have. Worker thread.
 */
#include "config.h"

#include "attune-hub-transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "attune-hub-cache.h"

#define LARGEST_FILE (G_GINT64_CONSTANT (50) << 30)
#define RESERVE (G_GUINT64_CONSTANT (64) << 20)
#define MOST_LOCKS 10u

void
attune_hub_transfer_init (AttuneHubTransfer *self,
                          AttuneHub         *hub,
                          const char        *kind,
                          AttuneHubProgress  progress,
                          gpointer           user_data,
                          GCancellable      *cancellable)
{
  *self = (AttuneHubTransfer) { .hub = hub, .kind = kind, .lock = -1, .cancellable = cancellable,
                                .meter = { .call = progress, .user_data = user_data } };
  self->files = g_ptr_array_new ();
  self->names = g_ptr_array_new_with_free_func (g_free);
}

void
attune_hub_transfer_clear (AttuneHubTransfer *self)
{
  g_clear_pointer (&self->repo, attune_hub_repo_free);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->folder, g_free);
  g_clear_fd (&self->lock, NULL);
}

char *
attune_hub_get_folder_name (const char *id)
{
  g_auto (GStrv) parts = g_strsplit (id, "/", -1);

  return g_strjoinv ("--", parts);
}

/**
 * attune_hub_transfer_find:
 * @id: a name on the Hub, checked here
 * @revision: a branch, tag or commit
 *
 * Sets what the Hub lists; what the cache of other programs holds when it may not be asked.
 *
 * Returns: whether there is such a repository; a hub error or CANCELLED otherwise
 */
gboolean
attune_hub_transfer_find (AttuneHubTransfer  *self,
                          const char         *id,
                          const char         *revision,
                          GError            **error)
{
  g_autofree char *escaped = g_uri_escape_string (revision, NULL, FALSE);
  g_autofree char *address = NULL;
  g_autoptr (GBytes) json = NULL;

  g_clear_pointer (&self->repo, attune_hub_repo_free);
  if (!attune_hub_check_id (id, error))
    return FALSE;
  if (self->hub->offline)
    {
      self->repo = attune_hub_cache_find (self->hub, self->kind, id, revision);
      if (self->repo == NULL)
        g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_OFFLINE,
                     _("“%s” is not on this computer, and the Hub is not asked while offline "
                       "(HF_HUB_OFFLINE, or “Work Offline” in the preferences); switch that off to "
                       "download it"),
                     id);
      return self->repo != NULL;
    }

  address = g_strdup_printf ("%s/api/%s/%s/revision/%s?blobs=true", self->hub->endpoint, self->kind,
                             id, escaped);
  json = attune_hub_get_json (self->hub, address, id, NULL, self->cancellable, error);
  if (json == NULL)
    return FALSE;
  self->repo = attune_hub_repo_parse (g_bytes_get_data (json, NULL), g_bytes_get_size (json), id,
                                      error);

  return self->repo != NULL;
}

AttuneHubFile *
attune_hub_transfer_find_file (AttuneHubTransfer *self,
                               const char        *path)
{
  for (guint i = 0; i < self->repo->files->len; i++)
    {
      AttuneHubFile *file = g_ptr_array_index (self->repo->files, i);

      if (strcmp (file->path, path) == 0)
        return file;
    }

  return NULL;
}

void
attune_hub_transfer_add (AttuneHubTransfer *self,
                         AttuneHubFile     *file,
                         const char        *name)
{
  g_ptr_array_add (self->files, file);
  g_ptr_array_add (self->names, g_strdup (name));
}

static gboolean
make_folder (const char  *path,
             GError     **error)
{
  if (g_mkdir_with_parents (path, 0777) != 0)
    {
      int saved = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
                   _("Could not make the folder “%s”: %s"), path, g_strerror (saved));
      return FALSE;
    }

  return TRUE;
}

/* Whether what is open is what has that name now. */
static gboolean
is_still_there (int         fd,
                const char *path)
{
  struct stat held, there;

  return fstat (fd, &held) == 0 && stat (path, &there) == 0 && held.st_ino == there.st_ino
         && held.st_dev == there.st_dev;
}

/**
 * attune_hub_transfer_lock:
 *
 * Makes the folder, and holds it until the transfer is cleared.
 *
 * Returns: whether nobody else writes there; BUSY or an IO error otherwise
 */
gboolean
attune_hub_transfer_lock (AttuneHubTransfer  *self,
                          GError            **error)
{
  g_autofree char *path = g_build_filename (self->folder, ".lock", NULL);
  int saved = EWOULDBLOCK;

  /* Who held it before may have removed the folder between our opening and our locking. */
  for (guint i = 0; i < MOST_LOCKS; i++)
    {
      if (!make_folder (self->folder, error))
        return FALSE;
      self->lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
      saved = errno;
      if (self->lock < 0 && saved == ENOENT)
        continue;
      if (self->lock < 0)
        break;
      if (flock (self->lock, LOCK_EX | LOCK_NB) != 0)
        saved = errno;
      else if (is_still_there (self->lock, path))
        return TRUE;
      g_clear_fd (&self->lock, NULL);
      if (saved == EWOULDBLOCK)
        break;
    }

  if (saved == EWOULDBLOCK || saved == ENOENT)
    g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_BUSY,
                 _("“%s” is being downloaded by another program already; wait for it, or stop it"),
                 self->repo->id);
  else
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
                 _("Could not write “%s”: %s; choose another folder, or see who may write there"),
                 path, g_strerror (saved));
  return FALSE;
}

static gboolean
is_data (const AttuneHubTransfer *self)
{
  return strcmp (self->kind, "datasets") == 0;
}

/* Size and hash, asked for where the list does not say. */
static gboolean
complete (AttuneHubTransfer  *self,
          AttuneHubFile      *file,
          GError            **error)
{
  gint64 largest = file->largest > 0 ? file->largest : LARGEST_FILE;
  g_autofree char *size = NULL;
  g_autofree char *limit = NULL;

  if (!attune_hub_file_complete (self->hub, self->repo, is_data (self) ? "datasets/" : "", file,
                                 self->cancellable, error))
    return FALSE;
  if (file->size <= largest)
    return TRUE;

  size = g_format_size ((guint64) file->size);
  limit = g_format_size ((guint64) largest);
  /* Translators: a file, a model or data set, two sizes. */
  g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_SPACE,
               _("“%s” of “%s” has %s; such a file is taken up to %s, so that nothing was "
                 "downloaded"),
               file->path, self->repo->id, size, limit);
  return FALSE;
}

/**
 * attune_hub_transfer_measure:
 *
 * Returns: whether sizes and hashes of all files are known, and there is room for them; SPACE,
 *   DAMAGED or another hub error otherwise
 */
gboolean
attune_hub_transfer_measure (AttuneHubTransfer  *self,
                             guint               copies,
                             GError            **error)
{
  struct statvfs disk;
  guint64 free_bytes, needed;
  guint64 there = 0;

  self->meter.total = 0;
  for (guint i = 0; i < self->files->len; i++)
    {
      AttuneHubFile *file = g_ptr_array_index (self->files, i);
      g_autofree char *path = g_build_filename (self->folder, g_ptr_array_index (self->names, i),
                                                NULL);

      if (!complete (self, file, error))
        return FALSE;
      /* At most 100,000 files of 50 GB: no overflow. */
      self->meter.total += (guint64) file->size;
      there += attune_hub_file_measure (file, path);
    }

  needed = self->meter.total * copies - there + RESERVE;
  if (statvfs (self->folder, &disk) != 0)
    return TRUE;
  free_bytes = (guint64) disk.f_bavail * disk.f_frsize;
  if (free_bytes < needed)
    {
      g_autofree char *wanted = g_format_size (needed);
      g_autofree char *has = g_format_size (free_bytes);

      g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_SPACE,
                   _("“%s” needs %s in “%s”, where %s are free; make room and try again"),
                   self->repo->id, wanted, self->folder, has);
      return FALSE;
    }

  return TRUE;
}

static gboolean
fetch (AttuneHubTransfer    *self,
       const AttuneHubFile  *file,
       const char           *name,
       AttuneHubMeter       *meter,
       GError              **error)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  if (!make_folder (parent, error))
    return FALSE;

  return attune_hub_file_verify (file, path, self->cancellable)
         || attune_hub_cache_take (self->hub, self->kind, self->repo->id, file, path,
                                   self->cancellable)
         || attune_hub_file_fetch (self->hub, self->repo, is_data (self) ? "datasets/" : "", file,
                                   path, meter, self->cancellable, error);
}

/**
 * attune_hub_transfer_fetch_one:
 * @file: of the repository; goes into the folder by its own path
 *
 * Returns: whether it is there, and right; a hub error, CANCELLED or an IO error otherwise
 */
gboolean
attune_hub_transfer_fetch_one (AttuneHubTransfer  *self,
                               AttuneHubFile      *file,
                               GError            **error)
{
  AttuneHubMeter meter = { 0 };

  return complete (self, file, error) && fetch (self, file, file->path, &meter, error);
}

/**
 * attune_hub_transfer_fetch:
 *
 * All files that were added and measured.
 *
 * Returns: whether all are there, and right; otherwise as attune_hub_transfer_fetch_one(), and what
 *   came stays for the next time
 */
gboolean
attune_hub_transfer_fetch (AttuneHubTransfer  *self,
                           GError            **error)
{
  AttuneHubMeter *meter = &self->meter;

  for (guint i = 0; i < self->files->len; i++)
    {
      const AttuneHubFile *file = g_ptr_array_index (self->files, i);

      if (!fetch (self, file, g_ptr_array_index (self->names, i), meter, error))
        return FALSE;
      meter->done += (guint64) file->size;
      if (meter->call != NULL)
        meter->call (meter->done, meter->total, meter->user_data);
    }

  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Brings the bytes of a file into memory. Only regular files are read, so that a FIFO or a device
 * cannot hold the reader up or feed it for ever; a file that shrinks, grows or is written to
 * meanwhile is refused. read() rather than a mapping: a mapping of a file that is cut is SIGBUS.
 * Any thread.
 */
#include "config.h"

#include "attune-source.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attune-table.h"

#define CHUNK_BYTES ((gsize) 1024 * 1024)

void
attune_source_clear (AttuneSource *self)
{
  g_clear_pointer (&self->digest, attune_digest_abandon);
  g_clear_pointer (&self->sha256, g_free);
  g_clear_pointer (&self->data, g_free);
  self->length = 0;
}

const char *
attune_source_get_sha256 (AttuneSource *self)
{
  if (self->digest != NULL)
    self->sha256 = attune_digest_end (g_steal_pointer (&self->digest));
  return self->sha256;
}

static gboolean
allocate (AttuneSource *self,
          guint64       n_bytes,
          const char   *name,
          GError      **error)
{
  if (n_bytes > ATTUNE_LARGEST_FILE)
    {
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
                   _("%s: the file is larger than 4 GB, the most that can be read; split "
                     "it"), name);
      return FALSE;
    }
  self->data = g_try_malloc (n_bytes + 1);
  if (self->data == NULL)
    {
      g_autofree char *size = g_format_size (n_bytes);

      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
                   _("%s: there is no memory for the %s of this file; close other programs or "
                     "split it"),
                   name, size);
      return FALSE;
    }
  return TRUE;
}

static gboolean
set_changed_error (const char *name,
                   GError    **error)
{
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
               _("%s: the file changed while it was being read; open it again when it is complete"),
               name);
  return FALSE;
}

static gboolean
set_io_error (const char *name,
              int         error_number,
              GError    **error)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (error_number),
               _("%s: the file cannot be read: %s"), name, g_strerror (error_number));
  return FALSE;
}

/* Fills the allocated block with exactly length bytes. */
static gboolean
fill (AttuneSource         *self,
      GInputStream         *stream,
      gsize                 length,
      const char           *name,
      const AttuneProgress *progress,
      GCancellable         *cancellable,
      GError              **error)
{
  while (self->length < length)
    {
      gssize n = g_input_stream_read (stream, self->data + self->length,
                                      MIN (length - self->length, CHUNK_BYTES), cancellable, error);

      if (n < 0)
        {
          g_prefix_error (error, "%s: ", name);
          return FALSE;
        }
      if (n == 0)
        return set_changed_error (name, error);
      self->length += (gsize) n;
      if (self->digest != NULL)
        attune_digest_advance (self->digest, self->length);
      attune_progress_say (progress, (double) self->length / length);
    }
  self->data[self->length] = '\0';
  return TRUE;
}

/* … and then the stream must be at its end. */
static gboolean
fill_whole (AttuneSource         *self,
            GInputStream         *stream,
            gsize                 length,
            const char           *name,
            const AttuneProgress *progress,
            GCancellable         *cancellable,
            GError              **error)
{
  char behind;
  gssize n;

  self->digest = attune_digest_begin (self->data);
  if (!fill (self, stream, length, name, progress, cancellable, error))
    return FALSE;
  n = g_input_stream_read (stream, &behind, 1, cancellable, error);
  if (n < 0)
    {
      g_prefix_error (error, "%s: ", name);
      return FALSE;
    }
  return n == 0 || set_changed_error (name, error);
}

static gboolean
set_not_regular_error (const char *name,
                       gboolean    is_directory,
                       GError    **error)
{
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
               is_directory ? _("%s: this is a folder; choose a file in it")
                            : _("%s: this is a device or a pipe; choose a file"),
               name);
  return FALSE;
}

static int
open_regular (const char  *path,
              const char  *name,
              struct stat *status,
              GError     **error)
{
  /* Not to wait for a writer, should it be a FIFO. */
  g_autofd int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd < 0 && errno == ENXIO)
    set_not_regular_error (name, FALSE, error);
  else if (fd < 0 || fstat (fd, status) != 0)
    set_io_error (name, errno, error);
  else if (!S_ISREG (status->st_mode))
    set_not_regular_error (name, S_ISDIR (status->st_mode), error);
  else
    return g_steal_fd (&fd);
  return -1;
}

static gboolean
read_path (AttuneSource         *self,
           const char           *path,
           const char           *name,
           const AttuneProgress *progress,
           GCancellable         *cancellable,
           GError              **error)
{
  struct stat before, after;
  g_autofd int fd = open_regular (path, name, &before, error);
  g_autoptr (GInputStream) stream = NULL;

  if (fd < 0 || !allocate (self, (guint64) before.st_size, name, error))
    return FALSE;

  stream = g_unix_input_stream_new (fd, FALSE);
  if (!fill_whole (self, stream, (gsize) before.st_size, name, progress, cancellable, error))
    return FALSE;
  if (fstat (fd, &after) != 0)
    return set_io_error (name, errno, error);
  if (after.st_size != before.st_size || after.st_mtim.tv_sec != before.st_mtim.tv_sec
      || after.st_mtim.tv_nsec != before.st_mtim.tv_nsec)
    return set_changed_error (name, error);
  return TRUE;
}

/* A stream of a file that has no path, and its size. */
static GInputStream *
open_stream (GFile        *file,
             const char   *name,
             guint64      *size,
             GCancellable *cancellable,
             GError      **error)
{
  g_autoptr (GFileInfo) info = NULL;

  info = g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_SIZE,
                            G_FILE_QUERY_INFO_NONE, cancellable, error);
  if (info == NULL)
    return NULL;
  if (g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR)
    {
      set_not_regular_error (name, g_file_info_get_file_type (info) == G_FILE_TYPE_DIRECTORY,
                             error);
      return NULL;
    }
  *size = (guint64) g_file_info_get_size (info);
  return G_INPUT_STREAM (g_file_read (file, cancellable, error));
}

/**
 * attune_source_read:
 * @self: an empty source
 * @name: how messages call the file
 */
gboolean
attune_source_read (AttuneSource         *self,
                    GFile                *file,
                    const char           *name,
                    const AttuneProgress *progress,
                    GCancellable         *cancellable,
                    GError              **error)
{
  const char *path = g_file_peek_path (file);
  g_autoptr (GInputStream) stream = NULL;
  guint64 size = 0;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (path != NULL)
    return read_path (self, path, name, progress, cancellable, error);

  stream = open_stream (file, name, &size, cancellable, error);
  return stream != NULL && allocate (self, size, name, error)
         && fill_whole (self, stream, (gsize) size, name, progress, cancellable, error);
}

/**
 * attune_source_read_head:
 * @n_bytes: how many bytes are enough
 * @is_whole: (out): whether these are all there are
 *
 * The beginning of a file. There is no sum of it.
 */
gboolean
attune_source_read_head (AttuneSource *self,
                         GFile        *file,
                         const char   *name,
                         gsize         n_bytes,
                         gboolean     *is_whole,
                         GCancellable *cancellable,
                         GError      **error)
{
  const char *path = g_file_peek_path (file);
  g_autoptr (GInputStream) stream = NULL;
  guint64 size = 0;

  if (path != NULL)
    {
      struct stat status;
      g_autofd int fd = open_regular (path, name, &status, error);

      if (fd < 0)
        return FALSE;
      size = (guint64) status.st_size;
      stream = g_unix_input_stream_new (g_steal_fd (&fd), TRUE);
    }
  else
    stream = open_stream (file, name, &size, cancellable, error);
  *is_whole = size <= n_bytes;
  n_bytes = MIN (size, n_bytes);
  return stream != NULL && allocate (self, n_bytes, name, error)
         && fill (self, stream, n_bytes, name, NULL, cancellable, error);
}

/**
 * attune_source_copy:
 *
 * As attune_source_read(), of bytes that are in memory already.
 */
gboolean
attune_source_copy (AttuneSource *self,
                    GBytes       *bytes,
                    const char   *name,
                    GCancellable *cancellable,
                    GError      **error)
{
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_bytes (bytes);

  return allocate (self, g_bytes_get_size (bytes), name, error)
         && fill_whole (self, stream, g_bytes_get_size (bytes), name, NULL, cancellable, error);
}

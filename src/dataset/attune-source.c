/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Brings the bytes of a file into memory, and gives the memory back. read() rather than a mapping:
 * a mapping of a file that is cut is SIGBUS. Any thread.
 */
#include "config.h"

#include "attune-source.h"

#include <gio/gunixinputstream.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "attune-source-file.h"
#include "attune-table.h"

#define CHUNK_BYTES ((gsize) 1024 * 1024)
#define RELEASED_BYTES ((gsize) 8 * 1024 * 1024)

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

void
attune_source_release (AttuneSource *self,
                       gsize         before)
{
  gsize page = (gsize) sysconf (_SC_PAGESIZE);
  guintptr from, to;

  before = MIN (before, self->length);
  if (before < self->released + RELEASED_BYTES)
    return;
  attune_source_get_sha256 (self);
  /* Whole pages within the block, which stays the allocator's. */
  from = ((guintptr) self->data + self->released + page - 1) / page * page;
  to = ((guintptr) self->data + before) / page * page;
  if (madvise ((void *) from, to - from, MADV_DONTNEED) == 0)
    self->released = (gsize) (to - (guintptr) self->data);
  else
    self->released = before;
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
        return attune_source_file_changed (name, error);
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
  return n == 0 || attune_source_file_changed (name, error);
}

static gboolean
read_path (AttuneSource         *self,
           const char           *path,
           const char           *name,
           const AttuneProgress *progress,
           GCancellable         *cancellable,
           GError              **error)
{
  struct stat before;
  g_autofd int fd = attune_source_file_open (path, name, &before, error);
  g_autoptr (GInputStream) stream = NULL;

  if (fd < 0 || !allocate (self, (guint64) before.st_size, name, error))
    return FALSE;

  stream = g_unix_input_stream_new (fd, FALSE);
  if (!fill_whole (self, stream, (gsize) before.st_size, name, progress, cancellable, error))
    return FALSE;
  return attune_source_file_check (fd, &before, name, error);
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
      attune_source_file_not_regular (name,
                                      g_file_info_get_file_type (info) == G_FILE_TYPE_DIRECTORY,
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
      g_autofd int fd = attune_source_file_open (path, name, &status, error);

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

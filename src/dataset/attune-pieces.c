/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Room for the whole file is asked for, but the system gives memory only where something is written
 * to; so those that go by places in a file need not know that most of it is missing. It is read in
 * blocks, each once. Any thread.
 */
#include "config.h"

#include "attune-pieces.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "attune-source-file.h"
#include "attune-source.h"
#include "attune-table.h"

#define BLOCK_BYTES ((gsize) 64 * 1024)

struct _AttunePieces {
  int fd;
  struct stat status; /* when it was opened */
  char *name;
  char *data;         /* length bytes and one more */
  gsize length;
  guint8 *blocks;     /* whether each is there */
};

AttunePieces *
attune_pieces_open (const char *path,
                    const char *name,
                    GError    **error)
{
  g_autoptr (AttunePieces) self = g_new0 (AttunePieces, 1);

  self->name = g_strdup (name);
  self->fd = attune_source_file_open (path, name, &self->status, error);
  if (self->fd < 0)
    return NULL;
  if ((guint64) self->status.st_size <= ATTUNE_LARGEST_FILE)
    {
      self->length = (gsize) self->status.st_size;
      self->data = g_try_malloc0 (self->length + 1);
    }
  if (self->data == NULL)
    {
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
                   _("%s: the file is larger than what can be read; split it"), name);
      return NULL;
    }
  self->blocks = g_new0 (guint8, self->length / BLOCK_BYTES + 1);
  return g_steal_pointer (&self);
}

void
attune_pieces_free (AttunePieces *self)
{
  g_clear_fd (&self->fd, NULL);
  g_free (self->name);
  g_free (self->data);
  g_free (self->blocks);
  g_free (self);
}

const char *
attune_pieces_get_data (AttunePieces *self,
                        gsize        *length)
{
  *length = self->length;
  return self->data;
}

static gboolean
read_block (AttunePieces *self,
            gsize         from,
            GError      **error)
{
  gsize end = MIN (from + BLOCK_BYTES, self->length);

  while (from < end)
    {
      gssize n = pread (self->fd, self->data + from, end - from, (off_t) from);

      if (n == 0)
        return attune_source_file_changed (self->name, error);
      if (n < 0 && errno != EINTR)
        return attune_source_file_unreadable (self->name, errno, error);
      from += (gsize) MAX (n, 0);
    }
  return TRUE;
}

gboolean
attune_pieces_need (AttunePieces *self,
                    gsize         from,
                    gsize         length,
                    GError      **error)
{
  gsize end = from + MIN (length, self->length - MIN (from, self->length));

  for (gsize block = from / BLOCK_BYTES; block * BLOCK_BYTES < end; block++)
    {
      if (self->blocks[block])
        continue;
      if (!read_block (self, block * BLOCK_BYTES, error))
        return FALSE;
      self->blocks[block] = TRUE;
    }
  return TRUE;
}

gboolean
attune_pieces_check (AttunePieces *self,
                     GError      **error)
{
  return attune_source_file_check (self->fd, &self->status, self->name, error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading lines without stdio: a line may hold NUL bytes, and whether more is already waiting
 * decides how many texts are computed together.
 */
#include "config.h"

#include "cli-lines.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "attune-table.h"

#define PIECE (1u << 18)
#define MAX_LINE (256u << 20)

gboolean
cli_lines_open (CliLines    *self,
                const char  *path,
                GError     **error)
{
  gboolean is_input = path == NULL || strcmp (path, "-") == 0;

  *self = (CliLines) { .fd = is_input ? STDIN_FILENO : open (path, O_RDONLY | O_CLOEXEC) };
  if (self->fd < 0)
    {
      int saved = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), _("could not read “%s”: %s"),
                   path, g_strerror (saved));
      return FALSE;
    }

  self->name = g_strdup (is_input ? _("standard input") : path);
  self->data = g_byte_array_new ();
  return TRUE;
}

void
cli_lines_close (CliLines *self)
{
  if (self->fd > STDIN_FILENO)
    close (self->fd);
  g_clear_pointer (&self->data, g_byte_array_unref);
  g_clear_pointer (&self->name, g_free);
}

static const guint8 *
find_break (CliLines *self)
{
  const guint8 *found = NULL;

  if (self->searched < self->data->len)
    found = memchr (self->data->data + self->searched, '\n', self->data->len - self->searched);
  if (found == NULL)
    self->searched = self->data->len;

  return found;
}

/* Reads more behind what is there; FALSE on an error. */
static gboolean
read_more (CliLines  *self,
           GError   **error)
{
  gsize kept = self->data->len - self->at;
  gssize n;

  if (kept > MAX_LINE)
    {
      self->number++;
      cli_lines_refuse (self, error, _("it is longer than 256 MB"));
      return FALSE;
    }

  g_byte_array_remove_range (self->data, 0, self->at);
  self->searched -= self->at;
  self->at = 0;
  g_byte_array_set_size (self->data, kept + PIECE);
  do
    n = read (self->fd, self->data->data + kept, PIECE);
  while (n < 0 && errno == EINTR);
  g_byte_array_set_size (self->data, kept + MAX (n, 0));

  if (n < 0)
    {
      int saved = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), _("could not read “%s”: %s"),
                   self->name, g_strerror (saved));
      return FALSE;
    }

  self->ended = n == 0;
  return TRUE;
}

gboolean
cli_lines_next (CliLines    *self,
                const char **line,
                gsize       *length,
                GError     **error)
{
  const guint8 *end;

  while ((end = find_break (self)) == NULL && !self->ended)
    if (!read_more (self, error))
      return FALSE;

  if (end == NULL && self->at == self->data->len)
    return FALSE;
  if (end == NULL)
    end = self->data->data + self->data->len;

  *line = (const char *) self->data->data + self->at;
  *length = end - (self->data->data + self->at);
  self->at = MIN (self->at + *length + 1, self->data->len);
  self->searched = self->at;
  self->number++;

  return TRUE;
}

gboolean
cli_lines_would_wait (CliLines *self)
{
  struct pollfd ready = { self->fd, POLLIN, 0 };

  return find_break (self) == NULL && !self->ended && poll (&ready, 1, 0) == 0;
}

void
cli_lines_refuse (CliLines    *self,
                  GError     **error,
                  const char  *why)
{
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_SYNTAX,
               _("line %" PRIu64 " of %s: %s"), self->number, self->name, why);
}

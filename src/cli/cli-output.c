/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Standard output. SIGPIPE is ignored (main.c), so that a training run outlives its reader; a
 * filter ends quietly when nobody reads any more.
 */
#include "config.h"

#include "cli.h"

#include <errno.h>
#include <unistd.h>

#include <glib/gi18n.h>

#define PIECE (64u << 10)

void
cli_output_init (CliOutput *self)
{
  self->text = g_string_sized_new (PIECE + 4096);
  self->error = 0;
}

gboolean
cli_output_flush (CliOutput *self)
{
  const char *data = self->text->str;
  gsize length = self->text->len;

  while (length > 0 && self->error == 0)
    {
      gssize n = write (STDOUT_FILENO, data, length);

      if (n < 0 && errno != EINTR)
        self->error = errno;
      if (n > 0)
        {
          data += n;
          length -= n;
        }
    }
  g_string_truncate (self->text, 0);

  return self->error == 0;
}

/* Writes only once there is a piece worth writing. */
gboolean
cli_output_relieve (CliOutput *self)
{
  return self->text->len < PIECE ? self->error == 0 : cli_output_flush (self);
}

int
cli_output_finish (CliOutput *self,
                   int        exit)
{
  cli_output_flush (self);
  g_string_free (self->text, TRUE);
  if (self->error == 0 || self->error == EPIPE)
    return exit;

  cli_say (_("could not write the output: %s"), g_strerror (self->error));
  return CLI_FAILED;
}

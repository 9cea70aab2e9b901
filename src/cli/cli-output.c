/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Standard output. SIGPIPE is ignored (main.c), so that a training run outlives its reader; a
 * filter ends quietly when nobody reads any more. What goes into a file or a pipe goes as it is; what
 * a terminal shows must not command it.
 */
#include "config.h"

#include "cli.h"

#include <errno.h>
#include <unistd.h>

#include <glib/gi18n.h>

#define PIECE (64u << 10)

/* U+0000 to U+001F, U+007F and, of two bytes in UTF-8, U+0080 to U+009F. */
static gsize
measure_control (const char *text,
                 gsize       length)
{
  const guint8 first = (guint8) text[0];

  if (first == '\n' || first == '\t')
    return 0;
  if (first < ' ' || first == 0x7f)
    return 1;
  return first == 0xc2 && length > 1 && (guint8) text[1] < 0xa0 ? 2 : 0;
}

void
cli_mask_controls (GString *text)
{
  g_autoptr (GString) masked = NULL;
  gsize at = 0;

  while (at < text->len && measure_control (text->str + at, text->len - at) == 0)
    at++;
  if (at == text->len)
    return;

  masked = g_string_new_len (text->str, (gssize) at);
  for (gsize n; at < text->len; at += MAX (n, 1))
    {
      n = measure_control (text->str + at, text->len - at);
      if (n > 0)
        g_string_append (masked, "\xef\xbf\xbd");
      else
        g_string_append_c (masked, text->str[at]);
    }
  g_string_truncate (text, 0);
  g_string_append_len (text, masked->str, (gssize) masked->len);
}

void
cli_output_init (CliOutput *self)
{
  self->text = g_string_sized_new (PIECE + 4096);
  self->error = 0;
  self->is_terminal = isatty (STDOUT_FILENO);
}

gboolean
cli_output_flush (CliOutput *self)
{
  const char *data;
  gsize length;

  if (self->is_terminal)
    cli_mask_controls (self->text);
  data = self->text->str;
  length = self->text->len;

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

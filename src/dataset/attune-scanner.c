/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The grammar of delimited text: RFC 4180 with any delimiter, or no quoting at all. A quote inside
 * an unquoted field is data in both. Every line end is understood, mixed ones too. It knows nothing
 * of rows and columns; attune-dialect.c judges those. Any thread.
 */
#include "config.h"

#include "attune-scanner.h"

#include <string.h>

void
attune_scanner_init (AttuneScanner *self,
                     const char    *data,
                     gsize          length,
                     char           delimiter,
                     gboolean       quotes)
{
  *self = (AttuneScanner) {
    .data = data,
    .length = length,
    .line = 1,
    .delimiter = delimiter,
    .quotes = quotes,
  };
  self->stops['\n'] = self->stops['\r'] = self->stops[(guint8) delimiter] = 1;
}

static guint64
count_line_ends (const char *text,
                 const char *end)
{
  guint64 n = 0;

  for (; text < end; text++)
    n += *text == '\n' || (*text == '\r' && text[1] != '\n');
  return n;
}

/* The content of a quoted field whose opening quote is at field->start. */
static AttuneScan
scan_quoted (AttuneScanner *self,
             AttuneField   *field)
{
  const char *data = self->data;
  gsize at = ++field->start;

  field->quoted = TRUE;
  for (;;)
    {
      gsize left = self->length - at;
      gsize allowed = ATTUNE_LARGEST_FIELD - MIN (at - field->start, ATTUNE_LARGEST_FIELD) + 1;
      const char *quote = memchr (data + at, '"', MIN (left, allowed));
      guint64 n_lines;

      if (quote == NULL)
        {
          field->end = self->length;
          return left > allowed ? ATTUNE_SCAN_LONG_FIELD : ATTUNE_SCAN_UNTERMINATED;
        }
      n_lines = count_line_ends (data + at, quote);
      self->line += n_lines;
      field->multiline |= n_lines > 0;
      at = (gsize) (quote - data) + 1;
      if (at >= self->length || data[at] != '"')
        break;
      field->doubled = TRUE;
      at++;
    }

  field->end = at - 1;
  self->position = at;
  return at < self->length && !self->stops[(guint8) data[at]] ? ATTUNE_SCAN_AFTER_QUOTE
                                                              : ATTUNE_SCAN_FIELD;
}

/* Steps over the delimiter or line end that closes a field. */
static void
step_over_stop (AttuneScanner *self,
                AttuneField   *field)
{
  gsize at = self->position;

  self->in_record = at < self->length && self->data[at] == self->delimiter;
  field->last = !self->in_record;
  if (at >= self->length)
    return;
  if (field->last)
    self->line++;
  if (self->data[at] == '\r' && at + 1 < self->length && self->data[at + 1] == '\n')
    at++;
  self->position = at + 1;
}

/**
 * attune_scanner_next:
 *
 * Finds the next field. After anything but ATTUNE_SCAN_FIELD the scanner is of no use, except to
 * attune_scanner_skip_line().
 */
AttuneScan
attune_scanner_next (AttuneScanner *self,
                     AttuneField   *field)
{
  gsize at = self->position;

  *field = (AttuneField) { .start = at, .end = at, .last = TRUE };
  if (at >= self->length && !self->in_record)
    return ATTUNE_SCAN_END;

  if (self->quotes && at < self->length && self->data[at] == '"')
    {
      AttuneScan scan = scan_quoted (self, field);

      if (scan != ATTUNE_SCAN_FIELD)
        return scan;
    }
  else
    {
      while (at < self->length && !self->stops[(guint8) self->data[at]])
        at++;
      field->end = self->position = at;
    }
  if (field->end - field->start > ATTUNE_LARGEST_FIELD)
    return ATTUNE_SCAN_LONG_FIELD;

  step_over_stop (self, field);
  return ATTUNE_SCAN_FIELD;
}

/**
 * attune_scanner_skip_line:
 *
 * Goes on with the line after the one that holds the byte from, as if it began a record. The line
 * number is not to be relied on afterwards.
 */
void
attune_scanner_skip_line (AttuneScanner *self,
                          gsize          from)
{
  while (from < self->length && self->data[from] != '\n' && self->data[from] != '\r')
    from++;
  if (from + 1 < self->length && self->data[from] == '\r' && self->data[from + 1] == '\n')
    from++;
  self->position = MIN (from + 1, self->length);
  self->in_record = FALSE;
}

/* Whether a field that is a whole record makes a line that is to be passed over. */
gboolean
attune_field_is_blank (const char        *data,
                       const AttuneField *field)
{
  if (field->quoted)
    return FALSE;
  for (gsize i = field->start; i < field->end; i++)
    if (data[i] != ' ' && data[i] != '\t')
      return FALSE;
  return TRUE;
}

void
attune_text_locate (const char *data,
                    gsize       offset,
                    guint64    *line,
                    guint64    *column)
{
  *line = 1;
  *column = 1;
  for (gsize i = 0; i < offset; i++)
    if (data[i] == '\n' || (data[i] == '\r' && data[i + 1] != '\n'))
      {
        (*line)++;
        *column = 1;
      }
    else
      *column += ((guint8) data[i] & 0xc0) != 0x80;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Brackets are counted, not kept, so that no depth of nesting costs memory. A line end within a
 * string is not JSON; the string ends there, so that an open quote cannot swallow the lines behind
 * it. Any thread.
 */
#include "config.h"

#include "attune-json-cursor.h"

#include <string.h>

char
attune_json_cursor_skip_space (AttuneJsonCursor *self)
{
  for (; self->at < self->length; self->at++)
    switch (self->data[self->at])
      {
      case '\n':
        self->line++;
        break;
      case ' ':
      case '\t':
      case '\r':
        break;
      default:
        return self->data[self->at];
      }
  return '\0';
}

/* Behind the closing quote of a string whose opening one is at the cursor. */
static gboolean
skip_string (AttuneJsonCursor *self)
{
  const char *at = self->data + self->at + 1, *end = self->data + self->length;

  for (; at < end && *at != '\n'; at++)
    if (*at == '"')
      {
        self->at = (gsize) (at - self->data) + 1;
        return TRUE;
      }
    else if (*at == '\\' && at + 1 < end)
      at++;
  return FALSE;
}

static gboolean
skip_container (AttuneJsonCursor *self)
{
  gsize depth = 0;

  while (self->at < self->length)
    {
      char c = self->data[self->at];

      if (c == '"')
        {
          if (!skip_string (self))
            return FALSE;
          continue;
        }
      self->at++;
      if (c == '{' || c == '[')
        depth++;
      else if (c == '\n')
        self->line++;
      else if ((c == '}' || c == ']') && --depth == 0)
        return TRUE;
    }
  return FALSE;
}

gboolean
attune_json_cursor_take_value (AttuneJsonCursor *self,
                               AttuneJsonSlice  *slice)
{
  char c = attune_json_cursor_skip_space (self);
  AttuneJsonCursor begin = *self;
  gboolean ok = TRUE;

  if (c == '"')
    ok = skip_string (self);
  else if (c == '{' || c == '[')
    ok = skip_container (self);
  else
    {
      /* Numbers, true, false, null, or nothing of the kind. */
      self->at += strcspn (self->data + self->at, " \t\r\n,:]}[{\"");
      ok = self->at > begin.at;
    }
  *slice = (AttuneJsonSlice) { begin.at, self->at - begin.at, begin.line };
  if (!ok)
    *self = begin;
  return ok;
}

gboolean
attune_json_cursor_take_byte (AttuneJsonCursor *self,
                              char              byte)
{
  if (attune_json_cursor_skip_space (self) != byte || self->at >= self->length)
    return FALSE;
  self->at++;
  return TRUE;
}

gboolean
attune_json_cursor_next_item (AttuneJsonCursor *self,
                              char              close,
                              guint             n_before,
                              AttuneJsonSlice  *key,
                              gboolean         *broken)
{
  *broken = FALSE;
  if (attune_json_cursor_take_byte (self, close))
    return FALSE;
  *broken = (n_before > 0 && !attune_json_cursor_take_byte (self, ','))
            || (close == '}'
                && (attune_json_cursor_skip_space (self) != '"'
                    || !attune_json_cursor_take_value (self, key)
                    || !attune_json_cursor_take_byte (self, ':')));
  return !*broken;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The shapes in which programs write tables as JSON: those of pandas' to_json() with each of its
 * orients that names columns, those of datasets' to_json(), and {"data": […]} around one of them.
 * Any thread.
 */
#include "config.h"

#include "attune-json-shape.h"

#include <string.h>

/* What the members of an object are. */
typedef struct {
  guint n;
  guint n_arrays;
  guint n_objects;
  guint n_numbered;       /* objects whose first key is a number */
  AttuneJsonCursor table; /* the first array of objects with a name that says so */
  gboolean has_table;
  gboolean whole;
} Members;

static gboolean
begins_with (AttuneJsonCursor cursor,
             char             first,
             char             second)
{
  return attune_json_cursor_take_byte (&cursor, first)
         && attune_json_cursor_skip_space (&cursor) == second;
}

/* {"0": … */
static gboolean
begins_with_number (AttuneJsonCursor cursor)
{
  AttuneJsonSlice key;

  if (!attune_json_cursor_take_byte (&cursor, '{') || !attune_json_cursor_take_value (&cursor, &key)
      || key.length < 3)
    return FALSE;
  for (gsize i = 1; i < key.length - 1; i++)
    if (!g_ascii_isdigit (cursor.data[key.start + i]))
      return FALSE;
  return TRUE;
}

/* Whether a member with this name is a table about which the others tell something, and not one of
 * the values of a row. */
static gboolean
names_a_table (const char            *data,
               const AttuneJsonSlice *key)
{
  static const char *const names[] = { "data",    "rows",    "records",   "examples", "instances",
                                       "items",   "entries", "documents", "results",  "train",
                                       "samples", "texts",   NULL };
  g_autofree char *name = NULL;

  if (key->length < 3 || key->length > 20)
    return FALSE;
  name = g_ascii_strdown (data + key->start + 1, (gssize) key->length - 2);
  return g_strv_contains (names, name);
}

/* Of the object at the cursor, which is moved behind it if it is whole. */
static Members
look_at_members (AttuneJsonCursor *cursor)
{
  Members members = { 0 };
  gboolean broken = FALSE;
  AttuneJsonSlice key, value;

  attune_json_cursor_take_byte (cursor, '{');
  while (attune_json_cursor_next_item (cursor, '}', members.n, &key, &broken))
    {
      AttuneJsonCursor begin = *cursor;
      char c = attune_json_cursor_skip_space (&begin);

      members.n++;
      members.n_arrays += c == '[';
      members.n_objects += c == '{';
      members.n_numbered += c == '{' && begins_with_number (begin);
      if (!members.has_table && begins_with (begin, '[', '{')
          && names_a_table (cursor->data, &key))
        {
          members.has_table = TRUE;
          members.table = begin;
        }
      if (!attune_json_cursor_take_value (cursor, &value))
        return members;
    }
  members.whole = !broken;
  return members;
}

AttuneJsonShape
attune_json_find_shape (const char       *data,
                        gsize             length,
                        gboolean          is_head,
                        AttuneJsonCursor *rows)
{
  AttuneJsonCursor cursor = { data, length, 0, 1 };
  char first = attune_json_cursor_skip_space (&cursor);
  Members members;
  char next;

  *rows = cursor;
  if (first == '[')
    {
      attune_json_cursor_take_byte (rows, '[');
      return ATTUNE_JSON_ARRAY;
    }
  if (!begins_with (cursor, '{', '"') && !begins_with (cursor, '{', '}'))
    return ATTUNE_JSON_NONE;

  members = look_at_members (&cursor);
  next = attune_json_cursor_skip_space (&cursor);
  if (members.whole && next == '{')
    return ATTUNE_JSON_LINES;
  if (members.whole ? next != '\0' : !is_head && !members.has_table)
    return ATTUNE_JSON_NONE;
  if (members.n > 0 && (members.n_arrays == members.n || members.n_numbered == members.n)
      && !members.has_table)
    {
      attune_json_cursor_take_byte (rows, '{');
      return ATTUNE_JSON_COLUMNS;
    }
  if (members.n > 1 && members.n_objects == members.n)
    {
      attune_json_cursor_take_byte (rows, '{');
      return ATTUNE_JSON_RECORDS;
    }
  if (members.has_table)
    {
      *rows = members.table;
      attune_json_cursor_take_byte (rows, '[');
      return ATTUNE_JSON_ARRAY;
    }
  return ATTUNE_JSON_LINES;
}

gboolean
attune_json_next_row (AttuneJsonCursor *self,
                      AttuneJsonShape   shape,
                      guint             n_before,
                      AttuneJsonSlice  *row,
                      gboolean         *broken)
{
  AttuneJsonSlice key;

  *broken = FALSE;
  if (shape == ATTUNE_JSON_LINES)
    {
      if (attune_json_cursor_skip_space (self) == '\0' && self->at >= self->length)
        return FALSE;
    }
  else if (!attune_json_cursor_next_item (self, shape == ATTUNE_JSON_ARRAY ? ']' : '}', n_before,
                                          &key, broken))
    return FALSE;
  if (attune_json_cursor_take_value (self, row))
    return TRUE;
  *broken = TRUE;
  return FALSE;
}

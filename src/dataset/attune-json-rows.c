/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Columns come in the order in which their names first occur. One that holds a list in any row is a
 * list column in all; one that holds lists of anything but plain values is left out. Small rows are
 * parsed in one block of memory that is used again and again. Any thread.
 */
#include "config.h"

#include "attune-json-rows.h"

#include <string.h>

#include "attune-scanner.h"

/* Objects deeper than this within a row are left out. */
#define MOST_LEVELS 8u
#define POOL_BYTES ((gsize) 1024 * 1024)
/* A row may take this much memory while it is parsed. */
#define MOST_BYTES ((gsize) 512 * 1024 * 1024)
#define MOST_SHOWN 5u
#define READ_FLAGS (YYJSON_READ_NUMBER_AS_RAW | YYJSON_READ_ALLOW_INF_AND_NAN)

typedef struct {
  char *name;
  gboolean is_list;
  gboolean is_left_out;
  guint row;         /* the row in which value was seen, from 1 */
  yyjson_val *value; /* of the row at work */
} Column;

struct _AttuneJsonRows {
  AttuneTableBuilder *builder;
  GArray *columns;     /* Column */
  GHashTable *numbers; /* name → number + 1 */
  GString *path;
  GString *cell;
  guint row;
  char *pool;
};

static void
column_clear (Column *column)
{
  g_free (column->name);
}

AttuneJsonRows *
attune_json_rows_new (const char *source_name)
{
  AttuneJsonRows *self = g_new0 (AttuneJsonRows, 1);

  self->builder = attune_table_builder_new (source_name);
  self->columns = g_array_new (FALSE, TRUE, sizeof (Column));
  g_array_set_clear_func (self->columns, (GDestroyNotify) column_clear);
  self->numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->path = g_string_new (NULL);
  self->cell = g_string_new (NULL);
  self->pool = g_malloc (POOL_BYTES);
  return self;
}

void
attune_json_rows_free (AttuneJsonRows *self)
{
  g_clear_pointer (&self->builder, attune_table_builder_free);
  g_array_unref (self->columns);
  g_hash_table_unref (self->numbers);
  g_string_free (self->path, TRUE);
  g_string_free (self->cell, TRUE);
  g_free (self->pool);
  g_free (self);
}

static void *
limited_malloc (void  *context,
                size_t size)
{
  return size <= MOST_BYTES ? g_try_malloc (size) : NULL;
}

static void *
limited_realloc (void  *context,
                 void  *memory,
                 size_t old_size,
                 size_t size)
{
  return size <= MOST_BYTES ? g_try_realloc (memory, size) : NULL;
}

static void
limited_free (void *context,
              void *memory)
{
  g_free (memory);
}

yyjson_doc *
attune_json_rows_parse (AttuneJsonRows *self,
                        const char     *data,
                        gsize           length,
                        gsize          *offset)
{
  yyjson_alc allocator = { limited_malloc, limited_realloc, limited_free, NULL };
  yyjson_read_err error = { 0 };
  yyjson_doc *doc;

  if (yyjson_read_max_memory_usage (length, READ_FLAGS) + 64 * sizeof (gpointer) < POOL_BYTES)
    yyjson_alc_pool_init (&allocator, self->pool, POOL_BYTES);
  doc = yyjson_read_opts ((char *) data, length, READ_FLAGS, &allocator, &error);
  *offset = error.pos;
  return doc;
}

/* NULL if there would be too many. */
static Column *
get_column (AttuneJsonRows *self,
            const char     *name,
            gboolean        create)
{
  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (self->numbers, name));
  Column column = { 0 };

  if (number > 0)
    return &g_array_index (self->columns, Column, number - 1);
  if (!create || self->columns->len >= ATTUNE_MOST_COLUMNS)
    return NULL;
  column.name = g_strdup (name);
  g_array_append_val (self->columns, column);
  g_hash_table_insert (self->numbers, g_strdup (name), GUINT_TO_POINTER (self->columns->len));
  return &g_array_index (self->columns, Column, self->columns->len - 1);
}

static gboolean
is_plain_list (yyjson_val *value)
{
  yyjson_arr_iter iter;
  yyjson_val *item;

  yyjson_arr_iter_init (value, &iter);
  while ((item = yyjson_arr_iter_next (&iter)) != NULL)
    if (yyjson_is_ctn (item))
      return FALSE;
  return TRUE;
}

static void
learn_value (Column     *column,
             yyjson_val *value,
             gboolean    too_deep)
{
  if (too_deep || yyjson_is_obj (value))
    column->is_left_out = TRUE;
  else if (yyjson_is_arr (value))
    {
      column->is_list = TRUE;
      column->is_left_out |= !is_plain_list (value);
    }
}

/* Calls itself for objects within objects, MOST_LEVELS deep at most. FALSE: too many columns. */
static gboolean
walk (AttuneJsonRows *self,
      yyjson_val     *object,
      guint           level,
      gboolean        learn)
{
  gsize n_path = self->path->len;
  yyjson_obj_iter iter;
  yyjson_val *key;

  yyjson_obj_iter_init (object, &iter);
  while ((key = yyjson_obj_iter_next (&iter)) != NULL)
    {
      yyjson_val *value = yyjson_obj_iter_get_val (key);
      gboolean is_object = yyjson_is_obj (value);
      const char *name = yyjson_get_str (key);
      gboolean ok = TRUE;

      if (level > 0 || is_object)
        {
          g_string_truncate (self->path, n_path);
          if (n_path > 0)
            g_string_append_c (self->path, '.');
          g_string_append (self->path, name);
          name = self->path->str;
        }
      if (is_object && level + 1 < MOST_LEVELS)
        ok = walk (self, value, level + 1, learn);
      else
        {
          Column *column = get_column (self, name, learn);

          ok = column != NULL;
          if (ok && learn)
            learn_value (column, value, is_object);
          else if (ok)
            {
              column->row = self->row;
              column->value = value;
            }
        }
      if (!ok)
        return FALSE;
    }
  g_string_truncate (self->path, n_path);
  return TRUE;
}

gboolean
attune_json_rows_learn (AttuneJsonRows *self,
                        yyjson_val     *row)
{
  g_string_truncate (self->path, 0);
  return walk (self, row, 0, TRUE);
}

gboolean
attune_json_rows_name_column (AttuneJsonRows *self,
                              const char     *quoted,
                              gsize           length)
{
  yyjson_doc *doc = yyjson_read (quoted, length, YYJSON_READ_NOFLAG);
  const char *name = yyjson_get_str (yyjson_doc_get_root (doc));
  guint n = self->columns->len;
  gboolean ok = name != NULL && get_column (self, name, TRUE) != NULL && self->columns->len > n;

  yyjson_doc_free (doc);
  return ok;
}

void
attune_json_rows_learn_cell (AttuneJsonRows *self,
                             guint           column,
                             yyjson_val     *value)
{
  learn_value (&g_array_index (self->columns, Column, column), value, FALSE);
}

gboolean
attune_json_rows_begin (AttuneJsonRows *self,
                        GError        **error)
{
  for (guint i = 0; i < self->columns->len; i++)
    {
      const Column *column = &g_array_index (self->columns, Column, i);

      if (!column->is_left_out
          && !attune_table_builder_add_column (self->builder, column->name, column->is_list, NULL,
                                               error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_nan (const char *number)
{
  number += *number == '-' || *number == '+';
  return *number == 'n' || *number == 'N';
}

/* A plain value as text. What null and NaN stand for is not there. */
static void
append_plain (GString    *out,
              yyjson_val *value,
              gboolean    is_item)
{
  gsize from = out->len;

  if (yyjson_is_str (value))
    g_string_append_len (out, yyjson_get_str (value), (gssize) yyjson_get_len (value));
  else if (yyjson_is_raw (value) && !is_nan (yyjson_get_raw (value)))
    g_string_append_len (out, yyjson_get_raw (value), (gssize) yyjson_get_len (value));
  else if (yyjson_is_bool (value))
    g_string_append (out, yyjson_get_bool (value) ? "true" : "false");
  /* What stands between items must not be in one. */
  for (gsize i = from; is_item && i < out->len; i++)
    if (out->str[i] == ATTUNE_LIST_SEPARATOR)
      out->str[i] = ' ';
}

static gboolean
add_value (AttuneJsonRows *self,
           const Column   *column,
           yyjson_val     *value,
           guint64         line,
           GError        **error)
{
  g_string_truncate (self->cell, 0);
  if (yyjson_is_arr (value))
    {
      yyjson_arr_iter iter;
      yyjson_val *item;

      yyjson_arr_iter_init (value, &iter);
      for (guint i = 0; (item = yyjson_arr_iter_next (&iter)) != NULL; i++)
        {
          if (i > 0)
            g_string_append_c (self->cell, ATTUNE_LIST_SEPARATOR);
          append_plain (self->cell, item, TRUE);
        }
    }
  else if (value != NULL)
    append_plain (self->cell, value, column->is_list);
  return attune_table_builder_add_cell (self->builder, self->cell->str, self->cell->len, line,
                                        error);
}

gboolean
attune_json_rows_add (AttuneJsonRows *self,
                      yyjson_val     *row,
                      guint64         line,
                      GError        **error)
{
  self->row++;
  g_string_truncate (self->path, 0);
  walk (self, row, 0, FALSE);
  for (guint i = 0; i < self->columns->len; i++)
    {
      const Column *column = &g_array_index (self->columns, Column, i);

      if (!column->is_left_out
          && !add_value (self, column, column->row == self->row ? column->value : NULL, line,
                         error))
        return FALSE;
    }
  return TRUE;
}

gboolean
attune_json_rows_add_cell (AttuneJsonRows *self,
                           guint           column,
                           yyjson_val     *value,
                           guint64         line,
                           GError        **error)
{
  const Column *it = &g_array_index (self->columns, Column, column);

  return it->is_left_out || add_value (self, it, value, line, error);
}

guint
attune_json_rows_get_n_columns (AttuneJsonRows *self)
{
  guint n = 0;

  for (guint i = 0; i < self->columns->len; i++)
    n += !g_array_index (self->columns, Column, i).is_left_out;
  return n;
}

char *
attune_json_rows_describe_left_out (AttuneJsonRows *self)
{
  GString *names = g_string_new (NULL);
  guint n = 0;

  for (guint i = 0; i < self->columns->len; i++)
    {
      const Column *column = &g_array_index (self->columns, Column, i);

      if (column->is_left_out && n++ < MOST_SHOWN)
        g_string_append_printf (names, n == 1 ? "%s" : ", %s", column->name);
    }
  if (n > MOST_SHOWN)
    g_string_append (names, ", …");
  return g_string_free (names, n == 0);
}

AttuneTableBuilder *
attune_json_rows_steal_builder (AttuneJsonRows *self)
{
  return g_steal_pointer (&self->builder);
}

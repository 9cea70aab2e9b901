/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the tree of the schema to columns. A field that is a value, or one list of values in any of
 * the ways that lists have been written, is a column to read; structures, maps and lists of lists
 * are left out.
 * Source: the Parquet format, LogicalTypes.md (lists and their older forms).
 */
#include "config.h"

#include "attune-parquet-schema.h"

#include <glib/gi18n.h>
#include <string.h>

#include "attune-table.h"

#define DEEPEST 32
#define MOST_MEMBERS 6 /* shown of a structure */

static const AttuneParquetElement *
element_at (const AttuneParquetFooter *footer,
            guint                      i)
{
  return &g_array_index (footer->elements, AttuneParquetElement, i);
}

/* The element after all that is below one; 0 if the tree is longer than the list. */
static guint
skip_subtree (const AttuneParquetFooter *footer,
              guint                      i,
              guint                      depth,
              guint                     *n_leaves)
{
  const AttuneParquetElement *element;
  guint next = i + 1;

  if (i >= footer->elements->len || depth == DEEPEST)
    return 0;
  element = element_at (footer, i);
  if (element->type != ATTUNE_PARQUET_GROUP)
    {
      (*n_leaves)++;
      return element->n_children == 0 ? next : 0;
    }
  for (gint child = 0; child < element->n_children && next != 0; child++)
    next = skip_subtree (footer, next, depth + 1, n_leaves);
  return next;
}

static char *
join_members (const AttuneParquetFooter *footer,
              guint                      i)
{
  GString *names = g_string_new (NULL);
  gint n = element_at (footer, i)->n_children;
  guint next = i + 1, n_leaves = 0;

  for (gint child = 0; child < MIN (n, MOST_MEMBERS); child++)
    {
      const AttuneParquetElement *member = element_at (footer, next);
      g_autofree char *name = g_utf8_make_valid (member->name, (gssize) member->name_length);

      g_string_append_printf (names, child == 0 ? "%s" : ", %s", name);
      next = skip_subtree (footer, next, 0, &n_leaves);
    }
  if (n > MOST_MEMBERS)
    g_string_append (names, ", …");
  return g_string_free (names, FALSE);
}

static gboolean
name_is (const AttuneParquetElement *element,
         const char                 *name)
{
  return element->name_length == strlen (name)
         && memcmp (element->name, name, element->name_length) == 0;
}

/* Names by which older writers called a structure of one member in a list of two levels. */
static gboolean
is_tuple (const AttuneParquetElement *list,
          const AttuneParquetElement *repeated)
{
  static const char suffix[] = "_tuple";
  gsize n = strlen (suffix);

  return name_is (repeated, "array")
         || (repeated->name_length == list->name_length + n
             && memcmp (repeated->name, list->name, list->name_length) == 0
             && memcmp (repeated->name + list->name_length, suffix, n) == 0);
}

static void
take_value (AttuneParquetColumn        *column,
            const AttuneParquetElement *element)
{
  gint type = element->type;
  gboolean is_bytes = type == ATTUNE_PARQUET_BYTE_ARRAY || type == ATTUNE_PARQUET_FIXED;

  column->element = *element;
  switch (element->logical)
    {
    case ATTUNE_PARQUET_STRING:
    case ATTUNE_PARQUET_ENUM:
    case ATTUNE_PARQUET_JSON:
    case ATTUNE_PARQUET_NULL:
      break;
    case ATTUNE_PARQUET_DECIMAL:
      if (type == ATTUNE_PARQUET_FIXED && element->type_length > 16)
        column->use = ATTUNE_PARQUET_IS_BINARY;
      break;
    case ATTUNE_PARQUET_UUID:
      if (type != ATTUNE_PARQUET_FIXED || element->type_length != 16)
        column->use = ATTUNE_PARQUET_IS_BINARY;
      break;
    case ATTUNE_PARQUET_FLOAT16:
      if (type != ATTUNE_PARQUET_FIXED || element->type_length != 2)
        column->use = ATTUNE_PARQUET_IS_BINARY;
      break;
    case ATTUNE_PARQUET_BSON:
    case ATTUNE_PARQUET_INTERVAL:
      column->use = ATTUNE_PARQUET_IS_BINARY;
      break;
    default:
      column->is_guess = is_bytes;
    }
}

/* What is inside of a group that is called a list. */
static void
take_list (AttuneParquetColumn       *column,
           const AttuneParquetFooter *footer,
           guint                      i)
{
  const AttuneParquetElement *list = element_at (footer, i);
  const AttuneParquetElement *repeated = list->n_children == 1 ? element_at (footer, i + 1) : NULL;
  const AttuneParquetElement *item = NULL;

  column->use = ATTUNE_PARQUET_IS_NESTED;
  if (repeated == NULL || repeated->repetition != ATTUNE_PARQUET_REPEATED
      || list->repetition == ATTUNE_PARQUET_REPEATED)
    return;
  column->max_definition++;
  column->max_repetition = 1;
  column->list_definition = column->max_definition;
  if (repeated->type != ATTUNE_PARQUET_GROUP)
    item = repeated;
  else if (repeated->n_children == 1 && !is_tuple (list, repeated))
    item = element_at (footer, i + 2);
  if (item == NULL || item->type == ATTUNE_PARQUET_GROUP
      || (item != repeated && item->repetition == ATTUNE_PARQUET_REPEATED))
    return;
  if (item->repetition == ATTUNE_PARQUET_OPTIONAL)
    column->max_definition++;
  column->use = ATTUNE_PARQUET_USED;
  take_value (column, item);
}

static void
take_field (AttuneParquetColumn       *column,
            const AttuneParquetFooter *footer,
            guint                      i)
{
  const AttuneParquetElement *element = element_at (footer, i);

  column->name = g_utf8_make_valid (element->name, (gssize) element->name_length);
  column->element = *element;
  if (element->repetition != ATTUNE_PARQUET_REQUIRED)
    column->max_definition++;
  if (element->type != ATTUNE_PARQUET_GROUP)
    {
      if (element->repetition == ATTUNE_PARQUET_REPEATED)
        {
          column->max_repetition = 1;
          column->list_definition = 1;
        }
      take_value (column, element);
    }
  else if (element->logical == ATTUNE_PARQUET_LIST)
    take_list (column, footer, i);
  else if (element->logical == ATTUNE_PARQUET_MAP)
    column->use = ATTUNE_PARQUET_IS_MAP;
  else
    {
      column->use = element->repetition == ATTUNE_PARQUET_REPEATED ? ATTUNE_PARQUET_IS_NESTED
                                                                    : ATTUNE_PARQUET_IS_STRUCT;
      column->members = join_members (footer, i);
    }
}

static void
column_clear (AttuneParquetColumn *column)
{
  g_free (column->name);
  g_free (column->members);
}

/* Whether each row group has a chunk for each leaf, and of the type that the schema gives it. */
static gboolean
check_chunks (const AttuneParquetFooter *footer,
              GArray                    *columns,
              guint                      n_leaves)
{
  if (footer->chunks->len != (guint64) n_leaves * footer->rows->len)
    return FALSE;
  for (guint i = 0; i < columns->len; i++)
    {
      AttuneParquetColumn *column = &g_array_index (columns, AttuneParquetColumn, i);

      for (guint group = 0; group < footer->rows->len; group++)
        {
          const AttuneParquetChunk *chunk
            = &g_array_index (footer->chunks, AttuneParquetChunk, group * n_leaves + column->leaf);

          if (chunk->is_encrypted)
            column->use = ATTUNE_PARQUET_IS_ENCRYPTED;
          else if (column->use == ATTUNE_PARQUET_USED && chunk->type != column->element.type)
            return FALSE;
        }
    }
  return TRUE;
}

GArray *
attune_parquet_schema_read (const AttuneParquetFooter *footer,
                            const char                *source_name,
                            GError                   **error)
{
  g_autoptr (GArray) columns = g_array_new (FALSE, FALSE, sizeof (AttuneParquetColumn));
  guint i = 1, n_leaves = 0;

  g_array_set_clear_func (columns, (GDestroyNotify) column_clear);
  for (gint n = element_at (footer, 0)->n_children; n > 0 && i != 0; n--)
    {
      AttuneParquetColumn column = { .leaf = n_leaves };
      guint next = skip_subtree (footer, i, 0, &n_leaves);

      if (next != 0)
        {
          column.n_leaves = n_leaves - column.leaf;
          take_field (&column, footer, i);
          g_array_append_val (columns, column);
        }
      i = next;
    }
  if (i == footer->elements->len && columns->len > 0 && check_chunks (footer, columns, n_leaves))
    return g_steal_pointer (&columns);
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_SYNTAX,
               _("%s: the footer of this Parquet file contradicts itself; download or write it "
                 "again"), source_name);
  return NULL;
}

char *
attune_parquet_column_reason (const AttuneParquetColumn *self)
{
  switch (self->use)
    {
    case ATTUNE_PARQUET_IS_STRUCT:
      return g_strdup_printf (_("column “%s” is a structure (%s), which cannot be read; write its "
                                "members as columns of their own"), self->name, self->members);
    case ATTUNE_PARQUET_IS_MAP:
      return g_strdup_printf (_("column “%s” is a map, which cannot be read; write its values as "
                                "columns of their own"), self->name);
    case ATTUNE_PARQUET_IS_NESTED:
      return g_strdup_printf (_("column “%s” is a nested list (of lists or structures), which "
                                "cannot be read; write it as a list of values"), self->name);
    case ATTUNE_PARQUET_IS_BINARY:
      return g_strdup_printf (_("column “%s” holds bytes that are no text, such as pictures or "
                                "sound; choose a file with texts"), self->name);
    case ATTUNE_PARQUET_IS_ENCRYPTED:
      return g_strdup_printf (_("column “%s” is encrypted, which cannot be read; write it without "
                                "encryption"), self->name);
    case ATTUNE_PARQUET_USED:
      break;
    }
  g_assert_not_reached ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Levels and values become cells; see attune-parquet-cursor.h. A definition level below the highest
 * is a null or an empty list; a repetition level of 0 begins a row, and a list may go on in the
 * next page, so that its end is known only from the level behind it.
 */
#include "config.h"

#include "attune-parquet-cursor.h"

#include <glib/gi18n.h>
#include <string.h>

#include "attune-scanner.h"
#include "attune-table.h"

void
attune_parquet_cursor_init (AttuneParquetCursor       *self,
                            AttuneParquetInput        *input,
                            const AttuneParquetColumn *column)
{
  *self = (AttuneParquetCursor) {
    .column = column,
    .pages = { .input = input, .column = column->name, .row = 1,
               .max_definition = column->max_definition,
               .max_repetition = column->max_repetition },
    .values = { .element = &column->element, .scratch = g_byte_array_new () },
    .text = g_string_new (NULL),
  };
}

void
attune_parquet_cursor_clear (AttuneParquetCursor *self)
{
  attune_parquet_dictionary_clear (&self->dictionary, self->pages.input);
  attune_parquet_pages_clear (&self->pages);
  g_clear_pointer (&self->values.scratch, g_byte_array_unref);
  g_string_free (g_steal_pointer (&self->text), TRUE);
}

gboolean
attune_parquet_cursor_start (AttuneParquetCursor      *self,
                             const AttuneParquetChunk *chunk,
                             GError                  **error)
{
  attune_parquet_dictionary_clear (&self->dictionary, self->pages.input);
  self->page_left = 0;
  self->chunk_left = chunk->n_values;
  self->has_pending = FALSE;
  return chunk->n_values == 0 || attune_parquet_pages_init (&self->pages, chunk, error);
}

static gboolean
next_page (AttuneParquetCursor *self,
           GError             **error)
{
  const char *fault;

  while (self->page_left == 0)
    {
      if (!attune_parquet_pages_next (&self->pages, &self->page, error))
        return FALSE;
      if (self->page.is_dictionary)
        {
          if (!attune_parquet_dictionary_read (&self->dictionary, &self->column->element,
                                               &self->pages, &self->page, error))
            return FALSE;
          continue;
        }
      if (self->page.n_values > self->chunk_left)
        return attune_parquet_pages_fail (&self->pages, _("a page holds more values than the row "
                                                          "group"), error);
      fault = attune_parquet_values_init (&self->values, &self->page,
                                          self->dictionary.data != NULL ? &self->dictionary : NULL);
      if (fault != NULL)
        return attune_parquet_pages_fail (&self->pages, fault, error);
      self->page_left = self->page.n_values;
    }
  return TRUE;
}

/* The levels of the next value, null or empty list. */
static gboolean
next_levels (AttuneParquetCursor *self,
             guint32             *repetition,
             guint32             *definition,
             GError             **error)
{
  *repetition = 0;
  *definition = self->column->max_definition;
  if (self->page_left == 0)
    {
      if (self->chunk_left == 0)
        return attune_parquet_pages_fail (&self->pages, _("rows are missing"), error);
      if (!next_page (self, error))
        return FALSE;
    }
  self->page_left--;
  self->chunk_left--;
  if ((self->column->max_repetition > 0
       && !attune_parquet_runs_next (&self->page.repetition, repetition))
      || (self->column->max_definition > 0
          && !attune_parquet_runs_next (&self->page.definition, definition))
      || *repetition > self->column->max_repetition
      || *definition > self->column->max_definition)
    return attune_parquet_pages_fail (&self->pages, _("the levels of a page are damaged"), error);
  return TRUE;
}

static gboolean
next_value (AttuneParquetCursor *self,
            AttuneParquetValue  *value,
            GError             **error)
{
  if (!attune_parquet_values_next (&self->values, value))
    return attune_parquet_pages_fail (&self->pages, _("the values of a page end too soon or are "
                                                      "damaged"), error);
  if (self->column->element.logical == ATTUNE_PARQUET_DECIMAL && value->length > 16)
    return attune_parquet_pages_fail (&self->pages, _("a number has more than 38 digits"), error);
  return TRUE;
}

/* An item of the row's list. */
static gboolean
append_item (AttuneParquetCursor *self,
             gboolean             is_first,
             GError             **error)
{
  AttuneParquetValue value = { 0 };
  gsize start;

  if (!next_value (self, &value, error))
    return FALSE;
  if (!attune_parquet_input_spend (self->pages.input, value.length, error))
    return FALSE;
  if (value.length + self->text->len > ATTUNE_LARGEST_FIELD)
    return attune_parquet_pages_fail (&self->pages, _("a list is longer than 64 MB, the most that "
                                                      "one may be"), error);
  if (!is_first)
    g_string_append_c (self->text, ATTUNE_LIST_SEPARATOR);
  start = self->text->len;
  attune_parquet_value_append (self->text, &self->column->element, &value);
  if (memchr (self->text->str + start, ATTUNE_LIST_SEPARATOR, self->text->len - start) != NULL)
    return attune_parquet_pages_fail (&self->pages, _("an item of a list holds the control "
                                                      "character U+001F, which items may not"),
                                      error);
  return TRUE;
}

/* Nulls in a list are left out of it: they are no labels. */
static gboolean
next_list (AttuneParquetCursor *self,
           const char         **cell,
           gsize               *length,
           GError             **error)
{
  guint32 repetition = 0, definition = self->pending;
  gboolean is_first = TRUE;

  if (!self->has_pending && !next_levels (self, &repetition, &definition, error))
    return FALSE;
  if (repetition > 0)
    return attune_parquet_pages_fail (&self->pages, _("the levels of a page are damaged"), error);
  self->has_pending = FALSE;
  g_string_truncate (self->text, 0);
  for (;;)
    {
      if (definition == self->column->max_definition)
        {
          if (!append_item (self, is_first, error))
            return FALSE;
          is_first = FALSE;
        }
      else if (!attune_parquet_input_spend (self->pages.input, 0, error))
        return FALSE;
      if (self->page_left == 0 && self->chunk_left == 0)
        break;
      if (!next_levels (self, &repetition, &definition, error))
        return FALSE;
      if (repetition == 0)
        {
          self->has_pending = TRUE;
          self->pending = definition;
          break;
        }
    }
  *cell = is_first ? NULL : self->text->str;
  *length = self->text->len;
  return TRUE;
}

gboolean
attune_parquet_cursor_next (AttuneParquetCursor *self,
                            guint64              row,
                            const char         **cell,
                            gsize               *length,
                            GError             **error)
{
  AttuneParquetValue value = { 0 };
  guint32 repetition, definition;

  self->pages.row = row;
  if (self->column->max_repetition > 0)
    return next_list (self, cell, length, error);
  if (!next_levels (self, &repetition, &definition, error))
    return FALSE;
  *cell = NULL;
  *length = 0;
  if (definition < self->column->max_definition)
    return TRUE;
  if (!next_value (self, &value, error))
    return FALSE;
  if (attune_parquet_element_is_text (&self->column->element))
    {
      *cell = (const char *) value.bytes;
      *length = value.length;
      return TRUE;
    }
  g_string_truncate (self->text, 0);
  attune_parquet_value_append (self->text, &self->column->element, &value);
  *cell = self->text->str;
  *length = self->text->len;
  return TRUE;
}

gboolean
attune_parquet_cursor_is_at_end (AttuneParquetCursor *self)
{
  return self->chunk_left == 0 && !self->has_pending;
}

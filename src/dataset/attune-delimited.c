/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The reader of delimited text. The bytes of the file become the block of cells: fields are unquoted
 * and closed up in place, each followed by a NUL, and one 32 bit offset a cell says where it begins.
 * Everything that can be wrong with the text is found by the survey before, so filling the cells
 * cannot fail. Any thread.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

#include "attune-dialect.h"
#include "attune-reader.h"
#include "attune-table-header.h"
#include "attune-table-private.h"

/* The sentence for a fault that the survey found. */
static void
set_fault_error (const AttuneSource *source,
                 const char         *name,
                 const AttuneSurvey *survey,
                 GError            **error)
{
  guint64 line, column;
  g_autofree char *where = NULL;

  attune_text_locate (source->data, survey->fault_offset, &line, &column);
  where = g_strdup_printf (_("line %" PRIu64 ", column %" PRIu64), line, column);

  switch (survey->fault)
    {
    case ATTUNE_SCAN_UNTERMINATED:
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_SYNTAX,
                   _("%s: %s: the quotation mark that opens here is never closed; close it, or "
                     "read quotation marks as part of the text"), name, where);
      break;
    case ATTUNE_SCAN_AFTER_QUOTE:
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_SYNTAX,
                   _("%s: %s: text follows a closing quotation mark; double those inside a field, "
                     "or read quotation marks as part of the text"), name, where);
      break;
    case ATTUNE_SCAN_LONG_FIELD:
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
                   _("%s: %s: the field that begins here is longer than 64 MB, the most that a "
                     "field may be; check its quotation marks"), name, where);
      break;
    case ATTUNE_SCAN_RAGGED:
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_SYNTAX,
                   ngettext ("%s: line %" PRIu64 " has %u column where the first has %u; put "
                             "texts that hold the delimiter or a line break in quotation marks",
                             "%s: line %" PRIu64 " has %u columns where the first has %u; put "
                             "texts that hold the delimiter or a line break in quotation marks",
                             survey->fault_columns),
                   name, line, survey->fault_columns, survey->n_columns);
      break;
    case ATTUNE_SCAN_MANY_COLUMNS:
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
                   _("%s: line %" PRIu64 " has more than 16,384 columns, the most that can "
                     "be read; check the delimiter"), name, line);
      break;
    case ATTUNE_SCAN_MANY_CELLS:
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
                   _("%s: the table has more than 536,870,912 cells, the most that can be read; "
                     "leave out columns or split the file"), name);
      break;
    case ATTUNE_SCAN_CANCELLED:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("Reading was cancelled"));
      break;
    case ATTUNE_SCAN_FIELD:
    case ATTUNE_SCAN_END:
      g_assert_not_reached ();
    }
}

static gsize
copy_content (char              *out,
              const char        *data,
              const AttuneField *field)
{
  gsize n = 0;

  if (!field->doubled)
    {
      n = field->end - field->start;
      memmove (out, data + field->start, n);
      return n;
    }
  for (gsize i = field->start; i < field->end; i++)
    {
      out[n++] = data[i];
      if (data[i] == '"')
        i++;
    }
  return n;
}

/* Closes the fields up in place. What is written never overtakes what is read: a field and its NUL
 * take no more room than the field and its delimiter did. */
static gboolean
fill_cells (AttuneTable          *self,
            AttuneSource         *source,
            const AttuneProgress *progress,
            GCancellable         *cancellable,
            GError              **error)
{
  AttuneScanner scanner;
  AttuneField field;
  guint record = 0, column = 0;
  gsize cell = 0, written = 0, next_look = 0;
  guint64 line = 1;

  attune_scanner_init (&scanner, source->data, source->length, self->options.delimiter,
                       self->options.quoting == ATTUNE_QUOTING_RFC4180);
  while (attune_scanner_next (&scanner, &field) == ATTUNE_SCAN_FIELD)
    {
      gboolean is_blank = column == 0 && field.last && attune_field_is_blank (source->data, &field);

      if (scanner.position >= next_look)
        {
          next_look = scanner.position + 1024 * 1024;
          attune_progress_say (progress, (double) scanner.position / source->length);
          if (g_cancellable_set_error_if_cancelled (cancellable, error))
            return FALSE;
        }
      if (column == 0 && !is_blank)
        self->lines[record] = (guint32) line;
      if (column < self->n_columns && !is_blank)
        {
          self->offsets[cell++] = (guint32) written;
          written += copy_content (source->data + written, source->data, &field);
          source->data[written++] = '\0';
        }
      column++;
      if (field.last)
        {
          record += !is_blank;
          column = 0;
          line = scanner.line;
        }
    }
  self->offsets[cell] = (guint32) written;

  self->cells = g_steal_pointer (&source->data);
  if (written < source->length / 4 * 3)
    self->cells = g_realloc (self->cells, written + 1);
  return TRUE;
}

static gboolean
name_columns (AttuneTable *self,
              GError     **error)
{
  self->column_names = g_new0 (char *, self->n_columns + 1);
  for (guint i = 0; i < self->n_columns; i++)
    {
      if (self->has_header)
        self->column_names[i] = g_strstrip (g_strdup (self->cells + self->offsets[i]));
      if (self->column_names[i] == NULL || *self->column_names[i] == '\0')
        {
          g_free (self->column_names[i]);
          self->column_names[i] = g_strdup_printf (_("Column %u"), i + 1);
        }
    }
  return attune_table_header_check (self->column_names, self->source_name, error);
}

/* Room for the rows that the survey counted. */
static gboolean
allocate_rows (AttuneTable        *self,
               const AttuneSurvey *survey,
               GError            **error)
{
  gsize n_cells;

  self->n_records = (guint) survey->n_records;
  self->n_columns = survey->n_columns;
  n_cells = (gsize) self->n_records * self->n_columns;
  self->offsets = g_try_new (guint32, n_cells + 1);
  self->lines = g_try_new (guint32, self->n_records);
  if (self->offsets != NULL && self->lines != NULL)
    return TRUE;
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
               _("%s: there is no memory for the rows of this file; split it"), self->source_name);
  return FALSE;
}

static gboolean
choose_header (AttuneTable *self,
               GError     **error)
{
  self->has_header = self->options.header == ATTUNE_HEADER_YES;
  if (self->options.header == ATTUNE_HEADER_DETECT)
    self->has_header = attune_table_header_detect (self);
  self->options.header = self->has_header ? ATTUNE_HEADER_YES : ATTUNE_HEADER_NO;
  if (self->n_records > (self->has_header ? 1 : 0))
    return TRUE;
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_EMPTY,
               _("%s: there are no rows below the header; choose a file with a row for each "
                 "text"),
               self->source_name);
  return FALSE;
}

/* Where a head breaks off within a record, that record is not of it. */
static void
drop_broken_end (AttuneReading *reading,
                 AttuneTable   *self,
                 AttuneSurvey  *survey)
{
  AttuneSource *source = &reading->source;

  if (!reading->is_head || survey->fault != ATTUNE_SCAN_UNTERMINATED || survey->n_good == 0)
    return;
  source->length = survey->n_good;
  source->data[source->length] = '\0';
  *survey = attune_survey (source->data, source->length, self->options.delimiter,
                           self->options.quoting == ATTUNE_QUOTING_RFC4180, TRUE,
                           reading->cancellable);
}

static AttuneTable *
read_delimited (AttuneReading *reading,
                GError       **error)
{
  g_autoptr (AttuneTable) self = g_object_new (ATTUNE_TYPE_TABLE, NULL);
  AttuneProgress surveying = attune_progress_part (reading->progress, 0, 0.5);
  AttuneProgress filling = attune_progress_part (reading->progress, 0.5, 1);
  AttuneSource *source = &reading->source;
  AttuneSurvey survey;

  self->source_name = g_strdup (reading->name);
  self->options = reading->options;
  attune_dialect_detect (source->data, source->length, &self->options, &survey, &surveying,
                         reading->cancellable);
  reading->options = self->options;
  drop_broken_end (reading, self, &survey);
  if (survey.fault != ATTUNE_SCAN_END)
    {
      set_fault_error (source, self->source_name, &survey, error);
      return NULL;
    }
  if (survey.n_records == 0)
    {
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_EMPTY,
                   _("%s: the file is empty; choose one with a row for each "
                     "text"), self->source_name);
      return NULL;
    }

  /* From here on the bytes are not as they were. */
  attune_source_get_sha256 (source);
  if (!allocate_rows (self, &survey, error)
      || !fill_cells (self, source, &filling, reading->cancellable, error)
      || !choose_header (self, error) || !name_columns (self, error))
    return NULL;
  reading->options.header = self->options.header;
  return g_steal_pointer (&self);
}

/* Any text is. */
static gboolean
detect_delimited (const AttuneReading *reading)
{
  return TRUE;
}

const AttuneReader attune_reader_delimited = {
  ATTUNE_FORMAT_DELIMITED, detect_delimited, read_delimited,
};

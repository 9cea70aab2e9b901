/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The footer of a Parquet file: a Thrift struct at the end, its length and "PAR1" behind it. Fields
 * that reading does not need are skipped. What is kept grows as it is read, so that a count alone
 * allocates nothing.
 * Source: the Parquet format, parquet.thrift (FileMetaData and what it holds).
 */
#include "config.h"

#include "attune-parquet-footer.h"

#include <glib/gi18n.h>
#include <string.h>

#include "attune-table.h"
#include "attune-thrift.h"

#define LARGEST_FOOTER ((gsize) 64 * 1024 * 1024)
#define MOST_ELEMENTS 65536u
#define MOST_CHUNKS 4000000u

void
attune_parquet_footer_clear (AttuneParquetFooter *self)
{
  g_clear_pointer (&self->elements, g_array_unref);
  g_clear_pointer (&self->chunks, g_array_unref);
  g_clear_pointer (&self->rows, g_array_unref);
}

gint64
attune_parquet_chunk_start (const AttuneParquetChunk *self)
{
  if (self->dictionary_offset > 0 && self->dictionary_offset < self->data_offset)
    return self->dictionary_offset;
  return self->data_offset;
}

/* The unit of times and timestamps, as digits of a second. */
static gint
read_unit (AttuneThrift *thrift)
{
  AttuneThriftField field = { 0 };
  gint digits = 0;

  while (attune_thrift_next (thrift, &field))
    {
      digits = CLAMP (field.id, 1, 3) * 3;
      attune_thrift_skip (thrift, field.type);
    }
  return digits;
}

/* What stands below the one field of the union that is set. */
static void
read_logical_members (AttuneThrift         *thrift,
                      AttuneParquetElement *element)
{
  gboolean is_signed = TRUE;
  AttuneThriftField field = { 0 };

  while (attune_thrift_next (thrift, &field))
    switch (element->logical)
      {
      case ATTUNE_PARQUET_DECIMAL:
        if (attune_thrift_is (thrift, &field, 1, ATTUNE_THRIFT_I32))
          element->scale = attune_thrift_i32 (thrift);
        else
          attune_thrift_skip (thrift, field.type);
        break;
      case ATTUNE_PARQUET_TIME:
      case ATTUNE_PARQUET_TIMESTAMP:
        if (attune_thrift_is (thrift, &field, 2, ATTUNE_THRIFT_STRUCT))
          element->scale = read_unit (thrift);
        else if (!attune_thrift_is_bool (thrift, &field, 1, &element->is_utc))
          attune_thrift_skip (thrift, field.type);
        break;
      case ATTUNE_PARQUET_INTEGER:
        if (attune_thrift_is_bool (thrift, &field, 2, &is_signed))
          element->is_unsigned = !is_signed;
        else
          attune_thrift_skip (thrift, field.type);
        break;
      default:
        attune_thrift_skip (thrift, field.type);
      }
}

static void
read_logical (AttuneThrift         *thrift,
              AttuneParquetElement *element)
{
  AttuneThriftField field = { 0 };

  while (attune_thrift_next (thrift, &field))
    {
      element->logical = field.id;
      if (field.type == ATTUNE_THRIFT_STRUCT)
        read_logical_members (thrift, element);
      else
        attune_thrift_skip (thrift, field.type);
    }
}

/* ConvertedType, which files have been written with since before there were logical types. */
static void
take_converted (AttuneParquetElement *element,
                gint                  converted)
{
  static const struct {
    gint logical;
    gint digits;
    gboolean is_unsigned;
  } meanings[] = {
    { ATTUNE_PARQUET_STRING, 0, FALSE }, { ATTUNE_PARQUET_MAP, 0, FALSE },
    { ATTUNE_PARQUET_MAP, 0, FALSE }, { ATTUNE_PARQUET_LIST, 0, FALSE },
    { ATTUNE_PARQUET_ENUM, 0, FALSE }, { ATTUNE_PARQUET_DECIMAL, 0, FALSE },
    { ATTUNE_PARQUET_DATE, 0, FALSE }, { ATTUNE_PARQUET_TIME, 3, FALSE },
    { ATTUNE_PARQUET_TIME, 6, FALSE }, { ATTUNE_PARQUET_TIMESTAMP, 3, FALSE },
    { ATTUNE_PARQUET_TIMESTAMP, 6, FALSE }, { ATTUNE_PARQUET_INTEGER, 0, TRUE },
    { ATTUNE_PARQUET_INTEGER, 0, TRUE }, { ATTUNE_PARQUET_INTEGER, 0, TRUE },
    { ATTUNE_PARQUET_INTEGER, 0, TRUE }, { ATTUNE_PARQUET_INTEGER, 0, FALSE },
    { ATTUNE_PARQUET_INTEGER, 0, FALSE }, { ATTUNE_PARQUET_INTEGER, 0, FALSE },
    { ATTUNE_PARQUET_INTEGER, 0, FALSE }, { ATTUNE_PARQUET_JSON, 0, FALSE },
    { ATTUNE_PARQUET_BSON, 0, FALSE }, { ATTUNE_PARQUET_INTERVAL, 0, FALSE },
  };

  if (converted < 0 || converted >= (gint) G_N_ELEMENTS (meanings))
    return;
  element->logical = meanings[converted].logical;
  element->is_unsigned = meanings[converted].is_unsigned;
  if (meanings[converted].digits > 0)
    element->scale = meanings[converted].digits;
  element->is_utc = element->logical == ATTUNE_PARQUET_TIMESTAMP;
}

static void
read_element (AttuneThrift         *thrift,
              AttuneParquetElement *element)
{
  AttuneThriftField field = { 0 };
  gint converted = -1;

  *element = (AttuneParquetElement) { .type = ATTUNE_PARQUET_GROUP };
  while (attune_thrift_next (thrift, &field))
    if (attune_thrift_is (thrift, &field, 1, ATTUNE_THRIFT_I32))
      element->type = attune_thrift_i32 (thrift);
    else if (attune_thrift_is (thrift, &field, 2, ATTUNE_THRIFT_I32))
      element->type_length = attune_thrift_i32 (thrift);
    else if (attune_thrift_is (thrift, &field, 3, ATTUNE_THRIFT_I32))
      element->repetition = attune_thrift_i32 (thrift);
    else if (attune_thrift_is (thrift, &field, 4, ATTUNE_THRIFT_BINARY))
      element->name = attune_thrift_binary (thrift, &element->name_length);
    else if (attune_thrift_is (thrift, &field, 5, ATTUNE_THRIFT_I32))
      element->n_children = attune_thrift_i32 (thrift);
    else if (attune_thrift_is (thrift, &field, 6, ATTUNE_THRIFT_I32))
      converted = attune_thrift_i32 (thrift);
    else if (attune_thrift_is (thrift, &field, 7, ATTUNE_THRIFT_I32))
      element->scale = attune_thrift_i32 (thrift);
    else if (attune_thrift_is (thrift, &field, 10, ATTUNE_THRIFT_STRUCT))
      read_logical (thrift, element);
    else
      attune_thrift_skip (thrift, field.type);
  if (element->logical == ATTUNE_PARQUET_PLAIN_TYPE)
    take_converted (element, converted);
  if (element->name == NULL || element->n_children < 0 || element->type_length < 0
      || element->type < ATTUNE_PARQUET_GROUP || element->type > ATTUNE_PARQUET_FIXED
      || element->repetition < 0 || element->repetition > ATTUNE_PARQUET_REPEATED)
    thrift->failed = TRUE;
}

static void
read_chunk_values (AttuneThrift       *thrift,
                   AttuneParquetChunk *chunk)
{
  AttuneThriftField field = { 0 };

  while (attune_thrift_next (thrift, &field))
    if (attune_thrift_is (thrift, &field, 1, ATTUNE_THRIFT_I32))
      chunk->type = attune_thrift_i32 (thrift);
    else if (attune_thrift_is (thrift, &field, 4, ATTUNE_THRIFT_I32))
      chunk->codec = attune_thrift_i32 (thrift);
    else if (attune_thrift_is (thrift, &field, 5, ATTUNE_THRIFT_I64))
      chunk->n_values = attune_thrift_i64 (thrift);
    else if (attune_thrift_is (thrift, &field, 7, ATTUNE_THRIFT_I64))
      chunk->n_bytes = attune_thrift_i64 (thrift);
    else if (attune_thrift_is (thrift, &field, 9, ATTUNE_THRIFT_I64))
      chunk->data_offset = attune_thrift_i64 (thrift);
    else if (attune_thrift_is (thrift, &field, 11, ATTUNE_THRIFT_I64))
      chunk->dictionary_offset = attune_thrift_i64 (thrift);
    else
      attune_thrift_skip (thrift, field.type);
}

static void
read_chunk (AttuneThrift       *thrift,
            AttuneParquetChunk *chunk)
{
  AttuneThriftField field = { 0 };

  *chunk = (AttuneParquetChunk) { .type = ATTUNE_PARQUET_GROUP, .n_values = -1 };
  while (attune_thrift_next (thrift, &field))
    {
      if (attune_thrift_is (thrift, &field, 3, ATTUNE_THRIFT_STRUCT))
        {
          read_chunk_values (thrift, chunk);
          continue;
        }
      chunk->is_elsewhere |= field.id == 1;
      chunk->is_encrypted |= field.id == 8 || field.id == 9;
      attune_thrift_skip (thrift, field.type);
    }
  if (chunk->n_values < 0 && !chunk->is_encrypted)
    thrift->failed = TRUE;
}

static void
read_row_group (AttuneThrift        *thrift,
                AttuneParquetFooter *self)
{
  AttuneThriftField field = { 0 };
  gint64 n_rows = -1;

  while (attune_thrift_next (thrift, &field))
    if (attune_thrift_is (thrift, &field, 1, ATTUNE_THRIFT_LIST))
      {
        for (guint n = attune_thrift_list (thrift, ATTUNE_THRIFT_STRUCT);
             n > 0 && !thrift->failed; n--)
          {
            AttuneParquetChunk chunk;

            read_chunk (thrift, &chunk);
            g_array_append_val (self->chunks, chunk);
            if (self->chunks->len > MOST_CHUNKS)
              thrift->failed = TRUE;
          }
      }
    else if (attune_thrift_is (thrift, &field, 3, ATTUNE_THRIFT_I64))
      n_rows = attune_thrift_i64 (thrift);
    else
      attune_thrift_skip (thrift, field.type);
  if (n_rows < 0)
    thrift->failed = TRUE;
  g_array_append_val (self->rows, n_rows);
}

static void
read_key_value (AttuneThrift        *thrift,
                AttuneParquetFooter *self)
{
  AttuneThriftField field = { 0 };
  const char *key = "", *value = NULL;
  gsize key_length = 0, value_length = 0;

  while (attune_thrift_next (thrift, &field))
    if (attune_thrift_is (thrift, &field, 1, ATTUNE_THRIFT_BINARY))
      key = attune_thrift_binary (thrift, &key_length);
    else if (attune_thrift_is (thrift, &field, 2, ATTUNE_THRIFT_BINARY))
      value = attune_thrift_binary (thrift, &value_length);
    else
      attune_thrift_skip (thrift, field.type);
  if (key_length == strlen ("huggingface") && memcmp (key, "huggingface", key_length) == 0)
    {
      self->features = value;
      self->features_length = value_length;
    }
}

static gboolean
read_metadata (AttuneThrift        *thrift,
               AttuneParquetFooter *self)
{
  AttuneThriftField field = { 0 };

  while (attune_thrift_next (thrift, &field))
    if (attune_thrift_is (thrift, &field, 2, ATTUNE_THRIFT_LIST))
      {
        for (guint n = attune_thrift_list (thrift, ATTUNE_THRIFT_STRUCT);
             n > 0 && !thrift->failed; n--)
          {
            AttuneParquetElement element;

            read_element (thrift, &element);
            g_array_append_val (self->elements, element);
            if (self->elements->len > MOST_ELEMENTS)
              thrift->failed = TRUE;
          }
      }
    else if (attune_thrift_is (thrift, &field, 4, ATTUNE_THRIFT_LIST))
      for (guint n = attune_thrift_list (thrift, ATTUNE_THRIFT_STRUCT);
           n > 0 && !thrift->failed; n--)
        read_row_group (thrift, self);
    else if (attune_thrift_is (thrift, &field, 5, ATTUNE_THRIFT_LIST))
      for (guint n = attune_thrift_list (thrift, ATTUNE_THRIFT_STRUCT);
           n > 0 && !thrift->failed; n--)
        read_key_value (thrift, self);
    else
      attune_thrift_skip (thrift, field.type);
  return !thrift->failed && self->elements->len > 1;
}

static gboolean
set_error (GError            **error,
           AttuneDatasetError  code,
           const char         *source_name,
           const char         *sentence)
{
  g_set_error (error, ATTUNE_DATASET_ERROR, code, sentence, source_name);
  return FALSE;
}

gboolean
attune_parquet_footer_read (AttuneParquetFooter *self,
                            const guint8        *data,
                            gsize                length,
                            AttunePieces        *pieces,
                            const char          *source_name,
                            GError             **error)
{
  AttuneThrift thrift = { 0 };
  gsize size;

  if (pieces != NULL
      && (!attune_pieces_need (pieces, 0, 4, error)
          || !attune_pieces_need (pieces, length - MIN (length, 8), 8, error)))
    return FALSE;
  if (length >= 4 && memcmp (data, "PARE", 4) == 0)
    return set_error (error, ATTUNE_DATASET_ERROR_FORMAT, source_name,
                      _("%s: this Parquet file is encrypted, which cannot be read; write it "
                        "without encryption"));
  if (length < 4 || memcmp (data, "PAR1", 4) != 0)
    return set_error (error, ATTUNE_DATASET_ERROR_FORMAT, source_name,
                      _("%s: this is not a Parquet file; choose another format"));
  if (length < 12 || memcmp (data + length - 4, "PAR1", 4) != 0)
    return set_error (error, ATTUNE_DATASET_ERROR_SYNTAX, source_name,
                      _("%s: this Parquet file is cut short, its end is missing; download or write "
                        "it again"));
  size = (gsize) data[length - 8] | (gsize) data[length - 7] << 8 | (gsize) data[length - 6] << 16
         | (gsize) data[length - 5] << 24;
  if (size > LARGEST_FOOTER)
    return set_error (error, ATTUNE_DATASET_ERROR_TOO_LARGE, source_name,
                      _("%s: the footer of this Parquet file is larger than 64 MB, the most that "
                        "it may be; write it again with larger row groups"));
  if (size > length - 12)
    return set_error (error, ATTUNE_DATASET_ERROR_SYNTAX, source_name,
                      _("%s: the footer of this Parquet file is longer than the file; download or "
                        "write it again"));

  self->start = length - 8 - size;
  if (pieces != NULL && !attune_pieces_need (pieces, self->start, size, error))
    return FALSE;
  self->elements = g_array_new (FALSE, FALSE, sizeof (AttuneParquetElement));
  self->chunks = g_array_new (FALSE, FALSE, sizeof (AttuneParquetChunk));
  self->rows = g_array_new (FALSE, FALSE, sizeof (gint64));
  thrift.data = data + self->start;
  thrift.length = size;
  return read_metadata (&thrift, self)
         || set_error (error, ATTUNE_DATASET_ERROR_SYNTAX, source_name,
                       _("%s: the footer of this Parquet file is damaged; download or write it "
                         "again"));
}

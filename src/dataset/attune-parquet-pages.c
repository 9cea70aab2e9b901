/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pages: a Thrift header, then bytes, packed or not, that begin with levels. Every size is held
 * against what there is before a byte is allocated; a page of which little is packed into much is
 * held against what a codec can do, and all pages together against what is left to spend.
 * Source: the Parquet format, parquet.thrift (PageHeader) and README (data pages).
 */
#include "config.h"

#include "attune-parquet-pages.h"

#include <glib/gi18n.h>
#include <inttypes.h>

#include "attune-parquet-codec.h"
#include "attune-table.h"
#include "attune-thrift.h"

#define LARGEST_PAGE ((gint64) 1024 * 1024 * 1024)
#define MOST_HELD ((gsize) 1024 * 1024 * 1024)
/* Deflate packs a thousand to one at best. Small pages may do better, as those of one value do. */
#define LARGEST_RATIO 1100
#define FREE_OF_RATIO ((gint64) 16 * 1024 * 1024)
#define LOOK_EVERY 4096u
/* Old writers forgot the header of the dictionary page in the size of a chunk. */
#define FORGOTTEN_BYTES 128
/* Most headers are shorter; those with statistics of long texts are not. */
#define HEADER_BYTES ((gsize) 4 * 1024)

enum { DATA_PAGE = 0, DICTIONARY_PAGE = 2, DATA_PAGE_V2 = 3 };

typedef struct {
  gint kind;
  gint64 unpacked_size;
  gint64 packed_size;
  gboolean has_checksum;
  guint32 checksum;
  gint n_values;
  gint encoding;
  gint definition_encoding;
  gint repetition_encoding;
  gint definition_length;   /* these two: version 2 */
  gint repetition_length;
  gboolean is_packed;
  gboolean has_values;      /* the header of the kind is there */
} PageHeader;

gboolean
attune_parquet_pages_fail (const AttuneParquetPages *self,
                           const char               *sentence,
                           GError                  **error)
{
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_SYNTAX,
               _("%s: column “%s”, from row %" PRIu64 " on: %s; download or write the file again"),
               self->input->source_name, self->column, self->row, sentence);
  return FALSE;
}

static gboolean
set_too_large (AttuneParquetInput *input,
               GError            **error)
{
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
               _("%s: this Parquet file claims to unpack to far more than its size; write it again "
                 "or split it"), input->source_name);
  return FALSE;
}

gboolean
attune_parquet_input_spend (AttuneParquetInput *self,
                            gsize               length,
                            GError            **error)
{
  if (self->cells_left == 0 || self->bytes_left < length)
    return set_too_large (self, error);
  self->cells_left--;
  self->bytes_left -= length;
  if (++self->n_looks < LOOK_EVERY)
    return TRUE;
  self->n_looks = 0;
  return !g_cancellable_set_error_if_cancelled (self->cancellable, error);
}

gboolean
attune_parquet_pages_init (AttuneParquetPages       *self,
                           const AttuneParquetChunk *chunk,
                           GError                  **error)
{
  gint64 start = attune_parquet_chunk_start (chunk);
  gint64 end = (gint64) self->input->end;

  if (start < 4 || start > end || chunk->n_bytes < 0 || chunk->n_bytes > end - start)
    return attune_parquet_pages_fail (self, _("its pages lie outside of the file"), error);
  self->chunk = chunk;
  self->position = (gsize) start;
  self->end = (gsize) MIN (end, start + chunk->n_bytes + FORGOTTEN_BYTES);
  return TRUE;
}

static void
free_buffer (AttuneParquetPages *self)
{
  self->input->held -= self->room;
  g_clear_pointer (&self->buffer, g_free);
  self->room = 0;
}

void
attune_parquet_pages_clear (AttuneParquetPages *self)
{
  free_buffer (self);
}

guint8 *
attune_parquet_pages_steal (AttuneParquetPages *self,
                            gsize              *room)
{
  *room = self->room;
  self->room = 0;
  return g_steal_pointer (&self->buffer);
}

static void
read_values_header (AttuneThrift *thrift,
                    PageHeader   *header)
{
  AttuneThriftField field = { 0 };
  gboolean is_v2 = header->kind == DATA_PAGE_V2;

  header->has_values = TRUE;
  while (attune_thrift_next (thrift, &field))
    if (attune_thrift_is (thrift, &field, 1, ATTUNE_THRIFT_I32))
      header->n_values = attune_thrift_i32 (thrift);
    else if (field.id == (is_v2 ? 4 : 2) && field.type == ATTUNE_THRIFT_I32)
      header->encoding = attune_thrift_i32 (thrift);
    else if (field.id == 3 && field.type == ATTUNE_THRIFT_I32 && header->kind == DATA_PAGE)
      header->definition_encoding = attune_thrift_i32 (thrift);
    else if (field.id == 4 && field.type == ATTUNE_THRIFT_I32 && header->kind == DATA_PAGE)
      header->repetition_encoding = attune_thrift_i32 (thrift);
    else if (field.id == 5 && field.type == ATTUNE_THRIFT_I32 && is_v2)
      header->definition_length = attune_thrift_i32 (thrift);
    else if (field.id == 6 && field.type == ATTUNE_THRIFT_I32 && is_v2)
      header->repetition_length = attune_thrift_i32 (thrift);
    else if (!is_v2 || !attune_thrift_is_bool (thrift, &field, 7, &header->is_packed))
      attune_thrift_skip (thrift, field.type);
}

/* FALSE where this is no page header, or not all of one within length bytes. The kind stands before
 * all that depends on it. */
static gboolean
read_header (AttuneParquetPages *self,
             gsize               length,
             PageHeader         *header)
{
  AttuneThrift thrift = { .data = self->input->data + self->position, .length = length };
  AttuneThriftField field = { 0 };

  *header = (PageHeader) { .kind = -1, .unpacked_size = -1, .packed_size = -1, .is_packed = TRUE,
                           .encoding = -1, .definition_encoding = ATTUNE_PARQUET_RLE,
                           .repetition_encoding = ATTUNE_PARQUET_RLE };
  while (attune_thrift_next (&thrift, &field))
    if (attune_thrift_is (&thrift, &field, 1, ATTUNE_THRIFT_I32))
      header->kind = attune_thrift_i32 (&thrift);
    else if (attune_thrift_is (&thrift, &field, 2, ATTUNE_THRIFT_I32))
      header->unpacked_size = attune_thrift_i32 (&thrift);
    else if (attune_thrift_is (&thrift, &field, 3, ATTUNE_THRIFT_I32))
      header->packed_size = attune_thrift_i32 (&thrift);
    else if (attune_thrift_is (&thrift, &field, 4, ATTUNE_THRIFT_I32))
      {
        header->checksum = (guint32) attune_thrift_i32 (&thrift);
        header->has_checksum = TRUE;
      }
    else if (field.type == ATTUNE_THRIFT_STRUCT
             && ((field.id == 5 && header->kind == DATA_PAGE)
                 || (field.id == 7 && header->kind == DICTIONARY_PAGE)
                 || (field.id == 8 && header->kind == DATA_PAGE_V2)))
      read_values_header (&thrift, header);
    else
      attune_thrift_skip (&thrift, field.type);
  if (thrift.failed || header->packed_size < 0 || header->unpacked_size < 0
      || header->packed_size > (gint64) (self->end - self->position - thrift.position))
    return FALSE;
  self->position += thrift.position;
  return header->kind < 0 ? FALSE : header->n_values >= 0;
}

/* Of a file that is not all there, as much is brought in as the header takes. */
static gboolean
bring_header (AttuneParquetPages *self,
              PageHeader         *header,
              GError            **error)
{
  gsize left = self->end - self->position;
  gsize length = self->input->pieces != NULL ? MIN (HEADER_BYTES, left) : left;

  for (;; length = MIN (16 * length, left))
    {
      if (self->input->pieces != NULL
          && !attune_pieces_need (self->input->pieces, self->position, length, error))
        return FALSE;
      if (read_header (self, length, header))
        return TRUE;
      if (length == left)
        return attune_parquet_pages_fail (self, _("the header of a page is damaged"), error);
    }
}

/* Room for a page that unpacks to size bytes. */
static gboolean
make_room (AttuneParquetPages *self,
           const PageHeader   *header,
           gsize               size,
           GError            **error)
{
  AttuneParquetInput *input = self->input;

  if (header->unpacked_size > LARGEST_PAGE
      || (header->unpacked_size > FREE_OF_RATIO
          && header->unpacked_size / LARGEST_RATIO > header->packed_size)
      || size > input->bytes_left)
    return set_too_large (input, error);
  input->bytes_left -= size;
  if (size <= self->room)
    return TRUE;
  free_buffer (self);
  if (size <= MOST_HELD - MIN (input->held, MOST_HELD))
    self->buffer = g_try_malloc (size);
  if (self->buffer == NULL)
    {
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
                   _("%s: there is no memory for the pages of this Parquet file; write it again "
                     "with pages of some megabytes"), input->source_name);
      return FALSE;
    }
  self->room = size;
  input->held += size;
  return TRUE;
}

/* Takes the levels of version 1 from the front of the values. */
static gboolean
take_levels (AttuneParquetPage *page,
             AttuneParquetRuns *levels,
             guint              max_level,
             gint               encoding)
{
  guint width = max_level == 0 ? 0 : (guint) g_bit_storage (max_level);
  gsize n, skip = 0;

  if (max_level == 0)
    return TRUE;
  if (encoding == ATTUNE_PARQUET_BIT_PACKED)
    n = ((gsize) page->n_values * width + 7) / 8;
  else if (encoding != ATTUNE_PARQUET_RLE || page->length < 4)
    return FALSE;
  else
    {
      n = (gsize) page->values[0] | (gsize) page->values[1] << 8 | (gsize) page->values[2] << 16
          | (gsize) page->values[3] << 24;
      skip = 4;
    }
  if (n > page->length - skip)
    return FALSE;
  if (encoding == ATTUNE_PARQUET_BIT_PACKED)
    attune_parquet_runs_init_old (levels, page->values, n, width);
  else
    attune_parquet_runs_init (levels, page->values + skip, n, width);
  page->values += skip + n;
  page->length -= skip + n;
  return TRUE;
}

/* Version 1: levels and values are packed together; dictionaries have no levels. */
static gboolean
open_page (AttuneParquetPages *self,
           const PageHeader   *header,
           AttuneParquetPage  *page,
           GError            **error)
{
  const guint8 *packed = self->input->data + self->position;
  gsize packed_size = (gsize) header->packed_size;
  gsize levels = 0;

  page->values = packed;
  page->length = packed_size;
  if (header->kind == DATA_PAGE_V2)
    {
      gint64 n = (gint64) header->definition_length + header->repetition_length;

      if (header->definition_length < 0 || header->repetition_length < 0
          || n > header->packed_size || n > header->unpacked_size)
        return attune_parquet_pages_fail (self, _("a page is shorter than its levels"), error);
      levels = (gsize) n;
      attune_parquet_runs_init (&page->repetition, packed, (gsize) header->repetition_length,
                                (guint) g_bit_storage (self->max_repetition));
      attune_parquet_runs_init (&page->definition, packed + header->repetition_length,
                                (gsize) header->definition_length,
                                (guint) g_bit_storage (self->max_definition));
      page->values += levels;
      page->length -= levels;
    }
  if (self->chunk->codec != ATTUNE_PARQUET_UNCOMPRESSED && header->is_packed)
    {
      gsize size = (gsize) header->unpacked_size - levels;

      if (!make_room (self, header, size, error))
        return FALSE;
      /* Nothing at all may be packed as nothing. */
      if (size > 0
          && !attune_parquet_codec_unpack (self->chunk->codec, page->values, page->length,
                                           self->buffer, size))
        return attune_parquet_pages_fail (self, _("a page does not unpack"), error);
      page->values = size > 0 ? self->buffer : packed;
      page->length = size;
    }
  else if (header->unpacked_size != header->packed_size)
    return attune_parquet_pages_fail (self, _("a page is not of the size it claims"), error);

  if (header->kind == DATA_PAGE
      && (!take_levels (page, &page->repetition, self->max_repetition, header->repetition_encoding)
          || !take_levels (page, &page->definition, self->max_definition,
                           header->definition_encoding)))
    return attune_parquet_pages_fail (self, _("a page is shorter than its levels"), error);
  return TRUE;
}

gboolean
attune_parquet_pages_next (AttuneParquetPages *self,
                           AttuneParquetPage  *page,
                           GError            **error)
{
  PageHeader header;

  do
    {
      if (g_cancellable_set_error_if_cancelled (self->input->cancellable, error))
        return FALSE;
      if (self->position >= self->end)
        return attune_parquet_pages_fail (self, _("rows are missing"), error);
      if (!bring_header (self, &header, error)
          || (self->input->pieces != NULL
              && !attune_pieces_need (self->input->pieces, self->position,
                                      (gsize) header.packed_size, error)))
        return FALSE;
      if (header.has_checksum
          && attune_parquet_checksum (self->input->data + self->position,
                                      (gsize) header.packed_size) != header.checksum)
        return attune_parquet_pages_fail (self, _("a page does not match its checksum"), error);
      if (!header.has_values)
        self->position += (gsize) header.packed_size;
    }
  while (!header.has_values);

  *page = (AttuneParquetPage) { .is_dictionary = header.kind == DICTIONARY_PAGE,
                                .encoding = header.encoding,
                                .n_values = (guint) header.n_values };
  if (!open_page (self, &header, page, error))
    return FALSE;
  self->position += (gsize) header.packed_size;
  return TRUE;
}

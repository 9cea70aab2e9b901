/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The encodings of values; see attune-parquet-values.h. Nothing is decoded ahead: lengths that
 * stand before all bytes are walked over once to find these, then read again beside them.
 * Source: the Parquet format, Encodings.md.
 */
#include "config.h"

#include "attune-parquet-values.h"

#include <glib/gi18n.h>
#include <string.h>

#include "attune-scanner.h"

/* Bytes of a value; 0 where each says its length, or is a bit. */
static gsize
get_width (const AttuneParquetElement *element)
{
  switch (element->type)
    {
    case ATTUNE_PARQUET_INT32:
    case ATTUNE_PARQUET_FLOAT:
      return 4;
    case ATTUNE_PARQUET_INT64:
    case ATTUNE_PARQUET_DOUBLE:
      return 8;
    case ATTUNE_PARQUET_INT96:
      return 12;
    case ATTUNE_PARQUET_FIXED:
      return (gsize) element->type_length;
    default:
      return 0;
    }
}

static guint32
load_32 (const guint8 *bytes)
{
  guint32 word;

  memcpy (&word, bytes, sizeof word);
  return GUINT32_FROM_LE (word);
}

/* A value of fixed width from its bytes. */
static void
take_fixed (const AttuneParquetElement *element,
            const guint8               *bytes,
            gsize                       width,
            AttuneParquetValue         *value)
{
  guint64 word;

  value->bytes = bytes;
  value->length = width;
  if (element->type == ATTUNE_PARQUET_INT32)
    value->number = (gint32) load_32 (bytes);
  else if (element->type == ATTUNE_PARQUET_INT64)
    {
      memcpy (&word, bytes, sizeof word);
      value->number = (gint64) GUINT64_FROM_LE (word);
    }
}

gboolean
attune_parquet_dictionary_read (AttuneParquetDictionary    *self,
                                const AttuneParquetElement *element,
                                AttuneParquetPages         *pages,
                                const AttuneParquetPage    *page,
                                GError                    **error)
{
  gsize width = get_width (element);
  gsize position = 0, size = 0;

  if (self->data != NULL)
    return attune_parquet_pages_fail (pages, _("it has two dictionaries"), error);
  if ((page->encoding != ATTUNE_PARQUET_PLAIN && page->encoding != ATTUNE_PARQUET_PLAIN_DICTIONARY)
      || element->type == ATTUNE_PARQUET_BOOLEAN
      || page->n_values > page->length / (width > 0 ? width : 4))
    return attune_parquet_pages_fail (pages, _("its dictionary is damaged"), error);
  if (width == 0 && element->type == ATTUNE_PARQUET_BYTE_ARRAY)
    {
      size = sizeof (guint32) * page->n_values;
      self->offsets = g_try_new (guint32, page->n_values + 1);
      if (self->offsets == NULL)
        return attune_parquet_pages_fail (pages, _("there is no memory for its dictionary"), error);
      for (guint i = 0; i < page->n_values; i++)
        {
          self->offsets[i] = (guint32) position;
          if (page->length - position < 4
              || load_32 (page->values + position) > page->length - position - 4)
            return attune_parquet_pages_fail (pages, _("its dictionary is damaged"), error);
          position += 4 + load_32 (page->values + position);
        }
    }
  self->data = page->values;
  self->n = page->n_values;
  self->owned = attune_parquet_pages_steal (pages, &self->held);
  self->held += size;
  pages->input->held += size;
  return TRUE;
}

void
attune_parquet_dictionary_clear (AttuneParquetDictionary *self,
                                 AttuneParquetInput      *input)
{
  input->held -= self->held;
  g_free (self->owned);
  g_free (self->offsets);
  *self = (AttuneParquetDictionary) { 0 };
}

static gboolean
look_up (const AttuneParquetDictionary *dictionary,
         const AttuneParquetElement    *element,
         guint32                        i,
         AttuneParquetValue            *value)
{
  gsize width = get_width (element);

  if (i >= dictionary->n)
    return FALSE;
  if (dictionary->offsets == NULL)
    {
      take_fixed (element, dictionary->data + i * width, width, value);
      return TRUE;
    }
  value->bytes = dictionary->data + dictionary->offsets[i] + 4;
  value->length = load_32 (value->bytes - 4);
  return TRUE;
}

/* Where the bytes of DELTA_LENGTH_BYTE_ARRAY and DELTA_BYTE_ARRAY begin. */
static gboolean
init_lengths (AttuneParquetValues *self)
{
  gsize end;

  if (self->encoding == ATTUNE_PARQUET_DELTA_BYTE_ARRAY)
    {
      if (!attune_parquet_delta_init (&self->prefixes, self->data, self->length))
        return FALSE;
      end = attune_parquet_delta_end (self->prefixes);
      if (end == 0)
        return FALSE;
      self->data += end;
      self->length -= end;
    }
  if (!attune_parquet_delta_init (&self->numbers, self->data, self->length))
    return FALSE;
  self->position = attune_parquet_delta_end (self->numbers);
  return self->position > 0;
}

/* Whether an encoding may hold values of a type at all. */
static gboolean
fits (gint encoding,
      gint type)
{
  switch (encoding)
    {
    case ATTUNE_PARQUET_PLAIN:
      return TRUE;
    case ATTUNE_PARQUET_PLAIN_DICTIONARY:
    case ATTUNE_PARQUET_RLE_DICTIONARY:
      return type != ATTUNE_PARQUET_BOOLEAN;
    case ATTUNE_PARQUET_RLE:
      return type == ATTUNE_PARQUET_BOOLEAN;
    case ATTUNE_PARQUET_DELTA_BINARY_PACKED:
      return type == ATTUNE_PARQUET_INT32 || type == ATTUNE_PARQUET_INT64;
    case ATTUNE_PARQUET_DELTA_LENGTH_BYTE_ARRAY:
      return type == ATTUNE_PARQUET_BYTE_ARRAY;
    case ATTUNE_PARQUET_DELTA_BYTE_ARRAY:
      return type == ATTUNE_PARQUET_BYTE_ARRAY || type == ATTUNE_PARQUET_FIXED;
    case ATTUNE_PARQUET_BYTE_STREAM_SPLIT:
      return type != ATTUNE_PARQUET_BOOLEAN && type != ATTUNE_PARQUET_BYTE_ARRAY
             && type != ATTUNE_PARQUET_INT96;
    default:
      return FALSE;
    }
}

const char *
attune_parquet_values_init (AttuneParquetValues           *self,
                            const AttuneParquetPage       *page,
                            const AttuneParquetDictionary *dictionary)
{
  gboolean is_whole = TRUE;

  self->encoding = page->encoding;
  self->data = page->values;
  self->length = page->length;
  self->position = 0;
  self->dictionary = dictionary;
  g_byte_array_set_size (self->scratch, 0);
  if (!fits (page->encoding, self->element->type))
    return _("a page is in an encoding that values of this kind do not have");
  /* Of nulls alone there need be no bytes. */
  if (page->length == 0)
    return NULL;
  switch (page->encoding)
    {
    case ATTUNE_PARQUET_PLAIN_DICTIONARY:
    case ATTUNE_PARQUET_RLE_DICTIONARY:
      is_whole = dictionary != NULL && self->data[0] <= 32;
      attune_parquet_runs_init (&self->runs, self->data + 1, self->length - 1, self->data[0]);
      break;
    case ATTUNE_PARQUET_RLE:
      is_whole = self->length >= 4 && load_32 (self->data) <= self->length - 4;
      if (is_whole)
        attune_parquet_runs_init (&self->runs, self->data + 4, load_32 (self->data), 1);
      break;
    case ATTUNE_PARQUET_DELTA_BINARY_PACKED:
      is_whole = attune_parquet_delta_init (&self->numbers, self->data, self->length);
      break;
    case ATTUNE_PARQUET_DELTA_LENGTH_BYTE_ARRAY:
    case ATTUNE_PARQUET_DELTA_BYTE_ARRAY:
      is_whole = init_lengths (self);
      break;
    case ATTUNE_PARQUET_BYTE_STREAM_SPLIT:
      is_whole = get_width (self->element) > 0
                 && self->length % get_width (self->element) == 0;
      break;
    default:
      break;
    }
  return is_whole ? NULL : _("the values of a page are damaged");
}

static gboolean
next_plain (AttuneParquetValues *self,
            AttuneParquetValue  *value)
{
  gsize left = self->length - self->position;
  gsize width = get_width (self->element);

  if (self->element->type == ATTUNE_PARQUET_BOOLEAN)
    {
      /* Here the position counts bits. */
      if (self->position >> 3 >= self->length)
        return FALSE;
      value->number = self->data[self->position >> 3] >> (self->position & 7) & 1;
      self->position++;
      return TRUE;
    }
  if (self->element->type == ATTUNE_PARQUET_BYTE_ARRAY)
    {
      if (left < 4 || load_32 (self->data + self->position) > left - 4)
        return FALSE;
      value->length = load_32 (self->data + self->position);
      value->bytes = self->data + self->position + 4;
      self->position += 4 + value->length;
      return TRUE;
    }
  if (left < width)
    return FALSE;
  take_fixed (self->element, self->data + self->position, width, value);
  self->position += width;
  return TRUE;
}

/* The length of the next byte array from its differences. */
static gboolean
next_length (AttuneParquetDelta *lengths,
             gsize               most,
             gsize              *length)
{
  gint64 n;

  if (!attune_parquet_delta_next (lengths, &n) || n < 0 || (guint64) n > most)
    return FALSE;
  *length = (gsize) n;
  return TRUE;
}

/* Bytes at the end of the page, and of DELTA_BYTE_ARRAY before them the beginning of the value
 * before. */
static gboolean
next_delta_bytes (AttuneParquetValues *self,
                  AttuneParquetValue  *value)
{
  gsize prefix = 0, n;

  if (!next_length (&self->numbers, self->length - self->position, &n))
    return FALSE;
  value->bytes = self->data + self->position;
  value->length = n;
  self->position += n;
  if (self->encoding == ATTUNE_PARQUET_DELTA_LENGTH_BYTE_ARRAY)
    return TRUE;
  if (!next_length (&self->prefixes, self->scratch->len, &prefix)
      || prefix + n > ATTUNE_LARGEST_FIELD + 1)
    return FALSE;
  g_byte_array_set_size (self->scratch, (guint) prefix);
  g_byte_array_append (self->scratch, value->bytes, (guint) n);
  value->bytes = self->scratch->data;
  value->length = self->scratch->len;
  return self->element->type == ATTUNE_PARQUET_BYTE_ARRAY
         || value->length == get_width (self->element);
}

/* The first bytes of all values, then the second ones … */
static gboolean
next_split (AttuneParquetValues *self,
            AttuneParquetValue  *value)
{
  gsize width = get_width (self->element);
  gsize n = width > 0 ? self->length / width : 0;

  if (self->position >= n)
    return FALSE;
  g_byte_array_set_size (self->scratch, (guint) width);
  for (gsize i = 0; i < width; i++)
    self->scratch->data[i] = self->data[i * n + self->position];
  self->position++;
  take_fixed (self->element, self->scratch->data, width, value);
  return TRUE;
}

gboolean
attune_parquet_values_next (AttuneParquetValues *self,
                            AttuneParquetValue  *value)
{
  guint32 small;

  if (self->length == 0 && !(self->encoding == ATTUNE_PARQUET_PLAIN
                             && self->element->type == ATTUNE_PARQUET_FIXED))
    return FALSE;
  switch (self->encoding)
    {
    case ATTUNE_PARQUET_PLAIN:
      return next_plain (self, value);
    case ATTUNE_PARQUET_PLAIN_DICTIONARY:
    case ATTUNE_PARQUET_RLE_DICTIONARY:
      return attune_parquet_runs_next (&self->runs, &small)
             && look_up (self->dictionary, self->element, small, value);
    case ATTUNE_PARQUET_RLE:
      if (!attune_parquet_runs_next (&self->runs, &small))
        return FALSE;
      value->number = small;
      return TRUE;
    case ATTUNE_PARQUET_DELTA_BINARY_PACKED:
      if (!attune_parquet_delta_next (&self->numbers, &value->number))
        return FALSE;
      if (self->element->type == ATTUNE_PARQUET_INT32)
        value->number = (gint32) value->number;
      return TRUE;
    case ATTUNE_PARQUET_BYTE_STREAM_SPLIT:
      return next_split (self, value);
    default:
      return next_delta_bytes (self, value);
    }
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: the values of a page one after another, in whatever encoding, and what a
 * value is as text.
 */
#pragma once

#include "attune-parquet-pages.h"

G_BEGIN_DECLS

/* Booleans and integers of 32 and 64 bits are numbers, all else bytes, borrowed from the page. */
typedef struct {
  gint64 number;
  const guint8 *bytes;
  gsize length;
} AttuneParquetValue;

typedef struct {
  const guint8 *data;
  guint8 *owned;       /* (nullable): data, if it is not in the file */
  gsize held;          /* bytes of owned and offsets */
  guint32 *offsets;    /* (n,) of byte arrays: where each begins, its length first */
  guint n;
} AttuneParquetDictionary;

typedef struct {
  const AttuneParquetElement *element;
  gint encoding;
  const guint8 *data;
  gsize length;
  gsize position;
  AttuneParquetRuns runs;       /* indices, or booleans */
  AttuneParquetDelta numbers;   /* or the lengths of byte arrays */
  AttuneParquetDelta prefixes;
  GByteArray *scratch;
  const AttuneParquetDictionary *dictionary;
} AttuneParquetValues;

/* Takes the bytes of a page of dictionary values from pages. */
gboolean    attune_parquet_dictionary_read  (AttuneParquetDictionary    *self,
                                             const AttuneParquetElement *element,
                                             AttuneParquetPages         *pages,
                                             const AttuneParquetPage    *page,
                                             GError                    **error);
void        attune_parquet_dictionary_clear (AttuneParquetDictionary    *self,
                                             AttuneParquetInput         *input);

/* dictionary: (nullable). Returns: NULL, or what is wrong. self->element and scratch are kept. */
const char *attune_parquet_values_init      (AttuneParquetValues           *self,
                                             const AttuneParquetPage       *page,
                                             const AttuneParquetDictionary *dictionary);
/* FALSE where the values end or are damaged. */
gboolean    attune_parquet_values_next      (AttuneParquetValues           *self,
                                             AttuneParquetValue            *value);

/* Whether the bytes of a value are its text. */
gboolean    attune_parquet_element_is_text  (const AttuneParquetElement *element);
/* Text of a value of any other type: ISO 8601 for times, the shortest decimals that read back as
 * the same number. */
void        attune_parquet_value_append     (GString                    *out,
                                             const AttuneParquetElement *element,
                                             const AttuneParquetValue   *value);

G_END_DECLS

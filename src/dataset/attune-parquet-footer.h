/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: what the footer of a Parquet file says, as it is written there. Names and
 * texts point into the file's bytes.
 */
#pragma once

#include "attune-pieces.h"

G_BEGIN_DECLS

typedef enum {
  ATTUNE_PARQUET_GROUP = -1,
  ATTUNE_PARQUET_BOOLEAN,
  ATTUNE_PARQUET_INT32,
  ATTUNE_PARQUET_INT64,
  ATTUNE_PARQUET_INT96,
  ATTUNE_PARQUET_FLOAT,
  ATTUNE_PARQUET_DOUBLE,
  ATTUNE_PARQUET_BYTE_ARRAY,
  ATTUNE_PARQUET_FIXED,
} AttuneParquetType;

typedef enum {
  ATTUNE_PARQUET_REQUIRED,
  ATTUNE_PARQUET_OPTIONAL,
  ATTUNE_PARQUET_REPEATED,
} AttuneParquetRepetition;

/* The numbers of the union LogicalType; older annotations are turned into these. */
typedef enum {
  ATTUNE_PARQUET_PLAIN_TYPE = 0,
  ATTUNE_PARQUET_STRING = 1,
  ATTUNE_PARQUET_MAP = 2,
  ATTUNE_PARQUET_LIST = 3,
  ATTUNE_PARQUET_ENUM = 4,
  ATTUNE_PARQUET_DECIMAL = 5,
  ATTUNE_PARQUET_DATE = 6,
  ATTUNE_PARQUET_TIME = 7,
  ATTUNE_PARQUET_TIMESTAMP = 8,
  ATTUNE_PARQUET_INTEGER = 10,
  ATTUNE_PARQUET_NULL = 11,
  ATTUNE_PARQUET_JSON = 12,
  ATTUNE_PARQUET_BSON = 13,
  ATTUNE_PARQUET_UUID = 14,
  ATTUNE_PARQUET_FLOAT16 = 15,
  ATTUNE_PARQUET_INTERVAL = 100, /* has no number of its own */
} AttuneParquetLogical;

/* A node of the schema, which is written from the root downwards. */
typedef struct {
  const char *name;
  gsize name_length;
  gint type;         /* AttuneParquetType */
  gint type_length;
  gint repetition;   /* AttuneParquetRepetition */
  gint n_children;
  gint logical;      /* AttuneParquetLogical, or a number newer than this program */
  gint scale;        /* of decimals: digits behind the point; of times: digits of a second */
  gboolean is_utc;
  gboolean is_unsigned;
} AttuneParquetElement;

/* A column's values in one row group. */
typedef struct {
  gint type;
  gint codec;
  gint64 n_values;
  gint64 n_bytes;    /* packed */
  gint64 data_offset;
  gint64 dictionary_offset; /* 0 for none */
  gboolean is_encrypted;
  gboolean is_elsewhere;    /* in another file */
} AttuneParquetChunk;

typedef struct {
  GArray *elements;  /* AttuneParquetElement */
  GArray *chunks;    /* AttuneParquetChunk, those of a row group together */
  GArray *rows;      /* gint64, of each row group */
  gsize start;       /* where the footer begins and pages end */
  const char *features;      /* (nullable): the JSON of the key "huggingface" */
  gsize features_length;
} AttuneParquetFooter;

void     attune_parquet_footer_clear (AttuneParquetFooter *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneParquetFooter, attune_parquet_footer_clear)

/* Where the first page of a chunk is said to begin. */
gint64   attune_parquet_chunk_start  (const AttuneParquetChunk *self);

/* Fills an empty footer from the bytes of the whole file. pieces: (nullable): what they are of, if
 * they are not all there. */
gboolean attune_parquet_footer_read  (AttuneParquetFooter *self,
                                      const guint8        *data,
                                      gsize                length,
                                      AttunePieces        *pieces,
                                      const char          *source_name,
                                      GError             **error);

G_END_DECLS

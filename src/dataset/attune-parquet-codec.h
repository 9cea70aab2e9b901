/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: unpacking the pages of Parquet.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* CompressionCodec of parquet.thrift. */
typedef enum {
  ATTUNE_PARQUET_UNCOMPRESSED,
  ATTUNE_PARQUET_SNAPPY,
  ATTUNE_PARQUET_GZIP,
  ATTUNE_PARQUET_LZO,
  ATTUNE_PARQUET_BROTLI,
  ATTUNE_PARQUET_LZ4,
  ATTUNE_PARQUET_ZSTD,
  ATTUNE_PARQUET_LZ4_RAW,
} AttuneParquetCodec;

/* What people call it; NULL for a number that no known codec has. */
const char *attune_parquet_codec_name         (gint          codec);
gboolean    attune_parquet_codec_is_supported (gint          codec);

/* Fills out with exactly out_length bytes; FALSE if the data is damaged or unpacks to another
 * size. */
gboolean    attune_parquet_codec_unpack       (gint          codec,
                                               const guint8 *data,
                                               gsize         length,
                                               guint8       *out,
                                               gsize         out_length);
/* CRC-32 as gzip has it. */
guint32     attune_parquet_checksum           (const guint8 *data,
                                               gsize         length);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Snappy, gzip and zstd, each by its own library; see attune-parquet-codec.h. The size of what is
 * unpacked stands beside each page, so that the room is bounded before anything is unpacked.
 */
#include "config.h"

#include "attune-parquet-codec.h"

#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

const char *
attune_parquet_codec_name (gint codec)
{
  static const char *const names[] = { "none", "Snappy", "gzip", "LZO", "Brotli", "LZ4", "zstd",
                                       "LZ4" };

  return codec >= 0 && codec < (gint) G_N_ELEMENTS (names) ? names[codec] : NULL;
}

gboolean
attune_parquet_codec_is_supported (gint codec)
{
  return codec == ATTUNE_PARQUET_UNCOMPRESSED || codec == ATTUNE_PARQUET_SNAPPY
         || codec == ATTUNE_PARQUET_GZIP || codec == ATTUNE_PARQUET_ZSTD;
}

/* One gzip member after another, as some writers leave them. */
static gboolean
unpack_gzip (const guint8 *data,
             gsize         length,
             guint8       *out,
             gsize         out_length)
{
  z_stream stream = { 0 };
  gboolean is_whole = FALSE;
  int result;

  /* 32: gzip or zlib, whichever the header says. */
  if (length > G_MAXUINT || out_length > G_MAXUINT || inflateInit2 (&stream, 15 + 32) != Z_OK)
    return FALSE;
  stream.next_in = (Bytef *) data;
  stream.avail_in = (uInt) length;
  stream.next_out = out;
  stream.avail_out = (uInt) out_length;
  do
    {
      result = inflate (&stream, Z_NO_FLUSH);
      is_whole = result == Z_STREAM_END;
      if (is_whole && stream.avail_in > 0)
        result = inflateReset (&stream);
    }
  while (result == Z_OK);
  inflateEnd (&stream);
  return is_whole && stream.avail_in == 0 && stream.avail_out == 0;
}

gboolean
attune_parquet_codec_unpack (gint          codec,
                             const guint8 *data,
                             gsize         length,
                             guint8       *out,
                             gsize         out_length)
{
  gsize n = 0;

  switch (codec)
    {
    case ATTUNE_PARQUET_SNAPPY:
      return snappy_uncompressed_length ((const char *) data, length, &n) == SNAPPY_OK
             && n == out_length
             && snappy_uncompress ((const char *) data, length, (char *) out, &n) == SNAPPY_OK
             && n == out_length;
    case ATTUNE_PARQUET_GZIP:
      return unpack_gzip (data, length, out, out_length);
    case ATTUNE_PARQUET_ZSTD:
      n = ZSTD_decompress (out, out_length, data, length);
      return !ZSTD_isError (n) && n == out_length;
    default:
      return FALSE;
    }
}

guint32
attune_parquet_checksum (const guint8 *data,
                         gsize         length)
{
  return (guint32) crc32_z (crc32_z (0, NULL, 0), data, length);
}

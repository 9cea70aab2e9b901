/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * gzip and zstd, known by their first bytes: any number of members or frames one after the other.
 * What comes out is bounded, and may not grow out of all proportion to what went in. Any thread.
 */
#include "config.h"

#include "attune-source.h"

#include <glib/gi18n.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "attune-table.h"

#define PIECE_BYTES ((gsize) 4 * 1024 * 1024)
/* Texts are packed to a twentieth or so; beyond this and this many bytes it is a trap. */
#define MOST_TIMES 300u
#define TRUSTED_BYTES ((guint64) 64 * 1024 * 1024)

typedef enum {
  PACKED_NOT,
  PACKED_GZIP,
  PACKED_ZSTD,
} Packing;

typedef enum {
  STEP_MORE,   /* of what is left, or room for more */
  STEP_MEMBER, /* a member has ended */
  STEP_BROKEN,
} Step;

typedef struct {
  Packing packing;
  z_stream gzip;
  ZSTD_DStream *zstd;
} Unpacker;

static void
unpacker_clear (Unpacker *self)
{
  if (self->packing == PACKED_GZIP)
    inflateEnd (&self->gzip);
  g_clear_pointer (&self->zstd, ZSTD_freeDStream);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Unpacker, unpacker_clear)

static Packing
detect_packing (const char *data,
                gsize       length)
{
  if (length >= 3 && memcmp (data, "\037\213\010", 3) == 0)
    return PACKED_GZIP;
  if (length >= 4 && memcmp (data, "\050\265\057\375", 4) == 0)
    return PACKED_ZSTD;
  /* A frame that is to be skipped may come first. */
  if (length >= 8 && ((guint8) data[0] & 0xf0) == 0x50 && memcmp (data + 1, "\052\115\030", 3) == 0)
    return PACKED_ZSTD;
  return PACKED_NOT;
}

static gboolean
unpacker_init (Unpacker *self,
               Packing   packing)
{
  if (packing == PACKED_GZIP)
    {
      if (inflateInit2 (&self->gzip, 15 + 16) != Z_OK)
        return FALSE;
    }
  else
    {
      self->zstd = ZSTD_createDStream ();
      /* Windows up to 128 MB, as the zstd program takes them. */
      if (self->zstd == NULL
          || ZSTD_isError (ZSTD_DCtx_setParameter (self->zstd, ZSTD_d_windowLogMax, 27)))
        return FALSE;
    }
  self->packing = packing;
  return TRUE;
}

static Step
unpack_gzip (Unpacker   *self,
             const char *in,
             gsize       n_in,
             gsize      *n_read,
             char       *out,
             gsize       n_out,
             gsize      *n_written)
{
  int status;

  self->gzip.next_in = (Bytef *) in;
  self->gzip.avail_in = (uInt) MIN (n_in, PIECE_BYTES);
  self->gzip.next_out = (Bytef *) out;
  self->gzip.avail_out = (uInt) MIN (n_out, PIECE_BYTES);
  status = inflate (&self->gzip, Z_NO_FLUSH);
  *n_read = (gsize) ((const char *) self->gzip.next_in - in);
  *n_written = (gsize) ((char *) self->gzip.next_out - out);
  if (status == Z_STREAM_END)
    return inflateReset (&self->gzip) == Z_OK ? STEP_MEMBER : STEP_BROKEN;
  return status == Z_OK || status == Z_BUF_ERROR ? STEP_MORE : STEP_BROKEN;
}

static Step
unpack_zstd (Unpacker   *self,
             const char *in,
             gsize       n_in,
             gsize      *n_read,
             char       *out,
             gsize       n_out,
             gsize      *n_written)
{
  ZSTD_inBuffer input = { in, MIN (n_in, PIECE_BYTES), 0 };
  ZSTD_outBuffer output = { out, MIN (n_out, PIECE_BYTES), 0 };
  gsize left = ZSTD_decompressStream (self->zstd, &output, &input);

  *n_read = input.pos;
  *n_written = output.pos;
  if (ZSTD_isError (left))
    return STEP_BROKEN;
  return left == 0 ? STEP_MEMBER : STEP_MORE;
}

static gboolean
set_packing_error (Packing     packing,
                   const char *name,
                   gboolean    is_cut,
                   GError    **error)
{
  const char *what = packing == PACKED_GZIP ? "gzip" : "zstd";

  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
               is_cut ? _("%s: the %s data breaks off; get the file again, it is not whole")
                      : _("%s: the %s data is damaged; get the file again"),
               name, what);
  return FALSE;
}

static gboolean
set_expansion_error (const char *name,
                     GError    **error)
{
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
               _("%s: unpacked, the file is larger than what can be read or far larger than texts "
                 "are; unpack it and look at it"), name);
  return FALSE;
}

/* Makes room behind what has been written; *room is how much there is in all. */
static gboolean
grow (char      **out,
      gsize      *room,
      gsize       n_written,
      gsize       n_read,
      const char *name,
      GError    **error)
{
  gsize wanted = MAX (*room + *room / 2, PIECE_BYTES);
  char *larger;

  if (n_written > ATTUNE_LARGEST_FILE - PIECE_BYTES
      || (n_written > TRUSTED_BYTES && n_written / MOST_TIMES > n_read))
    return set_expansion_error (name, error);
  if (*room > n_written)
    return TRUE;
  wanted = MIN (wanted, ATTUNE_LARGEST_FILE);
  larger = g_try_realloc (*out, wanted + 1);
  if (larger == NULL)
    return set_expansion_error (name, error);
  *out = larger;
  *room = wanted;
  return TRUE;
}

/* (transfer full): what the source holds, unpacked. */
static char *
unpack (AttuneSource *self,
        Unpacker     *unpacker,
        const char   *name,
        gboolean      may_be_cut,
        gsize        *length,
        GCancellable *cancellable,
        GError      **error)
{
  g_autofree char *out = NULL;
  gsize room = 0, at = 0, n_read, n_written;
  Step step = STEP_MEMBER;

  *length = 0;
  for (;;)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !grow (&out, &room, *length, at, name, error))
        return NULL;
      /* Zeros may fill up the last block of a tape or a disk. */
      if (step == STEP_MEMBER
          && detect_packing (self->data + at, self->length - at) != unpacker->packing)
        break;
      step = (unpacker->packing == PACKED_GZIP ? unpack_gzip : unpack_zstd) (
        unpacker, self->data + at, self->length - at, &n_read, out + *length, room - *length,
        &n_written);
      at += n_read;
      *length += n_written;
      attune_source_release (self, at);
      if (step == STEP_BROKEN && may_be_cut && *length > 0)
        break;
      if (step == STEP_BROKEN)
        return set_packing_error (unpacker->packing, name, FALSE, error), NULL;
      if (step == STEP_MORE && n_read == 0 && n_written == 0)
        {
          if (may_be_cut)
            break;
          return set_packing_error (unpacker->packing, name, at == self->length, error), NULL;
        }
    }

  for (; at < self->length && step == STEP_MEMBER; at++)
    if (self->data[at] != '\0')
      return set_packing_error (unpacker->packing, name, FALSE, error), NULL;
  out[*length] = '\0';
  return g_steal_pointer (&out);
}

/**
 * attune_source_unpack:
 * @may_be_cut: the source is but the beginning of a file
 *
 * A source that is not packed stays as it is.
 */
gboolean
attune_source_unpack (AttuneSource *self,
                      const char   *name,
                      gboolean      may_be_cut,
                      GCancellable *cancellable,
                      GError      **error)
{
  Packing packing = detect_packing (self->data, self->length);
  g_auto (Unpacker) unpacker = { 0 };
  gsize length;
  char *out;

  if (packing == PACKED_NOT)
    return TRUE;
  if (!unpacker_init (&unpacker, packing))
    return set_expansion_error (name, error);
  out = unpack (self, &unpacker, name, may_be_cut, &length, cancellable, error);
  if (out == NULL)
    return FALSE;
  attune_source_get_sha256 (self);
  g_free (self->data);
  self->data = g_realloc (out, length + 1);
  self->released = 0;
  self->length = length;
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the bytes of a file to UTF-8 without NUL. Detected are UTF-8 and UTF-16, with a byte order
 * mark or without; for other text attune-encoding-guess.c is asked, and that its answer is a guess
 * is passed on, for it would be mojibake in silence. Messages tell the line and column of the first
 * bad byte. Any thread.
 */
#include "config.h"

#include "attune-source.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

#include "attune-dialect.h"
#include "attune-encoding-guess.h"
#include "attune-table.h"

#define CHUNK_BYTES ((gsize) 4 * 1024 * 1024)

static gboolean
encoding_is (const char *encoding,
             const char *name)
{
  /* "utf8", "UTF_8" and "UTF-8" are one. */
  for (; *encoding != '\0' || *name != '\0'; encoding++, name++)
    {
      while (*encoding == '-' || *encoding == '_')
        encoding++;
      while (*name == '-')
        name++;
      if (g_ascii_tolower (*encoding) != g_ascii_tolower (*name))
        return FALSE;
      if (*name == '\0')
        return TRUE;
    }
  return TRUE;
}

static gboolean
has_prefix (const AttuneSource *self,
            const char         *bytes,
            gsize               n)
{
  return self->length >= n && memcmp (self->data, bytes, n) == 0;
}

static void
drop_mark (AttuneSource *self)
{
  if (!has_prefix (self, "\xef\xbb\xbf", 3))
    return;
  attune_source_get_sha256 (self);
  self->length -= 3;
  memmove (self->data, self->data + 3, self->length + 1);
}

/* The bytes before the first that is not UTF-8 text (NUL is not). */
static gboolean
valid_length (const AttuneSource *self,
              gsize              *length,
              GCancellable       *cancellable,
              GError            **error)
{
  gsize at = 0;

  while (at < self->length)
    {
      gsize n = MIN (self->length - at, CHUNK_BYTES);
      gboolean is_last = n == self->length - at;
      const char *end;
      gboolean whole = g_utf8_validate_len (self->data + at, n, &end);
      gsize good = (gsize) (end - (self->data + at));

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      at += good;
      /* A character may be cut by the end of a chunk; a real fault is met again at once. */
      if (!whole && (good == 0 || good + 3 < n || is_last))
        break;
    }
  *length = at;
  return TRUE;
}

/* The number of the row in which a text of so many good bytes breaks off, counted as a spreadsheet
 * does: from 1, with the header. */
static guint64
count_rows (const AttuneSource *self,
            gsize               good,
            GCancellable       *cancellable)
{
  AttuneTableOptions options = { 0 };
  AttuneSurvey survey;

  attune_dialect_detect (self->data, good, &options, &survey, NULL, cancellable);
  survey = attune_survey (self->data, good, options.delimiter,
                          options.quoting == ATTUNE_QUOTING_RFC4180, FALSE, cancellable);
  return MAX (survey.n_records, 1);
}

static gboolean
refuse_byte (AttuneSource *self,
             gsize         at,
             const char   *name,
             GCancellable *cancellable,
             GError      **error)
{
  guint8 byte = (guint8) self->data[at];
  guint64 line, column, row;

  attune_text_locate (self->data, at, &line, &column);
  if (byte == 0)
    {
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_SYNTAX,
                   _("%s: line %" PRIu64 ", column %" PRIu64 ": there is a NUL "
                     "byte, which is not text; remove it or check that the file is whole"),
                   name, line, column);
      return FALSE;
    }
  attune_source_get_sha256 (self);
  self->data[at] = '\0';
  row = count_rows (self, at, cancellable);
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_ENCODING,
               _("%s: line %" PRIu64 ", column %" PRIu64 " (row %" PRIu64 "): "
                 "the byte 0x%02X is not UTF-8; choose the encoding of the "
                 "file, for example ISO-8859-1 or GB18030"),
               name, line, column, row, byte);
  return FALSE;
}

static guint
unit_at (const guint8 *data,
         gsize         at,
         gboolean      big_endian)
{
  return big_endian ? (guint) data[at] << 8 | data[at + 1] : (guint) data[at + 1] << 8 | data[at];
}

/* The line ends, tabs and commas of a text if it were UTF-16; 0 if it cannot be. */
static gsize
count_utf16_stops (const AttuneSource *self,
                   gboolean            big_endian)
{
  const guint8 *data = (const guint8 *) self->data;
  gsize length = MIN (self->length, CHUNK_BYTES), n_stops = 0;

  for (gsize at = 0; at + 1 < length; at += 2)
    {
      guint unit = unit_at (data, at, big_endian);

      if (unit == 0 || (unit >= 0xdc00 && unit < 0xe000))
        return 0;
      n_stops += unit == '\n' || unit == '\r' || unit == '\t' || unit == ',';
      if (unit >= 0xd800 && unit < 0xdc00)
        {
          guint low = at + 3 < length ? unit_at (data, at + 2, big_endian) : 0xdc00;

          if (low < 0xdc00 || low >= 0xe000)
            return 0;
          at += 2;
        }
    }
  return n_stops;
}

/* Whether a text is UTF-8 but for NUL bytes. */
static gboolean
is_utf8_with_nuls (const AttuneSource *self)
{
  const char *at = self->data, *end = self->data + MIN (self->length, CHUNK_BYTES), *stop;

  for (; at < end; at = stop + 1)
    if (!g_utf8_validate_len (at, (gsize) (end - at), &stop) && *stop != '\0' && end - stop >= 4)
      return FALSE;
  return TRUE;
}

/* UTF-16 without a mark: it has line ends and the like, each with a zero byte beside it, and either
 * there are zero bytes all over (Latin letters have one each) or the bytes are no UTF-8. */
static const char *
detect_utf16 (const AttuneSource *self)
{
  gsize length = MIN (self->length, CHUNK_BYTES), n_zero = 0, little, big;

  for (gsize at = 0; at < length; at++)
    n_zero += self->data[at] == '\0';
  if (self->length % 2 != 0 || n_zero == 0)
    return NULL;
  if (n_zero * 5 < length && is_utf8_with_nuls (self))
    return NULL;
  little = count_utf16_stops (self, FALSE);
  big = count_utf16_stops (self, TRUE);
  if (little == big)
    return NULL;
  return big > little ? "UTF-16BE" : "UTF-16LE";
}

static const char *
detect_encoding (const AttuneSource *self)
{
  const char *utf16;

  if (has_prefix (self, "\xef\xbb\xbf", 3))
    return "UTF-8";
  if (has_prefix (self, "\xff\xfe\0\0", 4))
    return "UTF-32LE";
  if (has_prefix (self, "\0\0\xfe\xff", 4))
    return "UTF-32BE";
  if (has_prefix (self, "\xff\xfe", 2))
    return "UTF-16LE";
  if (has_prefix (self, "\xfe\xff", 2))
    return "UTF-16BE";
  utf16 = detect_utf16 (self);
  return utf16 != NULL ? utf16 : "UTF-8";
}

/* How far a conversion came when it met bytes that mean nothing. */
static gboolean
refuse_conversion (GByteArray *out,
                   const char *name,
                   const char *encoding,
                   GError    **error)
{
  guint64 line, column;

  g_byte_array_append (out, (const guint8 *) "", 1);
  attune_text_locate ((const char *) out->data, out->len - 1, &line, &column);
  g_clear_error (error);
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_ENCODING,
               _("%s: line %" PRIu64 ", column %" PRIu64 ": the bytes that "
                 "follow are not %s; choose another encoding"),
               name, line, column, encoding);
  return FALSE;
}

/* Of a guess the source stays as it is until all is converted. */
static gboolean
convert (AttuneSource *self,
         const char   *encoding,
         gboolean      is_guess,
         const char   *name,
         GCancellable *cancellable,
         GError      **error)
{
  g_autoptr (GCharsetConverter) converter = g_charset_converter_new ("UTF-8", encoding, error);
  g_autoptr (GByteArray) out = NULL;
  g_autofree char *piece = NULL;
  gsize at = 0;
  GConverterResult result = G_CONVERTER_CONVERTED;

  if (converter == NULL)
    {
      g_clear_error (error);
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_ENCODING,
                   _("%s: there is no encoding called “%s”; known are, for example, UTF-8, "
                     "ISO-8859-1 and GB18030"),
                   name, encoding);
      return FALSE;
    }

  out = g_byte_array_new ();
  piece = g_malloc (CHUNK_BYTES);
  while (at < self->length && result != G_CONVERTER_FINISHED)
    {
      gsize n = MIN (self->length - at, CHUNK_BYTES / 4), n_read = 0, n_written = 0;
      gboolean is_end = at + n == self->length;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      result = g_converter_convert (G_CONVERTER (converter), self->data + at, n, piece, CHUNK_BYTES,
                                    is_end ? G_CONVERTER_INPUT_AT_END : G_CONVERTER_NO_FLAGS,
                                    &n_read, &n_written, error);
      if (result == G_CONVERTER_ERROR)
        return refuse_conversion (out, name, encoding, error);
      if ((guint64) out->len + n_written > ATTUNE_LARGEST_FILE / 2)
        {
          g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
                       _("%s: as UTF-8 the file is larger than 2 GB, the most that can be "
                         "converted; split it"), name);
          return FALSE;
        }
      g_byte_array_append (out, (const guint8 *) piece, (guint) n_written);
      at += n_read;
      if (!is_guess)
        attune_source_release (self, at);
    }

  g_byte_array_append (out, (const guint8 *) "", 1);
  attune_source_get_sha256 (self);
  g_free (self->data);
  self->released = 0;
  self->length = out->len - 1;
  self->data = (char *) g_byte_array_free (g_steal_pointer (&out), FALSE);
  return TRUE;
}

/* A text that is no UTF-8 from some byte on: in what it may be written instead. Leaves the source as
 * it was where there is no good guess. */
static gboolean
convert_guess (AttuneSource *self,
               gsize         good,
               const char   *name,
               char        **encoding,
               GCancellable *cancellable)
{
  g_autofree char *guess = attune_encoding_guess (self->data, self->length, good);

  if (guess == NULL || !convert (self, guess, TRUE, name, cancellable, NULL))
    return FALSE;
  g_free (*encoding);
  *encoding = g_steal_pointer (&guess);
  return TRUE;
}

/**
 * attune_source_to_utf8:
 * @encoding: (inout): what the bytes are, or NULL to detect it; the one used afterwards
 * @guessed: (out): whether that is but a guess
 *
 * Makes the source valid UTF-8 without NUL and without a byte order mark.
 */
gboolean
attune_source_to_utf8 (AttuneSource *self,
                       const char   *name,
                       char        **encoding,
                       gboolean     *guessed,
                       GCancellable *cancellable,
                       GError      **error)
{
  const char *used = *encoding != NULL ? *encoding : detect_encoding (self);
  gsize good;

  *guessed = FALSE;
  if (encoding_is (used, "UTF-16"))
    used = has_prefix (self, "\xfe\xff", 2) ? "UTF-16BE" : "UTF-16LE";
  if (encoding_is (used, "UTF-8"))
    used = "UTF-8";
  else if (!convert (self, used, FALSE, name, cancellable, error))
    return FALSE;

  drop_mark (self);
  if (!valid_length (self, &good, cancellable, error))
    return FALSE;
  if (good < self->length && *encoding == NULL && self->data[good] != '\0'
      && convert_guess (self, good, name, encoding, cancellable))
    {
      *guessed = TRUE;
      if (!valid_length (self, &good, cancellable, error))
        return FALSE;
      used = *encoding;
    }
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (good < self->length)
    return refuse_byte (self, good, name, cancellable, error);
  if (used != *encoding)
    {
      g_free (*encoding);
      *encoding = g_strdup (used);
    }
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values that are no text as text; see attune-parquet-values.h. Numbers are never cut, so that a
 * label or an id says what the file says.
 * Source: the Parquet format, LogicalTypes.md; Howard Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms" (civil_from_days).
 */
#include "config.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "attune-parquet-values.h"

#define JULIAN_DAY_OF_1970 2440588
#define SECONDS_OF_DAY 86400

gboolean
attune_parquet_element_is_text (const AttuneParquetElement *element)
{
  return (element->type == ATTUNE_PARQUET_BYTE_ARRAY || element->type == ATTUNE_PARQUET_FIXED)
         && element->logical != ATTUNE_PARQUET_DECIMAL && element->logical != ATTUNE_PARQUET_UUID
         && element->logical != ATTUNE_PARQUET_FLOAT16;
}

/* The fewest digits that are read back as the same number. */
static void
append_double (GString *out,
               double   number,
               gboolean is_single)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (number))
    {
      g_string_append (out, isnan (number) ? "nan" : number > 0 ? "inf" : "-inf");
      return;
    }
  for (int digits = is_single ? 6 : 15; digits <= 17; digits++)
    {
      char format[] = "%.00g";
      double back;

      format[2] = (char) ('0' + digits / 10);
      format[3] = (char) ('0' + digits % 10);
      g_ascii_formatd (text, sizeof text, format, number);
      back = g_ascii_strtod (text, NULL);
      if (is_single ? (float) back == (float) number : back == number)
        break;
    }
  g_string_append (out, text);
}

static double
half_to_double (guint bits)
{
  guint exponent = bits >> 10 & 0x1f;
  double fraction = bits & 0x3ff;
  double size = exponent == 0    ? ldexp (fraction, -24)
                : exponent == 31 ? (fraction == 0 ? INFINITY : NAN)
                                 : ldexp (1024 + fraction, (int) exponent - 25);

  return bits & 0x8000 ? -size : size;
}

/* The Gregorian date of a day counted from 1970, of any era. */
static void
append_date (GString *out,
             gint64   days)
{
  gint64 z = days + 719468;
  gint64 era = (z >= 0 ? z : z - 146096) / 146097;
  gint64 day_of_era = z - era * 146097;
  gint64 year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096)
                       / 365;
  gint64 day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  gint64 month = (5 * day_of_year + 2) / 153;
  gint64 year = year_of_era + era * 400 + (month >= 10 ? 1 : 0);

  g_string_append_printf (out, "%04" PRId64 "-%02d-%02d", year,
                          (int) (month < 10 ? month + 3 : month - 9),
                          (int) (day_of_year - (153 * month + 2) / 5 + 1));
}

/* fraction: of a second, of so many digits; none are shown where all are 0. */
static void
append_time (GString *out,
             gint64   seconds,
             gint64   fraction,
             gint     digits)
{
  g_string_append_printf (out, "%02d:%02d:%02d", (int) (seconds / 3600),
                          (int) (seconds / 60 % 60), (int) (seconds % 60));
  if (fraction > 0)
    g_string_append_printf (out, ".%0*" PRId64, digits, fraction);
}

static gint64
power_of_ten (gint digits)
{
  return digits == 3 ? 1000 : digits == 6 ? 1000000 : 1000000000;
}

static void
append_moment (GString                    *out,
               const AttuneParquetElement *element,
               gint64                      number)
{
  gint64 unit = power_of_ten (element->scale);
  gint64 fraction = (number % unit + unit) % unit;
  gint64 seconds = number / unit - (number % unit < 0 ? 1 : 0);
  gint64 of_day = (seconds % SECONDS_OF_DAY + SECONDS_OF_DAY) % SECONDS_OF_DAY;
  gint digits = unit == 1000 ? 3 : unit == 1000000 ? 6 : 9;

  if (element->logical == ATTUNE_PARQUET_TIMESTAMP)
    {
      append_date (out, seconds / SECONDS_OF_DAY - (seconds % SECONDS_OF_DAY < 0 ? 1 : 0));
      g_string_append_c (out, 'T');
    }
  append_time (out, of_day, fraction, digits);
  if (element->logical == ATTUNE_PARQUET_TIMESTAMP && element->is_utc)
    g_string_append_c (out, 'Z');
}

/* Nanoseconds of the day, then the Julian day. */
static void
append_int96 (GString      *out,
              const guint8 *bytes)
{
  guint64 nanoseconds = 0;
  guint32 day = 0;

  memcpy (&nanoseconds, bytes, 8);
  memcpy (&day, bytes + 8, 4);
  nanoseconds = GUINT64_FROM_LE (nanoseconds) % ((guint64) SECONDS_OF_DAY * 1000000000);
  append_date (out, (gint64) (gint32) GUINT32_FROM_LE (day) - JULIAN_DAY_OF_1970);
  g_string_append_c (out, 'T');
  append_time (out, (gint64) (nanoseconds / 1000000000), (gint64) (nanoseconds % 1000000000), 9);
}

/* Big-endian two's complement of up to 16 bytes, as digits with a point. */
static void
append_decimal (GString      *out,
                const guint8 *bytes,
                gsize         length,
                gint          scale)
{
  char digits[64];
  guint n = 0, wanted;
  gboolean is_negative = length > 0 && (bytes[0] & 0x80) != 0;
  guint64 high = is_negative ? G_MAXUINT64 : 0, low = high;

  for (gsize i = 0; i < length; i++)
    {
      high = high << 8 | low >> 56;
      low = low << 8 | bytes[i];
    }
  if (is_negative)
    {
      low = ~low + 1;
      high = ~high + (low == 0 ? 1 : 0);
    }
  wanted = scale > 0 && scale <= 40 ? (guint) scale + 1 : 1;
  while (high != 0 || low != 0 || n < wanted)
    {
      guint64 rest = 0;
      guint32 parts[4] = { (guint32) (high >> 32), (guint32) high, (guint32) (low >> 32),
                           (guint32) low };

      for (guint i = 0; i < 4; i++)
        {
          rest = rest << 32 | parts[i];
          parts[i] = (guint32) (rest / 10);
          rest %= 10;
        }
      high = (guint64) parts[0] << 32 | parts[1];
      low = (guint64) parts[2] << 32 | parts[3];
      digits[n++] = (char) ('0' + rest);
    }
  if (is_negative)
    g_string_append_c (out, '-');
  while (n > 0)
    {
      g_string_append_c (out, digits[--n]);
      if (n + 1 == wanted && wanted > 1)
        g_string_append_c (out, '.');
    }
}

static void
append_bytes (GString                    *out,
              const AttuneParquetElement *element,
              const AttuneParquetValue   *value)
{
  const guint8 *bytes = value->bytes;
  guint64 word = 0;
  guint32 half = 0;
  double number;
  float single;

  switch (element->type)
    {
    case ATTUNE_PARQUET_FLOAT:
      memcpy (&half, bytes, 4);
      half = GUINT32_FROM_LE (half);
      memcpy (&single, &half, 4);
      append_double (out, (double) single, TRUE);
      break;
    case ATTUNE_PARQUET_DOUBLE:
      memcpy (&word, bytes, 8);
      word = GUINT64_FROM_LE (word);
      memcpy (&number, &word, 8);
      append_double (out, number, FALSE);
      break;
    case ATTUNE_PARQUET_INT96:
      append_int96 (out, bytes);
      break;
    default:
      if (element->logical == ATTUNE_PARQUET_DECIMAL)
        append_decimal (out, bytes, MIN (value->length, 16), element->scale);
      else if (element->logical == ATTUNE_PARQUET_FLOAT16)
        append_double (out, half_to_double ((guint) bytes[0] | (guint) bytes[1] << 8), TRUE);
      else if (element->logical == ATTUNE_PARQUET_UUID)
        for (guint i = 0; i < 16; i++)
          g_string_append_printf (out, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x",
                                  bytes[i]);
      else
        g_string_append_len (out, (const char *) bytes, (gssize) value->length);
    }
}

/* Not printf(): most labels and ids are integers. */
static void
append_integer (GString *out,
                guint64  magnitude,
                gboolean is_negative)
{
  char digits[20];
  gsize at = sizeof digits;

  do
    digits[--at] = (char) ('0' + magnitude % 10);
  while ((magnitude /= 10) > 0);
  if (is_negative)
    g_string_append_c (out, '-');
  g_string_append_len (out, digits + at, (gssize) (sizeof digits - at));
}

void
attune_parquet_value_append (GString                    *out,
                             const AttuneParquetElement *element,
                             const AttuneParquetValue   *value)
{
  gint64 number = value->number;
  guint8 bytes[8];

  if (element->type != ATTUNE_PARQUET_BOOLEAN && element->type != ATTUNE_PARQUET_INT32
      && element->type != ATTUNE_PARQUET_INT64)
    {
      append_bytes (out, element, value);
      return;
    }
  switch (element->logical)
    {
    case ATTUNE_PARQUET_DECIMAL:
      for (guint i = 0; i < 8; i++)
        bytes[i] = (guint8) ((guint64) number >> (56 - 8 * i));
      append_decimal (out, bytes, 8, element->scale);
      break;
    case ATTUNE_PARQUET_DATE:
      append_date (out, number);
      break;
    case ATTUNE_PARQUET_TIME:
    case ATTUNE_PARQUET_TIMESTAMP:
      append_moment (out, element, number);
      break;
    default:
      if (element->is_unsigned)
        append_integer (out, element->type == ATTUNE_PARQUET_INT32 ? (guint32) number
                                                                   : (guint64) number, FALSE);
      else
        append_integer (out, number < 0 ? -(guint64) number : (guint64) number, number < 0);
    }
}

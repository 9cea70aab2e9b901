/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes zip files (PKWARE's APPNOTE.TXT) and pickles (protocol 2), right or wrong as asked.
 */
#include "config.h"

#include "torch-fixture.h"

#include <string.h>

#include <zlib.h>

static void
add (GByteArray *bytes,
     guint64     value,
     guint       n)
{
  for (guint i = 0; i < n; i++, value >>= 8)
    {
      guint8 byte = (guint8) value;

      g_byte_array_append (bytes, &byte, 1);
    }
}

static void
add_text (GByteArray *bytes,
          const char *text)
{
  g_byte_array_append (bytes, (const guint8 *) text, (guint) strlen (text));
}

static guint32
checksum (const FixtureEntry *entry)
{
  guint32 sum = (guint32) crc32 (crc32 (0, NULL, 0), entry->data, (uInt) entry->length);

  return entry->wrong_checksum ? sum ^ 1 : sum;
}

/* The fields that both headers have. */
static void
add_common (GByteArray         *zip,
            const FixtureEntry *entry)
{
  guint64 length = entry->wide ? G_MAXUINT32 : entry->length;

  add (zip, entry->flags, 2);
  add (zip, entry->method, 2);
  add (zip, 0, 4);
  add (zip, checksum (entry), 4);
  add (zip, length, 4);
  add (zip, length, 4);
  add (zip, strlen (entry->name), 2);
}

static void
add_end (GByteArray *zip,
         guint       n_entries,
         gsize       directory,
         gboolean    wide)
{
  gsize end = zip->len;

  if (wide)
    {
      add (zip, 0x06064b50, 4);
      add (zip, 44, 8);
      add (zip, 45, 2);
      add (zip, 45, 2);
      add (zip, 0, 8);
      add (zip, n_entries, 8);
      add (zip, n_entries, 8);
      add (zip, end - directory, 8);
      add (zip, directory, 8);
      add (zip, 0x07064b50, 4);
      add (zip, 0, 4);
      add (zip, end, 8);
      add (zip, 1, 4);
    }
  add (zip, 0x06054b50, 4);
  add (zip, 0, 4);
  add (zip, wide ? G_MAXUINT16 : n_entries, 2);
  add (zip, wide ? G_MAXUINT16 : n_entries, 2);
  add (zip, wide ? G_MAXUINT32 : end - directory, 4);
  add (zip, wide ? G_MAXUINT32 : directory, 4);
  add (zip, 0, 2);
}

GByteArray *
fixture_zip (const FixtureEntry *entries,
             guint               n_entries,
             gboolean            wide_end)
{
  GByteArray *zip = g_byte_array_new ();
  g_autofree gsize *offsets = g_new (gsize, n_entries + 1);

  for (guint i = 0; i < n_entries; i++)
    {
      offsets[i] = zip->len;
      add (zip, 0x04034b50, 4);
      add (zip, 45, 2);
      add_common (zip, &entries[i]);
      add (zip, 0, 2);
      add_text (zip, entries[i].name);
      g_byte_array_append (zip, entries[i].data, (guint) entries[i].length);
    }
  offsets[n_entries] = zip->len;
  for (guint i = 0; i < n_entries; i++)
    {
      add (zip, 0x02014b50, 4);
      add (zip, 45, 2);
      add (zip, 45, 2);
      add_common (zip, &entries[i]);
      add (zip, entries[i].wide ? 28 : 0, 2);
      add (zip, 0, 10);
      add (zip, entries[i].wide ? G_MAXUINT32 : offsets[i], 4);
      add_text (zip, entries[i].name);
      if (entries[i].wide)
        {
          add (zip, 1, 2);
          add (zip, 24, 2);
          add (zip, entries[i].length, 8);
          add (zip, entries[i].length, 8);
          add (zip, offsets[i], 8);
        }
    }
  add_end (zip, n_entries, offsets[n_entries], wide_end);

  return zip;
}

GByteArray *
fixture_torch (const GByteArray *pickle,
               gsize             n_bytes)
{
  g_autofree guint8 *numbers = g_malloc (n_bytes + 1);
  const FixtureEntry entries[] = {
    { .name = "archive/data.pkl", .data = pickle->data, .length = pickle->len },
    { .name = "archive/byteorder", .data = "little", .length = 6 },
    { .name = "archive/data/0", .data = numbers, .length = n_bytes },
    { .name = "archive/version", .data = "3\n", .length = 2 },
  };

  for (gsize i = 0; i < n_bytes; i++)
    numbers[i] = (guint8) i;
  return fixture_zip (entries, G_N_ELEMENTS (entries), TRUE);
}

GByteArray *
fixture_pickle_begin (void)
{
  GByteArray *pickle = g_byte_array_new ();

  fixture_pickle_op (pickle, "\x80\x02");
  return pickle;
}

void
fixture_pickle_raw (GByteArray *pickle,
                    const char *bytes,
                    gsize       length)
{
  g_byte_array_append (pickle, (const guint8 *) bytes, (guint) length);
}

void
fixture_pickle_text (GByteArray *pickle,
                     const char *text)
{
  fixture_pickle_op (pickle, "X");
  add (pickle, strlen (text), 4);
  add_text (pickle, text);
}

void
fixture_pickle_int (GByteArray *pickle,
                    gint64      value)
{
  fixture_pickle_op (pickle, "\x8a\x08");
  add (pickle, (guint64) value, 8);
}

void
fixture_pickle_ints (GByteArray   *pickle,
                     guint         n,
                     const gint64 *values)
{
  fixture_pickle_op (pickle, "(");
  for (guint i = 0; i < n; i++)
    fixture_pickle_int (pickle, values[i]);
  fixture_pickle_op (pickle, "t");
}

void
fixture_pickle_tensor (GByteArray   *pickle,
                       const char   *storage,
                       gint64        n_stored,
                       gint64        offset,
                       guint         n_dims,
                       const gint64 *shape,
                       const gint64 *strides)
{
  fixture_pickle_op (pickle, "ctorch._utils\n_rebuild_tensor_v2\n((");
  fixture_pickle_text (pickle, "storage");
  fixture_pickle_op (pickle, "ctorch\n");
  add_text (pickle, storage);
  fixture_pickle_op (pickle, "\n");
  fixture_pickle_text (pickle, "0");
  fixture_pickle_text (pickle, "cpu");
  fixture_pickle_int (pickle, n_stored);
  fixture_pickle_op (pickle, "tQ");
  fixture_pickle_int (pickle, offset);
  fixture_pickle_ints (pickle, n_dims, shape);
  fixture_pickle_ints (pickle, n_dims, strides);
  fixture_pickle_op (pickle, "\x89" "ccollections\nOrderedDict\n)RtR");
}

GByteArray *
fixture_pickle_one (const char   *storage,
                    gint64        n_stored,
                    gint64        offset,
                    guint         n_dims,
                    const gint64 *shape,
                    const gint64 *strides)
{
  GByteArray *pickle = fixture_pickle_begin ();

  fixture_pickle_op (pickle, "}");
  fixture_pickle_text (pickle, "weight");
  fixture_pickle_tensor (pickle, storage, n_stored, offset, n_dims, shape, strides);
  fixture_pickle_op (pickle, "s.");
  return pickle;
}

char *
fixture_path (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "fixtures", "torch-files", name, NULL);
}

GBytes *
fixture_load (const char *name)
{
  g_autofree char *path = fixture_path (name);
  g_autoptr (GError) error = NULL;
  char *data;
  gsize length;

  g_file_get_contents (path, &data, &length, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, length);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* memmem */
#include "config.h"

#include "attune-torch-archive.h"
#include "torch-fixture.h"

#include <string.h>

static void
assert_refused (const guint8           *bytes,
                gsize                   length,
                AttuneConvertFaultCode  code,
                const char             *detail)
{
  /* Of its own size, so that a read beyond the end is one beyond the heap block. */
  g_autofree guint8 *copy = g_memdup2 (bytes, length);
  AttuneConvertFault fault = { 0 };
  AttuneTorchArchive *archive = attune_torch_archive_new (copy, length, &fault);

  g_assert_null (archive);
  g_assert_cmpint (fault.code, ==, code);
  if (detail != NULL)
    g_assert_cmpstr (fault.detail, ==, detail);
}

static void
assert_entries_refused (const FixtureEntry     *entries,
                        guint                   n,
                        AttuneConvertFaultCode  code,
                        const char             *detail)
{
  g_autoptr (GByteArray) zip = fixture_zip (entries, n, FALSE);

  assert_refused (zip->data, zip->len, code, detail);
}

static void
test_records (void)
{
  const FixtureEntry entries[] = { { .name = "m/data.pkl", .data = "abc", .length = 3 },
                                   { .name = "m/data/0", .data = "", .length = 0 },
                                   { .name = "m/data/1", .data = "12345", .length = 5, .wide = TRUE } };

  for (guint wide = 0; wide < 2; wide++)
    {
      g_autoptr (GByteArray) zip = fixture_zip (entries, G_N_ELEMENTS (entries), wide == 1);
      AttuneConvertFault fault = { 0 };
      g_autoptr (AttuneTorchArchive) archive
        = attune_torch_archive_new (zip->data, zip->len, &fault);
      const AttuneTorchRecord *record;

      g_assert_cmpint (fault.code, ==, ATTUNE_CONVERT_FAULT_NONE);
      g_assert_nonnull (archive);
      record = attune_torch_archive_lookup (archive, "data/1", 6);
      g_assert_cmpmem (record->data, record->length, "12345", 5);
      record = attune_torch_archive_lookup (archive, "data/0", 6);
      g_assert_cmpuint (record->length, ==, 0);
      g_assert_null (attune_torch_archive_lookup (archive, "data/2", 6));
    }
}

/* Cut anywhere, a file is damaged, and never something else. */
static void
test_truncated (void)
{
  g_autoptr (GBytes) whole = fixture_load ("state-dict.bin");
  gsize length;
  const guint8 *data = g_bytes_get_data (whole, &length);

  for (gsize n = 0; n < length; n++)
    assert_refused (data, n, ATTUNE_CONVERT_FAULT_DAMAGED, NULL);
}

/* One wrong bit in what is stored is found, wherever it is. */
static void
test_checksum (void)
{
  g_autoptr (GBytes) whole = fixture_load ("parameters.bin");
  const FixtureEntry wrong[] = { { .name = "m/data.pkl", .data = "abc", .length = 3 },
                                 { .name = "m/data/0", .data = "abc", .length = 3,
                                   .wrong_checksum = TRUE } };
  gsize length;
  const guint8 *data = g_bytes_get_data (whole, &length);
  const guint8 *numbers = memmem (data, length, "parameters/data/0", 17);
  g_autofree guint8 *copy = g_memdup2 (data, length);
  gsize at;

  assert_entries_refused (wrong, 2, ATTUNE_CONVERT_FAULT_CHECKSUM, "data/0");

  at = (gsize) (numbers - data) + 17;
  at += 4 + (data[at + 2] | data[at + 3] << 8); /* past torch's padding */
  copy[at + 5] ^= 4;
  assert_refused (copy, length, ATTUNE_CONVERT_FAULT_CHECKSUM, "data/0");
}

static void
test_names (void)
{
  static const char *const bad[] = { "m/../../etc/passwd", "../data.pkl", "/m/data.pkl", "m//0",
                                     "m/./0", "m\\data", "data.pkl", "m/", "m/\xff", "other/data/0" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      const FixtureEntry entries[] = { { .name = "m/version", .data = "3", .length = 1 },
                                       { .name = bad[i], .data = "abc", .length = 3 } };

      assert_entries_refused (entries, 2, ATTUNE_CONVERT_FAULT_ENTRY_NAME, NULL);
    }
}

static void
test_repeated (void)
{
  const FixtureEntry entries[] = { { .name = "m/data.pkl", .data = "abc", .length = 3 },
                                   { .name = "m/data/0", .data = "abc", .length = 3 },
                                   { .name = "m/data.pkl", .data = "xyz", .length = 3 } };

  assert_entries_refused (entries, 3, ATTUNE_CONVERT_FAULT_ENTRY_REPEATED, "data.pkl");
}

static void
test_compressed (void)
{
  const FixtureEntry deflated = { .name = "m/data.pkl", .data = "abc", .length = 3, .method = 8 };
  const FixtureEntry encrypted = { .name = "m/data.pkl", .data = "abc", .length = 3, .flags = 1 };

  assert_entries_refused (&deflated, 1, ATTUNE_CONVERT_FAULT_COMPRESSED, "m/data.pkl");
  assert_entries_refused (&encrypted, 1, ATTUNE_CONVERT_FAULT_COMPRESSED, "m/data.pkl");
}

/* The directory points twice at the same bytes, with names that differ in both places. */
static void
test_overlap (void)
{
  const FixtureEntry entries[] = { { .name = "m/a", .data = "PK\3\4-----------", .length = 15 },
                                   { .name = "m/b", .data = "0123456789", .length = 10 } };
  g_autoptr (GByteArray) zip = fixture_zip (entries, 2, FALSE);
  guint8 *directory = memmem (zip->data, zip->len, "PK\1\2", 4);
  guint8 *local = zip->data + 33;

  /* The first entry reaches over the second's header and data, in both places. */
  for (guint8 *at = directory + 20; at <= directory + 24; at += 4)
    at[0] = 15 + 33 + 10;
  for (guint8 *at = zip->data + 18; at <= zip->data + 22; at += 4)
    at[0] = 15 + 33 + 10;
  g_assert_cmpmem (local, 4, "PK\3\4", 4);
  assert_refused (zip->data, zip->len, ATTUNE_CONVERT_FAULT_DAMAGED, "overlap");
}

/* What the directory says about places and lengths is held against the file. */
static void
test_offsets (void)
{
  const FixtureEntry entry = { .name = "m/data.pkl", .data = "abc", .length = 3, .wide = TRUE };
  static const guint64 lies[] = { 1, G_MAXUINT32, G_MAXINT64, G_MAXUINT64, G_MAXUINT64 - 40 };
  static const guint fields[] = { 4, 12, 20 };

  for (guint l = 0; l < G_N_ELEMENTS (lies); l++)
    for (guint f = 0; f < G_N_ELEMENTS (fields); f++)
      {
        g_autoptr (GByteArray) zip = fixture_zip (&entry, 1, TRUE);
        guint8 *extra = (guint8 *) memmem (zip->data, zip->len, "PK\1\2", 4) + 46 + 10;
        AttuneConvertFault fault = { 0 };

        for (guint i = 0; i < 8; i++)
          extra[fields[f] + i] = (guint8) (lies[l] >> (8 * i));
        g_assert_null (attune_torch_archive_new (zip->data, zip->len, &fault));
        g_assert_cmpint (fault.code, !=, ATTUNE_CONVERT_FAULT_NONE);
      }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/torch-archive/records", test_records);
  g_test_add_func ("/torch-archive/truncated", test_truncated);
  g_test_add_func ("/torch-archive/checksum", test_checksum);
  g_test_add_func ("/torch-archive/names", test_names);
  g_test_add_func ("/torch-archive/repeated", test_repeated);
  g_test_add_func ("/torch-archive/compressed", test_compressed);
  g_test_add_func ("/torch-archive/overlap", test_overlap);
  g_test_add_func ("/torch-archive/offsets", test_offsets);
  return g_test_run ();
}

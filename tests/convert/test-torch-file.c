/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files that torch.save wrote, compared number by number with what torch reads from them; and made
 * ones whose tensors reach for what is not theirs.
 */
#define _GNU_SOURCE /* memfd_create, memmem */
#include "config.h"

#include "attune-torch-file.h"
#include "torch-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <yyjson.h>

static const gint64 shape[] = { 2, 3 }, strides[] = { 3, 1 };

/* Everything that was written into a file without a name. */
static GBytes *
write_to_bytes (AttuneTorchFile *const *files,
                guint                   n_files)
{
  int fd = memfd_create ("written", MFD_CLOEXEC);
  AttuneConvertFault fault = { 0 };
  gsize length;
  guint8 *data;

  g_assert_true (attune_torch_files_write (files, n_files, 1 << 20, fd, &fault));
  length = (gsize) lseek (fd, 0, SEEK_END);
  data = g_malloc (length);
  g_assert_cmpint (pread (fd, data, length, 0), ==, length);
  close (fd);
  return g_bytes_new_take (data, length);
}

/* What torch says a file holds. */
static yyjson_doc *
load_truth (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".json", NULL);
  g_autofree char *path = fixture_path (file);
  yyjson_doc *truth = yyjson_read_file (path, 0, NULL, NULL);

  g_assert_nonnull (truth);
  return truth;
}

static void
compare_tensor (const guint8 *data,
                yyjson_val   *info,
                yyjson_val   *truth)
{
  static const struct { const char *torch, *safetensors; guint size; } types[] = {
    { "float32", "F32", 4 }, { "float16", "F16", 2 }, { "bfloat16", "BF16", 2 },
    { "float64", "F64", 8 }, { "int64", "I64", 8 },   { "bool", "BOOL", 1 }, { "uint8", "U8", 1 },
  };
  yyjson_val *bits = yyjson_obj_get (truth, "bits"), *value;
  const char *type = yyjson_get_str (yyjson_obj_get (truth, "dtype"));
  guint64 start = yyjson_get_uint (yyjson_arr_get_first (yyjson_obj_get (info, "data_offsets")));
  guint64 end = yyjson_get_uint (yyjson_arr_get_last (yyjson_obj_get (info, "data_offsets")));
  guint size = 0;
  size_t i, n;

  for (guint t = 0; t < G_N_ELEMENTS (types); t++)
    if (g_str_equal (types[t].torch, type))
      {
        g_assert_cmpstr (yyjson_get_str (yyjson_obj_get (info, "dtype")), ==,
                         types[t].safetensors);
        size = types[t].size;
      }
  g_assert_true (yyjson_equals (yyjson_obj_get (info, "shape"), yyjson_obj_get (truth, "shape")));
  g_assert_cmpuint (end - start, ==, yyjson_arr_size (bits) * size);
  yyjson_arr_foreach (bits, i, n, value)
    {
      gint64 wanted = yyjson_get_sint (value);

      g_assert_cmpmem (data + start + i * size, size, &wanted, size);
    }
}

static void
test_real (gconstpointer name)
{
  g_autofree char *file_name = g_strconcat (name, ".bin", NULL);
  g_autoptr (GBytes) bytes = fixture_load (file_name);
  AttuneConvertFault fault = { 0 };
  g_autoptr (AttuneTorchFile) file
    = attune_torch_file_new (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &fault);
  g_autoptr (GBytes) written = NULL;
  yyjson_doc *truth = load_truth (name), *header;
  yyjson_val *key, *value, *root;
  const guint8 *data;
  guint64 header_length;
  gsize length;
  size_t i, n;

  g_assert_cmpint (fault.code, ==, ATTUNE_CONVERT_FAULT_NONE);
  g_assert_nonnull (file);
  root = yyjson_doc_get_root (truth);
  g_assert_cmpuint (attune_torch_file_get_n_tensors (file), ==, yyjson_obj_size (root));

  written = write_to_bytes (&file, 1);
  data = g_bytes_get_data (written, &length);
  memcpy (&header_length, data, sizeof header_length);
  g_assert_cmpuint (header_length % 8, ==, 0);
  header = yyjson_read ((const char *) data + 8, header_length, 0);
  g_assert_nonnull (header);
  g_assert_cmpuint (yyjson_obj_size (yyjson_doc_get_root (header)), ==, yyjson_obj_size (root) + 1);
  yyjson_obj_foreach (root, i, n, key, value)
    compare_tensor (data + 8 + header_length,
                    yyjson_obj_get (yyjson_doc_get_root (header), yyjson_get_str (key)), value);
  yyjson_doc_free (header);
  yyjson_doc_free (truth);
}

static void
assert_refused (const guint8           *data,
                gsize                   length,
                AttuneConvertFaultCode  code,
                const char             *detail)
{
  AttuneConvertFault fault = { 0 };

  g_assert_null (attune_torch_file_new (data, length, &fault));
  g_assert_cmpint (fault.code, ==, code);
  if (detail != NULL)
    g_assert_cmpstr (fault.detail, ==, detail);
}

static void
test_other_forms (void)
{
  g_autoptr (GBytes) legacy = fixture_load ("legacy.bin");
  g_autoptr (GBytes) script = fixture_load ("torchscript.bin");
  const FixtureEntry nothing = { .name = "m/version", .data = "3", .length = 1 };
  const FixtureEntry big[] = { { .name = "m/data.pkl", .data = "\x80\x02}.", .length = 4 },
                               { .name = "m/byteorder", .data = "big", .length = 3 } };
  g_autoptr (GByteArray) empty = fixture_zip (&nothing, 1, FALSE);
  g_autoptr (GByteArray) reversed = fixture_zip (big, 2, FALSE);

  assert_refused (g_bytes_get_data (legacy, NULL), g_bytes_get_size (legacy),
                  ATTUNE_CONVERT_FAULT_LEGACY, NULL);
  assert_refused (g_bytes_get_data (script, NULL), g_bytes_get_size (script),
                  ATTUNE_CONVERT_FAULT_TORCHSCRIPT, NULL);
  assert_refused (empty->data, empty->len, ATTUNE_CONVERT_FAULT_FORMAT, NULL);
  assert_refused (reversed->data, reversed->len, ATTUNE_CONVERT_FAULT_BYTE_ORDER, NULL);
  assert_refused ((const guint8 *) "<html>", 6, ATTUNE_CONVERT_FAULT_FORMAT, NULL);
  assert_refused (NULL, 0, ATTUNE_CONVERT_FAULT_FORMAT, NULL);
}

/* A tensor over data/0, which holds n_bytes. */
static void
assert_tensor (gsize                   n_bytes,
               gint64                  n_stored,
               gint64                  offset,
               guint                   n_dims,
               const gint64           *sizes,
               const gint64           *steps,
               AttuneConvertFaultCode  code)
{
  g_autoptr (GByteArray) pickle = fixture_pickle_one ("FloatStorage", n_stored, offset, n_dims,
                                                      sizes, steps);
  g_autoptr (GByteArray) zip = fixture_torch (pickle, n_bytes);
  AttuneConvertFault fault = { 0 };
  g_autoptr (AttuneTorchFile) file = attune_torch_file_new (zip->data, zip->len, &fault);

  g_assert_cmpint (fault.code, ==, code);
  g_assert_true ((file != NULL) == (code == ATTUNE_CONVERT_FAULT_NONE));
}

/* No tensor reads a byte beyond its record, by whichever of its numbers it tries. */
static void
test_reach (void)
{
  static const gint64 huge[] = { G_MAXINT64, 2 }, far[] = { G_MAXINT64, 1 }, ones[] = { 1, 1 };
  static const gint64 none[] = { 0, G_MAXINT64 }, flat[] = { 0, 0 }, wide[] = { 1 << 30, 1 << 30 };

  assert_tensor (24, 6, 0, 2, shape, strides, ATTUNE_CONVERT_FAULT_NONE);
  assert_tensor (23, 6, 0, 2, shape, strides, ATTUNE_CONVERT_FAULT_STORAGE_SHORT);
  assert_tensor (24, 7, 0, 2, shape, strides, ATTUNE_CONVERT_FAULT_STORAGE_SHORT);
  assert_tensor (24, G_MAXINT64, 0, 2, shape, strides, ATTUNE_CONVERT_FAULT_STORAGE_SHORT);
  assert_tensor (24, G_MAXINT64 / 2 + 1, 0, 2, shape, strides, ATTUNE_CONVERT_FAULT_STORAGE_SHORT);
  assert_tensor (24, 5, 0, 2, shape, strides, ATTUNE_CONVERT_FAULT_BEYOND);
  assert_tensor (24, 6, 1, 2, shape, strides, ATTUNE_CONVERT_FAULT_BEYOND);
  assert_tensor (24, 6, G_MAXINT64, 2, shape, strides, ATTUNE_CONVERT_FAULT_BEYOND);
  assert_tensor (24, 6, 6, 0, NULL, NULL, ATTUNE_CONVERT_FAULT_BEYOND);
  assert_tensor (24, 6, 5, 0, NULL, NULL, ATTUNE_CONVERT_FAULT_NONE);
  assert_tensor (24, 6, 0, 2, shape, far, ATTUNE_CONVERT_FAULT_BEYOND);
  assert_tensor (24, 6, 5, 2, ones, far, ATTUNE_CONVERT_FAULT_NONE);
  assert_tensor (24, 6, 0, 2, huge, far, ATTUNE_CONVERT_FAULT_BEYOND);
  assert_tensor (24, 6, 0, 2, huge, flat, ATTUNE_CONVERT_FAULT_BEYOND);
  assert_tensor (24, 6, 0, 2, none, far, ATTUNE_CONVERT_FAULT_NONE);
  assert_tensor (24, 6, 7, 2, none, far, ATTUNE_CONVERT_FAULT_NONE);
  assert_tensor (24, 6, 0, 2, wide, flat, ATTUNE_CONVERT_FAULT_NONE);
}

static void
test_missing (void)
{
  g_autoptr (GByteArray) pickle = fixture_pickle_one ("FloatStorage", 6, 0, 2, shape, strides);
  const FixtureEntry entry = { .name = "m/data.pkl", .data = pickle->data, .length = pickle->len };
  g_autoptr (GByteArray) zip = fixture_zip (&entry, 1, FALSE);

  assert_refused (zip->data, zip->len, ATTUNE_CONVERT_FAULT_STORAGE_MISSING, "weight");
}

/* One number that is said to be a billion is not written a billion times. */
static void
test_growth (void)
{
  static const gint64 wide[] = { 1 << 30 }, flat[] = { 0 };
  g_autoptr (GByteArray) pickle = fixture_pickle_one ("FloatStorage", 6, 0, 1, wide, flat);
  g_autoptr (GByteArray) zip = fixture_torch (pickle, 24);
  AttuneConvertFault fault = { 0 };
  g_autoptr (AttuneTorchFile) file = attune_torch_file_new (zip->data, zip->len, &fault);

  g_assert_nonnull (file);
  g_assert_false (attune_torch_files_write (&file, 1, 4 * zip->len, -1, &fault));
  g_assert_cmpint (fault.code, ==, ATTUNE_CONVERT_FAULT_TOO_LARGE);
}

/* Shards together are one file; a name in two of them is a contradiction. */
static void
test_shards (void)
{
  AttuneTorchFile *files[3];
  g_autoptr (GBytes) first = fixture_load ("state-dict.bin");
  g_autoptr (GBytes) second = fixture_load ("parameters.bin");
  AttuneConvertFault fault = { 0 };
  g_autoptr (GBytes) written = NULL;

  files[0] = attune_torch_file_new (g_bytes_get_data (first, NULL), g_bytes_get_size (first),
                                    &fault);
  files[1] = attune_torch_file_new (g_bytes_get_data (second, NULL), g_bytes_get_size (second),
                                    &fault);
  files[2] = files[1];
  written = write_to_bytes (files, 2);
  g_assert_nonnull (memmem (g_bytes_get_data (written, NULL), g_bytes_get_size (written),
                            "\"frozen\":{\"dtype\":\"F32\",\"shape\":[2]", 34));
  g_assert_nonnull (memmem (g_bytes_get_data (written, NULL), g_bytes_get_size (written),
                            "\"embed.weight\"", 14));
  g_assert_false (attune_torch_files_write (files, 3, 1 << 20, -1, &fault));
  g_assert_cmpint (fault.code, ==, ATTUNE_CONVERT_FAULT_TENSOR_REPEATED);
  g_assert_cmpstr (fault.detail, ==, "frozen");
  attune_torch_file_free (files[0]);
  attune_torch_file_free (files[1]);
}

static void
test_write_fails (void)
{
  g_autoptr (GBytes) bytes = fixture_load ("parameters.bin");
  AttuneConvertFault fault = { 0 };
  g_autoptr (AttuneTorchFile) file
    = attune_torch_file_new (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &fault);
  int fd = open ("/dev/full", O_WRONLY | O_CLOEXEC);
  g_autofree char *wanted = g_strdup_printf ("%d", ENOSPC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_false (attune_torch_files_write (&file, 1, 1 << 20, fd, &fault));
  g_assert_cmpint (fault.code, ==, ATTUNE_CONVERT_FAULT_WRITE);
  g_assert_cmpstr (fault.detail, ==, wanted);
  close (fd);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/torch-file/real/state-dict", "state-dict", test_real);
  g_test_add_data_func ("/torch-file/real/views", "views", test_real);
  g_test_add_data_func ("/torch-file/real/parameters", "parameters", test_real);
  g_test_add_func ("/torch-file/other-forms", test_other_forms);
  g_test_add_func ("/torch-file/reach", test_reach);
  g_test_add_func ("/torch-file/missing", test_missing);
  g_test_add_func ("/torch-file/growth", test_growth);
  g_test_add_func ("/torch-file/shards", test_shards);
  g_test_add_func ("/torch-file/write-fails", test_write_fails);
  return g_test_run ();
}

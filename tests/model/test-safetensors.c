/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The safetensors reader against every case that huggingface/safetensors names in its own tests
 * (safetensors/src/tensor.rs, attacks/), and the writer against the reader and a full disk.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "attune-durable.h"
#include "attune-safetensors.h"

/* header_length < 0: that of header. */
static GBytes *
make_file (const char *header,
           gint64      header_length,
           gsize       n_data)
{
  GByteArray *file = g_byte_array_new ();
  guint64 length = GUINT64_TO_LE (header_length < 0 ? strlen (header) : (guint64) header_length);
  g_autofree guint8 *data = g_malloc0 (n_data + 1);

  g_byte_array_append (file, (const guint8 *) &length, sizeof length);
  g_byte_array_append (file, (const guint8 *) header, strlen (header));
  g_byte_array_append (file, data, n_data);

  return g_byte_array_free_to_bytes (file);
}

static void
assert_rejected (GBytes          *bytes,
                 AttuneModelError code,
                 const char      *words)
{
  g_autoptr (GError) error = NULL;
  AttuneSafetensors *file = attune_safetensors_new_for_bytes (bytes, "x", &error);

  g_assert_null (file);
  g_assert_error (error, ATTUNE_MODEL_ERROR, (int) code);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” does not say “%s”", error->message, words);
}

static void
assert_header_rejected (const char *header,
                        gsize       n_data,
                        const char *words)
{
  g_autoptr (GBytes) bytes = make_file (header, -1, n_data);

  assert_rejected (bytes, ATTUNE_MODEL_ERROR_FORMAT, words);
}

static AttuneSafetensors *
open_header (const char *header,
             gsize       n_data)
{
  g_autoptr (GBytes) bytes = make_file (header, -1, n_data);
  g_autoptr (GError) error = NULL;
  AttuneSafetensors *file = attune_safetensors_new_for_bytes (bytes, "x", &error);

  g_assert_no_error (error);
  return file;
}

static void
test_json_attack (void)
{
  GString *header = g_string_new ("{");

  for (int i = 0; i < 10; i++)
    g_string_append_printf (header,
                            "%s\"weight_%d\":{\"dtype\":\"F32\",\"shape\":[2,2],"
                            "\"data_offsets\":[0,16]}",
                            i > 0 ? "," : "", i);
  g_string_append_c (header, '}');
  assert_header_rejected (header->str, 16, "begins at byte");
  g_string_free (header, TRUE);
}

static void
test_metadata_incomplete_buffer (void)
{
  const char *header = "{\"test\":{\"dtype\":\"I32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}";

  assert_header_rejected (header, 17, "belong to no tensor");
  assert_header_rejected (header, 15, "missing at its end");
  assert_header_rejected (header, 0, "missing at its end");
}

static void
test_header_lengths (void)
{
  static const guint8 few[7] = { 0 };
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);
  g_autoptr (GBytes) small = g_bytes_new_static (few, sizeof few);
  g_autoptr (GBytes) large = make_file ("{}", 100000001, 0);
  g_autoptr (GBytes) huge = make_file ("{}", G_MAXINT64, 0);
  g_autoptr (GBytes) beyond = make_file ("{}", 60, 0);
  g_autoptr (GBytes) one = make_file ("{}", 3, 0);

  assert_rejected (empty, ATTUNE_MODEL_ERROR_FORMAT, "0 bytes");
  assert_rejected (small, ATTUNE_MODEL_ERROR_FORMAT, "7 bytes");
  assert_rejected (large, ATTUNE_MODEL_ERROR_FORMAT, "header");
  assert_rejected (huge, ATTUNE_MODEL_ERROR_FORMAT, "header");
  assert_rejected (beyond, ATTUNE_MODEL_ERROR_FORMAT, "beyond its end");
  assert_rejected (one, ATTUNE_MODEL_ERROR_FORMAT, "beyond its end");
}

static void
test_header_is_not_text (void)
{
  GString *deep = g_string_new (NULL);

  assert_header_rejected ("\xff", 0, "JSON");
  assert_header_rejected ("{\"\xff\":{}}", 0, "JSON");
  assert_header_rejected ("{", 0, "JSON");
  assert_header_rejected ("", 0, "JSON");
  assert_header_rejected ("[]", 0, "JSON object");
  assert_header_rejected ("{} x", 0, "JSON");

  for (int i = 0; i < 100000; i++)
    g_string_append (deep, "{\"a\":");
  assert_header_rejected (deep->str, 0, "nested");
  g_string_free (deep, TRUE);
}

static void
test_duplicate_keys (void)
{
  assert_header_rejected ("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                          "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}",
                          2, "“a” twice");
  assert_header_rejected ("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"I8\",\"shape\":[1],"
                          "\"data_offsets\":[0,1]}}",
                          1, "surplus");
  assert_header_rejected ("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "twice");
  assert_header_rejected ("{\"__metadata__\":{\"format\":\"pt\",\"format\":\"tf\"}}", 0, "twice");
  assert_header_rejected ("{\"__metadata__\":{\"format\":1}}", 0, "not a string");
}

static void
test_offsets (void)
{
  const char *tensor = "{\"%s\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":%s},"
                       "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":%s}}";
  static const struct {
    const char *a, *b, *words;
  } cases[] = {
    { "[1,3]", "[3,5]", "begins at byte 1" },  /* does not start at 0 */
    { "[0,2]", "[3,5]", "begins at byte 3" },  /* a hole */
    { "[0,2]", "[1,3]", "begins at byte 1" },  /* an overlap */
    { "[0,2]", "[0,2]", "begins at byte 0" },  /* twice the same */
    { "[2,0]", "[2,4]", "offsets are 2 to 0" }, /* backwards */
    { "[0,1]", "[1,3]", "needs 2 bytes" },
    { "[0]", "[1,3]", "no data offsets" },
    { "[-1,1]", "[1,3]", "no data offsets" },
    { "[0.0,2.0]", "[2,4]", "no data offsets" },
    { "[0,18446744073709551617]", "[2,4]", "no data offsets" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup ("a");
      g_auto (GStrv) parts = g_strsplit (tensor, "%s", 4);
      g_autofree char *header = g_strconcat (parts[0], name, parts[1], cases[i].a, parts[2],
                                             cases[i].b, parts[3], NULL);

      assert_header_rejected (header, 5, cases[i].words);
    }
}

static void
test_validation_overflow (void)
{
  assert_header_rejected ("{\"t\":{\"dtype\":\"I32\",\"shape\":[2,18446744073709551614],"
                          "\"data_offsets\":[0,16]}}",
                          16, "larger than any memory");
  assert_header_rejected ("{\"t\":{\"dtype\":\"I32\",\"shape\":[2,9223372036854775807],"
                          "\"data_offsets\":[0,16]}}",
                          16, "larger than any memory");
  assert_header_rejected ("{\"t\":{\"dtype\":\"I32\",\"shape\":[2,2.5],\"data_offsets\":[0,16]}}",
                          16, "whole number");
  assert_header_rejected ("{\"t\":{\"dtype\":\"I32\",\"shape\":[2,-2],\"data_offsets\":[0,16]}}",
                          16, "whole number");
}

static void
test_invalid_info (void)
{
  g_autoptr (GBytes) fp8 = make_file ("{\"t\":{\"dtype\":\"F8_E4M3\",\"shape\":[2],"
                                      "\"data_offsets\":[0,2]}}",
                                      -1, 2);
  g_autoptr (GBytes) rank = make_file ("{\"t\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,1],"
                                       "\"data_offsets\":[0,1]}}",
                                       -1, 1);

  assert_header_rejected ("{\"t\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,15]}}", 15,
                          "needs 16 bytes");
  assert_header_rejected ("{\"t\":{\"shape\":[2,2],\"data_offsets\":[0,16]}}", 16, "no data type");
  assert_header_rejected ("{\"t\":{\"dtype\":\"F32\",\"data_offsets\":[0,16]}}", 16, "no shape");
  assert_header_rejected ("{\"t\":{\"dtype\":\"F32\",\"shape\":[4]}}", 16, "no data offsets");
  assert_header_rejected ("{\"t\":[]}", 0, "not described");
  assert_header_rejected ("{\"t\\u0000\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}",
                          0, "U+0000");
  assert_rejected (fp8, ATTUNE_MODEL_ERROR_UNSUPPORTED, "F8_E4M3");
  assert_rejected (rank, ATTUNE_MODEL_ERROR_UNSUPPORTED, "8 dimensions");
}

static void
test_accepts_what_is_odd (void)
{
  g_autoptr (AttuneSafetensors) nothing = open_header ("{}", 0);
  g_autoptr (AttuneSafetensors) padded = open_header (
    " \n{\"t\":{\"dtype\":\"I32\",\"shape\":[],\"data_offsets\":[0,4]}}   \t\n ", 4);
  g_autoptr (AttuneSafetensors) zero = open_header (
    "{\"t\":{\"dtype\":\"I32\",\"shape\":[2,0],\"data_offsets\":[0,0]},"
    "\"u\":{\"dtype\":\"U64\",\"shape\":[1],\"data_offsets\":[0,8]}}",
    8);
  g_autoptr (AttuneSafetensors) reversed = open_header (
    "{\"__metadata__\":{\"format\":\"pt\",\"note\":\"\"},"
    "\"z\":{\"dtype\":\"BF16\",\"shape\":[1,2],\"data_offsets\":[8,12]},"
    "\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}",
    12);

  g_assert_cmpuint (attune_safetensors_get_n_tensors (nothing), ==, 0);
  g_assert_cmpuint (attune_safetensors_lookup (padded, "t")->n_dims, ==, 0);
  g_assert_cmpuint (attune_safetensors_lookup (padded, "t")->length, ==, 4);
  g_assert_cmpuint (attune_safetensors_lookup (zero, "t")->length, ==, 0);
  g_assert_cmpuint (attune_safetensors_lookup (zero, "u")->dtype, ==, ATTUNE_DTYPE_U64);
  g_assert_cmpstr (attune_safetensors_get_tensor (reversed, 0)->name, ==, "a");
  g_assert_cmpuint (attune_safetensors_get_tensor (reversed, 1)->shape[1], ==, 2);
  g_assert_true (attune_safetensors_get_tensor (reversed, 1)->data
                 == attune_safetensors_get_tensor (reversed, 0)->data + 8);
  g_assert_cmpstr (attune_safetensors_get_metadata (reversed, "format"), ==, "pt");
  g_assert_null (attune_safetensors_get_metadata (reversed, "colour"));
  g_assert_null (attune_safetensors_lookup (reversed, "b"));
}

static void
test_names_what_is_no_model (void)
{
  g_autoptr (GBytes) pointer = g_bytes_new_static (
    "version https://git-lfs.github.com/spec/v1\noid sha256:53aa\nsize 90868376\n", 76);
  g_autoptr (GBytes) zip = g_bytes_new_static ("PK\3\4archive/data.pkl", 20);
  g_autoptr (GBytes) page = g_bytes_new_static ("<!DOCTYPE html><html>sign in</html>", 35);

  assert_rejected (pointer, ATTUNE_MODEL_ERROR_FORMAT, "has not been downloaded");
  assert_rejected (zip, ATTUNE_MODEL_ERROR_UNSUPPORTED, "PyTorch");
  assert_rejected (page, ATTUNE_MODEL_ERROR_FORMAT, "not a whole safetensors file");
}

typedef struct {
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("attune-safetensors-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "t.safetensors", NULL);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  attune_durable_folder_remove (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static guint
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static const float numbers[6] = { 1, -2, 3.5f, 4, -0.0f, 1e-40f };
static const guint8 bytes[3] = { 7, 8, 9 };

static const AttuneTensorView some_tensors[] = {
  { "small", ATTUNE_DTYPE_U8, 1, { 3 }, bytes, 3 },
  { "b", ATTUNE_DTYPE_F32, 2, { 2, 3 }, (const guint8 *) numbers, 24 },
  { "a", ATTUNE_DTYPE_F32, 0, { 0 }, (const guint8 *) numbers, 4 },
};

static void
test_round_trip (Fixture      *fixture,
                 gconstpointer data)
{
  const char *const metadata[] = { "step", "7", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSafetensors) file = NULL;
  g_autofree char *text = NULL;
  const AttuneTensorView *view;
  guint64 header_length;
  gsize length;

  g_assert_true (attune_safetensors_write (fixture->path, some_tensors, 3, metadata, &error));
  g_assert_no_error (error);

  file = attune_safetensors_open (fixture->path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (attune_safetensors_get_metadata (file, "format"), ==, "pt");
  g_assert_cmpstr (attune_safetensors_get_metadata (file, "step"), ==, "7");
  view = attune_safetensors_lookup (file, "b");
  g_assert_cmpuint (view->n_dims, ==, 2);
  g_assert_cmpmem (view->data, view->length, numbers, 24);
  view = attune_safetensors_lookup (file, "small");
  g_assert_cmpmem (view->data, view->length, bytes, 3);

  /* As the reference orders them: wide types first, then names; data at a multiple of eight. */
  g_assert_true (attune_safetensors_lookup (file, "a")->data
                 < attune_safetensors_lookup (file, "b")->data);
  g_assert_true (attune_safetensors_lookup (file, "b")->data
                 < attune_safetensors_lookup (file, "small")->data);
  g_assert_true (g_file_get_contents (fixture->path, &text, &length, NULL));
  memcpy (&header_length, text, 8);
  g_assert_cmpuint (GUINT64_FROM_LE (header_length) % 8, ==, 0);
  g_assert_cmpuint (count_files (fixture->folder), ==, 1);
}

static void
test_writing_over_a_mapped_file (Fixture      *fixture,
                                 gconstpointer data)
{
  g_autoptr (AttuneSafetensors) old = NULL;

  g_assert_true (attune_safetensors_write (fixture->path, some_tensors, 2, NULL, NULL));
  old = attune_safetensors_open (fixture->path, NULL);
  g_assert_true (attune_safetensors_write (fixture->path, some_tensors, 1, NULL, NULL));

  g_assert_cmpmem (attune_safetensors_lookup (old, "b")->data, 24, numbers, 24);
  g_assert_true (attune_safetensors_check_length (old, NULL));
}

static void
test_file_cut_short_while_open (Fixture      *fixture,
                                gconstpointer data)
{
  g_autoptr (AttuneSafetensors) file = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (attune_safetensors_write (fixture->path, some_tensors, 2, NULL, NULL));
  file = attune_safetensors_open (fixture->path, NULL);
  g_assert_cmpint (truncate (fixture->path, 9), ==, 0);

  g_assert_false (attune_safetensors_check_length (file, &error));
  g_assert_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT);
}

static void
test_refuses_to_open (Fixture      *fixture,
                      gconstpointer data)
{
  g_autofree char *fifo = g_build_filename (fixture->folder, "fifo", NULL);
  const struct {
    const char *path;
    int code;
  } cases[] = { { "/nowhere/x.safetensors", ATTUNE_MODEL_ERROR_MISSING },
                { fixture->folder, ATTUNE_MODEL_ERROR_FORMAT },
                { "/dev/zero", ATTUNE_MODEL_ERROR_FORMAT },
                { fifo, ATTUNE_MODEL_ERROR_FORMAT } };

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (attune_safetensors_open (cases[i].path, &error));
      g_assert_error (error, ATTUNE_MODEL_ERROR, cases[i].code);
    }
}

static void
test_refuses_to_write (Fixture      *fixture,
                       gconstpointer data)
{
  const AttuneTensorView wrong[] = { { "a", ATTUNE_DTYPE_F32, 1, { 3 }, bytes, 3 } };
  const AttuneTensorView twice[] = { some_tensors[0], some_tensors[0] };
  g_autoptr (GError) shape = NULL, name = NULL, folder = NULL;

  g_assert_false (attune_safetensors_write (fixture->path, wrong, 1, NULL, &shape));
  g_assert_error (shape, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH);
  g_assert_false (attune_safetensors_write (fixture->path, twice, 2, NULL, &name));
  g_assert_error (name, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH);
  g_assert_false (attune_safetensors_write ("/nowhere/t", some_tensors, 1, NULL, &folder));
  g_assert_error (folder, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_cmpuint (count_files (fixture->folder), ==, 0);
}

/* The kernel refuses to let a file grow beyond each limit in turn; the old file must survive
 * all. */
static void
test_disk_full_at_every_write (Fixture      *fixture,
                               gconstpointer data)
{
  struct rlimit saved, limit;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  gsize length;

  g_assert_true (attune_safetensors_write (fixture->path, some_tensors, 1, NULL, NULL));
  g_assert_true (g_file_get_contents (fixture->path, &before, &length, NULL));

  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &saved);
  limit = saved;
  for (limit.rlim_cur = 0; limit.rlim_cur < 4096; limit.rlim_cur += 5)
    {
      g_autofree char *after = NULL;
      gboolean written;

      setrlimit (RLIMIT_FSIZE, &limit);
      g_clear_error (&error);
      written = attune_safetensors_write (fixture->path, some_tensors, 3, NULL, &error);
      setrlimit (RLIMIT_FSIZE, &saved);

      g_assert_cmpuint (count_files (fixture->folder), ==, 1);
      if (written)
        break;
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
      g_assert_true (g_file_get_contents (fixture->path, &after, &length, NULL));
      g_assert_cmpmem (before, length, after, length);
    }
  g_assert_cmpuint (limit.rlim_cur, >, 24);
  g_assert_cmpuint (limit.rlim_cur, <, 4096);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/safetensors/json-attack", test_json_attack);
  g_test_add_func ("/safetensors/metadata-incomplete-buffer", test_metadata_incomplete_buffer);
  g_test_add_func ("/safetensors/header-lengths", test_header_lengths);
  g_test_add_func ("/safetensors/header-is-not-text", test_header_is_not_text);
  g_test_add_func ("/safetensors/duplicate-keys", test_duplicate_keys);
  g_test_add_func ("/safetensors/offsets", test_offsets);
  g_test_add_func ("/safetensors/validation-overflow", test_validation_overflow);
  g_test_add_func ("/safetensors/invalid-info", test_invalid_info);
  g_test_add_func ("/safetensors/accepts-what-is-odd", test_accepts_what_is_odd);
  g_test_add_func ("/safetensors/names-what-is-no-model", test_names_what_is_no_model);
#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)
  ADD ("/safetensors/round-trip", test_round_trip);
  ADD ("/safetensors/writing-over-a-mapped-file", test_writing_over_a_mapped_file);
  ADD ("/safetensors/file-cut-short-while-open", test_file_cut_short_while_open);
  ADD ("/safetensors/refuses-to-open", test_refuses_to_open);
  ADD ("/safetensors/refuses-to-write", test_refuses_to_write);
  ADD ("/safetensors/disk-full-at-every-write", test_disk_full_at_every_write);

  return g_test_run ();
}

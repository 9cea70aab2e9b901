/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A folder that has its weights as torch files only, taken into the store by way of the confined
 * program; and that program, or one in its place, doing everything wrong.
 */
#include "config.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "../convert/torch-fixture.h"
#include "attune-conversion-error.h"
#include "attune-model-store.h"
#include "model-fixture.h"

static void
set_up (ModelFixture *fixture,
        gconstpointer data)
{
  g_autofree char *store = NULL;

  model_fixture_set_up (fixture, data);
  store = g_build_filename (fixture->root, "store", NULL);
  g_setenv ("ATTUNE_MODELS", store, TRUE);
}

static void
tear_down (ModelFixture *fixture,
           gconstpointer data)
{
  g_unsetenv ("ATTUNE_MODELS");
  model_fixture_tear_down (fixture, data);
}

static void
write_bytes (ModelFixture     *fixture,
             const char       *name,
             const GByteArray *bytes)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, (const char *) bytes->data, bytes->len, NULL));
}

/* Tensors first … last - 1 as a torch file: one storage of everything, and a view of it for each. */
static void
write_torch (ModelFixture      *fixture,
             const char        *name,
             AttuneSafetensors *weights,
             guint              first,
             guint              last)
{
  g_autoptr (GByteArray) pickle = fixture_pickle_begin ();
  g_autoptr (GByteArray) numbers = g_byte_array_new ();
  g_autoptr (GByteArray) zip = NULL;
  gsize total = 0;

  for (guint i = first; i < last; i++)
    total += attune_safetensors_get_tensor (weights, i)->length;
  fixture_pickle_op (pickle, "ccollections\nOrderedDict\n)R(");
  for (guint i = first; i < last; i++)
    {
      const AttuneTensorView *view = attune_safetensors_get_tensor (weights, i);
      gint64 shape[ATTUNE_MAX_DIMS], strides[ATTUNE_MAX_DIMS], step = 1;

      g_assert_cmpint (view->dtype, ==, ATTUNE_DTYPE_F32);
      for (guint d = view->n_dims; d-- > 0; step *= shape[d])
        {
          shape[d] = (gint64) view->shape[d];
          strides[d] = step;
        }
      fixture_pickle_text (pickle, view->name);
      fixture_pickle_tensor (pickle, "FloatStorage", (gint64) total / 4, numbers->len / 4,
                             view->n_dims, shape, strides);
      g_byte_array_append (numbers, view->data, (guint) view->length);
    }
  fixture_pickle_op (pickle, "u.");

  zip = fixture_zip ((FixtureEntry[]) {
                       { .name = "archive/data.pkl", .data = pickle->data, .length = pickle->len },
                       { .name = "archive/data/0", .data = numbers->data, .length = numbers->len } },
                     2, TRUE);
  write_bytes (fixture, name, zip);
}

static AttuneSafetensors *
open_weights (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "model.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  AttuneSafetensors *weights = attune_safetensors_open (path, &error);

  g_assert_no_error (error);
  return weights;
}

/* Takes the folder in and compares every tensor with what was there before. */
static void
assert_imported (ModelFixture      *fixture,
                 AttuneSafetensors *before)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneModelInfo) info
    = attune_model_store_import (fixture->folder, "converted", NULL, &error);
  g_autoptr (AttuneSafetensors) after = NULL;
  g_autofree char *record_path = NULL;
  g_autofree char *record = NULL;

  g_assert_no_error (error);
  after = open_weights (info->path);
  g_assert_cmpuint (attune_safetensors_get_n_tensors (after), ==,
                    attune_safetensors_get_n_tensors (before));
  for (guint i = 0; i < attune_safetensors_get_n_tensors (before); i++)
    {
      const AttuneTensorView *x = attune_safetensors_get_tensor (before, i);
      const AttuneTensorView *y = attune_safetensors_lookup (after, x->name);

      g_assert_nonnull (y);
      g_assert_cmpint (x->dtype, ==, y->dtype);
      g_assert_cmpmem (x->shape, sizeof x->shape, y->shape, sizeof y->shape);
      g_assert_cmpmem (x->data, x->length, y->data, y->length);
    }
  record_path = g_build_filename (info->path, "attune.json", NULL);
  g_assert_true (g_file_get_contents (record_path, &record, NULL, NULL));
  g_assert_nonnull (strstr (record, "\"converted_from\""));
}

static void
test_single (ModelFixture *fixture,
             gconstpointer data)
{
  g_autoptr (AttuneSafetensors) before = open_weights (fixture->folder);

  write_torch (fixture, "pytorch_model.bin", before, 0, attune_safetensors_get_n_tensors (before));
  model_fixture_remove (fixture, "model.safetensors");
  assert_imported (fixture, before);
}

static void
test_shards (ModelFixture *fixture,
             gconstpointer data)
{
  g_autoptr (AttuneSafetensors) before = open_weights (fixture->folder);
  guint n = attune_safetensors_get_n_tensors (before);

  write_torch (fixture, "pytorch_model-00001-of-00002.bin", before, 0, n / 2);
  write_torch (fixture, "pytorch_model-00002-of-00002.bin", before, n / 2, n);
  model_fixture_write (fixture, "pytorch_model.bin.index.json",
                       "{\"weight_map\":{\"a\":\"pytorch_model-00001-of-00002.bin\","
                       "\"b\":\"pytorch_model-00002-of-00002.bin\","
                       "\"c\":\"pytorch_model-00001-of-00002.bin\"}}");
  model_fixture_remove (fixture, "model.safetensors");
  assert_imported (fixture, before);
}

/* Where there are safetensors the torch file is not even looked at. */
static void
test_not_needed (ModelFixture *fixture,
                 gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneModelInfo) info = NULL;

  model_fixture_write (fixture, "pytorch_model.bin", "no torch file");
  info = attune_model_store_import (fixture->folder, "plain", NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (info);
}

/* Nothing stays behind, and the sentence names what it has to. */
static void
assert_refused (ModelFixture *fixture,
                const char   *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) store = NULL;

  g_assert_null (attune_model_store_import (fixture->folder, "converted", NULL, &error));
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_null (strchr (error->message, '\n'));
  g_assert_nonnull (strstr (error->message, part));
  g_assert_null (strstr (error->message, ".tmp-"));

  store = g_dir_open (g_getenv ("ATTUNE_MODELS"), 0, NULL);
  if (store != NULL)
    g_assert_null (g_dir_read_name (store));
}

static void
refuse_file (ModelFixture *fixture,
             const char   *name,
             const char   *part)
{
  g_autoptr (GBytes) bytes = fixture_load (name);
  g_autoptr (GByteArray) array = g_bytes_unref_to_array (g_bytes_ref (bytes));

  write_bytes (fixture, "pytorch_model.bin", array);
  assert_refused (fixture, part);
}

static void
test_refused (ModelFixture *fixture,
              gconstpointer data)
{
  g_autoptr (GByteArray) evil = fixture_pickle_begin ();
  g_autoptr (GByteArray) zip = NULL;

  model_fixture_remove (fixture, "model.safetensors");
  refuse_file (fixture, "legacy.bin", "before version 1.6");
  refuse_file (fixture, "torchscript.bin", "TorchScript");
  refuse_file (fixture, "state-dict.bin", "lacks"); /* whole, but not this model's */
  model_fixture_write (fixture, "pytorch_model.bin", "<html>404</html>");
  assert_refused (fixture, "is not a file that torch.save wrote");
  model_fixture_write (fixture, "pytorch_model.bin", "");
  assert_refused (fixture, "is not a file that torch.save wrote");

  fixture_pickle_op (evil, "cposix\nsystem\nX\x04\0\0\0true\x85R.");
  zip = fixture_torch (evil, 8);
  write_bytes (fixture, "pytorch_model.bin", zip);
  assert_refused (fixture, "“posix.system”");
}

static void
test_index (ModelFixture *fixture,
            gconstpointer data)
{
  static const char *const outside[] = { "../secret.bin", "/etc/secret.bin", ".hidden.bin",
                                         "model.txt", "" };

  model_fixture_remove (fixture, "model.safetensors");
  for (guint i = 0; i < G_N_ELEMENTS (outside); i++)
    {
      g_autofree char *index = g_strdup_printf ("{\"weight_map\":{\"a\":\"%s\"}}", outside[i]);

      model_fixture_write (fixture, "pytorch_model.bin.index.json", index);
      assert_refused (fixture, "cannot be one of its own");
    }
  model_fixture_write (fixture, "pytorch_model.bin.index.json", "{\"weight_map\":{}}");
  assert_refused (fixture, "names 0 files");
  model_fixture_write (fixture, "pytorch_model.bin.index.json", "{}");
  assert_refused (fixture, "names 0 files");
  model_fixture_write (fixture, "pytorch_model.bin.index.json",
                       "{\"weight_map\":{\"a\":\"nowhere.bin\"}}");
  assert_refused (fixture, "nowhere.bin");
}

/* Another program in the converter's place. */
static void
replace_converter (ModelFixture *fixture,
                   const char   *script)
{
  g_autofree char *path = g_build_filename (fixture->root, "attune-convert-weights", NULL);
  g_autofree char *text = g_strconcat ("#!/bin/sh\n", script, "\n", NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (g_chmod (path, 0755), ==, 0);
  g_setenv ("ATTUNE_LIBEXEC_DIR", fixture->root, TRUE);
}

static void
test_converter (ModelFixture *fixture,
                gconstpointer data)
{
  g_autofree char *saved = g_strdup (g_getenv ("ATTUNE_LIBEXEC_DIR"));

  model_fixture_remove (fixture, "model.safetensors");
  model_fixture_write (fixture, "pytorch_model.bin", "anything");

  replace_converter (fixture, "printf '\\377\\377\\377\\377\\377\\377\\377\\377{}'");
  assert_refused (fixture, "not a whole safetensors file");
  replace_converter (fixture, "kill -SYS $$");
  assert_refused (fixture, "not allowed");
  replace_converter (fixture, "kill -KILL $$");
  assert_refused (fixture, "did not survive");
  replace_converter (fixture, "exit 1");
  assert_refused (fixture, "did not survive");
  replace_converter (fixture, "echo '14 7 os.system' >&2; exit 1"); /* there is no file 7 */
  assert_refused (fixture, "did not survive");
  replace_converter (fixture, "echo '99999999999 0 x' >&2; exit 1");
  assert_refused (fixture, "did not survive");
  replace_converter (fixture, "printf '14 0 a\\033[31m\\377%%s%%n' >&2; exit 1");
  assert_refused (fixture, "%s%n");
  replace_converter (fixture, "head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1");
  assert_refused (fixture, "did not survive");
  replace_converter (fixture, "printf '3 0 28' >&2; exit 1");
  assert_refused (fixture, g_strerror (28));
  /* Neither the person's environment nor more than the files that were agreed on. */
  replace_converter (fixture, "test -z \"$HOME$XDG_DATA_HOME\" && test \"$PWD\" = / && "
                              "test ! -e /proc/self/fd/4 && printf '14 0 alone' >&2; exit 1");
  assert_refused (fixture, "“alone”");
  g_setenv ("ATTUNE_LIBEXEC_DIR", "/nowhere", TRUE);
  assert_refused (fixture, "could not be started");
  g_setenv ("ATTUNE_LIBEXEC_DIR", saved, TRUE);
}

static gpointer
cancel_thread (gpointer cancellable)
{
  g_usleep (50000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

/* One that never ends is ended. */
static void
test_cancelled (ModelFixture *fixture,
                gconstpointer data)
{
  g_autofree char *saved = g_strdup (g_getenv ("ATTUNE_LIBEXEC_DIR"));
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;

  model_fixture_remove (fixture, "model.safetensors");
  model_fixture_write (fixture, "pytorch_model.bin", "anything");
  replace_converter (fixture, "while :; do :; done");
  thread = g_thread_new ("cancel", cancel_thread, cancellable);
  g_assert_null (attune_model_store_import (fixture->folder, "converted", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  g_setenv ("ATTUNE_LIBEXEC_DIR", saved, TRUE);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add (path, ModelFixture, NULL, set_up, function, tear_down)
  ADD ("/weights-conversion/single", test_single);
  ADD ("/weights-conversion/shards", test_shards);
  ADD ("/weights-conversion/not-needed", test_not_needed);
  ADD ("/weights-conversion/refused", test_refused);
  ADD ("/weights-conversion/index", test_index);
  ADD ("/weights-conversion/converter", test_converter);
  ADD ("/weights-conversion/cancelled", test_cancelled);
#undef ADD
  return g_test_run ();
}

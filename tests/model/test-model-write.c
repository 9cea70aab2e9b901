/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing a HF folder: read back as it was, replaced as a whole, never half-made; the store above
 * it; and, where python3 has transformers, that from_pretrained loads what was written.
 */
#include "config.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utime.h>

#include <glib/gstdio.h>

#include "attune-durable.h"
#include "attune-model-store.h"
#include "model-fixture.h"

static const char *const labels[] = { "bad", "so-so", "good", NULL };

/* Writes the fixture's model to path under other labels. */
static gboolean
write_copy (ModelFixture *fixture,
            const char   *path,
            gboolean      replace,
            GError      **error)
{
  g_autoptr (AttuneModelFolder) folder
    = attune_model_folder_open (fixture->folder, ATTUNE_MODEL_OPEN_DEFAULT, NULL);
  const AttuneModelConfig *config = attune_model_folder_get_config (folder);
  g_autoptr (GPtrArray) specs = attune_model_config_list_tensors (config, 3);
  g_autoptr (GArray) views = g_array_new (FALSE, FALSE, sizeof (AttuneTensorView));

  for (guint i = 0; i < specs->len; i++)
    {
      const AttuneTensorSpec *spec = g_ptr_array_index (specs, i);

      g_array_append_vals (views, attune_model_folder_lookup (folder, spec->name), 1);
    }

  return attune_model_folder_write (path, replace, config, labels,
                                    attune_model_folder_get_tokenizer (folder),
                                    (AttuneTensorView *) views->data, views->len, error);
}

static void
test_reads_back (ModelFixture *fixture,
                 gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->root, "written", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneModelFolder) before
    = attune_model_folder_open (fixture->folder, ATTUNE_MODEL_OPEN_DEFAULT, NULL);
  g_autoptr (AttuneModelFolder) after = NULL;
  g_autoptr (GPtrArray) specs = NULL;
  const AttuneModelConfig *old, *new;

  g_assert_true (write_copy (fixture, path, FALSE, &error));
  g_assert_no_error (error);
  after = attune_model_folder_open (path, ATTUNE_MODEL_OPEN_DEFAULT, &error);
  g_assert_no_error (error);

  old = attune_model_folder_get_config (before);
  new = attune_model_folder_get_config (after);
  g_assert_cmpuint (new->vocab_size, ==, old->vocab_size);
  g_assert_cmpuint (new->max_position_embeddings, ==, old->max_position_embeddings);
  g_assert_cmpfloat (new->layer_norm_eps, ==, old->layer_norm_eps);
  g_assert_cmpfloat (new->classifier_dropout, ==, old->classifier_dropout);
  g_assert_cmpstrv (new->label_names, labels);
  g_assert_null (attune_model_folder_get_missing (after)[0]);
  g_assert_null (attune_model_folder_get_unexpected (after)[0]);
  g_assert_null (attune_model_folder_get_warnings (after)[0]);

  specs = attune_model_config_list_tensors (old, 3);
  for (guint i = 0; i < specs->len; i++)
    {
      const char *name = ((AttuneTensorSpec *) g_ptr_array_index (specs, i))->name;
      const AttuneTensorView *a = attune_model_folder_lookup (before, name);
      const AttuneTensorView *b = attune_model_folder_lookup (after, name);

      g_assert_cmpmem (a->data, a->length, b->data, b->length);
    }
}

static void
test_replaces_as_a_whole (ModelFixture *fixture,
                          gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneModelFolder) folder = NULL;

  g_assert_false (write_copy (fixture, fixture->folder, FALSE, &error));
  g_assert_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_EXISTS);
  g_clear_error (&error);
  model_fixture_write (fixture, "left-over", "x");

  g_assert_true (write_copy (fixture, fixture->folder, TRUE, &error));
  g_assert_no_error (error);
  folder = attune_model_folder_open (fixture->folder, ATTUNE_MODEL_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
  g_assert_cmpstrv (attune_model_folder_get_config (folder)->label_names, labels);
  model_fixture_assert_only_model (fixture);
  model_fixture_remove (fixture, "tokenizer.json");
  {
    g_autofree char *left_over = g_build_filename (fixture->folder, "left-over", NULL);

    g_assert_false (g_file_test (left_over, G_FILE_TEST_EXISTS));
  }
}

static void
test_full_disk_keeps_the_old (ModelFixture *fixture,
                              gconstpointer data)
{
  static const rlim_t limits[] = { 0, 100, 900, 50000 };
  struct rlimit saved, limit;

  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &saved);
  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AttuneModelFolder) folder = NULL;
      gboolean written;

      limit = saved;
      limit.rlim_cur = limits[i];
      setrlimit (RLIMIT_FSIZE, &limit);
      written = write_copy (fixture, fixture->folder, TRUE, &error);
      setrlimit (RLIMIT_FSIZE, &saved);

      g_assert_false (written);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
      model_fixture_assert_only_model (fixture);
      folder = attune_model_folder_open (fixture->folder, ATTUNE_MODEL_OPEN_DEFAULT, NULL);
      g_assert_cmpstr (attune_model_folder_get_config (folder)->label_names[0], ==, "LABEL_0");
    }
}

static void
test_unwritable_place (ModelFixture *fixture,
                       gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->root, "model", "config.json", "x", NULL);
  g_autofree char *inside = g_build_filename (fixture->root, "closed", "x", NULL);
  g_autofree char *closed = g_path_get_dirname (inside);
  g_autoptr (GError) error = NULL;

  g_assert_false (write_copy (fixture, path, FALSE, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY);
  g_clear_error (&error);

  if (geteuid () == 0)
    return; /* Nothing is closed to root. */
  g_assert_cmpint (g_mkdir (closed, 0500), ==, 0);
  g_assert_false (write_copy (fixture, inside, FALSE, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
}

static void
test_refuses_a_torso (ModelFixture *fixture,
                      gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->root, "written", NULL);
  g_autoptr (AttuneModelFolder) folder
    = attune_model_folder_open (fixture->folder, ATTUNE_MODEL_OPEN_DEFAULT, NULL);
  const char *const twins[] = { "a", "a", "b", NULL };
  g_autoptr (GError) error = NULL;

  g_assert_false (attune_model_folder_write (
    path, FALSE, attune_model_folder_get_config (folder), labels,
    attune_model_folder_get_tokenizer (folder),
    attune_model_folder_lookup (folder, "classifier.weight"), 1, &error));
  g_assert_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH);
  g_clear_error (&error);
  g_assert_false (attune_model_folder_write (
    path, FALSE, attune_model_folder_get_config (folder), twins,
    attune_model_folder_get_tokenizer (folder),
    attune_model_folder_lookup (folder, "classifier.weight"), 1, &error));
  g_assert_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH);
  model_fixture_assert_only_model (fixture);
}

static void
test_store (ModelFixture *fixture,
            gconstpointer data)
{
  g_autofree char *store = g_build_filename (fixture->root, "store", NULL);
  g_autofree char *record = g_build_filename (store, "tiny", "attune.json", NULL);
  g_autofree char *broken = g_build_filename (store, "broken", NULL);
  g_autofree char *text = NULL, *path = NULL, *same = NULL;
  g_autoptr (AttuneModelInfo) info = NULL;
  g_autoptr (GPtrArray) empty = NULL, infos = NULL;
  g_auto (GStrv) problems = NULL;
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_setenv ("ATTUNE_MODELS", store, TRUE);
  empty = attune_model_store_list (&error);
  g_assert_no_error (error);
  g_assert_cmpuint (empty->len, ==, 0);
  g_assert_null (attune_model_store_resolve ("tiny", &error));
  g_assert_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISSING);
  g_assert_nonnull (strstr (error->message, "models import"));
  g_clear_error (&error);

  info = attune_model_store_import (fixture->folder, "tiny", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (info->title, ==, "tiny");
  g_assert_cmpuint (info->n_layers, ==, 2);
  g_assert_true (g_file_get_contents (record, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "\"sha256\""));

  g_assert_null (attune_model_store_import (fixture->folder, "tiny", NULL, &error));
  g_assert_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_null (attune_model_store_import (fixture->folder, "../x", NULL, &error));
  g_assert_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT);
  g_clear_error (&error);
  g_cancellable_cancel (cancelled);
  g_assert_null (attune_model_store_import (fixture->folder, "other", cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  g_assert_cmpint (g_mkdir (broken, 0755), ==, 0);
  infos = attune_model_store_list (NULL);
  g_assert_cmpuint (infos->len, ==, 1);
  problems = attune_model_store_list_problems ();
  g_assert_cmpuint (g_strv_length (problems), ==, 1);
  g_assert_nonnull (strstr (problems[0], "broken"));
  path = attune_model_store_resolve ("tiny", NULL);
  g_assert_cmpstr (path, ==, info->path);
  same = attune_model_store_resolve (fixture->folder, NULL);
  g_assert_cmpstr (same, ==, fixture->folder);
  g_assert_null (attune_model_store_resolve ("large", &error));
  g_assert_nonnull (strstr (error->message, "tiny"));
  g_unsetenv ("ATTUNE_MODELS");
}

/* As imports that were killed leave them. */
static void
test_clears_what_was_left (ModelFixture *fixture,
                           gconstpointer data)
{
  const struct utimbuf long_ago = { 1000000000, 1000000000 };
  g_autofree char *dead = g_build_filename (fixture->root, ".tmp-a-b-99999999-0123abcd", NULL);
  g_autofree char *inside = g_build_filename (dead, "model.safetensors", NULL);
  g_autofree char *fresh = g_build_filename (fixture->root, ".tmp-x-99999999-0123abcd", NULL);
  g_autofree char *alive
    = g_strdup_printf ("%s/.tmp-x-%d-0123abcd", fixture->root, (int) getpid ());
  g_autofree char *other = g_build_filename (fixture->root, ".tmp-notes", NULL);
  const char *const old[] = { dead, alive, other };

  for (guint i = 0; i < G_N_ELEMENTS (old); i++)
    g_assert_cmpint (g_mkdir (old[i], 0755), ==, 0);
  g_assert_cmpint (g_mkdir (fresh, 0755), ==, 0);
  g_assert_true (g_file_set_contents (inside, "x", 1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (old); i++)
    g_assert_cmpint (g_utime (old[i], (struct utimbuf *) &long_ago), ==, 0);

  attune_durable_clean (fixture->root);
  g_assert_false (g_file_test (dead, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (alive, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (other, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (fresh, G_FILE_TEST_EXISTS));
}

static void
test_transformers_loads_it (ModelFixture *fixture,
                            gconstpointer data)
{
  static const char program[]
    = "import sys, json, torch\n"
      "from transformers import AutoModelForSequenceClassification as M, AutoTokenizer as T\n"
      "m, i = M.from_pretrained(sys.argv[1], output_loading_info=True)\n"
      "t = T.from_pretrained(sys.argv[1])\n"
      "assert not any(i.values()), i\n"
      "assert m.config.id2label == {0: 'bad', 1: 'so-so', 2: 'good'}, m.config.id2label\n"
      "assert m.config.problem_type == 'single_label_classification'\n"
      "e = json.load(open(sys.argv[2])); m.eval()\n"
      "with torch.no_grad():\n"
      "  d = max(abs(a - b) for s, w in zip(e['sequences'], e['logits'])\n"
      "          for a, b in zip(m(torch.tensor([s])).logits[0].tolist(), w))\n"
      "assert d < 1e-5, d\n"
      "print(json.dumps([t('The film, it was GOOD 42!')['input_ids'],\n"
      "                  t('a', 'the b')['input_ids'],\n"
      "                  t('é 中国 [MASK]' * 30)['input_ids']]))\n";
  static const char probe[] = "import torch, transformers";
  const char *python = g_getenv ("ATTUNE_PYTHON") != NULL ? g_getenv ("ATTUNE_PYTHON") : "python3";
  g_autofree char *path = g_build_filename (fixture->root, "written", NULL);
  g_autofree char *expected = g_test_build_filename (G_TEST_DIST, "fixtures", "tiny-bert",
                                                     "expected.json", NULL);
  g_autofree char *output = NULL, *errors = NULL;
  const char *probe_argv[] = { python, "-c", probe, NULL };
  const char *argv[] = { python, "-c", program, path, expected, NULL };
  g_autoptr (AttuneModelFolder) folder = NULL;
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  g_autoptr (GString) ours = g_string_new ("[");
  g_autoptr (GString) last = g_string_new (NULL);
  int status;

  if (!g_spawn_sync (NULL, (char **) probe_argv, NULL,
                     G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                     &status, NULL)
      || status != 0)
    {
      g_test_skip ("needs python3 with torch and transformers (or one named by ATTUNE_PYTHON)");
      return;
    }

  g_assert_true (write_copy (fixture, path, FALSE, NULL));
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output,
                               &errors, &status, NULL));
  if (status != 0)
    g_error ("%s", errors);

  folder = attune_model_folder_open (path, ATTUNE_MODEL_OPEN_DEFAULT, NULL);
  for (int i = 0; i < 30; i++)
    g_string_append (last, "é 中国 [MASK]");
  for (int i = 0; i < 3; i++)
    {
      const char *const texts[] = { "The film, it was GOOD 42!", "a", last->str };

      g_assert_true (attune_tokenizer_encode (attune_model_folder_get_tokenizer (folder), texts[i],
                                              -1, i == 1 ? "the b" : NULL, -1, 512, encoding,
                                              NULL));
      g_string_append (ours, i > 0 ? ", [" : "[");
      for (guint j = 0; j < encoding->ids->len; j++)
        g_string_append_printf (ours, j > 0 ? ", %d" : "%d",
                                g_array_index (encoding->ids, gint32, j));
      g_string_append_c (ours, ']');
    }
  g_string_append (ours, "]\n");
  g_assert_cmpstr (output, ==, ours->str);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, test)                                                                            \
  g_test_add (path, ModelFixture, NULL, model_fixture_set_up, test, model_fixture_tear_down)
  ADD ("/model-write/reads-back", test_reads_back);
  ADD ("/model-write/replaces-as-a-whole", test_replaces_as_a_whole);
  ADD ("/model-write/full-disk-keeps-the-old", test_full_disk_keeps_the_old);
  ADD ("/model-write/unwritable-place", test_unwritable_place);
  ADD ("/model-write/refuses-a-torso", test_refuses_a_torso);
  ADD ("/model-write/store", test_store);
  ADD ("/model-write/clears-what-was-left", test_clears_what_was_left);
  ADD ("/model-write/transformers-loads-it", test_transformers_loads_it);

  return g_test_run ();
}

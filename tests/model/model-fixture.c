/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See model-fixture.h.
 */
#include "config.h"

#include "model-fixture.h"

#include <string.h>

#include <glib/gstdio.h>

#include "attune-durable.h"

void
model_fixture_set_up (ModelFixture *fixture,
                      gconstpointer data)
{
  static const char *const names[] = { "config.json", "model.safetensors", "vocab.txt",
                                       "tokenizer_config.json" };

  fixture->root = g_dir_make_tmp ("attune-model-XXXXXX", NULL);
  fixture->folder = g_build_filename (fixture->root, "model", NULL);
  g_assert_cmpint (g_mkdir (fixture->folder, 0755), ==, 0);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *from = g_test_build_filename (G_TEST_DIST, "fixtures", "tiny-bert", names[i],
                                                     NULL);
      g_autofree char *to = g_build_filename (fixture->folder, names[i], NULL);
      g_autofree char *text = NULL;
      gsize length;

      g_assert_true (g_file_get_contents (from, &text, &length, NULL));
      g_assert_true (g_file_set_contents (to, text, length, NULL));
    }
}

void
model_fixture_tear_down (ModelFixture *fixture,
                         gconstpointer data)
{
  attune_durable_folder_remove (fixture->root);
  g_free (fixture->root);
  g_free (fixture->folder);
}

char *
model_fixture_read (ModelFixture *fixture,
                    const char   *name,
                    gsize        *length)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  char *text;

  g_assert_true (g_file_get_contents (path, &text, length, NULL));
  return text;
}

void
model_fixture_write (ModelFixture *fixture,
                     const char   *name,
                     const char   *text)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

void
model_fixture_remove (ModelFixture *fixture,
                      const char   *name)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

  g_assert_cmpint (g_unlink (path), ==, 0);
}

void
model_fixture_change (ModelFixture      *fixture,
                      ModelFixtureChange change)
{
  g_autofree char *path = g_build_filename (fixture->folder, "model.safetensors", NULL);
  g_autoptr (AttuneSafetensors) file = attune_safetensors_open (path, NULL);
  g_autoptr (GArray) views = g_array_new (FALSE, FALSE, sizeof (AttuneTensorView));
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < attune_safetensors_get_n_tensors (file); i++)
    {
      AttuneTensorView view = *attune_safetensors_get_tensor (file, i);
      char *name = g_strdup (view.name);
      gboolean keep = change (&view, &name);

      g_ptr_array_add (names, name);
      view.name = name;
      if (keep)
        g_array_append_val (views, view);
    }
  g_assert_true (attune_safetensors_write (path, (AttuneTensorView *) views->data, views->len, NULL,
                                           NULL));
}

/* Nothing temporary and nothing half-made beside the model. */
void
model_fixture_assert_only_model (ModelFixture *fixture)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->root, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    g_assert_cmpstr (name, ==, "model");
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Setup page where the plug-in for CUDA is installed and the driver, the stub of the engine's
 * tests, does not let it compute. The loader decides once for a process, hence a program of its
 * own.
 */
#include "config.h"

#include "app-fixture.h"

#include <string.h>
#include <unistd.h>

#include "attune-setup-page.h"

static gboolean
is_revealed (gpointer banner)
{
  return adw_banner_get_revealed (banner);
}

static void
install_engine (const char *folder, const char *file)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);

  g_assert_cmpint (symlink (g_getenv ("ATTUNE_FAKE_ENGINE"), path), ==, 0);
}

static void
test_the_banner_says_why (void)
{
  g_autoptr (GFile) inside = NULL;
  g_autofree char *folder = NULL;
  AttuneTrainer *trainer;
  AttuneProject *project;
  GtkWidget *window, *page;

  if (!app_fixture_use_engine (""))
    return;
  inside = app_fixture_write_file ("engines", "", 0);
  folder = g_path_get_dirname (g_file_peek_path (inside));
  install_engine (folder, "attune-engine-cuda.so");
  install_engine (folder, "attune-engine-cpu.so");
  g_unsetenv ("ATTUNE_ENGINE");
  trainer = attune_trainer_new (folder);
  project = app_fixture_create_draft (trainer, 24);
  page = g_object_ref_sink (g_object_new (ATTUNE_TYPE_SETUP_PAGE, "project", project, NULL));
  window = gtk_window_new ();
  gtk_window_set_child (GTK_WINDOW (window), page);
  gtk_window_present (GTK_WINDOW (window));

  app_fixture_wait (is_revealed, app_fixture_get_child (page, "banner"));
  g_assert_nonnull (strstr (adw_banner_get_title (app_fixture_get_child (page, "banner")),
                            "Restart the computer"));
  app_fixture_wait_loaded (project);
  gtk_window_destroy (GTK_WINDOW (window));
  app_fixture_release (page);
  app_fixture_end (trainer, project);
}

int
main (int argc, char *argv[])
{
  app_fixture_init (&argc, &argv);
  g_test_add_func ("/setup-page/says-why-not-the-card", test_the_banner_says_why);
  return app_fixture_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A machine with the plug-in for CUDA whose driver, the stub of the engine's tests, does not let it
 * compute. What attune-cli devices and a run say of it.
 */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "cli-fixture.h"

static void
install_both_engines (CliFixture *fixture)
{
  static const char * const files[] = { "attune-engine-cuda.so", "attune-engine-cpu.so" };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (fixture->folder, files[i], NULL);

      g_assert_cmpint (symlink (g_getenv ("ATTUNE_FAKE_ENGINE"), path), ==, 0);
    }
  g_subprocess_launcher_unsetenv (fixture->launcher, "ATTUNE_ENGINE");
  g_subprocess_launcher_setenv (fixture->launcher, "ATTUNE_ENGINE_DIR", fixture->folder, TRUE);
  g_subprocess_launcher_setenv (fixture->launcher, "LD_LIBRARY_PATH",
                                g_getenv ("ATTUNE_STUB_DRIVER"), TRUE);
  g_subprocess_launcher_setenv (fixture->launcher, "ATTUNE_STUB_STATUS", "803", TRUE);
}

static void
test_devices_say_why (CliFixture   *fixture,
                      gconstpointer data)
{
  g_autoptr (CliResult) words = NULL;
  g_autoptr (CliResult) json = NULL;

  install_both_engines (fixture);
  words = cli_fixture_run (fixture, NULL, 0, "devices");
  json = cli_fixture_run (fixture, NULL, 0, "devices --json");
  g_assert_cmpint (words->exit, ==, 0);
  g_assert_cmpint (json->exit, ==, 0);
  g_assert_true (g_str_has_prefix (words->out, "cpu "));
  g_assert_nonnull (strstr (words->out, "Restart the computer"));
  g_assert_nonnull (strstr (json->out, "\"notice\":\"Training on the processor"));
}

static void
test_run_warns (CliFixture   *fixture,
                gconstpointer data)
{
  static const char * const devices[] = { "auto", "cpu" };

  install_both_engines (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (devices); i++)
    {
      g_autofree char *arguments =
        g_strdup_printf ("train --data data.csv --model model --output run-%s --set device=%s "
                         "--set max_steps=2 --json", devices[i], devices[i]);
      g_autoptr (CliResult) train = cli_fixture_run (fixture, NULL, 0, arguments);

      if (train->exit != 0)
        g_error ("exit %d: %s", train->exit, train->err);
      /* Who asks for the processor has nothing to be told. */
      g_assert_cmpint (strstr (train->out, "graphics-card-unused") != NULL, ==, i == 0);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/cli/devices/say-why-not-the-card", CliFixture, "fake", cli_fixture_set_up,
              test_devices_say_why, cli_fixture_tear_down);
  g_test_add ("/cli/devices/run-warns", CliFixture, "fake", cli_fixture_set_up,
              test_run_warns, cli_fixture_tear_down);
  return g_test_run ();
}

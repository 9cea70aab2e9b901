/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli compare: runs that were trained a moment ago, as text and as JSON, and what it refuses.
 */
#include "config.h"

#include <string.h>
#include <yyjson.h>

#include "cli-fixture.h"

static void
train (CliFixture *fixture,
       const char *name,
       const char *settings)
{
  g_autofree char *arguments =
    g_strdup_printf ("train --data data.csv --validation data.csv --model model --output %s "
                     "--set max_steps=3 %s --json", name, settings);
  g_autoptr (CliResult) result = cli_fixture_run (fixture, NULL, 0, arguments);

  if (result->exit != 0)
    g_error ("exit %d: %s", result->exit, result->err);
}

static void
test_runs_side_by_side (CliFixture   *fixture,
                        gconstpointer data)
{
  g_autoptr (CliResult) words = NULL;
  g_autoptr (CliResult) json = NULL;
  yyjson_doc *document;
  yyjson_val *root;

  train (fixture, "one", "--set seed=1");
  train (fixture, "two", "--set seed=2");
  train (fixture, "three", "--set seed=1 --set learning_rate=0.001");
  words = cli_fixture_run (fixture, NULL, 0, "compare one two three");
  g_assert_cmpint (words->exit, ==, 0);
  g_assert_nonnull (strstr (words->out, "Settings That Differ"));
  g_assert_nonnull (strstr (words->out, "Learning Rate"));
  g_assert_nonnull (strstr (words->out, "(A, B): accuracy"));
  g_assert_nonnull (strstr (words->out, "B against A: "));

  json = cli_fixture_run (fixture, NULL, 0, "compare --json one two three");
  g_assert_cmpint (json->exit, ==, 0);
  document = yyjson_read (json->out, strlen (json->out), YYJSON_READ_NOFLAG);
  g_assert_nonnull (document);
  root = yyjson_doc_get_root (document);
  g_assert_cmpuint (yyjson_arr_size (yyjson_obj_get (root, "runs")), ==, 3);
  g_assert_cmpuint (yyjson_arr_size (yyjson_obj_get (root, "groups")), ==, 2);
  g_assert_cmpuint (yyjson_arr_size (yyjson_obj_get (root, "tests")), ==, 3);
  g_assert_cmpuint (yyjson_arr_size (yyjson_obj_get (root, "differences")), ==, 1);
  g_assert_nonnull (yyjson_obj_get (yyjson_obj_get (root, "settings"), "seed"));
  yyjson_doc_free (document);
}

static void
test_refused (CliFixture   *fixture,
              gconstpointer data)
{
  train (fixture, "one", "");
  cli_fixture_refuse (fixture, 2, "2 to 24 runs", "compare one");
  cli_fixture_refuse (fixture, 2, "named twice", "compare one ./one");
  cli_fixture_refuse (fixture, 1, "nowhere", "compare one nowhere");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/cli/compare/side-by-side", CliFixture, "fake", cli_fixture_set_up,
              test_runs_side_by_side, cli_fixture_tear_down);
  g_test_add ("/cli/compare/refused", CliFixture, "fake", cli_fixture_set_up,
              test_refused, cli_fixture_tear_down);
  return g_test_run ();
}

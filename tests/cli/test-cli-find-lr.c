/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli find-lr: the rates and their losses, the suggestion or why there is none, and that
 * nothing is left behind.
 */
#include "config.h"

#include <signal.h>
#include <string.h>

#include <yyjson.h>

#include "cli-fixture.h"

#define FIND "find-lr --model model --data data.csv --set per_device_train_batch_size=4 "

static void
assert_exit (const CliResult *result,
             int              exit)
{
  if (result->exit != exit)
    g_error ("exit %d, not %d: %s", result->exit, exit, result->err);
}

static void
test_prints_a_table (CliFixture   *fixture,
                     gconstpointer data)
{
  guint before = cli_fixture_count (fixture, ".");
  g_autoptr (CliResult) found = cli_fixture_run (fixture, NULL, 0, FIND "--to 0.001 --steps 40");
  g_auto (GStrv) lines = NULL;

  assert_exit (found, 0);
  lines = g_strsplit (g_strchomp (found->out), "\n", 0);
  g_assert_nonnull (strstr (lines[0], "Learning Rate"));
  g_assert_cmpuint (strlen (lines[0]), ==, strlen (lines[1]));
  g_assert_true (g_str_has_prefix (g_strstrip (lines[1]), "1e-06 "));
  g_assert_true (g_str_has_suffix (lines[g_strv_length (lines) - 1], "."));
  g_assert_cmpuint (cli_fixture_count (fixture, "."), ==, before);
}

static void
test_prints_json (CliFixture   *fixture,
                  gconstpointer data)
{
  g_autoptr (CliResult) found = cli_fixture_run (fixture, NULL, 0,
                                                 FIND "--from 1e-6 --to 0.01 --steps 30 --json");
  g_auto (GStrv) lines = NULL;
  double before = 0;

  assert_exit (found, 0);
  lines = g_strsplit (g_strchomp (found->out), "\n", 0);
  g_assert_cmpuint (g_strv_length (lines), >=, 2);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      yyjson_doc *document = yyjson_read (lines[i], strlen (lines[i]), 0);
      yyjson_val *root = yyjson_doc_get_root (document);
      const char *event = yyjson_get_str (yyjson_obj_get (root, "event"));
      yyjson_val *rate = yyjson_obj_get (root, "learning_rate");

      g_assert_nonnull (root);
      if (lines[i + 1] == NULL)
        {
          const char *verdict = yyjson_get_str (yyjson_obj_get (root, "verdict"));

          g_assert_cmpstr (event, ==, "suggestion");
          g_assert_nonnull (yyjson_get_str (yyjson_obj_get (root, "message")));
          g_assert_true (yyjson_is_null (rate) == (g_strcmp0 (verdict, "found") != 0));
        }
      else
        {
          g_assert_cmpstr (event, ==, "point");
          g_assert_cmpint (yyjson_get_sint (yyjson_obj_get (root, "step")), ==, i + 1);
          g_assert_true (yyjson_is_num (yyjson_obj_get (root, "smoothed_loss")));
          g_assert_cmpfloat (yyjson_get_num (rate), >, before);
          before = yyjson_get_num (rate);
        }
      yyjson_doc_free (document);
    }
}

static void
test_refuses (CliFixture   *fixture,
              gconstpointer data)
{
  cli_fixture_refuse (fixture, 2, "needs --data and --model", "find-lr --data data.csv");
  cli_fixture_refuse (fixture, 2, "from a smaller to a larger", FIND "--from 1e-3 --to 1e-4");
  cli_fixture_refuse (fixture, 2, "from a smaller to a larger", FIND "--to 7");
  cli_fixture_refuse (fixture, 2, "from a smaller to a larger", FIND "--from nan");
  cli_fixture_refuse (fixture, 2, "to 1000 steps", FIND "--steps 5");
  cli_fixture_refuse (fixture, 2, "--steps must not", FIND "--steps -5");
  cli_fixture_refuse (fixture, 2, "wild", FIND "--set wild=1");
  cli_fixture_refuse (fixture, 1, "there-is-none",
                      "find-lr --model there-is-none --data data.csv");
}

static void
test_can_be_interrupted (CliFixture   *fixture,
                         gconstpointer data)
{
  guint before = cli_fixture_count (fixture, ".");
  g_autoptr (GSubprocess) program = NULL;
  g_autoptr (GDataInputStream) out = NULL;
  g_autofree char *line = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_setenv (fixture->launcher, "ATTUNE_FAKE_SCRIPT", "slow=20ms", TRUE);
  program = cli_fixture_spawn (fixture, FIND "--json");
  out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (program));
  line = g_data_input_stream_read_line (out, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (line, "\"point\""));
  g_subprocess_send_signal (program, SIGINT);
  g_assert_true (g_subprocess_wait (program, NULL, NULL));
  g_assert_true (g_subprocess_get_if_exited (program));
  g_assert_cmpint (g_subprocess_get_exit_status (program), ==, 130);
  g_assert_cmpuint (cli_fixture_count (fixture, "."), ==, before);
}

static void
add (const char *path,
     void      (*function) (CliFixture *, gconstpointer))
{
  g_test_add (path, CliFixture, "fake", cli_fixture_set_up, function, cli_fixture_tear_down);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/cli/find-lr/prints-a-table", test_prints_a_table);
  add ("/cli/find-lr/prints-json", test_prints_json);
  add ("/cli/find-lr/refuses", test_refuses);
  add ("/cli/find-lr/can-be-interrupted", test_can_be_interrupted);

  return g_test_run ();
}

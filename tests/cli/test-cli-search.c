/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli search: a run for each combination and seed, all measured on the same texts; what it
 * says at the end; that an interrupted one goes on, and what stands in its way.
 */
#include "config.h"

#include <signal.h>
#include <string.h>

#include <yyjson.h>

#include "cli-fixture.h"

#define SEARCH                                                                                     \
  "search --model model --data data.csv --output found --set per_device_train_batch_size=4 "
#define GRID SEARCH "--grid learning_rate=0.001,0.01 --seeds 2 --set num_train_epochs=1 "
#define FIRST "learning_rate=0.001,seed=42"

static void
assert_exit (const CliResult *result,
             int              exit)
{
  if (result->exit != exit)
    g_error ("exit %d, not %d: %s", result->exit, exit, result->err);
}

static guint
count (const char *text,
       const char *part)
{
  guint n = 0;

  for (; (text = strstr (text, part)) != NULL; text += strlen (part))
    n++;
  return n;
}

/* (transfer full): what run.json of a run says under two keys */
static char *
dup_recorded (CliFixture *fixture,
              const char *run,
              const char *first,
              const char *second)
{
  g_autofree char *path = g_build_filename ("found", run, "run.json", NULL);
  gsize length;
  g_autofree char *json = cli_fixture_read (fixture, path, &length);
  yyjson_doc *document = yyjson_read (json, length, 0);
  yyjson_val *value = yyjson_obj_get (yyjson_obj_get (yyjson_doc_get_root (document), first), second);
  char *written = yyjson_val_write (value, 0, NULL);
  char *copy = g_strdup (written);

  free (written);
  yyjson_doc_free (document);
  return copy;
}

static void
test_every_combination (CliFixture   *fixture,
                        gconstpointer data)
{
  g_autoptr (CliResult) search = cli_fixture_run (fixture, NULL, 0, GRID "--title Try");
  g_auto (GStrv) lines = NULL;
  g_autofree char *seed = NULL, *split = NULL, *record = NULL;
  gsize length;

  assert_exit (search, 0);
  g_assert_cmpuint (cli_fixture_count (fixture, "found"), ==, 4);
  lines = g_strsplit (g_strchomp (search->out), "\n", 0);
  g_assert_cmpuint (g_strv_length (lines), ==, 4);
  g_assert_nonnull (strstr (lines[0], "Settings"));
  g_assert_true (g_str_has_prefix (lines[1], "learning_rate 0.0"));
  g_assert_true (g_str_has_prefix (lines[2], "learning_rate 0.0"));
  g_assert_true (g_str_has_prefix (lines[3], "The first leads the second by "));
  g_assert_cmpuint (strlen (lines[0]), ==, strlen (lines[1]));
  g_assert_nonnull (strstr (search->err, "Run 4 of 4: learning_rate 0.01, seed 43\n"));

  seed = dup_recorded (fixture, "learning_rate=0.01,seed=43", "config", "seed");
  split = dup_recorded (fixture, "learning_rate=0.01,seed=43", "config", "split_seed");
  g_assert_cmpstr (seed, ==, "43");
  g_assert_cmpstr (split, ==, "42");
  record = cli_fixture_read (fixture, "found/" FIRST "/run.json", &length);
  g_assert_nonnull (strstr (record, "\"Try: learning_rate 0.001, seed 42\""));
}

/* Whichever seed, the same texts are held out, so that the numbers can be held against each other. */
static void
test_can_be_compared (CliFixture   *fixture,
                      gconstpointer data)
{
  g_autoptr (CliResult) search = cli_fixture_run (fixture, NULL, 0, GRID);
  g_autoptr (CliResult) compare
    = cli_fixture_run (fixture, NULL, 0, "compare found/learning_rate=0.001,seed=42 "
                       "found/learning_rate=0.001,seed=43 found/learning_rate=0.01,seed=42");

  assert_exit (search, 0);
  assert_exit (compare, 0);
  g_assert_nonnull (strstr (compare->out, "(A, B): accuracy"));
  g_assert_nonnull (strstr (compare->out, "B against A: "));
  g_assert_null (strstr (compare->out, "cannot be compared"));
}

static void
test_each_line_names_its_run (CliFixture   *fixture,
                              gconstpointer data)
{
  g_autoptr (CliResult) search = cli_fixture_run (fixture, NULL, 0, GRID "--json");
  g_auto (GStrv) lines = NULL;
  guint n;
  yyjson_doc *document;
  yyjson_val *results, *best;
  double means[2];

  assert_exit (search, 0);
  lines = g_strsplit (g_strchomp (search->out), "\n", 0);
  n = g_strv_length (lines);
  for (guint i = 0; i + 1 < n; i++)
    {
      document = yyjson_read (lines[i], strlen (lines[i]), 0);
      g_assert_nonnull (document);
      g_assert_true (yyjson_is_str (yyjson_obj_get (yyjson_doc_get_root (document), "run")));
      g_assert_true (yyjson_is_str (yyjson_obj_get (yyjson_doc_get_root (document), "event")));
      yyjson_doc_free (document);
    }
  g_assert_cmpuint (count (search->out, "{\"run\":\"" FIRST "\",\"event\":\"run_finished\""), ==, 1);
  document = yyjson_read (lines[n - 1], strlen (lines[n - 1]), 0);
  results = yyjson_obj_get (yyjson_doc_get_root (document), "results");
  g_assert_cmpuint (yyjson_arr_size (results), ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      best = yyjson_arr_get (results, i);
      g_assert_cmpuint (yyjson_arr_size (yyjson_obj_get (best, "runs")), ==, 2);
      means[i] = yyjson_get_num (yyjson_obj_get (yyjson_obj_get (best, "accuracy"), "mean"));
    }
  g_assert_cmpfloat (means[0], >=, means[1]);
  yyjson_doc_free (document);
}

static void
test_finished_runs_stay (CliFixture   *fixture,
                         gconstpointer data)
{
  g_autoptr (CliResult) once = cli_fixture_run (fixture, NULL, 0, GRID);
  g_autoptr (CliResult) twice = NULL, more = NULL;
  g_autofree char *before = NULL, *after = NULL;
  gsize length;

  assert_exit (once, 0);
  before = cli_fixture_read (fixture, "found/" FIRST "/events.jsonl", &length);
  twice = cli_fixture_run (fixture, NULL, 0, GRID);
  assert_exit (twice, 0);
  g_assert_cmpstr (twice->out, ==, once->out);
  g_assert_cmpuint (count (twice->err, "(finished earlier)"), ==, 4);
  /* A wider grid makes only what is not there. */
  more = cli_fixture_run (fixture, NULL, 0, GRID "--seeds 3");
  assert_exit (more, 0);
  g_assert_cmpuint (count (more->err, "(finished earlier)"), ==, 4);
  g_assert_cmpuint (cli_fixture_count (fixture, "found"), ==, 6);
  after = cli_fixture_read (fixture, "found/" FIRST "/events.jsonl", &length);
  g_assert_cmpstr (before, ==, after);
}

/* Waits until the second run has taken a few steps. */
static void
read_to_the_second_run (GDataInputStream *out)
{
  for (int steps = 0; steps < 3;)
    {
      g_autofree char *line = g_data_input_stream_read_line (out, NULL, NULL, NULL);

      g_assert_nonnull (line);
      steps += g_str_has_prefix (line, "{\"run\":\"learning_rate=0.001,seed=43\",\"event\":\"step\"");
    }
}

static void
test_goes_on_where_it_was_interrupted (CliFixture   *fixture,
                                       gconstpointer data)
{
  const char *command = GRID "--json --set max_steps=12";
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GDataInputStream) out = NULL;
  g_autoptr (CliResult) further = NULL;
  g_autofree char *first = NULL, *after = NULL, *events = NULL;
  gsize length;
  char *line;

  g_subprocess_launcher_setenv (fixture->launcher, "ATTUNE_FAKE_SCRIPT", "slow=20ms", TRUE);
  process = cli_fixture_spawn (fixture, command);
  out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  read_to_the_second_run (out);
  g_subprocess_send_signal (process, SIGTERM);
  while ((line = g_data_input_stream_read_line (out, NULL, NULL, NULL)) != NULL)
    g_free (line);
  g_assert_true (g_subprocess_wait (process, NULL, NULL));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 130);
  g_assert_cmpuint (cli_fixture_count (fixture, "found"), ==, 2);
  first = cli_fixture_read (fixture, "found/" FIRST "/events.jsonl", &length);

  further = cli_fixture_run (fixture, NULL, 0, command);
  assert_exit (further, 0);
  g_assert_null (strstr (further->out, "{\"run\":\"" FIRST "\""));
  after = cli_fixture_read (fixture, "found/" FIRST "/events.jsonl", &length);
  g_assert_cmpstr (first, ==, after);
  g_assert_cmpuint (count (further->out, "\"event\":\"run_finished\""), ==, 3);
  /* The second run took the steps that were left, and has each of them once. */
  events = cli_fixture_read (fixture, "found/learning_rate=0.001,seed=43/events.jsonl", &length);
  g_assert_cmpuint (count (events, "\"event\":\"step\""), ==, 12);
  g_assert_cmpuint (count (further->out,
                           "{\"run\":\"learning_rate=0.001,seed=43\",\"event\":\"step\""), <, 12);
}

static void
test_one_that_fails_leaves_the_others (CliFixture   *fixture,
                                       gconstpointer data)
{
  g_autoptr (CliResult) search = NULL;
  g_auto (GStrv) lines = NULL;

  g_subprocess_launcher_setenv (fixture->launcher, "ATTUNE_FAKE_SCRIPT", "nan@5", TRUE);
  search = cli_fixture_run (fixture, NULL, 0, SEARCH "--grid max_steps=8,3");
  assert_exit (search, 1);
  lines = g_strsplit (search->out, "\n", 0);
  g_assert_true (g_str_has_prefix (lines[1], "max_steps 3 "));
  g_assert_true (g_str_has_prefix (lines[2], "max_steps 8 "));
  g_assert_nonnull (strstr (lines[2], "–"));
}

static void
test_a_broken_engine_ends_it (CliFixture   *fixture,
                              gconstpointer data)
{
  g_autoptr (CliResult) search = NULL;

  g_subprocess_launcher_setenv (fixture->launcher, "ATTUNE_FAKE_SCRIPT", "fail@2", TRUE);
  search = cli_fixture_run (fixture, NULL, 0, SEARCH "--grid max_steps=8,3");
  assert_exit (search, 1);
  g_assert_nonnull (strstr (search->err, "Run 1 of 2"));
  g_assert_null (strstr (search->err, "Run 2 of 2"));
}

static void
test_refused (CliFixture   *fixture,
              gconstpointer data)
{
  g_autoptr (CliResult) search = NULL;

  cli_fixture_refuse (fixture, 2, "needs --data, --model and --output", "search --grid a=1");
  cli_fixture_refuse (fixture, 2, "needs --grid, or --seeds above 1", SEARCH);
  cli_fixture_refuse (fixture, 2, "--seeds must be 1 or more", SEARCH "--seeds 0");
  cli_fixture_refuse (fixture, 2, "not “learning_rate”", SEARCH "--grid learning_rate");
  cli_fixture_refuse (fixture, 2, "did you mean learning_rate", SEARCH "--grid learningrate=1");
  cli_fixture_refuse (fixture, 2, "not 7", SEARCH "--grid learning_rate=0.1,7");
  cli_fixture_refuse (fixture, 2, "at most 100 runs", SEARCH "--seeds 101");
  cli_fixture_refuse (fixture, 2, "10 warm-up steps do not fit",
                      SEARCH "--grid max_steps=50,5 --set warmup_steps=10");
  cli_fixture_refuse (fixture, 1, "model", "search --data data.csv --model nowhere --output found "
                      "--seeds 2");

  search = cli_fixture_run (fixture, NULL, 0, GRID);
  assert_exit (search, 0);
  cli_fixture_refuse (fixture, 2, "with another weight_decay", GRID "--set weight_decay=0.5");
  cli_fixture_refuse (fixture, 2, "with other data", GRID "--limit 15");
  cli_fixture_refuse (fixture, 2, "with other data", GRID "--rename-label good=fine");
  cli_fixture_refuse (fixture, 2, "with other data", GRID "--validation data.csv");
  cli_fixture_refuse (fixture, 2, "of another model", GRID "--model ./model");
  cli_fixture_write (fixture, "data.csv", "text,label\na,good\nb,bad\nc,good\nd,bad\n", -1);
  cli_fixture_refuse (fixture, 2, "with other data", GRID);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, engine, test) \
  g_test_add ("/cli/search/" name, CliFixture, engine, cli_fixture_set_up, test, \
              cli_fixture_tear_down)
  /* With the real engine where there is one: the weights are small enough. */
  if (g_strcmp0 (g_getenv ("ATTUNE_CLI_ENGINE"), "torch") == 0)
    {
      ADD ("real", "torch", test_every_combination);
      return g_test_run ();
    }
  ADD ("combinations", "fake", test_every_combination);
  ADD ("compared", "fake", test_can_be_compared);
  ADD ("json", "fake", test_each_line_names_its_run);
  ADD ("finished", "fake", test_finished_runs_stay);
  ADD ("goes-on", "fake", test_goes_on_where_it_was_interrupted);
  ADD ("one-fails", "fake", test_one_that_fails_leaves_the_others);
  ADD ("broken", "fake", test_a_broken_engine_ends_it);
  ADD ("refused", "fake", test_refused);
  return g_test_run ();
}

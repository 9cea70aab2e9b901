/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli resume: what it goes on with, what it refuses and in which words, and that the data is
 * read as the run's record says, whatever was done to it.
 */
#include "config.h"

#include <string.h>

#include "cli-fixture.h"

#define TRAIN "train --model model --output run --json --set per_device_train_batch_size=2 "

static void
assert_exit (const CliResult *result,
             int              exit)
{
  if (result->exit != exit)
    g_error ("exit %d: %s", result->exit, result->err);
}

static void
write_numbers (CliFixture *fixture,
               const char *name)
{
  g_autoptr (GString) csv = g_string_new ("text,label\n");

  for (guint i = 0; i < 24; i++)
    g_string_append_printf (csv, "word%u of text,%u\n", i, i % 3);
  cli_fixture_write (fixture, name, csv->str, -1);
}

static void
test_goes_on_and_says_where_from (CliFixture    *fixture,
                                  gconstpointer  data)
{
  g_autoptr (CliResult) train = cli_fixture_run (fixture, NULL, 0, TRAIN "--data data.csv "
                                                 "--set max_steps=3 --set save_steps=2");
  g_autoptr (CliResult) finished = NULL, further = NULL, less = NULL;
  g_autofree char *events = NULL;
  gsize length;

  assert_exit (train, 0);
  finished = cli_fixture_run (fixture, NULL, 0, "resume run");
  assert_exit (finished, 0);
  g_assert_nonnull (strstr (finished->err, "is finished"));
  further = cli_fixture_run (fixture, NULL, 0, "resume --json run --set max_steps=5");
  assert_exit (further, 0);
  g_assert_nonnull (strstr (further->out, "\"event\":\"run_started\""));
  g_assert_nonnull (strstr (further->out, "\"step\":3,"));
  g_assert_nonnull (strstr (further->out, "\"event\":\"run_finished\""));
  events = cli_fixture_read (fixture, "run/events.jsonl", &length);
  g_assert_cmpuint (g_strrstr (events, "run_finished") - events, >,
                    strstr (events, "run_started") - events);
  g_assert_true (strstr (events, "run_finished") == g_strrstr (events, "run_finished"));
  less = cli_fixture_run (fixture, NULL, 0, "resume run --set max_steps=2");
  assert_exit (less, 2);
  g_assert_nonnull (strstr (less->err, "5 steps already"));
}

static void
test_refuses (CliFixture    *fixture,
              gconstpointer  data)
{
  g_autoptr (CliResult) train = NULL;

  write_numbers (fixture, "numbers.csv");
  train = cli_fixture_run (fixture, NULL, 0, TRAIN "--data numbers.csv --set max_steps=2");
  assert_exit (train, 0);
  cli_fixture_refuse (fixture, 2, "folder of one run", "resume");
  cli_fixture_refuse (fixture, 1, "run.json", "resume model");
  cli_fixture_refuse (fixture, 2, "learning_rate cannot change", "resume run --set learning_rate=1");
  cli_fixture_refuse (fixture, 2, "seed cannot change", "resume run --set seed=1");
  cli_fixture_write (fixture, "numbers.csv", "text,label\na,0\nb,1\nc,2\n", -1);
  cli_fixture_refuse (fixture, 3, "has changed since the run began", "resume run --set max_steps=4");
}

static void
test_reads_the_data_as_it_was_amended (CliFixture    *fixture,
                                       gconstpointer  data)
{
  g_autoptr (CliResult) train = NULL, further = NULL;

  write_numbers (fixture, "numbers.csv");
  cli_fixture_write (fixture, "names.txt", "bad\ngood\nodd\n", -1);
  train = cli_fixture_run (fixture, NULL, 0, TRAIN "--data numbers.csv --label-names names.txt "
                           "--merge-labels odd=good --rename-label bad=poor --set max_steps=2");
  assert_exit (train, 0);
  further = cli_fixture_run (fixture, NULL, 0, "resume --json run --set max_steps=4");
  assert_exit (further, 0);
  g_assert_nonnull (strstr (further->out, "\"classes\":[\"poor\",\"good\"]"));
}

static void
test_begins_another_run_with_the_weights (CliFixture    *fixture,
                                          gconstpointer  data)
{
  g_autoptr (CliResult) train = cli_fixture_run (fixture, NULL, 0, TRAIN "--data data.csv "
                                                 "--set max_steps=2");
  g_autoptr (CliResult) again = NULL;
  g_autofree char *record = NULL;
  gsize length;

  assert_exit (train, 0);
  again = cli_fixture_run (fixture, NULL, 0, "train --model run --data data.csv --output second "
                                             "--set max_steps=1");
  assert_exit (again, 0);
  record = cli_fixture_read (fixture, "second/run.json", &length);
  g_assert_nonnull (strstr (record, "run/best\""));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) \
  g_test_add ("/cli/resume/" name, CliFixture, "fake", cli_fixture_set_up, test, \
              cli_fixture_tear_down)
  ADD ("goes-on", test_goes_on_and_says_where_from);
  ADD ("refuses", test_refuses);
  ADD ("amended", test_reads_the_data_as_it_was_amended);
  ADD ("weights", test_begins_another_run_with_the_weights);
  return g_test_run ();
}

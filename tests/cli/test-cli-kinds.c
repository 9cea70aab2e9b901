/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pairs of texts, texts with several labels and changed labels through the command line, on the fake
 * engine.
 */
#include "config.h"

#include <string.h>

#include "cli-fixture.h"

#define TRAIN " --model model --output run --set per_device_train_batch_size=4 "

static void
assert_done (CliResult *result)
{
  if (result->exit != 0)
    g_error ("exit %d: %s", result->exit, result->err);
}

static void
write_pairs (CliFixture *fixture)
{
  g_autoptr (GString) csv = g_string_new ("sentence1,sentence2,label\n");

  for (guint i = 0; i < 24; i++)
    g_string_append_printf (csv, "the first text %u,the second text %u,%s\n", i, i * 7 % 24,
                            i % 2 == 0 ? "same" : "other");
  cli_fixture_write (fixture, "pairs.csv", csv->str, -1);
}

static void
write_sets (CliFixture *fixture)
{
  g_autoptr (GString) csv = g_string_new ("text,label\n");

  for (guint i = 0; i < 24; i++)
    g_string_append_printf (csv, "a text that is %u,%s\n", i,
                            i % 3 == 0 ? "0|1" : i % 3 == 1 ? "0" : "1");
  cli_fixture_write (fixture, "sets.csv", csv->str, -1);
  cli_fixture_write (fixture, "names.txt", "joy\nfear\n", -1);
}

static void
test_pairs (CliFixture   *fixture,
            gconstpointer data)
{
  g_autoptr (CliResult) train = NULL, evaluate = NULL, argument = NULL, json = NULL, tabs = NULL;
  g_autofree char *record = NULL;
  gsize length;

  write_pairs (fixture);
  train = cli_fixture_run (fixture, NULL, 0, "train --data pairs.csv" TRAIN);
  assert_done (train);
  record = cli_fixture_read (fixture, "run/run.json", &length);
  g_assert_nonnull (strstr (record, "\"text_pair_column\": \"sentence2\""));
  evaluate = cli_fixture_run (fixture, NULL, 0, "evaluate --run run --data pairs.csv");
  assert_done (evaluate);
  argument = cli_fixture_run (fixture, NULL, 0, "classify --run run --pair two one");
  assert_done (argument);
  g_assert_true (g_str_has_prefix (argument->out, "{\"text\":\"one\",\"pair\":\"two\",\"label\":"));
  json = cli_fixture_run (fixture, "{\"text\":\"one\",\"pair\":\"two\"}\n", -1,
                          "classify --run run");
  assert_done (json);
  g_assert_cmpstr (json->out, ==, argument->out);
  tabs = cli_fixture_run (fixture, "one\ttwo\n", -1, "classify --run run");
  assert_done (tabs);
  g_assert_cmpstr (tabs->out, ==, argument->out);

  cli_fixture_refuse (fixture, 2, "--pair", "classify --run run one");
  cli_fixture_refuse (fixture, 2, "--pair", "classify --run run --pair two");
}

static void
test_half_a_pair_is_refused (CliFixture   *fixture,
                             gconstpointer data)
{
  g_autoptr (CliResult) train = NULL, line = NULL, json = NULL;

  write_pairs (fixture);
  train = cli_fixture_run (fixture, NULL, 0, "train --data pairs.csv" TRAIN);
  assert_done (train);
  line = cli_fixture_run (fixture, "a\tb\nalone\n", -1, "classify --run run");
  g_assert_cmpint (line->exit, ==, 3);
  g_assert_nonnull (strstr (line->err, "line 2"));
  /* The line before it has its answer. */
  g_assert_true (g_str_has_prefix (line->out, "{\"text\":\"a\",\"pair\":\"b\""));
  json = cli_fixture_run (fixture, "{\"text\":\"alone\"}\n", -1, "classify --run run");
  g_assert_cmpint (json->exit, ==, 3);
  g_assert_nonnull (strstr (json->err, "pair"));
}

static void
test_several_labels (CliFixture   *fixture,
                     gconstpointer data)
{
  g_autoptr (CliResult) inspect = NULL, train = NULL, evaluate = NULL, classify = NULL;
  g_autofree char *config = NULL;
  gsize length;

  write_sets (fixture);
  inspect = cli_fixture_run (fixture, NULL, 0,
                             "inspect --data sets.csv --label-names names.txt --json");
  assert_done (inspect);
  g_assert_nonnull (strstr (inspect->out, "\"task\":\"multi\""));
  g_assert_nonnull (strstr (inspect->out, "\"label_separator\":\"|\""));
  g_assert_nonnull (strstr (inspect->out, "\"labels\":{\"joy\":16,\"fear\":16}"));
  g_assert_nonnull (strstr (inspect->out, "several-labels"));
  train = cli_fixture_run (fixture, NULL, 0,
                           "train --data sets.csv --label-names names.txt" TRAIN);
  assert_done (train);
  g_assert_nonnull (strstr (train->out, "micro-F1"));
  config = cli_fixture_read (fixture, "run/best/config.json", &length);
  g_assert_nonnull (strstr (config, "multi_label_classification"));
  evaluate = cli_fixture_run (fixture, NULL, 0, "evaluate --run run --data sets.csv --json");
  assert_done (evaluate);
  g_assert_nonnull (strstr (evaluate->out, "\"eval_f1_micro\":"));
  g_assert_null (strstr (evaluate->out, "\"eval_mcc\":"));
  classify = cli_fixture_run (fixture, NULL, 0, "classify --run run \"a text\"");
  assert_done (classify);
  g_assert_true (g_str_has_prefix (classify->out, "{\"text\":\"a text\",\"labels\":["));
  cli_fixture_refuse (fixture, 2, "--pair", "classify --run run --pair b a");
}

static void
test_kinds_are_chosen (CliFixture   *fixture,
                       gconstpointer data)
{
  g_autoptr (CliResult) single = NULL, flags = NULL;

  write_sets (fixture);
  single = cli_fixture_run (fixture, NULL, 0, "inspect --data sets.csv --task single --json");
  assert_done (single);
  g_assert_nonnull (strstr (single->out, "\"0|1\":8"));
  cli_fixture_write (fixture, "flags.csv", "text,a,b\nx y,1,0\nz w,1,1\n", -1);
  flags = cli_fixture_run (fixture, NULL, 0,
                           "inspect --data flags.csv --label-column a --label-column b --json");
  assert_done (flags);
  g_assert_nonnull (strstr (flags->out, "\"label_columns\":[\"a\",\"b\"]"));
  g_assert_nonnull (strstr (flags->out, "\"labels\":{\"a\":2,\"b\":1}"));

  cli_fixture_refuse (fixture, 2, "single or multi", "inspect --data sets.csv --task both");
  cli_fixture_refuse (fixture, 2, "--label-separator",
                      "inspect --data sets.csv --label-separator ab");
  cli_fixture_refuse (fixture, 2, "--task single",
                      "inspect --data sets.csv --task single --label-separator \"|\"");
  cli_fixture_refuse (fixture, 1, "names.txt",
                      "inspect --data sets.csv --label-names no-names.txt");
}

/* What a run did to labels holds for what it is measured on, too. */
static void
test_changed_labels (CliFixture   *fixture,
                     gconstpointer data)
{
  g_autoptr (GString) raw = g_string_new ("text,label\n"), numbers = g_string_new ("text,label\n");
  g_autoptr (CliResult) train = NULL, before = NULL, after = NULL;

  for (guint i = 0; i < 24; i++)
    {
      g_string_append_printf (raw, "a text that is %u,%s\n", i,
                              i % 3 == 0 ? "Good" : i % 3 == 1 ? "good" : "bad");
      g_string_append_printf (numbers, "a text that is %u,%u\n", i, i % 3);
    }
  cli_fixture_write (fixture, "raw.csv", raw->str, -1);
  cli_fixture_write (fixture, "numbers.csv", numbers->str, -1);
  cli_fixture_write (fixture, "after.csv", "text,label\none,good\ntwo,poor\nthree,good\n", -1);
  train = cli_fixture_run (fixture, NULL, 0, "train --data raw.csv --merge-labels Good=good "
                                             "--rename-label bad=poor" TRAIN);
  assert_done (train);
  before = cli_fixture_run (fixture, NULL, 0, "evaluate --run run --data raw.csv --json");
  assert_done (before);
  g_assert_nonnull (strstr (before->out, "\"label\":\"good\""));
  g_assert_nonnull (strstr (before->out, "\"support\":16"));
  g_assert_null (strstr (before->out, "\"label\":\"Good\""));
  after = cli_fixture_run (fixture, NULL, 0, "evaluate --run run --data after.csv");
  assert_done (after);
  /* Merging moved the ids, so a number says nothing any more. */
  cli_fixture_refuse (fixture, 3, "“0”", "evaluate --run run --data numbers.csv");
}

#define ADD(name, func)                                                                            \
  g_test_add ("/cli/kinds/" name, CliFixture, "fake", cli_fixture_set_up, func,                    \
              cli_fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("pairs", test_pairs);
  ADD ("half-a-pair-is-refused", test_half_a_pair_is_refused);
  ADD ("several-labels", test_several_labels);
  ADD ("kinds-are-chosen", test_kinds_are_chosen);
  ADD ("changed-labels", test_changed_labels);
  return g_test_run ();
}

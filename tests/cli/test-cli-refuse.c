/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bad input: one sentence, the exit code that says whose fault it is, and nothing half-written.
 */
#include "config.h"

#include <string.h>

#include "cli-fixture.h"

#define TRAIN "train --model model --output run --data "

static void
test_data (CliFixture   *fixture,
           gconstpointer data)
{
  cli_fixture_write (fixture, "empty.csv", "", 0);
  cli_fixture_write (fixture, "header.csv", "text,label\n", -1);
  cli_fixture_write (fixture, "one-class.csv", "text,label\na,good\nb,good\nc,good\n", -1);
  cli_fixture_write (fixture, "no-labels.csv", "text\ngood film\nbad film\nold film\n", -1);
  cli_fixture_write (fixture, "binary.csv", "text,label\na\x80\x81\0\xff\xfe\x90,b\0\n", 22);
  cli_fixture_write (fixture, "other.csv", "text,label\nfine,fine\ngood,good\nbad,bad\n", -1);

  cli_fixture_refuse (fixture, 3, "", TRAIN "empty.csv");
  cli_fixture_refuse (fixture, 3, "", TRAIN "header.csv");
  cli_fixture_refuse (fixture, 3, "good", TRAIN "one-class.csv");
  cli_fixture_refuse (fixture, 3, "label", TRAIN "no-labels.csv");
  cli_fixture_refuse (fixture, 3, "", TRAIN "binary.csv");
  cli_fixture_refuse (fixture, 3, "“mood”", TRAIN "data.csv --label-column mood");
  cli_fixture_refuse (fixture, 3, "fine", TRAIN "data.csv --validation other.csv");
  cli_fixture_refuse (fixture, 3, "", "inspect --data empty.csv");
  cli_fixture_refuse (fixture, 1, "nowhere.csv", TRAIN "nowhere.csv");
}

static void
test_settings (CliFixture   *fixture,
               gconstpointer data)
{
  cli_fixture_write (fixture, "bad.json", "{\"learning_rate\":", -1);
  cli_fixture_write (fixture, "unknown.json", "{\"learning_speed\": 1}", -1);

  cli_fixture_refuse (fixture, 2, "learning_speed", TRAIN "data.csv --set learning_speed=1");
  cli_fixture_refuse (fixture, 2, "learning_rate", TRAIN "data.csv --set learning_rate=-1");
  cli_fixture_refuse (fixture, 2, "learning_rate", TRAIN "data.csv --set learning_rate=fast");
  cli_fixture_refuse (fixture, 2, "NAME=VALUE", TRAIN "data.csv --set learning_rate");
  cli_fixture_refuse (fixture, 2, "", TRAIN "data.csv --config bad.json");
  cli_fixture_refuse (fixture, 2, "learning_speed", TRAIN "data.csv --config unknown.json");
  cli_fixture_refuse (fixture, 1, "nowhere.json", TRAIN "data.csv --config nowhere.json");
}

static void
test_missing_model (CliFixture   *fixture,
                    gconstpointer data)
{
  cli_fixture_refuse (fixture, 1, "no model “large”",
                      "train --data data.csv --output run --model large");
  cli_fixture_refuse (fixture, 1, "no model “large”", "tokenize --model large");
  cli_fixture_refuse (fixture, 1, "no model “large”", "inspect --data data.csv --model large");
  cli_fixture_refuse (fixture, 1, "nowhere", "classify --run nowhere text");
  cli_fixture_refuse (fixture, 1, "nowhere", "evaluate --run nowhere --data data.csv");
  cli_fixture_refuse (fixture, 1, "nowhere", "export --run nowhere out");
}

static void
test_truncated_weights (CliFixture   *fixture,
                        gconstpointer data)
{
  gsize length;
  g_autofree char *weights = cli_fixture_read (fixture, "model/model.safetensors", &length);

  cli_fixture_write (fixture, "model/model.safetensors", weights, length - 1);
  cli_fixture_refuse (fixture, 1, "not a whole safetensors file", TRAIN "data.csv");
  cli_fixture_refuse (fixture, 1, "not a whole safetensors file", "models import model");
}

static void
test_pointer_instead_of_weights (CliFixture   *fixture,
                                 gconstpointer data)
{
  cli_fixture_write (fixture, "model/model.safetensors",
                     "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", -1);
  cli_fixture_refuse (fixture, 1, "has not been downloaded", TRAIN "data.csv");
}

static void
test_vocabulary_of_another_model (CliFixture   *fixture,
                                  gconstpointer data)
{
  cli_fixture_write (fixture, "model/vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n", -1);
  cli_fixture_refuse (fixture, 1, "has 6 tokens, but the model was made for 200", TRAIN "data.csv");
}

static void
test_no_engine (CliFixture   *fixture,
                gconstpointer data)
{
  g_subprocess_launcher_unsetenv (fixture->launcher, "ATTUNE_ENGINE");
  g_subprocess_launcher_setenv (fixture->launcher, "ATTUNE_ENGINE_DIR", fixture->folder, TRUE);
  cli_fixture_refuse (fixture, 1, "", TRAIN "data.csv");
  cli_fixture_refuse (fixture, 1, "", "devices");
}

static void
test_unusable_run_folder (CliFixture   *fixture,
                          gconstpointer data)
{
  cli_fixture_refuse (fixture, 1, "data.csv/run",
                      "train --model model --data data.csv --output data.csv/run");
}

static void
test_engine_that_fails (CliFixture   *fixture,
                        gconstpointer data)
{
  g_autoptr (CliResult) result = NULL;
  g_autofree char *events = NULL;

  g_subprocess_launcher_setenv (fixture->launcher, "ATTUNE_FAKE_SCRIPT", "nan@2", TRUE);
  result = cli_fixture_run (fixture, NULL, 0,
                            TRAIN "data.csv --json --set per_device_train_batch_size=4");
  g_assert_cmpint (result->exit, ==, 1);
  g_assert_nonnull (strstr (result->err, "attune-cli: "));
  g_assert_nonnull (strstr (result->out, "\"event\":\"run_failed\""));
  events = cli_fixture_read (fixture, "run/events.jsonl", NULL);
  g_assert_nonnull (strstr (events, "run_failed"));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, test)                                                                            \
  g_test_add (path, CliFixture, "fake", cli_fixture_set_up, test, cli_fixture_tear_down)
  ADD ("/cli/refuse/data", test_data);
  ADD ("/cli/refuse/settings", test_settings);
  ADD ("/cli/refuse/missing-model", test_missing_model);
  ADD ("/cli/refuse/truncated-weights", test_truncated_weights);
  ADD ("/cli/refuse/pointer-instead-of-weights", test_pointer_instead_of_weights);
  ADD ("/cli/refuse/vocabulary-of-another-model", test_vocabulary_of_another_model);
  ADD ("/cli/refuse/no-engine", test_no_engine);
  ADD ("/cli/refuse/unusable-run-folder", test_unusable_run_folder);
  ADD ("/cli/refuse/engine-that-fails", test_engine_that_fails);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A run from file to answer through the command line, on the fake engine; stopping it; and the real
 * engine's answers held against the reference.
 */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <string.h>

#include <yyjson.h>

#include "cli-fixture.h"

#define TRAIN                                                                                      \
  "train --model model --output run --data data.csv --set per_device_train_batch_size=4 "

static void
assert_done (CliResult *result)
{
  if (result->exit != 0)
    g_error ("exit %d: %s", result->exit, result->err);
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

static void
test_whole_path (CliFixture   *fixture,
                 gconstpointer data)
{
  g_autoptr (CliResult) train = cli_fixture_run (fixture, NULL, 0, TRAIN "--json --set seed=3");
  g_autoptr (CliResult) evaluate = NULL, json = NULL, again = NULL, export = NULL, logits = NULL;
  g_autofree char *events = NULL;
  gsize length;

  assert_done (train);
  g_assert_true (g_str_has_prefix (train->out, "{\"event\":"));
  g_assert_cmpuint (count (train->out, "\"event\":\"step\""), >, 3);
  g_assert_cmpuint (count (train->out, "\"event\":\"evaluation\""), ==, 3);
  g_assert_cmpuint (count (train->out, "\"event\":\"run_finished\""), ==, 1);
  events = cli_fixture_read (fixture, "run/events.jsonl", &length);
  g_assert_cmpstr (events, ==, train->out);
  g_assert_true (cli_fixture_has (fixture, "run/best/tokenizer.json"));

  evaluate = cli_fixture_run (fixture, NULL, 0, "evaluate --run run --data data.csv");
  assert_done (evaluate);
  g_assert_nonnull (strstr (evaluate->out, "of 20 texts"));
  json = cli_fixture_run (fixture, NULL, 0, "evaluate --run run --data data.csv --json");
  assert_done (json);
  g_assert_nonnull (strstr (json->out, "\"eval_accuracy\":"));

  again = cli_fixture_run (fixture, NULL, 0, TRAIN);
  g_assert_cmpint (again->exit, ==, 2);
  g_assert_nonnull (strstr (again->err, "already holds a run"));

  export = cli_fixture_run (fixture, NULL, 0, "export --run run --format hf out");
  assert_done (export);
  logits = cli_fixture_run (fixture, "{\"text\":\"good\"}\n{\"ids\":[2,5,3]}\n", -1,
                            "logits --model out");
  assert_done (logits);
  g_assert_cmpuint (count (logits->out, "{\"logits\":["), ==, 2);
  cli_fixture_refuse (fixture, 1, "out", "export --run run out");
}

static void
test_classify_keeps_the_order (CliFixture   *fixture,
                               gconstpointer data)
{
  g_autoptr (CliResult) train = cli_fixture_run (fixture, NULL, 0, TRAIN);
  g_autoptr (CliResult) arguments = NULL, lines = NULL;
  g_autoptr (GString) input = g_string_new (NULL);
  g_auto (GStrv) answers = NULL;

  assert_done (train);
  arguments = cli_fixture_run (fixture, NULL, 0, "classify --run run 'good film' '\"it\"'");
  assert_done (arguments);
  g_assert_true (g_str_has_prefix (arguments->out, "{\"text\":\"good film\",\"label\":\""));
  g_assert_nonnull (strstr (arguments->out, "{\"text\":\"\\\"it\\\"\",\"label\":\""));
  g_assert_nonnull (strstr (arguments->out, "\"probabilities\":{\"bad\":"));

  for (int i = 0; i < 1200; i++)
    g_string_append_printf (input, "%d%s\n", i, i % 3 == 0 ? " and so on and on" : "");
  lines = cli_fixture_run (fixture, input->str, -1, "classify --run run");
  assert_done (lines);
  answers = g_strsplit (lines->out, "\n", 0);
  g_assert_cmpuint (g_strv_length (answers), ==, 1201);
  for (int i = 0; i < 1200; i++)
    {
      g_autofree char *start = g_strdup_printf ("{\"text\":\"%d%s", i, i % 3 == 0 ? " " : "\"");

      g_assert_true (g_str_has_prefix (answers[i], start));
    }
}

static void
test_settings_from_a_file_and_first_rows (CliFixture   *fixture,
                                          gconstpointer data)
{
  g_autoptr (CliResult) result = NULL;

  cli_fixture_write (fixture, "settings.json",
                     "{\"num_train_epochs\": 9, \"eval_strategy\": \"no\"}", -1);
  result = cli_fixture_run (fixture, NULL, 0,
                            TRAIN "--json --config settings.json --limit 8 "
                                  "--set num_train_epochs=2");
  assert_done (result);
  /* 8 rows, nothing held out, batches of 4, two epochs. */
  g_assert_cmpuint (count (result->out, "\"event\":\"step\""), ==, 4);
  g_assert_cmpuint (count (result->out, "\"event\":\"evaluation\""), ==, 0);
  g_assert_true (cli_fixture_has (fixture, "run/best/model.safetensors"));
}

static void
test_says_what_it_computes_with (CliFixture   *fixture,
                                 gconstpointer data)
{
  g_autoptr (CliResult) slow = NULL, fast = NULL, exact = NULL, json = NULL;

  slow = cli_fixture_run (fixture, NULL, 0, TRAIN "--set max_steps=1 --set num_threads=2");
  assert_done (slow);
  g_assert_nonnull (strstr (slow->err, "Computing on cpu with 2 threads in fp32 "
                                       "(measured: fp32 100 GFLOP/s)\n"));

  g_subprocess_launcher_setenv (fixture->launcher, "ATTUNE_FAKE_BF16", "1", TRUE);
  fast = cli_fixture_run (fixture, NULL, 0,
                          TRAIN "--output fast --set max_steps=1 --set num_threads=1");
  assert_done (fast);
  g_assert_nonnull (strstr (fast->err, "Computing on cpu with 1 thread in bf16 "
                                       "(measured: fp32 100, bf16 200 GFLOP/s)\n"));
  exact = cli_fixture_run (fixture, NULL, 0,
                           TRAIN "--output exact --set max_steps=1 --set precision=fp32");
  assert_done (exact);
  g_assert_nonnull (strstr (exact->err, " in fp32 (measured: fp32 100, bf16 200 GFLOP/s)\n"));

  json = cli_fixture_run (fixture, NULL, 0, TRAIN "--output json --json --set max_steps=1");
  assert_done (json);
  g_assert_nonnull (strstr (json->out, "\"precision\":\"bf16\",\"threads\":1,"
                                       "\"fp32_gflops\":100.0,\"bf16_gflops\":200.0,"
                                       "\"paths\":\"pretended\""));
}

/* Waits until the run has taken a few steps. */
static void
read_some_steps (GDataInputStream *out)
{
  for (int steps = 0; steps < 3;)
    {
      g_autofree char *line = g_data_input_stream_read_line (out, NULL, NULL, NULL);

      g_assert_nonnull (line);
      steps += strstr (line, "\"event\":\"step\"") != NULL;
    }
}

static void
test_interrupt_stops_and_keeps (CliFixture   *fixture,
                                gconstpointer data)
{
  static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

  g_subprocess_launcher_setenv (fixture->launcher, "ATTUNE_FAKE_SCRIPT", "slow=20ms", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      g_autofree char *output = g_strdup_printf ("run-%u", i);
      g_autofree char *best = g_build_filename (output, "best", "model.safetensors", NULL);
      g_autofree char *arguments = g_strdup_printf (
        "train --model model --data data.csv --set num_train_epochs=500 --json --output %s",
        output);
      g_autoptr (GSubprocess) process = cli_fixture_spawn (fixture, arguments);
      g_autoptr (GDataInputStream) out
        = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
      g_autofree char *last = NULL;
      char *line;

      read_some_steps (out);
      g_subprocess_send_signal (process, signals[i]);
      while ((line = g_data_input_stream_read_line (out, NULL, NULL, NULL)) != NULL)
        {
          g_free (last);
          last = line;
        }
      g_assert_true (g_subprocess_wait (process, NULL, NULL));
      g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 130);
      g_assert_nonnull (strstr (last, "\"event\":\"run_stopped\""));
      g_assert_true (cli_fixture_has (fixture, best));
    }
}

static void
test_reader_of_events_goes_away (CliFixture   *fixture,
                                 gconstpointer data)
{
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GDataInputStream) out = NULL;

  g_subprocess_launcher_setenv (fixture->launcher, "ATTUNE_FAKE_SCRIPT", "slow=20ms", TRUE);
  process = cli_fixture_spawn (fixture, TRAIN "--json --set num_train_epochs=500");
  out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  read_some_steps (out);
  g_assert_true (g_input_stream_close (G_INPUT_STREAM (out), NULL, NULL));

  g_assert_true (g_subprocess_wait (process, NULL, NULL));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 130);
  g_assert_true (cli_fixture_has (fixture, "run/best/model.safetensors"));
}

static void
test_inspect (CliFixture   *fixture,
              gconstpointer data)
{
  g_autoptr (CliResult) text
    = cli_fixture_run (fixture, NULL, 0, "inspect --data data.csv --model model");
  g_autoptr (CliResult) json = cli_fixture_run (
    fixture, NULL, 0, "inspect --data data.csv --validation data.csv --model model --json");
  yyjson_doc *document;
  yyjson_val *root;

  assert_done (text);
  g_assert_nonnull (strstr (text->out, "20 rows"));
  assert_done (json);
  document = yyjson_read (json->out, strlen (json->out), 0);
  root = yyjson_doc_get_root (document);
  g_assert_cmpuint (yyjson_get_uint (yyjson_obj_get (root, "rows")), ==, 20);
  g_assert_cmpuint (yyjson_get_uint (yyjson_obj_get (yyjson_obj_get (root, "labels"), "good")), ==,
                    10);
  g_assert_cmpstr (yyjson_get_str (yyjson_obj_get (root, "text_column")), ==, "text");
  g_assert_true (yyjson_is_null (yyjson_obj_get (root, "text_pair_column")));
  g_assert_cmpuint (yyjson_get_uint (yyjson_obj_get (yyjson_obj_get (root, "tokens"), "max")), ==,
                    6);
  g_assert_cmpuint (yyjson_arr_size (yyjson_obj_get (root, "findings")), >, 0);
  yyjson_doc_free (document);
}

/* The value at a path of keys of the object that a run printed. */
static yyjson_val *
look_up (yyjson_doc *document,
         const char *first,
         const char *second)
{
  yyjson_val *value = yyjson_obj_get (yyjson_doc_get_root (document), first);

  return second != NULL ? yyjson_obj_get (value, second) : value;
}

static yyjson_doc *
inspect_json (CliFixture *fixture,
              const char *arguments)
{
  g_autofree char *line = g_strconcat ("inspect --json --data ", arguments, NULL);
  g_autoptr (CliResult) result = cli_fixture_run (fixture, NULL, 0, line);
  yyjson_doc *document;

  assert_done (result);
  document = yyjson_read (result->out, strlen (result->out), 0);
  g_assert_nonnull (document);
  return document;
}

static yyjson_val *
find_finding (yyjson_doc *document,
              const char *code)
{
  yyjson_arr_iter findings = yyjson_arr_iter_with (look_up (document, "findings", NULL));
  yyjson_val *finding;

  while ((finding = yyjson_arr_iter_next (&findings)) != NULL)
    if (yyjson_equals_str (yyjson_obj_get (finding, "code"), code))
      return finding;
  return NULL;
}

/* Several files are one data set; a folder is divided by the names in it; what is detected can be
 * said otherwise. */
static void
test_files_folders_and_how_to_read_them (CliFixture   *fixture,
                                         gconstpointer data)
{
  g_autofree char *folder = g_build_filename (fixture->folder, "set", NULL);
  yyjson_doc *files, *set, *lines;

  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  cli_fixture_write (fixture, "one.csv", "text,label\ngood film,good\nbad film,bad\n", -1);
  cli_fixture_write (fixture, "two.csv",
                     "label,text\nbad,sad day\ngood,fine day\nbad,odd day\n", -1);
  cli_fixture_write (fixture, "set/train.csv", "text,label\ngood film,good\nbad film,bad\n", -1);
  cli_fixture_write (fixture, "set/validation.csv", "text,label\ngood film,good\n", -1);
  cli_fixture_write (fixture, "lines.txt", "good the film, all of it\nbad the day, and more\n", -1);

  files = inspect_json (fixture, "one.csv --data two.csv");
  g_assert_cmpuint (yyjson_get_uint (look_up (files, "rows", NULL)), ==, 5);
  g_assert_cmpuint (yyjson_get_uint (look_up (files, "labels", "bad")), ==, 3);
  g_assert_cmpuint (yyjson_arr_size (look_up (files, "files", "train")), ==, 2);
  yyjson_doc_free (files);

  set = inspect_json (fixture, "set");
  g_assert_cmpuint (yyjson_get_uint (look_up (set, "rows", NULL)), ==, 2);
  g_assert_nonnull (find_finding (set, "validation-overlap"));
  yyjson_doc_free (set);

  lines = inspect_json (fixture, "lines.txt --format label-first");
  g_assert_cmpuint (yyjson_get_uint (look_up (lines, "rows", NULL)), ==, 2);
  g_assert_cmpuint (yyjson_get_uint (look_up (lines, "labels", "good")), ==, 1);
  yyjson_doc_free (lines);
  cli_fixture_refuse (fixture, 2, "“papyrus”", "inspect --data one.csv --format papyrus");
}

#define FAULTY                                                                                     \
  "text,label\ngood film,good\nbad film,bad\nnice film,good\nold film,bad\ngood film,good\n"       \
  "long film,Good\nfine day,good\nsad day,bad\n,bad\nodd day,good\nodd day,bad\nnew day,bad\n"

static void
test_findings_are_settled_by_options (CliFixture   *fixture,
                                      gconstpointer data)
{
  yyjson_doc *before, *after;
  yyjson_val *finding, *labels;

  cli_fixture_write (fixture, "faulty.csv", FAULTY, -1);
  before = inspect_json (fixture, "faulty.csv");
  finding = find_finding (before, "duplicates");
  g_assert_cmpuint (yyjson_get_uint (yyjson_obj_get (finding, "count")), ==, 2);
  g_assert_cmpuint (yyjson_get_uint (yyjson_arr_get_first (yyjson_obj_get (finding, "rows"))), ==,
                    4);
  g_assert_cmpstr (yyjson_get_str (yyjson_obj_get (finding, "rows_of")), ==, "data");
  g_assert_cmpstr (yyjson_get_str (yyjson_obj_get (yyjson_obj_get (finding, "remedy"), "words")),
                   ==, "Drop 2 Rows");
  g_assert_nonnull (find_finding (before, "similar-labels"));
  g_assert_nonnull (find_finding (before, "conflicting-duplicates"));
  g_assert_nonnull (find_finding (before, "empty-texts"));
  yyjson_doc_free (before);

  after = inspect_json (fixture, "faulty.csv --drop duplicates,conflicting --drop empty "
                                 "--merge-labels Good=good --rename-label bad=poor");
  g_assert_cmpuint (yyjson_get_uint (look_up (after, "rows", NULL)), ==, 12);
  g_assert_cmpuint (yyjson_get_uint (look_up (after, "dropped_rows", NULL)), ==, 4);
  labels = look_up (after, "labels", NULL);
  g_assert_cmpuint (yyjson_obj_size (labels), ==, 2);
  g_assert_cmpuint (yyjson_get_uint (yyjson_obj_get (labels, "poor")), ==, 4);
  g_assert_cmpuint (yyjson_get_uint (yyjson_obj_get (labels, "good")), ==, 4);
  for (guint i = 0; i < 4; i++)
    g_assert_null (find_finding (after, ((const char *[]) { "duplicates", "similar-labels",
                                                            "conflicting-duplicates",
                                                            "empty-texts" })[i]));
  yyjson_doc_free (after);
  cli_fixture_refuse (fixture, 2, "“twins”", "inspect --data faulty.csv --drop twins");
  cli_fixture_refuse (fixture, 2, "LABEL=NAME", "inspect --data faulty.csv --merge-labels Good");
  cli_fixture_refuse (fixture, 3, "“evil”", "inspect --data faulty.csv --drop-label evil");
  cli_fixture_refuse (fixture, 2, "validation_split",
                      "inspect --data faulty.csv --set validation_split=7");
}

/* The run records what inspect says it would do, and another run repeats it. */
static void
test_split_is_recorded_and_repeated (CliFixture   *fixture,
                                     gconstpointer data)
{
  yyjson_doc *inspection, *record;
  g_autoptr (CliResult) train = NULL, again = NULL, other = NULL;
  g_autofree char *run = NULL;
  gsize length;

  cli_fixture_write (fixture, "faulty.csv", FAULTY, -1);
  inspection = inspect_json (fixture, "faulty.csv --drop duplicates,empty --drop-label Good "
                                      "--set validation_split=0.25 --set seed=5");
  train = cli_fixture_run (fixture, NULL, 0,
                           "train --model model --output run --data faulty.csv --json "
                           "--drop duplicates,empty --drop-label Good "
                           "--set validation_split=0.25 --set seed=5");
  assert_done (train);
  run = cli_fixture_read (fixture, "run/run.json", &length);
  record = yyjson_read (run, length, 0);
  g_assert_true (yyjson_equals (look_up (inspection, "split", NULL),
                                look_up (record, "split", NULL)));
  g_assert_cmpuint (yyjson_get_uint (look_up (record, "split", "validation_rows")), ==, 2);
  g_assert_cmpuint (yyjson_get_uint (look_up (record, "split", "train_rows")), ==, 6);
  g_assert_cmpuint (yyjson_arr_size (yyjson_obj_get (look_up (record, "data", "amendments"),
                                                     "drop")), ==, 2);
  again = cli_fixture_run (fixture, NULL, 0, "train --model model --output again --json "
                                             "--data faulty.csv --same-split-as run");
  assert_done (again);
  g_assert_null (strstr (again->out, "split-differs"));
  other = cli_fixture_run (fixture, NULL, 0, "train --model model --output other --json "
                                             "--data data.csv --drop-label good "
                                             "--same-split-as run");
  g_assert_cmpint (other->exit, ==, 3);
  g_assert_nonnull (strstr (other->err, "“Good”"));
  g_clear_pointer (&other, cli_result_free);
  other = cli_fixture_run (fixture, NULL, 0, "train --model model --output other --json "
                                             "--data faulty.csv --same-split-as run "
                                             "--set split_seed=6");
  assert_done (other);
  g_assert_nonnull (strstr (other->out, "split-differs"));
  yyjson_doc_free (inspection);
  yyjson_doc_free (record);
}

static void
test_encoding (CliFixture   *fixture,
               gconstpointer data)
{
  g_autoptr (CliResult) inspect = NULL, train = NULL;
  g_autofree char *record = NULL;
  gsize length;

  cli_fixture_write (fixture, "latin.csv",
                     "text,label\ngood caf\xe9,good\nbad caf\xe9,bad\ngood film,good\nbad film,bad\n",
                     -1);
  cli_fixture_refuse (fixture, 3, "0xE9", "inspect --data latin.csv --encoding UTF-8");
  cli_fixture_refuse (fixture, 3, "no encoding", "inspect --data latin.csv --encoding latin-x");

  inspect = cli_fixture_run (fixture, NULL, 0, "inspect --data latin.csv --encoding ISO-8859-1");
  assert_done (inspect);
  g_assert_nonnull (strstr (inspect->out, "4 rows"));

  train = cli_fixture_run (fixture, NULL, 0,
                           "train --model model --output run --data latin.csv "
                           "--encoding ISO-8859-1 --set max_steps=1 --set validation_split=0");
  assert_done (train);
  record = cli_fixture_read (fixture, "run/run.json", &length);
  g_assert_nonnull (strstr (record, "\"encoding\": \"ISO-8859-1\""));
}

static void
test_models (CliFixture   *fixture,
             gconstpointer data)
{
  g_autoptr (CliResult) empty = cli_fixture_run (fixture, NULL, 0, "models list");
  g_autoptr (CliResult) import = cli_fixture_run (fixture, NULL, 0,
                                                  "models import model --name tiny");
  g_autoptr (CliResult) list = cli_fixture_run (fixture, NULL, 0, "models --json");
  g_autoptr (CliResult) use = NULL;

  assert_done (empty);
  /* What needs no model is there in any case. */
  g_assert_true (g_str_has_prefix (empty->out, "rnn "));
  g_assert_nonnull (strstr (empty->out, "\nbilstm-attention "));
  assert_done (import);
  assert_done (list);
  g_assert_nonnull (strstr (list->out, "{\"name\":\"lstm\",\"title\":\"LSTM\",\"from_scratch\":true}"));
  cli_fixture_refuse (fixture, 1, "knows nothing before it is trained", "tokenize --model lstm --plain");
  g_assert_true (g_str_has_prefix (list->out, "{\"name\":\"tiny\""));
  cli_fixture_refuse (fixture, 1, "named “tiny” already", "models import model --name tiny");
  use = cli_fixture_run (fixture, "good\n", -1, "tokenize --model tiny --plain");
  assert_done (use);
}

static void
test_devices_and_settings (CliFixture   *fixture,
                           gconstpointer data)
{
  g_autoptr (CliResult) devices = cli_fixture_run (fixture, NULL, 0, "devices --json");
  g_autoptr (CliResult) config = cli_fixture_run (fixture, NULL, 0, "config describe");

  assert_done (devices);
  g_assert_true (g_str_has_prefix (devices->out, "{\"id\":\"cpu\""));
  assert_done (config);
  g_assert_nonnull (strstr (config->out, "learning_rate"));
}

/* Lines of {"logits":[…]} against an array of arrays. */
static void
assert_logits (const char *out,
               yyjson_val *expected,
               double      bound)
{
  g_auto (GStrv) lines = g_strsplit (out, "\n", 0);
  yyjson_arr_iter rows = yyjson_arr_iter_with (expected);
  yyjson_val *row;
  guint n = 0;

  g_assert_cmpuint (g_strv_length (lines), ==, yyjson_arr_size (expected) + 1);
  while ((row = yyjson_arr_iter_next (&rows)) != NULL)
    {
      yyjson_doc *answer = yyjson_read (lines[n], strlen (lines[n]), 0);
      yyjson_val *logits = yyjson_obj_get (yyjson_doc_get_root (answer), "logits");

      g_assert_cmpuint (yyjson_arr_size (logits), ==, yyjson_arr_size (row));
      for (gsize i = 0; i < yyjson_arr_size (row); i++)
        {
          double difference = fabs (yyjson_get_num (yyjson_arr_get (logits, i))
                                    - yyjson_get_num (yyjson_arr_get (row, i)));

          g_assert_cmpfloat (difference, <=, bound);
        }
      yyjson_doc_free (answer);
      n++;
    }
}

static void
test_tiny_model_equals_the_reference (CliFixture   *fixture,
                                      gconstpointer data)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "tiny-bert",
                                                 "expected.json", NULL);
  yyjson_doc *document = yyjson_read_file (path, 0, NULL, NULL);
  yyjson_val *root = yyjson_doc_get_root (document);
  yyjson_arr_iter sequences = yyjson_arr_iter_with (yyjson_obj_get (root, "sequences"));
  g_autoptr (GString) input = g_string_new (NULL);
  g_autoptr (CliResult) result = NULL;
  yyjson_val *sequence;

  while ((sequence = yyjson_arr_iter_next (&sequences)) != NULL)
    {
      char *ids = yyjson_val_write (sequence, 0, NULL);

      g_string_append_printf (input, "{\"ids\":%s}\n", ids);
      free (ids);
    }
  result = cli_fixture_run (fixture, input->str, -1, "logits --model model");
  assert_done (result);
  assert_logits (result->out, yyjson_obj_get (root, "logits"), 1e-5);
  yyjson_doc_free (document);
}

/* The first rows of a GLUE file as JSON lines. */
static char *
read_texts (const char *path,
            guint       n)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GString *input = g_string_new (NULL);

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", n + 2);
  for (guint i = 1; i <= n; i++)
    {
      yyjson_mut_doc *document = yyjson_mut_doc_new (NULL);
      yyjson_mut_val *object = yyjson_mut_obj (document);
      char *json;

      *strrchr (lines[i], '\t') = '\0';
      yyjson_mut_obj_add_str (document, object, "text", lines[i]);
      yyjson_mut_doc_set_root (document, object);
      json = yyjson_mut_write (document, 0, NULL);
      g_string_append_printf (input, "%s\n", json);
      free (json);
      yyjson_mut_doc_free (document);
    }

  return g_string_free (input, FALSE);
}

static void
test_real_model_equals_the_reference (CliFixture   *fixture,
                                      gconstpointer data)
{
  const char *shared = g_getenv ("ATTUNE_SHARED");
  g_autofree char *model
    = g_getenv ("ATTUNE_MODELS") != NULL
        ? g_build_filename (g_getenv ("ATTUNE_MODELS"), "minilm-l6", NULL)
        : g_build_filename (g_get_user_data_dir (), "attune", "models", "minilm-l6", NULL);
  g_autofree char *golden = g_build_filename (shared, "goldens", "minilm-dev-logits.json", NULL);
  g_autofree char *dev = g_build_filename (shared, "datasets", "sst2-glue", "dev.tsv", NULL);
  g_autofree char *input = NULL, *arguments = NULL;
  g_autoptr (CliResult) result = NULL;
  yyjson_doc *document;
  yyjson_val *expected;

  if (!g_file_test (golden, G_FILE_TEST_EXISTS) || !g_file_test (model, G_FILE_TEST_IS_DIR))
    {
      g_test_skip ("needs the shared goldens ($ATTUNE_SHARED) and the model minilm-l6");
      return;
    }

  document = yyjson_read_file (golden, 0, NULL, NULL);
  expected = yyjson_obj_get (yyjson_doc_get_root (document), "logits");
  input = read_texts (dev, yyjson_arr_size (expected));
  arguments = g_strdup_printf ("logits --max-length 128 --model '%s' --head "
                               "'%s/goldens/minilm-head.safetensors'",
                               model, shared);
  result = cli_fixture_run (fixture, input, -1, arguments);
  assert_done (result);
  assert_logits (result->out, expected, 1e-4);
  yyjson_doc_free (document);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, engine, test)                                                                    \
  g_test_add (path, CliFixture, engine, cli_fixture_set_up, test, cli_fixture_tear_down)
  if (g_strcmp0 (g_getenv ("ATTUNE_CLI_ENGINE"), "torch") == 0)
    {
      ADD ("/cli/logits/tiny-model-equals-the-reference", "torch",
           test_tiny_model_equals_the_reference);
      ADD ("/cli/logits/real-model-equals-the-reference", "torch",
           test_real_model_equals_the_reference);
      return g_test_run ();
    }

  ADD ("/cli/train/whole-path", "fake", test_whole_path);
  ADD ("/cli/train/settings-from-a-file-and-first-rows", "fake",
       test_settings_from_a_file_and_first_rows);
  ADD ("/cli/train/says-what-it-computes-with", "fake", test_says_what_it_computes_with);
  ADD ("/cli/train/interrupt-stops-and-keeps", "fake", test_interrupt_stops_and_keeps);
  ADD ("/cli/train/reader-of-events-goes-away", "fake", test_reader_of_events_goes_away);
  ADD ("/cli/classify/keeps-the-order", "fake", test_classify_keeps_the_order);
  ADD ("/cli/inspect", "fake", test_inspect);
  ADD ("/cli/files", "fake", test_files_folders_and_how_to_read_them);
  ADD ("/cli/findings", "fake", test_findings_are_settled_by_options);
  ADD ("/cli/split", "fake", test_split_is_recorded_and_repeated);
  ADD ("/cli/encoding", "fake", test_encoding);
  ADD ("/cli/models", "fake", test_models);
  ADD ("/cli/devices-and-settings", "fake", test_devices_and_settings);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli tokenize as a filter, and the outer manners of the program: help, version, wrong
 * usage.
 */
#include "config.h"

#include <string.h>

#include "cli-fixture.h"

static void
test_help_and_version (CliFixture   *fixture,
                       gconstpointer data)
{
  static const char *const commands[] = { "train",  "evaluate", "classify", "inspect",  "export",
                                          "models", "devices",  "config",   "tokenize", "logits" };
  g_autoptr (CliResult) help = cli_fixture_run (fixture, NULL, 0, "--help");
  g_autoptr (CliResult) version = cli_fixture_run (fixture, NULL, 0, "--version");
  g_autoptr (CliResult) nothing = cli_fixture_run (fixture, NULL, 0, "");

  g_assert_cmpint (help->exit, ==, 0);
  g_assert_cmpint (version->exit, ==, 0);
  g_assert_cmpstr (version->out, ==, "attune-cli " PACKAGE_VERSION "\n");
  g_assert_cmpint (nothing->exit, ==, 2);
  g_assert_cmpstr (nothing->out, ==, "");

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *arguments = g_strconcat (commands[i], " --help", NULL);
      g_autoptr (CliResult) result = cli_fixture_run (fixture, NULL, 0, arguments);

      g_assert_nonnull (strstr (help->out, commands[i]));
      g_assert_cmpint (result->exit, ==, 0);
      g_assert_nonnull (strstr (result->out, commands[i]));
    }
}

static void
test_wrong_usage (CliFixture   *fixture,
                  gconstpointer data)
{
  static const struct {
    const char *arguments, *words;
  } cases[] = {
    { "fly", "no subcommand “fly”" },
    { "train --fast", "--fast" },
    { "train --data data.csv", "needs --data, --model and --output" },
    { "train --data data.csv --model model --output run surplus", "surplus" },
    { "train --data data.csv --model model --output run --limit -1", "--limit" },
    { "train --data data.csv --model model --output run --limit many", "many" },
    { "tokenize", "--model or --vocab" },
    { "tokenize --vocab model/vocab.txt", "--cased and --uncased" },
    { "tokenize --vocab model/vocab.txt --cased --uncased", "--cased and --uncased" },
    { "tokenize --model model --uncased", "belong to --vocab" },
    { "logits", "--model or --run" },
    { "classify", "either --run or --model" },
    { "evaluate --run run", "--data and either" },
    { "inspect", "needs --data" },
    { "export --run run", "one destination" },
    { "export --run run --format jpeg out", "“jpeg” is no format" },
    { "models fly", "import FOLDER" },
    { "config", "describe" },
    { "devices cpu", "cpu" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    cli_fixture_refuse (fixture, 2, cases[i].words, cases[i].arguments);
}

static void
test_ids (CliFixture   *fixture,
          gconstpointer data)
{
  /* [CLS] 2, [SEP] 3, good 121, film 126, [UNK] 1, A and a differ only when cased. */
  const char input[] = "{\"text\":\"good film\"}\n{\"text\":\"GOOD\",\"pair\":\"film\"}\n"
                       "{\"text\":\"good\\u0000 film\"}\n{\"text\":\"\"}";
  g_autoptr (CliResult) lower = cli_fixture_run (fixture, input, -1,
                                                 "tokenize --vocab model/vocab.txt --uncased");
  g_autoptr (CliResult) cased = cli_fixture_run (fixture, input, -1,
                                                 "tokenize --vocab model/vocab.txt --cased");
  g_autoptr (CliResult) model = cli_fixture_run (fixture, input, -1, "tokenize --model model");
  g_autoptr (CliResult) cut = cli_fixture_run (fixture, input, -1,
                                               "tokenize --model model --max-length 3");
  g_auto (GStrv) lines = g_strsplit (lower->out, "\n", 0);
  g_auto (GStrv) cut_lines = g_strsplit (cut->out, "\n", 0);
  g_auto (GStrv) cut_ids = g_strsplit (cut_lines[0], ",", 0);

  g_assert_cmpint (lower->exit, ==, 0);
  g_assert_cmpuint (g_strv_length (lines), ==, 5);
  g_assert_true (g_str_has_prefix (lines[0], "{\"ids\":[2,"));
  g_assert_cmpstr (lines[0], ==, lines[2]);
  g_assert_cmpstr (lines[3], ==, "{\"ids\":[2,3]}");
  g_assert_cmpstr (lower->out, ==, model->out);
  g_assert_cmpstr (lower->out, !=, cased->out);
  g_assert_cmpuint (g_strv_length (cut_ids), ==, 3);
}

static void
test_plain_lines (CliFixture   *fixture,
                  gconstpointer data)
{
  const char input[] = "good film\n\ngood\0 film";
  g_autoptr (CliResult) result
    = cli_fixture_run (fixture, input, sizeof input - 1, "tokenize --model model --plain");
  g_auto (GStrv) lines = g_strsplit (result->out, "\n", 0);

  g_assert_cmpint (result->exit, ==, 0);
  g_assert_cmpuint (g_strv_length (lines), ==, 4);
  g_assert_cmpstr (lines[0], ==, lines[2]);
  g_assert_cmpstr (lines[1], ==, "{\"ids\":[2,3]}");
}

static void
test_bad_lines (CliFixture   *fixture,
                gconstpointer data)
{
  static const struct {
    const char *input, *options, *words;
  } cases[] = {
    { "{\"text\":\"a\"}\nnonsense\n", "", "line 2 of standard input: it is not JSON" },
    { "{\"text\":\"a\"}\n\n", "", "line 2 of standard input: it is not JSON" },
    { "{\"words\":\"a\"}\n", "", "neither a “text” nor" },
    { "{\"ids\":[1,2]}\n", "", "token ids already" },
    { "{\"text\":\"\xff\"}\n", "", "not JSON" },
    { "good\n\xff\n", "--plain", "line 2 of standard input: it is not UTF-8" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *arguments = g_strconcat ("tokenize --model model ", cases[i].options, NULL);
      g_autoptr (CliResult) result = cli_fixture_run (fixture, cases[i].input, -1, arguments);
      gboolean second = strstr (cases[i].words, "line 2") != NULL;

      g_assert_cmpint (result->exit, ==, 3);
      g_assert_nonnull (strstr (result->err, cases[i].words));
      g_assert_cmpint (g_str_has_prefix (result->out, "{\"ids\":"), ==, second);
    }
}

/* A writer that waits for each answer gets it. */
static void
test_answers_at_once (CliFixture   *fixture,
                      gconstpointer data)
{
  g_autoptr (GSubprocess) process = cli_fixture_spawn (fixture, "tokenize --model model --plain");
  g_autoptr (GDataInputStream) out
    = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));

  for (int i = 0; i < 3; i++)
    {
      g_autofree char *line = NULL;

      g_assert_true (g_output_stream_write_all (g_subprocess_get_stdin_pipe (process), "good\n", 5,
                                                NULL, NULL, NULL));
      line = g_data_input_stream_read_line (out, NULL, NULL, NULL);
      g_assert_true (g_str_has_prefix (line, "{\"ids\":[2,"));
    }
  g_assert_true (g_output_stream_close (g_subprocess_get_stdin_pipe (process), NULL, NULL));
  g_assert_true (g_subprocess_wait_check (process, NULL, NULL));
}

static void
test_reader_goes_away (CliFixture   *fixture,
                       gconstpointer data)
{
  g_autoptr (GSubprocess) process = cli_fixture_spawn (fixture, "tokenize --model model --plain");
  g_autoptr (GBytes) err = NULL;
  g_autoptr (GString) many = g_string_new (NULL);

  for (int i = 0; i < 20000; i++)
    g_string_append (many, "good film\n");
  g_assert_true (g_input_stream_close (g_subprocess_get_stdout_pipe (process), NULL, NULL));
  /* The program may go before all is written. */
  g_output_stream_write_all (g_subprocess_get_stdin_pipe (process), many->str, many->len, NULL,
                             NULL, NULL);
  g_output_stream_close (g_subprocess_get_stdin_pipe (process), NULL, NULL);
  err = g_input_stream_read_bytes (g_subprocess_get_stderr_pipe (process), 4096, NULL, NULL);
  g_assert_true (g_subprocess_wait_check (process, NULL, NULL));
  g_assert_cmpuint (g_bytes_get_size (err), ==, 0);
}

static void
test_output_is_full (CliFixture   *fixture,
                     gconstpointer data)
{
  g_autoptr (CliResult) result = NULL;

  g_subprocess_launcher_set_flags (fixture->launcher, G_SUBPROCESS_FLAGS_STDIN_PIPE
                                                        | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_subprocess_launcher_set_stdout_file_path (fixture->launcher, "/dev/full");
  result = cli_fixture_run (fixture, "good\n", -1, "tokenize --model model --plain");
  g_assert_cmpint (result->exit, ==, 1);
  g_assert_nonnull (strstr (result->err, "could not write the output"));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, test)                                                                            \
  g_test_add (path, CliFixture, "fake", cli_fixture_set_up, test, cli_fixture_tear_down)
  ADD ("/cli/help-and-version", test_help_and_version);
  ADD ("/cli/wrong-usage", test_wrong_usage);
  ADD ("/cli/tokenize/ids", test_ids);
  ADD ("/cli/tokenize/plain-lines", test_plain_lines);
  ADD ("/cli/tokenize/bad-lines", test_bad_lines);
  ADD ("/cli/tokenize/answers-at-once", test_answers_at_once);
  ADD ("/cli/tokenize/reader-goes-away", test_reader_goes_away);
  ADD ("/cli/tokenize/output-is-full", test_output_is_full);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model that was fine-tuned already, used as it is on the command line: listed with its labels,
 * asked, measured, trained further; and folders that cannot be taken in.
 */
#define _GNU_SOURCE /* memmem */
#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "cli-fixture.h"

static void
assert_done (CliResult *result)
{
  if (result->exit != 0)
    g_error ("exit %d: %s", result->exit, result->err);
}

/* The model of the fixture with these three names in place of LABEL_0 … */
static void
name_labels (CliFixture *fixture,
             const char *first,
             const char *second,
             const char *third)
{
  const char *names[] = { first, second, third };
  gsize length;
  g_autofree char *config = cli_fixture_read (fixture, "model/config.json", &length);
  g_autoptr (GString) text = g_string_new_len (config, (gssize) length);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *old = g_strdup_printf ("\"LABEL_%u\"", i);
      g_autofree char *new = g_strdup_printf ("\"%s\"", names[i]);

      g_string_replace (text, old, new, 0);
    }
  cli_fixture_write (fixture, "model/config.json", text->str, (gssize) text->len);
}

static void
write_data (CliFixture *fixture,
            const char *name,
            const char *first,
            const char *second,
            const char *third)
{
  const char *labels[] = { first, second, third };
  g_autoptr (GString) csv = g_string_new ("text,label\n");

  for (guint i = 0; i < 24; i++)
    g_string_append_printf (csv, "text number %u of it,%s\n", i * 7 % 24, labels[i % 3]);
  cli_fixture_write (fixture, name, csv->str, -1);
}

static void
test_listed (CliFixture   *fixture,
             gconstpointer data)
{
  g_autoptr (CliResult) import = NULL, list = NULL, json = NULL;

  name_labels (fixture, "bad", "fair", "good");
  import = cli_fixture_run (fixture, NULL, 0, "models import model --name tuned");
  assert_done (import);
  list = cli_fixture_run (fixture, NULL, 0, "models");
  g_assert_nonnull (strstr (list->out, "“bad”, “fair”, “good”"));
  json = cli_fixture_run (fixture, NULL, 0, "models --json");
  g_assert_nonnull (strstr (json->out, "\"labels\":[\"bad\",\"fair\",\"good\"]"));
}

/* What the program shows on a terminal of its own. */
static char *
show (CliFixture *fixture,
      const char *arguments)
{
  int terminal = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
  g_autoptr (GSubprocess) program = NULL;
  GString *shown = g_string_new (NULL);
  char chunk[512];
  gssize n;

  g_assert_cmpint (terminal, >=, 0);
  g_assert_cmpint (grantpt (terminal), ==, 0);
  g_assert_cmpint (unlockpt (terminal), ==, 0);
  g_subprocess_launcher_set_flags (fixture->launcher, G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_subprocess_launcher_take_stdout_fd (fixture->launcher,
                                        open (ptsname (terminal), O_RDWR | O_NOCTTY | O_CLOEXEC));
  program = cli_fixture_spawn (fixture, arguments);
  g_subprocess_launcher_close (fixture->launcher);
  /* An error is its end: nobody has the other side open any more. */
  while ((n = read (terminal, chunk, sizeof chunk)) > 0)
    g_string_append_len (shown, chunk, n);
  close (terminal);
  g_assert_true (g_subprocess_wait (program, NULL, NULL));

  return g_string_free_and_steal (shown);
}

/* Names that a model brings must not command the terminal that shows them, nor messages with them
 * in; whoever reads from a pipe gets them as they are. */
static void
test_controls (CliFixture   *fixture,
               gconstpointer data)
{
  g_autoptr (CliResult) import = NULL, refused = NULL, piped = NULL;
  g_autofree char *shown = NULL;

  name_labels (fixture, "\\u001b[2Jbad", "\\u009b31mfair", "good\\u0007");
  import = cli_fixture_run (fixture, NULL, 0, "models import model --name tuned");
  assert_done (import);
  piped = cli_fixture_run (fixture, NULL, 0, "models");
  g_assert_nonnull (strstr (piped->out, "“\x1b[2Jbad”, “\xc2\x9b" "31mfair”, “good\a”"));

  cli_fixture_write (fixture, "model/config.json", "{\"model_type\": \"\\u001b]0;x\\u0007 y\"}", -1);
  refused = cli_fixture_run (fixture, NULL, 0, "models import model --name other");
  g_assert_cmpint (refused->exit, ==, 1);
  g_assert_nonnull (strstr (refused->err, "“\ufffd]0;x\ufffd y”"));

  shown = show (fixture, "models");
  g_assert_nonnull (strstr (shown, "“\ufffd[2Jbad”, “\ufffd" "31mfair”, “good\ufffd”"));
}

static void
test_classify (CliFixture   *fixture,
               gconstpointer data)
{
  g_autoptr (CliResult) argument = NULL, line = NULL, pair = NULL;

  name_labels (fixture, "bad", "fair", "good");
  argument = cli_fixture_run (fixture, NULL, 0, "classify --model model one");
  assert_done (argument);
  g_assert_true (g_str_has_prefix (argument->out, "{\"text\":\"one\",\"label\":"));
  for (const char *const *label = (const char *[]) { "\"bad\":", "\"fair\":", "\"good\":", NULL };
       *label != NULL; label++)
    g_assert_nonnull (strstr (argument->out, *label));
  line = cli_fixture_run (fixture, "one\n", -1, "classify --model model");
  assert_done (line);
  g_assert_cmpstr (line->out, ==, argument->out);
  pair = cli_fixture_run (fixture, NULL, 0, "classify --model model --pair two one");
  assert_done (pair);
  g_assert_true (g_str_has_prefix (pair->out, "{\"text\":\"one\",\"pair\":\"two\",\"label\":"));

  cli_fixture_refuse (fixture, 2, "either --run or --model", "classify --model model --run r one");
  cli_fixture_refuse (fixture, 1, "no model “large”", "classify --model large one");
}

/* The same answers whatever the order of the labels, and however they are written. */
static void
test_evaluate (CliFixture   *fixture,
               gconstpointer data)
{
  static const char *const commands[] = { "evaluate --json --model model --data same.csv",
                                          "evaluate --json --model model --data numbers.csv",
                                          "evaluate --json --model model --data loud.csv" };
  g_autofree char *wanted = NULL;

  name_labels (fixture, "bad", "fair", "good");
  write_data (fixture, "same.csv", "bad", "fair", "good");
  write_data (fixture, "numbers.csv", "0", "1", "2");
  write_data (fixture, "loud.csv", "Bad", " FAIR", "GOOD");
  write_data (fixture, "other.csv", "red", "green", "blue");
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr (CliResult) result = cli_fixture_run (fixture, NULL, 0, commands[i]);
      const char *start, *end;
      g_autofree char *numbers = NULL;

      assert_done (result);
      start = strstr (result->out, "\"eval_loss\"");
      end = strstr (result->out, "\"eval_samples_per_second\"");
      g_assert_true (start != NULL && end > start);
      numbers = g_strndup (start, (gsize) (end - start));
      if (wanted == NULL)
        wanted = g_steal_pointer (&numbers);
      else
        g_assert_cmpstr (numbers, ==, wanted);
    }
  cli_fixture_refuse (fixture, 3, "“bad”, “fair”, “good”",
                      "evaluate --model model --data other.csv");
  cli_fixture_refuse (fixture, 3, "“blue”, “green”, “red”",
                      "evaluate --model model --data other.csv");
}

/* The person is told what becomes of the classifier. */
static void
test_train (CliFixture   *fixture,
            gconstpointer data)
{
  static const struct { const char *data, *code; } cases[] = {
    { "same.csv", NULL }, { "other.csv", "head-replaced" }, { "data.csv", "head-replaced" } };

  name_labels (fixture, "good", "fair", "bad");
  write_data (fixture, "same.csv", "bad", "fair", "good");
  write_data (fixture, "other.csv", "red", "green", "blue");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *command = g_strdup_printf (
        "train --json --data %s --model model --output run-%u --set max_steps=2", cases[i].data, i);
      g_autoptr (CliResult) result = cli_fixture_run (fixture, NULL, 0, command);

      assert_done (result);
      if (i == 0)
        g_assert_nonnull (strstr (result->out, "\"code\":\"head-mapped\""));
      else
        g_assert_nonnull (strstr (result->out, cases[i].code));
      g_assert_null (strstr (result->out, "random-weights"));
    }
}

static void
test_without_head (CliFixture   *fixture,
                   gconstpointer data)
{
  gsize length;
  g_autofree char *weights = cli_fixture_read (fixture, "model/model.safetensors", &length);
  char *at;

  /* Spoils the name, so that the head is there no more. */
  while ((at = memmem (weights, length, "\"classifier.", 12)) != NULL)
    memcpy (at, "\"cls.ssifier.", 12);
  cli_fixture_write (fixture, "model/model.safetensors", weights, (gssize) length);
  cli_fixture_refuse (fixture, 1, "no classifier yet", "classify --model model one");
  cli_fixture_refuse (fixture, 1, "no classifier yet", "evaluate --model model --data data.csv");
}

static void
test_torch_files (CliFixture   *fixture,
                  gconstpointer data)
{
  static const struct { const char *file, *words; } cases[] = {
    { "legacy.bin", "before version 1.6" }, { "torchscript.bin", "TorchScript" },
    { "parameters.bin", "lacks" } };
  g_autofree char *whole = g_build_filename (fixture->folder, "model", "model.safetensors", NULL);
  /* So that there is a store already. */
  g_autoptr (CliResult) import = cli_fixture_run (fixture, NULL, 0,
                                                  "models import model --name whole");

  assert_done (import);
  g_assert_cmpint (g_remove (whole), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "torch-files",
                                                     cases[i].file, NULL);
      g_autofree char *bytes = NULL;
      gsize length;

      g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
      cli_fixture_write (fixture, "model/pytorch_model.bin", bytes, (gssize) length);
      cli_fixture_refuse (fixture, 1, cases[i].words, "models import model");
    }
  cli_fixture_refuse (fixture, 1, "add the folder to the models", "classify --model model one");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) \
  g_test_add (path, CliFixture, "fake", cli_fixture_set_up, function, cli_fixture_tear_down)
  ADD ("/cli/models/listed", test_listed);
  ADD ("/cli/models/controls", test_controls);
  ADD ("/cli/models/classify", test_classify);
  ADD ("/cli/models/evaluate", test_evaluate);
  ADD ("/cli/models/train", test_train);
  ADD ("/cli/models/without-head", test_without_head);
  ADD ("/cli/models/torch-files", test_torch_files);
#undef ADD
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See cli-fixture.h.
 */
#include "config.h"

#include "cli-fixture.h"

#include <signal.h>
#include <string.h>

#include <glib/gstdio.h>

#include "attune-durable.h"

static const char data_csv[]
  = "text,label\n"
    "good film,good\nbad film,bad\ngreat story,good\npoor story,bad\nbest music,good\n"
    "worst music,bad\nnice food,good\ncold food,bad\nwarm place,good\ndull place,bad\n"
    "good day,good\nbad day,bad\ngreat time,good\npoor time,bad\nlove it,good\nhate it,bad\n"
    "nice people,good\ndull people,bad\nthe best of all,good\nthe worst of all,bad\n";

static void
copy_model (CliFixture *fixture)
{
  static const char *const names[] = { "config.json", "model.safetensors", "vocab.txt",
                                       "tokenizer_config.json" };
  g_autofree char *folder = g_build_filename (fixture->folder, "model", NULL);

  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *from = g_test_build_filename (G_TEST_DIST, "fixtures", "tiny-bert", names[i],
                                                     NULL);
      g_autofree char *to = g_build_filename (folder, names[i], NULL);
      g_autofree char *text = NULL;
      gsize length;

      g_assert_true (g_file_get_contents (from, &text, &length, NULL));
      g_assert_true (g_file_set_contents (to, text, length, NULL));
    }
}

void
cli_fixture_set_up (CliFixture   *fixture,
                    gconstpointer data)
{
  g_autofree char *store = NULL;

  /* A program that ends early must not end its test. */
  signal (SIGPIPE, SIG_IGN);
  fixture->folder = g_dir_make_tmp ("attune-cli-XXXXXX", NULL);
  store = g_build_filename (fixture->folder, "store", NULL);
  cli_fixture_write (fixture, "data.csv", data_csv, -1);
  copy_model (fixture);

  fixture->launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE
                                                 | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                                 | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_subprocess_launcher_set_cwd (fixture->launcher, fixture->folder);
  g_subprocess_launcher_setenv (fixture->launcher, "ATTUNE_MODELS", store, TRUE);
  g_subprocess_launcher_setenv (fixture->launcher, "XDG_DATA_HOME", store, TRUE);
  g_subprocess_launcher_setenv (fixture->launcher, "XDG_CACHE_HOME", store, TRUE);
  if (strcmp (data, "fake") == 0)
    g_subprocess_launcher_setenv (fixture->launcher, "ATTUNE_ENGINE",
                                  g_getenv ("ATTUNE_FAKE_ENGINE"), TRUE);
}

void
cli_fixture_tear_down (CliFixture   *fixture,
                       gconstpointer data)
{
  attune_durable_folder_remove (fixture->folder);
  g_object_unref (fixture->launcher);
  g_free (fixture->folder);
}

void
cli_fixture_write (CliFixture *fixture,
                   const char *name,
                   const char *text,
                   gssize      length)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, length, NULL));
}

char *
cli_fixture_read (CliFixture *fixture,
                  const char *name,
                  gsize      *length)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  char *text;

  g_assert_true (g_file_get_contents (path, &text, length, NULL));
  return text;
}

gboolean
cli_fixture_has (CliFixture *fixture,
                 const char *name)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

guint
cli_fixture_count (CliFixture *fixture,
                   const char *folder)
{
  g_autofree char *path = g_build_filename (fixture->folder, folder, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

GSubprocess *
cli_fixture_spawn (CliFixture *fixture,
                   const char *arguments)
{
  g_autofree char *line = g_strconcat ("attune-cli ", arguments, NULL);
  g_auto (GStrv) argv = NULL;
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  g_assert_true (g_shell_parse_argv (line, NULL, &argv, NULL));
  g_free (argv[0]);
  argv[0] = g_strdup (g_getenv ("ATTUNE_CLI_PROGRAM"));
  process = g_subprocess_launcher_spawnv (fixture->launcher, (const char * const *) argv, &error);
  g_assert_no_error (error);

  return process;
}

static char *
dup_text (GBytes *bytes)
{
  return bytes == NULL || g_bytes_get_size (bytes) == 0
           ? g_strdup ("")
           : g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

CliResult *
cli_fixture_run (CliFixture *fixture,
                 const char *input,
                 gssize      length,
                 const char *arguments)
{
  g_autoptr (GSubprocess) process = cli_fixture_spawn (fixture, arguments);
  g_autoptr (GBytes) bytes = NULL, out = NULL, err = NULL;
  CliResult *self = g_new0 (CliResult, 1);

  bytes = input == NULL ? g_bytes_new (NULL, 0)
                        : g_bytes_new (input, length < 0 ? (gsize) strlen (input) : (gsize) length);
  /* A program that refuses its arguments may be gone before it reads: that is no failure here. */
  g_subprocess_communicate (process, bytes, NULL, &out, &err, NULL);
  g_assert_true (g_subprocess_wait (process, NULL, NULL));

  self->exit = g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process) : -1;
  self->out = dup_text (out);
  self->err = dup_text (err);

  return self;
}

void
cli_result_free (CliResult *self)
{
  g_free (self->out);
  g_free (self->err);
  g_free (self);
}

void
cli_fixture_refuse (CliFixture *fixture,
                    int         exit,
                    const char *words,
                    const char *arguments)
{
  guint before = cli_fixture_count (fixture, ".");
  g_autoptr (CliResult) result = cli_fixture_run (fixture, NULL, 0, arguments);
  g_auto (GStrv) lines = g_strsplit (g_strchomp (result->err), "\n", 0);
  guint n = g_strv_length (lines);
  const char *last = n > 0 ? lines[n - 1] : "";

  if (result->exit != exit || !g_str_has_prefix (last, "attune-cli: ")
      || strstr (last, words) == NULL)
    g_error ("“%s” gave exit %d and “%s”, not exit %d and “%s”", arguments, result->exit,
             result->err, exit, words);
  /* What came before are the phases that went well. */
  for (guint i = 0; i + 1 < n; i++)
    g_assert_false (g_str_has_prefix (lines[i], "attune-cli: "));
  g_assert_cmpuint (cli_fixture_count (fixture, "."), ==, before);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli bench on the fake engine: that every row is there and reads as a number, and that what
 * it measures with is the same each time. Not how fast anything is.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include <yyjson.h>

#include "cli-fixture.h"

#define QUICK "bench --quick --model model "

static void
assert_done (CliResult *result)
{
  if (result->exit != 0)
    g_error ("exit %d: %s", result->exit, result->err);
}

/* Counts the rows of that name; each must have these numbers, above zero. */
static guint
count_rows (const char         *out,
            const char         *name,
            const char * const *numbers)
{
  g_auto (GStrv) lines = g_strsplit (out, "\n", 0);
  guint n = 0;

  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      yyjson_doc *document = yyjson_read (lines[i], strlen (lines[i]), 0);
      yyjson_val *root = yyjson_doc_get_root (document);

      if (g_strcmp0 (yyjson_get_str (yyjson_obj_get (root, "row")), name) == 0)
        {
          for (guint k = 0; numbers[k] != NULL; k++)
            g_assert_cmpfloat (yyjson_get_num (yyjson_obj_get (root, numbers[k])), >, 0);
          n++;
        }
      yyjson_doc_free (document);
    }
  return n;
}

static void
test_every_row_is_there (CliFixture   *fixture,
                         gconstpointer data)
{
  static const char * const machine[] = { "cores", "threads", "fp32_gflops", NULL };
  static const char * const training[] = { "rows", "sentences_per_second", "tokens_per_second",
                                           "mean_tokens", "fill_ratio", "flops_per_token",
                                           "peak_share", NULL };
  static const char * const latency[] = { "tokens", NULL };
  static const char * const pace[] = { "texts", "texts_per_second", NULL };
  g_autoptr (CliResult) all = NULL, one = NULL, person = NULL;

  g_subprocess_launcher_setenv (fixture->launcher, "TMPDIR", fixture->folder, TRUE);
  all = cli_fixture_run (fixture, NULL, 0, QUICK "--json");
  assert_done (all);
  g_assert_cmpuint (count_rows (all->out, "machine", machine), ==, 1);
  g_assert_cmpuint (count_rows (all->out, "training", training), ==, 4);
  g_assert_cmpuint (count_rows (all->out, "latency", latency), ==, 5);
  g_assert_cmpuint (count_rows (all->out, "tokenizer", pace), ==, 1);
  g_assert_cmpuint (count_rows (all->out, "classification", pace), ==, 1);

  one = cli_fixture_run (fixture, NULL, 0,
                         QUICK "--json --data data.csv --rows 8 --precision fp32 training");
  assert_done (one);
  g_assert_cmpuint (count_rows (one->out, "training", training), ==, 1);
  g_assert_nonnull (strstr (one->out, "\"asked\":\"fp32\",\"precision\":\"fp32\""));
  g_assert_nonnull (strstr (one->out, "\"rows\":8,"));

  person = cli_fixture_run (fixture, NULL, 0, QUICK "machine tokenizer");
  assert_done (person);
  g_assert_nonnull (strstr (person->out, "fp32 100, bf16 0 GFLOP/s; auto is fp32\n"));
  g_assert_nonnull (strstr (person->out, "tokenizer       400 texts in "));
  /* Nothing of it stays behind: data.csv and model/ were here before. */
  g_assert_cmpuint (cli_fixture_count (fixture, "."), ==, 2);
}

/* Another program is measured with the same texts and weights, today and tomorrow. */
static void
test_material_is_the_same_each_time (CliFixture   *fixture,
                                     gconstpointer data)
{
  static const char * const names[] = { "texts.tsv", "small/model.safetensors" };
  g_autoptr (CliResult) first = NULL, second = NULL, logits = NULL;

  first = cli_fixture_run (fixture, NULL, 0, QUICK "--json --output one material");
  assert_done (first);
  g_assert_nonnull (strstr (first->out, "\"base\":\"one/small\",\"data\":\"one/texts.tsv\""));
  second = cli_fixture_run (fixture, NULL, 0, QUICK "--output two material");
  assert_done (second);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *a = g_build_filename ("one", names[i], NULL);
      g_autofree char *b = g_build_filename ("two", names[i], NULL);
      gsize length_a, length_b;
      g_autofree char *bytes_a = cli_fixture_read (fixture, a, &length_a);
      g_autofree char *bytes_b = cli_fixture_read (fixture, b, &length_b);

      g_assert_cmpmem (bytes_a, length_a, bytes_b, length_b);
    }
  logits = cli_fixture_run (fixture, "{\"ids\":[2,5,3]}\n", -1, "logits --model one/small");
  assert_done (logits);
}

static void
test_wrong_usage_is_refused (CliFixture   *fixture,
                             gconstpointer data)
{
  cli_fixture_refuse (fixture, 2, "no part “speed”", QUICK "speed");
  cli_fixture_refuse (fixture, 2, "--precision", QUICK "--precision fp8");
  cli_fixture_refuse (fixture, 2, "--rows", QUICK "--rows -1");
  cli_fixture_refuse (fixture, 1, "nowhere", "bench --quick --model nowhere");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, test)                                                                            \
  g_test_add (path, CliFixture, "fake", cli_fixture_set_up, test, cli_fixture_tear_down)
  ADD ("/cli/bench/every-row-is-there", test_every_row_is_there);
  ADD ("/cli/bench/material-is-the-same-each-time", test_material_is_the_same_each_time);
  ADD ("/cli/bench/wrong-usage-is-refused", test_wrong_usage_is_refused);

  return g_test_run ();
}

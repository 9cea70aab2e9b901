/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Findings between texts and a model, from made-up token counts.
 */
#include "config.h"

#include <string.h>

#include "attune-check.h"
#include "table-from-text.h"

#define N_ROWS 200u

static const AttuneFinding *
find (GPtrArray  *findings,
      const char *code)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const AttuneFinding *finding = g_ptr_array_index (findings, i);

      if (g_str_equal (finding->code, code))
        return finding;
    }
  return NULL;
}

/* N_ROWS times the same text, of two labels. */
static AttuneDataset *
repeat (const char *text)
{
  GString *rows = g_string_new (NULL);
  AttuneDataset *dataset;

  for (guint i = 0; i < N_ROWS; i++)
    g_string_append_printf (rows, "%s,%u\n", text, i % 2);
  dataset = dataset_from_rows (rows->str);
  g_string_free (rows, TRUE);
  return dataset;
}

static GPtrArray *
check (const char *text,
       guint       n_tokens,
       guint       n_unknown,
       gboolean    lower_cases)
{
  g_autoptr (AttuneDataset) dataset = repeat (text);
  guint lengths[N_ROWS], unknown[N_ROWS];
  GPtrArray *findings = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_finding_free);

  for (guint i = 0; i < N_ROWS; i++)
    {
      lengths[i] = n_tokens + 2;
      unknown[i] = n_unknown;
    }
  attune_check_model (findings, dataset,
                      &(AttuneModelFacts) { lengths, unknown, 512, 512, lower_cases });
  return findings;
}

static void
assert_found (const char *text,
              guint       n_tokens,
              guint       n_unknown,
              gboolean    lower_cases,
              const char *code,
              const char *words)
{
  g_autoptr (GPtrArray) findings = check (text, n_tokens, n_unknown, lower_cases);

  if (code == NULL)
    {
      g_assert_cmpuint (findings->len, ==, 0);
      return;
    }
  g_assert_cmpuint (findings->len, ==, 1);
  g_assert_nonnull (find (findings, code));
  g_assert_nonnull (strstr (find (findings, code)->message, words));
}

static void
test_language (void)
{
  assert_found ("The quick brown fox jumps over it", 7, 0, FALSE, NULL, NULL);
  assert_found ("The quick brown fox jumps over it", 7, 1, FALSE, "wrong-language", "14 %");
  /* Each letter a token, none unknown. */
  assert_found ("Съешь же ещё этих мягких булок", 25, 0, FALSE, "wrong-language", "1.0 letters");
  assert_found ("Съешь же ещё этих мягких булок", 8, 0, FALSE, NULL, NULL);
  /* Chinese is read character by character by the model made for it. */
  assert_found ("我们在这里住了三天很满意", 12, 0, TRUE, NULL, NULL);
  assert_found ("我们在这里住了三天很满意", 12, 9, TRUE, "wrong-language", "75 %");
}

static void
test_case (void)
{
  assert_found ("the quick brown fox jumps over it", 7, 0, FALSE, "wrong-case", "lower case");
  assert_found ("THE QUICK BROWN FOX JUMPS OVER IT", 7, 0, FALSE, "wrong-case", "capital");
  assert_found ("the quick brown fox jumps over it", 7, 0, TRUE, NULL, NULL);
  assert_found ("Съешь же ещё этих мягких булок", 8, 0, FALSE, NULL, NULL);
  assert_found ("съешь же ещё этих мягких булок", 8, 0, FALSE, "wrong-case", "lower case");
  assert_found ("我们在这里住了三天很满意 ok", 13, 0, FALSE, NULL, NULL);
}

static const AttuneFinding *
find_truncation (GPtrArray *findings,
                 guint      max_length,
                 guint      proposal)
{
  g_autoptr (AttuneDataset) dataset = repeat ("Some words");
  guint lengths[N_ROWS];

  for (guint i = 0; i < N_ROWS; i++)
    lengths[i] = i + 1;
  g_ptr_array_set_size (findings, 0);
  attune_check_model (findings, dataset,
                      &(AttuneModelFacts) { lengths, NULL, max_length, proposal, FALSE });
  return find (findings, "truncation");
}

static void
test_truncation (void)
{
  g_autoptr (GPtrArray) findings =
    g_ptr_array_new_with_free_func ((GDestroyNotify) attune_finding_free);
  const AttuneFinding *finding;

  g_assert_null (find_truncation (findings, 200, 208));
  g_assert_null (find_truncation (findings, 0, 208));
  finding = find_truncation (findings, 128, 208);
  g_assert_cmpint (finding->severity, ==, ATTUNE_SEVERITY_WARNING);
  g_assert_cmpuint (finding->count, ==, 72);
  g_assert_cmpuint (g_array_index (finding->rows, guint, 0), ==, 128);
  g_assert_nonnull (strstr (finding->message, "36.0 %"));
  g_assert_cmpstr (finding->remedy->words, ==, "Set Length to 208");
  g_assert_cmpstr (finding->remedy->setting, ==, "max_length");
  g_assert_cmpstr (finding->remedy->value, ==, "208");
  /* The proposal cuts some as well, and there is nothing to be done about it. */
  finding = find_truncation (findings, 0, 198);
  g_assert_cmpint (finding->severity, ==, ATTUNE_SEVERITY_INFO);
  g_assert_cmpuint (finding->count, ==, 2);
  g_assert_null (finding->remedy);
}

static const AttuneFinding *
find_cut (GPtrArray      *findings,
          AttuneReadPart  part,
          guint           max_length,
          guint           capacity,
          guint           enough_windows)
{
  g_autoptr (AttuneDataset) dataset = repeat ("Some words");
  guint lengths[N_ROWS];

  for (guint i = 0; i < N_ROWS; i++)
    lengths[i] = i + 1;
  g_ptr_array_set_size (findings, 0);
  attune_check_model (findings, dataset,
                      &(AttuneModelFacts) { lengths, NULL, max_length, 208, FALSE, part, capacity,
                                            enough_windows });
  return find (findings, "truncation");
}

/* What is said fits what is read, and so does what to do about it. */
static void
test_parts_of_long_texts (void)
{
  g_autoptr (GPtrArray) findings =
    g_ptr_array_new_with_free_func ((GDestroyNotify) attune_finding_free);
  const AttuneFinding *finding;

  finding = find_cut (findings, ATTUNE_READ_TAIL, 128, 0, 0);
  g_assert_nonnull (strstr (finding->message, "only their ends"));
  g_assert_cmpstr (finding->remedy->setting, ==, "max_length");
  finding = find_cut (findings, ATTUNE_READ_BOTH_ENDS, 128, 0, 0);
  g_assert_nonnull (strstr (finding->message, "beginnings and ends"));
  /* In windows of 32 tokens nothing is left out where there may be enough of them. */
  g_assert_null (find_cut (findings, ATTUNE_READ_WINDOWS, 32, 200, 0));
  finding = find_cut (findings, ATTUNE_READ_WINDOWS, 32, 122, 7);
  g_assert_cmpuint (finding->count, ==, 78);
  g_assert_nonnull (strstr (finding->message, "122 tokens that their windows hold"));
  g_assert_cmpstr (finding->remedy->words, ==, "Read Up to 7 Windows");
  g_assert_cmpstr (finding->remedy->setting, ==, "max_windows");
  g_assert_cmpstr (finding->remedy->value, ==, "7");
  g_assert_null (find_cut (findings, ATTUNE_READ_WINDOWS, 32, 122, 0)->remedy);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/check-model/language", test_language);
  g_test_add_func ("/check-model/case", test_case);
  g_test_add_func ("/check-model/truncation", test_truncation);
  g_test_add_func ("/check-model/parts", test_parts_of_long_texts);

  return g_test_run ();
}

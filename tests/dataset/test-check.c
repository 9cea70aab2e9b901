/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each finding of the data check, made to appear and made to stay away.
 */
#include "config.h"

#include <string.h>

#include "attune-check.h"
#include "table-from-text.h"

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

/* Checks the rows; asserts that code is found with this severity and count (or not, count 0). */
static char *
check_rows (const char     *rows,
            const char     *code,
            AttuneSeverity  severity,
            guint           count)
{
  g_autoptr (AttuneDataset) dataset = dataset_from_rows (rows);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) findings = attune_check_run (dataset, NULL, NULL, &error);
  const AttuneFinding *finding;

  g_assert_no_error (error);
  for (guint i = 0; i < findings->len; i++)
    {
      const AttuneFinding *it = g_ptr_array_index (findings, i);

      g_assert_false (g_str_has_suffix (it->message, "."));
      g_assert_true (g_utf8_validate (it->message, -1, NULL));
      for (guint k = 0; k < it->rows->len; k++)
        g_assert_cmpuint (g_array_index (it->rows, guint, k), <,
                          attune_dataset_get_n_rows (dataset));
      if (i > 0)
        g_assert_cmpint (it->severity, >=,
                         ((AttuneFinding *) g_ptr_array_index (findings, i - 1))->severity);
    }
  finding = find (findings, code);
  if (count == 0)
    {
      g_assert_null (finding);
      return NULL;
    }
  g_assert_nonnull (finding);
  g_assert_cmpint (finding->severity, ==, severity);
  g_assert_cmpuint (finding->count, ==, count);
  return g_strdup (finding->message);
}

#define CHECK(rows, code, severity, count) \
  g_free (check_rows (rows, code, ATTUNE_SEVERITY_##severity, count))

#define MANY "a1,x\na2,y\na3,x\na4,y\na5,x\na6,y\na7,x\na8,y\na9,x\nb1,y\n"

static void
test_good_data_has_no_findings (void)
{
  g_autoptr (AttuneDataset) dataset = dataset_from_rows (MANY);
  g_autoptr (GPtrArray) findings = attune_check_run (dataset, NULL, NULL, NULL);

  g_assert_cmpuint (findings->len, ==, 0);
}

static void
test_classes (void)
{
  GString *rows = g_string_new (NULL);
  g_autofree char *message = NULL;

  CHECK ("a,x\nb,x\n", "one-class", BLOCKS, 1);
  CHECK (MANY, "one-class", BLOCKS, 0);
  CHECK (MANY "c,\nd,\n", "missing-labels", WARNING, 2);
  CHECK (MANY "c,-1\nd,-1\n", "minus-one-labels", WARNING, 2);
  CHECK (MANY "c,z\nd,z\n", "tiny-classes", WARNING, 1);
  CHECK (MANY, "tiny-classes", WARNING, 0);

  for (guint i = 0; i < 90; i++)
    g_string_append_printf (rows, "t%u,%s\n", i, i < 80 ? "x" : "y");
  CHECK (rows->str, "imbalance", WARNING, 80);
  g_string_truncate (rows, 0);
  for (guint i = 0; i < 30; i++)
    g_string_append_printf (rows, "t%u,%u\n", i, i);
  message = check_rows (rows->str, "id-labels", ATTUNE_SEVERITY_BLOCKS, 30);
  g_assert_cmpstr (message, ==, "30 classes for 30 rows: is “label” really the label column?");
  g_string_append (rows, "u,1\nv,2\n");
  CHECK (rows->str, "id-labels", WARNING, 30);
  g_string_truncate (rows, 0);
  for (guint i = 0; i < 40; i++)
    g_string_append_printf (rows, "t%u,%u.5\n", i, i % 10);
  CHECK (rows->str, "number-labels", WARNING, 10);
  g_string_free (rows, TRUE);
}

static void
test_nothing_labelled (void)
{
  g_autoptr (AttuneDataset) dataset = dataset_from_rows ("a,\nb,\n");
  g_autoptr (GPtrArray) findings = attune_check_run (dataset, NULL, NULL, NULL);
  const AttuneFinding *first = g_ptr_array_index (findings, 0);

  g_assert_cmpstr (first->code, ==, "one-class");
  g_assert_cmpint (first->severity, ==, ATTUNE_SEVERITY_BLOCKS);
  g_assert_nonnull (find (findings, "missing-labels"));
}

static void
test_label_names_that_are_alike (void)
{
  g_autofree char *message = NULL;

  CHECK ("a,spam\nb,Spam\n", "similar-labels", WARNING, 1);
  CHECK ("a,spam\nb, spam\n", "similar-labels", WARNING, 1);
  CHECK ("a,spam\nb,Spam\nc, SPAM \n", "similar-labels", WARNING, 2);
  CHECK ("a,caf\u00e9\nb,cafe\u0301\n", "similar-labels", WARNING, 1);
  CHECK ("a,1\nb,1.0\n", "similar-labels", WARNING, 1);
  CHECK ("a,1\nb,\"1,0\"\n", "similar-labels", WARNING, 1);
  CHECK ("a,very good\nb,very_good\n", "similar-labels", WARNING, 1);
  CHECK ("a,1\nb,-1\nc,10\nd,1.5\ne,\"1,5\"\n", "similar-labels", WARNING, 0);
  CHECK ("a,1.1\nb,1.10\n", "similar-labels", WARNING, 0);
  message = check_rows ("a,spam\nb,Spam\n", "similar-labels", ATTUNE_SEVERITY_WARNING, 1);
  g_assert_nonnull (strstr (message, "“Spam” and “spam”"));
}

static void
test_texts (void)
{
  CHECK (MANY ",x\n   ,y\n\u200b\u00a0,x\n\001\002,x\n", "empty-texts", WARNING, 4);
  CHECK (",x\n\"\",y\n", "empty-texts", BLOCKS, 2);
  CHECK (MANY ",x\n,x\n", "duplicates", INFO, 0);
  CHECK (MANY "a\uFFFDb,x\n", "damaged-texts", INFO, 1);
  CHECK (MANY "a1,x\n", "duplicates", WARNING, 1);
  CHECK (MANY "a1,x\na1,x\na2,y\n", "duplicates", WARNING, 3);
  CHECK (MANY "a1,x\n", "conflicting-duplicates", WARNING, 0);
  CHECK (MANY "a1,y\na1,y\na2,y\na1,x\n", "conflicting-duplicates", WARNING, 1);
  CHECK (MANY "a1,\n", "conflicting-duplicates", WARNING, 0);
}

/* Both rows of a text beside each other, to be compared. */
static void
test_conflicts_are_shown_in_pairs (void)
{
  g_autoptr (AttuneDataset) dataset = dataset_from_rows (MANY "a2,x\na1,y\n");
  g_autoptr (GPtrArray) findings = attune_check_run (dataset, NULL, NULL, NULL);
  GArray *rows = find (findings, "conflicting-duplicates")->rows;
  static const guint expected[] = { 0, 11, 1, 10 };

  g_assert_cmpmem (rows->data, rows->len * sizeof (guint), expected, sizeof expected);
}

static void
test_texts_that_are_no_texts (void)
{
  GString *rows = g_string_new (NULL);

  CHECK ("a,x\na,y\na,x\n", "equal-texts", BLOCKS, 1);
  CHECK (MANY, "equal-texts", BLOCKS, 0);
  CHECK ("x,x\ny,y\nx,x\ny,y\n", "text-is-label", BLOCKS, 2);
  CHECK ("x,y\ny,x\nx,x\ny,y\n", "text-is-label", BLOCKS, 0);
  for (guint i = 0; i < 400; i++)
    g_string_append_printf (rows, "%u,%c\n", i % 7, "xyz"[i % 3]);
  CHECK (rows->str, "few-texts", WARNING, 7);
  g_string_truncate (rows, 0);
  for (guint i = 0; i < 400; i++)
    g_string_append_printf (rows, "%u,%c\n", i % 9, "xyz"[i % 3]);
  CHECK (rows->str, "few-texts", WARNING, 0);
  g_string_free (rows, TRUE);
}

static void
test_words_of_the_model_and_markup (void)
{
  CHECK (MANY "a [SEP] b,x\nthe [MASK],y\n[CLS],x\n", "special-tokens", WARNING, 3);
  CHECK (MANY "a [sep] b,x\n[SEP,y\n[,x\nSEP],y\n", "special-tokens", WARNING, 0);
  CHECK (MANY "a\001b,x\nc\x7f" "d,y\n", "control-characters", INFO, 2);
  CHECK (MANY "a\tb,x\n\"c\nd\",y\n", "control-characters", INFO, 0);
  CHECK (MANY "a<br />b,x\n</P> c,y\nd &amp; e,x\n&#39;,x\n&#x2f;,y\n<a href=q>,x\n", "markup",
         INFO, 6);
  CHECK (MANY "a < b,x\n<3,y\nR&D; e,x\n&#;,x\n&#,y\n<br,x\n<unknown>,y\n&,x\n<,y\n<abc >,x\n",
         "markup", INFO, 0);
  CHECK (MANY "A1,x\n a2  ,y\n", "near-duplicates", INFO, 2);
  CHECK (MANY "a1,x\na2,y\n", "near-duplicates", INFO, 0);
}

/* The button's words and what it would do. */
static void
assert_remedy (const char *rows,
               const char *code,
               const char *words,
               const char *json)
{
  g_autoptr (AttuneDataset) dataset = dataset_from_rows (rows);
  g_autoptr (GPtrArray) findings = attune_check_run (dataset, NULL, NULL, NULL);
  const AttuneFinding *finding = find (findings, code);
  g_autoptr (AttuneDataset) amended = NULL;
  g_autoptr (GPtrArray) left = NULL;
  g_autofree char *amendments = NULL;

  g_assert_nonnull (finding);
  g_assert_nonnull (finding->remedy);
  g_assert_cmpstr (finding->remedy->words, ==, words);
  if (json == NULL)
    {
      g_assert_cmpstr (finding->remedy->setting, ==, "class_weight");
      g_assert_cmpstr (finding->remedy->value, ==, "balanced");
      return;
    }
  amendments = attune_amendments_to_json (finding->remedy->amendments);
  g_assert_cmpstr (amendments, ==, json);
  /* One click, and it is no longer found. */
  amended = attune_amendments_apply (finding->remedy->amendments, dataset, NULL, NULL, NULL);
  left = attune_check_run (amended, NULL, NULL, NULL);
  g_assert_null (find (left, code));
  g_assert_null (find (left, "missing-labels"));
}

static void
test_remedies (void)
{
  GString *rows = g_string_new (NULL);

  assert_remedy (MANY ",x\n", "empty-texts", "Drop 1 Row", "{\"drop\":[\"empty\"],\"labels\":[]}");
  assert_remedy (MANY "a1,x\na1,x\n", "duplicates", "Drop 2 Rows",
                 "{\"drop\":[\"duplicates\"],\"labels\":[]}");
  assert_remedy (MANY "a1,y\na1,y\n", "conflicting-duplicates", "Drop 3 Rows",
                 "{\"drop\":[\"conflicting\"],\"labels\":[]}");
  assert_remedy (MANY "c,-1\nd,-1\n", "minus-one-labels", "Drop 2 Rows",
                 "{\"drop\":[],\"labels\":[{\"drop\":\"-1\"}]}");
  assert_remedy (MANY "c,X\nd, x\n", "similar-labels", "Merge into “x”",
                 "{\"drop\":[],\"labels\":[{\"merge\":\" x\",\"into\":\"x\"},"
                 "{\"merge\":\"X\",\"into\":\"x\"}]}");
  assert_remedy (MANY "c,X\nd,Y\n", "similar-labels", "Merge 2 Labels",
                 "{\"drop\":[],\"labels\":[{\"merge\":\"X\",\"into\":\"x\"},"
                 "{\"merge\":\"Y\",\"into\":\"y\"}]}");
  assert_remedy (MANY "c,z\n", "tiny-classes", "Drop 1 Row",
                 "{\"drop\":[],\"labels\":[{\"drop\":\"z\"}]}");
  assert_remedy (MANY "c,z\nd,z\ne,z\nf,w\ng,w\n", "tiny-classes", "Merge into “other”",
                 "{\"drop\":[],\"labels\":[{\"merge\":\"w\",\"into\":\"other\"},"
                 "{\"merge\":\"z\",\"into\":\"other\"}]}");
  for (guint i = 0; i < 90; i++)
    g_string_append_printf (rows, "t%u,%s\n", i, i < 60 ? "x" : "y");
  assert_remedy (rows->str, "imbalance", "Weigh Classes", NULL);
  g_string_free (rows, TRUE);
}

static void
test_imbalance (void)
{
  GString *rows = g_string_new (NULL);
  g_autofree char *message = NULL;

  for (guint i = 0; i < 100; i++)
    g_string_append_printf (rows, "t%u,%s\n", i, i < 59 ? "x" : "y");
  CHECK (rows->str, "imbalance", INFO, 0);
  g_string_append (rows, "u,x\nv,x\nw,x\n");
  message = check_rows (rows->str, "imbalance", ATTUNE_SEVERITY_INFO, 62);
  g_assert_nonnull (strstr (message, "60.2 %"));
  g_string_truncate (rows, 0);
  for (guint i = 0; i < 300; i++)
    g_string_append_printf (rows, "t%u,%s\n", i, i < 6 ? "x" : i % 2 ? "y" : "z");
  CHECK (rows->str, "imbalance", INFO, 147);
  g_string_free (rows, TRUE);
}

static const AttuneFinding *
find_after_split (GPtrArray  *findings,
                  const char *rows,
                  double      share,
                  const char *code)
{
  g_autoptr (AttuneDataset) dataset = dataset_from_rows (rows);
  g_autoptr (AttuneSplit) split = attune_split_new (dataset, share, 42);

  g_ptr_array_set_size (findings, 0);
  attune_check_split (findings, dataset, split);
  return find (findings, code);
}

static void
test_split (void)
{
  g_autoptr (GPtrArray) findings =
    g_ptr_array_new_with_free_func ((GDestroyNotify) attune_finding_free);

  g_assert_nonnull (find_after_split (findings, "a,x\nb,y\n", 0.5, "split-empty"));
  g_assert_nonnull (find_after_split (findings, "a,x\nA,y\na,x\n", 0.5, "split-empty"));
  g_assert_null (find_after_split (findings, "a,x\nb,y\n", 0, "split-empty"));
  g_assert_nonnull (find_after_split (findings, MANY "c,z\nd,w\n", 0.2, "split-lacks-classes"));
  g_assert_cmpuint (find (findings, "split-lacks-classes")->count, ==, 2);
  g_assert_null (find_after_split (findings, MANY, 0.2, "split-lacks-classes"));
  g_assert_cmpuint (findings->len, ==, 0);
}

static void
test_validation (void)
{
  g_autoptr (AttuneDataset) dataset = dataset_from_rows (MANY);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = READ ("text,label\nnew,x\na1,x\na2,x\nother,\n,x\n",
                                        NULL, &error);
  g_autoptr (AttuneDataset) validation =
    attune_dataset_new (table, NULL, attune_dataset_get_label_names (dataset), &error);
  g_autoptr (GPtrArray) findings = NULL;
  const AttuneFinding *finding;

  g_assert_no_error (error);
  findings = attune_check_run (dataset, validation, NULL, &error);
  finding = find (findings, "validation-overlap");
  g_assert_cmpuint (finding->count, ==, 2);
  g_assert_cmpuint (finding->rows->len, ==, 2);
  g_assert_cmpuint (g_array_index (finding->rows, guint, 0), ==, 1);
  g_assert_true (finding->of_validation);
  g_assert_cmpstr (finding->remedy->words, ==, "Drop 2 Rows");
  g_assert_cmpint (finding->remedy->amendments->drop, ==, ATTUNE_DROP_OVERLAP);
  g_assert_cmpuint (find (findings, "validation-missing-labels")->count, ==, 1);
  g_assert_cmpuint (find (findings, "validation-lacks-classes")->count, ==, 1);
  g_assert_nonnull (strstr (find (findings, "validation-lacks-classes")->message, "“y”"));
}

static void
test_examples_are_at_most_a_thousand (void)
{
  GString *rows = g_string_new (MANY);
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (GPtrArray) findings = NULL;

  for (guint i = 0; i < 3000; i++)
    g_string_append (rows, "a1,x\n");
  dataset = dataset_from_rows (rows->str);
  findings = attune_check_run (dataset, NULL, NULL, NULL);
  g_assert_cmpuint (find (findings, "duplicates")->count, ==, 3000);
  g_assert_cmpuint (find (findings, "duplicates")->rows->len, ==, 1000);
  g_string_free (rows, TRUE);
}

static void
test_cancelled (void)
{
  g_autoptr (AttuneDataset) dataset = dataset_from_rows (MANY);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (attune_check_run (dataset, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/check/good-data-has-no-findings", test_good_data_has_no_findings);
  g_test_add_func ("/check/classes", test_classes);
  g_test_add_func ("/check/nothing-labelled", test_nothing_labelled);
  g_test_add_func ("/check/label-names-that-are-alike", test_label_names_that_are_alike);
  g_test_add_func ("/check/texts", test_texts);
  g_test_add_func ("/check/conflicts-are-shown-in-pairs", test_conflicts_are_shown_in_pairs);
  g_test_add_func ("/check/texts-that-are-no-texts", test_texts_that_are_no_texts);
  g_test_add_func ("/check/words-of-the-model-and-markup", test_words_of_the_model_and_markup);
  g_test_add_func ("/check/remedies", test_remedies);
  g_test_add_func ("/check/imbalance", test_imbalance);
  g_test_add_func ("/check/split", test_split);
  g_test_add_func ("/check/validation", test_validation);
  g_test_add_func ("/check/examples-are-at-most-a-thousand", test_examples_are_at_most_a_thousand);
  g_test_add_func ("/check/cancelled", test_cancelled);

  return g_test_run ();
}

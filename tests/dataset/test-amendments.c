/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What amendments make of a data set, and that they survive being written down.
 */
#include "config.h"

#include <string.h>

#include "attune-amendments.h"
#include "table-from-text.h"

static AttuneAmendments *
parse (const char *json)
{
  g_autoptr (GError) error = NULL;
  AttuneAmendments *amendments = attune_amendments_from_json (json, strlen (json), &error);

  g_assert_no_error (error);
  return amendments;
}

/* "text=label/" for the rows that are left, with "-" for one without a label; then the names. */
static char *
dump (AttuneDataset *dataset)
{
  GString *out = g_string_new (NULL);
  g_autofree char *names =
    g_strjoinv (",", (char **) attune_dataset_get_label_names (dataset));
  guint n_dropped = 0;
  g_autofree guint *counts = g_new0 (guint, attune_dataset_get_n_labels (dataset) + 1);

  for (guint row = 0; row < attune_dataset_get_n_rows (dataset); row++)
    {
      gint32 label = attune_dataset_get_label (dataset, row);

      n_dropped += attune_dataset_is_dropped (dataset, row);
      if (label != ATTUNE_LABEL_NONE)
        counts[label]++;
      if (attune_dataset_is_dropped (dataset, row))
        g_assert_cmpint (label, ==, ATTUNE_LABEL_NONE);
      else
        g_string_append_printf (out, "%s=%s/", attune_dataset_get_text (dataset, row, NULL),
                                label == ATTUNE_LABEL_NONE
                                  ? "-" : attune_dataset_get_label_names (dataset)[label]);
    }
  g_assert_cmpuint (n_dropped, ==, attune_dataset_get_n_dropped (dataset));
  g_assert_cmpmem (counts, sizeof (guint) * attune_dataset_get_n_labels (dataset),
                   attune_dataset_get_label_counts (dataset),
                   sizeof (guint) * attune_dataset_get_n_labels (dataset));
  g_string_append_printf (out, " %s", names);
  return g_string_free (out, FALSE);
}

static void
assert_amended (const char *rows,
                const char *json,
                const char *expected)
{
  g_autoptr (AttuneDataset) dataset = dataset_from_rows (rows);
  g_autoptr (AttuneAmendments) amendments = parse (json);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneDataset) amended =
    attune_amendments_apply (amendments, dataset, NULL, NULL, &error);
  g_autofree char *before = dump (dataset);
  g_autofree char *after = NULL;
  g_autofree char *still = dump (dataset);

  g_assert_no_error (error);
  after = dump (amended);
  g_assert_cmpstr (after, ==, expected);
  g_assert_cmpstr (still, ==, before);
  g_assert_true (attune_amendments_equal (attune_dataset_get_amendments (amended), amendments));
}

static void
assert_refused (const char *rows,
                const char *json,
                const char *words)
{
  g_autoptr (AttuneDataset) dataset = dataset_from_rows (rows);
  g_autoptr (AttuneAmendments) amendments = parse (json);
  g_autoptr (GError) error = NULL;

  g_assert_null (attune_amendments_apply (amendments, dataset, NULL, NULL, &error));
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_drop (void)
{
  assert_amended ("a,x\n  ,x\nb,y\n\001,y\n", "{\"drop\":[\"empty\"]}", "a=x/b=y/ x,y");
  assert_amended ("a,x\na,x\nb,y\na,x\n", "{\"drop\":[\"duplicates\"]}", "a=x/b=y/ x,y");
  assert_amended ("a,x\na,y\nb,y\na,x\nc,x\n", "{\"drop\":[\"conflicting\"]}", "b=y/c=x/ x,y");
  assert_amended ("a,x\na,y\nb,y\nb,y\n", "{\"drop\":[\"conflicting\",\"duplicates\"]}",
                  "b=y/ x,y");
  /* Without a label a row contradicts nothing. */
  assert_amended ("a,\na,y\nb,x\n", "{\"drop\":[\"conflicting\"]}", "a=-/a=y/b=x/ x,y");
  /* Empty texts are not repeats of each other. */
  assert_amended (",x\n,y\n,x\n", "{\"drop\":[\"duplicates\",\"conflicting\"]}", "=x/=y/=x/ x,y");
}

static void
test_labels (void)
{
  assert_amended ("a,Spam\nb,spam\nc,ham\n",
                  "{\"labels\":[{\"merge\":\"Spam\",\"into\":\"spam\"}]}",
                  "a=spam/b=spam/c=ham/ ham,spam");
  assert_amended ("a,1\nb,0\nc,1\n",
                  "{\"labels\":[{\"rename\":\"0\",\"to\":\"negative\"},"
                  "{\"rename\":\"1\",\"to\":\"a positive one\"}]}",
                  "a=a positive one/b=negative/c=a positive one/ negative,a positive one");
  assert_amended ("a,1\nb,-1\nc,0\n", "{\"labels\":[{\"drop\":\"-1\"}]}", "a=1/c=0/ 0,1");
  assert_amended ("a,p\nb,q\nc,x\nd,y\n",
                  "{\"labels\":[{\"merge\":\"p\",\"into\":\"other\"},"
                  "{\"merge\":\"q\",\"into\":\"other\"}]}",
                  "a=other/b=other/c=x/d=y/ x,y,other");
  /* One after the other: each sees the names that those before it left. */
  assert_amended ("a,0\nb,1\nc,2\n",
                  "{\"labels\":[{\"rename\":\"0\",\"to\":\"no\"},{\"merge\":\"1\",\"into\":\"no\"},"
                  "{\"drop\":\"2\"}]}", "a=no/b=no/ no");
  /* Two labels change places. */
  assert_amended ("a,x\nb,y\n",
                  "{\"labels\":[{\"rename\":\"x\",\"to\":\"t\"},{\"rename\":\"y\",\"to\":\"x\"},"
                  "{\"rename\":\"t\",\"to\":\"y\"}]}", "a=y/b=x/ y,x");
  /* What was a contradiction is none once the labels are one. */
  assert_amended ("a,Spam\na,spam\nb,ham\n",
                  "{\"drop\":[\"conflicting\"],"
                  "\"labels\":[{\"merge\":\"Spam\",\"into\":\"spam\"}]}",
                  "a=spam/a=spam/b=ham/ ham,spam");
  assert_refused ("a,x\nb,y\n", "{\"labels\":[{\"drop\":\"z\"}]}", "“z”");
  assert_refused ("a,x\nb,y\n", "{\"labels\":[{\"rename\":\"x\",\"to\":\"y\"}]}", "merge them");
  assert_refused ("a,x\nb,y\n", "{\"labels\":[{\"rename\":\"x\",\"to\":\"\"}]}", "not empty");
}

static void
test_validation (void)
{
  g_autoptr (AttuneDataset) dataset = dataset_from_rows ("a,x\nb,y\na,x\nc,z\n,x\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = READ ("text,label\na,x\nnew,y\nc,z\n,y\n", NULL, &error);
  g_autoptr (AttuneDataset) validation =
    attune_dataset_new (table, NULL, attune_dataset_get_label_names (dataset), &error);
  g_autoptr (AttuneAmendments) amendments =
    parse ("{\"drop\":[\"overlap\"],\"labels\":[{\"drop\":\"z\"},{\"rename\":\"x\",\"to\":\"u\"}]}");
  g_autoptr (AttuneDataset) amended = NULL, amended_validation = NULL;
  g_autofree char *rows = NULL, *validation_rows = NULL;

  g_assert_no_error (error);
  amended_validation = attune_amendments_apply_to_validation (amendments, validation, &error);
  amended = attune_amendments_apply (amendments, dataset, amended_validation, NULL, &error);
  g_assert_no_error (error);
  rows = dump (amended);
  validation_rows = dump (amended_validation);
  g_assert_cmpstr (rows, ==, "b=y/=u/ u,y");
  g_assert_cmpstr (validation_rows, ==, "a=u/new=y/=y/ u,y");
}

static void
test_head_of_amended (void)
{
  g_autoptr (AttuneDataset) dataset = dataset_from_rows ("a,x\na,x\nb,y\na,x\n");
  g_autoptr (AttuneAmendments) amendments = parse ("{\"drop\":[\"duplicates\"]}");
  g_autoptr (AttuneDataset) amended =
    attune_amendments_apply (amendments, dataset, NULL, NULL, NULL);
  g_autoptr (AttuneDataset) head = attune_dataset_new_head (amended, 3);
  g_autofree char *rows = dump (head);

  g_assert_cmpstr (rows, ==, "a=x/b=y/ x,y");
  g_assert_true (attune_amendments_equal (attune_dataset_get_amendments (head), amendments));
}

static void
test_nothing_to_amend (void)
{
  g_autoptr (AttuneDataset) dataset = dataset_from_rows ("a,x\nb,y\n");
  g_autoptr (AttuneAmendments) none = attune_amendments_new ();
  g_autoptr (AttuneDataset) amended = attune_amendments_apply (none, dataset, NULL, NULL, NULL);
  g_autoptr (AttuneDataset) other = attune_amendments_apply (NULL, dataset, NULL, NULL, NULL);

  g_assert_true (amended == dataset);
  g_assert_true (other == dataset);
  g_assert_true (attune_amendments_equal (none, NULL));
}

/* Data to measure on: raw, changed already, or of each some. */
static void
test_labels_of_a_model (void)
{
  static const char *const classes[] = { "a", "good", "c", NULL };
  static const char *const swapped[] = { "b", "a", NULL };
  g_autoptr (AttuneAmendments) changes =
    parse ("{\"drop\":[\"empty\",\"duplicates\"],\"labels\":[{\"merge\":\"B\",\"into\":\"b\"},"
           "{\"rename\":\"b\",\"to\":\"good\"},{\"drop\":\"x\"}]}");
  g_autoptr (AttuneAmendments) swap =
    parse ("{\"labels\":[{\"rename\":\"a\",\"to\":\"t\"},{\"rename\":\"b\",\"to\":\"a\"},"
           "{\"rename\":\"t\",\"to\":\"b\"}]}");
  g_autoptr (AttuneDataset) mixed = dataset_from_rows ("1,B\n2,b\n3,good\n4,c\n4,c\n5,x\n");
  g_autoptr (AttuneDataset) raw = dataset_from_rows ("1,a\n2,b\n");
  g_autoptr (AttuneDataset) strange = dataset_from_rows ("1,a\n2,odd\n");
  g_autoptr (AttuneDataset) amended = NULL, turned = NULL;
  g_autofree char *all = NULL, *other = NULL;
  g_autoptr (GError) error = NULL;

  amended = attune_amendments_apply_to_labels (changes, mixed, classes, &error);
  g_assert_no_error (error);
  all = dump (amended);
  g_assert_cmpstr (all, ==, "1=good/2=good/3=good/4=c/4=c/ a,good,c");
  turned = attune_amendments_apply_to_labels (swap, raw, swapped, &error);
  g_assert_no_error (error);
  other = dump (turned);
  g_assert_cmpstr (other, ==, "1=b/2=a/ b,a");
  g_assert_null (attune_amendments_apply_to_labels (changes, strange, classes, &error));
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS);
  g_assert_nonnull (strstr (error->message, "“odd”"));
}

static void
test_cancelled (void)
{
  g_autoptr (AttuneDataset) dataset = dataset_from_rows ("a,x\na,y\n");
  g_autoptr (AttuneAmendments) amendments = parse ("{\"drop\":[\"duplicates\"]}");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (attune_amendments_apply (amendments, dataset, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_added_and_taken_away (void)
{
  g_autoptr (AttuneAmendments) self = attune_amendments_new ();
  g_autoptr (AttuneAmendments) first =
    parse ("{\"drop\":[\"empty\"],\"labels\":[{\"drop\":\"-1\"}]}");
  g_autoptr (AttuneAmendments) second =
    parse ("{\"drop\":[\"overlap\"],\"labels\":[{\"merge\":\"a\",\"into\":\"b\"}]}");
  g_autofree char *both = NULL, *rest = NULL;

  attune_amendments_add (self, first);
  attune_amendments_add (self, second);
  attune_amendments_add (self, first);
  both = attune_amendments_to_json (self);
  g_assert_cmpstr (both, ==, "{\"drop\":[\"empty\",\"overlap\"],\"labels\":[{\"drop\":\"-1\"},"
                             "{\"merge\":\"a\",\"into\":\"b\"}]}");
  attune_amendments_subtract (self, first);
  rest = attune_amendments_to_json (self);
  g_assert_cmpstr (rest, ==, "{\"drop\":[\"overlap\"],\"labels\":[{\"merge\":\"a\",\"into\":\"b\"}]}");
  attune_amendments_subtract (self, second);
  g_assert_true (attune_amendments_is_empty (self));
}

static void
test_as_options (void)
{
  g_autoptr (AttuneAmendments) self =
    parse ("{\"drop\":[\"empty\",\"overlap\"],\"labels\":[{\"merge\":\"it's\",\"into\":\"b c\"},"
           "{\"rename\":\"0\",\"to\":\"no\"},{\"drop\":\"-1\"}]}");
  g_autofree char *all = attune_amendments_to_options (self, G_MAXUINT);
  g_autofree char *some = attune_amendments_to_options (self, 1);
  g_autofree char *none = attune_amendments_to_options (NULL, 1);

  g_assert_cmpstr (all, ==, " --drop empty --drop overlap --merge-labels 'it'\\''s=b c' "
                            "--rename-label '0=no' --drop-label '-1'");
  g_assert_cmpstr (some, ==,
                   " --drop empty --drop overlap --merge-labels 'it'\\''s=b c' …");
  g_assert_cmpstr (none, ==, "");
}

static void
test_json_that_is_not_understood (void)
{
  static const char *const bad[] = {
    "", "[]", "{\"drop\":\"empty\"}", "{\"drop\":[\"all\"]}", "{\"drop\":[1]}", "{\"keep\":[]}",
    "{\"labels\":{}}", "{\"labels\":[{}]}", "{\"labels\":[\"x\"]}", "{\"labels\":[{\"merge\":\"x\"}]}",
    "{\"labels\":[{\"merge\":\"x\",\"to\":\"y\"}]}", "{\"labels\":[{\"drop\":\"x\",\"to\":\"y\"}]}",
    "{\"labels\":[{\"drop\":7}]}", "{\"drop\":[],\"labels\":[],\"more\":1}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (attune_amendments_from_json (bad[i], strlen (bad[i]), &error));
      g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/amendments/drop", test_drop);
  g_test_add_func ("/amendments/labels", test_labels);
  g_test_add_func ("/amendments/validation", test_validation);
  g_test_add_func ("/amendments/head-of-amended", test_head_of_amended);
  g_test_add_func ("/amendments/nothing-to-amend", test_nothing_to_amend);
  g_test_add_func ("/amendments/labels-of-a-model", test_labels_of_a_model);
  g_test_add_func ("/amendments/cancelled", test_cancelled);
  g_test_add_func ("/amendments/added-and-taken-away", test_added_and_taken_away);
  g_test_add_func ("/amendments/as-options", test_as_options);
  g_test_add_func ("/amendments/json-that-is-not-understood", test_json_that_is_not_understood);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Columns and labels of a data set.
 */
#include "config.h"

#include <string.h>

#include "table-from-text.h"

static char *
join_names (AttuneDataset *dataset)
{
  return g_strjoinv (",", (char **) attune_dataset_get_label_names (dataset));
}

static void
test_labels_are_in_natural_order (void)
{
  g_autoptr (AttuneDataset) dataset =
    dataset_from_rows ("a,10\nb,2\nc,x10\nd,x9\ne,01\nf,1\ng,-1\n");
  g_autofree char *names = join_names (dataset);

  g_assert_cmpstr (names, ==, "-1,01,1,2,10,x9,x10");
  g_assert_cmpint (attune_dataset_get_label (dataset, 0), ==, 4);
  g_assert_cmpuint (attune_dataset_get_label_counts (dataset)[4], ==, 1);
}

static void
test_compare_is_an_order (void)
{
  static const char *const names[] = { "", "0", "00", "1", "01", "1a", "2", "10", "10a", "a", "a1",
                                       "a01", "a1b", "a2", "a10", "B", "b", "\u00e9", " 1", "-1",
                                       "99999999999999999999999", "100000000000000000000000" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    for (guint j = 0; j < G_N_ELEMENTS (names); j++)
      {
        gint order = attune_label_compare (names[i], names[j]);

        g_assert_cmpint (order, ==, -attune_label_compare (names[j], names[i]));
        g_assert_true ((order == 0) == (i == j));
        for (guint k = 0; k < G_N_ELEMENTS (names); k++)
          if (order < 0 && attune_label_compare (names[j], names[k]) < 0)
            g_assert_cmpint (attune_label_compare (names[i], names[k]), <, 0);
      }
  g_assert_cmpint (attune_label_compare ("2", "10"), <, 0);
  g_assert_cmpint (attune_label_compare ("99999999999999999999", "100000000000000000000"), <, 0);
}

static void
test_rows_without_label (void)
{
  g_autoptr (AttuneDataset) dataset = dataset_from_rows ("a,x\nb,\nc,y\nd,\" \"\n");

  g_assert_cmpuint (attune_dataset_get_n_rows (dataset), ==, 4);
  g_assert_cmpuint (attune_dataset_get_n_labels (dataset), ==, 2);
  g_assert_cmpint (attune_dataset_get_label (dataset, 1), ==, ATTUNE_LABEL_NONE);
  g_assert_cmpint (attune_dataset_get_label (dataset, 2), ==, 1);
  g_assert_cmpint (attune_dataset_get_labels (dataset)[3], ==, ATTUNE_LABEL_NONE);
}

static void
test_given_names_fix_the_ids (void)
{
  const char *names[] = { "neg", "neutral", "pos", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = READ ("text,label\na,pos\nb,neg\nc,\n", NULL, &error);
  g_autoptr (AttuneTable) other = READ ("text,label\na,pos\n\n\nb,Pos\n", NULL, &error);
  g_autoptr (AttuneDataset) dataset = attune_dataset_new (table, NULL, names, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (attune_dataset_get_n_labels (dataset), ==, 3);
  g_assert_cmpint (attune_dataset_get_label (dataset, 0), ==, 2);
  g_assert_cmpint (attune_dataset_get_label (dataset, 1), ==, 0);
  g_assert_cmpint (attune_dataset_get_label (dataset, 2), ==, ATTUNE_LABEL_NONE);
  g_assert_cmpuint (attune_dataset_get_label_counts (dataset)[1], ==, 0);

  g_assert_null (attune_dataset_new (other, NULL, names, &error));
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS);
  g_assert_cmpstr (error->message, ==, "test.csv: line 5: the label “Pos” is unknown; those known "
                                       "are "
                                       "neg, neutral, pos");
}

static void
test_messages_stay_short_and_whole (void)
{
  g_autofree char *spaces = g_strnfill (1000, 'x');
  g_auto (GStrv) parts = g_strsplit (spaces, "x", -1);
  g_autofree char *label = g_strjoinv ("\u4e2d", parts);
  g_autofree char *text = g_strconcat ("text,label\na,", label, "\nb,c\n", NULL);
  const char *names[] = { label, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = read_text (text, strlen (text), NULL, &error);

  g_assert_no_error (error);
  g_assert_null (attune_dataset_new (table, NULL, names, &error));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_cmpuint (strlen (error->message), <, 400);
}

static void
test_columns_that_do_not_fit (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = READ ("text,label\na,1\nb,0\n", NULL, &error);
  g_autoptr (AttuneTable) single = READ ("just a text\nand another\n", NULL, &error);
  g_autoptr (AttuneTable) unlike = READ ("a,b\n1,one\n2,two\n3,three\n4,four\n5,five\n", NULL,
                                         &error);
  static const struct {
    AttuneColumns columns;
    const char *pattern;
  } cases[] = {
    { { 0, -1, 2 }, "test.csv: there is no column 3, the table has 2;*" },
    { { 0, -1, 0 }, "test.csv: column “text” is both text and label;*" },
    { { 0, 0, 1 }, "test.csv: column “text” is the second text and another column too;*" },
  };

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_null (attune_dataset_new (table, &cases[i].columns, NULL, &error));
      g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_COLUMN);
      g_assert_true (g_pattern_match_simple (cases[i].pattern, error->message));
      g_clear_error (&error);
    }
  g_assert_null (attune_dataset_new (single, NULL, NULL, &error));
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_COLUMN);
  g_assert_nonnull (strstr (error->message, "there is no label column"));
  g_clear_error (&error);
  g_assert_null (attune_dataset_new (unlike, NULL, NULL, &error));
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_COLUMN);
  g_assert_nonnull (strstr (error->message, "choose the label column"));
}

static void
test_text_column_gives_way_to_a_chosen_label (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = READ ("label,text\na b c,1\nd e f,0\n", NULL, &error);
  AttuneColumns columns = { -1, -1, 1 };
  g_autoptr (AttuneDataset) dataset = attune_dataset_new (table, &columns, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (attune_dataset_get_columns (dataset)->text, ==, 0);
  g_assert_cmpint (attune_dataset_get_columns (dataset)->label, ==, 1);
}

static void
test_pairs (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = READ ("sentence1\tsentence2\tlabel\na\tbb\t1\nc\td\t0\n", NULL,
                                        &error);
  AttuneColumns columns = { -1, 1, -1 };
  g_autoptr (AttuneDataset) pairs = attune_dataset_new (table, &columns, NULL, &error);
  g_autoptr (AttuneDataset) texts = attune_dataset_new (table, NULL, NULL, &error);
  gsize length;

  g_assert_no_error (error);
  g_assert_cmpstr (attune_dataset_get_text (pairs, 0, &length), ==, "a");
  g_assert_cmpuint (length, ==, 1);
  g_assert_cmpstr (attune_dataset_get_pair (pairs, 0, &length), ==, "bb");
  g_assert_cmpuint (length, ==, 2);
  g_assert_cmpint (attune_dataset_get_columns (texts)->pair, ==, -1);
  g_assert_null (attune_dataset_get_pair (texts, 0, &length));
  g_assert_cmpuint (length, ==, 0);
}

static void
test_one_class_opens (void)
{
  g_autoptr (AttuneDataset) dataset = dataset_from_rows ("a,x\nb,x\n");

  g_assert_cmpuint (attune_dataset_get_n_labels (dataset), ==, 1);
}

static void
test_too_many_classes (void)
{
  GString *text = g_string_new ("text,id\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = NULL;
  AttuneColumns columns = { 0, -1, 1 };

  for (guint i = 0; i < 10003; i++)
    g_string_append_printf (text, "a text,%u\n", i);
  table = read_text (text->str, text->len, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (attune_dataset_new (table, &columns, NULL, &error));
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "is “id” really the label column?"));
  g_string_free (text, TRUE);
}

static void
test_head (void)
{
  g_autoptr (AttuneDataset) dataset = dataset_from_rows ("a,x\nb,y\nc,x\nd,\ne,z\n");
  g_autoptr (AttuneDataset) head = attune_dataset_new_head (dataset, 4);
  g_autoptr (AttuneDataset) all = attune_dataset_new_head (dataset, 100);
  g_autoptr (AttuneDataset) none = attune_dataset_new_head (dataset, 0);

  g_assert_cmpuint (attune_dataset_get_n_rows (head), ==, 4);
  g_assert_cmpuint (attune_dataset_get_n_labels (head), ==, 3);
  g_assert_cmpuint (attune_dataset_get_label_counts (head)[0], ==, 2);
  g_assert_cmpuint (attune_dataset_get_label_counts (head)[2], ==, 0);
  g_assert_cmpuint (attune_dataset_get_n_rows (all), ==, 5);
  g_assert_cmpuint (attune_dataset_get_n_rows (none), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/dataset/labels-are-in-natural-order", test_labels_are_in_natural_order);
  g_test_add_func ("/dataset/compare-is-an-order", test_compare_is_an_order);
  g_test_add_func ("/dataset/rows-without-label", test_rows_without_label);
  g_test_add_func ("/dataset/given-names-fix-the-ids", test_given_names_fix_the_ids);
  g_test_add_func ("/dataset/messages-stay-short-and-whole", test_messages_stay_short_and_whole);
  g_test_add_func ("/dataset/columns-that-do-not-fit", test_columns_that_do_not_fit);
  g_test_add_func ("/dataset/text-column-gives-way-to-a-chosen-label",
                   test_text_column_gives_way_to_a_chosen_label);
  g_test_add_func ("/dataset/pairs", test_pairs);
  g_test_add_func ("/dataset/one-class-opens", test_one_class_opens);
  g_test_add_func ("/dataset/too-many-classes", test_too_many_classes);
  g_test_add_func ("/dataset/head", test_head);

  return g_test_run ();
}

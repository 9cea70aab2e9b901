/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Properties of the split, on made-up data sets of every awkward shape.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "attune-split.h"
#include "table-from-text.h"

static guint
count_label (AttuneDataset *dataset,
             GArray        *rows,
             gint32         label)
{
  guint n = 0;

  for (guint i = 0; i < rows->len; i++)
    n += attune_dataset_get_label (dataset, g_array_index (rows, guint, i)) == label;
  return n;
}

/* Every labelled row on one side, rows ascending, equal texts together. */
static void
assert_sound (AttuneDataset *dataset,
              AttuneSplit   *split)
{
  g_autoptr (GHashTable) side = g_hash_table_new (g_str_hash, g_str_equal);
  GArray *sides[] = { split->train, split->validation };
  guint n_labelled = 0;

  for (guint row = 0; row < attune_dataset_get_n_rows (dataset); row++)
    n_labelled += attune_dataset_get_label (dataset, row) != ATTUNE_LABEL_NONE;
  g_assert_cmpuint (split->train->len + split->validation->len, ==, n_labelled);
  for (guint s = 0; s < 2; s++)
    for (guint i = 0; i < sides[s]->len; i++)
      {
        guint row = g_array_index (sides[s], guint, i);
        const char *text = attune_dataset_get_text (dataset, row, NULL);
        gpointer other = g_hash_table_lookup (side, text);

        g_assert_cmpint (attune_dataset_get_label (dataset, row), !=, ATTUNE_LABEL_NONE);
        if (i > 0)
          g_assert_cmpuint (row, >, g_array_index (sides[s], guint, i - 1));
        g_assert_true (other == NULL || other == GUINT_TO_POINTER (s + 1));
        g_hash_table_insert (side, (gpointer) text, GUINT_TO_POINTER (s + 1));
      }
}

static AttuneDataset *
make_rows (const guint *sizes,
           guint        n_labels,
           guint        repeat_every)
{
  GString *rows = g_string_new (NULL);
  AttuneDataset *dataset;
  guint n = 0;

  for (guint label = 0; label < n_labels; label++)
    for (guint i = 0; i < sizes[label]; i++, n++)
      g_string_append_printf (rows, "text %u,%u\n",
                              repeat_every > 0 && n % repeat_every == 1 ? n - 1 : n, label);
  dataset = dataset_from_rows (rows->str);
  g_string_free (rows, TRUE);
  return dataset;
}

static void
test_share_is_kept_by_label (void)
{
  static const guint sizes[] = { 1000, 100, 37, 10, 3, 2, 1 };
  g_autoptr (AttuneDataset) dataset = make_rows (sizes, G_N_ELEMENTS (sizes), 0);

  for (guint64 seed = 0; seed < 20; seed++)
    {
      g_autoptr (AttuneSplit) split = attune_split_new (dataset, 0.2, seed);

      assert_sound (dataset, split);
      g_assert_cmpuint (split->validation->len, ==, 231);
      for (guint label = 0; label < G_N_ELEMENTS (sizes); label++)
        {
          guint n = count_label (dataset, split->validation, (gint32) label);

          g_assert_cmpfloat (n, >, 0.2 * sizes[label] - 1);
          g_assert_cmpfloat (n, <, 0.2 * sizes[label] + 1);
          g_assert_cmpuint (count_label (dataset, split->train, (gint32) label), >=, 1);
        }
    }
}

static void
test_equal_texts_stay_together (void)
{
  static const guint sizes[] = { 300, 200 };
  g_autoptr (AttuneDataset) dataset = make_rows (sizes, 2, 5);
  g_autoptr (AttuneDataset) same = dataset_from_rows ("a,x\na,x\na,y\na,x\na,y\n");
  g_autoptr (AttuneSplit) split = attune_split_new (dataset, 0.3, 7);
  g_autoptr (AttuneSplit) whole = attune_split_new (same, 0.5, 7);

  assert_sound (dataset, split);
  g_assert_cmpuint (split->validation->len, >=, 148);
  g_assert_cmpuint (split->validation->len, <=, 151);
  assert_sound (same, whole);
  g_assert_cmpuint (whole->train->len, ==, 5);
}

static void
test_texts_equal_but_for_case_and_spaces_stay_together (void)
{
  g_autoptr (AttuneDataset) dataset =
    dataset_from_rows ("Good film,x\n good  FILM ,x\ngood\tfilm,y\n\u00c9T\u00c9\u00a0bon,y\n"
                       "\u00e9t\u00e9 bon,y\ngoodfilm,x\nc,x\nd,y\ne,x\nf,y\n");
  guint n_apart = 0;

  for (guint64 seed = 0; seed < 40; seed++)
    {
      g_autoptr (AttuneSplit) split = attune_split_new (dataset, 0.4, seed);
      guint8 side[10] = { 0 };

      for (guint i = 0; i < split->validation->len; i++)
        side[g_array_index (split->validation, guint, i)] = 1;
      g_assert_cmpuint (side[0], ==, side[1]);
      g_assert_cmpuint (side[0], ==, side[2]);
      g_assert_cmpuint (side[3], ==, side[4]);
      n_apart += side[0] != side[5];
    }
  g_assert_cmpuint (n_apart, >, 0);
}

static void
test_digest (void)
{
  static const guint rows[] = { 1, 256, 70000 };
  g_autoptr (GArray) some = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree char *none = attune_split_digest (some);
  g_autofree char *digest = NULL;

  g_assert_cmpstr (none, ==, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  g_array_append_vals (some, rows, G_N_ELEMENTS (rows));
  digest = attune_split_digest (some);
  /* printf '\1\0\0\0\0\1\0\0\160\21\1\0' | sha256sum */
  g_assert_cmpstr (digest, ==, "6a2ea52032467b8360a359558570eaec5c1c2b520fa5222a3b1a67a46dbce10f");
}

static void
test_pairs_are_told_apart (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = READ ("text,sentence2,label\na,1,x\na,2,x\na,3,y\na,4,y\n", NULL,
                                        &error);
  AttuneColumns columns = { 0, 1, 2 };
  g_autoptr (AttuneDataset) dataset = attune_dataset_new (table, &columns, NULL, &error);
  g_autoptr (AttuneSplit) split = attune_split_new (dataset, 0.5, 1);

  g_assert_no_error (error);
  g_assert_cmpuint (split->validation->len, ==, 2);
}

static void
test_same_seed_same_split (void)
{
  static const guint sizes[] = { 40, 60 };
  g_autoptr (AttuneDataset) dataset = make_rows (sizes, 2, 0);
  g_autoptr (AttuneSplit) one = attune_split_new (dataset, 0.1, 42);
  g_autoptr (AttuneSplit) again = attune_split_new (dataset, 0.1, 42);
  g_autoptr (AttuneSplit) other = attune_split_new (dataset, 0.1, 43);
  /* Fixed for good: a run made on one machine is read on another. */
  static const guint expected[] = { 6, 14, 22, 32, 49, 70, 72, 85, 94, 97 };

  g_assert_cmpmem (one->validation->data, one->validation->len * sizeof (guint),
                   again->validation->data, again->validation->len * sizeof (guint));
  g_assert_cmpuint (one->validation->len, ==, other->validation->len);
  g_assert_true (memcmp (one->validation->data, other->validation->data,
                         one->validation->len * sizeof (guint)) != 0);
  g_assert_cmpmem (one->validation->data, one->validation->len * sizeof (guint),
                   expected, sizeof expected);
}

static void
test_edges (void)
{
  g_autoptr (AttuneDataset) dataset = dataset_from_rows ("a,x\nb,y\nc,\n");
  g_autoptr (AttuneDataset) four = dataset_from_rows ("a,x\nb,y\nc,x\nd,y\n");
  g_autoptr (AttuneDataset) none = attune_dataset_new_head (dataset, 0);
  static const double shares[] = { 0, 0.001, 0.1, 0.5, 0.999, 1, -1, 2, NAN, INFINITY };

  for (guint i = 0; i < G_N_ELEMENTS (shares); i++)
    {
      g_autoptr (AttuneSplit) single = attune_split_new (dataset, shares[i], 3);
      g_autoptr (AttuneSplit) small = attune_split_new (four, shares[i], 3);
      g_autoptr (AttuneSplit) empty = attune_split_new (none, shares[i], 3);

      assert_sound (dataset, single);
      assert_sound (four, small);
      g_assert_cmpuint (single->train->len, ==, 2);
      g_assert_cmpuint (small->train->len, >=, 2);
      if (shares[i] > 0)
        g_assert_cmpuint (small->validation->len, >=, 1);
      else
        g_assert_cmpuint (small->validation->len, ==, 0);
      g_assert_cmpuint (empty->train->len + empty->validation->len, ==, 0);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/split/share-is-kept-by-label", test_share_is_kept_by_label);
  g_test_add_func ("/split/equal-texts-stay-together", test_equal_texts_stay_together);
  g_test_add_func ("/split/texts-equal-but-for-case-and-spaces-stay-together",
                   test_texts_equal_but_for_case_and_spaces_stay_together);
  g_test_add_func ("/split/digest", test_digest);
  g_test_add_func ("/split/pairs-are-told-apart", test_pairs_are_told_apart);
  g_test_add_func ("/split/same-seed-same-split", test_same_seed_same_split);
  g_test_add_func ("/split/edges", test_edges);

  return g_test_run ();
}

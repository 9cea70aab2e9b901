/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What must hold of every epoch's order, whatever the seed; and packing.
 */
#include "config.h"

#include <string.h>

#include "attune-batches.h"

static guint *
create_lengths (guint n)
{
  guint *lengths = g_new (guint, n);

  for (guint i = 0; i < n; i++)
    lengths[i] = 3 + (i * 2654435761u >> 20) % 40;
  return lengths;
}

/* Tokens with padding to the longest row of each batch, over tokens. */
static double
get_padding (const AttuneBatches *batches,
             const guint         *lengths,
             const guint         *order)
{
  double padded = 0;
  double real = 0;

  for (guint start = 0; start < batches->n_rows; start += batches->batch_size)
    {
      guint end = MIN (start + batches->batch_size, batches->n_rows);
      guint longest = 0;

      for (guint i = start; i < end; i++)
        {
          longest = MAX (longest, lengths[order[i]]);
          real += lengths[order[i]];
        }
      padded += (double) longest * (end - start);
    }
  return padded / real;
}

static void
test_each_row_comes_once_an_epoch (void)
{
  const AttuneSampling samplings[] = { ATTUNE_SAMPLING_GROUP_BY_LENGTH, ATTUNE_SAMPLING_RANDOM,
                                       ATTUNE_SAMPLING_SEQUENTIAL };
  const guint sizes[] = { 1, 2, 31, 32, 33, 1000, 5003 };

  for (guint s = 0; s < G_N_ELEMENTS (samplings); s++)
    for (guint k = 0; k < G_N_ELEMENTS (sizes); k++)
      for (guint epoch = 0; epoch < 3; epoch++)
        {
          guint n = sizes[k];
          g_autofree guint *lengths = create_lengths (n);
          g_autofree guint *seen = g_new0 (guint, n);
          g_autofree guint *order = NULL;
          AttuneBatches batches;

          attune_batches_init (&batches, samplings[s], 42, n, 32, 2);
          order = attune_batches_order (&batches, lengths, epoch);
          for (guint i = 0; i < n; i++)
            seen[order[i]]++;
          for (guint i = 0; i < n; i++)
            g_assert_cmpuint (seen[i], ==, 1);
        }
}

static void
test_order_is_a_function_of_seed_and_epoch (void)
{
  guint n = 1000;
  g_autofree guint *lengths = create_lengths (n);
  AttuneBatches batches;
  AttuneBatches other;
  g_autofree guint *a = NULL;
  g_autofree guint *b = NULL;
  g_autofree guint *c = NULL;
  g_autofree guint *d = NULL;

  attune_batches_init (&batches, ATTUNE_SAMPLING_GROUP_BY_LENGTH, 7, n, 16, 1);
  attune_batches_init (&other, ATTUNE_SAMPLING_GROUP_BY_LENGTH, 8, n, 16, 1);
  a = attune_batches_order (&batches, lengths, 3);
  b = attune_batches_order (&batches, lengths, 3);
  c = attune_batches_order (&batches, lengths, 4);
  d = attune_batches_order (&other, lengths, 3);
  g_assert_cmpmem (a, n * sizeof *a, b, n * sizeof *b);
  g_assert_true (memcmp (a, c, n * sizeof *a) != 0);
  g_assert_true (memcmp (a, d, n * sizeof *a) != 0);
}

static void
test_random_order_is_even (void)
{
  guint first[10] = { 0 };
  AttuneBatches batches;

  attune_batches_init (&batches, ATTUNE_SAMPLING_RANDOM, 1, 10, 2, 1);
  for (guint epoch = 0; epoch < 5000; epoch++)
    {
      g_autofree guint *order = attune_batches_order (&batches, NULL, epoch);

      first[order[0]]++;
    }
  /* Each of ten rows is first about 500 times; 4.5 standard deviations are 95. */
  for (guint i = 0; i < 10; i++)
    {
      g_assert_cmpuint (first[i], >, 405);
      g_assert_cmpuint (first[i], <, 595);
    }
}

static void
test_groups_leave_little_padding_and_begin_with_the_longest (void)
{
  guint n = 5000;
  g_autofree guint *lengths = create_lengths (n);
  AttuneBatches grouped;
  AttuneBatches random;
  g_autofree guint *a = NULL;
  g_autofree guint *b = NULL;
  guint longest = 0;

  attune_batches_init (&grouped, ATTUNE_SAMPLING_GROUP_BY_LENGTH, 5, n, 32, 1);
  attune_batches_init (&random, ATTUNE_SAMPLING_RANDOM, 5, n, 32, 1);
  a = attune_batches_order (&grouped, lengths, 0);
  b = attune_batches_order (&random, lengths, 0);
  for (guint i = 0; i < n; i++)
    longest = MAX (longest, lengths[i]);
  g_assert_cmpuint (lengths[a[0]], ==, longest);
  g_assert_cmpfloat (get_padding (&grouped, lengths, a), <, 1.06);
  g_assert_cmpfloat (get_padding (&random, lengths, b), >, 1.5);
}

static void
test_the_last_step_of_an_epoch_may_be_smaller (void)
{
  AttuneBatches batches;

  attune_batches_init (&batches, ATTUNE_SAMPLING_SEQUENTIAL, 1, 100, 8, 4);
  g_assert_cmpuint (batches.n_batches, ==, 13);
  g_assert_cmpuint (batches.steps_per_epoch, ==, 4);
  attune_batches_init (&batches, ATTUNE_SAMPLING_SEQUENTIAL, 1, 32, 8, 4);
  g_assert_cmpuint (batches.steps_per_epoch, ==, 1);
}

/* 90, 9 and 1 rows of three labels, a fourth of none. */
static void
test_balanced (void)
{
  gint32 labels[100];
  guint lengths[100], counts[4] = { 0 }, seen[100] = { 0 }, n_seen = 0;
  AttuneBatches batches;
  g_autofree guint *order = NULL;
  g_autofree guint *again = NULL;
  g_autofree guint *other = NULL;

  for (guint i = 0; i < 100; i++)
    {
      labels[i] = i == 50 ? 3 : i % 11 == 0 && i > 0 ? 1 : 0;
      lengths[i] = 1 + i % 7;
    }
  attune_batches_init (&batches, ATTUNE_SAMPLING_BALANCED, 3, 100, 10, 1);
  batches.labels = labels;
  batches.n_labels = 4;
  order = attune_batches_order (&batches, lengths, 0);
  again = attune_batches_order (&batches, lengths, 0);
  other = attune_batches_order (&batches, lengths, 1);
  g_assert_cmpmem (order, sizeof lengths, again, sizeof lengths);
  g_assert_cmpint (memcmp (order, other, sizeof lengths), !=, 0);
  for (guint i = 0; i < 100; i++)
    {
      g_assert_cmpuint (order[i], <, 100);
      counts[labels[order[i]]]++;
      n_seen += seen[order[i]]++ == 0;
    }
  g_assert_cmpuint (counts[0], ==, 34);
  g_assert_cmpuint (counts[1], ==, 33);
  g_assert_cmpuint (counts[2], ==, 0);
  g_assert_cmpuint (counts[3], ==, 33);
  /* No row of the frequent label twice, all of the rare ones. */
  g_assert_cmpuint (n_seen, ==, 34 + 9 + 1);
}

static void
test_packing (void)
{
  gint32 ids[] = { 2, 10, 3, 2, 11, 12, 3, 2, 3 };
  guint64 offsets[] = { 0, 3, 7, 9 };
  guint8 type_ids[] = { 0, 0, 0, 0, 0, 1, 1, 0, 0 };
  gint32 labels[] = { 1, 0, 1 };
  AttuneEncodedRows rows = { .n_rows = 3, .ids = ids, .offsets = offsets, .type_ids = type_ids };
  const guint chosen[] = { 1, 2 };
  const gint32 want_ids[] = { 2, 11, 12, 3, 2, 3 };
  const gint32 want_offsets[] = { 0, 4, 6 };
  const guint8 want_types[] = { 0, 0, 1, 1, 0, 0 };
  const gint32 want_labels[] = { 0, 1 };
  AttunePackedBatch packed;

  attune_packed_batch_init (&packed);
  for (guint round = 0; round < 2; round++)
    {
      attune_packed_batch_fill (&packed, &rows, labels, chosen, 2);
      g_assert_cmpuint (packed.batch.n_sequences, ==, 2);
      g_assert_cmpuint (packed.batch.n_tokens, ==, 6);
      g_assert_cmpmem (packed.batch.ids, 24, want_ids, 24);
      g_assert_cmpmem (packed.batch.offsets, 12, want_offsets, 12);
      g_assert_cmpmem (packed.batch.type_ids, 6, want_types, 6);
      g_assert_cmpmem (packed.batch.labels, 8, want_labels, 8);
    }
  g_assert_null (packed.batch.texts);
  attune_packed_batch_clear (&packed);
}

static void
test_packing_windows (void)
{
  gint32 ids[] = { 2, 10, 3, 2, 11, 12, 3, 2, 13, 3, 2, 3 };
  guint64 offsets[] = { 0, 3, 10, 12 };
  gint32 labels[] = { 1, 0, 1 };
  AttuneEncodedRows rows = { .n_rows = 3, .ids = ids, .offsets = offsets, .window = 4 };
  const guint chosen[] = { 2, 1 };
  const gint32 want_offsets[] = { 0, 2, 6, 9 };
  const gint32 want_texts[] = { 0, 1, 3 };
  AttunePackedBatch packed;

  attune_packed_batch_init (&packed);
  attune_packed_batch_fill (&packed, &rows, labels, chosen, 2);
  g_assert_cmpuint (packed.batch.n_sequences, ==, 3);
  g_assert_cmpuint (packed.batch.n_texts, ==, 2);
  g_assert_cmpmem (packed.batch.offsets, 16, want_offsets, 16);
  g_assert_cmpmem (packed.batch.texts, 12, want_texts, 12);
  g_assert_cmpint (packed.batch.labels[1], ==, 0);
  /* Where each row fits, there is nothing to be averaged. */
  attune_packed_batch_fill (&packed, &rows, labels, chosen, 1);
  g_assert_null (packed.batch.texts);
  attune_packed_batch_clear (&packed);
}

static void
test_proposed_maximum_covers_99_percent (void)
{
  guint full[200];
  AttuneEncodedRows rows = { .n_rows = 200, .full = full };

  for (guint i = 0; i < 200; i++)
    full[i] = i < 198 ? 20 : 300;
  g_assert_cmpuint (attune_encoded_rows_propose_max_length (&rows, 512), ==, 32);
  full[0] = 300;
  g_assert_cmpuint (attune_encoded_rows_propose_max_length (&rows, 512), ==, 304);
  g_assert_cmpuint (attune_encoded_rows_propose_max_length (&rows, 128), ==, 128);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/batches/each-row-once", test_each_row_comes_once_an_epoch);
  g_test_add_func ("/train/batches/seed-and-epoch", test_order_is_a_function_of_seed_and_epoch);
  g_test_add_func ("/train/batches/even", test_random_order_is_even);
  g_test_add_func ("/train/batches/little-padding",
                   test_groups_leave_little_padding_and_begin_with_the_longest);
  g_test_add_func ("/train/batches/last-step", test_the_last_step_of_an_epoch_may_be_smaller);
  g_test_add_func ("/train/batches/packing", test_packing);
  g_test_add_func ("/train/batches/balanced", test_balanced);
  g_test_add_func ("/train/batches/packing-windows", test_packing_windows);
  g_test_add_func ("/train/batches/proposed-maximum", test_proposed_maximum_covers_99_percent);
  return g_test_run ();
}

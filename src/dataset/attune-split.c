/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The split. Rows with equal texts make a group and stay together; texts that differ in case and
 * white space only count as equal, for a model that has seen one knows the other. The validation
 * side's size is shared out among the labels by largest remainders; within a label, groups are
 * taken in the order of a number computed from the seed and the group's first row (splitmix64,
 * Steele, Lea and Flood 2014), so that the same file, share and seed give the same split on every
 * machine. Of several labels the rarest is the one that counts. Any thread.
 */
#include "config.h"

#include "attune-split.h"

#include <math.h>

#include "attune-text-index.h"

typedef struct {
  guint64 order;
  guint first; /* row */
  guint size;  /* rows with a label */
  gint32 label;
} Group;

typedef struct {
  double remainder;
  guint label;
} Remainder;

static guint64
random_number (guint64 seed,
               guint64 counter)
{
  guint64 z = seed * 0xd1342543de82ef95u + (counter + 1) * 0x9e3779b97f4a7c15u;

  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static gint
compare_groups_cb (gconstpointer a,
                   gconstpointer b)
{
  const Group *p = a, *q = b;

  if (p->label != q->label)
    return p->label < q->label ? -1 : 1;
  if (p->order != q->order)
    return p->order < q->order ? -1 : 1;
  return p->first < q->first ? -1 : p->first > q->first;
}

static gint
compare_remainders_cb (gconstpointer a,
                       gconstpointer b)
{
  const Remainder *p = a, *q = b;

  if (p->remainder != q->remainder)
    return p->remainder > q->remainder ? -1 : 1;
  return p->label < q->label ? -1 : p->label > q->label;
}

/* How many rows of each label are to be held out: (n_labels,). Of a label with rows, one or more
 * stay in training. */
static guint *
share_out (const guint *counts,
           guint        n_labels,
           double       share)
{
  guint *wanted = g_new0 (guint, n_labels + 1);
  g_autofree Remainder *remainders = g_new (Remainder, n_labels + 1);
  guint64 n = 0, given = 0, goal;

  for (guint i = 0; i < n_labels; i++)
    {
      double exact = share * counts[i];

      n += counts[i];
      wanted[i] = counts[i] == 0 ? 0 : MIN ((guint) exact, counts[i] - 1);
      given += wanted[i];
      remainders[i] = (Remainder) { exact - floor (exact), i };
    }
  goal = (guint64) floor (share * (double) n + 0.5);
  if (share > 0 && goal == 0)
    goal = 1;
  qsort (remainders, n_labels, sizeof (Remainder), compare_remainders_cb);
  for (guint i = 0; i < n_labels && given < goal; i++)
    {
      guint label = remainders[i].label;

      if (wanted[label] + 1 < counts[label])
        {
          wanted[label]++;
          given++;
        }
    }
  return wanted;
}

/* Rows with a label, by the group that their text makes; sorted by label, then at random. A
 * group has the label of its first labelled row. */
static GArray *
make_groups (AttuneDataset   *dataset,
             AttuneTextIndex *index,
             guint64          seed)
{
  guint n_rows = attune_dataset_get_n_rows (dataset);
  guint n_strata;
  const gint32 *labels = attune_dataset_get_strata (dataset, &n_strata);
  GArray *groups = g_array_new (FALSE, FALSE, sizeof (Group));
  g_autofree guint *number = g_new0 (guint, MAX (n_rows, 1)); /* of the group + 1, by first row */

  for (guint row = 0; row < n_rows; row++)
    {
      guint first = attune_text_index_get_first (index, row);

      if (labels[row] == ATTUNE_LABEL_NONE)
        continue;
      if (number[first] == 0)
        {
          Group group = { random_number (seed, first), first, 0, labels[row] };

          g_array_append_val (groups, group);
          number[first] = groups->len;
        }
      g_array_index (groups, Group, number[first] - 1).size++;
    }
  g_array_sort (groups, compare_groups_cb);
  return groups;
}

/**
 * attune_split_new:
 * @validation_share: of the rows with a label, 0 to 1
 * @seed: any number
 *
 * Each label's share is kept to within one row as far as equal texts allow. A label with a single
 * row stays in training, and so does one row at least of every other. Rows without a label are on
 * neither side.
 *
 * Returns: (transfer full): the split; a side may be empty if there are too few rows for both
 */
AttuneSplit *
attune_split_new (AttuneDataset *dataset,
                  double         validation_share,
                  guint64        seed)
{
  AttuneSplit *self = g_new0 (AttuneSplit, 1);
  double share = validation_share > 0 ? MIN (validation_share, 1) : 0;
  g_autoptr (AttuneTextIndex) index = NULL;
  g_autoptr (GArray) groups = NULL;
  g_autofree guint *wanted = NULL;
  g_autofree guint *left = NULL;
  g_autofree guint8 *held_out = NULL; /* by the group's first row */
  const gint32 *strata;
  guint n_rows, n_strata;

  g_return_val_if_fail (ATTUNE_IS_DATASET (dataset), NULL);

  n_rows = attune_dataset_get_n_rows (dataset);
  index = attune_text_index_new_folded (dataset, NULL);
  groups = make_groups (dataset, index, seed);
  strata = attune_dataset_get_strata (dataset, &n_strata);
  left = g_new0 (guint, n_strata + 1);
  for (guint row = 0; row < n_rows; row++)
    if (strata[row] != ATTUNE_LABEL_NONE)
      left[strata[row]]++;
  wanted = share_out (left, n_strata, share);
  held_out = g_new0 (guint8, MAX (n_rows, 1));
  for (guint i = 0; i < groups->len; i++)
    {
      const Group *group = &g_array_index (groups, Group, i);

      if (group->size > wanted[group->label] || group->size >= left[group->label])
        continue;
      held_out[group->first] = TRUE;
      wanted[group->label] -= group->size;
      left[group->label] -= group->size;
    }

  self->share = share;
  self->seed = seed;
  self->train = g_array_new (FALSE, FALSE, sizeof (guint));
  self->validation = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint row = 0; row < n_rows; row++)
    if (strata[row] != ATTUNE_LABEL_NONE)
      g_array_append_val (held_out[attune_text_index_get_first (index, row)] ? self->validation
                                                                             : self->train, row);
  return self;
}

void
attune_split_free (AttuneSplit *self)
{
  g_array_unref (self->train);
  g_array_unref (self->validation);
  g_free (self);
}

char *
attune_split_digest (const GArray *rows)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  for (guint i = 0; i < rows->len; i++)
    {
      guint32 row = GUINT32_TO_LE (g_array_index (rows, guint, i));

      g_checksum_update (checksum, (const guchar *) &row, sizeof row);
    }
  return g_strdup (g_checksum_get_string (checksum));
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be wrong with labels: none, one, far too many, far apart in number, and names that are
 * likely to be one name written in two ways.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "attune-check-parts.h"

#define TINY_CLASS 5u
#define ROWS_TO_JUDGE 20u
#define MAJORITY_SHARE 0.8
#define LARGE_SHARE 0.6
#define MANY_TIMES 10u
#define OTHER "other"
#define MOST_SHOWN 40     /* characters of a label in a message */
#define MOST_ON_BUTTON 12

/* The rows of the labels that are marked. */
static void
add_rows_of (AttuneFound   *found,
             AttuneDataset *dataset,
             const guint8  *marked)
{
  for (guint row = 0; row < attune_dataset_get_n_rows (dataset); row++)
    {
      guint n;
      const gint32 *set = attune_dataset_get_label_set (dataset, row, &n);
      gboolean any = FALSE;

      for (guint i = 0; i < n; i++)
        any = any || marked[set[i]];
      if (any)
        attune_found_add (found, row);
    }
}

static void
check_missing (GPtrArray     *findings,
               AttuneDataset *dataset)
{
  g_auto (AttuneFound) found = attune_found_new ();
  guint n;

  for (guint row = 0; row < attune_dataset_get_n_rows (dataset); row++)
    if (!attune_dataset_is_labelled (dataset, row) && !attune_dataset_is_dropped (dataset, row))
      attune_found_add (&found, row);
  n = found.count;
  if (n > 0)
    attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "missing-labels", &found,
                         g_strdup_printf (ngettext ("%'u row has no label and is left out of "
                                                    "training",
                                                    "%'u rows have no label and are left out of "
                                                    "training", n), n));
}

/* What to do with the rows of labels that are marked. */
static AttuneRemedy *
drop_labels (AttuneDataset *dataset,
             const guint8  *marked)
{
  const guint *counts = attune_dataset_get_label_counts (dataset);
  const char *const *names = attune_dataset_get_label_names (dataset);
  g_autoptr (AttuneAmendments) amendments = attune_amendments_new ();
  guint n = 0;

  for (guint i = 0; i < attune_dataset_get_n_labels (dataset); i++)
    if (marked[i])
      {
        attune_amendments_add_change (amendments, ATTUNE_CHANGE_DROP, names[i], NULL);
        n += counts[i];
      }
  return attune_remedy_new_amend (g_strdup_printf (ngettext ("Drop %'u Row", "Drop %'u Rows", n),
                                                   n), amendments);
}

/* Small classes become one, if together they are no longer small; else their rows go. */
static AttuneRemedy *
merge_or_drop_tiny (AttuneDataset *dataset,
                    const guint8  *tiny,
                    guint          n_tiny)
{
  const guint *counts = attune_dataset_get_label_counts (dataset);
  const char *const *names = attune_dataset_get_label_names (dataset);
  g_autoptr (AttuneAmendments) amendments = attune_amendments_new ();
  guint n_rows = 0;

  for (guint i = 0; i < attune_dataset_get_n_labels (dataset); i++)
    if (tiny[i])
      {
        n_rows += counts[i];
        if (!g_str_equal (names[i], OTHER))
          attune_amendments_add_change (amendments, ATTUNE_CHANGE_MERGE, names[i], OTHER);
      }
  if (n_tiny < 2 || n_rows < TINY_CLASS)
    return drop_labels (dataset, tiny);
  return attune_remedy_new_amend (g_strdup_printf (_("Merge into “%s”"), OTHER), amendments);
}

static void
check_tiny (GPtrArray     *findings,
            AttuneDataset *dataset,
            const guint8  *tiny,
            guint          n_tiny,
            guint          n_used)
{
  g_auto (AttuneFound) found = attune_found_new ();
  AttuneFinding *finding;
  char *message;

  if (n_tiny == 0)
    return;
  add_rows_of (&found, dataset, tiny);
  found.count = n_tiny;
  if (n_tiny * 2 <= n_used)
    message = g_strdup_printf (ngettext ("%'u class has fewer than %u rows, too few to learn or to "
                                         "measure it",
                                         "%'u classes have fewer than %u rows, too few to learn or "
                                         "to measure them", n_tiny), n_tiny, TINY_CLASS);
  else
    message = g_strdup_printf (ngettext ("%'u of %'u classes has fewer than %u rows; label more "
                                         "rows or merge classes",
                                         "%'u of %'u classes have fewer than %u rows; label more "
                                         "rows or merge classes", n_tiny),
                               n_tiny, n_used, TINY_CLASS);
  finding = attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "tiny-classes", &found,
                                 message);
  /* At least two classes have to be left. */
  if (n_used - n_tiny >= 2)
    finding->remedy = merge_or_drop_tiny (dataset, tiny, n_tiny);
}

/* One class that holds most rows, or many times those of another. */
static void
check_balance (GPtrArray     *findings,
               AttuneDataset *dataset,
               guint          largest,
               guint          smallest,
               guint64        n_rows)
{
  const guint *counts = attune_dataset_get_label_counts (dataset);
  const char *const *names = attune_dataset_get_label_names (dataset);
  g_autofree char *name = g_utf8_truncate_middle (names[largest], MOST_SHOWN);
  g_autofree char *small_name = g_utf8_truncate_middle (names[smallest], MOST_SHOWN);
  double share = (double) counts[largest] / (double) n_rows;
  g_auto (AttuneFound) found = attune_found_new ();
  AttuneFinding *finding;
  char *message;

  if (n_rows < ROWS_TO_JUDGE
      || (share <= LARGE_SHARE && counts[largest] < MANY_TIMES * counts[smallest]))
    return;
  found.count = counts[largest];
  if (share > LARGE_SHARE)
    message = g_strdup_printf (_("%.1f %% of rows have the label “%s”: always answering it would "
                                 "be that accurate, so watch macro-F1"), 100.0 * share, name);
  else
    message = g_strdup_printf (_("“%s” has %'u rows and “%s” %'u: what is rare is learnt least, so "
                                 "watch macro-F1; always answering “%s” would be right in %.1f %%"),
                               name, counts[largest], small_name, counts[smallest], name,
                               100.0 * share);
  finding = attune_check_report (findings,
                                 share > MAJORITY_SHARE ? ATTUNE_SEVERITY_WARNING
                                                        : ATTUNE_SEVERITY_INFO,
                                 "imbalance", &found, message);
  finding->remedy = attune_remedy_new_setting (g_strdup (_("Weigh Classes")), "class_weight",
                                               g_strdup ("balanced"));
}

/* One class in use or none; classes that hold next to nothing; one that holds nearly all. */
static void
check_sizes (GPtrArray     *findings,
             AttuneDataset *dataset)
{
  guint n_labels = attune_dataset_get_n_labels (dataset);
  const guint *counts = attune_dataset_get_label_counts (dataset);
  const char *const *names = attune_dataset_get_label_names (dataset);
  g_autofree guint8 *tiny = g_new0 (guint8, n_labels + 1);
  g_auto (AttuneFound) found = attune_found_new ();
  gboolean several = attune_dataset_get_task (dataset) == ATTUNE_TASK_MULTI_LABEL;
  guint n_used = 0, n_tiny = 0, largest = 0, smallest = G_MAXUINT;
  guint64 n_rows = 0;

  for (guint i = 0; i < n_labels; i++)
    {
      n_rows += counts[i];
      n_used += counts[i] > 0;
      tiny[i] = counts[i] > 0 && counts[i] < TINY_CLASS;
      n_tiny += tiny[i];
      if (counts[i] > counts[largest])
        largest = i;
      if (counts[i] > 0 && (smallest == G_MAXUINT || counts[i] < counts[smallest]))
        smallest = i;
    }

  if (n_used < 2 && !(several && n_used > 0))
    {
      g_autofree char *name = n_used > 0 ? g_utf8_truncate_middle (names[largest], MOST_SHOWN)
                                         : NULL;

      found.count = n_used;
      attune_check_report (findings, ATTUNE_SEVERITY_BLOCKS, "one-class", &found,
                           n_used == 0
                             ? g_strdup (_("No row has a label, so there is nothing to learn"))
                             : g_strdup_printf (_("All rows have the label “%s”, and two classes "
                                                  "at least are needed"), name));
      return;
    }
  check_tiny (findings, dataset, tiny, n_tiny, n_used);
  if (!several)
    check_balance (findings, dataset, largest, smallest, n_rows);
}

/* Columns that are numbers of rows or measurements rather than classes. */
static void
check_kind (GPtrArray     *findings,
            AttuneDataset *dataset)
{
  guint n_labels = attune_dataset_get_n_labels (dataset), n_fractions = 0, n_numbers = 0;
  const guint *counts = attune_dataset_get_label_counts (dataset);
  const char *const *names = attune_dataset_get_label_names (dataset);
  const char *column = attune_table_get_column_name (
    attune_dataset_get_table (dataset), (guint) attune_dataset_get_columns (dataset)->label);
  g_auto (AttuneFound) found = attune_found_new ();
  guint64 n_rows = 0;

  for (guint i = 0; i < n_labels; i++)
    {
      char *end;
      double value = g_ascii_strtod (names[i], &end);
      gboolean is_number = end != names[i] && *end == '\0';

      n_rows += counts[i];
      n_numbers += is_number;
      n_fractions += is_number && value != (double) (gint64) CLAMP (value, -1e15, 1e15);
      if (is_number && value == -1)
        {
          g_autofree guint8 *marked = g_new0 (guint8, n_labels);
          g_auto (AttuneFound) hidden = attune_found_new ();

          marked[i] = TRUE;
          add_rows_of (&hidden, dataset, marked);
          if (hidden.count > 0)
            attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "minus-one-labels", &hidden,
                                 g_strdup_printf (ngettext ("%'u row has the label -1, which often "
                                                            "stands for “unknown”",
                                                            "%'u rows have the label -1, which "
                                                            "often stands for "
                                                            "“unknown”", counts[i]),
                                                  counts[i]))
              ->remedy = drop_labels (dataset, marked);
        }
    }

  found.count = n_labels;
  if (n_rows >= ROWS_TO_JUDGE / 2 && n_labels >= n_rows)
    attune_check_report (findings, ATTUNE_SEVERITY_BLOCKS, "id-labels", &found,
                         g_strdup_printf (_("%'u classes for %'u rows: is “%s” really the label "
                                            "column?"),
                                          n_labels, (guint) n_rows, column));
  else if (n_rows >= ROWS_TO_JUDGE && (guint64) n_labels * 2 > n_rows)
    attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "id-labels", &found,
                         g_strdup_printf (_("%'u classes for %'u rows: is “%s” really the label "
                                            "column?"),
                                          n_labels, (guint) n_rows, column));
  else if (n_fractions > 0 && n_numbers == n_labels && n_labels > 2)
    attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "number-labels", &found,
                         g_strdup_printf (_("The labels in “%s” are measurements such as %s, and "
                                            "each value becomes a class of its own"),
                                          column, names[n_labels - 1]));
}

void
attune_check_labels (GPtrArray     *findings,
                     AttuneDataset *dataset)
{
  check_missing (findings, dataset);
  check_sizes (findings, dataset);
  check_kind (findings, dataset);
}

/* "1" of "1.0" and "1,00". */
static void
drop_empty_fraction (char *name)
{
  char *mark = name + strspn (name, "+-0123456789");

  if (mark > name && (*mark == '.' || *mark == ',') && mark[1] == '0'
      && mark[1 + strspn (mark + 1, "0")] == '\0')
    *mark = '\0';
}

/* What is left of a name when the ways of writing it are taken away: spaces and what joins words,
 * case, the forms of Unicode, a fraction of nought. */
static char *
fold_name (const char *name)
{
  g_autofree char *composed = g_utf8_normalize (name, -1, G_NORMALIZE_ALL_COMPOSE);
  g_autofree char *folded = g_utf8_casefold (composed != NULL ? composed : name, -1);
  g_autofree char *trimmed = g_strstrip (g_strdup (folded));
  GString *out = g_string_new (NULL);
  gboolean is_number = g_ascii_isdigit (*trimmed) || g_ascii_isdigit (trimmed[*trimmed != '\0']);

  if (is_number)
    drop_empty_fraction (trimmed);
  for (const char *p = trimmed; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      /* "-1" is not "1", "1 2" not "12". */
      if (is_number
          || (!g_unichar_isspace (c) && !g_unichar_iszerowidth (c) && c != '_' && c != '-'))
        g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
}

/* Groups of names that are one when folded. */
typedef struct {
  guint *target;  /* (n,) the label that each is to become: the largest of its group */
  guint8 *marked; /* (n,) whether it is to become another */
  guint n_marked;
  guint n_groups; /* of more than one name */
  guint one, two; /* an example, in order */
} Alike;

static void
alike_clear (Alike *self)
{
  g_free (self->target);
  g_free (self->marked);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Alike, alike_clear)

static void
find_alike (Alike         *self,
            AttuneDataset *dataset)
{
  guint n_labels = attune_dataset_get_n_labels (dataset);
  const guint *counts = attune_dataset_get_label_counts (dataset);
  const char *const *names = attune_dataset_get_label_names (dataset);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree guint *leader = g_new (guint, n_labels + 1); /* the first of the group */

  self->target = g_new (guint, n_labels + 1);
  self->marked = g_new0 (guint8, n_labels + 1);
  for (guint i = 0; i < n_labels; i++)
    {
      char *folded = fold_name (names[i]);
      guint other = GPOINTER_TO_UINT (g_hash_table_lookup (seen, folded));

      leader[i] = other == 0 ? i : other - 1;
      self->target[i] = i; /* of a leader: the largest so far */
      if (other == 0)
        {
          g_hash_table_insert (seen, folded, GUINT_TO_POINTER (i + 1));
          continue;
        }
      g_free (folded);
      if (self->n_marked++ == 0)
        {
          self->one = leader[i];
          self->two = i;
        }
      self->n_groups += !self->marked[leader[i]];
      self->marked[leader[i]] = TRUE;
      if (counts[i] > counts[self->target[leader[i]]])
        self->target[leader[i]] = i;
    }
  for (guint i = n_labels; i-- > 0;)
    {
      self->target[i] = self->target[leader[i]];
      self->marked[i] = self->target[i] != i;
    }
}

static AttuneRemedy *
merge_alike (const Alike   *self,
             AttuneDataset *dataset)
{
  const char *const *names = attune_dataset_get_label_names (dataset);
  g_autoptr (AttuneAmendments) amendments = attune_amendments_new ();
  g_autofree char *name = g_utf8_truncate_middle (names[self->target[self->one]], MOST_ON_BUTTON);

  for (guint i = 0; i < attune_dataset_get_n_labels (dataset); i++)
    if (self->marked[i])
      attune_amendments_add_change (amendments, ATTUNE_CHANGE_MERGE, names[i],
                                    names[self->target[i]]);
  return attune_remedy_new_amend (self->n_groups == 1
                                    ? g_strdup_printf (_("Merge into “%s”"), name)
                                    : g_strdup_printf (ngettext ("Merge %'u Label",
                                                                 "Merge %'u Labels",
                                                                 self->n_marked), self->n_marked),
                                  amendments);
}

void
attune_check_label_names (GPtrArray     *findings,
                          AttuneDataset *dataset)
{
  const char *const *names = attune_dataset_get_label_names (dataset);
  g_auto (Alike) alike = { 0 };
  g_auto (AttuneFound) found = attune_found_new ();
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;
  guint n;

  find_alike (&alike, dataset);
  n = alike.n_marked;
  if (n == 0)
    return;
  add_rows_of (&found, dataset, alike.marked);
  found.count = n;
  one = g_utf8_truncate_middle (names[alike.one], MOST_SHOWN);
  two = g_utf8_truncate_middle (names[alike.two], MOST_SHOWN);
  attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "similar-labels", &found,
                       g_strdup_printf (ngettext ("%'u label differs from another only in how it "
                                                  "is written, “%s” and “%s”",
                                                  "%'u labels differ from others only in how they "
                                                  "are written, such as “%s” and “%s”", n),
                                        n, one, two))
    ->remedy = merge_alike (&alike, dataset);
}

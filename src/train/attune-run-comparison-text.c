/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a comparison of runs says: scores and settings as tables, and sentences on what exceeds
 * chance. The window shows the same sentences that the command line prints.
 */
#include "config.h"

#include "attune-run-comparison-private.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

/* What is called more than chance: a smaller probability that chance alone does as much. */
#define SIGNIFICANT 0.05

static char *
say_nothing (void)
{
  return g_strdup ("–");
}

static char *
format_percent (double share)
{
  return isnan (share) ? say_nothing () : g_strdup_printf (_("%.2f %%"), 100 * share);
}

static char *
format_number (double      value,
               const char *format)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  return isnan (value) ? say_nothing () : g_strdup_printf (format, value);
#pragma GCC diagnostic pop
}

static char *
format_time (double seconds)
{
  gint64 whole = (gint64) round (seconds);

  return g_strdup_printf ("%" PRIi64 ":%02d:%02d", whole / 3600, (int) (whole / 60 % 60),
                          (int) (whole % 60));
}

static char *
get_accuracy (const AttuneComparedRun *run)
{
  return format_percent (run->metrics != NULL ? run->metrics->accuracy : NAN);
}

static char *
get_interval (const AttuneComparedRun *run)
{
  if (run->metrics == NULL)
    return say_nothing ();
  return g_strdup_printf (_("%.1f to %.1f %%"), 100 * run->metrics->accuracy_low,
                          100 * run->metrics->accuracy_high);
}

static char *
get_f1_macro (const AttuneComparedRun *run)
{
  return format_percent (run->metrics != NULL ? run->metrics->f1_macro : NAN);
}

static char *
get_f1_micro (const AttuneComparedRun *run)
{
  gboolean multi_label = run->metrics != NULL && run->metrics->multi_label;

  return format_percent (multi_label ? run->metrics->f1_micro : NAN);
}

static char *
get_mcc (const AttuneComparedRun *run)
{
  return format_number (run->metrics != NULL ? run->metrics->mcc : NAN, "%.3f");
}

static char *
get_loss (const AttuneComparedRun *run)
{
  return format_number (run->metrics != NULL ? run->metrics->loss : NAN, "%.4f");
}

static char *
get_n_rows (const AttuneComparedRun *run)
{
  return run->metrics != NULL ? g_strdup_printf ("%'" PRIu64, run->metrics->n_rows)
                              : say_nothing ();
}

static char *
get_best_step (const AttuneComparedRun *run)
{
  gint64 step = attune_run_get_best_step (run->run);

  return step > 0 ? g_strdup_printf ("%'" PRIi64, step) : say_nothing ();
}

static char *
get_speed (const AttuneComparedRun *run)
{
  return format_number (run->samples_per_second > 0 ? run->samples_per_second : NAN, "%.0f");
}

static char *
get_time (const AttuneComparedRun *run)
{
  return run->seconds > 0 ? format_time (run->seconds) : say_nothing ();
}

static const struct {
  const char *name;
  const char *title;
  char *(*get) (const AttuneComparedRun *run);
} scores[] = {
  { "accuracy", N_("Accuracy"), get_accuracy },
  { "interval", N_("95 % Interval"), get_interval },
  { "f1_macro", N_("Macro F1"), get_f1_macro },
  { "f1_micro", N_("Micro F1"), get_f1_micro },
  { "mcc", N_("MCC"), get_mcc },
  { "loss", N_("Loss"), get_loss },
  { "rows", N_("Texts Measured"), get_n_rows },
  { "best_step", N_("Best Step"), get_best_step },
  { "samples_per_second", N_("Texts per Second"), get_speed },
  { "seconds", N_("Time"), get_time },
};

void
attune_run_comparison_list_scores (AttuneRunComparison *self)
{
  for (guint s = 0; s < G_N_ELEMENTS (scores); s++)
    {
      AttuneComparedRow *row = attune_compared_row_new (scores[s].name, _(scores[s].title),
                                                        self->runs->len);
      gboolean empty = TRUE;

      for (guint i = 0; i < self->runs->len; i++)
        {
          row->values[i] = scores[s].get (g_ptr_array_index (self->runs, i));
          empty = empty && g_str_equal (row->values[i], "–");
        }
      if (!empty)
        g_ptr_array_add (self->scores, row);
      else
        attune_compared_row_free (row);
    }
}

static const char *
get_letter (const AttuneRunComparison *self,
            guint                      run)
{
  return ((AttuneComparedRun *) g_ptr_array_index (self->runs, run))->letter;
}

static char *
format_p_value (double p_value)
{
  /* Translators: p is the probability of a statistical test. */
  return p_value < 0.001 ? g_strdup (_("p < 0.001")) : g_strdup_printf (_("p = %.3f"), p_value);
}

static const char *
judge (double p_value)
{
  return p_value < SIGNIFICANT ? _("more than chance") : _("within chance");
}

/**
 * attune_run_comparison_describe_test:
 *
 * Returns: (transfer full): how much better the second run is than the first on the same rows, and
 *   whether by more than chance, or why that cannot be said
 */
char *
attune_run_comparison_describe_test (const AttuneRunComparison *self,
                                     guint                      first,
                                     guint                      second)
{
  const char *a = get_letter (self, first), *b = get_letter (self, second);
  g_autofree char *p_value = NULL;
  AttunePairedTest test;
  g_autofree char *obstacle = attune_run_comparison_test (self, first, second, &test);

  if (obstacle != NULL)
    /* Translators: two letters of runs, and why they cannot be compared. */
    return g_strdup_printf (_("%s and %s cannot be compared text by text: %s"), a, b, obstacle);
  p_value = format_p_value (test.p_value);
  /* Translators: letters of two runs; percentage points and their interval; texts that only the
   * second has right, that only the first has right, of all; "p = 0.05"; "within chance". */
  return g_strdup_printf (_("%s against %s: %+.2f points (95 %% interval %+.1f to %+.1f); alone "
                            "right on %'u and %'u of %'u texts, %s: %s"),
                          b, a, 100 * test.difference, 100 * test.low, 100 * test.high,
                          (guint) test.n_only_second, (guint) test.n_only_first,
                          (guint) test.n_rows, p_value, judge (test.p_value));
}

static char *
list_letters (const AttuneRunComparison *self,
              const GArray              *runs)
{
  GString *letters = g_string_new (NULL);

  for (guint i = 0; i < runs->len; i++)
    {
      if (i > 0)
        g_string_append (letters, _(", "));
      g_string_append (letters, get_letter (self, g_array_index (runs, guint, i)));
    }
  return g_string_free_and_steal (letters);
}

/* Of shares, in percent. */
static char *
describe_shares (const char         *name,
                 const AttuneSpread *spread)
{
  if (isnan (spread->deviation))
    return g_strdup_printf (_("%s %.2f %%"), name, 100 * spread->mean);
  /* Translators: name of a score, its mean, standard deviation, least and greatest value. */
  return g_strdup_printf (_("%s %.2f %% ± %.2f (%.2f to %.2f)"), name, 100 * spread->mean,
                          100 * spread->deviation, 100 * spread->minimum, 100 * spread->maximum);
}

static char *
describe_numbers (const char         *name,
                  const AttuneSpread *spread)
{
  if (isnan (spread->deviation))
    return g_strdup_printf ("%s %.3f", name, spread->mean);
  /* Translators: as above, of numbers that are no shares. */
  return g_strdup_printf (_("%s %.3f ± %.3f (%.3f to %.3f)"), name, spread->mean,
                          spread->deviation, spread->minimum, spread->maximum);
}

/**
 * attune_run_comparison_describe_group:
 *
 * Returns: (transfer full): mean, standard deviation and range of what runs score that differ in
 *   their seed alone
 */
char *
attune_run_comparison_describe_group (const AttuneRunComparison *self,
                                      guint                      group)
{
  const AttuneComparedGroup *it = g_ptr_array_index (self->groups, group);
  g_autofree char *letters = list_letters (self, it->runs);
  g_autofree char *accuracy = describe_shares (_("accuracy"), &it->accuracy);
  g_autofree char *f1 = describe_shares (_("macro F1"), &it->f1_macro);
  g_autofree char *loss = describe_numbers (_("loss"), &it->loss);
  const char *name = *it->description != '\0' ? it->description : _("The same settings");

  if (it->accuracy.n == 0)
    return g_strdup_printf (_("%s (%s): no results"), name, letters);
  return g_strdup_printf ("%s (%s): %s · %s · %s", name, letters, accuracy, f1, loss);
}

/**
 * attune_run_comparison_describe_difference:
 * @first: number of a group
 * @second: number of another
 *
 * Returns: (transfer full): how much better the second group's mean accuracy is, with the interval
 *   of Welch's t where each has several runs with results
 */
char *
attune_run_comparison_describe_difference (const AttuneRunComparison *self,
                                           guint                      first,
                                           guint                      second)
{
  const AttuneComparedGroup *a = g_ptr_array_index (self->groups, first);
  const AttuneComparedGroup *b = g_ptr_array_index (self->groups, second);
  g_autofree char *letters_a = list_letters (self, a->runs);
  g_autofree char *letters_b = list_letters (self, b->runs);
  g_autofree char *p_value = NULL;
  AttuneMeanDifference difference;

  attune_mean_difference_compute (&difference, &a->accuracy, &b->accuracy);
  if (isnan (difference.difference))
    return g_strdup_printf (_("%s against %s: no results to compare"), letters_b, letters_a);
  if (isnan (difference.low))
    return g_strdup_printf (_("%s against %s: %+.2f points of mean accuracy; too few runs that vary "
                              "to say whether by more than chance"), letters_b, letters_a,
                            100 * difference.difference);
  p_value = format_p_value (difference.p_value);
  return g_strdup_printf (_("%s against %s: %+.2f points of mean accuracy (95 %% interval %+.1f to "
                            "%+.1f, Welch’s t with %.1f degrees of freedom), %s: %s"),
                          letters_b, letters_a, 100 * difference.difference, 100 * difference.low,
                          100 * difference.high, difference.freedom, p_value,
                          judge (difference.p_value));
}

/* Appends text and spaces up to width columns. */
static void
append_cell (GString    *text,
             const char *cell,
             gsize       width)
{
  g_string_append (text, cell);
  for (gsize n = (gsize) g_utf8_strlen (cell, -1); n < width; n++)
    g_string_append_c (text, ' ');
}

static void
append_table (const AttuneRunComparison *self,
              GString                   *text,
              const char                *heading,
              GPtrArray                 *rows)
{
  gsize title_width = 0;
  gsize widths[ATTUNE_RUN_COMPARISON_MAX];

  for (guint i = 0; i < self->runs->len; i++)
    widths[i] = 1;
  for (guint r = 0; r < rows->len; r++)
    {
      const AttuneComparedRow *row = g_ptr_array_index (rows, r);

      title_width = MAX (title_width, (gsize) g_utf8_strlen (row->title, -1));
      for (guint i = 0; i < self->runs->len; i++)
        widths[i] = MAX (widths[i], (gsize) g_utf8_strlen (row->values[i], -1));
    }
  g_string_append_printf (text, "\n%s\n  ", heading);
  append_cell (text, "", title_width);
  for (guint i = 0; i < self->runs->len; i++)
    {
      g_string_append (text, "  ");
      append_cell (text, get_letter (self, i), i + 1 < self->runs->len ? widths[i] : 0);
    }
  for (guint r = 0; r < rows->len; r++)
    {
      const AttuneComparedRow *row = g_ptr_array_index (rows, r);

      g_string_append (text, "\n  ");
      append_cell (text, row->title, title_width);
      for (guint i = 0; i < self->runs->len; i++)
        {
          g_string_append (text, "  ");
          append_cell (text, row->values[i], i + 1 < self->runs->len ? widths[i] : 0);
        }
    }
  g_string_append_c (text, '\n');
}

/**
 * attune_run_comparison_to_text:
 *
 * Returns: (transfer full): all of it in lines, to print or to paste
 */
char *
attune_run_comparison_to_text (const AttuneRunComparison *self)
{
  GString *text = g_string_new (NULL);
  gboolean repeated = self->groups->len < self->runs->len;

  for (guint i = 0; i < self->runs->len; i++)
    {
      AttuneRun *run = ((AttuneComparedRun *) g_ptr_array_index (self->runs, i))->run;
      g_autoptr (GDateTime) created = g_date_time_new_from_unix_local (attune_run_get_created (run));
      g_autofree char *date = created != NULL ? g_date_time_format (created, "%F %R") : NULL;

      g_string_append_printf (text, "%s  %s  %s\n", get_letter (self, i),
                              date != NULL ? date : "", attune_run_get_title (run));
    }
  append_table (self, text, _("Scores"), self->scores);
  if (self->settings->len > 0)
    append_table (self, text, _("Settings That Differ"), self->settings);
  else
    g_string_append_printf (text, "\n%s\n", _("All settings are the same."));

  if (repeated)
    {
      g_string_append_printf (text, "\n%s\n", _("Means Over Seeds, Standard Deviation and Range"));
      for (guint g = 0; g < self->groups->len; g++)
        {
          g_autofree char *line = attune_run_comparison_describe_group (self, g);

          g_string_append_printf (text, "  %s\n", line);
        }
      for (guint g = 1; g < self->groups->len; g++)
        {
          g_autofree char *line = attune_run_comparison_describe_difference (self, 0, g);

          g_string_append_printf (text, "  %s\n", line);
        }
    }

  g_string_append_printf (text, "\n%s\n", _("Text by Text (McNemar’s Test)"));
  for (guint i = 1; i < self->runs->len; i++)
    {
      g_autofree char *line = attune_run_comparison_describe_test (self, 0, i);

      g_string_append_printf (text, "  %s\n", line);
    }
  return g_string_free_and_steal (text);
}

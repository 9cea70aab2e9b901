/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Mean accuracy, standard deviation and range over the seeds of each combination, and how far the
 * best lies before the second, with what chance alone could do.
 */
#include "config.h"

#include "cli-search-results.h"

#include <math.h>

#include <glib/gi18n.h>

#include "attune-search.h"
#include "cli-json.h"

#define N_COLUMNS 5

static char *
describe_settings (const AttuneSearchResult *result)
{
  return g_strdup (*result->settings != '\0' ? result->settings : _("The same settings"));
}

static char *
describe_count (const AttuneSearchResult *result)
{
  return g_strdup_printf ("%u", result->accuracy.n);
}

static char *
describe_mean (const AttuneSearchResult *result)
{
  return isnan (result->accuracy.mean) ? g_strdup ("–")
                                       : g_strdup_printf (_("%.2f %%"), 100 * result->accuracy.mean);
}

static char *
describe_deviation (const AttuneSearchResult *result)
{
  return isnan (result->accuracy.deviation)
           ? g_strdup ("–")
           : g_strdup_printf ("%.2f", 100 * result->accuracy.deviation);
}

static char *
describe_range (const AttuneSearchResult *result)
{
  if (result->accuracy.n < 2)
    return g_strdup ("–");
  /* Translators: the least and the greatest accuracy of some runs. */
  return g_strdup_printf (_("%.2f to %.2f %%"), 100 * result->accuracy.minimum,
                          100 * result->accuracy.maximum);
}

static const struct {
  const char *title;
  char *(*describe) (const AttuneSearchResult *result);
} columns[N_COLUMNS] = {
  { N_("Settings"), describe_settings },
  { N_("Runs"), describe_count },
  { N_("Accuracy"), describe_mean },
  { N_("Deviation"), describe_deviation },
  { N_("Range"), describe_range },
};

static void
append_rows (GPtrArray *results,
             GString   *text)
{
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);
  glong widths[N_COLUMNS] = { 0 };

  for (guint c = 0; c < N_COLUMNS; c++)
    g_ptr_array_add (cells, g_strdup (_(columns[c].title)));
  for (guint r = 0; r < results->len; r++)
    for (guint c = 0; c < N_COLUMNS; c++)
      g_ptr_array_add (cells, columns[c].describe (results->pdata[r]));
  for (guint i = 0; i < cells->len; i++)
    widths[i % N_COLUMNS] = MAX (widths[i % N_COLUMNS], g_utf8_strlen (cells->pdata[i], -1));

  for (guint i = 0; i < cells->len; i++)
    {
      guint c = i % N_COLUMNS;
      glong padding = widths[c] - g_utf8_strlen (cells->pdata[i], -1);

      /* Words stand at the left, numbers at the right. */
      if (c > 0)
        g_string_append_printf (text, "  %*s", (int) padding, "");
      g_string_append (text, cells->pdata[i]);
      if (c == 0)
        g_string_append_printf (text, "%*s", (int) padding, "");
      if (c + 1 == N_COLUMNS)
        g_string_append_c (text, '\n');
    }
}

static void
append_lead (const AttuneSearchResult *best,
             const AttuneSearchResult *second,
             GString                  *text)
{
  AttuneMeanDifference lead;

  attune_mean_difference_compute (&lead, &second->accuracy, &best->accuracy);
  if (isnan (lead.difference))
    return;
  if (isnan (lead.low))
    g_string_append_printf (text, _("The first leads the second by %.2f points; too few runs that "
                                    "vary to say whether by more than chance\n"),
                            100 * lead.difference);
  else
    /* Translators: percentage points, the limits of their interval, degrees of freedom, the
     * probability of a statistical test, and “within chance” or “more than chance”. */
    g_string_append_printf (text, _("The first leads the second by %.2f points (95 %% interval "
                                    "%+.2f to %+.2f, Welch’s t with %.1f degrees of freedom, "
                                    "p = %.3f): %s\n"),
                            100 * lead.difference, 100 * lead.low, 100 * lead.high, lead.freedom,
                            lead.p_value,
                            lead.p_value < 0.05 ? _("more than chance") : _("within chance"));
}

void
cli_search_print_table (GPtrArray *runs,
                        CliOutput *output)
{
  g_autoptr (GPtrArray) results = attune_search_summarize (runs);

  append_rows (results, output->text);
  if (results->len > 1)
    append_lead (results->pdata[0], results->pdata[1], output->text);
}

void
cli_search_print_json (GPtrArray *runs,
                       CliOutput *output)
{
  g_autoptr (GPtrArray) results = attune_search_summarize (runs);
  yyjson_mut_val *root, *array;
  yyjson_mut_doc *document = cli_json_begin (&root);

  yyjson_mut_obj_add_str (document, root, "event", "search_finished");
  array = yyjson_mut_obj_add_arr (document, root, "results");
  for (guint i = 0; i < results->len; i++)
    {
      const AttuneSearchResult *result = results->pdata[i];
      yyjson_mut_val *object = yyjson_mut_arr_add_obj (document, array);
      yyjson_mut_val *names = yyjson_mut_obj_add_arr (document, object, "runs");
      yyjson_mut_val *accuracy = yyjson_mut_obj_add_obj (document, object, "accuracy");

      yyjson_mut_obj_add_str (document, object, "settings", result->settings);
      for (guint j = 0; j < runs->len; j++)
        {
          const AttuneSearchRun *run = runs->pdata[j];

          if (!isnan (run->accuracy) && g_str_equal (run->settings, result->settings))
            yyjson_mut_arr_add_str (document, names, run->name);
        }
      yyjson_mut_obj_add_real (document, accuracy, "mean", result->accuracy.mean);
      yyjson_mut_obj_add_real (document, accuracy, "deviation", result->accuracy.deviation);
      yyjson_mut_obj_add_real (document, accuracy, "minimum", result->accuracy.minimum);
      yyjson_mut_obj_add_real (document, accuracy, "maximum", result->accuracy.maximum);
    }
  cli_json_end (document, output);
}

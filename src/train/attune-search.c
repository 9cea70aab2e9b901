/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A grid: the first setting varies slowest, the seed fastest. Each value is checked by the table of
 * settings when it is given, each combination when all are made. Any one thread.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "attune-search.h"

typedef struct {
  const AttuneField *field;
  GPtrArray *values; /* char *, as the table writes them */
} Axis;

struct _AttuneSearch
{
  AttuneTrainConfig *base;
  GArray *axes;
  guint n_seeds;
};

static void
axis_clear (gpointer data)
{
  g_ptr_array_unref (((Axis *) data)->values);
}

static gboolean
refuse (GError     **error,
        const char  *format,
        ...) G_GNUC_PRINTF (2, 3);

static gboolean
refuse (GError     **error,
        const char  *format,
        ...)
{
  va_list args;

  va_start (args, format);
  g_propagate_error (error, g_error_new_valist (ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
                                                format, args));
  va_end (args);
  return FALSE;
}

/**
 * attune_search_new:
 * @base: settings of all runs, but for those that are looked for; copied
 *
 * Returns: (transfer full): a search of one run
 */
AttuneSearch *
attune_search_new (AttuneTrainConfig *base)
{
  AttuneSearch *self = g_new0 (AttuneSearch, 1);

  self->base = attune_train_config_copy (base);
  self->axes = g_array_new (FALSE, FALSE, sizeof (Axis));
  g_array_set_clear_func (self->axes, axis_clear);
  self->n_seeds = 1;
  return self;
}

void
attune_search_free (AttuneSearch *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->base);
  g_array_unref (self->axes);
  g_free (self);
}

static gboolean
has_axis (AttuneSearch      *self,
          const AttuneField *field)
{
  for (guint i = 0; i < self->axes->len; i++)
    if (g_array_index (self->axes, Axis, i).field == field)
      return TRUE;
  return FALSE;
}

/* How many runs there would be; more than the limit counts as one above it. */
static guint
count_with (AttuneSearch *self,
            guint         n_values,
            guint         n_seeds)
{
  guint64 n = (guint64) n_values * n_seeds;

  for (guint i = 0; i < self->axes->len && n <= ATTUNE_SEARCH_MAX_RUNS; i++)
    n *= g_array_index (self->axes, Axis, i).values->len;
  return (guint) MIN (n, ATTUNE_SEARCH_MAX_RUNS + 1);
}

static gboolean
check_count (guint    n,
             GError **error)
{
  return n <= ATTUNE_SEARCH_MAX_RUNS
         || refuse (error, _("A search has at most %u runs; leave out some values or seeds"),
                    ATTUNE_SEARCH_MAX_RUNS);
}

gboolean
attune_search_may_vary (const AttuneField *field)
{
  static const char * const fixed[] = { "seed", "split_seed", "validation_split", NULL };

  return !g_strv_contains (fixed, field->name);
}

/**
 * attune_search_add:
 * @name: a setting of the table
 * @values: its values, separated by commas, or by semicolons where a value has commas
 *
 * Returns: %FALSE with ATTUNE_TRAIN_ERROR_SETTING and nothing added where the setting is not known
 *   or there already, a value is not allowed or given twice, or there would be too many runs
 */
gboolean
attune_search_add (AttuneSearch  *self,
                   const char    *name,
                   const char    *values,
                   GError       **error)
{
  g_autoptr (AttuneTrainConfig) trial = attune_train_config_copy (self->base);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  const AttuneField *field = attune_train_config_find_field (name);
  g_auto (GStrv) words = g_strsplit (values, strchr (values, ';') != NULL ? ";" : ",",
                                     ATTUNE_SEARCH_MAX_RUNS + 2);

  /* The table knows how to say what is wrong with a name. */
  if (field == NULL)
    return attune_train_config_set (trial, name, "", error);
  if (!check_count (g_strv_length (words), error))
    return FALSE;
  if (has_axis (self, field))
    return refuse (error, _("%s is in the search already; give all its values at once"),
                   field->name);
  if (g_str_equal (field->name, "seed"))
    return refuse (error, _("Seeds are not values to choose from; say how many there are to be"));
  if (!attune_search_may_vary (field))
    return refuse (error, _("%s must be the same in all runs: it says which texts they are measured "
                            "on"), field->name);
  for (guint i = 0; words[i] != NULL; i++)
    {
      g_autofree char *text = NULL;

      if (!attune_train_config_set (trial, field->name, g_strstrip (words[i]), error))
        return FALSE;
      text = attune_train_config_get_text (trial, field->name);
      if (g_ptr_array_find_with_equal_func (texts, text, g_str_equal, NULL))
        return refuse (error, _("%s has the value %s twice"), field->name, text);
      g_ptr_array_add (texts, g_steal_pointer (&text));
    }
  if (texts->len == 0)
    return refuse (error, _("%s needs values, separated by commas"), field->name);
  if (!check_count (count_with (self, texts->len, self->n_seeds), error))
    return FALSE;
  g_array_append_vals (self->axes, &(Axis) { field, g_steal_pointer (&texts) }, 1);
  return TRUE;
}

/**
 * attune_search_set_seeds:
 * @n_seeds: runs of each combination, with the seed of the settings and those that follow it
 *
 * Returns: %FALSE with ATTUNE_TRAIN_ERROR_SETTING where there would be none, or too many runs
 */
gboolean
attune_search_set_seeds (AttuneSearch  *self,
                         guint          n_seeds,
                         GError       **error)
{
  const AttuneField *field = attune_train_config_find_field ("seed");
  double last = (double) attune_train_config_get_int (self->base, "seed") + n_seeds - 1;

  if (n_seeds == 0)
    return refuse (error, _("A search needs one seed at least"));
  if (last > field->maximum)
    return refuse (error, _("There are not %u seeds from %" PRIi64 " on"), n_seeds,
                   attune_train_config_get_int (self->base, "seed"));
  if (!check_count (count_with (self, 1, n_seeds), error))
    return FALSE;
  self->n_seeds = n_seeds;
  return TRUE;
}

guint
attune_search_count (AttuneSearch *self)
{
  return count_with (self, 1, self->n_seeds);
}

static void
search_run_free (gpointer data)
{
  AttuneSearchRun *run = data;

  g_clear_object (&run->config);
  g_free (run->settings);
  g_free (run->title);
  g_free (run->name);
  g_free (run);
}

/* number: of the run, counted in seeds first. */
static AttuneSearchRun *
create_run (AttuneSearch *self,
            guint         number)
{
  AttuneSearchRun *run = g_new0 (AttuneSearchRun, 1);
  g_autoptr (GString) settings = g_string_new (NULL);
  g_autoptr (GString) name = g_string_new (NULL);
  g_autofree char *split = attune_train_config_get_text (self->base, "seed");
  g_autofree char *seed =
    g_strdup_printf ("%" G_GINT64_FORMAT, attune_train_config_get_int (self->base, "seed")
                                            + number % self->n_seeds);
  guint rest = number / self->n_seeds;
  guint below = attune_search_count (self) / self->n_seeds;

  run->config = attune_train_config_copy (self->base);
  run->accuracy = NAN;
  for (guint i = 0; i < self->axes->len; i++)
    {
      const Axis *axis = &g_array_index (self->axes, Axis, i);
      const char *value;

      below /= axis->values->len;
      value = axis->values->pdata[rest / below];
      rest %= below;
      attune_train_config_set (run->config, axis->field->name, value, NULL);
      g_string_append_printf (settings, "%s%s %s", i > 0 ? ", " : "", axis->field->name, value);
      g_string_append_printf (name, "%s=%s,", axis->field->name, value);
    }
  /* Whatever the seed, the same texts are held out: else runs could not be compared. */
  if (attune_train_config_find_field ("split_seed") != NULL
      && attune_train_config_is_default (run->config, "split_seed"))
    attune_train_config_set (run->config, "split_seed", split, NULL);
  attune_train_config_set (run->config, "seed", seed, NULL);
  g_string_append_printf (name, "seed=%s", seed);
  run->title = g_strdup_printf ("%s%sseed %s", settings->str, settings->len > 0 ? ", " : "", seed);
  run->settings = g_string_free_and_steal (g_steal_pointer (&settings));
  run->name = g_string_free_and_steal (g_steal_pointer (&name));
  return run;
}

/**
 * attune_search_expand:
 *
 * Returns: (transfer full) (element-type AttuneSearchRun): all runs, or %NULL with
 *   ATTUNE_TRAIN_ERROR_SETTING where values of a combination contradict one another
 */
GPtrArray *
attune_search_expand (AttuneSearch  *self,
                      GError       **error)
{
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func (search_run_free);

  for (guint i = 0; i < attune_search_count (self); i++)
    {
      AttuneSearchRun *run = create_run (self, i);
      g_autoptr (GError) local_error = NULL;

      g_ptr_array_add (runs, run);
      if (attune_train_config_validate (run->config, &local_error))
        continue;
      /* Translators: the settings of a run, then what is wrong with them. */
      refuse (error, _("%s: %s"), run->title, local_error->message);
      return NULL;
    }
  return g_steal_pointer (&runs);
}

static void
search_result_free (gpointer data)
{
  g_free (((AttuneSearchResult *) data)->settings);
  g_free (data);
}

static gboolean
has_settings (gconstpointer result,
              gconstpointer settings)
{
  return g_str_equal (((const AttuneSearchResult *) result)->settings, settings);
}

static gint
compare_best_first (gconstpointer a,
                    gconstpointer b)
{
  double mean_a = (*(AttuneSearchResult * const *) a)->accuracy.mean;
  double mean_b = (*(AttuneSearchResult * const *) b)->accuracy.mean;

  if (isnan (mean_a) || isnan (mean_b))
    return isnan (mean_a) - isnan (mean_b);
  return (mean_a < mean_b) - (mean_a > mean_b);
}

GPtrArray *
attune_search_summarize (GPtrArray *runs)
{
  GPtrArray *results = g_ptr_array_new_with_free_func (search_result_free);

  for (guint i = 0; i < runs->len; i++)
    {
      const char *settings = ((AttuneSearchRun *) runs->pdata[i])->settings;
      AttuneSearchResult *result;
      double accuracies[ATTUNE_SEARCH_MAX_RUNS];
      guint n = 0;

      if (g_ptr_array_find_with_equal_func (results, settings, has_settings, NULL))
        continue;
      for (guint j = i; j < runs->len && n < G_N_ELEMENTS (accuracies); j++)
        {
          const AttuneSearchRun *run = runs->pdata[j];

          if (!isnan (run->accuracy) && g_str_equal (run->settings, settings))
            accuracies[n++] = run->accuracy;
        }
      result = g_new0 (AttuneSearchResult, 1);
      result->settings = g_strdup (settings);
      attune_spread_compute (&result->accuracy, accuracies, n);
      g_ptr_array_add (results, result);
    }
  g_ptr_array_sort (results, compare_best_first);
  return results;
}

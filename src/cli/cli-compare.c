/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli compare: two or more runs side by side, as text or as one JSON object.
 */
#include "config.h"

#include <glib/gi18n.h>

#include "attune-run-comparison.h"
#include "cli-json.h"

static void
add_metrics (yyjson_mut_doc      *document,
             yyjson_mut_val      *object,
             const AttuneMetrics *metrics)
{
  yyjson_mut_obj_add_uint (document, object, "rows", metrics->n_rows);
  yyjson_mut_obj_add_uint (document, object, "correct", metrics->n_correct);
  yyjson_mut_obj_add_real (document, object, "accuracy", metrics->accuracy);
  yyjson_mut_obj_add_real (document, object, "accuracy_low", metrics->accuracy_low);
  yyjson_mut_obj_add_real (document, object, "accuracy_high", metrics->accuracy_high);
  yyjson_mut_obj_add_real (document, object, "f1_macro", metrics->f1_macro);
  yyjson_mut_obj_add_real (document, object, "f1_micro", metrics->f1_micro);
  yyjson_mut_obj_add_real (document, object, "mcc", metrics->mcc);
  yyjson_mut_obj_add_real (document, object, "loss", metrics->loss);
}

static void
add_runs (yyjson_mut_doc            *document,
          yyjson_mut_val            *root,
          const AttuneRunComparison *comparison)
{
  yyjson_mut_val *runs = yyjson_mut_obj_add_arr (document, root, "runs");

  for (guint i = 0; i < comparison->runs->len; i++)
    {
      const AttuneComparedRun *compared = g_ptr_array_index (comparison->runs, i);
      yyjson_mut_val *run = yyjson_mut_arr_add_obj (document, runs);

      yyjson_mut_obj_add_str (document, run, "letter", compared->letter);
      yyjson_mut_obj_add_str (document, run, "title", attune_run_get_title (compared->run));
      yyjson_mut_obj_add_str (document, run, "folder", attune_run_get_folder (compared->run));
      yyjson_mut_obj_add_uint (document, run, "group", compared->group);
      yyjson_mut_obj_add_int (document, run, "best_step", attune_run_get_best_step (compared->run));
      yyjson_mut_obj_add_real (document, run, "samples_per_second", compared->samples_per_second);
      yyjson_mut_obj_add_real (document, run, "seconds", compared->seconds);
      cli_json_add_string (document, run, "problem", compared->problem);
      if (compared->metrics != NULL)
        add_metrics (document, run, compared->metrics);
    }
}

static void
add_settings (yyjson_mut_doc            *document,
              yyjson_mut_val            *root,
              const AttuneRunComparison *comparison)
{
  yyjson_mut_val *settings = yyjson_mut_obj_add_obj (document, root, "settings");

  for (guint i = 0; i < comparison->settings->len; i++)
    {
      const AttuneComparedRow *row = g_ptr_array_index (comparison->settings, i);
      yyjson_mut_val *values = yyjson_mut_obj_add_arr (document, settings, row->name);

      for (guint r = 0; r < comparison->runs->len; r++)
        yyjson_mut_arr_add_str (document, values, row->values[r]);
    }
}

static void
add_spread (yyjson_mut_doc     *document,
            yyjson_mut_val     *object,
            const char         *name,
            const AttuneSpread *spread)
{
  yyjson_mut_val *values = yyjson_mut_obj_add_obj (document, object, name);

  yyjson_mut_obj_add_real (document, values, "mean", spread->mean);
  yyjson_mut_obj_add_real (document, values, "deviation", spread->deviation);
  yyjson_mut_obj_add_real (document, values, "minimum", spread->minimum);
  yyjson_mut_obj_add_real (document, values, "maximum", spread->maximum);
}

/* Each group, and how far its mean accuracy lies from that of each before it. */
static void
add_groups (yyjson_mut_doc            *document,
            yyjson_mut_val            *root,
            const AttuneRunComparison *comparison)
{
  yyjson_mut_val *groups = yyjson_mut_obj_add_arr (document, root, "groups");
  yyjson_mut_val *differences = yyjson_mut_obj_add_arr (document, root, "differences");

  for (guint i = 0; i < comparison->groups->len; i++)
    {
      const AttuneComparedGroup *group = g_ptr_array_index (comparison->groups, i);
      yyjson_mut_val *object = yyjson_mut_arr_add_obj (document, groups);

      yyjson_mut_obj_add_str (document, object, "settings", group->description);
      yyjson_mut_obj_add_uint (document, object, "runs", group->runs->len);
      add_spread (document, object, "accuracy", &group->accuracy);
      add_spread (document, object, "f1_macro", &group->f1_macro);
      add_spread (document, object, "mcc", &group->mcc);
      add_spread (document, object, "loss", &group->loss);
      for (guint j = 0; j < i; j++)
        {
          const AttuneComparedGroup *other = g_ptr_array_index (comparison->groups, j);
          yyjson_mut_val *between = yyjson_mut_arr_add_obj (document, differences);
          AttuneMeanDifference difference;

          attune_mean_difference_compute (&difference, &other->accuracy, &group->accuracy);
          yyjson_mut_obj_add_uint (document, between, "first", j);
          yyjson_mut_obj_add_uint (document, between, "second", i);
          yyjson_mut_obj_add_real (document, between, "difference", difference.difference);
          yyjson_mut_obj_add_real (document, between, "low", difference.low);
          yyjson_mut_obj_add_real (document, between, "high", difference.high);
          yyjson_mut_obj_add_real (document, between, "freedom", difference.freedom);
          yyjson_mut_obj_add_real (document, between, "p_value", difference.p_value);
        }
    }
}

static void
add_tests (yyjson_mut_doc            *document,
           yyjson_mut_val            *root,
           const AttuneRunComparison *comparison)
{
  yyjson_mut_val *tests = yyjson_mut_obj_add_arr (document, root, "tests");

  for (guint j = 1; j < comparison->runs->len; j++)
    for (guint i = 0; i < j; i++)
      {
        yyjson_mut_val *object = yyjson_mut_arr_add_obj (document, tests);
        AttunePairedTest test;
        g_autofree char *obstacle = attune_run_comparison_test (comparison, i, j, &test);

        yyjson_mut_obj_add_uint (document, object, "first", i);
        yyjson_mut_obj_add_uint (document, object, "second", j);
        if (obstacle != NULL)
          {
            yyjson_mut_obj_add_strcpy (document, object, "obstacle", obstacle);
            continue;
          }
        yyjson_mut_obj_add_uint (document, object, "rows", test.n_rows);
        yyjson_mut_obj_add_uint (document, object, "only_first", test.n_only_first);
        yyjson_mut_obj_add_uint (document, object, "only_second", test.n_only_second);
        yyjson_mut_obj_add_bool (document, object, "exact", test.exact);
        yyjson_mut_obj_add_real (document, object, "statistic", test.statistic);
        yyjson_mut_obj_add_real (document, object, "p_value", test.p_value);
        yyjson_mut_obj_add_real (document, object, "difference", test.difference);
        yyjson_mut_obj_add_real (document, object, "low", test.low);
        yyjson_mut_obj_add_real (document, object, "high", test.high);
      }
}

static void
print (const AttuneRunComparison *comparison,
       gboolean                   json,
       CliOutput                 *output)
{
  yyjson_mut_doc *document;
  yyjson_mut_val *root;

  if (!json)
    {
      g_autofree char *text = attune_run_comparison_to_text (comparison);

      g_string_append (output->text, text);
      return;
    }
  document = cli_json_begin (&root);
  add_runs (document, root, comparison);
  add_settings (document, root, comparison);
  add_groups (document, root, comparison);
  add_tests (document, root, comparison);
  cli_json_end (document, output);
}

/* A folder, or the name of one below that of all runs. (transfer full) */
static char *
find_run (const char *argument)
{
  g_autofree char *runs = attune_run_get_runs_path ();
  g_autofree char *path = g_build_filename (runs, argument, NULL);

  if (!g_file_test (argument, G_FILE_TEST_IS_DIR) && g_file_test (path, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&path);
  return g_canonicalize_filename (argument, NULL);
}

int
cli_compare (char **argv)
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print one JSON object"), NULL },
    { NULL }
  };
  g_auto (GStrv) arguments = g_strdupv (argv);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) folders = NULL;
  g_autoptr (AttuneRunComparison) comparison = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;
  CliOutput output;

  if (!cli_parse_options (&arguments, entries, _("RUN RUN…"),
                          _("Says in what runs differ and whether one is better by more than "
                            "chance.")))
    return CLI_USAGE;
  for (guint i = 1; arguments[i] != NULL; i++)
    g_strv_builder_take (builder, find_run (arguments[i]));
  folders = g_strv_builder_end (builder);
  for (guint i = 0; folders[i] != NULL; i++)
    if (!g_hash_table_add (seen, folders[i]))
      return cli_usage (_("“%s” is named twice; a run is not compared with itself"),
                        arguments[i + 1]);

  comparison = attune_run_comparison_new ((const char * const *) folders, NULL, &error);
  if (comparison == NULL)
    return cli_fail (error);
  cli_output_init (&output);
  print (comparison, json, &output);
  return cli_output_finish (&output, CLI_DONE);
}

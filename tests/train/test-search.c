/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A search over settings: which runs it makes, what it refuses, how their results are put together.
 */
#include "config.h"

#include <math.h>

#include "attune-search.h"

static void
assert_refused (AttuneSearch *search,
                const char   *name,
                const char   *values,
                const char   *message)
{
  g_autoptr (GError) error = NULL;
  guint before = attune_search_count (search);

  g_assert_false (attune_search_add (search, name, values, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_cmpuint (attune_search_count (search), ==, before);
}

static void
test_every_combination_runs_with_every_seed (void)
{
  g_autoptr (AttuneTrainConfig) base = attune_train_config_new ();
  g_autoptr (AttuneSearch) search = attune_search_new (base);
  g_autoptr (GPtrArray) runs = NULL;
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;
  AttuneSearchRun *run;

  g_assert_true (attune_search_add (search, "learning_rate", "2e-5, 0.00005", &error));
  g_assert_true (attune_search_add (search, "per-device-train-batch-size", "8,16,32", &error));
  g_assert_true (attune_search_set_seeds (search, 2, &error));
  g_assert_cmpuint (attune_search_count (search), ==, 12);
  runs = attune_search_expand (search, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (runs->len, ==, 12);
  for (guint i = 0; i < runs->len; i++)
    {
      run = runs->pdata[i];
      g_assert_true (g_hash_table_add (names, run->name));
      g_assert_true (isnan (run->accuracy));
      g_assert_cmpint (attune_train_config_get_int (run->config, "num_train_epochs"), ==, 3);
    }
  run = runs->pdata[0];
  g_assert_cmpstr (run->title, ==,
                   "learning_rate 2e-05, per_device_train_batch_size 8, seed 42");
  g_assert_cmpstr (run->name, ==, "learning_rate=2e-05,per_device_train_batch_size=8,seed=42");
  run = runs->pdata[9];
  g_assert_cmpstr (run->settings, ==, "learning_rate 5e-05, per_device_train_batch_size 16");
  g_assert_cmpfloat (attune_train_config_get_double (run->config, "learning_rate"), ==, 5e-5);
  g_assert_cmpint (attune_train_config_get_int (run->config, "per_device_train_batch_size"), ==,
                   16);
  g_assert_cmpint (attune_train_config_get_int (run->config, "seed"), ==, 43);
  g_assert_true (attune_train_config_is_default (base, "learning_rate"));
}

static void
test_seeds_alone_are_a_search (void)
{
  g_autoptr (AttuneTrainConfig) base = attune_train_config_new ();
  g_autoptr (AttuneSearch) search = attune_search_new (base);
  g_autoptr (GPtrArray) runs = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (attune_search_set_seeds (search, 3, &error));
  runs = attune_search_expand (search, &error);
  g_assert_cmpuint (runs->len, ==, 3);
  g_assert_cmpstr (((AttuneSearchRun *) runs->pdata[2])->title, ==, "seed 44");
  g_assert_cmpstr (((AttuneSearchRun *) runs->pdata[2])->settings, ==, "");
}

static void
test_values_with_commas (void)
{
  g_autoptr (AttuneTrainConfig) base = attune_train_config_new ();
  g_autoptr (AttuneSearch) search = attune_search_new (base);
  g_autoptr (GPtrArray) runs = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (attune_search_add (search, "class_weight", "none; 1,2", &error));
  runs = attune_search_expand (search, &error);
  g_assert_cmpuint (runs->len, ==, 2);
  g_assert_cmpstr (attune_train_config_get_string (((AttuneSearchRun *) runs->pdata[1])->config,
                                                   "class_weight"), ==, "1,2");
}

static void
test_what_cannot_be_searched (void)
{
  g_autoptr (AttuneTrainConfig) base = attune_train_config_new ();
  g_autoptr (AttuneSearch) search = attune_search_new (base);
  g_autoptr (GPtrArray) runs = NULL;
  g_autoptr (GError) error = NULL;

  assert_refused (search, "lerning_rate", "1",
                  "There is no setting “lerning_rate”; did you mean learning_rate?");
  assert_refused (search, "learning_rate", "2e-5,7",
                  "learning_rate must be between 1e-08 and 1, or auto, not 7");
  assert_refused (search, "weight_decay", "", "weight_decay needs values, separated by commas");
  assert_refused (search, "weight_decay", "0.1,", "weight_decay must be a number, not “”");
  assert_refused (search, "weight_decay", "0.1,1e-1", "weight_decay has the value 0.1 twice");
  assert_refused (search, "seed", "1,2",
                  "Seeds are not values to choose from; say how many there are to be");
  assert_refused (search, "validation_split", "0.1,0.2",
                  "validation_split must be the same in all runs: it says which texts they are "
                  "measured on");
  g_assert_true (attune_search_add (search, "max_steps", "5,50", &error));
  assert_refused (search, "max-steps", "7",
                  "max_steps is in the search already; give all its values at once");
  g_assert_true (attune_search_add (search, "warmup_steps", "2,10", &error));
  runs = attune_search_expand (search, &error);
  g_assert_null (runs);
  g_assert_cmpstr (error->message, ==,
                   "max_steps 5, warmup_steps 10, seed 42: 10 warm-up steps do not fit into 5 "
                   "steps in all");
}

static void
test_there_is_an_end_to_it (void)
{
  g_autoptr (AttuneTrainConfig) base = attune_train_config_new ();
  g_autoptr (AttuneSearch) search = attune_search_new (base);
  g_autoptr (GString) values = g_string_new ("0");
  g_autoptr (GError) error = NULL;

  for (guint i = 1; i < 1000; i++)
    g_string_append_printf (values, ",0.%03u", i);
  assert_refused (search, "weight_decay", values->str,
                  "A search has at most 100 runs; leave out some values or seeds");
  g_assert_false (attune_search_set_seeds (search, 0, &error));
  g_clear_error (&error);
  g_assert_false (attune_search_set_seeds (search, 101, &error));
  g_clear_error (&error);
  g_assert_true (attune_search_set_seeds (search, 50, &error));
  g_assert_true (attune_search_add (search, "weight_decay", "0,0.1", &error));
  g_assert_cmpuint (attune_search_count (search), ==, 100);
  assert_refused (search, "warmup_ratio", "0,0.1",
                  "A search has at most 100 runs; leave out some values or seeds");

  attune_train_config_set (base, "seed", "4294967295", NULL);
  g_clear_pointer (&search, attune_search_free);
  search = attune_search_new (base);
  g_assert_false (attune_search_set_seeds (search, 2, &error));
  g_assert_cmpstr (error->message, ==, "There are not 2 seeds from 4294967295 on");
}

static void
test_results_are_the_best_first (void)
{
  static const double accuracies[] = { 0.80, 0.82, NAN, 0.90, NAN, NAN, 0.70, 0.95, 0.81 };
  g_autoptr (AttuneTrainConfig) base = attune_train_config_new ();
  g_autoptr (AttuneSearch) search = attune_search_new (base);
  g_autoptr (GPtrArray) runs = NULL;
  g_autoptr (GPtrArray) results = NULL;
  const AttuneSearchResult *result;

  g_assert_true (attune_search_add (search, "weight_decay", "0,0.1,0.2", NULL));
  g_assert_true (attune_search_set_seeds (search, 3, NULL));
  runs = attune_search_expand (search, NULL);
  for (guint i = 0; i < runs->len; i++)
    ((AttuneSearchRun *) runs->pdata[i])->accuracy = accuracies[i];
  results = attune_search_summarize (runs);
  g_assert_cmpuint (results->len, ==, 3);

  result = results->pdata[0];
  g_assert_cmpstr (result->settings, ==, "weight_decay 0.1");
  g_assert_cmpuint (result->accuracy.n, ==, 1);
  g_assert_true (isnan (result->accuracy.deviation));
  result = results->pdata[1];
  g_assert_cmpstr (result->settings, ==, "weight_decay 0.2");
  g_assert_cmpuint (result->accuracy.n, ==, 3);
  g_assert_cmpfloat_with_epsilon (result->accuracy.mean, 0.82, 1e-12);
  /* statistics.stdev ([0.70, 0.95, 0.81]) of Python */
  g_assert_cmpfloat_with_epsilon (result->accuracy.deviation, 0.12529964086141668, 1e-12);
  g_assert_cmpfloat (result->accuracy.minimum, ==, 0.70);
  g_assert_cmpfloat (result->accuracy.maximum, ==, 0.95);
  result = results->pdata[2];
  g_assert_cmpstr (result->settings, ==, "weight_decay 0");
  g_assert_cmpuint (result->accuracy.n, ==, 2);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/search/combinations", test_every_combination_runs_with_every_seed);
  g_test_add_func ("/search/seeds", test_seeds_alone_are_a_search);
  g_test_add_func ("/search/commas", test_values_with_commas);
  g_test_add_func ("/search/refused", test_what_cannot_be_searched);
  g_test_add_func ("/search/limit", test_there_is_an_end_to_it);
  g_test_add_func ("/search/results", test_results_are_the_best_first);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Learning rates against transformers (tests/fixtures/train/schedules.json, made by the script
 * beside it), class weights, denominators.
 */
#include "config.h"

#include <math.h>
#include <yyjson.h>

#include "attune-class-weights.h"
#include "attune-schedule.h"

static void
check_case (yyjson_val *object)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  double peak = yyjson_get_real (yyjson_obj_get (object, "peak"));
  gint64 steps = yyjson_get_sint (yyjson_obj_get (object, "steps"));
  yyjson_val *rates = yyjson_obj_get (object, "rates");
  AttuneSchedule schedule;

  g_object_set (config, "warmup-steps", yyjson_get_sint (yyjson_obj_get (object, "warmup_steps")),
                "warmup-ratio", yyjson_get_real (yyjson_obj_get (object, "warmup_ratio")),
                "lr-scheduler-type", yyjson_get_str (yyjson_obj_get (object, "lr_scheduler_type")),
                NULL);
  if (yyjson_obj_get (object, "lr_power") != NULL)
    g_object_set (config, "lr-power", yyjson_get_num (yyjson_obj_get (object, "lr_power")), "lr-end",
                  yyjson_get_num (yyjson_obj_get (object, "lr_end")), NULL);
  attune_schedule_init (&schedule, config, peak, steps);
  g_assert_cmpuint (yyjson_arr_size (rates), ==, (gsize) steps);
  for (gint64 step = 1; step <= steps; step++)
    g_assert_cmpfloat_with_epsilon (attune_schedule_get_rate (&schedule, step),
                                    yyjson_get_real (yyjson_arr_get (rates, (gsize) step - 1)),
                                    1e-18);
}

static void
test_rates_equal_the_reference (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("G_TEST_SRCDIR"), "fixtures", "train",
                                            "schedules.json", NULL);
  yyjson_doc *doc = yyjson_read_file (path, 0, NULL, NULL);
  yyjson_arr_iter iter;
  yyjson_val *object;

  g_assert_nonnull (doc);
  iter = yyjson_arr_iter_with (yyjson_obj_get (yyjson_doc_get_root (doc), "cases"));
  g_assert_cmpuint (iter.max, ==, 11);
  while ((object = yyjson_arr_iter_next (&iter)) != NULL)
    check_case (object);
  yyjson_doc_free (doc);
}

static void
test_plateaus_equal_the_reference (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("G_TEST_SRCDIR"), "fixtures", "train",
                                            "schedules.json", NULL);
  yyjson_doc *doc = yyjson_read_file (path, 0, NULL, NULL);
  yyjson_arr_iter iter = yyjson_arr_iter_with (yyjson_obj_get (yyjson_doc_get_root (doc), "plateaus"));
  yyjson_val *object;

  g_assert_cmpuint (iter.max, ==, 3);
  while ((object = yyjson_arr_iter_next (&iter)) != NULL)
    {
      g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
      gboolean larger = g_str_equal (yyjson_get_str (yyjson_obj_get (object, "mode")), "max");
      AttunePlateau plateau = { 1, NAN, 0 };
      yyjson_val *value;
      size_t i, n;

      g_object_set (config, "lr-scheduler-type", "reduce_lr_on_plateau", "lr-plateau-factor",
                    yyjson_get_num (yyjson_obj_get (object, "factor")), "lr-plateau-patience",
                    yyjson_get_sint (yyjson_obj_get (object, "patience")), NULL);
      yyjson_arr_foreach (yyjson_obj_get (object, "values"), i, n, value)
        {
          attune_plateau_observe (&plateau, config, yyjson_get_num (value), larger);
          g_assert_cmpfloat_with_epsilon (
            plateau.scale, yyjson_get_num (yyjson_arr_get (yyjson_obj_get (object, "scales"), i)), 1e-12);
        }
    }
  yyjson_doc_free (doc);
}

static void
test_peak_follows_the_size_of_the_model (void)
{
  g_assert_cmpfloat (attune_schedule_propose_peak (1024), ==, 2e-5);
  g_assert_cmpfloat (attune_schedule_propose_peak (768), ==, 2e-5);
  g_assert_cmpfloat (attune_schedule_propose_peak (384), ==, 5e-5);
  g_assert_cmpfloat (attune_schedule_propose_peak (256), ==, 1e-4);
  g_assert_cmpfloat (attune_schedule_propose_peak (128), ==, 1e-4);
}

static void
test_class_weights (void)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  g_autoptr (GError) error = NULL;
  const guint counts[] = { 30, 10, 0 };
  g_autofree float *balanced = NULL;
  g_autofree float *listed = NULL;

  g_assert_null (attune_class_weights_new (config, counts, 3, &error));
  g_assert_no_error (error);
  attune_train_config_set (config, "class_weight", "balanced", NULL);
  balanced = attune_class_weights_new (config, counts, 3, &error);
  g_assert_cmpfloat_with_epsilon (balanced[0], 40.0 / (3 * 30), 1e-6);
  g_assert_cmpfloat_with_epsilon (balanced[1], 40.0 / (3 * 10), 1e-6);
  g_assert_true (isfinite (balanced[2]));
  attune_train_config_set (config, "class_weight", "0.7,1.3,1", NULL);
  listed = attune_class_weights_new (config, counts, 3, &error);
  g_assert_cmpfloat_with_epsilon (listed[1], 1.3, 1e-6);
  g_assert_null (attune_class_weights_new (config, counts, 2, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING);
}

static void
test_denominators (void)
{
  const float weights[] = { 0.5f, 2 };
  const gint32 labels[] = { 0, 1, 1, 0 };
  const float none[] = { 0, 1 };

  g_assert_cmpfloat (attune_class_weights_denominator (NULL, labels, 4, 3), ==, 12);
  g_assert_cmpfloat (attune_class_weights_denominator (weights, labels, 4, 2), ==, 10);
  g_assert_cmpfloat (attune_class_weights_denominator (none, labels, 1, 2), ==, 2);
}

/* Matthews's coefficient of what is worse than chance. */
static void
test_a_plateau_below_zero (void)
{
  static const double values[] = { -0.5, -0.3, -0.3, 0.1, 0.1 };
  static const double scales[] = { 1, 1, 0.1, 0.1, 0.01 };
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  AttunePlateau plateau = { 1, NAN, 0 };

  g_object_set (config, "lr-scheduler-type", "reduce_lr_on_plateau", "lr-plateau-factor", 0.1,
                "lr-plateau-patience", (gint64) 0, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      attune_plateau_observe (&plateau, config, values[i], TRUE);
      g_assert_cmpfloat_with_epsilon (plateau.scale, scales[i], 1e-12);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/schedule/rates-equal-the-reference", test_rates_equal_the_reference);
  g_test_add_func ("/train/schedule/plateaus", test_plateaus_equal_the_reference);
  g_test_add_func ("/train/schedule/plateau-below-zero", test_a_plateau_below_zero);
  g_test_add_func ("/train/schedule/peak", test_peak_follows_the_size_of_the_model);
  g_test_add_func ("/train/class-weights", test_class_weights);
  g_test_add_func ("/train/denominators", test_denominators);
  return g_test_run ();
}

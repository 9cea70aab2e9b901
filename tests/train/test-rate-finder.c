/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looking for a learning rate: what curves are read as, made up with and without noise; and the
 * range test itself with the fake engine and, where there is one, with libtorch.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "attune-rate-curve.h"
#include "attune-engine-loader.h"
#include "train-fixture.h"

/* A loss that falls around middle and explodes around end, as a range test draws it. */
static AttuneRateCurve *
make_curve (double middle,
            double depth,
            double end,
            double noise,
            guint  seed)
{
  AttuneRateCurve *curve = attune_rate_curve_new ();
  g_autoptr (GRand) chance = g_rand_new_with_seed (seed);

  for (guint i = 0; i < 100; i++)
    {
      double rate = 1e-7 * pow (1e7, i / 99.0);
      double loss = 0.7 - depth / (1 + pow (middle / rate, 1.5)) + pow (rate / end, 2);

      /* Twelve even ones come close to a normal one. */
      for (guint j = 0; j < 12; j++)
        loss += noise * (g_rand_double (chance) - 0.5);
      if (!attune_rate_curve_add (curve, rate, loss))
        break;
    }
  return curve;
}

static void
test_finds_a_rate_before_the_lowest_place (void)
{
  const double middles[] = { 2e-5, 1e-4, 3e-3 };

  for (guint i = 0; i < G_N_ELEMENTS (middles); i++)
    for (guint seed = 0; seed < 20; seed++)
      {
        g_autoptr (AttuneRateCurve) curve = make_curve (middles[i], 0.5, middles[i] * 100,
                                                        seed == 0 ? 0 : 0.04, seed);
        g_autofree char *words = attune_rate_curve_explain (curve);
        double rate;

        g_assert_cmpint (attune_rate_curve_judge (curve, &rate), ==, ATTUNE_RATE_FOUND);
        g_test_message ("%g: %g of %u points", middles[i], rate, curve->points->len);
        g_assert_cmpfloat (rate, >=, middles[i] / (seed == 0 ? 1.6 : 4));
        g_assert_cmpfloat (rate, <=, middles[i] * (seed == 0 ? 1.6 : 4));
        g_assert_nonnull (strstr (words, "suits this model"));
        /* It ended when the loss exploded. */
        g_assert_true (curve->over);
        g_assert_cmpuint (curve->points->len, <, 100);
      }
}

static void
test_suggests_nothing_without_a_fall (void)
{
  for (guint seed = 0; seed < 300; seed++)
    {
      g_autoptr (AttuneRateCurve) noise = make_curve (1e-4, 0, 1e9, seed % 3 * 0.05, seed);
      g_autoptr (AttuneRateCurve) climb = make_curve (1e-4, 0, 1e-3, 0.05, seed);
      g_autofree char *words = attune_rate_curve_explain (noise);
      double rate = 0;

      g_assert_cmpint (attune_rate_curve_judge (noise, &rate), ==, ATTUNE_RATE_FLAT);
      g_assert_true (isnan (rate));
      g_assert_cmpint (attune_rate_curve_judge (climb, &rate), ==, ATTUNE_RATE_FLAT);
      g_assert_nonnull (strstr (words, "by more than chance"));
    }
}

static void
test_ends_where_nothing_is_finite (void)
{
  g_autoptr (AttuneRateCurve) curve = attune_rate_curve_new ();
  g_autofree char *words = NULL;
  double rate;

  for (guint i = 0; i < 5; i++)
    g_assert_true (attune_rate_curve_add (curve, 1e-7 * (i + 1), 1));
  g_assert_false (attune_rate_curve_add (curve, 1e-6, NAN));
  g_assert_false (attune_rate_curve_add (curve, 1e-5, 1));
  g_assert_cmpuint (curve->points->len, ==, 5);
  g_assert_cmpint (attune_rate_curve_judge (curve, &rate), ==, ATTUNE_RATE_TOO_FEW);
  words = attune_rate_curve_explain (curve);
  g_assert_nonnull (strstr (words, "exploded at once"));
}

/* The average is debiased: constant losses stay what they are. */
static void
test_smooths (void)
{
  g_autoptr (AttuneRateCurve) curve = attune_rate_curve_new ();
  const AttuneRatePoint *points;

  for (guint i = 0; i < 20; i++)
    attune_rate_curve_add (curve, i + 1, i < 10 ? 2 : 1);
  points = (const AttuneRatePoint *) (gpointer) curve->points->data;
  g_assert_cmpfloat_with_epsilon (points[0].smoothed, 2, 1e-12);
  g_assert_cmpfloat_with_epsilon (points[9].smoothed, 2, 1e-12);
  /* (0.9 × 2 × (1 - 0.9^10) + 0.1 × 1) / (1 - 0.9^11) */
  g_assert_cmpfloat_with_epsilon (points[10].smoothed, 1.8542676, 1e-6);
  g_assert_cmpfloat_with_epsilon (curve->best, points[19].smoothed, 1e-12);
}

typedef struct {
  TrainFixture f;
  GPtrArray *heard;
  GAsyncResult *result;
  GCancellable *cancellable;
  guint cancel_after; /* steps; 0: never */
} Search;

static void
heard_cb (const AttuneEvent *event,
          gpointer           user_data)
{
  Search *search = user_data;

  g_ptr_array_add (search->heard, attune_event_copy (event));
  if (search->cancel_after > 0 && event->type == ATTUNE_EVENT_STEP
      && event->step >= search->cancel_after)
    g_cancellable_cancel (search->cancellable);
}

static void
result_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  ((Search *) user_data)->result = g_object_ref (result);
}

static gboolean
set_up (Search     *search,
        const char *script,
        guint       n_rows)
{
  *search = (Search) { 0 };
  if (!train_fixture_set_up (&search->f, script, n_rows))
    return FALSE;
  search->heard = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_event_free);
  search->cancellable = g_cancellable_new ();
  train_fixture_set (&search->f, "per_device_train_batch_size", "4", "num_threads", "1",
                     "precision", "fp32", NULL);
  return TRUE;
}

static void
begin (Search *search,
       double  first,
       double  last,
       guint   steps)
{
  g_autofree char *model = train_fixture_get_model ();
  AttuneTrainJob job = { .dataset = search->f.dataset, .model = model,
                         .config = search->f.config };
  AttuneRateRange range = { first, last, steps };

  g_ptr_array_set_size (search->heard, 0);
  g_clear_object (&search->result);
  attune_trainer_find_rate_async (search->f.trainer, &job, &range, heard_cb, search->cancellable,
                                  result_cb, search);
}

static AttuneRateCurve *
end (Search  *search,
     GError **error)
{
  while (search->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return attune_trainer_find_rate_finish (search->f.trainer, search->result, error);
}

static AttuneRateCurve *
find (Search *search,
      double  first,
      double  last,
      guint   steps)
{
  g_autoptr (GError) error = NULL;
  AttuneRateCurve *curve;

  begin (search, first, last, steps);
  curve = end (search, &error);
  g_assert_no_error (error);
  return curve;
}

static void
tear_down (Search *search)
{
  g_clear_object (&search->result);
  g_ptr_array_unref (search->heard);
  g_object_unref (search->cancellable);
  train_fixture_tear_down (&search->f);
}

static const AttuneRatePoint *
get_point (AttuneRateCurve *curve,
           guint            i)
{
  g_assert_cmpuint (i, <, curve->points->len);
  return &g_array_index (curve->points, AttuneRatePoint, i);
}

/* By the same factor each step, from the first rate to the last. */
static void
assert_climbs (AttuneRateCurve *curve,
               double           first,
               double           last,
               guint            steps)
{
  for (guint i = 0; i < curve->points->len; i++)
    {
      double rate = first * pow (last / first, (double) i / (steps - 1));

      g_assert_cmpfloat_with_epsilon (get_point (curve, i)->rate / rate, 1, 1e-9);
    }
}

/* The range test with this engine; the same again when it is asked again. */
static void
check_whole_test (const char *script)
{
  Search search;
  g_autoptr (AttuneRateCurve) curve = NULL;
  g_autoptr (AttuneRateCurve) again = NULL;
  const AttuneEvent *started = NULL;
  guint n_steps = 0;

  if (!set_up (&search, script, 300))
    return;
  curve = find (&search, 1e-6, 1e-3, 50);
  g_assert_cmpuint (curve->points->len, ==, 50);
  assert_climbs (curve, 1e-6, 1e-3, 50);
  g_assert_false (curve->over);

  for (guint i = 0; i < search.heard->len; i++)
    {
      const AttuneEvent *event = search.heard->pdata[i];

      if (event->type == ATTUNE_EVENT_RUN_STARTED)
        started = event;
      if (event->type == ATTUNE_EVENT_STEP)
        g_assert_cmpfloat (event->loss, ==, get_point (curve, n_steps++)->loss);
    }
  g_assert_nonnull (started);
  g_assert_cmpint (started->steps, ==, 50);
  g_assert_cmpint (started->train_samples, ==, 270);
  g_assert_cmpuint (n_steps, ==, 50);

  again = find (&search, 1e-6, 1e-3, 50);
  g_assert_cmpmem (curve->points->data, curve->points->len * sizeof (AttuneRatePoint),
                   again->points->data, again->points->len * sizeof (AttuneRatePoint));

  /* There is no run, and nothing of one. */
  g_assert_null (attune_trainer_get_run (search.f.trainer));
  g_assert_false (g_file_test (search.f.folder, G_FILE_TEST_EXISTS));
  tear_down (&search);
}

static void
test_climbs (void)
{
  check_whole_test ("");
}

static void
test_climbs_with_an_engine_that_runs_ahead (void)
{
  check_whole_test ("lag=3");
}

#ifdef HAVE_TORCH
static void
test_climbs_with_libtorch (void)
{
  check_whole_test (NULL);
}

/* The first rates are too small to move anything: the losses are those of the model as it is. */
static void
test_begins_with_the_model_as_it_is (void)
{
  Search search;
  g_autoptr (AttuneRateCurve) curve = NULL;
  g_autoptr (AttuneRateCurve) again = NULL;

  if (!set_up (&search, NULL, 600))
    return;
  train_fixture_set (&search.f, "optim", "sgd", "max_grad_norm", "0", NULL);
  curve = find (&search, 1e-8, 1, 100);
  g_assert_cmpfloat_with_epsilon (get_point (curve, 19)->smoothed, log (2), 0.2);
  /* What it came to at the end is not what the next one begins with. */
  again = find (&search, 1e-8, 1, 100);
  g_assert_cmpfloat (get_point (again, 0)->loss, ==, get_point (curve, 0)->loss);
  tear_down (&search);
}
#endif

static void
test_memory_that_runs_out_changes_nothing (void)
{
  Search search;
  g_autoptr (AttuneRateCurve) curve = NULL;

  if (!set_up (&search, "oom@3", 300))
    return;
  curve = find (&search, 1e-6, 1e-3, 30);
  g_assert_cmpuint (curve->points->len, ==, 30);
  assert_climbs (curve, 1e-6, 1e-3, 30);
  tear_down (&search);
}

static void
test_one_epoch_is_enough (void)
{
  Search search;
  g_autoptr (AttuneRateCurve) curve = NULL;
  g_autoptr (AttuneRateCurve) small = NULL;

  /* 450 rows to train on are 113 batches of 4 … */
  if (!set_up (&search, "", 500))
    return;
  curve = find (&search, 1e-7, 1e-3, 200);
  g_assert_cmpuint (curve->points->len, ==, 113);
  assert_climbs (curve, 1e-7, 1e-3, 113);
  /* … and 29 of 16, which are taken again until there is something to see. */
  train_fixture_set (&search.f, "per_device_train_batch_size", "16", NULL);
  small = find (&search, 1e-7, 1e-3, 200);
  g_assert_cmpuint (small->points->len, ==, 100);
  tear_down (&search);
}

static void
test_what_is_not_finite_is_the_end (void)
{
  const char *scripts[] = { "nan@12", "inf@12" };

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      Search search;
      g_autoptr (AttuneRateCurve) curve = NULL;

      if (!set_up (&search, scripts[i], 300))
        return;
      curve = find (&search, 1e-6, 1e-3, 50);
      /* The loss before a gradient that is not finite is a loss. */
      g_assert_cmpuint (curve->points->len, ==, i == 0 ? 11 : 12);
      tear_down (&search);
    }
}

static void
test_says_what_failed (void)
{
  Search search;
  g_autoptr (AttuneRateCurve) curve = NULL;
  g_autoptr (GError) error = NULL;

  if (!set_up (&search, "fail@6", 300))
    return;
  begin (&search, 1e-6, 1e-3, 50);
  g_assert_null (end (&search, &error));
  g_assert_error (error, ATTUNE_ENGINE_ERROR, ATTUNE_ENGINE_INTERNAL);
  g_clear_error (&error);

  begin (&search, 1e-3, 1e-6, 50);
  g_assert_null (end (&search, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING);
  g_clear_error (&error);
  begin (&search, 1e-3, 2, 50);
  g_assert_null (end (&search, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING);
  tear_down (&search);
}

static void
test_cancels (void)
{
  Search search;
  g_autoptr (GError) error = NULL;

  if (!set_up (&search, "slow=5ms", 300))
    return;
  search.cancel_after = 5;
  begin (&search, 1e-6, 1e-3, 60);
  g_assert_null (end (&search, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  tear_down (&search);
}

/* A run and a range test do not train beside each other; a run is what matters more. */
static void
test_gives_way_to_a_run (void)
{
  Search search;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneRateCurve) curve = NULL;

  if (!set_up (&search, "slow=2ms", 300))
    return;
  train_fixture_set (&search.f, "max_steps", "20", NULL);
  begin (&search, 1e-6, 1e-3, 60);
  train_fixture_start (&search.f);
  g_assert_null (end (&search, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_STATE);
  g_clear_error (&error);

  begin (&search, 1e-6, 1e-3, 60);
  g_assert_null (end (&search, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_STATE);
  g_assert_nonnull (strstr (error->message, "A test"));
  /* The run heard nothing of it. */
  g_assert_cmpint (train_fixture_wait (&search.f)->type, ==, ATTUNE_EVENT_RUN_FINISHED);
  g_assert_cmpuint (train_fixture_count (&search.f, ATTUNE_EVENT_STEP), ==, 20);

  curve = find (&search, 1e-6, 1e-3, 30);
  g_assert_cmpuint (curve->points->len, ==, 30);
  tear_down (&search);
}

static void
test_two_at_once_are_refused (void)
{
  Search search;
  Search other;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneRateCurve) curve = NULL;
  g_autoptr (AttuneRateCurve) none = NULL;

  if (!set_up (&search, "slow=2ms", 300))
    return;
  begin (&search, 1e-6, 1e-3, 30);
  other = search;
  other.heard = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_event_free);
  other.result = NULL;
  begin (&other, 1e-6, 1e-3, 30);
  none = end (&other, &error);
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_STATE);
  g_assert_cmpuint (other.heard->len, ==, 0);
  g_clear_object (&other.result);
  g_ptr_array_unref (other.heard);

  g_clear_error (&error);
  curve = end (&search, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (curve->points->len, ==, 30);
  g_assert_cmpuint (search.heard->len, >, 0);
  tear_down (&search);
}

/* As when the window is closed meanwhile. */
static void
test_ends_with_the_program (void)
{
  Search search;
  g_autoptr (GError) error = NULL;

  if (!set_up (&search, "slow=20ms", 300))
    return;
  begin (&search, 1e-6, 1e-3, 60);
  attune_trainer_shutdown (search.f.trainer);
  g_assert_null (end (&search, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  begin (&search, 1e-6, 1e-3, 60);
  g_assert_null (end (&search, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  tear_down (&search);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/rate-finder/finds-a-rate-before-the-lowest-place", test_finds_a_rate_before_the_lowest_place);
  g_test_add_func ("/rate-finder/suggests-nothing-without-a-fall",
                   test_suggests_nothing_without_a_fall);
  g_test_add_func ("/rate-finder/ends-where-nothing-is-finite", test_ends_where_nothing_is_finite);
  g_test_add_func ("/rate-finder/smooths", test_smooths);
  g_test_add_func ("/rate-finder/climbs", test_climbs);
  g_test_add_func ("/rate-finder/climbs-with-an-engine-that-runs-ahead",
                   test_climbs_with_an_engine_that_runs_ahead);
#ifdef HAVE_TORCH
  g_test_add_func ("/rate-finder/climbs-with-libtorch", test_climbs_with_libtorch);
  g_test_add_func ("/rate-finder/begins-with-the-model-as-it-is",
                   test_begins_with_the_model_as_it_is);
#endif
  g_test_add_func ("/rate-finder/memory-that-runs-out-changes-nothing",
                   test_memory_that_runs_out_changes_nothing);
  g_test_add_func ("/rate-finder/one-epoch-is-enough", test_one_epoch_is_enough);
  g_test_add_func ("/rate-finder/what-is-not-finite-is-the-end",
                   test_what_is_not_finite_is_the_end);
  g_test_add_func ("/rate-finder/says-what-failed", test_says_what_failed);
  g_test_add_func ("/rate-finder/cancels", test_cancels);
  g_test_add_func ("/rate-finder/gives-way-to-a-run", test_gives_way_to_a_run);
  g_test_add_func ("/rate-finder/two-at-once-are-refused", test_two_at_once_are_refused);
  g_test_add_func ("/rate-finder/ends-with-the-program", test_ends_with_the_program);

  return g_test_run ();
}

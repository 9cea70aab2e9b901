/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Events as JSON lines: names of the contract, numbers that are not finite, torn lines.
 */
#include "config.h"

#include <math.h>

#include "attune-event.h"
#include "attune-train-config.h"

static AttuneEvent *
round_trip (const AttuneEvent *event)
{
  g_autofree char *json = attune_event_to_json (event);
  g_autofree char *again = NULL;
  g_autoptr (GError) error = NULL;
  AttuneEvent *read = attune_event_parse (json, -1, &error);

  g_assert_no_error (error);
  g_assert_null (strchr (json, '\n'));
  again = attune_event_to_json (read);
  g_assert_cmpstr (json, ==, again);
  return read;
}

static void
test_a_step_reads_as_the_contract_says (void)
{
  g_autoptr (AttuneEvent) event = attune_event_new (ATTUNE_EVENT_STEP);
  g_autoptr (AttuneEvent) read = NULL;
  g_autofree char *json = NULL;

  event->time = 1.5;
  event->step = 7;
  event->epoch = 0.25;
  event->loss = 0.5;
  event->grad_norm = 2;
  event->learning_rate = 5e-5;
  event->samples_per_second = 100;
  json = attune_event_to_json (event);
  g_assert_cmpstr (json, ==, "{\"event\":\"step\",\"time\":1.5,\"step\":7,\"epoch\":0.25,"
                             "\"loss\":0.5,\"grad_norm\":2.0,\"learning_rate\":0.00005,"
                             "\"samples_per_second\":100.0}");
  read = round_trip (event);
  g_assert_cmpfloat (read->learning_rate, ==, 5e-5);
  g_assert_true (isnan (read->train_accuracy));
}

static void
test_numbers_that_are_not_finite_are_null_and_named (void)
{
  g_autoptr (AttuneEvent) event = attune_event_new (ATTUNE_EVENT_STEP);
  g_autoptr (AttuneEvent) read = NULL;
  g_autofree char *json = NULL;

  event->step = 3;
  event->loss = INFINITY;
  event->grad_norm = 1;
  event->learning_rate = 1;
  json = attune_event_to_json (event);
  g_assert_nonnull (strstr (json, "\"loss\":null"));
  g_assert_nonnull (strstr (json, "\"non_finite\":\"inf\""));
  read = round_trip (event);
  g_assert_true (isinf (read->loss));

  event->loss = NAN;
  g_clear_pointer (&json, g_free);
  json = attune_event_to_json (event);
  g_assert_nonnull (strstr (json, "\"non_finite\":\"nan\""));
}

static void
test_every_type_round_trips (void)
{
  for (gint type = ATTUNE_EVENT_RUN_STARTED; type <= ATTUNE_EVENT_RUN_FAILED; type++)
    {
      g_autoptr (AttuneEvent) event = attune_event_new (type);
      g_autoptr (AttuneEvent) copy = NULL;
      g_autoptr (AttuneEvent) read = NULL;
      g_autofree char *json = NULL;
      g_autofree char *copied = NULL;

      event->time = 12.25;
      event->step = 4;
      event->steps = 9;
      event->threads = 2;
      event->best_step = 3;
      event->eval_accuracy = 0.875;
      event->eval_loss = event->eval_f1_macro = event->eval_mcc = 0.5;
      event->majority_accuracy = 0.25;
      event->classes = g_strsplit ("no,yes \"quoted\",また", ",", -1);
      event->device = g_strdup ("cpu");
      event->fp32_gflops = 205.5;
      event->paths = g_strdup ("fp32 products");
      event->name = g_strdup ("training");
      event->path = g_strdup ("/tmp/\xff");
      event->code = g_strdup ("code");
      event->message = g_strdup ("line\nbreak");
      copy = attune_event_copy (event);
      json = attune_event_to_json (event);
      copied = attune_event_to_json (copy);
      g_assert_cmpstr (json, ==, copied);
      read = round_trip (event);
      g_assert_cmpint (read->type, ==, type);
      g_assert_cmpfloat (read->time, ==, 12.25);
      g_assert_cmpint (attune_event_is_terminal (read), ==, type >= ATTUNE_EVENT_RUN_FINISHED);
      if (type == ATTUNE_EVENT_RUN_STARTED)
        {
          g_assert_cmpstrv (read->classes, event->classes);
          g_assert_cmpfloat (read->fp32_gflops, ==, 205.5);
          g_assert_true (isnan (read->bf16_gflops));
          g_assert_cmpstr (read->paths, ==, "fp32 products");
        }
      if (type == ATTUNE_EVENT_RUN_FAILED)
        g_assert_nonnull (strstr (json, "\"reason\":\"line\\nbreak\""));
    }
}

static void
test_torn_and_foreign_lines_are_errors (void)
{
  static const char * const lines[] = {
    "", "{", "{\"event\":\"step\",\"step\":12,\"lo", "{\"event\":\"nothing\"}", "[]", "null", "{}",
    "{\"event\":5}", "\xff\xfe",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (attune_event_parse (lines[i], -1, &error));
      g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN);
    }
}

static void
test_fields_of_a_wrong_type_stay_unset (void)
{
  g_autoptr (AttuneEvent) event =
    attune_event_parse ("{\"event\":\"step\",\"step\":\"x\",\"loss\":[],\"time\":{}}", -1, NULL);

  g_assert_nonnull (event);
  g_assert_cmpint (event->step, ==, 0);
  g_assert_true (isnan (event->loss));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/event/step-as-the-contract-says",
                   test_a_step_reads_as_the_contract_says);
  g_test_add_func ("/train/event/not-finite", test_numbers_that_are_not_finite_are_null_and_named);
  g_test_add_func ("/train/event/every-type-round-trips", test_every_type_round_trips);
  g_test_add_func ("/train/event/torn-lines", test_torn_and_foreign_lines_are_errors);
  g_test_add_func ("/train/event/wrong-types", test_fields_of_a_wrong_type_stay_unset);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of settings: properties, strict reading of text, JSON both ways, and what messages say.
 */
#include "config.h"

#include <locale.h>

#include "attune-train-config.h"

static void
assert_refused (AttuneTrainConfig *config,
                const char        *name,
                const char        *value,
                const char        *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = attune_train_config_to_json (config);
  g_autofree char *after = NULL;

  g_assert_false (attune_train_config_set (config, name, value, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING);
  g_assert_cmpstr (error->message, ==, message);
  after = attune_train_config_to_json (config);
  g_assert_cmpstr (before, ==, after);
}

static void
test_every_field_is_a_property (void)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  guint n_fields;
  const AttuneField *fields = attune_train_config_get_fields (&n_fields);

  g_assert_cmpuint (n_fields, >=, 30);
  for (guint i = 0; i < n_fields; i++)
    {
      g_autofree char *name = g_strdelimit (g_strdup (fields[i].name), "_", '-');

      g_assert_nonnull (g_object_class_find_property (G_OBJECT_GET_CLASS (config), name));
      g_assert_true (attune_train_config_find_field (name) == &fields[i]);
      g_assert_true (attune_train_config_is_default (config, fields[i].name));
      g_assert_nonnull (fields[i].title);
      g_assert_nonnull (fields[i].help);
      g_assert_nonnull (fields[i].group);
    }
}

static void
test_text_of_every_field_reads_back (void)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  guint n_fields;
  const AttuneField *fields = attune_train_config_get_fields (&n_fields);

  for (guint i = 0; i < n_fields; i++)
    {
      g_autofree char *text = attune_train_config_get_text (config, fields[i].name);
      g_autoptr (GError) error = NULL;

      attune_train_config_set (config, fields[i].name, text, &error);
      g_assert_no_error (error);
      g_assert_true (attune_train_config_is_default (config, fields[i].name));
      g_assert_cmpint (fields[i].automatic, ==, g_str_equal (text, "auto") && fields[i].automatic);
    }
}

static void
test_wrong_values_are_refused_by_name_and_range (void)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();

  assert_refused (config, "learning_rate", "7",
                  "learning_rate must be between 1e-08 and 1, or auto, not 7");
  assert_refused (config, "weight_decay", "-0.1",
                  "weight_decay must be between 0 and 10, not -0.1");
  assert_refused (config, "per_device_train_batch_size", "3.5",
                  "per_device_train_batch_size must be a whole number, not 3.5");
  assert_refused (config, "num_train_epochs", "3,5",
                  "num_train_epochs must be a number, not “3,5”");
  assert_refused (config, "num_train_epochs", " 3", "num_train_epochs must be a number, not “ 3”");
  assert_refused (config, "learning_rate", "nan",
                  "learning_rate must be a number or auto, not “nan”");
  assert_refused (config, "learning_rate", "",
                  "learning_rate must be a number or auto, not “”");
  assert_refused (config, "lr_scheduler_type", "step",
                  "lr_scheduler_type must be one of linear, cosine, polynomial, constant, constant_with_warmup, reduce_lr_on_plateau, not “step”");
  assert_refused (config, "class_weight", "1,x",
                  "class_weight must be none, balanced or a number for each label separated by "
                  "commas, not “1,x”");
  assert_refused (config, "device", "gpu",
                  "device must be auto, cpu, cuda or cuda:0 and so on, not “gpu”");
}

static void
test_unknown_names_suggest_the_nearest (void)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();

  assert_refused (config, "lerning_rate", "1",
                  "There is no setting “lerning_rate”; did you mean learning_rate?");
  assert_refused (config, "batch_size", "1",
                  "There is no setting “batch_size”; did you mean per_device_train_batch_size?");
  assert_refused (config, "epochs", "1",
                  "There is no setting “epochs”; did you mean num_train_epochs?");
  assert_refused (config, "bogus", "1",
                  "There is no setting “bogus”; “attune-cli config describe” lists them all");
}

static void
test_numbers_ignore_the_locale (void)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  g_autofree char *text = NULL;

  setlocale (LC_NUMERIC, "de_DE.UTF-8");
  g_assert_true (attune_train_config_set (config, "learning_rate", "2.5e-5", NULL));
  text = attune_train_config_get_text (config, "learning_rate");
  g_assert_cmpstr (text, ==, "2.5e-05");
  setlocale (LC_NUMERIC, "C");
  g_assert_cmpfloat (attune_train_config_get_double (config, "learning_rate"), ==, 2.5e-5);
}

static void
count_cb (GObject    *object,
          GParamSpec *pspec,
          guint      *count)
{
  *count += 1;
}

static void
test_properties_notify_only_changes (void)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  guint count = 0;
  gint64 batch = 0;

  g_signal_connect (config, "notify", G_CALLBACK (count_cb), &count);
  g_object_set (config, "per-device-train-batch-size", (gint64) 16, NULL);
  g_object_set (config, "per-device-train-batch-size", (gint64) 16, NULL);
  attune_train_config_set (config, "per_device_train_batch_size", "16", NULL);
  g_assert_cmpuint (count, ==, 1);
  g_object_get (config, "per-device-train-batch-size", &batch, NULL);
  g_assert_cmpint (batch, ==, 16);
  attune_train_config_reset (config, "per_device_train_batch_size");
  g_assert_cmpuint (count, ==, 2);
  g_assert_true (attune_train_config_is_default (config, "per_device_train_batch_size"));
}

static void
test_json_round_trip (void)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  g_autoptr (AttuneTrainConfig) other = attune_train_config_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL;
  g_autofree char *again = NULL;
  g_autofree char *words = NULL;

  attune_train_config_set (config, "learning_rate", "3e-5", NULL);
  attune_train_config_set (config, "class_weight", "0.7,1.3", NULL);
  attune_train_config_set (config, "seed", "4294967295", NULL);
  attune_train_config_set (config, "hidden_dropout_prob", "0", NULL);
  json = attune_train_config_to_json (config);
  g_assert_true (attune_train_config_load_json (other, json, -1, &error));
  g_assert_no_error (error);
  again = attune_train_config_to_json (other);
  g_assert_cmpstr (json, ==, again);
  g_assert_cmpint (attune_train_config_get_int (other, "seed"), ==, 4294967295);
  words = attune_train_config_to_command_line (other);
  g_assert_cmpstr (words, ==, "--set learning_rate=3e-05 --set seed=4294967295 "
                              "--set hidden_dropout_prob=0 --set class_weight=0.7,1.3");
}

static void
test_json_is_applied_wholly_or_not (void)
{
  static const char * const bad[] = {
    "", "[]", "{\"seed\":1", "{\"seed\":1,\"nope\":2}", "{\"seed\":1,\"optim\":[]}",
    "{\"seed\":1,\"num_train_epochs\":-1}", "{\"seed\":1,\"num_train_epochs\":null}",
    "{\"seed\":1,\"optim\":\"adamw\\u0000\"}",
  };
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (attune_train_config_load_json (config, bad[i], -1, &error));
      g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING);
      g_assert_true (attune_train_config_is_default (config, "seed"));
    }
  g_assert_true (attune_train_config_load_json (config, "{\"seed\":7,\"max_length\":null}", -1,
                                                NULL));
  g_assert_cmpint (attune_train_config_get_int (config, "seed"), ==, 7);
}

static void
assert_contradicts (const char *message,
                    ...) G_GNUC_NULL_TERMINATED;

static void
assert_contradicts (const char *message,
                    ...)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  g_autoptr (GError) error = NULL;
  const char *name;
  va_list args;

  va_start (args, message);
  while ((name = va_arg (args, const char *)) != NULL)
    g_assert_true (attune_train_config_set (config, name, va_arg (args, const char *), NULL));
  va_end (args);
  g_assert_false (attune_train_config_validate (config, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_contradictions_are_named (void)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();

  g_assert_true (attune_train_config_validate (config, NULL));
  assert_contradicts ("5 warm-up steps do not fit into 3 steps in all",
                      "warmup_steps", "5", "max_steps", "3", NULL);
  assert_contradicts ("eval_strategy “steps” needs eval_steps above 0", "eval_strategy", "steps",
                      NULL);
  assert_contradicts ("save_strategy “steps” needs save_steps above 0", "save_strategy", "steps",
                      NULL);
  assert_contradicts ("early_stopping_patience needs evaluations, but eval_strategy is “no”",
                      "eval_strategy", "no", "early_stopping_patience", "2", NULL);
  assert_contradicts ("lr_scheduler_type “reduce_lr_on_plateau” needs evaluations, but eval_strategy "
                      "is “no”", "eval_strategy", "no", "lr_scheduler_type", "reduce_lr_on_plateau",
                      NULL);
  assert_contradicts ("class_weight and train_sampling_strategy are both “balanced”, which would "
                      "favour rare labels twice; set one of them to something else",
                      "class_weight", "balanced", "train_sampling_strategy", "balanced", NULL);
}

static void
test_copy_is_independent (void)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  g_autoptr (AttuneTrainConfig) copy = NULL;
  g_autofree char *table = attune_train_config_describe ();

  attune_train_config_set (config, "device", "cpu", NULL);
  copy = attune_train_config_copy (config);
  attune_train_config_set (config, "device", "cuda:1", NULL);
  g_assert_cmpstr (attune_train_config_get_string (copy, "device"), ==, "cpu");
  g_assert_nonnull (strstr (table, "| `learning_rate` | auto | 1e-08 … 1, auto |"));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/config/every-field-is-a-property", test_every_field_is_a_property);
  g_test_add_func ("/train/config/text-reads-back", test_text_of_every_field_reads_back);
  g_test_add_func ("/train/config/wrong-values-are-refused",
                   test_wrong_values_are_refused_by_name_and_range);
  g_test_add_func ("/train/config/unknown-names-suggest-the-nearest",
                   test_unknown_names_suggest_the_nearest);
  g_test_add_func ("/train/config/numbers-ignore-the-locale", test_numbers_ignore_the_locale);
  g_test_add_func ("/train/config/properties-notify-only-changes",
                   test_properties_notify_only_changes);
  g_test_add_func ("/train/config/json-round-trip", test_json_round_trip);
  g_test_add_func ("/train/config/json-wholly-or-not", test_json_is_applied_wholly_or_not);
  g_test_add_func ("/train/config/contradictions-are-named", test_contradictions_are_named);
  g_test_add_func ("/train/config/copy-is-independent", test_copy_is_independent);
  return g_test_run ();
}

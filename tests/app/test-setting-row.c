/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneSettingRow: every field of the table as a row, typing, stepping, resetting, being refused.
 */
#include "config.h"

#include "app-fixture.h"

#include <math.h>

#include "attune-setting-row.h"

static AttuneSettingRow *
create_row (const char *field, AttuneTrainConfig *config)
{
  AttuneSettingRow *row = g_object_new (ATTUNE_TYPE_SETTING_ROW, "field", field, NULL);

  g_object_ref_sink (row);
  attune_setting_row_set_config (row, config);
  return row;
}

static GtkSpinButton *
get_spin (AttuneSettingRow *row)
{
  GtkSpinButton *spin = app_fixture_find (row, GTK_TYPE_SPIN_BUTTON);

  g_assert_nonnull (spin);
  return spin;
}

static const char *
get_text (AttuneSettingRow *row)
{
  GtkWidget *control = app_fixture_find (row, GTK_TYPE_SPIN_BUTTON);

  if (control == NULL)
    control = app_fixture_find (row, GTK_TYPE_ENTRY);
  return gtk_editable_get_text (GTK_EDITABLE (control));
}

static GtkButton *
get_reset (AttuneSettingRow *row)
{
  /* The spin button's own buttons come first or last; the reset button is the flat one. */
  GtkWidget *button = NULL;
  g_autoptr (GQueue) queue = g_queue_new ();

  g_queue_push_tail (queue, row);
  while (!g_queue_is_empty (queue))
    {
      GtkWidget *widget = g_queue_pop_head (queue);

      if (GTK_IS_SPIN_BUTTON (widget))
        continue;
      if (GTK_IS_BUTTON (widget) && gtk_widget_has_css_class (widget, "flat"))
        button = widget;
      for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
           child = gtk_widget_get_next_sibling (child))
        g_queue_push_tail (queue, child);
    }
  g_assert_nonnull (button);
  return GTK_BUTTON (button);
}

static void
type (AttuneSettingRow *row, const char *text)
{
  GtkWidget *control = app_fixture_find (row, GTK_TYPE_SPIN_BUTTON);

  if (control == NULL)
    control = app_fixture_find (row, GTK_TYPE_ENTRY);
  gtk_editable_set_text (GTK_EDITABLE (control), text);
}

static gboolean
is_refused (AttuneSettingRow *row)
{
  return gtk_widget_has_css_class (GTK_WIDGET (row), "error");
}

/* Each row has a name, a help, and shows the default; none leaks. */
static void
test_every_field_makes_a_row (void)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  const AttuneField *fields;
  guint n;

  fields = attune_train_config_get_fields (&n);
  g_assert_cmpuint (n, >, 30);
  for (guint i = 0; i < n; i++)
    {
      AttuneSettingRow *row = create_row (fields[i].name, config);
      g_autofree char *before = attune_train_config_to_json (config);
      g_autofree char *after = NULL;
      const char *title = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row));

      g_test_message ("%s", fields[i].name);
      g_assert_cmpstr (attune_setting_row_get_field (row), ==, fields[i].name);
      g_assert_cmpstr (title, !=, "");
      g_assert_nonnull (gtk_widget_get_tooltip_text (GTK_WIDGET (row)));
      g_assert_false (attune_setting_row_is_changed (row));
      g_assert_false (gtk_widget_get_visible (GTK_WIDGET (get_reset (row))));
      g_assert_false (is_refused (row));
      attune_setting_row_set_automatic_value (row, fields[i].automatic ? fields[i].minimum : NAN);
      after = attune_train_config_to_json (config);
      g_assert_cmpstr (before, ==, after);
      g_assert_finalize_object (row);
    }
}

/* What was refused is taken back when the field is left, and pins nothing. */
static void
test_refused_text_is_taken_back (void)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  AttuneSettingRow *row = create_row ("learning_rate", config);

  attune_setting_row_set_automatic_value (row, 5e-5);
  type (row, "7");
  g_assert_true (is_refused (row));
  gtk_spin_button_update (get_spin (row));
  g_assert_false (is_refused (row));
  g_assert_false (attune_setting_row_is_changed (row));
  g_assert_cmpstr (get_text (row), ==, "5e-5");

  type (row, "0.5");
  type (row, "7");
  gtk_spin_button_update (get_spin (row));
  g_assert_false (is_refused (row));
  g_assert_cmpfloat (attune_train_config_get_double (config, "learning_rate"), ==, 0.5);
  g_assert_cmpstr (get_text (row), ==, "0.5");
  g_assert_finalize_object (row);
}

/* Every choice of every list ends in the config and comes back from it. */
static void
test_choices_are_stored (void)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  const AttuneField *fields;
  guint n;

  fields = attune_train_config_get_fields (&n);
  for (guint i = 0; i < n; i++)
    {
      AttuneSettingRow *row;
      GtkDropDown *drop_down;

      if (fields[i].type != ATTUNE_FIELD_CHOICE)
        continue;
      row = create_row (fields[i].name, config);
      drop_down = app_fixture_find (row, GTK_TYPE_DROP_DOWN);
      for (guint choice = 0; fields[i].choices[choice] != NULL; choice++)
        {
          gtk_drop_down_set_selected (drop_down, choice);
          g_assert_cmpstr (attune_train_config_get_string (config, fields[i].name), ==,
                           fields[i].choices[choice]);
        }
      attune_train_config_reset (config, fields[i].name);
      g_assert_cmpstr (fields[i].choices[gtk_drop_down_get_selected (drop_down)], ==,
                       fields[i].default_text);
      g_assert_finalize_object (row);
    }
}

static void
test_small_numbers_are_short (void)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  AttuneSettingRow *row = create_row ("learning_rate", config);

  attune_train_config_set (config, "learning_rate", "0.00005", NULL);
  g_assert_cmpstr (get_text (row), ==, "5e-5");
  attune_train_config_set (config, "learning_rate", "3e-5", NULL);
  g_assert_cmpstr (get_text (row), ==, "3e-5");
  attune_train_config_set (config, "learning_rate", "0.00123", NULL);
  g_assert_cmpstr (get_text (row), ==, "0.00123");
  g_assert_finalize_object (row);
}

static void
step (AttuneSettingRow *row, GtkSpinType direction)
{
  gtk_spin_button_spin (get_spin (row), direction, 1);
}

/* 1-2-5 steps in both directions; from between two ticks to the next one, not past it. */
static void
test_learning_rate_steps_1_2_5 (void)
{
  static const char * const up[] = { "1e-5", "2e-5", "5e-5", "0.0001", "0.0002", "0.0005", "0.001" };
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  AttuneSettingRow *row = create_row ("learning_rate", config);

  attune_train_config_set (config, "learning_rate", "1e-5", NULL);
  for (guint i = 1; i < G_N_ELEMENTS (up); i++)
    {
      step (row, GTK_SPIN_STEP_FORWARD);
      g_assert_cmpstr (get_text (row), ==, up[i]);
      g_assert_cmpfloat (attune_train_config_get_double (config, "learning_rate"), ==,
                         g_ascii_strtod (up[i], NULL));
    }
  for (guint i = G_N_ELEMENTS (up) - 1; i-- > 0;)
    {
      step (row, GTK_SPIN_STEP_BACKWARD);
      g_assert_cmpstr (get_text (row), ==, up[i]);
    }

  attune_train_config_set (config, "learning_rate", "3e-5", NULL);
  step (row, GTK_SPIN_STEP_FORWARD);
  g_assert_cmpstr (get_text (row), ==, "5e-5");
  attune_train_config_set (config, "learning_rate", "3e-5", NULL);
  step (row, GTK_SPIN_STEP_BACKWARD);
  g_assert_cmpstr (get_text (row), ==, "2e-5");

  /* Typed, then stepped from there. */
  type (row, "7e-5");
  gtk_spin_button_update (get_spin (row));
  step (row, GTK_SPIN_STEP_FORWARD);
  g_assert_cmpstr (get_text (row), ==, "0.0001");
  g_assert_finalize_object (row);
}

static void
test_typing_counts_at_once (void)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  AttuneSettingRow *rate = create_row ("learning_rate", config);
  AttuneSettingRow *epochs = create_row ("num_train_epochs", config);
  AttuneSettingRow *seed = create_row ("seed", config);

  type (rate, "3e-4");
  g_assert_cmpfloat (attune_train_config_get_double (config, "learning_rate"), ==, 3e-4);
  type (rate, "0,0007");
  g_assert_cmpfloat (attune_train_config_get_double (config, "learning_rate"), ==, 7e-4);
  type (epochs, "2.5");
  g_assert_cmpfloat (attune_train_config_get_double (config, "num_train_epochs"), ==, 2.5);
  g_assert_true (attune_setting_row_is_changed (epochs));
  type (seed, "4294967295");
  g_assert_cmpint (attune_train_config_get_int (config, "seed"), ==, 4294967295);
  gtk_spin_button_update (get_spin (seed));
  g_assert_cmpstr (get_text (seed), ==, "4294967295");
  g_assert_cmpint (attune_train_config_get_int (config, "seed"), ==, 4294967295);
  g_assert_finalize_object (rate);
  g_assert_finalize_object (epochs);
  g_assert_finalize_object (seed);
}

static void
test_reset_brings_the_default_back (void)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  AttuneSettingRow *row = create_row ("num_train_epochs", config);
  const char *subtitle;

  type (row, "7");
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (get_reset (row))));
  subtitle = adw_action_row_get_subtitle (ADW_ACTION_ROW (row));
  g_assert_nonnull (strstr (subtitle, "3"));
  g_signal_emit_by_name (get_reset (row), "clicked");
  g_assert_cmpfloat (attune_train_config_get_double (config, "num_train_epochs"), ==, 3);
  g_assert_cmpstr (get_text (row), ==, "3");
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (get_reset (row))));
  g_assert_finalize_object (row);
}

static void
assert_refused (const char *field, const char *text)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  AttuneSettingRow *row = create_row (field, config);
  g_autofree char *words = g_strdup (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)));
  g_autofree char *before = attune_train_config_get_text (config, field);
  g_autofree char *after = NULL;

  g_test_message ("%s=%s", field, text);
  type (row, text);
  g_assert_true (is_refused (row));
  g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), !=, words);
  after = attune_train_config_get_text (config, field);
  g_assert_cmpstr (before, ==, after);
  g_assert_finalize_object (row);
}

static void
test_what_cannot_be_is_refused_with_a_reason (void)
{
  assert_refused ("num_train_epochs", "5000");
  assert_refused ("num_train_epochs", "0");
  assert_refused ("learning_rate", "20");
  assert_refused ("hidden_dropout_prob", "1.5");
  assert_refused ("per_device_train_batch_size", "2.5");
  assert_refused ("class_weight", "some");
  assert_refused ("class_weight", "1,,2");
  assert_refused ("class_weight", "-1,2");
}

/* A valid value takes the reason away again. */
static void
test_a_valid_value_clears_the_reason (void)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  AttuneSettingRow *row = create_row ("class_weight", config);

  type (row, "ba");
  g_assert_true (is_refused (row));
  type (row, "balanced");
  g_assert_false (is_refused (row));
  g_assert_cmpstr (attune_train_config_get_string (config, "class_weight"), ==, "balanced");
  type (row, "0.5,2");
  g_assert_false (is_refused (row));
  g_assert_finalize_object (row);
}

/* What "automatic" comes to is shown but not stored; until it is known, "Auto". */
static void
test_automatic_values_are_shown_not_stored (void)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  AttuneSettingRow *row = create_row ("learning_rate", config);

  g_assert_cmpstr (get_text (row), ==, "Auto");
  attune_setting_row_set_automatic_value (row, 2e-5);
  g_assert_cmpstr (get_text (row), ==, "2e-5");
  g_assert_true (attune_train_config_is_default (config, "learning_rate"));
  step (row, GTK_SPIN_STEP_FORWARD);
  g_assert_cmpstr (get_text (row), ==, "5e-5");
  g_assert_false (attune_train_config_is_default (config, "learning_rate"));
  attune_setting_row_set_automatic_value (row, 1e-4);
  g_assert_cmpstr (get_text (row), ==, "5e-5");
  attune_train_config_reset (config, "learning_rate");
  g_assert_cmpstr (get_text (row), ==, "0.0001");
  g_assert_finalize_object (row);
}

/* Leaving a field of "Auto" without typing changes nothing. */
static void
test_auto_stays_auto_when_the_field_is_left (void)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  AttuneSettingRow *row = create_row ("max_length", config);

  gtk_spin_button_update (get_spin (row));
  g_assert_cmpstr (get_text (row), ==, "Auto");
  g_assert_true (attune_train_config_is_default (config, "max_length"));
  g_assert_finalize_object (row);
}

static void
test_search_finds_by_title_help_and_name (void)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  AttuneSettingRow *row = create_row ("weight_decay", config);

  g_assert_true (attune_setting_row_matches (row, ""));
  g_assert_true (attune_setting_row_matches (row, "weight"));
  g_assert_true (attune_setting_row_matches (row, "Decay"));
  g_assert_true (attune_setting_row_matches (row, "weight_decay"));
  g_assert_true (attune_setting_row_matches (row, "Weight_D"));
  g_assert_true (attune_setting_row_matches (row, "biases"));
  g_assert_false (attune_setting_row_matches (row, "epochs"));
  g_assert_finalize_object (row);
}

/* Two rows of one config say the same; after the config is exchanged, the new one counts. */
static void
test_rows_follow_their_config (void)
{
  g_autoptr (AttuneTrainConfig) first = attune_train_config_new ();
  g_autoptr (AttuneTrainConfig) second = attune_train_config_new ();
  AttuneSettingRow *one = create_row ("num_train_epochs", first);
  AttuneSettingRow *two = create_row ("num_train_epochs", first);

  type (one, "4");
  g_assert_cmpstr (get_text (two), ==, "4");
  attune_setting_row_set_config (two, second);
  g_assert_cmpstr (get_text (two), ==, "3");
  type (one, "5");
  g_assert_cmpstr (get_text (two), ==, "3");
  g_assert_finalize_object (one);
  g_assert_finalize_object (two);
}

int
main (int argc, char **argv)
{
  app_fixture_init (&argc, &argv);
  g_test_add_func ("/setting-row/every-field-makes-a-row", test_every_field_makes_a_row);
  g_test_add_func ("/setting-row/choices-are-stored", test_choices_are_stored);
  g_test_add_func ("/setting-row/small-numbers-are-short", test_small_numbers_are_short);
  g_test_add_func ("/setting-row/learning-rate-steps-1-2-5", test_learning_rate_steps_1_2_5);
  g_test_add_func ("/setting-row/typing-counts-at-once", test_typing_counts_at_once);
  g_test_add_func ("/setting-row/reset-brings-the-default-back", test_reset_brings_the_default_back);
  g_test_add_func ("/setting-row/refused-with-a-reason", test_what_cannot_be_is_refused_with_a_reason);
  g_test_add_func ("/setting-row/a-valid-value-clears-the-reason", test_a_valid_value_clears_the_reason);
  g_test_add_func ("/setting-row/automatic-values", test_automatic_values_are_shown_not_stored);
  g_test_add_func ("/setting-row/auto-stays-auto", test_auto_stays_auto_when_the_field_is_left);
  g_test_add_func ("/setting-row/search", test_search_finds_by_title_help_and_name);
  g_test_add_func ("/setting-row/rows-follow-their-config", test_rows_follow_their_config);
  g_test_add_func ("/setting-row/refused-text-is-taken-back", test_refused_text_is_taken_back);
  return app_fixture_run ();
}

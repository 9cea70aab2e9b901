/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog that looks for a learning rate: its curve, its table, what it offers and puts into the
 * settings, and that it ends when it is stopped, closed, or has nothing to look with.
 */
#include "config.h"

#include "app-fixture.h"

#include <string.h>

#include "attune-plot.h"
#include "attune-rate-dialog.h"

typedef struct {
  AttuneTrainer *trainer;
  AttuneProject *project;
  GtkWidget *window;
  AttuneRateDialog *dialog;
} Fixture;

static gboolean
set_up (Fixture *fixture, const char *script)
{
  *fixture = (Fixture) { 0 };
  if (!app_fixture_use_engine (script))
    return FALSE;
  fixture->trainer = attune_trainer_new (NULL);
  fixture->project = app_fixture_create_draft (fixture->trainer, 60);
  fixture->window = g_object_ref_sink (adw_window_new ());
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 700, 600);
  gtk_window_present (GTK_WINDOW (fixture->window));
  return TRUE;
}

static void
show (Fixture *fixture)
{
  fixture->dialog = g_object_ref_sink (attune_rate_dialog_new (fixture->project));
  adw_dialog_present (ADW_DIALOG (fixture->dialog), fixture->window);
}

static void
tear_down (Fixture *fixture)
{
  adw_dialog_force_close (ADW_DIALOG (fixture->dialog));
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  g_object_unref (fixture->window);
  app_fixture_release (fixture->dialog);
  app_fixture_end (fixture->trainer, fixture->project);
}

static gboolean
is_shown (Fixture *fixture, const char *id)
{
  return gtk_widget_get_visible (app_fixture_get_child (fixture->dialog, id));
}

static gboolean
is_over (gpointer data)
{
  return !is_shown (data, "stop");
}

static guint
count_rows (Fixture *fixture)
{
  return g_list_model_get_n_items (app_fixture_get_child (fixture->dialog, "rows"));
}

static gboolean
has_rows (gpointer data)
{
  return count_rows (data) > 3;
}

static const char *
get_status (Fixture *fixture)
{
  return app_fixture_get_words (fixture->dialog, "status");
}

static void
click (Fixture *fixture, const char *id)
{
  g_signal_emit_by_name (app_fixture_get_child (fixture->dialog, id), "clicked");
}

/* The engine tells a loss that falls by the same share in every step: the first ones fall most. */
static void
test_offers_what_it_finds (void)
{
  Fixture fixture;
  AttuneTrainConfig *config;
  g_autofree char *summary = NULL;
  g_autofree char *first = NULL;
  g_autoptr (GObject) row = NULL;

  if (!set_up (&fixture, "loss=exp"))
    return;
  show (&fixture);
  g_assert_true (is_shown (&fixture, "stop"));
  g_assert_false (is_shown (&fixture, "use"));
  app_fixture_wait (is_over, &fixture);

  g_assert_cmpuint (count_rows (&fixture), ==, 100);
  row = g_list_model_get_item (app_fixture_get_child (fixture.dialog, "rows"), 0);
  g_object_get (row, "rate", &first, NULL);
  g_assert_cmpstr (first, ==, "1e-6");
  g_object_get (app_fixture_get_child (fixture.dialog, "plot"), "summary", &summary, NULL);
  g_assert_cmpstr (summary, ==, get_status (&fixture));
  g_assert_nonnull (strstr (summary, "A learning rate of 2e-6 suits"));
  g_assert_cmpstr (gtk_button_get_label (app_fixture_get_child (fixture.dialog, "use")), ==,
                   "_Use 2e-6");
  g_assert_false (is_shown (&fixture, "again"));

  config = attune_project_get_config (fixture.project);
  g_assert_true (attune_train_config_is_default (config, "learning_rate"));
  click (&fixture, "use");
  g_assert_cmpfloat (attune_train_config_get_double (config, "learning_rate"), ==, 2e-6);
  tear_down (&fixture);
}

static void
test_shows_a_table (void)
{
  Fixture fixture;

  if (!set_up (&fixture, "loss=exp"))
    return;
  show (&fixture);
  gtk_toggle_button_set_active (app_fixture_get_child (fixture.dialog, "as_table"), TRUE);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (app_fixture_get_child (fixture.dialog,
                                                                            "card")),
                   ==, "table");
  app_fixture_wait (is_over, &fixture);
  app_fixture_spin (60);
  gtk_toggle_button_set_active (app_fixture_get_child (fixture.dialog, "as_table"), FALSE);
  g_assert_true (gtk_widget_get_mapped (app_fixture_get_child (fixture.dialog, "plot")));
  tear_down (&fixture);
}

static void
test_stops_and_begins_again (void)
{
  Fixture fixture;

  if (!set_up (&fixture, "slow=10ms"))
    return;
  show (&fixture);
  app_fixture_wait (has_rows, &fixture);
  click (&fixture, "stop");
  app_fixture_wait (is_over, &fixture);
  g_assert_cmpstr (get_status (&fixture), ==, "Stopped");
  g_assert_cmpuint (count_rows (&fixture), <, 100);
  g_assert_false (is_shown (&fixture, "use"));
  g_assert_true (is_shown (&fixture, "again"));

  click (&fixture, "again");
  g_assert_cmpuint (count_rows (&fixture), ==, 0);
  app_fixture_wait (has_rows, &fixture);
  tear_down (&fixture);
}

static void
test_closing_ends_the_search (void)
{
  Fixture fixture;

  if (!set_up (&fixture, "slow=10ms"))
    return;
  show (&fixture);
  app_fixture_wait (has_rows, &fixture);
  adw_dialog_close (ADW_DIALOG (fixture.dialog));
  app_fixture_spin (100);
  /* The trainer is free again: a run can start. */
  app_fixture_set (fixture.project, "max_steps", "1", NULL);
  app_fixture_train (fixture.project);
  tear_down (&fixture);
}

static void
test_says_what_failed (void)
{
  Fixture fixture;

  if (!set_up (&fixture, "fail@6"))
    return;
  show (&fixture);
  app_fixture_wait (is_over, &fixture);
  g_assert_nonnull (strstr (get_status (&fixture), "Step 6"));
  g_assert_true (is_shown (&fixture, "again"));
  g_assert_false (is_shown (&fixture, "use"));
  tear_down (&fixture);
}

static void
test_waits_for_another_run (void)
{
  Fixture fixture;
  g_autoptr (AttuneProject) other = NULL;
  g_autoptr (GError) error = NULL;

  if (!set_up (&fixture, "slow=5ms"))
    return;
  other = app_fixture_create_draft (fixture.trainer, 60);
  app_fixture_set (other, "max_steps", "20", NULL);
  attune_project_start (other, &error);
  g_assert_no_error (error);
  show (&fixture);
  g_assert_false (is_shown (&fixture, "stop"));
  g_assert_nonnull (strstr (get_status (&fixture), "Another run is training"));
  g_assert_true (is_shown (&fixture, "again"));

  app_fixture_wait_state (attune_project_get_run (other), ATTUNE_RUN_FINISHED);
  click (&fixture, "again");
  app_fixture_wait (has_rows, &fixture);
  app_fixture_release (g_steal_pointer (&other));
  tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  app_fixture_init (&argc, &argv);

  g_test_add_func ("/rate-dialog/offers-what-it-finds", test_offers_what_it_finds);
  g_test_add_func ("/rate-dialog/shows-a-table", test_shows_a_table);
  g_test_add_func ("/rate-dialog/stops-and-begins-again", test_stops_and_begins_again);
  g_test_add_func ("/rate-dialog/closing-ends-the-search", test_closing_ends_the_search);
  g_test_add_func ("/rate-dialog/says-what-failed", test_says_what_failed);
  g_test_add_func ("/rate-dialog/waits-for-another-run", test_waits_for_another_run);

  return app_fixture_run ();
}

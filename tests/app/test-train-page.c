/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Train page beside a run of the scripted engine: words, plots and what they say aloud, failures,
 * pausing, runs of earlier. One test measures how long the main loop is held up.
 */
#include "config.h"

#include "app-fixture.h"

#include <string.h>
#include <time.h>

#include "attune-plot.h"
#include "attune-train-page.h"

typedef struct
{
  AttuneTrainer *trainer;
  AttuneProject *project;
  GtkWidget *window;
  GtkWidget *page;
} Fixture;

static GtkWidget *
present (GtkWidget *page)
{
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), 900, 700);
  gtk_window_set_child (GTK_WINDOW (window), page);
  gtk_window_present (GTK_WINDOW (window));
  return window;
}

static gboolean
set_up (Fixture *f, const char *script, guint n_rows)
{
  if (!app_fixture_use_engine (script))
    return FALSE;
  f->trainer = attune_trainer_new (NULL);
  f->project = app_fixture_create_draft (f->trainer, n_rows);
  f->page = g_object_ref_sink (g_object_new (ATTUNE_TYPE_TRAIN_PAGE, "project", f->project, NULL));
  f->window = present (f->page);
  return TRUE;
}

static void
tear_down (Fixture *f)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
  app_fixture_release (f->page);
  app_fixture_end (f->trainer, f->project);
}

static AttuneRun *
get_run (Fixture *f)
{
  return attune_project_get_run (f->project);
}

static char *
get_summary (gpointer page, const char *id)
{
  char *summary;

  g_object_get (app_fixture_get_child (page, id), "summary", &summary, NULL);
  g_assert_true (gtk_test_accessible_has_property (GTK_ACCESSIBLE (app_fixture_get_child (page, id)),
                                                   GTK_ACCESSIBLE_PROPERTY_DESCRIPTION));
  return summary;
}

static const char *
get_shown (gpointer page)
{
  return gtk_stack_get_visible_child_name (GTK_STACK (app_fixture_get_child (page, "root")));
}

/* What the page says of a run of 36 rows, 9 batches of 4, through two epochs. */
static void
assert_finished (gpointer page)
{
  g_autofree char *loss = get_summary (page, "loss_plot");
  g_autofree char *accuracy = get_summary (page, "accuracy_plot");

  g_assert_cmpstr (get_shown (page), ==, "run");
  g_assert_cmpstr (app_fixture_get_words (page, "epoch"), ==, "Epoch 2 of 2");
  g_assert_cmpstr (app_fixture_get_words (page, "step"), ==, "step 18 of 18");
  g_assert_cmpstr (app_fixture_get_words (page, "time_left"), ==, "Finished");
  g_assert_true (g_str_has_prefix (app_fixture_get_words (page, "best"), "Best: "));
  g_assert_true (g_str_has_prefix (app_fixture_get_words (page, "device"),
                                   "CPU, 1 thread, fp32 · "));
  g_assert_cmpstr (gtk_widget_get_tooltip_text (app_fixture_get_child (page, "device")), ==,
                   "Measured: fp32 100 GFLOP/s\npretended");
  g_assert_cmpfloat (gtk_progress_bar_get_fraction (app_fixture_get_child (page, "progress")), ==, 1);
  g_test_message ("%s / %s", loss, accuracy);
  g_assert_true (g_str_has_prefix (loss, "Epoch 2 of 2. Training loss "));
  g_assert_nonnull (strstr (loss, " Validation loss "));
  g_assert_true (g_str_has_prefix (accuracy, "Epoch 2 of 2. Accuracy "));
  g_assert_nonnull (strstr (accuracy, " at step 18."));
  g_assert_false (gtk_widget_get_visible (app_fixture_get_child (page, "pause")));
  g_assert_false (gtk_widget_get_visible (app_fixture_get_child (page, "stop")));
  g_assert_true (gtk_widget_get_visible (app_fixture_get_child (page, "results")));
  g_assert_false (adw_banner_get_revealed (app_fixture_get_child (page, "banner")));
}

static void
test_a_run_is_told_from_start_to_end (void)
{
  Fixture f;

  if (!set_up (&f, "", 40))
    return;
  g_assert_cmpstr (get_shown (f.page), ==, "empty");
  app_fixture_set (f.project, "num_train_epochs", "2", NULL);
  app_fixture_train (f.project);
  app_fixture_spin (50);
  assert_finished (f.page);
  tear_down (&f);
}

/* Drawn from the events of its folder, an earlier run says the same. */
static void
test_an_earlier_run_says_the_same (void)
{
  g_autoptr (AttuneRun) run = NULL;
  g_autoptr (GError) error = NULL;
  AttuneProject *reopened;
  GtkWidget *page;
  Fixture f;

  if (!set_up (&f, "", 40))
    return;
  app_fixture_set (f.project, "num_train_epochs", "2", NULL);
  app_fixture_train (f.project);
  run = attune_run_open (attune_run_get_folder (get_run (&f)), &error);
  g_assert_no_error (error);
  reopened = attune_project_new_for_run (f.trainer, run);
  page = g_object_ref_sink (g_object_new (ATTUNE_TYPE_TRAIN_PAGE, "project", reopened, NULL));
  assert_finished (page);
  app_fixture_release (page);
  app_fixture_release (reopened);
  tear_down (&f);
}

/* Words change while it runs: the step counts up, the phase is marked. */
static void
test_progress_is_told_on_the_way (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *early = NULL;
  Fixture f;

  if (!set_up (&f, "slow=20ms", 40))
    return;
  attune_project_start (f.project, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (get_shown (f.page), ==, "run");
  while (attune_run_get_step (get_run (&f)) < 2)
    app_fixture_spin (20);
  early = g_strdup (app_fixture_get_words (f.page, "step"));
  g_assert_true (g_str_has_suffix (early, " of 27"));
  g_assert_true (g_str_has_prefix (app_fixture_get_words (f.page, "epoch"), "Epoch 1 of 3"));
  g_assert_cmpstr (app_fixture_get_words (f.page, "device"), !=, "");
  g_assert_true (gtk_widget_get_visible (app_fixture_get_child (f.page, "stop")));
  app_fixture_spin (150);
  g_assert_cmpstr (app_fixture_get_words (f.page, "step"), !=, early);
  attune_trainer_stop (f.trainer, "user");
  app_fixture_wait_state (get_run (&f), ATTUNE_RUN_STOPPED);
  g_assert_cmpstr (app_fixture_get_words (f.page, "time_left"), ==, "Stopped, kept");
  g_assert_true (gtk_widget_get_visible (app_fixture_get_child (f.page, "results")));
  tear_down (&f);
}

static void
test_a_failure_is_shown_with_its_reason (void)
{
  AdwBanner *banner;
  Fixture f;

  if (!set_up (&f, "nan@5", 40))
    return;
  app_fixture_train (f.project);
  g_assert_cmpint (attune_run_get_state (get_run (&f)), ==, ATTUNE_RUN_FAILED);
  banner = app_fixture_get_child (f.page, "banner");
  g_test_message ("%s", adw_banner_get_title (banner));
  g_assert_true (adw_banner_get_revealed (banner));
  g_assert_cmpstr (adw_banner_get_title (banner), ==, attune_run_get_message (get_run (&f)));
  g_assert_nonnull (strstr (adw_banner_get_title (banner), "5"));
  g_assert_cmpstr (app_fixture_get_words (f.page, "time_left"), ==, "Failed");
  tear_down (&f);
}

static void
test_pause_turns_to_continue (void)
{
  g_autoptr (GError) error = NULL;
  GtkButton *pause;
  Fixture f;

  if (!set_up (&f, "slow=5ms", 40))
    return;
  pause = app_fixture_get_child (f.page, "pause");
  attune_project_start (f.project, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (gtk_button_get_label (pause), ==, "_Pause");
  attune_trainer_pause (f.trainer);
  app_fixture_wait_state (get_run (&f), ATTUNE_RUN_PAUSED);
  g_assert_cmpstr (gtk_button_get_label (pause), ==, "_Continue");
  g_assert_cmpstr (app_fixture_get_words (f.page, "time_left"), ==, "Paused");
  attune_trainer_continue (f.trainer);
  app_fixture_wait_state (get_run (&f), ATTUNE_RUN_RUNNING);
  g_assert_cmpstr (gtk_button_get_label (pause), ==, "_Pause");
  app_fixture_wait_state (get_run (&f), ATTUNE_RUN_FINISHED);
  tear_down (&f);
}

/* The run went on while another project was shown. */
static void
test_coming_back_catches_up (void)
{
  g_autoptr (GError) error = NULL;
  AttuneProject *other;
  Fixture f;

  if (!set_up (&f, "slow=2ms", 40))
    return;
  app_fixture_set (f.project, "num_train_epochs", "2", NULL);
  other = app_fixture_create_draft (f.trainer, 20);
  attune_project_start (f.project, &error);
  g_assert_no_error (error);
  g_object_set (f.page, "project", other, NULL);
  g_assert_cmpstr (get_shown (f.page), ==, "empty");
  app_fixture_wait_state (get_run (&f), ATTUNE_RUN_FINISHED);
  g_assert_cmpstr (get_shown (f.page), ==, "empty");
  g_object_set (f.page, "project", f.project, NULL);
  assert_finished (f.page);
  app_fixture_release (other);
  tear_down (&f);
}

static struct
{
  gint64 woken;         /* when poll last returned */
  gint64 painting;      /* when the frame now painted began */
  gint64 painted;       /* of this turn, spent in the frame clock */
  gint64 longest;       /* turn of the main loop, frames not counted */
  gint64 longest_frame;
} loop;

/* Nanoseconds that this thread has computed: other programs do not count. */
static gint64
get_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * G_GINT64_CONSTANT (1000000000) + time.tv_nsec;
}

static int
measuring_poll (GPollFD *fds, guint n_fds, int timeout)
{
  int result;

  if (loop.woken != 0)
    loop.longest = MAX (loop.longest, get_time () - loop.woken - loop.painted);
  result = g_poll (fds, n_fds, timeout);
  loop.woken = get_time ();
  loop.painted = 0;
  return result;
}

static void
frame_begins_cb (void)
{
  loop.painting = get_time ();
}

static void
frame_ends_cb (void)
{
  gint64 spent = get_time () - loop.painting;

  loop.painted += spent;
  loop.longest_frame = MAX (loop.longest_frame, spent);
}

/* Told, not judged: it is a measurement. */
static void
test_the_main_loop_stays_free (void)
{
  GdkFrameClock *clock;
  Fixture f;

  if (!set_up (&f, "slow=1ms", 40))
    return;
  app_fixture_set (f.project, "max_steps", "2000", "logging_steps", "1", "eval_strategy", "steps",
                   "eval_steps", "500", "save_strategy", "no", NULL);
  app_fixture_spin (300);
  clock = gtk_widget_get_frame_clock (f.window);
  g_signal_connect (clock, "before-paint", G_CALLBACK (frame_begins_cb), NULL);
  g_signal_connect (clock, "after-paint", G_CALLBACK (frame_ends_cb), NULL);
  g_main_context_set_poll_func (NULL, measuring_poll);
  app_fixture_train (f.project);
  g_main_context_set_poll_func (NULL, NULL);
  g_assert_cmpint (attune_run_get_step (get_run (&f)), ==, 2000);
  g_test_message ("2000 steps: longest turn of the main loop %.1f ms without frames, longest frame %.1f ms",
                  loop.longest / 1e6, loop.longest_frame / 1e6);
  tear_down (&f);
}

int
main (int argc, char **argv)
{
  app_fixture_init (&argc, &argv);
  g_test_add_func ("/train-page/start-to-end", test_a_run_is_told_from_start_to_end);
  g_test_add_func ("/train-page/earlier-run", test_an_earlier_run_says_the_same);
  g_test_add_func ("/train-page/on-the-way", test_progress_is_told_on_the_way);
  g_test_add_func ("/train-page/failure", test_a_failure_is_shown_with_its_reason);
  g_test_add_func ("/train-page/pause", test_pause_turns_to_continue);
  g_test_add_func ("/train-page/coming-back", test_coming_back_catches_up);
  g_test_add_func ("/train-page/main-loop", test_the_main_loop_stays_free);
  return app_fixture_run ();
}

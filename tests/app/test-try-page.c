/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Try page with the scripted engine: answers while typing, the newest text wins, what is
 * remembered of the texts tried.
 */
#include "config.h"

#include "app-fixture.h"

#include "attune-try-page.h"

typedef struct
{
  AttuneTrainer *trainer;
  AttuneProject *project;
  GtkWidget *window;
  GtkWidget *page;
} Fixture;

/* A page on a finished run. script: of the engine that answers. */
static gboolean
set_up (Fixture *f, const char *script)
{
  if (!app_fixture_use_engine (script))
    return FALSE;
  f->trainer = attune_trainer_new (NULL);
  f->project = app_fixture_create_draft (f->trainer, 24);
  app_fixture_set (f->project, "max_steps", "4", "eval_strategy", "no", "save_strategy", "no", NULL);
  f->page = g_object_ref_sink (g_object_new (ATTUNE_TYPE_TRY_PAGE, "project", f->project, NULL));
  f->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (f->window), 900, 700);
  gtk_window_set_child (GTK_WINDOW (f->window), f->page);
  gtk_window_present (GTK_WINDOW (f->window));
  g_assert_cmpstr (gtk_stack_get_visible_child_name (app_fixture_get_child (f->page, "root")), ==, "empty");
  app_fixture_train (f->project);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (app_fixture_get_child (f->page, "root")), ==, "try");
  return TRUE;
}

static void
tear_down (Fixture *f)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
  app_fixture_release (f->page);
  app_fixture_end (f->trainer, f->project);
}

static void
type (Fixture *f, const char *text)
{
  attune_try_page_set_text (ATTUNE_TRY_PAGE (f->page), text, NULL);
}

static gboolean
is_answered (gpointer data)
{
  Fixture *f = data;

  return gtk_widget_get_visible (app_fixture_get_child (f->page, "answer"))
         && *app_fixture_get_words (f->page, "verdict") != '\0';
}

static GtkListBoxRow *
get_row (Fixture *f, int index)
{
  return gtk_list_box_get_row_at_index (app_fixture_get_child (f->page, "history"), index);
}

static void
assert_row (Fixture *f, int index, const char *text)
{
  g_assert_nonnull (get_row (f, index));
  g_assert_cmpstr (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (get_row (f, index))), ==, text);
}

static gboolean
is_remembered (gpointer data)
{
  return get_row (data, 0) != NULL;
}

static void
test_a_text_gets_an_answer (void)
{
  GtkWidget *bars;
  Fixture f;

  if (!set_up (&f, ""))
    return;
  g_assert_true (gtk_widget_get_visible (app_fixture_get_child (f.page, "placeholder")));
  g_assert_false (gtk_widget_get_visible (app_fixture_get_child (f.page, "answer")));
  type (&f, "a1 b2 c3");
  g_assert_false (gtk_widget_get_visible (app_fixture_get_child (f.page, "placeholder")));
  app_fixture_wait (is_answered, &f);
  g_assert_true (g_str_has_prefix (app_fixture_get_words (f.page, "verdict"), "no · ")
                 || g_str_has_prefix (app_fixture_get_words (f.page, "verdict"), "yes · "));
  g_assert_true (g_str_has_suffix (app_fixture_get_words (f.page, "token_count"), " of 16 tokens")
                 || g_str_has_suffix (app_fixture_get_words (f.page, "token_count"), " tokens"));
  g_assert_true (g_str_has_prefix (app_fixture_get_words (f.page, "timing"), "Answered in "));
  bars = app_fixture_get_child (f.page, "bars");
  g_assert_true (gtk_test_accessible_has_property (GTK_ACCESSIBLE (bars),
                                                   GTK_ACCESSIBLE_PROPERTY_DESCRIPTION));

  /* Another label's reasons. */
  g_signal_emit_by_name (bars, "bar-activated", 1);
  app_fixture_spin (50);
  g_assert_cmpstr (app_fixture_get_words (app_fixture_get_child (f.page, "why"), "title"), ==, "Why yes");
  tear_down (&f);
}

/* Blank again: no answer is left, nor does one come late. */
static void
test_no_text_has_no_answer (void)
{
  Fixture f;

  if (!set_up (&f, "slow=60ms"))
    return;
  type (&f, "a1 b2");
  type (&f, " ");
  app_fixture_spin (300);
  g_assert_false (gtk_widget_get_visible (app_fixture_get_child (f.page, "answer")));
  g_assert_cmpstr (app_fixture_get_words (f.page, "token_count"), ==, "");
  type (&f, "a1 b2");
  app_fixture_wait (is_answered, &f);
  tear_down (&f);
}

/* Typed faster than answered: the last text is answered, and only it is remembered. */
static void
test_the_newest_text_wins (void)
{
  g_autofree char *tokens = NULL;
  Fixture f;

  if (!set_up (&f, "slow=30ms"))
    return;
  type (&f, "a");
  app_fixture_wait (is_answered, &f);
  tokens = g_strdup (app_fixture_get_words (f.page, "token_count"));
  type (&f, "a b");
  type (&f, "a b c");
  app_fixture_spin (10);
  type (&f, "a b c d");
  type (&f, "a b c d e");
  app_fixture_wait (is_remembered, &f);
  assert_row (&f, 0, "a b c d e");
  g_assert_null (get_row (&f, 1));
  g_assert_cmpstr (app_fixture_get_words (f.page, "token_count"), !=, tokens);
  g_assert_true (g_str_has_prefix (app_fixture_get_words (f.page, "token_count"), "7 of "));

  /* A text from the list comes back, and moves up when it is tried again. */
  gtk_widget_activate (GTK_WIDGET (get_row (&f, 0)));
  g_assert_true (gtk_widget_get_visible (app_fixture_get_child (f.page, "clear")));
  g_signal_emit_by_name (app_fixture_get_child (f.page, "clear"), "clicked");
  g_assert_null (get_row (&f, 0));
  tear_down (&f);
}

/* A verdict is kept with the text it was given for, even while the next one is under way. */
static void
test_a_verdict_stays_with_its_text (void)
{
  Fixture f;

  if (!set_up (&f, "slow=200ms"))
    return;
  type (&f, "a b c");
  app_fixture_wait (is_answered, &f);
  app_fixture_spin (1400);
  type (&f, "d");
  app_fixture_spin (150);
  g_assert_null (get_row (&f, 0));
  tear_down (&f);
}

/* From its first steps on, a run that trains answers too. */
static void
test_a_run_under_way_answers (void)
{
  g_autoptr (GError) error = NULL;
  AttuneProject *second;
  Fixture f;

  if (!set_up (&f, "slow=5ms"))
    return;
  second = app_fixture_create_draft (f.trainer, 80);
  g_object_set (f.page, "project", second, NULL);
  attune_project_start (second, &error);
  g_assert_no_error (error);
  type (&f, "a b c");
  app_fixture_wait (is_answered, &f);
  g_assert_cmpint (attune_run_get_state (attune_project_get_run (second)), ==, ATTUNE_RUN_RUNNING);
  g_assert_true (g_str_has_prefix (app_fixture_get_words (f.page, "weights"), "Now"));
  attune_trainer_stop (f.trainer, "user");
  app_fixture_wait_state (attune_project_get_run (second), ATTUNE_RUN_STOPPED);
  g_object_set (f.page, "project", f.project, NULL);
  app_fixture_release (second);
  tear_down (&f);
}

/* Closed with a question under way. */
static void
test_a_page_may_go_before_its_answer (void)
{
  Fixture f;

  if (!set_up (&f, "slow=60ms"))
    return;
  type (&f, "a b c");
  tear_down (&f);
}

int
main (int argc, char **argv)
{
  app_fixture_init (&argc, &argv);
  g_test_add_func ("/try-page/answer", test_a_text_gets_an_answer);
  g_test_add_func ("/try-page/no-text", test_no_text_has_no_answer);
  g_test_add_func ("/try-page/newest-wins", test_the_newest_text_wins);
  g_test_add_func ("/try-page/verdict-stays", test_a_verdict_stays_with_its_text);
  g_test_add_func ("/try-page/under-way", test_a_run_under_way_answers);
  g_test_add_func ("/try-page/gone", test_a_page_may_go_before_its_answer);
  return app_fixture_run ();
}

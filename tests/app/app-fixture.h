/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What tests of the app room share: a home of their own with the tiny model, data files, waiting for
 * something to become true, finding widgets. Each program has one home, removed at its end.
 */
#pragma once

#include <adwaita.h>

#include "attune-application.h"
#include "attune-project.h"
#include "attune-window.h"

G_BEGIN_DECLS

#define APP_FIXTURE_MODEL "tiny-bert"

/* Sets the environment up, then GLib's tests and libadwaita. Call first. */
void           app_fixture_init          (int           *argc,
                                          char        ***argv);
/* g_test_run(), then removes the home. */
int            app_fixture_run           (void);
/* The scripted engine from the next trainer on. Skips the test and returns FALSE without it. */
gboolean       app_fixture_use_engine    (const char    *script);
/* (transfer full): a file in the home. */
GFile         *app_fixture_write_file    (const char    *name,
                                          const char    *content,
                                          gssize         length);
/* (transfer full): rows of text and label, n of them, two labels. */
GFile         *app_fixture_write_rows    (guint          n);
/* (transfer full): what comes with the program. */
GFile         *app_fixture_get_sample    (void);

/* Runs the main loop until check says TRUE; fails the test after half a minute. */
typedef gboolean (* AppFixtureCheck) (gpointer data);
void           app_fixture_wait          (AppFixtureCheck check,
                                          gpointer        data);
/* Runs the main loop for this long. */
void           app_fixture_spin          (guint          milliseconds);
void           app_fixture_wait_loaded   (AttuneProject *project);
void           app_fixture_wait_state    (AttuneRun     *run,
                                          AttuneRunState state);
/* (transfer full): a draft of n rows, read, with the tiny model and batches of 4. */
AttuneProject *app_fixture_create_draft  (AttuneTrainer *trainer,
                                          guint          n_rows);
/* name, value, …, NULL */
void           app_fixture_set           (AttuneProject *project,
                                          ...) G_GNUC_NULL_TERMINATED;
/* Starts the draft and waits for its end. */
void           app_fixture_train         (AttuneProject *project);
/* Drops what must be the last reference, worker threads' ones aside: fails when the object stays. */
void           app_fixture_release       (gpointer       object);
/* Drops the reference to trainer and project and makes sure that nobody else has one. */
void           app_fixture_end           (AttuneTrainer *trainer,
                                          AttuneProject *project);

/* A child of the template of the widget's own class by its id. */
gpointer       app_fixture_get_child     (gpointer       widget,
                                          const char    *id);
/* The words of a label that is such a child. */
const char    *app_fixture_get_words     (gpointer       widget,
                                          const char    *id);
/* The first widget of a type below root, depth first; NULL without one. */
gpointer       app_fixture_find          (gpointer       root,
                                          GType          type);

/* As if there had been no earlier session. */
void           app_fixture_clear_runs    (void);
/* Runs an application as main() makes it, takes the steps once its window is up, and ends it; fails
 * the test when something keeps it. */
typedef void (* AppFixtureSteps) (AttuneApplication *application);
void           app_fixture_run_application (AppFixtureSteps steps);
/* The same with these words, the program's name first. */
void           app_fixture_run_command_line (AppFixtureSteps     steps,
                                             const char * const *arguments);
/* NULL once it is closed. */
AttuneWindow  *app_fixture_get_window    (AttuneApplication *application);

G_END_DECLS

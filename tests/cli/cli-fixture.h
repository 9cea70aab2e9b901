/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs the real attune-cli in a folder of its own, with data, a tiny model and an engine of choice.
 */
#pragma once

#include <gio/gio.h>

typedef struct {
  char *folder; /* where the program runs; holds data.csv and model/ */
  GSubprocessLauncher *launcher;
} CliFixture;

typedef struct {
  int exit; /* -1: ended by a signal */
  char *out;
  char *err;
} CliResult;

/* data: "fake" for the scripted engine, "torch" for the real one. */
void         cli_fixture_set_up    (CliFixture    *fixture,
                                    gconstpointer  data);
void         cli_fixture_tear_down (CliFixture    *fixture,
                                    gconstpointer  data);
void         cli_fixture_write     (CliFixture    *fixture,
                                    const char    *name,
                                    const char    *text,
                                    gssize         length);
char        *cli_fixture_read      (CliFixture    *fixture,
                                    const char    *name,
                                    gsize         *length);
gboolean     cli_fixture_has       (CliFixture    *fixture,
                                    const char    *name);
guint        cli_fixture_count     (CliFixture    *fixture,
                                    const char    *folder);
/* The program, started; arguments are split as a shell would. */
GSubprocess *cli_fixture_spawn     (CliFixture    *fixture,
                                    const char    *arguments);
CliResult   *cli_fixture_run       (CliFixture    *fixture,
                                    const char    *input,
                                    gssize         length,
                                    const char    *arguments);
void         cli_result_free       (CliResult     *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliResult, cli_result_free)

/* Runs, and wants this exit code, one sentence on standard error with these words in it, and no
 * more or fewer things in the folder than before. */
void         cli_fixture_refuse    (CliFixture    *fixture,
                                    int            exit,
                                    const char    *words,
                                    const char    *arguments);

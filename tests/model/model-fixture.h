/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A copy of tests/fixtures/tiny-bert in a folder of its own, for tests to spoil.
 */
#pragma once

#include "attune-model-folder.h"

typedef struct {
  char *root;   /* a temporary folder */
  char *folder; /* root/model: config.json, model.safetensors, vocab.txt, tokenizer_config.json */
} ModelFixture;

void model_fixture_set_up    (ModelFixture  *fixture,
                              gconstpointer  data);
void model_fixture_tear_down (ModelFixture  *fixture,
                              gconstpointer  data);

/* One file of the folder. */
char *model_fixture_read     (ModelFixture  *fixture,
                              const char    *name,
                              gsize         *length);
void  model_fixture_write    (ModelFixture  *fixture,
                              const char    *name,
                              const char    *text);
void  model_fixture_remove   (ModelFixture  *fixture,
                              const char    *name);
/* Writes model.safetensors again with names, and all that change does, made otherwise. change
 * returns FALSE to leave a tensor out; name is for g_free(). */
typedef gboolean (*ModelFixtureChange) (AttuneTensorView  *view,
                                        char             **name);
void  model_fixture_change   (ModelFixture      *fixture,
                              ModelFixtureChange change);
void  model_fixture_assert_only_model (ModelFixture *fixture);

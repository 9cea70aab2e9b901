/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the engine's tests share: the engine under test through the loader, models from a HF folder
 * or of random weights, batches made of plain lists. Every call that fails ends the test.
 */
#pragma once

#include <glib.h>
#include <yyjson.h>

#include "attune-engine-loader.h"

/* A packed batch with its memory. */
typedef struct {
  AttuneEngineBatch batch;
  GArray *ids, *offsets, *labels; /* of gint32 */
} TestBatch;

/* FALSE, with the test skipped, when no engine was built. */
gboolean test_engine_available (void);
const AttuneEngineApi *test_engine_api (void);
AttuneEngine *test_engine (void); /* opened once */
/* What models are made on: the CPU, or with $ATTUNE_TEST_PATH=device a graphics card if there is
 * one, else the CPU on the code path of one. */
const AttuneEngineDevice *test_device (void);

#define test_assert_ok(call) \
  G_STMT_START { \
    AttuneEngineError _error = { 0 }; \
    AttuneEngineStatus _status = (call); \
    if (_status != ATTUNE_ENGINE_OK) \
      g_error ("%s: status %d: %s (%s)", #call, _status, _error.message, _error.details); \
  } G_STMT_END

/* The families, and what makes the model of test_model_new() one of them. */
typedef struct {
  const char *name;
  const char *extra;
} TestFamily;
extern const TestFamily test_families[];
extern const guint test_n_families;

/* A two-layer BERT of 200 ids and 40 positions with weights drawn from the seed. dropout: for all
 * places. extra: NULL, or "key=value;…" over its configuration. */
AttuneEngineModel *test_model_new (double dropout, AttuneEngineTask task, guint n_labels,
                                   AttuneEnginePrecision precision, const char *extra);
/* A model of a HF folder (config.json, model.safetensors); tensors absent there stay zero. */
AttuneEngineModel *test_model_load (const char *folder, guint n_labels);
/* The same with more options, of how it is trained. */
AttuneEngineModel *test_model_load_with (const char *folder, guint n_labels,
                                         const AttuneEngineOption *more, gsize n_more);
void test_model_load_tensors (AttuneEngineModel *model, const char *path);

TestBatch *test_batch_new (void);
void test_batch_add (TestBatch *batch, const gint32 *ids, gsize n, gint32 label);
/* n texts of 3 to 30 ids drawn from the seed. */
TestBatch *test_batch_random (guint seed, guint n, guint n_labels);
TestBatch *test_batch_slice (const TestBatch *batch, guint begin, guint end);
void test_batch_free (TestBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestBatch, test_batch_free)

/* AdamW at 1e-3, decay 0.01, clip 1, the only micro-batch of its step. */
AttuneEngineStep test_step (guint64 number, double denominator);
AttuneEngineStepResult test_train (AttuneEngineModel *model, const TestBatch *batch,
                                   const AttuneEngineStep *step);

/* All weights (or all optimizer state), one after the other. */
GArray *test_read_weights (AttuneEngineModel *model); /* of float */
GArray *test_read_state (AttuneEngineModel *model);
void test_write_weights (AttuneEngineModel *model, const GArray *weights);
void test_write_state (AttuneEngineModel *model, const GArray *state);
void test_assert_equal_floats (const GArray *a, const GArray *b, double tolerance);

yyjson_doc *test_json (const char *folder, const char *file);
char *test_fixture (const char *name); /* a path in tests/fixtures */

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What becomes of the classifier of a model that was fine-tuned before: by names alone, and in a
 * run, whose weights at a learning rate of next to nothing are those it began with.
 */
#include "config.h"

#include <string.h>

#include <glib/gstdio.h>

#include "attune-head-plan.h"
#include "attune-model-folder.h"
#include "train-fixture.h"

typedef const char *const Labels[];

static AttuneHeadPlan *
assert_fate (const char *const *model,
             const char *const *data,
             AttuneHeadFate     fate)
{
  AttuneHeadPlan *plan = attune_head_plan_new (model, data);

  g_assert_cmpint (plan->fate, ==, fate);
  g_assert_true ((plan->rows != NULL) == (fate == ATTUNE_HEAD_MAPPED));
  g_assert_true (g_utf8_validate (plan->notice, -1, NULL));
  return plan;
}

static void
assert_fate_only (const char *const *model,
                  const char *const *data,
                  AttuneHeadFate     fate)
{
  attune_head_plan_free (assert_fate (model, data, fate));
}

static void
test_names (void)
{
  g_autoptr (AttuneHeadPlan) kept = assert_fate ((Labels) { "neg", "pos", NULL },
                                                 (Labels) { "neg", "pos", NULL },
                                                 ATTUNE_HEAD_KEPT);
  g_autoptr (AttuneHeadPlan) mapped = assert_fate ((Labels) { "c", "a", "b", NULL },
                                                   (Labels) { "a", "b", "c", NULL },
                                                   ATTUNE_HEAD_MAPPED);
  g_autoptr (AttuneHeadPlan) replaced = assert_fate ((Labels) { "neg", "pos", NULL },
                                                     (Labels) { "ham", "spam", NULL },
                                                     ATTUNE_HEAD_REPLACED);

  g_assert_null (attune_head_plan_get_code (kept));
  g_assert_cmpstr (attune_head_plan_get_code (mapped), ==, "head-mapped");
  g_assert_cmpuint (mapped->rows[0], ==, 1);
  g_assert_cmpuint (mapped->rows[1], ==, 2);
  g_assert_cmpuint (mapped->rows[2], ==, 0);
  g_assert_cmpstr (attune_head_plan_get_code (replaced), ==, "head-replaced");
  for (const char *const *name = (Labels) { "“neg”", "“pos”", "“ham”", "“spam”", NULL };
       *name != NULL; name++)
    g_assert_nonnull (strstr (replaced->notice, *name));

  assert_fate_only ((Labels) { "a", "b", NULL }, (Labels) { "a", "b", "c", NULL },
                    ATTUNE_HEAD_REPLACED);
  assert_fate_only ((Labels) { "a", "b", "c", NULL }, (Labels) { "a", "b", NULL },
                    ATTUNE_HEAD_REPLACED);
  assert_fate_only ((Labels) { "a", "a", NULL }, (Labels) { "a", "b", NULL },
                    ATTUNE_HEAD_REPLACED);
}

/* Written otherwise they are the same, unless that makes two of them one. */
static void
test_spelling (void)
{
  assert_fate_only ((Labels) { "NEGATIVE", "POSITIVE", NULL },
                    (Labels) { "negative", " Positive", NULL }, ATTUNE_HEAD_KEPT);
  assert_fate_only ((Labels) { "STRASSE", "Ärger", NULL }, (Labels) { "ärger", "straße", NULL },
                    ATTUNE_HEAD_MAPPED);
  assert_fate_only ((Labels) { "a", "A", NULL }, (Labels) { "A", "a", NULL }, ATTUNE_HEAD_MAPPED);
  assert_fate_only ((Labels) { "a", "A", NULL }, (Labels) { "a", "b", NULL },
                    ATTUNE_HEAD_REPLACED);
}

/* transformers' own names stand for numbers, and say nothing beside words. */
static void
test_unnamed (void)
{
  g_autoptr (AttuneHeadPlan) mapped = assert_fate ((Labels) { "LABEL_0", "LABEL_1", NULL },
                                                   (Labels) { "1", "0", NULL },
                                                   ATTUNE_HEAD_MAPPED);

  g_assert_cmpuint (mapped->rows[0], ==, 1);
  assert_fate_only ((Labels) { "LABEL_0", "LABEL_1", NULL }, (Labels) { "0", "1", NULL },
                    ATTUNE_HEAD_KEPT);
  assert_fate_only ((Labels) { "LABEL_0", "LABEL_1", NULL }, (Labels) { "neg", "pos", NULL },
                    ATTUNE_HEAD_UNNAMED);
  assert_fate_only ((Labels) { "LABEL_0", "LABEL_1", NULL }, (Labels) { "LABEL_1", "LABEL_0", NULL },
                    ATTUNE_HEAD_MAPPED);
  assert_fate_only ((Labels) { "LABEL_0", "LABEL_1", NULL }, (Labels) { "a", "b", "c", NULL },
                    ATTUNE_HEAD_REPLACED);
}

/* A sentence stays one, however many classes and however long their names. */
static void
test_many (void)
{
  g_autoptr (GStrvBuilder) model = g_strv_builder_new (), data = g_strv_builder_new ();
  g_auto (GStrv) model_labels = NULL, data_labels = NULL;
  g_autoptr (AttuneHeadPlan) plan = NULL;

  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *filler = g_strnfill (300, 'x');

      g_strv_builder_take (model, g_strdup_printf ("ä%s%u", filler, i));
      g_strv_builder_take (data, g_strdup_printf ("y%s%u", filler, i));
    }
  model_labels = g_strv_builder_end (model);
  data_labels = g_strv_builder_end (data);
  plan = assert_fate ((const char *const *) model_labels, (const char *const *) data_labels,
                      ATTUNE_HEAD_REPLACED);
  g_assert_cmpuint (strlen (plan->notice), <, 1500);
  g_assert_nonnull (strstr (plan->notice, "and 994 more"));
}

/* The tiny model under other names for its three classes. */
static char *
make_model (TrainFixture *f,
            const char   *names)
{
  g_autofree char *original = train_fixture_get_model ();
  g_autofree char *path = g_build_filename (f->root, "model", NULL);
  static const char *const files[] = { "config.json", "model.safetensors", "vocab.txt",
                                       "tokenizer_config.json" };

  g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *from = g_build_filename (original, files[i], NULL);
      g_autofree char *to = g_build_filename (path, files[i], NULL);
      g_autofree char *data = NULL;
      gsize length;

      g_assert_true (g_file_get_contents (from, &data, &length, NULL));
      if (i == 0)
        {
          g_autoptr (GString) text = g_string_new (data);
          g_auto (GStrv) parts = g_strsplit (names, ",", -1);

          for (guint n = 0; parts[n] != NULL; n++)
            {
              g_autofree char *label = g_strdup_printf ("LABEL_%u", n);

              g_string_replace (text, label, parts[n], 0);
            }
          g_assert_true (g_file_set_contents (to, text->str, -1, NULL));
        }
      else
        g_assert_true (g_file_set_contents (to, data, (gssize) length, NULL));
    }
  return g_steal_pointer (&path);
}

/* Trains on classes a, b, c; order: for each which row of the model's head it began with, NULL for
 * none of them. code: the warning. */
static void
assert_run (const char  *names,
            const guint *order,
            const char  *code)
{
  TrainFixture f = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneModelFolder) before = NULL, after = NULL;
  g_autofree char *model = NULL, *best = NULL;
  const AttuneTensorView *old, *new;
  AttuneTrainJob job;

  if (!train_fixture_set_up (&f, "", 20))
    return;
  g_clear_object (&f.dataset);
  f.dataset = train_fixture_read_dataset ("text,label\na b,a\nb c,b\nc d,c\nd e,a\ne f,b\nf g,c\n");
  train_fixture_set (&f, "max_steps", "1", "learning_rate", "1e-8", "weight_decay", "0",
                     "eval_strategy", "no", NULL);
  model = make_model (&f, names);
  job = (AttuneTrainJob) { .dataset = f.dataset, .model = model, .config = f.config,
                           .folder = f.folder, .title = "A test" };
  g_assert_true (attune_trainer_start (f.trainer, f.run, &job, &error));
  g_assert_no_error (error);
  g_assert_cmpint (train_fixture_wait (&f)->type, ==, ATTUNE_EVENT_RUN_FINISHED);
  g_assert_cmpuint (train_fixture_count (&f, ATTUNE_EVENT_WARNING), ==, code != NULL);
  if (code != NULL)
    g_assert_cmpstr (train_fixture_find (&f, ATTUNE_EVENT_WARNING, 0)->code, ==, code);

  best = g_build_filename (f.folder, "best", NULL);
  before = attune_model_folder_open (model, ATTUNE_MODEL_OPEN_DEFAULT, NULL);
  after = attune_model_folder_open (best, ATTUNE_MODEL_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
  old = attune_model_folder_lookup (before, "classifier.weight");
  new = attune_model_folder_lookup (after, "classifier.weight");
  g_assert_cmpuint (new->length, ==, old->length);
  for (guint row = 0; row < 3; row++)
    for (guint from = 0; from < 3; from++)
      {
        gboolean same = TRUE;

        for (guint i = 0; i < old->shape[1]; i++)
          {
            float x, y;

            memcpy (&x, old->data + (from * old->shape[1] + i) * sizeof x, sizeof x);
            memcpy (&y, new->data + (row * old->shape[1] + i) * sizeof y, sizeof y);
            same = same && x - y < 1e-6f && y - x < 1e-6f;
          }
        g_assert_cmpint (same, ==, order != NULL && order[row] == from);
      }
  g_assert_cmpstr (attune_model_folder_get_config (after)->label_names[0], ==, "a");
  g_clear_pointer (&before, attune_model_folder_unref);
  g_clear_pointer (&after, attune_model_folder_unref);
  train_fixture_tear_down (&f);
}

static void
test_run (void)
{
  static const guint same[] = { 0, 1, 2 }, turned[] = { 1, 2, 0 };

  assert_run ("a,b,c", same, NULL);
  assert_run ("c,a,b", turned, "head-mapped");
  assert_run ("LABEL_0,LABEL_1,LABEL_2", same, "head-unnamed");
  assert_run ("x,y,z", NULL, "head-replaced");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/head-plan/names", test_names);
  g_test_add_func ("/head-plan/spelling", test_spelling);
  g_test_add_func ("/head-plan/unnamed", test_unnamed);
  g_test_add_func ("/head-plan/many", test_many);
  g_test_add_func ("/head-plan/run", test_run);
  return g_test_run ();
}

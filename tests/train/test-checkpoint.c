/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The folder of a checkpoint: what is sealed opens, and what differs from its manifest by a byte
 * does not.
 */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>

#include "attune-checkpoint.h"
#include "attune-durable.h"
#include "attune-train-config.h"

typedef struct {
  char *run;
} Fixture;

static const AttuneCheckpointState example = {
  .step = 12, .time = 0.1, .events_length = 4000, .part_size = 8, .eval_rows = 3,
  .loss_sum = 1.0 / 3, .n_summed = 2, .n_correct = 5, .n_seen = 16, .baselines_said = TRUE,
  .evaluated_step = 10, .n_without_gain = 1, .best_step = 10, .best_loss = 0.693,
  .best_accuracy = 2.0 / 3, .best_f1_macro = 0.5, .best_f1_micro = 0.5, .best_mcc = NAN,
};

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autofree char *folder = NULL;

  self->run = g_dir_make_tmp ("attune-checkpoint-XXXXXX", NULL);
  folder = attune_checkpoint_build_folder (self->run);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  attune_durable_folder_remove (self->run);
  g_free (self->run);
}

static void
put (const char *folder,
     const char *name,
     const char *contents)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, contents, -1, NULL));
}

/* (transfer full): its folder */
static char *
make (Fixture *self,
      gint64   step)
{
  char *path = attune_checkpoint_build_path (self->run, step);
  AttuneCheckpointState state = example;
  g_autofree char *json = NULL;
  g_autoptr (GError) error = NULL;
  guint64 n_bytes = 0;

  state.step = step;
  json = attune_checkpoint_state_to_json (&state);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  put (path, ATTUNE_CHECKPOINT_WEIGHTS, "weights");
  put (path, ATTUNE_CHECKPOINT_OPTIMIZER, "moments");
  put (path, ATTUNE_CHECKPOINT_STATE, json);
  attune_checkpoint_seal (path, step, &n_bytes, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_bytes, ==, 14 + strlen (json));
  return path;
}

static void
test_reads_back_to_the_last_bit (Fixture       *self,
                                 gconstpointer  data)
{
  g_autofree char *path = make (self, 12);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneCheckpoint) found = attune_checkpoint_open (path, &error);

  g_assert_no_error (error);
  g_assert_cmpint (found->step, ==, 12);
  g_assert_true (found->state.loss_sum == example.loss_sum);
  g_assert_true (found->state.best_accuracy == example.best_accuracy);
  g_assert_true (isnan (found->state.best_mcc));
  g_assert_cmpuint (found->state.events_length, ==, 4000);
  g_assert_true (found->state.baselines_said);
}

static void
assert_refused (const char *path,
                const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneCheckpoint) found = attune_checkpoint_open (path, &error);

  g_assert_null (found);
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” does not say “%s”", error->message, words);
}

static void
test_refuses_what_differs (Fixture       *self,
                           gconstpointer  data)
{
  g_autofree char *path = make (self, 12);
  g_autofree char *weights = g_build_filename (path, ATTUNE_CHECKPOINT_WEIGHTS, NULL);
  g_autofree char *outside = NULL;

  put (path, ATTUNE_CHECKPOINT_WEIGHTS, "weight!");
  assert_refused (path, "its SHA-256 differs");
  put (path, ATTUNE_CHECKPOINT_WEIGHTS, "weight");
  assert_refused (path, "has 6 bytes, but was written with 7");
  g_unlink (weights);
  assert_refused (path, "is missing");
  put (path, ATTUNE_CHECKPOINT_MANIFEST, "{\"version\":2}");
  assert_refused (path, "of another version");
  put (path, ATTUNE_CHECKPOINT_MANIFEST, "{\"version\":1,\"step\":12,\"files\":{}}");
  assert_refused (path, "does not name the files");
  put (path, ATTUNE_CHECKPOINT_MANIFEST,
       "{\"version\":1,\"step\":12,\"files\":{\"model.safetensors\":{},"
       "\"optimizer.safetensors\":{},\"state.json\":{},\"../run.json\":{\"bytes\":0}}}");
  assert_refused (path, "model.safetensors is missing");
  put (path, ATTUNE_CHECKPOINT_WEIGHTS, "");
  put (path, ATTUNE_CHECKPOINT_MANIFEST,
       "{\"version\":1,\"step\":12,\"files\":{\"../run.json\":{\"bytes\":0},"
       "\"model.safetensors\":{},\"optimizer.safetensors\":{},\"state.json\":{}}}");
  assert_refused (path, "names a file outside");
}

static void
test_refuses_a_state_out_of_range (Fixture       *self,
                                   gconstpointer  data)
{
  static const char * const changes[] = { "\"step\": 12", "\"step\": 0", "\"step\": 12",
                                          "\"step\": 9", "\"part_size\": 8", "\"part_size\": 0",
                                          "\"evaluated_step\": 10", "\"evaluated_step\": \"10\"",
                                          "\"time\": 0.1", "\"time\": -1.0" };
  g_autofree char *json = attune_checkpoint_state_to_json (&example);

  for (guint i = 0; i < G_N_ELEMENTS (changes); i += 2)
    {
      g_autoptr (GError) error = NULL;
      g_auto (GStrv) parts = g_strsplit (json, changes[i], 2);
      g_autofree char *changed = NULL;
      AttuneCheckpointState state = { 0 };

      g_assert_cmpuint (g_strv_length (parts), ==, 2);
      changed = g_strjoinv (changes[i + 1], parts);
      g_assert_false (attune_checkpoint_state_parse (&state, changed, strlen (changed), "state",
                                                     &error));
      g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN);
    }
}

static void
test_finds_the_newest_whole_and_prunes (Fixture       *self,
                                        gconstpointer  data)
{
  static const gint64 steps[] = { 12, 20, 100, 30 };
  static const gint64 best = 20;
  g_autoptr (GPtrArray) skipped = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (AttuneCheckpoint) found = NULL;
  g_autoptr (GArray) left = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    g_free (make (self, steps[i]));
  {
    g_autofree char *newest = attune_checkpoint_build_path (self->run, 100);

    put (newest, ATTUNE_CHECKPOINT_OPTIMIZER, "Moments");
  }
  found = attune_checkpoint_find_newest (self->run, skipped);
  g_assert_cmpint (found->step, ==, 30);
  g_assert_cmpuint (skipped->len, ==, 1);
  g_assert_nonnull (strstr (skipped->pdata[0], "step-100"));
  attune_checkpoint_prune (self->run, 2, &best, 1);
  left = attune_checkpoint_list (self->run);
  g_assert_cmpuint (left->len, ==, 3);
  g_assert_cmpint (g_array_index (left, gint64, 0), ==, 100);
  g_assert_cmpint (g_array_index (left, gint64, 1), ==, 30);
  g_assert_cmpint (g_array_index (left, gint64, 2), ==, 20);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add ("/train/checkpoint/" name, Fixture, NULL, set_up, test, tear_down)
  ADD ("round-trip", test_reads_back_to_the_last_bit);
  ADD ("differs", test_refuses_what_differs);
  ADD ("state", test_refuses_a_state_out_of_range);
  ADD ("newest-and-prune", test_finds_the_newest_whole_and_prunes);
  return g_test_run ();
}

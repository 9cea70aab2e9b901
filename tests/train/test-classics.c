/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models begun with nothing, from the words of the texts to the answer: they learn, they go on after
 * a stop as if there had been none, what they learned is read again. With libtorch.
 */
#include "config.h"

#include <string.h>

#include "attune-checkpoint.h"
#include "attune-model-store.h"
#include "attune-rnn-config.h"
#include "attune-scratch-model.h"
#include "attune-session.h"
#include "train-fixture.h"

/* Praise or complaint by one word, among words that say nothing; n texts. */
static AttuneDataset *
create_dataset (guint n)
{
  static const char *const good[] = { "fine", "lovely", "great", "warm" };
  static const char *const bad[] = { "dull", "broken", "cold", "awful" };
  static const char *const more[] = { "the", "door", "was", "and", "it", "a", "house", "book" };
  g_autoptr (GString) csv = g_string_new ("text,label\n");
  g_autoptr (GRand) random = g_rand_new_with_seed (5);

  for (guint i = 0; i < n; i++)
    {
      guint length = (guint) g_rand_int_range (random, 2, 9);
      guint place = (guint) g_rand_int_range (random, 0, (gint32) length);

      for (guint word = 0; word < length; word++)
        g_string_append_printf (csv, "%s ", word == place ? (i % 2 == 0 ? good : bad)[g_rand_int_range (random, 0, 4)]
                                                          : more[g_rand_int_range (random, 0, 8)]);
      g_string_append_printf (csv, "%u,%s\n", i, i % 2 == 0 ? "praise" : "complaint");
    }
  return train_fixture_read_dataset (csv->str);
}

static gboolean
set_up (TrainFixture *f,
        const char   *model)
{
  g_unsetenv ("ATTUNE_ENGINE");
  if (!train_fixture_set_up (f, NULL, 4))
    return FALSE;
  g_object_unref (f->dataset);
  f->dataset = create_dataset (240);
  f->model = model;
  train_fixture_set (f, "num_train_epochs", "6", "learning_rate", "1e-2", "rnn_hidden_size", "24",
                     "rnn_embedding_size", "20", "per_device_train_batch_size", "16", "save_steps",
                     "9", "num_threads", "2", NULL);
  return TRUE;
}

static void
test_learns (void)
{
  static const char *const models[] = { "rnn", "gru", "lstm", "bilstm-attention" };
  static const char *const texts[] = { "the house was lovely", "a broken door", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    {
      TrainFixture f = { 0 };
      const AttuneEvent *end, *started;
      g_autoptr (AttunePredictions) predictions = NULL;
      g_autoptr (AttuneModelFolder) best = NULL;
      g_autofree char *path = NULL;
      g_autoptr (GError) error = NULL;

      if (!set_up (&f, models[i]))
        return;
      train_fixture_start (&f);
      end = train_fixture_wait (&f);
      g_assert_cmpint (end->type, ==, ATTUNE_EVENT_RUN_FINISHED);
      g_assert_cmpfloat (end->eval_accuracy, >=, 0.95);
      started = train_fixture_find (&f, ATTUNE_EVENT_RUN_STARTED, 0);
      g_assert_cmpstr (started->precision, ==, "fp32");
      g_assert_cmpstr (started->device, ==, "cpu");
      /* What has to be drawn is no news where all is drawn. */
      g_assert_cmpuint (train_fixture_count (&f, ATTUNE_EVENT_WARNING), ==, 0);

      predictions = train_fixture_predict (&f, texts, -2, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (predictions->classes[0], ==, "complaint");
      g_assert_cmpfloat (predictions->logits[1], >, predictions->logits[0]);
      g_assert_cmpfloat (predictions->logits[2], >, predictions->logits[3]);
      g_assert_cmpuint (predictions->n_words, ==, 4);
      g_assert_cmpint (predictions->attended, ==, g_str_has_suffix (models[i], "-attention"));
      for (guint word = 0; word < 4; word++)
        {
          g_test_message ("%s: word %u weighs %g", models[i], word, predictions->word_weight[word]);
          if (predictions->attended)
            g_assert_cmpfloat (predictions->word_weight[word], >=, 0);
        }
      /* It was “lovely” that made the difference; attention may look beside it, where its traces are. */
      if (!predictions->attended)
        g_assert_cmpfloat (predictions->word_weight[3], >, 0.5);

      path = g_build_filename (f.folder, "best", NULL);
      best = attune_model_folder_open (path, ATTUNE_MODEL_OPEN_DEFAULT, &error);
      g_assert_no_error (error);
      g_assert_nonnull (attune_model_folder_get_config (best)->rnn);
      g_assert_cmpuint (attune_model_folder_get_config (best)->hidden_size, ==, 24);
      train_fixture_tear_down (&f);
    }
}

static void
assert_same_file (const char *a,
                  const char *b,
                  const char *name)
{
  g_autofree char *path_a = g_build_filename (a, name, NULL);
  g_autofree char *path_b = g_build_filename (b, name, NULL);
  g_autofree char *contents_a = NULL, *contents_b = NULL;
  gsize length_a = 0, length_b = 0;

  g_assert_true (g_file_get_contents (path_a, &contents_a, &length_a, NULL));
  g_assert_true (g_file_get_contents (path_b, &contents_b, &length_b, NULL));
  g_assert_cmpmem (contents_a, length_a, contents_b, length_b);
}

/* embeddings: "trained", or a folder. */
static void
check_goes_on (const char *embeddings,
               const char *tune)
{
  TrainFixture straight = { 0 }, f = { 0 };
  g_autoptr (AttuneCheckpoint) a = NULL, b = NULL;

  if (!set_up (&straight, "bigru-attention"))
    return;
  train_fixture_set (&straight, "rnn_num_layers", "2", "rnn_embeddings", embeddings,
                     "rnn_tune_embeddings", tune, NULL);
  train_fixture_start (&straight);
  g_assert_cmpint (train_fixture_wait (&straight)->type, ==, ATTUNE_EVENT_RUN_FINISHED);

  set_up (&f, "bigru-attention");
  train_fixture_set (&f, "rnn_num_layers", "2", "rnn_embeddings", embeddings,
                     "rnn_tune_embeddings", tune, NULL);
  train_fixture_start (&f);
  train_fixture_wait_for (&f, ATTUNE_EVENT_STEP, 12);
  attune_trainer_stop (f.trainer, NULL);
  while (train_fixture_wait (&f)->type == ATTUNE_EVENT_RUN_STOPPED)
    {
      g_autoptr (GError) error = NULL;
      AttuneTrainJob job = { .dataset = f.dataset, .model = f.model, .config = f.config,
                             .folder = f.folder, .title = "A test", .resume = TRUE };

      attune_trainer_shutdown (f.trainer);
      g_signal_handlers_disconnect_by_data (f.run, &f);
      g_assert_finalize_object (f.trainer);
      g_assert_finalize_object (f.run);
      f.trainer = attune_trainer_new (NULL);
      f.run = attune_run_open (f.folder, &error);
      g_assert_no_error (error);
      g_ptr_array_set_size (f.events, 0);
      train_fixture_follow (&f);
      attune_trainer_start (f.trainer, f.run, &job, &error);
      g_assert_no_error (error);
    }
  a = attune_checkpoint_find_newest (straight.folder, NULL);
  b = attune_checkpoint_find_newest (f.folder, NULL);
  g_assert_cmpint (a->step, ==, b->step);
  assert_same_file (a->path, b->path, ATTUNE_CHECKPOINT_WEIGHTS);
  assert_same_file (a->path, b->path, ATTUNE_CHECKPOINT_OPTIMIZER);
  assert_same_file (straight.folder, f.folder, "best/model.safetensors");
  assert_same_file (straight.folder, f.folder, "predictions.json");
  train_fixture_tear_down (&f);
  train_fixture_tear_down (&straight);
}

static void
test_goes_on (void)
{
  check_goes_on ("trained", "no");
}

static void
test_goes_on_over_an_encoder (void)
{
  g_autofree char *encoder = train_fixture_get_model ();

  check_goes_on (encoder, "no");
  check_goes_on (encoder, "yes");
}

/* The frozen encoder is in the run as it was in its folder; it needs that folder no more. */
static void
test_keeps_the_encoder (void)
{
  TrainFixture f = { 0 };
  g_autofree char *encoder = train_fixture_get_model (), *path = NULL;
  g_autoptr (AttuneModelFolder) best = NULL, before = NULL;
  g_autoptr (AttunePredictions) predictions = NULL;
  static const char *const texts[] = { "the house was warm", NULL };
  const char *name = "bert.encoder.layer.0.attention.self.query.weight";
  const AttuneTensorView *view, *wanted;
  g_autoptr (GError) error = NULL;

  if (!set_up (&f, "lstm"))
    return;
  train_fixture_set (&f, "rnn_embeddings", encoder, "num_train_epochs", "1", NULL);
  train_fixture_start (&f);
  g_assert_cmpint (train_fixture_wait (&f)->type, ==, ATTUNE_EVENT_RUN_FINISHED);
  path = g_build_filename (f.folder, "best", NULL);
  best = attune_model_folder_open (path, ATTUNE_MODEL_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
  before = attune_model_folder_open (encoder, ATTUNE_MODEL_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
  view = attune_model_folder_lookup (best, name);
  wanted = attune_model_folder_lookup (before, name);
  g_assert_cmpmem (view->data, view->length, wanted->data, wanted->length);
  predictions = train_fixture_predict (&f, texts, -2, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (predictions->n_words, >, 0);
  train_fixture_tear_down (&f);
}

static void
test_words (void)
{
  g_autoptr (AttuneDataset) dataset = create_dataset (60);
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  g_autoptr (AttuneModelFolder) model = NULL, few = NULL, again = NULL;
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GError) error = NULL;
  AttuneTokenizer *tokenizer;

  model = attune_scratch_model_new ("lstm", config, dataset, NULL, NULL, &error);
  g_assert_no_error (error);
  tokenizer = attune_model_folder_get_tokenizer (model);
  g_assert_cmpint (attune_tokenizer_lookup (tokenizer, "broken"), >, 4);
  g_assert_cmpint (attune_tokenizer_lookup (tokenizer, "17"), ==, -1); /* of one text alone */
  g_assert_cmpuint (attune_model_folder_get_config (model)->vocab_size, ==,
                    attune_tokenizer_get_n_tokens (tokenizer));
  g_assert_false (attune_model_folder_is_written (model));

  again = attune_scratch_model_new ("lstm", config, dataset, NULL, NULL, &error);
  g_assert_true (g_bytes_equal (attune_tokenizer_get_vocabulary (tokenizer),
                                attune_tokenizer_get_vocabulary (attune_model_folder_get_tokenizer (again))));

  for (guint row = 0; row < 8; row++)
    g_array_append_val (rows, row);
  few = attune_scratch_model_new ("lstm", config, dataset, rows, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (attune_tokenizer_get_n_tokens (attune_model_folder_get_tokenizer (few)), <,
                    attune_tokenizer_get_n_tokens (tokenizer));
}

static void
test_names_and_settings (void)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = attune_model_store_resolve ("bigru-attention", &error);
  g_autoptr (AttuneDataset) dataset = create_dataset (20);
  g_autoptr (AttuneModelFolder) folder = NULL;
  AttuneRnnConfig rnn;

  g_assert_no_error (error);
  g_assert_cmpstr (attune_model_store_get_scratch (path), ==, "bigru-attention");
  g_assert_null (attune_model_folder_open (path, ATTUNE_MODEL_OPEN_DEFAULT, &error));
  g_assert_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISSING);
  g_assert_nonnull (strstr (error->message, "bigru-attention"));
  g_clear_error (&error);
  g_assert_false (attune_rnn_config_init (&rnn, "bi"));
  g_assert_false (attune_rnn_config_init (&rnn, "-attention"));
  g_assert_false (attune_rnn_config_init (&rnn, "lstm-"));
  g_assert_true (attune_rnn_config_init (&rnn, "birnn"));
  g_assert_true (rnn.bidirectional);

  attune_train_config_set (config, "rnn_bidirectional", "no", NULL);
  attune_train_config_set (config, "rnn_pooling", "last", NULL);
  attune_train_config_set (config, "rnn_hidden_size", "7", NULL);
  folder = attune_scratch_model_new ("bilstm-attention", config, dataset, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (attune_model_folder_get_config (folder)->rnn->bidirectional);
  g_assert_cmpstr (attune_model_folder_get_config (folder)->rnn->pooling, ==, "last");
  g_assert_cmpuint (attune_model_folder_get_config (folder)->hidden_size, ==, 7);

  attune_train_config_set (config, "rnn_embeddings", "lstm", NULL);
  g_assert_null (attune_scratch_model_new ("gru", config, dataset, NULL, NULL, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING);
  g_clear_error (&error);
  g_assert_false (attune_train_config_set (config, "rnn_embeddings", "", &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING);

  /* From nothing it takes more epochs; a person's own number stays. */
  attune_scratch_model_suggest (config, NULL, "lstm");
  g_assert_cmpfloat (attune_train_config_get_double (config, "num_train_epochs"), ==, 10);
  attune_scratch_model_suggest (config, "lstm", "/nowhere");
  g_assert_cmpfloat (attune_train_config_get_double (config, "num_train_epochs"), ==, 3);
  attune_train_config_set (config, "num_train_epochs", "2", NULL);
  attune_scratch_model_suggest (config, "/nowhere", "lstm");
  g_assert_cmpfloat (attune_train_config_get_double (config, "num_train_epochs"), ==, 2);
  attune_train_config_set (config, "num_train_epochs", "10", NULL);
  attune_scratch_model_suggest (config, "/nowhere", "/elsewhere");
  g_assert_cmpfloat (attune_train_config_get_double (config, "num_train_epochs"), ==, 10);
  attune_train_config_set (config, "num_train_epochs", "3", NULL);
  attune_scratch_model_suggest (config, "lstm", "gru");
  g_assert_cmpfloat (attune_train_config_get_double (config, "num_train_epochs"), ==, 3);
}

static void
assert_refused (TrainFixture *f,
                ...)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_copy (f->config);
  g_autoptr (AttuneTrainRequest) request = NULL;
  g_autoptr (GError) error = NULL;
  AttuneTrainJob job = { .dataset = f->dataset, .model = "lstm", .config = config,
                         .folder = f->folder, .title = "A test" };
  const char *name;
  va_list args;

  va_start (args, f);
  while ((name = va_arg (args, const char *)) != NULL)
    attune_train_config_set (config, name, va_arg (args, const char *), NULL);
  va_end (args);
  request = attune_train_request_new (&job, &error);
  g_assert_null (request);
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING);
}

/* Words drawn at random that stay so would be learned from. */
static void
test_nothing_there_to_be_frozen (void)
{
  TrainFixture f = { 0 };

  if (!set_up (&f, "lstm"))
    return;
  assert_refused (&f, "lora_r", "4", NULL);
  assert_refused (&f, "freeze_embeddings", "yes", NULL);
  assert_refused (&f, "freeze_layers", "1", NULL);
  assert_refused (&f, "lora_r", "4", "rnn_embeddings", "minilm-l6", NULL);
  train_fixture_tear_down (&f);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/classics/learns", test_learns);
  g_test_add_func ("/train/classics/goes-on", test_goes_on);
  g_test_add_func ("/train/classics/goes-on-over-an-encoder", test_goes_on_over_an_encoder);
  g_test_add_func ("/train/classics/keeps-the-encoder", test_keeps_the_encoder);
  g_test_add_func ("/train/classics/words", test_words);
  g_test_add_func ("/train/classics/names-and-settings", test_names_and_settings);
  g_test_add_func ("/train/classics/nothing-to-freeze", test_nothing_there_to_be_frozen);
  return g_test_run ();
}

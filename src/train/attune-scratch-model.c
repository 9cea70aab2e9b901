/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The shape comes from the model's name and, where they are not "auto", from the settings rnn_…; the
 * words from the training rows alone, so that nothing is known of those that are measured on.
 */
#include "config.h"

#include "attune-scratch-model.h"

#include <glib/gi18n.h>

#include "attune-model-store.h"
#include "attune-rnn-config.h"
#include "attune-schedule.h"
#include "attune-word-counter.h"

#define HIDDEN_SIZE 128
#define DROPOUT 0.3
#define LEARNING_RATE 1e-3
/* Words that occur once teach nothing but what an unknown word means. */
#define MIN_COUNT 2
/* From nothing it takes more than from a model that knows the language. */
#define EPOCHS 10

#define ROWS_PER_CHECK 256

static void
take_settings (AttuneModelConfig *model,
               AttuneTrainConfig *config)
{
  AttuneRnnConfig *rnn = model->rnn;
  gint64 hidden = attune_train_config_get_int (config, "rnn_hidden_size");
  gint64 embedding = attune_train_config_get_int (config, "rnn_embedding_size");
  const char *ways = attune_train_config_get_string (config, "rnn_bidirectional");
  const char *pooling = attune_rnn_find_pooling (attune_train_config_get_string (config,
                                                                                 "rnn_pooling"));

  model->num_hidden_layers = (guint) attune_train_config_get_int (config, "rnn_num_layers");
  if (hidden > 0)
    model->hidden_size = (guint) hidden;
  if (embedding > 0)
    rnn->embedding_size = (guint) embedding;
  if (pooling != NULL)
    rnn->pooling = pooling;
  if (!g_str_equal (ways, "auto"))
    rnn->bidirectional = g_str_equal (ways, "yes");
}

/* The words of the rows, each text of a pair counted. */
static AttuneTokenizer *
count_words (AttuneTrainConfig  *config,
             AttuneDataset      *dataset,
             const GArray       *rows,
             GCancellable       *cancellable,
             GError            **error)
{
  g_autoptr (AttuneWordCounter) counter = attune_word_counter_new ();
  guint n = rows != NULL ? rows->len : attune_dataset_get_n_rows (dataset);
  guint most = (guint) attune_train_config_get_int (config, "rnn_vocab_size");

  for (guint i = 0; i < n; i++)
    {
      guint row = rows != NULL ? g_array_index (rows, guint, i) : i;
      gsize text_length = 0, pair_length = 0;
      const char *text = attune_dataset_get_text (dataset, row, &text_length);
      const char *pair = attune_dataset_get_pair (dataset, row, &pair_length);

      if (i % ROWS_PER_CHECK == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      if (!attune_word_counter_add (counter, text, text_length, error)
          || (pair != NULL && !attune_word_counter_add (counter, pair, pair_length, error)))
        {
          g_prefix_error (error, "%u: ", row + 1);
          return NULL;
        }
    }
  return attune_word_counter_create_tokenizer (counter, MIN_COUNT, most, error);
}

/* The model whose outputs are to be read. */
static AttuneModelFolder *
open_encoder (const char  *model,
              GError     **error)
{
  g_autofree char *path = attune_model_store_resolve (model, error);
  g_autoptr (AttuneModelFolder) folder = NULL;

  if (path == NULL)
    return NULL;
  if (attune_model_store_get_scratch (path) == NULL)
    {
      folder = attune_model_folder_open (path, ATTUNE_MODEL_OPEN_DEFAULT, error);
      if (folder == NULL || attune_model_folder_get_config (folder)->rnn == NULL)
        return g_steal_pointer (&folder);
    }
  g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
               _("rnn_embeddings is “%s”, which is a recurrent model itself; name one of the BERT "
                 "family, or say “trained”"), model);
  return NULL;
}

/* All but the number of words; *encoder: (transfer full) the model that is read, if one is. */
static AttuneModelConfig *
create_config (const char         *name,
               AttuneTrainConfig  *settings,
               AttuneModelFolder **encoder,
               GError            **error)
{
  g_autoptr (AttuneModelConfig) model = g_new0 (AttuneModelConfig, 1);
  const char *embeddings = attune_train_config_get_string (settings, "rnn_embeddings");

  model->rnn = g_new0 (AttuneRnnConfig, 1);
  if (!attune_rnn_config_init (model->rnn, name))
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISSING,
                   _("There is no model “%s”"), name);
      return NULL;
    }
  model->model_type = g_strdup (ATTUNE_RNN_MODEL_TYPE);
  model->hidden_act = g_strdup ("tanh");
  model->hidden_size = HIDDEN_SIZE;
  model->num_attention_heads = model->intermediate_size = 1;
  model->vocab_size = 1;
  model->type_vocab_size = 2;
  model->max_position_embeddings = ATTUNE_RNN_LONGEST;
  model->layer_norm_eps = 1e-12;
  model->hidden_dropout_prob = DROPOUT;
  model->classifier_dropout = -1;
  take_settings (model, settings);
  if (g_str_equal (embeddings, "trained"))
    return g_steal_pointer (&model);

  *encoder = open_encoder (embeddings, error);
  if (*encoder == NULL)
    return NULL;
  model->encoder = attune_model_config_copy (attune_model_folder_get_config (*encoder));
  model->rnn->embeddings =
    g_str_equal (attune_train_config_get_string (settings, "rnn_tune_embeddings"), "yes") ? "tuned"
                                                                                          : "frozen";
  model->max_position_embeddings = model->encoder->max_position_embeddings;
  model->vocab_size = model->encoder->vocab_size;
  model->pad_token_id = model->encoder->pad_token_id;
  return g_steal_pointer (&model);
}

AttuneModelConfig *
attune_scratch_model_create_config (const char  *name,
                                    GError     **error)
{
  g_autoptr (AttuneTrainConfig) settings = attune_train_config_new ();

  return create_config (name, settings, NULL, error);
}

AttuneModelFolder *
attune_scratch_model_new (const char         *name,
                          AttuneTrainConfig  *config,
                          AttuneDataset      *dataset,
                          const GArray       *rows,
                          GCancellable       *cancellable,
                          GError            **error)
{
  g_autoptr (AttuneTrainConfig) settings = config != NULL ? g_object_ref (config)
                                                          : attune_train_config_new ();
  g_autoptr (AttuneModelFolder) encoder = NULL;
  g_autoptr (AttuneModelConfig) model = create_config (name, settings, &encoder, error);
  g_autoptr (AttuneTokenizer) tokenizer = NULL;

  if (model == NULL)
    return NULL;
  if (encoder != NULL)
    tokenizer = attune_tokenizer_ref (attune_model_folder_get_tokenizer (encoder));
  else
    tokenizer = count_words (settings, dataset, rows, cancellable, error);
  if (tokenizer == NULL)
    return NULL;
  if (encoder == NULL)
    model->vocab_size = attune_tokenizer_get_n_tokens (tokenizer);
  return attune_model_folder_new_unwritten (name, model, tokenizer, encoder);
}

AttuneModelFolder *
attune_open_model_for (const char     *model,
                       AttuneDataset  *dataset,
                       GCancellable   *cancellable,
                       GError        **error)
{
  g_autofree char *path = attune_model_store_resolve (model, error);
  const char *scratch;

  if (path == NULL)
    return NULL;
  scratch = attune_model_store_get_scratch (path);
  return scratch != NULL ? attune_scratch_model_new (scratch, NULL, dataset, NULL, cancellable, error)
                         : attune_model_folder_open (path, ATTUNE_MODEL_OPEN_DEFAULT, error);
}

double
attune_propose_learning_rate (const AttuneModelConfig *config)
{
  if (config->rnn == NULL)
    return attune_schedule_propose_peak (config->hidden_size);
  if (g_str_equal (config->rnn->embeddings, "tuned"))
    return attune_schedule_propose_peak (config->encoder->hidden_size);
  return LEARNING_RATE;
}

char *
attune_scratch_model_describe (AttuneTrainConfig *config)
{
  GString *text = g_string_new (NULL);
  guint n_fields;
  const AttuneField *fields = attune_train_config_get_fields (&n_fields);

  for (guint i = 0; i < n_fields; i++)
    if (g_str_has_prefix (fields[i].name, "rnn_"))
      {
        g_autofree char *value = attune_train_config_get_text (config, fields[i].name);

        g_string_append_printf (text, "%s;", value);
      }
  return g_string_free (text, FALSE);
}

static gboolean
is_scratch (const char *model)
{
  g_autofree char *path = model != NULL ? attune_model_store_resolve (model, NULL) : NULL;

  return path != NULL && attune_model_store_get_scratch (path) != NULL;
}

void
attune_scratch_model_suggest (AttuneTrainConfig *config,
                              const char        *before,
                              const char        *model)
{
  if (is_scratch (model) == is_scratch (before))
    return;
  if (!is_scratch (model) && attune_train_config_get_double (config, "num_train_epochs") == EPOCHS)
    attune_train_config_reset (config, "num_train_epochs");
  else if (is_scratch (model) && attune_train_config_is_default (config, "num_train_epochs"))
    attune_train_config_set (config, "num_train_epochs", G_STRINGIFY (EPOCHS), NULL);
}

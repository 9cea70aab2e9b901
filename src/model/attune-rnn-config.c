/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Recurrent classifiers: their names, their config.json, their tensors. The format is Attune's own,
 * for Hugging Face has none; the recurrent tensors are called as torch.nn's RNN, LSTM and GRU call
 * them. Any thread.
 */
#include "config.h"

#include "attune-rnn-config.h"

#include <string.h>

#include <glib/gi18n.h>

#define EMBEDDING_SIZE 128
/* Numbers of the table of words: 8 GB. */
#define MOST_EMBEDDINGS (G_GUINT64_CONSTANT (1) << 31)

static const char *const cells[] = { "rnn", "lstm", "gru" };
static const char *const poolings[] = { "max", "mean", "last", "attention" };
static const char *const embeddings[] = { "trained", "frozen", "tuned" };

static const AttuneRnnKind kinds[] = {
  { "rnn", N_("RNN"),
    N_("Reads word by word and soon forgets: what came before LSTM. To see what the others gain.") },
  { "lstm", N_("LSTM"),
    N_("Reads word by word and keeps what matters; learns its words from these texts alone.") },
  { "gru", N_("GRU"), N_("An LSTM with fewer weights: often as good, a little faster.") },
  { "bilstm", N_("BiLSTM"), N_("An LSTM that reads from both ends, so that each word knows what follows.") },
  { "bilstm-attention", N_("BiLSTM With Attention"),
    N_("Weighs the words before it decides, and shows the weights on the Try page.") },
};

/**
 * attune_rnn_get_kinds:
 *
 * Returns: (transfer none): those to choose from; more names are understood
 */
const AttuneRnnKind *
attune_rnn_get_kinds (guint *n_kinds)
{
  *n_kinds = G_N_ELEMENTS (kinds);
  return kinds;
}

static const char *
find_word (const char *const *words,
           gsize              n_words,
           const char        *word)
{
  for (gsize i = 0; i < n_words; i++)
    if (g_strcmp0 (words[i], word) == 0)
      return words[i];
  return NULL;
}

const char *
attune_rnn_find_pooling (const char *name)
{
  return find_word (poolings, G_N_ELEMENTS (poolings), name);
}

/**
 * attune_rnn_config_init:
 * @name: "rnn", "lstm" or "gru", "bi" before it for both ways, "-attention" after it
 *
 * Returns: whether there is such a name; without attention the maximum over the words is taken
 */
gboolean
attune_rnn_config_init (AttuneRnnConfig *self,
                        const char      *name)
{
  gboolean both_ways = g_str_has_prefix (name, "bi");
  gboolean attention = g_str_has_suffix (name, "-attention");
  gsize length = strlen (name) - (both_ways ? 2 : 0) - (attention ? strlen ("-attention") : 0);
  g_autofree char *cell = g_strndup (name + (both_ways ? 2 : 0), length);

  *self = (AttuneRnnConfig) {
    .cell = find_word (cells, G_N_ELEMENTS (cells), cell),
    .pooling = attention ? "attention" : "max",
    .embeddings = "trained",
    .bidirectional = both_ways,
    .embedding_size = EMBEDDING_SIZE,
  };
  return self->cell != NULL;
}

/* A whole number, in *value unless there is none. */
static gboolean
read_size (yyjson_val  *root,
           const char  *key,
           guint        minimum,
           guint        maximum,
           guint       *value,
           const char  *source_name,
           GError     **error)
{
  yyjson_val *found = yyjson_obj_get (root, key);

  if (found == NULL)
    return TRUE;
  if (yyjson_is_uint (found) && yyjson_get_uint (found) >= minimum
      && yyjson_get_uint (found) <= maximum)
    {
      *value = (guint) yyjson_get_uint (found);
      return TRUE;
    }
  g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
               _("“%s” in “%s” must be a whole number from %u to %u"), key, source_name, minimum,
               maximum);
  return FALSE;
}

static gboolean
read_dropout (yyjson_val  *root,
              const char  *key,
              double      *value,
              const char  *source_name,
              GError     **error)
{
  yyjson_val *found = yyjson_obj_get (root, key);

  if (found == NULL || yyjson_is_null (found))
    return TRUE;
  if (yyjson_is_num (found) && yyjson_get_num (found) >= 0 && yyjson_get_num (found) <= 0.99)
    {
      *value = yyjson_get_num (found);
      return TRUE;
    }
  g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
               _("“%s” in “%s” must be a number from %g to %g"), key, source_name, 0.0, 0.99);
  return FALSE;
}

static gboolean
read_word (yyjson_val         *root,
           const char         *key,
           const char *const  *words,
           gsize               n_words,
           const char        **value,
           const char         *source_name,
           GError            **error)
{
  const char *word = yyjson_get_str (yyjson_obj_get (root, key));

  *value = find_word (words, n_words, word);
  if (*value != NULL)
    return TRUE;
  g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
               _("“%s” in “%s” is “%.40s”, which no recurrent model here has"), key, source_name,
               word != NULL ? word : "");
  return FALSE;
}

/* The model whose outputs are read, described as in its own config.json. */
static gboolean
read_encoder (AttuneModelConfig  *config,
              yyjson_val         *root,
              const char         *source_name,
              GError            **error)
{
  yyjson_val *encoder = yyjson_obj_get (root, "encoder");
  g_autofree char *name = g_strconcat (source_name, ", encoder", NULL);
  g_autoptr (GBytes) bytes = NULL;
  size_t length = 0;
  char *text;

  if (!yyjson_is_obj (encoder))
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _("“%s” does not say whose embeddings it reads (encoder)"), source_name);
      return FALSE;
    }
  text = yyjson_val_write (encoder, 0, &length);
  bytes = g_bytes_new_with_free_func (text, length, free, text);
  config->encoder = attune_model_config_parse (bytes, name, error);
  if (config->encoder == NULL)
    return FALSE;
  if (config->encoder->rnn != NULL)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
                   _("“%s” reads the embeddings of another recurrent model"), source_name);
      return FALSE;
    }
  config->vocab_size = config->encoder->vocab_size;
  config->max_position_embeddings = config->encoder->max_position_embeddings;
  config->type_vocab_size = config->encoder->type_vocab_size;
  config->pad_token_id = config->encoder->pad_token_id;
  return TRUE;
}

/**
 * attune_rnn_config_parse:
 * @config: gets all but the labels
 * @root: of a config.json whose model_type is "attune-rnn"
 */
gboolean
attune_rnn_config_parse (AttuneModelConfig  *config,
                         yyjson_val         *root,
                         const char         *source_name,
                         GError            **error)
{
  AttuneRnnConfig *rnn = g_new0 (AttuneRnnConfig, 1);

  config->rnn = rnn;
  config->hidden_act = g_strdup ("tanh");
  config->num_attention_heads = config->intermediate_size = config->num_hidden_layers = 1;
  config->vocab_size = 1;
  config->hidden_size = 128;
  config->max_position_embeddings = ATTUNE_RNN_LONGEST;
  config->type_vocab_size = 2;
  config->layer_norm_eps = 1e-12;
  config->classifier_dropout = -1;
  rnn->embedding_size = EMBEDDING_SIZE;
  rnn->bidirectional = yyjson_is_true (yyjson_obj_get (root, "bidirectional"));

  if (!read_word (root, "cell", cells, G_N_ELEMENTS (cells), &rnn->cell, source_name, error)
      || !read_word (root, "pooling", poolings, G_N_ELEMENTS (poolings), &rnn->pooling, source_name,
                     error)
      || !read_word (root, "embeddings", embeddings, G_N_ELEMENTS (embeddings), &rnn->embeddings,
                     source_name, error)
      || !read_size (root, "hidden_size", 1, 1 << 13, &config->hidden_size, source_name, error)
      || !read_size (root, "num_layers", 1, 16, &config->num_hidden_layers, source_name, error)
      || !read_dropout (root, "dropout", &config->hidden_dropout_prob, source_name, error)
      || !read_dropout (root, "classifier_dropout", &config->classifier_dropout, source_name, error))
    return FALSE;
  if (!g_str_equal (rnn->embeddings, "trained"))
    return read_encoder (config, root, source_name, error);
  if (!read_size (root, "vocab_size", 1, 1 << 24, &config->vocab_size, source_name, error)
      || !read_size (root, "embedding_size", 1, 1 << 13, &rnn->embedding_size, source_name, error))
    return FALSE;
  if ((guint64) config->vocab_size * rnn->embedding_size <= MOST_EMBEDDINGS)
    return TRUE;
  g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
               _("“%s” asks for embeddings of %u words by %u numbers, which is more than there can "
                 "be"), source_name, config->vocab_size, rnn->embedding_size);
  return FALSE;
}

/**
 * attune_rnn_config_write:
 *
 * Adds to @root what attune_rnn_config_parse() reads, the encoder excepted.
 */
void
attune_rnn_config_write (const AttuneModelConfig *config,
                         yyjson_mut_doc          *document,
                         yyjson_mut_val          *root)
{
  const AttuneRnnConfig *rnn = config->rnn;

  yyjson_mut_obj_add_uint (document, root, "version", 1);
  yyjson_mut_obj_add_str (document, root, "cell", rnn->cell);
  yyjson_mut_obj_add_uint (document, root, "num_layers", config->num_hidden_layers);
  yyjson_mut_obj_add_bool (document, root, "bidirectional", rnn->bidirectional);
  yyjson_mut_obj_add_uint (document, root, "hidden_size", config->hidden_size);
  yyjson_mut_obj_add_str (document, root, "pooling", rnn->pooling);
  yyjson_mut_obj_add_str (document, root, "embeddings", rnn->embeddings);
  if (config->encoder == NULL)
    {
      yyjson_mut_obj_add_uint (document, root, "vocab_size", config->vocab_size);
      yyjson_mut_obj_add_uint (document, root, "embedding_size", rnn->embedding_size);
    }
  yyjson_mut_obj_add_real (document, root, "dropout", config->hidden_dropout_prob);
  if (config->classifier_dropout >= 0)
    yyjson_mut_obj_add_real (document, root, "classifier_dropout", config->classifier_dropout);
}

static void
add_count (GStrvBuilder *words,
           const char   *key,
           guint         value)
{
  g_strv_builder_add (words, key);
  g_strv_builder_take (words, g_strdup_printf ("%u", value));
}

static void
add_real (GStrvBuilder *words,
          const char   *key,
          double        value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_strv_builder_add_many (words, key, g_ascii_dtostr (text, sizeof text, value), NULL);
}

/**
 * attune_rnn_config_describe:
 *
 * Adds to @words what attune_model_config_describe() says of a recurrent model; of its encoder what
 * that says itself, but for the model_type.
 */
void
attune_rnn_config_describe (const AttuneModelConfig *config,
                            GStrvBuilder            *words)
{
  const AttuneRnnConfig *rnn = config->rnn;

  g_strv_builder_add_many (words, "rnn_cell", rnn->cell, "rnn_pooling", rnn->pooling,
                           "rnn_embeddings", rnn->embeddings, "rnn_bidirectional",
                           rnn->bidirectional ? "true" : "false", NULL);
  add_count (words, "rnn_hidden_size", config->hidden_size);
  add_count (words, "rnn_num_layers", config->num_hidden_layers);
  add_count (words, "rnn_embedding_size", rnn->embedding_size);
  add_real (words, "rnn_dropout", config->hidden_dropout_prob);
  add_real (words, "rnn_classifier_dropout",
            config->classifier_dropout >= 0 ? config->classifier_dropout
                                            : config->hidden_dropout_prob);
  if (config->encoder != NULL)
    {
      g_auto (GStrv) encoder = attune_model_config_describe (config->encoder);

      g_strv_builder_add_many (words, "rnn_encoder", config->encoder->model_type, NULL);
      add_count (words, "rnn_encoder_size", config->encoder->hidden_size);
      g_strv_builder_addv (words, (const char **) encoder + 2);
      return;
    }
  add_count (words, "vocab_size", config->vocab_size);
  add_count (words, "max_position_embeddings", config->max_position_embeddings);
}

static void
tensor_spec_free (gpointer data)
{
  AttuneTensorSpec *spec = data;

  g_free (spec->name);
  g_free (spec);
}

/* columns 0: a vector. Takes name. */
static void
add_tensor (GPtrArray *specs,
            char      *name,
            guint64    rows,
            guint64    columns)
{
  AttuneTensorSpec *spec = g_new0 (AttuneTensorSpec, 1);

  spec->name = name;
  spec->n_dims = columns == 0 ? 1 : 2;
  spec->shape[0] = rows;
  spec->shape[1] = columns;
  spec->is_head = spec->is_optional = g_str_has_prefix (name, "classifier.");
  g_ptr_array_add (specs, spec);
}

/* Of the encoder all but what comes after its last layer. */
static void
add_encoder (const AttuneModelConfig *encoder,
             GPtrArray               *specs)
{
  g_autoptr (GPtrArray) all = attune_model_config_list_tensors (encoder, 1);

  for (guint i = 0; i < all->len; i++)
    {
      const AttuneTensorSpec *spec = g_ptr_array_index (all, i);

      if (!spec->is_optional)
        add_tensor (specs, g_strdup (spec->name), spec->shape[0],
                    spec->n_dims > 1 ? spec->shape[1] : 0);
    }
}

/**
 * attune_rnn_config_list_tensors:
 *
 * Returns: (transfer full) (element-type AttuneTensorSpec): as attune_model_config_list_tensors()
 */
GPtrArray *
attune_rnn_config_list_tensors (const AttuneModelConfig *config,
                                guint                    n_labels)
{
  GPtrArray *specs = g_ptr_array_new_with_free_func (tensor_spec_free);
  const AttuneRnnConfig *rnn = config->rnn;
  const guint64 hidden = config->hidden_size, n_directions = rnn->bidirectional ? 2 : 1;
  const guint64 gates = hidden * (g_str_equal (rnn->cell, "rnn") ? 1 : g_str_equal (rnn->cell, "gru") ? 3 : 4);
  guint64 inputs = config->encoder != NULL ? config->encoder->hidden_size : rnn->embedding_size;

  if (config->encoder != NULL)
    add_encoder (config->encoder, specs);
  else
    add_tensor (specs, g_strdup ("embeddings.word_embeddings.weight"), config->vocab_size, inputs);
  for (guint layer = 0; layer < config->num_hidden_layers; layer++)
    {
      for (guint direction = 0; direction < n_directions; direction++)
        {
          const char *end = direction == 1 ? "_reverse" : "";

          add_tensor (specs, g_strdup_printf ("rnn.weight_ih_l%u%s", layer, end), gates, inputs);
          add_tensor (specs, g_strdup_printf ("rnn.weight_hh_l%u%s", layer, end), gates, hidden);
          add_tensor (specs, g_strdup_printf ("rnn.bias_ih_l%u%s", layer, end), gates, 0);
          add_tensor (specs, g_strdup_printf ("rnn.bias_hh_l%u%s", layer, end), gates, 0);
        }
      inputs = n_directions * hidden;
    }
  if (g_str_equal (rnn->pooling, "attention"))
    {
      add_tensor (specs, g_strdup ("attention.dense.weight"), inputs, inputs);
      add_tensor (specs, g_strdup ("attention.dense.bias"), inputs, 0);
      add_tensor (specs, g_strdup ("attention.query.weight"), 1, inputs);
    }
  add_tensor (specs, g_strdup ("classifier.weight"), n_labels, inputs);
  add_tensor (specs, g_strdup ("classifier.bias"), n_labels, 0);
  return specs;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * config.json: defaults, ranges, kinds of model that are refused, labels that would mislead.
 */
#include "config.h"

#include <string.h>

#include "attune-model-folder.h"
#include "attune-rnn-config.h"

static AttuneModelConfig *
parse (const char *json,
       GError    **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (json, strlen (json));

  return attune_model_config_parse (bytes, "config.json", error);
}

static void
assert_refused (const char      *json,
                AttuneModelError code,
                const char      *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (parse (json, &error));
  g_assert_error (error, ATTUNE_MODEL_ERROR, (int) code);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” does not say “%s”", error->message, words);
}

#define RNN "{\"model_type\":\"attune-rnn\",\"cell\":\"gru\",\"pooling\":\"mean\","

static void
test_recurrent (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneModelConfig) config =
    parse (RNN "\"embeddings\":\"trained\",\"vocab_size\":50,\"embedding_size\":6,\"hidden_size\":5,"
           "\"num_layers\":2,\"bidirectional\":true,\"dropout\":0.25}", &error);
  g_autoptr (AttuneModelConfig) over = NULL, copy = NULL;
  g_autoptr (GPtrArray) specs = NULL, over_specs = NULL;
  const AttuneTensorSpec *spec;
  guint n_encoder = 0;

  g_assert_no_error (error);
  g_assert_cmpstr (config->rnn->cell, ==, "gru");
  g_assert_true (config->rnn->bidirectional);
  g_assert_cmpfloat (config->hidden_dropout_prob, ==, 0.25);
  specs = attune_model_config_list_tensors (config, 3);
  g_assert_cmpuint (specs->len, ==, 1 + 2 * 2 * 4 + 2);
  spec = g_ptr_array_index (specs, 9); /* the second layer reads both directions of the first */
  g_assert_cmpstr (spec->name, ==, "rnn.weight_ih_l1");
  g_assert_cmpuint (spec->shape[0], ==, 15);
  g_assert_cmpuint (spec->shape[1], ==, 10);

  over = parse (RNN "\"embeddings\":\"tuned\",\"encoder\":{\"model_type\":\"bert\",\"hidden_size\":8,"
                "\"num_attention_heads\":2,\"vocab_size\":99,\"num_hidden_layers\":1}}", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (over->vocab_size, ==, 99);
  copy = attune_model_config_copy (over);
  g_clear_pointer (&over, attune_model_config_free);
  g_assert_cmpuint (copy->encoder->hidden_size, ==, 8);
  over_specs = attune_model_config_list_tensors (copy, 2);
  for (guint i = 0; i < over_specs->len; i++)
    {
      spec = g_ptr_array_index (over_specs, i);
      n_encoder += g_str_has_prefix (spec->name, "bert.");
      g_assert_false (g_str_has_prefix (spec->name, "bert.pooler"));
    }
  g_assert_cmpuint (n_encoder, ==, 5 + 16);
}

static void
test_recurrent_refused (void)
{
  assert_refused ("{\"model_type\":\"attune-rnn\"}", ATTUNE_MODEL_ERROR_UNSUPPORTED, "“cell”");
  assert_refused (RNN "\"embeddings\":\"borrowed\"}", ATTUNE_MODEL_ERROR_UNSUPPORTED, "borrowed");
  assert_refused (RNN "\"embeddings\":\"frozen\"}", ATTUNE_MODEL_ERROR_FORMAT, "encoder");
  assert_refused (RNN "\"embeddings\":\"frozen\",\"encoder\":{\"model_type\":\"gpt2\"}}",
                  ATTUNE_MODEL_ERROR_UNSUPPORTED, "gpt2");
  assert_refused (RNN "\"embeddings\":\"frozen\",\"encoder\":" RNN "\"embeddings\":\"trained\"}}",
                  ATTUNE_MODEL_ERROR_UNSUPPORTED, "another recurrent");
  assert_refused (RNN "\"embeddings\":\"trained\",\"hidden_size\":100000}", ATTUNE_MODEL_ERROR_FORMAT,
                  "from 1 to 8192");
  assert_refused (RNN "\"embeddings\":\"trained\",\"num_layers\":-1}", ATTUNE_MODEL_ERROR_FORMAT,
                  "num_layers");
  assert_refused (RNN "\"embeddings\":\"trained\",\"dropout\":1}", ATTUNE_MODEL_ERROR_FORMAT, "dropout");
  assert_refused (RNN "\"embeddings\":\"trained\",\"vocab_size\":16777216,\"embedding_size\":8192}",
                  ATTUNE_MODEL_ERROR_FORMAT, "more than there can be");
}

static void
test_defaults_are_those_of_bert (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneModelConfig) config = parse ("{\"model_type\":\"bert\"}", &error);
  g_autoptr (AttuneModelConfig) copy = NULL;

  g_assert_no_error (error);
  copy = attune_model_config_copy (config);
  g_assert_cmpstr (copy->model_type, ==, "bert");
  g_assert_cmpuint (copy->vocab_size, ==, 30522);
  g_assert_cmpuint (copy->hidden_size, ==, 768);
  g_assert_cmpuint (copy->num_hidden_layers, ==, 12);
  g_assert_cmpuint (copy->num_attention_heads, ==, 12);
  g_assert_cmpuint (copy->intermediate_size, ==, 3072);
  g_assert_cmpuint (copy->max_position_embeddings, ==, 512);
  g_assert_cmpuint (copy->type_vocab_size, ==, 2);
  g_assert_cmpuint (copy->pad_token_id, ==, 0);
  g_assert_cmpstr (copy->hidden_act, ==, "gelu");
  g_assert_cmpfloat (copy->layer_norm_eps, ==, 1e-12);
  g_assert_cmpfloat (copy->initializer_range, ==, 0.02);
  g_assert_cmpfloat (copy->hidden_dropout_prob, ==, 0.1);
  g_assert_cmpfloat (copy->attention_probs_dropout_prob, ==, 0.1);
  g_assert_cmpfloat (copy->classifier_dropout, <, 0);
  g_assert_null (copy->label_names);
}

static void
test_absurd_sizes (void)
{
  static const char *const cases[] = {
    "\"hidden_size\":2147483648",    "\"hidden_size\":0",          "\"hidden_size\":-1",
    "\"hidden_size\":76.5",          "\"hidden_size\":\"768\"",    "\"num_hidden_layers\":1000000",
    "\"vocab_size\":99999999999999", "\"intermediate_size\":1e99", "\"type_vocab_size\":257",
    "\"hidden_dropout_prob\":1.5",   "\"layer_norm_eps\":0",       "\"layer_norm_eps\":-1e-12",
    "\"max_position_embeddings\":0", "\"num_attention_heads\":0",  "\"pad_token_id\":-1",
    "\"initializer_range\":\"a\"",
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"model_type\":\"bert\",%s}", cases[i]);

      assert_refused (json, ATTUNE_MODEL_ERROR_FORMAT, "must be");
    }
  assert_refused ("{\"model_type\":\"bert\",\"hidden_size\":100,\"num_attention_heads\":12}",
                  ATTUNE_MODEL_ERROR_FORMAT, "leaves a rest");
  assert_refused ("{\"model_type\":\"bert\",\"vocab_size\":10,\"pad_token_id\":10}",
                  ATTUNE_MODEL_ERROR_FORMAT, "pads with");
  assert_refused ("{\"model_type\":\"bert\",\"vocab_size\":10,\"vocab_size\":20}",
                  ATTUNE_MODEL_ERROR_FORMAT, "twice");
}

static void
test_other_models_are_named (void)
{
  assert_refused ("{\"model_type\":\"gpt2\"}", ATTUNE_MODEL_ERROR_UNSUPPORTED, "gpt2");
  assert_refused ("{}", ATTUNE_MODEL_ERROR_FORMAT, "model_type");
  assert_refused ("{\"model_type\":\"bert\",\"position_embedding_type\":\"relative_key\"}",
                  ATTUNE_MODEL_ERROR_UNSUPPORTED, "absolute");
  assert_refused ("{\"model_type\":\"bert\",\"is_decoder\":true}", ATTUNE_MODEL_ERROR_UNSUPPORTED,
                  "decoder");
  assert_refused ("not json", ATTUNE_MODEL_ERROR_FORMAT, "JSON");
  assert_refused ("", ATTUNE_MODEL_ERROR_FORMAT, "JSON");
}

static void
test_labels (void)
{
  g_autoptr (GError) error = NULL;
  /* Sorted as text, as many tools write it: the ids say which is which. */
  g_autoptr (AttuneModelConfig) config = parse (
    "{\"model_type\":\"bert\",\"id2label\":{\"2\":\"c\",\"0\":\"a\",\"1\":\"b\"},"
    "\"label2id\":{\"a\":0,\"b\":1,\"c\":2}}",
    &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (config->label_names), ==, 3);
  g_assert_cmpstr (config->label_names[0], ==, "a");
  g_assert_cmpstr (config->label_names[2], ==, "c");

  assert_refused ("{\"model_type\":\"bert\",\"id2label\":{\"0\":\"a\",\"2\":\"c\"}}",
                  ATTUNE_MODEL_ERROR_FORMAT, "from 0 upwards");
  assert_refused ("{\"model_type\":\"bert\",\"id2label\":{\"0\":\"a\",\"00\":\"c\"}}",
                  ATTUNE_MODEL_ERROR_FORMAT, "from 0 upwards");
  assert_refused ("{\"model_type\":\"bert\",\"id2label\":{\"0\":\"a\",\"x\":\"c\"}}",
                  ATTUNE_MODEL_ERROR_FORMAT, "from 0 upwards");
  assert_refused ("{\"model_type\":\"bert\",\"id2label\":{\"0\":\"a\",\"1\":\"b\"},"
                  "\"label2id\":{\"a\":1,\"b\":0}}",
                  ATTUNE_MODEL_ERROR_FORMAT, "contradict");
}

static void
test_tensors_of_a_model (void)
{
  g_autoptr (AttuneModelConfig) config = parse (
    "{\"model_type\":\"bert\",\"hidden_size\":32,\"num_hidden_layers\":2,"
    "\"num_attention_heads\":4,\"intermediate_size\":64,\"vocab_size\":200}",
    NULL);
  g_autoptr (GPtrArray) specs = attune_model_config_list_tensors (config, 3);
  const AttuneTensorSpec *spec;

  g_assert_cmpuint (specs->len, ==, 5 + 2 * 16 + 2 + 2);
  spec = g_ptr_array_index (specs, 0);
  g_assert_cmpstr (spec->name, ==, "bert.embeddings.word_embeddings.weight");
  g_assert_cmpuint (spec->shape[0], ==, 200);
  g_assert_false (spec->is_optional);
  spec = g_ptr_array_index (specs, 5 + 16 + 10);
  g_assert_cmpstr (spec->name, ==, "bert.encoder.layer.1.intermediate.dense.weight");
  g_assert_cmpuint (spec->shape[0], ==, 64);
  g_assert_cmpuint (spec->shape[1], ==, 32);
  spec = g_ptr_array_index (specs, specs->len - 3);
  g_assert_cmpstr (spec->name, ==, "bert.pooler.dense.bias");
  g_assert_true (spec->is_optional && !spec->is_head);
  spec = g_ptr_array_index (specs, specs->len - 2);
  g_assert_cmpstr (spec->name, ==, "classifier.weight");
  g_assert_cmpuint (spec->shape[0], ==, 3);
  g_assert_true (spec->is_optional && spec->is_head);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/model-config/recurrent", test_recurrent);
  g_test_add_func ("/model-config/recurrent-refused", test_recurrent_refused);
  g_test_add_func ("/model-config/defaults-are-those-of-bert", test_defaults_are_those_of_bert);
  g_test_add_func ("/model-config/absurd-sizes", test_absurd_sizes);
  g_test_add_func ("/model-config/other-models-are-named", test_other_models_are_named);
  g_test_add_func ("/model-config/labels", test_labels);
  g_test_add_func ("/model-config/tensors-of-a-model", test_tensors_of_a_model);

  return g_test_run ();
}

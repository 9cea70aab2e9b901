/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * config.json: defaults, ranges, kinds of model that are refused, labels that would mislead.
 */
#include "config.h"

#include <string.h>

#include "attune-model-folder.h"

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

  g_test_add_func ("/model-config/defaults-are-those-of-bert", test_defaults_are_those_of_bert);
  g_test_add_func ("/model-config/absurd-sizes", test_absurd_sizes);
  g_test_add_func ("/model-config/other-models-are-named", test_other_models_are_named);
  g_test_add_func ("/model-config/labels", test_labels);
  g_test_add_func ("/model-config/tensors-of-a-model", test_tensors_of_a_model);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every family of models: its tensors are those that transformers wrote, its config.json is read,
 * refused where it is absurd, and written so that it reads the same; prefixes and heads of
 * pretraining; weights in several files.
 */
#include "config.h"

#include <string.h>

#include <glib/gstdio.h>

#include "attune-durable.h"
#include "attune-model-copy.h"
#include "attune-model-family.h"

static const struct {
  const char *folder, *type, *architecture, *output;
} families[] = {
  { "tiny-bert", "bert", "BertForSequenceClassification", "classifier" },
  { "tiny-distilbert", "distilbert", "DistilBertForSequenceClassification", "classifier" },
  { "tiny-electra", "electra", "ElectraForSequenceClassification", "classifier.out_proj" },
  { "tiny-roberta", "roberta", "RobertaForSequenceClassification", "classifier.out_proj" },
  { "tiny-xlm-roberta", "xlm-roberta", "XLMRobertaForSequenceClassification",
    "classifier.out_proj" },
  { "tiny-modernbert", "modernbert", "ModernBertForSequenceClassification", "classifier" },
  { "tiny-modernbert-mean", "modernbert", "ModernBertForSequenceClassification", "classifier" },
};

static AttuneModelFolder *
open_folder (const char *path)
{
  g_autoptr (GError) error = NULL;
  AttuneModelFolder *folder
    = attune_model_folder_open (path, ATTUNE_MODEL_OPEN_NO_TOKENIZER, &error);

  g_assert_no_error (error);
  return folder;
}

static AttuneModelFolder *
open_fixture (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", name, NULL);

  return open_folder (path);
}

static void
test_tensors (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    {
      g_autoptr (AttuneModelFolder) folder = open_fixture (families[i].folder);
      const AttuneModelConfig *config = attune_model_folder_get_config (folder);

      g_assert_cmpstr (config->model_type, ==, families[i].type);
      g_assert_cmpstr (attune_model_config_get_output (config), ==, families[i].output);
      g_assert_null (attune_model_folder_get_missing (folder)[0]);
      g_assert_null (attune_model_folder_get_unexpected (folder)[0]);
      g_assert_cmpuint (attune_model_config_get_max_length (config), ==, 40);
      g_assert_true (attune_model_folder_check_finite (folder, NULL, NULL));
    }
}

static AttuneTokenizer *
make_tokenizer (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "tiny-bert", NULL);
  g_autoptr (AttuneModelFolder) folder
    = attune_model_folder_open (path, ATTUNE_MODEL_OPEN_DEFAULT, NULL);

  return attune_tokenizer_ref (attune_model_folder_get_tokenizer (folder));
}

static void
assert_contains (const char *folder,
                 const char *name,
                 const char *words)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  if (strstr (text, words) == NULL)
    g_error ("%s does not say %s: %s", name, words, text);
}

static void
assert_same_weights (AttuneModelFolder *a,
                     AttuneModelFolder *b)
{
  g_autoptr (GPtrArray) specs
    = attune_model_config_list_tensors (attune_model_folder_get_config (a), 3);

  for (guint i = 0; i < specs->len; i++)
    {
      const char *name = ((AttuneTensorSpec *) g_ptr_array_index (specs, i))->name;
      const AttuneTensorView *x = attune_model_folder_lookup (a, name);
      const AttuneTensorView *y = attune_model_folder_lookup (b, name);

      g_assert_cmpmem (x->data, x->length, y->data, y->length);
    }
}

static void
test_reads_back (void)
{
  static const char *const labels[] = { "bad", "so-so", "good", NULL };
  g_autofree char *root = g_dir_make_tmp ("attune-families-XXXXXX", NULL);
  g_autoptr (AttuneTokenizer) tokenizer = make_tokenizer ();

  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    {
      g_autofree char *path = g_build_filename (root, families[i].folder, NULL);
      g_autoptr (AttuneModelFolder) before = open_fixture (families[i].folder);
      const AttuneModelConfig *config = attune_model_folder_get_config (before);
      g_autoptr (GPtrArray) specs = attune_model_config_list_tensors (config, 3);
      g_autoptr (GArray) views = g_array_new (FALSE, FALSE, sizeof (AttuneTensorView));
      g_autofree char *architecture = g_strdup_printf ("\"%s\"", families[i].architecture);
      g_autoptr (AttuneModelFolder) after = NULL;
      g_autoptr (GError) error = NULL;
      g_auto (GStrv) old = NULL, new = NULL;

      for (guint k = 0; k < specs->len; k++)
        {
          const AttuneTensorSpec *spec = g_ptr_array_index (specs, k);

          g_array_append_vals (views, attune_model_folder_lookup (before, spec->name), 1);
        }
      attune_model_folder_write (path, FALSE, config, labels, tokenizer,
                                 (AttuneTensorView *) views->data, views->len, &error);
      g_assert_no_error (error);
      after = open_folder (path);
      old = attune_model_config_describe (config);
      new = attune_model_config_describe (attune_model_folder_get_config (after));
      g_assert_cmpstrv (old, new);
      g_assert_cmpstrv (attune_model_folder_get_config (after)->label_names, labels);
      assert_contains (path, "config.json", architecture);
      assert_same_weights (before, after);
    }
  attune_durable_folder_remove (root);
}

/* Copies config.json of a fixture into a new folder. */
static char *
begin_folder (const char *root,
              const char *fixture)
{
  g_autofree char *from = g_test_build_filename (G_TEST_DIST, "fixtures", fixture, "config.json",
                                                 NULL);
  char *path = g_build_filename (root, fixture, NULL);
  g_autofree char *to = g_build_filename (path, "config.json", NULL);
  g_autofree char *text = NULL;

  g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
  g_assert_true (g_file_get_contents (from, &text, NULL, NULL));
  g_assert_true (g_file_set_contents (to, text, -1, NULL));
  return path;
}

static AttuneSafetensors *
open_weights (const char *fixture)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", fixture,
                                                 "model.safetensors", NULL);

  return attune_safetensors_open (path, NULL);
}

/* An encoder as it was pretrained: no prefix, no head but one for words. */
static void
test_encoder_alone (void)
{
  const char *const unexpected[] = { "lm_head.bias", NULL };
  g_autofree char *root = g_dir_make_tmp ("attune-families-XXXXXX", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    {
      const AttuneModelFamily *family = attune_model_family_find (families[i].type);
      g_autofree char *path = begin_folder (root, families[i].folder);
      g_autofree char *file = g_build_filename (path, "model.safetensors", NULL);
      g_autofree char *output = g_strconcat (families[i].output, ".bias", NULL);
      g_autoptr (AttuneSafetensors) weights = open_weights (families[i].folder);
      g_autoptr (GArray) views = g_array_new (FALSE, FALSE, sizeof (AttuneTensorView));
      g_autoptr (AttuneModelFolder) folder = NULL;
      const char * const *missing;

      for (guint k = 0; k < attune_safetensors_get_n_tensors (weights); k++)
        {
          AttuneTensorView view = *attune_safetensors_get_tensor (weights, k);

          if (g_str_has_prefix (view.name, family->prefix))
            view.name += strlen (family->prefix);
          else if (strcmp (view.name, output) == 0)
            view.name = "lm_head.bias";
          else
            continue;
          g_array_append_val (views, view);
        }
      g_assert_true (attune_safetensors_write (file, (AttuneTensorView *) views->data, views->len,
                                               NULL, NULL));

      folder = open_folder (path);
      missing = attune_model_folder_get_missing (folder);
      g_assert_nonnull (missing[0]);
      for (guint k = 0; missing[k] != NULL; k++)
        g_assert_false (g_str_has_prefix (missing[k], family->prefix));
      g_assert_cmpstrv (attune_model_folder_get_unexpected (folder), unexpected);
    }
  attune_durable_folder_remove (root);
}

static void
write_file (const char *folder,
            const char *name,
            const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
assert_folder_refused (const char      *path,
                       AttuneModelError code,
                       const char      *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (attune_model_folder_open (path, ATTUNE_MODEL_OPEN_NO_TOKENIZER, &error));
  g_assert_error (error, ATTUNE_MODEL_ERROR, (int) code);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” does not say “%s”", error->message, words);
}

/* Every second tensor in a file of its own; returns the index. */
static char *
write_shards (const char        *path,
              AttuneSafetensors *weights)
{
  GString *index = g_string_new ("{\"metadata\":{\"total_size\":1},\"weight_map\":{");

  for (guint shard = 0; shard < 2; shard++)
    {
      g_autofree char *name = g_strdup_printf ("model-0000%u-of-00002.safetensors", shard + 1);
      g_autofree char *file = g_build_filename (path, name, NULL);
      g_autoptr (GArray) views = g_array_new (FALSE, FALSE, sizeof (AttuneTensorView));

      for (guint k = shard; k < attune_safetensors_get_n_tensors (weights); k += 2)
        {
          AttuneTensorView view = *attune_safetensors_get_tensor (weights, k);

          g_array_append_val (views, view);
          g_string_append_printf (index, "%s\"%s\":\"%s\"", shard + k > 0 ? "," : "", view.name,
                                  name);
        }
      g_assert_true (attune_safetensors_write (file, (AttuneTensorView *) views->data, views->len,
                                               NULL, NULL));
    }
  g_string_append (index, "}}");
  return g_string_free (index, FALSE);
}

static void
test_shards (void)
{
  g_autofree char *root = g_dir_make_tmp ("attune-families-XXXXXX", NULL);
  g_autofree char *path = begin_folder (root, "tiny-roberta");
  g_autofree char *copy = g_build_filename (root, "copy", NULL);
  g_autoptr (AttuneSafetensors) weights = open_weights ("tiny-roberta");
  g_autofree char *index = write_shards (path, weights);
  g_autoptr (AttuneModelFolder) whole = open_fixture ("tiny-roberta");
  g_autoptr (AttuneModelFolder) folder = NULL, copied = NULL;
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GString) wrong = g_string_new (index);

  write_file (path, "model.safetensors.index.json", index);
  folder = open_folder (path);
  assert_same_weights (whole, folder);
  g_assert_cmpuint (attune_model_folder_get_n_weights (folder), ==,
                    attune_model_folder_get_n_weights (whole));
  g_assert_cmpuint (attune_model_folder_get_n_bytes (folder), >,
                    attune_model_folder_get_n_bytes (whole) / 2);
  g_assert_true (attune_model_folder_check_finite (folder, NULL, NULL));

  g_assert_cmpint (g_mkdir (copy, 0755), ==, 0);
  files = attune_model_copy_files (path, copy, NULL, NULL);
  g_assert_nonnull (files);
  g_assert_cmpuint (files->len, ==, 4);
  copied = open_folder (copy);
  assert_same_weights (whole, copied);

  g_string_replace (wrong, "model-00001", "model-00002", 1);
  write_file (path, "model.safetensors.index.json", wrong->str);
  assert_folder_refused (path, ATTUNE_MODEL_ERROR_MISMATCH, "but it does not");
  g_string_assign (wrong, index);
  g_string_replace (wrong, "model-00001", "model-00003", 1);
  write_file (path, "model.safetensors.index.json", wrong->str);
  g_assert_null (attune_model_folder_open (path, ATTUNE_MODEL_OPEN_NO_TOKENIZER, NULL));
  attune_durable_folder_remove (root);
}

static void
test_bad_indices (void)
{
  static const char *const indices[][2] = {
    { "{}", "names 0" },
    { "{\"weight_map\":{}}", "names 0" },
    { "{\"weight_map\":[\"a\"]}", "names 0" },
    { "{\"weight_map\":{\"a\":\"../x.safetensors\"}}", "same folder" },
    { "{\"weight_map\":{\"a\":\"/x.safetensors\"}}", "same folder" },
    { "{\"weight_map\":{\"a\":\".safetensors\"}}", "same folder" },
    { "{\"weight_map\":{\"a\":\"x.bin\"}}", "same folder" },
    { "{\"weight_map\":{\"a\":\"x\\u0000.safetensors\"}}", "same folder" },
    { "{\"weight_map\":{\"a\":7}}", "same folder" },
    { "{\"weight_map\":{\"a\":\"x.safetensors\",\"a\":\"y.safetensors\"}}", "twice" },
    { "[]", "" },
    { "weights", "" },
  };
  g_autofree char *root = g_dir_make_tmp ("attune-families-XXXXXX", NULL);
  g_autofree char *path = begin_folder (root, "tiny-bert");

  for (guint i = 0; i < G_N_ELEMENTS (indices); i++)
    {
      write_file (path, "model.safetensors.index.json", indices[i][0]);
      assert_folder_refused (path, ATTUNE_MODEL_ERROR_FORMAT, indices[i][1]);
    }
  attune_durable_folder_remove (root);
}

static AttuneModelConfig *
parse (const char *json,
       GError    **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (json, strlen (json));

  return attune_model_config_parse (bytes, "config.json", error);
}

static void
test_refused (void)
{
  static const struct {
    const char *json;
    AttuneModelError code;
    const char *words;
  } cases[] = {
    { "{\"model_type\":\"t5\"}", ATTUNE_MODEL_ERROR_UNSUPPORTED, "“t5”" },
    { "{\"model_type\":\"deberta-v2\"}", ATTUNE_MODEL_ERROR_UNSUPPORTED, "“roberta”" },
    { "{\"model_type\":\"distilbert\",\"dim\":0}", ATTUNE_MODEL_ERROR_FORMAT, "“dim”" },
    { "{\"model_type\":\"distilbert\",\"n_layers\":100000}", ATTUNE_MODEL_ERROR_FORMAT,
      "“n_layers”" },
    { "{\"model_type\":\"distilbert\",\"dim\":100,\"n_heads\":12}", ATTUNE_MODEL_ERROR_FORMAT,
      "leaves a rest" },
    { "{\"model_type\":\"distilbert\",\"activation\":7}", ATTUNE_MODEL_ERROR_FORMAT,
      "“activation”" },
    { "{\"model_type\":\"roberta\",\"max_position_embeddings\":4}", ATTUNE_MODEL_ERROR_FORMAT,
      "none is left" },
    { "{\"model_type\":\"roberta\",\"pad_token_id\":-1}", ATTUNE_MODEL_ERROR_FORMAT,
      "“pad_token_id”" },
    { "{\"model_type\":\"electra\",\"embedding_size\":1000000}", ATTUNE_MODEL_ERROR_FORMAT,
      "“embedding_size”" },
    { "{\"model_type\":\"modernbert\",\"norm_bias\":1}", ATTUNE_MODEL_ERROR_FORMAT,
      "“norm_bias”" },
    { "{\"model_type\":\"modernbert\",\"local_attention\":1}", ATTUNE_MODEL_ERROR_FORMAT,
      "“local_attention”" },
    { "{\"model_type\":\"modernbert\",\"global_rope_theta\":0}", ATTUNE_MODEL_ERROR_FORMAT,
      "“global_rope_theta”" },
    { "{\"model_type\":\"modernbert\",\"hidden_size\":36,\"num_attention_heads\":4}",
      ATTUNE_MODEL_ERROR_FORMAT, "odd number" },
    { "{\"model_type\":\"modernbert\",\"classifier_pooling\":\"max\"}",
      ATTUNE_MODEL_ERROR_UNSUPPORTED, "“classifier_pooling”" },
    { "{\"model_type\":\"modernbert\",\"num_hidden_layers\":2,\"layer_types\":[\"full_attention\"]}",
      ATTUNE_MODEL_ERROR_FORMAT, "“layer_types”" },
    { "{\"model_type\":\"modernbert\",\"num_hidden_layers\":2,\"layer_types\":"
      "[\"sliding_attention\",\"full_attention\"]}", ATTUNE_MODEL_ERROR_UNSUPPORTED, "regularly" },
    { "{\"model_type\":\"modernbert\",\"rope_parameters\":{\"full_attention\":"
      "{\"rope_type\":\"yarn\"}}}", ATTUNE_MODEL_ERROR_UNSUPPORTED, "scaled" },
    { "{\"model_type\":\"modernbert\",\"rope_parameters\":{\"full_attention\":"
      "{\"rope_theta\":\"x\"}}}", ATTUNE_MODEL_ERROR_FORMAT, "“rope_theta”" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (parse (cases[i].json, &error));
      g_assert_error (error, ATTUNE_MODEL_ERROR, (int) cases[i].code);
      if (strstr (error->message, cases[i].words) == NULL)
        g_error ("“%s” does not say “%s”", error->message, cases[i].words);
    }
}

/* As transformers 5 writes what earlier ones had as single keys. */
static void
test_new_keys_of_modernbert (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneModelConfig) config = parse (
    "{\"model_type\":\"modernbert\",\"num_hidden_layers\":4,\"layer_types\":[\"full_attention\","
    "\"sliding_attention\",\"full_attention\",\"sliding_attention\"],\"rope_parameters\":{"
    "\"full_attention\":{\"rope_theta\":5000.0,\"rope_type\":\"default\"},"
    "\"sliding_attention\":{\"rope_theta\":300.0,\"rope_type\":\"default\"}}}", &error);
  g_autoptr (AttuneModelConfig) old = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (config->global_attn_every_n_layers, ==, 2);
  g_assert_cmpfloat (config->global_rope_theta, ==, 5000);
  g_assert_cmpfloat (config->local_rope_theta, ==, 300);

  old = parse ("{\"model_type\":\"modernbert\",\"global_rope_theta\":7.5,"
               "\"local_rope_theta\":null}", &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (old->local_rope_theta, ==, 7.5);
  g_assert_cmpuint (old->global_attn_every_n_layers, ==, 3);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model-families/tensors", test_tensors);
  g_test_add_func ("/model-families/reads-back", test_reads_back);
  g_test_add_func ("/model-families/encoder-alone", test_encoder_alone);
  g_test_add_func ("/model-families/shards", test_shards);
  g_test_add_func ("/model-families/bad-indices", test_bad_indices);
  g_test_add_func ("/model-families/refused", test_refused);
  g_test_add_func ("/model-families/new-keys-of-modernbert", test_new_keys_of_modernbert);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts and weights to measure with. Speeds depend on lengths and shapes, not on meaning: words are
 * drawn from the vocabulary, lengths from SST-2's distribution, weights at random.
 */
#include "config.h"

#include "cli-bench-material.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "attune-durable.h"
#include "attune-model-store.h"
#include "cli-data.h"

#define SEED 1
#define N_TEXTS 67349 /* of SST-2 */
#define N_TEXTS_QUICK 400
#define N_LABELS 2

/* Words a text at equally spaced shares of SST-2's training texts. */
static const double shares[] = { 0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1 };
static const double words_at[] = { 1, 1, 2, 3, 7, 13, 21, 26, 35, 45, 52 };

static guint
draw_length (GRand *rand)
{
  double share = g_rand_double (rand);
  guint i = 1;

  while (share > shares[i])
    i++;
  share = (share - shares[i - 1]) / (shares[i] - shares[i - 1]);
  return (guint) lround (words_at[i - 1] + share * (words_at[i] - words_at[i - 1]));
}

/* Whole words of plain letters, the frequent ones first, as vocabularies are ordered. */
static GPtrArray *
list_words (AttuneTokenizer *tokenizer)
{
  GPtrArray *words = g_ptr_array_new ();

  for (guint id = 0; id < attune_tokenizer_get_n_tokens (tokenizer); id++)
    {
      const char *token = attune_tokenizer_get_token (tokenizer, (gint32) id);
      gsize length = token != NULL ? strlen (token) : 0;

      if (length > 0 && strspn (token, "abcdefghijklmnopqrstuvwxyz") == length)
        g_ptr_array_add (words, (gpointer) token);
    }
  return words;
}

/* By Zipf's law: the logarithm of the rank is uniform. */
static const char *
draw_word (GPtrArray *words,
           GRand     *rand)
{
  return words->pdata[(guint) pow (words->len, g_rand_double (rand)) - 1];
}

static char *
write_texts (const char       *folder,
             AttuneTokenizer  *tokenizer,
             guint             n_texts,
             GError          **error)
{
  g_autoptr (GPtrArray) words = list_words (tokenizer);
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);
  g_autoptr (GString) text = g_string_new ("sentence\tlabel\n");
  g_autofree char *path = g_build_filename (folder, "texts.tsv", NULL);

  if (words->len == 0)
    {
      g_set_error_literal (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
                           _("The model’s vocabulary has no plain words; give texts with --data"));
      return NULL;
    }
  for (guint i = 0; i < n_texts; i++)
    {
      for (guint left = draw_length (rand); left > 0; left--)
        {
          g_string_append (text, draw_word (words, rand));
          /* One word in ten is none of the vocabulary's. */
          if (g_rand_int_range (rand, 0, 10) == 0)
            g_string_append (text, draw_word (words, rand));
          g_string_append_c (text, ' ');
        }
      g_string_append_printf (text, "\t%d\n", g_rand_int_range (rand, 0, N_LABELS));
    }
  if (!g_file_set_contents (path, text->str, (gssize) text->len, error))
    return NULL;
  return g_steal_pointer (&path);
}

/* Normal, by the sum of uniforms: shape matters little, and it is quick. */
static float *
draw_numbers (gsize  n,
              double standard_deviation,
              GRand *rand)
{
  float *numbers = g_new (float, n);
  double scale = standard_deviation * sqrt (12.0 / 4.0);

  for (gsize i = 0; i < n; i++)
    {
      guint32 a = g_rand_int (rand);
      guint32 b = g_rand_int (rand);

      numbers[i] = (float) (scale * (((a & 0xffff) + (a >> 16) + (b & 0xffff) + (b >> 16)) / 65536.0
                                     - 2.0));
    }
  return numbers;
}

static void
fill_tensor (AttuneTensorView       *view,
             const AttuneTensorSpec *spec,
             GRand                  *rand)
{
  gsize n = 1;
  float *numbers;

  view->name = spec->name;
  view->dtype = ATTUNE_DTYPE_F32;
  view->n_dims = spec->n_dims;
  for (guint i = 0; i < spec->n_dims; i++)
    n *= view->shape[i] = spec->shape[i];
  if (spec->n_dims > 1)
    numbers = draw_numbers (n, 0.02, rand);
  else
    {
      numbers = g_new0 (float, n);
      for (gsize i = 0; i < n && g_str_has_suffix (spec->name, "LayerNorm.weight"); i++)
        numbers[i] = 1;
    }
  view->data = (const guint8 *) numbers;
  view->length = n * sizeof *numbers;
}

/* A whole Hugging Face folder of that shape. */
static gboolean
write_model (const char               *path,
             const AttuneModelConfig  *config,
             AttuneTokenizer          *tokenizer,
             GError                  **error)
{
  static const char * const labels[] = { "0", "1", NULL };
  g_autoptr (GPtrArray) specs = attune_model_config_list_tensors (config, N_LABELS);
  g_autofree AttuneTensorView *views = g_new0 (AttuneTensorView, specs->len);
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);
  gboolean ok;

  for (guint i = 0; i < specs->len; i++)
    fill_tensor (&views[i], specs->pdata[i], rand);
  ok = attune_model_folder_write (path, TRUE, config, labels, tokenizer, views, specs->len, error);
  for (guint i = 0; i < specs->len; i++)
    g_free ((gpointer) views[i].data);
  return ok;
}

/* What classifies where only an encoder is given. */
static char *
write_head (const char               *folder,
            const AttuneModelConfig  *config,
            GError                  **error)
{
  g_autoptr (GPtrArray) specs = attune_model_config_list_tensors (config, N_LABELS);
  g_autofree char *path = g_build_filename (folder, "head.safetensors", NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);
  AttuneTensorView views[2];
  guint n = 0;
  gboolean ok;

  for (guint i = 0; i < specs->len; i++)
    {
      const AttuneTensorSpec *spec = specs->pdata[i];

      if (spec->is_head && n < G_N_ELEMENTS (views))
        fill_tensor (&views[n++], spec, rand);
    }
  ok = attune_safetensors_write (path, views, n, NULL, error);
  while (n > 0)
    g_free ((gpointer) views[--n].data);
  return ok ? g_steal_pointer (&path) : NULL;
}

static gboolean
open_model (CliBenchMaterial  *self,
            GError           **error)
{
  self->opened = attune_model_folder_open (self->model, ATTUNE_MODEL_OPEN_DEFAULT, error);
  if (self->opened == NULL)
    return FALSE;
  if (attune_model_folder_lookup (self->opened, "classifier.weight") != NULL)
    return TRUE;
  self->head = write_head (self->folder, attune_model_folder_get_config (self->opened), error);
  return self->head != NULL;
}

static gboolean
make_folder (CliBenchMaterial  *self,
             const char        *folder,
             GError           **error)
{
  self->keep = folder != NULL;
  if (!self->keep)
    {
      self->folder = g_dir_make_tmp ("attune-bench-XXXXXX", error);
      return self->folder != NULL;
    }
  self->folder = g_strdup (folder);
  if (g_mkdir_with_parents (folder, 0755) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("The folder %s cannot be made"), folder);
  return FALSE;
}

static AttuneDataset *
read_dataset (const char            *path,
              const CliDataOptions  *options,
              GError               **error)
{
  g_autoptr (AttuneDataFiles) files = cli_data_files_new ((char *[]) { (char *) path, NULL }, error);

  return files != NULL ? cli_dataset_read (files, ATTUNE_PART_TRAIN, options, NULL, error) : NULL;
}

gboolean
cli_bench_material_init (CliBenchMaterial  *self,
                         const char        *folder,
                         const char        *model,
                         const char        *data,
                         gboolean           quick,
                         GError           **error)
{
  const CliDataOptions options = { 0 };

  *self = (CliBenchMaterial) { 0 };
  self->model = attune_model_store_resolve (model, error);
  if (self->model == NULL || !make_folder (self, folder, error) || !open_model (self, error))
    return FALSE;
  self->name = g_path_get_basename (self->model);
  self->data = data != NULL ? g_strdup (data)
                            : write_texts (self->folder,
                                           attune_model_folder_get_tokenizer (self->opened),
                                           quick ? N_TEXTS_QUICK : N_TEXTS, error);
  if (self->data != NULL)
    self->dataset = read_dataset (self->data, &options, error);
  return self->dataset != NULL;
}

gboolean
cli_bench_material_init_base (CliBenchMaterial        *self,
                              const CliBenchMaterial  *other,
                              gboolean                 quick,
                              GError                 **error)
{
  g_autoptr (AttuneModelConfig) config =
    attune_model_config_copy (attune_model_folder_get_config (other->opened));

  config->hidden_size = quick ? 32 : 768;
  config->num_hidden_layers = quick ? 2 : 12;
  config->num_attention_heads = quick ? 2 : 12;
  config->intermediate_size = 4 * config->hidden_size;
  config->max_position_embeddings = 512;
  config->hidden_dropout_prob = config->attention_probs_dropout_prob = 0.1;

  *self = (CliBenchMaterial) { .keep = TRUE, .folder = g_strdup (other->folder) };
  self->model = g_build_filename (other->folder, quick ? "small" : "base", NULL);
  self->name = g_strdup (quick ? "small, random" : "BERT-base, random");
  self->dataset = g_object_ref (other->dataset);
  return write_model (self->model, config, attune_model_folder_get_tokenizer (other->opened), error)
         && open_model (self, error);
}

void
cli_bench_material_clear (CliBenchMaterial *self)
{
  g_clear_pointer (&self->opened, attune_model_folder_unref);
  g_clear_object (&self->dataset);
  if (self->folder != NULL && !self->keep)
    attune_durable_folder_remove (self->folder);
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->model, g_free);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->head, g_free);
  g_clear_pointer (&self->data, g_free);
}

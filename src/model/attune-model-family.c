/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of families. Names, keys and defaults are those of transformers' configurations and
 * …ForSequenceClassification classes. Every number has a range, so that products of them neither
 * overflow nor ask for absurd memory. Any thread.
 */
#include "config.h"

#include "attune-model-family.h"

#include <string.h>

#define MEMBER(member) G_STRUCT_OFFSET (AttuneModelConfig, member)
#define COUNT(key, member, minimum, maximum, fallback) \
  { key, ATTUNE_FIELD_COUNT, MEMBER (member), minimum, maximum, fallback, NULL }
#define REAL(key, member, minimum, maximum, fallback) \
  { key, ATTUNE_FIELD_REAL, MEMBER (member), minimum, maximum, fallback, NULL }
#define FLAG(key, member) { key, ATTUNE_FIELD_FLAG, MEMBER (member), 0, 1, 0, NULL }
#define WORD(key, member, fallback) { key, ATTUNE_FIELD_WORD, MEMBER (member), 0, 0, 0, fallback }

#define TOKEN(key, member, fallback) COUNT (key, member, 0, (1 << 24) - 1, fallback)
#define DROPOUT(key, member, fallback) REAL (key, member, 0, 0.99, fallback)
#define VOCABULARY(fallback) COUNT ("vocab_size", vocab_size, 1, 1 << 24, fallback)
#define POSITIONS(fallback) \
  COUNT ("max_position_embeddings", max_position_embeddings, 3, 1 << 20, fallback)
#define HIDDEN(key, fallback) COUNT (key, hidden_size, 1, 1 << 15, fallback)
#define LAYERS(key, fallback) COUNT (key, num_hidden_layers, 1, 512, fallback)
#define HEADS(key, fallback) COUNT (key, num_attention_heads, 1, 1 << 12, fallback)
#define INTERMEDIATE(key, fallback) COUNT (key, intermediate_size, 1, 1 << 18, fallback)
#define TYPES(fallback) COUNT ("type_vocab_size", type_vocab_size, 1, 256, fallback)
#define RANGE REAL ("initializer_range", initializer_range, 0, 10, 0.02)
#define EPSILON(key, fallback) REAL (key, layer_norm_eps, 1e-30, 1, fallback)
#define NO_DROPOUT (-1) /* the hidden layers' */

/* What BERT and all that kept its configuration have. */
#define LIKE_BERT \
  HIDDEN ("hidden_size", 768), LAYERS ("num_hidden_layers", 12), \
  HEADS ("num_attention_heads", 12), INTERMEDIATE ("intermediate_size", 3072), POSITIONS (512), \
  TYPES (2), WORD ("hidden_act", hidden_act, "gelu"), EPSILON ("layer_norm_eps", 1e-12), RANGE, \
  DROPOUT ("hidden_dropout_prob", hidden_dropout_prob, 0.1), \
  DROPOUT ("attention_probs_dropout_prob", attention_probs_dropout_prob, 0.1), \
  DROPOUT ("classifier_dropout", classifier_dropout, NO_DROPOUT)

static const AttuneModelField bert_fields[] = {
  VOCABULARY (30522), LIKE_BERT, TOKEN ("pad_token_id", pad_token_id, 0),
};

static const AttuneModelField roberta_fields[] = {
  VOCABULARY (50265), LIKE_BERT, TOKEN ("pad_token_id", pad_token_id, 1),
  TOKEN ("bos_token_id", bos_token_id, 0), TOKEN ("eos_token_id", eos_token_id, 2),
};

static const AttuneModelField xlm_roberta_fields[] = {
  VOCABULARY (30522), LIKE_BERT, TOKEN ("pad_token_id", pad_token_id, 1),
  TOKEN ("bos_token_id", bos_token_id, 0), TOKEN ("eos_token_id", eos_token_id, 2),
};

static const AttuneModelField electra_fields[] = {
  VOCABULARY (30522),
  COUNT ("embedding_size", embedding_size, 1, 1 << 15, 128),
  HIDDEN ("hidden_size", 256),
  LAYERS ("num_hidden_layers", 12),
  HEADS ("num_attention_heads", 4),
  INTERMEDIATE ("intermediate_size", 1024),
  POSITIONS (512),
  TYPES (2),
  WORD ("hidden_act", hidden_act, "gelu"),
  EPSILON ("layer_norm_eps", 1e-12),
  RANGE,
  DROPOUT ("hidden_dropout_prob", hidden_dropout_prob, 0.1),
  DROPOUT ("attention_probs_dropout_prob", attention_probs_dropout_prob, 0.1),
  DROPOUT ("classifier_dropout", classifier_dropout, NO_DROPOUT),
  TOKEN ("pad_token_id", pad_token_id, 0),
};

static const AttuneModelField distilbert_fields[] = {
  VOCABULARY (30522),
  HIDDEN ("dim", 768),
  LAYERS ("n_layers", 6),
  HEADS ("n_heads", 12),
  INTERMEDIATE ("hidden_dim", 3072),
  POSITIONS (512),
  WORD ("activation", hidden_act, "gelu"),
  RANGE,
  DROPOUT ("dropout", hidden_dropout_prob, 0.1),
  DROPOUT ("attention_dropout", attention_probs_dropout_prob, 0.1),
  DROPOUT ("seq_classif_dropout", classifier_dropout, 0.2),
  TOKEN ("pad_token_id", pad_token_id, 0),
};

static const AttuneModelField modernbert_fields[] = {
  VOCABULARY (50368),
  HIDDEN ("hidden_size", 768),
  LAYERS ("num_hidden_layers", 22),
  HEADS ("num_attention_heads", 12),
  INTERMEDIATE ("intermediate_size", 1152),
  POSITIONS (8192),
  WORD ("hidden_activation", hidden_act, "gelu"),
  EPSILON ("norm_eps", 1e-5),
  RANGE,
  COUNT ("local_attention", local_attention, 2, 1 << 20, 128),
  COUNT ("global_attn_every_n_layers", global_attn_every_n_layers, 1, 512, 3),
  REAL ("global_rope_theta", global_rope_theta, 1, 1e12, 160000),
  REAL ("local_rope_theta", local_rope_theta, 1, 1e12, 10000),
  FLAG ("norm_bias", norm_bias),
  FLAG ("attention_bias", attention_bias),
  FLAG ("mlp_bias", mlp_bias),
  FLAG ("classifier_bias", classifier_bias),
  WORD ("classifier_pooling", classifier_pooling, "cls"),
  WORD ("classifier_activation", classifier_activation, "gelu"),
  DROPOUT ("embedding_dropout", embedding_dropout, 0),
  DROPOUT ("mlp_dropout", hidden_dropout_prob, 0),
  DROPOUT ("attention_dropout", attention_probs_dropout_prob, 0),
  DROPOUT ("classifier_dropout", classifier_dropout, 0),
  TOKEN ("pad_token_id", pad_token_id, 50283),
  TOKEN ("bos_token_id", bos_token_id, 50281),
  TOKEN ("eos_token_id", eos_token_id, 50282),
  TOKEN ("cls_token_id", cls_token_id, 50281),
  TOKEN ("sep_token_id", sep_token_id, 50282),
};

#define BERT_LAYERS \
  "encoder.layer.", "attention.self.query", "attention.self.key", "attention.self.value", \
  "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense", "output.dense", \
  "output.LayerNorm"

static const AttuneBertNames bert_names = { BERT_LAYERS, TRUE, "pooler.dense", NULL };
static const AttuneBertNames classification_head_names = { BERT_LAYERS, TRUE, NULL,
                                                           "classifier.dense" };
static const AttuneBertNames distilbert_names = {
  "transformer.layer.", "attention.q_lin", "attention.k_lin", "attention.v_lin",
  "attention.out_lin", "sa_layer_norm", "ffn.lin1", "ffn.lin2", "output_layer_norm",
  FALSE, NULL, "pre_classifier",
};

static void attune_bert_list_tensors (const AttuneModelConfig *config,
                                      guint                    n_labels,
                                      GPtrArray               *specs);

static const AttuneModelFamily families[] = {
  { "bert", "BertForSequenceClassification", "bert.", "classifier", { "classifier." },
    "bert.pooler.", FALSE, bert_fields, G_N_ELEMENTS (bert_fields), &bert_names,
    attune_bert_list_tensors, NULL },
  { "distilbert", "DistilBertForSequenceClassification", "distilbert.", "classifier",
    { "classifier.", "pre_classifier." }, NULL, FALSE, distilbert_fields,
    G_N_ELEMENTS (distilbert_fields), &distilbert_names, attune_bert_list_tensors, NULL },
  { "roberta", "RobertaForSequenceClassification", "roberta.", "classifier.out_proj",
    { "classifier." }, NULL, TRUE, roberta_fields, G_N_ELEMENTS (roberta_fields),
    &classification_head_names, attune_bert_list_tensors, NULL },
  { "xlm-roberta", "XLMRobertaForSequenceClassification", "roberta.", "classifier.out_proj",
    { "classifier." }, NULL, TRUE, xlm_roberta_fields, G_N_ELEMENTS (xlm_roberta_fields),
    &classification_head_names, attune_bert_list_tensors, NULL },
  { "electra", "ElectraForSequenceClassification", "electra.", "classifier.out_proj",
    { "classifier." }, NULL, FALSE, electra_fields, G_N_ELEMENTS (electra_fields),
    &classification_head_names, attune_bert_list_tensors, NULL },
  { "modernbert", "ModernBertForSequenceClassification", "model.", "classifier",
    { "classifier.", "head." }, NULL, FALSE, modernbert_fields,
    G_N_ELEMENTS (modernbert_fields), NULL, attune_modernbert_list_tensors,
    attune_modernbert_check },
};

/**
 * attune_model_family_find:
 *
 * Returns: (transfer none) (nullable): the family of that model_type
 */
const AttuneModelFamily *
attune_model_family_find (const char *model_type)
{
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    if (strcmp (families[i].model_type, model_type) == 0)
      return &families[i];
  return NULL;
}

/**
 * attune_model_family_list:
 *
 * Returns: (transfer full): the types of all families, as part of a sentence
 */
char *
attune_model_family_list (void)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    g_string_append_printf (list, i > 0 ? ", “%s”" : "“%s”", families[i].model_type);
  return g_string_free (g_steal_pointer (&list), FALSE);
}

/**
 * attune_model_field_format:
 *
 * Returns: (transfer full) (nullable): %NULL for a number that stands for null
 */
char *
attune_model_field_format (const AttuneModelField  *field,
                           const AttuneModelConfig *config)
{
  gconstpointer member = G_STRUCT_MEMBER_P (config, field->offset);
  char *text;

  switch (field->kind)
    {
    case ATTUNE_FIELD_COUNT:
      return g_strdup_printf ("%u", *(const guint *) member);
    case ATTUNE_FIELD_FLAG:
      return g_strdup (*(const gboolean *) member ? "true" : "false");
    case ATTUNE_FIELD_WORD:
      return g_strdup (*(char *const *) member);
    default:
      if (*(const double *) member < field->minimum)
        return NULL;
      text = g_malloc (G_ASCII_DTOSTR_BUF_SIZE);
      return g_ascii_dtostr (text, G_ASCII_DTOSTR_BUF_SIZE, *(const double *) member);
    }
}

void
attune_specs_add (GPtrArray               *specs,
                  const AttuneModelFamily *family,
                  const char              *prefix,
                  const char              *name,
                  guint64                  rows,
                  guint64                  columns)
{
  AttuneTensorSpec *spec = g_new0 (AttuneTensorSpec, 1);

  spec->name = g_strconcat (prefix, name, NULL);
  spec->n_dims = columns == 0 ? 1 : 2;
  spec->shape[0] = rows;
  spec->shape[1] = columns;
  for (guint i = 0; i < G_N_ELEMENTS (family->head) && family->head[i] != NULL; i++)
    spec->is_head |= g_str_has_prefix (spec->name, family->head[i]);
  spec->is_optional = spec->is_head || (family->pooler != NULL
                                        && g_str_has_prefix (spec->name, family->pooler));
  g_ptr_array_add (specs, spec);
}

void
attune_specs_add_linear (GPtrArray               *specs,
                         const AttuneModelFamily *family,
                         const char              *prefix,
                         const char              *name,
                         guint64                  outputs,
                         guint64                  inputs,
                         gboolean                 bias)
{
  g_autofree char *weight = g_strconcat (name, ".weight", NULL);
  g_autofree char *offset = g_strconcat (name, ".bias", NULL);

  attune_specs_add (specs, family, prefix, weight, outputs, inputs);
  if (bias)
    attune_specs_add (specs, family, prefix, offset, outputs, 0);
}

static void
list_layer (const AttuneModelConfig *config,
            const char              *prefix,
            GPtrArray               *specs)
{
  const AttuneModelFamily *family = config->family;
  const AttuneBertNames *names = family->names;
  const guint64 hidden = config->hidden_size, wide = config->intermediate_size;

  attune_specs_add_linear (specs, family, prefix, names->query, hidden, hidden, TRUE);
  attune_specs_add_linear (specs, family, prefix, names->key, hidden, hidden, TRUE);
  attune_specs_add_linear (specs, family, prefix, names->value, hidden, hidden, TRUE);
  attune_specs_add_linear (specs, family, prefix, names->attention, hidden, hidden, TRUE);
  attune_specs_add_linear (specs, family, prefix, names->attention_norm, hidden, 0, TRUE);
  attune_specs_add_linear (specs, family, prefix, names->intermediate, wide, hidden, TRUE);
  attune_specs_add_linear (specs, family, prefix, names->output, hidden, wide, TRUE);
  attune_specs_add_linear (specs, family, prefix, names->output_norm, hidden, 0, TRUE);
}

/* Embeddings, layers and head of BERT and its like. */
static void
attune_bert_list_tensors (const AttuneModelConfig *config,
                          guint                    n_labels,
                          GPtrArray               *specs)
{
  const AttuneModelFamily *family = config->family;
  const AttuneBertNames *names = family->names;
  const guint64 hidden = config->hidden_size;
  const guint64 embedded = config->embedding_size > 0 ? config->embedding_size : hidden;
  g_autofree char *embeddings = g_strconcat (family->prefix, "embeddings.", NULL);

  attune_specs_add (specs, family, embeddings, "word_embeddings.weight", config->vocab_size,
                    embedded);
  attune_specs_add (specs, family, embeddings, "position_embeddings.weight",
                    config->max_position_embeddings, embedded);
  if (names->has_types)
    attune_specs_add (specs, family, embeddings, "token_type_embeddings.weight",
                      config->type_vocab_size, embedded);
  attune_specs_add_linear (specs, family, embeddings, "LayerNorm", embedded, 0, TRUE);
  if (embedded != hidden)
    attune_specs_add_linear (specs, family, family->prefix, "embeddings_project", hidden, embedded,
                             TRUE);

  for (guint layer = 0; layer < config->num_hidden_layers; layer++)
    {
      g_autofree char *prefix = g_strdup_printf ("%s%s%u.", family->prefix, names->layers, layer);

      list_layer (config, prefix, specs);
    }

  if (names->pooler != NULL)
    attune_specs_add_linear (specs, family, family->prefix, names->pooler, hidden, hidden, TRUE);
  if (names->dense != NULL)
    attune_specs_add_linear (specs, family, "", names->dense, hidden, hidden, TRUE);
  attune_specs_add_linear (specs, family, "", family->output, n_labels, hidden, TRUE);
}

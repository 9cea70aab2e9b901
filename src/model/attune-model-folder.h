/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneModelFolder: a Hugging Face folder on disk (config.json, vocab.txt, model.safetensors …),
 * opened, validated and understood; and the writing of such a folder. Immutable once opened.
 */
#pragma once

#include "attune-safetensors.h"
#include "attune-tokenizer.h"

G_BEGIN_DECLS

typedef struct _AttuneModelConfig AttuneModelConfig;
typedef struct _AttuneModelFamily AttuneModelFamily;
typedef struct _AttuneRnnConfig AttuneRnnConfig;

/* The fields of config.json that decide shapes and arithmetic, under BERT's names; what a family
 * does not have is 0. attune-model-family.h says how each calls them. */
struct _AttuneModelConfig {
  const AttuneModelFamily *family; /* static; NULL for a recurrent model */
  char *model_type; /* "bert" */
  guint vocab_size;
  guint embedding_size; /* 0: as hidden_size */
  guint hidden_size;
  guint num_hidden_layers;
  guint num_attention_heads;
  guint intermediate_size;
  guint max_position_embeddings;
  guint type_vocab_size;
  guint pad_token_id, bos_token_id, eos_token_id, cls_token_id, sep_token_id;
  char *hidden_act; /* "gelu" … */
  double layer_norm_eps;
  double initializer_range;
  double hidden_dropout_prob;
  double attention_probs_dropout_prob;
  double classifier_dropout; /* negative: as hidden_dropout_prob */
  double embedding_dropout;  /* where it has one of its own */
  guint local_attention, global_attn_every_n_layers; /* of ModernBERT, as those below */
  double global_rope_theta, local_rope_theta;
  gboolean norm_bias, attention_bias, mlp_bias, classifier_bias;
  char *classifier_pooling; /* "cls" or "mean" */
  char *classifier_activation;
  char **label_names;        /* from id2label; NULL when config.json names none */
  gboolean multi_label;      /* problem_type: labels do not exclude each other */
  gboolean other_output;     /* the head's last layer classifies words or choices, not texts */
  AttuneRnnConfig *rnn;      /* of a recurrent model, attune-rnn-config.h; else NULL */
  AttuneModelConfig *encoder; /* whose outputs that one reads; NULL: it has words of its own */
};

AttuneModelConfig *attune_model_config_copy   (const AttuneModelConfig *self);
void               attune_model_config_free   (AttuneModelConfig       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneModelConfig, attune_model_config_free)
AttuneModelConfig *attune_model_config_parse  (GBytes      *json,
                                               const char  *source_name,
                                               GError     **error);
guint              attune_model_config_get_max_length (const AttuneModelConfig *self);
const char        *attune_model_config_get_output (const AttuneModelConfig *self);
/* Key, value …, for an engine. */
char             **attune_model_config_describe   (const AttuneModelConfig *self);

/* A tensor the model needs: its canonical HF name ("bert.encoder.layer.0…",
 * "classifier.weight"). */
typedef struct {
  char *name;
  guint n_dims;
  guint64 shape[ATTUNE_MAX_DIMS];
  gboolean is_head;     /* above the encoder: may be absent, then it is initialised at random */
  gboolean is_optional; /* is_head, or the pooler: a folder may be opened without it */
} AttuneTensorSpec;

/* (transfer full) (element-type AttuneTensorSpec): all tensors of a classifier with n_labels. */
GPtrArray *attune_model_config_list_tensors   (const AttuneModelConfig *self,
                                               guint                    n_labels);

typedef struct _AttuneModelFolder AttuneModelFolder;

typedef enum {
  ATTUNE_MODEL_OPEN_DEFAULT = 0,
  ATTUNE_MODEL_OPEN_NO_TOKENIZER = 1 << 0, /* config and weights are enough */
} AttuneModelOpenFlags;

AttuneModelFolder       *attune_model_folder_open          (const char           *path,
                                                            AttuneModelOpenFlags  flags,
                                                            GError              **error);
/* One that is no folder yet: config and tokenizer, and of an encoder its weights; all else is to be
 * drawn. name: what errors and records call it. */
AttuneModelFolder       *attune_model_folder_new_unwritten (const char              *name,
                                                            const AttuneModelConfig *config,
                                                            AttuneTokenizer         *tokenizer,
                                                            AttuneModelFolder       *encoder);
gboolean                 attune_model_folder_is_written    (AttuneModelFolder *self);
AttuneModelFolder       *attune_model_folder_ref           (AttuneModelFolder *self);
void                     attune_model_folder_unref         (AttuneModelFolder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneModelFolder, attune_model_folder_unref)

const char              *attune_model_folder_get_path      (AttuneModelFolder *self);
const AttuneModelConfig *attune_model_folder_get_config    (AttuneModelFolder *self);
/* Borrowed, nullable. */
AttuneTokenizer         *attune_model_folder_get_tokenizer (AttuneModelFolder *self);
guint64                  attune_model_folder_get_n_weights (AttuneModelFolder *self);
guint64                  attune_model_folder_get_n_bytes   (AttuneModelFolder *self);
/* By canonical name, whatever prefix or old spelling (gamma, beta) the file uses; NULL if
 * absent. */
const AttuneTensorView  *attune_model_folder_lookup        (AttuneModelFolder *self,
                                                            const char        *name);
/* What differs from a whole classifier: names, each NULL-terminated, borrowed. */
const char * const      *attune_model_folder_get_missing    (AttuneModelFolder *self);
const char * const      *attune_model_folder_get_unexpected (AttuneModelFolder *self);

/* Contradictions that were decided, one translated sentence each; NULL-terminated, borrowed. */
const char * const      *attune_model_folder_get_warnings   (AttuneModelFolder *self);
/* FALSE names the first weight that is NaN or infinite. Reads every byte: off the main thread. */
gboolean                 attune_model_folder_check_finite   (AttuneModelFolder *self,
                                                            GCancellable      *cancellable,
                                                            GError           **error);

/* Writes a whole HF folder that transformers' from_pretrained loads: config.json with
 * id2label, model.safetensors, vocab.txt, tokenizer.json (truncation and padding null),
 * tokenizer_config.json, special_tokens_map.json. path must not exist; it is made complete
 * beside it under a temporary name, fsynced, and renamed (or exchanged when replace is TRUE). */
gboolean                 attune_model_folder_write         (const char              *path,
                                                            gboolean                 replace,
                                                            const AttuneModelConfig *config,
                                                            const char * const      *label_names,
                                                            AttuneTokenizer         *tokenizer,
                                                            const AttuneTensorView  *tensors,
                                                            guint                    n_tensors,
                                                            GError                 **error);
/* All of that but model.safetensors into a folder that is there; dtype: of those weights. */
gboolean                 attune_model_folder_write_description (const char          *path,
                                                            const AttuneModelConfig *config,
                                                            const char * const      *label_names,
                                                            AttuneTokenizer         *tokenizer,
                                                            AttuneDtype              dtype,
                                                            GError                 **error);

G_END_DECLS

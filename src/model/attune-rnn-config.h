/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRnnConfig: what a recurrent classifier ("attune-rnn") has beyond other models, in its
 * config.json and by the names under which one may be begun: lstm, bigru-attention …
 */
#pragma once

#include <gio/gio.h>
#include <yyjson.h>

#include "attune-model-folder.h"

G_BEGIN_DECLS

#define ATTUNE_RNN_MODEL_TYPE "attune-rnn"
/* Tokens of a text that are read at most: no position embeddings set a limit, but time does. */
#define ATTUNE_RNN_LONGEST 4096

/* Words point to static memory. The number of layers, their size and dropout are the model's
 * num_hidden_layers, hidden_size and hidden_dropout_prob. */
struct _AttuneRnnConfig {
  const char *cell;       /* "rnn", "lstm", "gru" */
  const char *pooling;    /* "max", "mean", "last", "attention" */
  const char *embeddings; /* "trained"; of an encoder: "frozen", "tuned" */
  gboolean bidirectional;
  guint embedding_size;   /* of trained ones */
};

/* The models one may begin with nothing. */
typedef struct {
  const char *name;  /* "bilstm-attention" */
  const char *title; /* N_() */
  const char *help;  /* N_() sentence */
} AttuneRnnKind;

const AttuneRnnKind *attune_rnn_get_kinds       (guint                   *n_kinds);
/* The shape of that name; FALSE for a name that is none. */
gboolean             attune_rnn_config_init     (AttuneRnnConfig         *self,
                                                 const char              *name);
/* NULL for a word that is not among them; else static memory. */
const char          *attune_rnn_find_pooling    (const char              *name);

/* Of config.json; see attune-model-config.c. */
gboolean             attune_rnn_config_parse    (AttuneModelConfig       *config,
                                                 yyjson_val              *root,
                                                 const char              *source_name,
                                                 GError                 **error);
void                 attune_rnn_config_write    (const AttuneModelConfig *config,
                                                 yyjson_mut_doc          *document,
                                                 yyjson_mut_val          *root);
/* For attune_model_config_describe(). */
void                 attune_rnn_config_describe (const AttuneModelConfig *config,
                                                 GStrvBuilder            *words);
GPtrArray           *attune_rnn_config_list_tensors (const AttuneModelConfig *config,
                                                 guint                    n_labels);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneModelFamily: what one model_type of config.json means: the keys it has there, the names of
 * its tensors, its head. All families stand in one table, in attune-model-family.c; one whose
 * layers are not BERT's lists its tensors in a file of its own.
 */
#pragma once

#include <yyjson.h>

#include "attune-model-folder.h"

G_BEGIN_DECLS

typedef enum {
  ATTUNE_FIELD_COUNT, /* guint */
  ATTUNE_FIELD_REAL,  /* double; not a number of its range (-1 …): null in config.json */
  ATTUNE_FIELD_FLAG,  /* gboolean */
  ATTUNE_FIELD_WORD,  /* char * */
} AttuneFieldKind;

/* A key of config.json and the member of AttuneModelConfig that it is read to. */
typedef struct {
  const char *key;
  AttuneFieldKind kind;
  gsize offset;
  double minimum, maximum;
  double fallback;    /* where the file does not say */
  const char *word;   /* the fallback of a word */
} AttuneModelField;

/* Where BERT's tensors are in a family that has its layers. */
typedef struct {
  const char *layers; /* "encoder.layer.", then the number */
  const char *query, *key, *value, *attention, *attention_norm;
  const char *intermediate, *output, *output_norm;
  gboolean has_types; /* token types */
  const char *pooler; /* a layer below the head that belongs to the encoder, or NULL */
  const char *dense;  /* the head's first layer, or NULL */
} AttuneBertNames;

struct _AttuneModelFamily {
  const char *model_type;
  const char *architecture; /* of the classifier */
  const char *prefix;       /* of all tensors but those of the head */
  const char *output;       /* the head's last layer */
  const char *head[3];      /* prefixes of the head's tensors, up to a NULL */
  const char *pooler;       /* prefix of what may be absent, too, or NULL */
  gboolean after_padding;   /* positions are counted from pad_token_id + 1 */
  const AttuneModelField *fields;
  guint n_fields;
  const AttuneBertNames *names; /* for attune_bert_list_tensors(), or NULL */
  void (*list_tensors) (const AttuneModelConfig *config,
                        guint                    n_labels,
                        GPtrArray               *specs);
  /* What the table cannot say, read and checked after the fields; or NULL. */
  gboolean (*check) (AttuneModelConfig  *config,
                     yyjson_val         *root,
                     const char         *source_name,
                     GError            **error);
};

/* NULL for a type that is none of Attune's. */
const AttuneModelFamily *attune_model_family_find   (const char *model_type);
/* (transfer full): all types, for people: “bert”, “roberta” … */
char                    *attune_model_family_list   (void);

/* For list_tensors: appends "<prefix><name>" to specs; columns 0: a vector. */
void attune_specs_add        (GPtrArray               *specs,
                              const AttuneModelFamily *family,
                              const char              *prefix,
                              const char              *name,
                              guint64                  rows,
                              guint64                  columns);
/* "<name>.weight" and, with bias, "<name>.bias"; inputs 0: of a normalisation. */
void attune_specs_add_linear (GPtrArray               *specs,
                              const AttuneModelFamily *family,
                              const char              *prefix,
                              const char              *name,
                              guint64                  outputs,
                              guint64                  inputs,
                              gboolean                 bias);

/* attune-modernbert.c */
void     attune_modernbert_list_tensors (const AttuneModelConfig *config,
                                         guint                    n_labels,
                                         GPtrArray               *specs);
gboolean attune_modernbert_check        (AttuneModelConfig  *config,
                                         yyjson_val         *root,
                                         const char         *source_name,
                                         GError            **error);

/* The words of a field of config; NULL for a real that is null. (transfer full) */
char    *attune_model_field_format      (const AttuneModelField  *field,
                                         const AttuneModelConfig *config);

G_END_DECLS

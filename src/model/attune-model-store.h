/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneModelStore: the models installed under $XDG_DATA_HOME/attune/models, each a HF folder with
 * an attune.json (source, revision, sha256 of each file, licence).
 */
#pragma once

#include "attune-model-folder.h"

G_BEGIN_DECLS

typedef struct {
  char *name;     /* folder name, "minilm-l6" */
  char *title;    /* "MiniLM-L6" */
  char *path;
  char *licence;  /* nullable */
  char *language; /* nullable, "English" */
  char *source;   /* nullable, Hub id */
  guint64 n_bytes;
  guint n_layers;
  guint hidden_size;
  char **labels;  /* nullable: the classes it was fine-tuned for */
} AttuneModelInfo;

/* Where a model comes from, for its record; each nullable. */
typedef struct {
  const char *source;   /* Hub id */
  const char *revision; /* commit */
  const char *licence;
  const char *language;
} AttuneModelOrigin;

void       attune_model_info_free      (AttuneModelInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneModelInfo, attune_model_info_free)

/* (transfer full): $XDG_DATA_HOME/attune/models, $ATTUNE_MODELS when set. */
char      *attune_model_store_get_path (void);
/* (transfer full) (element-type AttuneModelInfo), by title. A broken folder is left out. */
GPtrArray *attune_model_store_list     (GError    **error);
/* (transfer full): why a folder of the store is left out of the list, a sentence for each. */
GStrv      attune_model_store_list_problems (void);
/* (transfer full): folder of a model named in the store, or the folder itself. */
char      *attune_model_store_resolve  (const char *name_or_path,
                                        GError    **error);
const char *
           attune_model_store_get_scratch (const char *path);
/* Copies a HF folder into the store after validating it. Long: call off the main thread. */
AttuneModelInfo *
           attune_model_store_import   (const char   *folder,
                                        const char   *name,
                                        GCancellable *cancellable,
                                        GError      **error);
/* … from somewhere that is known; origin: nullable. */
AttuneModelInfo *
           attune_model_store_import_from (const char              *folder,
                                           const char              *name,
                                           const AttuneModelOrigin *origin,
                                           GCancellable            *cancellable,
                                           GError                 **error);
/* Whether a model can be given this name: a fit one that is free. */
gboolean   attune_model_store_check_new (const char  *name,
                                         GError     **error);
gboolean   attune_model_store_remove    (const char  *name,
                                         GError     **error);

G_END_DECLS

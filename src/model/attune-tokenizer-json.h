/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTokenizerJson: a tokenizer.json, understood. Used by this room only.
 */
#pragma once

#include <gio/gio.h>

#include "attune-json.h"
#include "attune-tokenizer-spec.h"

G_BEGIN_DECLS

/* What spec points to lives as long as this and the document it was read from. */
typedef struct {
  AttuneTokenizerSpec spec; /* without source and config */
  GArray *normalizers;      /* AttuneNormalizerSpec */
  GArray *pre_tokenizers;   /* AttunePreTokenizerSpec */
  GArray *added_tokens;     /* AttuneAddedToken */
  GArray *merges;           /* AttuneMerge */
  AttuneBytes *tokens;
  double *scores;
  GHashTable *ids;          /* AttuneBytes in tokens → id + 1 */
  GPtrArray *owned;         /* what had to be decoded */
} AttuneTokenizerJson;

AttuneTokenizerJson *attune_tokenizer_json_read (yyjson_val          *root,
                                                 const char          *source_name,
                                                 GPtrArray           *warnings,
                                                 GError             **error);
void                 attune_tokenizer_json_free (AttuneTokenizerJson *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneTokenizerJson, attune_tokenizer_json_free)

/* Its parts, each in a file of its own. FALSE with UNSUPPORTED, which names the kind, or FORMAT. */
gboolean attune_tokenizer_json_read_normalizer    (AttuneTokenizerJson *self,
                                                   yyjson_val          *value,
                                                   const char          *source_name,
                                                   GError             **error);
gboolean attune_tokenizer_json_read_pre_tokenizer (AttuneTokenizerJson *self,
                                                   yyjson_val          *value,
                                                   const char          *source_name,
                                                   GError             **error);
gboolean attune_tokenizer_json_read_post_processor (AttuneTokenizerJson *self,
                                                   yyjson_val          *value,
                                                   const char          *source_name,
                                                   GError             **error);
gboolean attune_tokenizer_json_read_model         (AttuneTokenizerJson *self,
                                                   yyjson_val          *value,
                                                   const char          *source_name,
                                                   GError             **error);
/* The id that the vocabulary gives a token, or -1. */
gint32   attune_tokenizer_json_lookup             (AttuneTokenizerJson *self,
                                                   AttuneBytes          token);
/* For tables whose keys are AttuneBytes. */
guint    attune_tokenizer_json_hash               (gconstpointer        bytes);
gboolean attune_tokenizer_json_equal              (gconstpointer        a,
                                                   gconstpointer        b);

/* The first characters of a text that comes from a file, for a message: (transfer full). */
char    *attune_tokenizer_json_excerpt            (const char          *text);
/* FALSE, with an error that names what is not known of which part. */
gboolean attune_tokenizer_json_unknown            (const char          *source_name,
                                                   const char          *part,
                                                   const char          *what,
                                                   GError             **error);
gboolean attune_tokenizer_json_broken             (const char          *source_name,
                                                   const char          *part,
                                                   GError             **error);

/* The bytes of a string, none of anything else. */
static inline AttuneBytes
attune_json_to_bytes (yyjson_val *value)
{
  if (!yyjson_is_str (value))
    return (AttuneBytes) { NULL, 0 };

  return (AttuneBytes) { yyjson_get_str (value), yyjson_get_len (value) };
}

/* A string member, none if it is absent or something else. */
static inline AttuneBytes
attune_json_get_bytes (yyjson_val *object,
                       const char *key)
{
  return attune_json_to_bytes (yyjson_obj_get (object, key));
}

static inline gboolean
attune_json_get_bool (yyjson_val *object,
                      const char *key,
                      gboolean    fallback)
{
  yyjson_val *value = yyjson_obj_get (object, key);

  return yyjson_is_bool (value) ? yyjson_get_bool (value) : fallback;
}

G_END_DECLS

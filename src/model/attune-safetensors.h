/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading (by mmap, everything validated before anything is allocated) and writing (fsynced,
 * renamed into place) of safetensors files. Format: huggingface/safetensors README.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define ATTUNE_MODEL_ERROR (attune_model_error_quark ())
GQuark attune_model_error_quark (void);

typedef enum {
  ATTUNE_MODEL_ERROR_MISSING,     /* no such model or file */
  ATTUNE_MODEL_ERROR_FORMAT,      /* malformed file */
  ATTUNE_MODEL_ERROR_UNSUPPORTED, /* a model_type or data type we do not know */
  ATTUNE_MODEL_ERROR_MISMATCH,    /* config, vocabulary and weights do not fit */
  ATTUNE_MODEL_ERROR_EXISTS,      /* the name is taken */
} AttuneModelError;

typedef enum {
  ATTUNE_DTYPE_F32,
  ATTUNE_DTYPE_F16,
  ATTUNE_DTYPE_BF16,
  ATTUNE_DTYPE_F64,
  ATTUNE_DTYPE_I64,
  ATTUNE_DTYPE_I32,
  ATTUNE_DTYPE_I16,
  ATTUNE_DTYPE_I8,
  ATTUNE_DTYPE_U8,
  ATTUNE_DTYPE_BOOL,
  ATTUNE_DTYPE_U16,
  ATTUNE_DTYPE_U32,
  ATTUNE_DTYPE_U64,
} AttuneDtype;

gsize       attune_dtype_get_size (AttuneDtype dtype);
const char *attune_dtype_get_name (AttuneDtype dtype); /* "F32" … */

#define ATTUNE_MAX_DIMS 8

/* A tensor as bytes somewhere else, little-endian, row-major; data need not be aligned. */
typedef struct {
  const char *name;
  AttuneDtype dtype;
  guint n_dims;
  guint64 shape[ATTUNE_MAX_DIMS];
  const guint8 *data;
  gsize length; /* bytes */
} AttuneTensorView;

typedef struct _AttuneSafetensors AttuneSafetensors;

AttuneSafetensors      *attune_safetensors_open          (const char        *path,
                                                          GError           **error);
AttuneSafetensors      *attune_safetensors_new_for_bytes (GBytes            *bytes,
                                                          const char        *source_name,
                                                          GError           **error);
AttuneSafetensors      *attune_safetensors_ref           (AttuneSafetensors *self);
void                    attune_safetensors_unref         (AttuneSafetensors *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneSafetensors, attune_safetensors_unref)

/* Borrowed views, valid while self lives, in order of name. */
guint                   attune_safetensors_get_n_tensors (AttuneSafetensors *self);
const AttuneTensorView *attune_safetensors_get_tensor    (AttuneSafetensors *self,
                                                          guint              index);
const AttuneTensorView *attune_safetensors_lookup        (AttuneSafetensors *self,
                                                          const char        *name);
const char             *attune_safetensors_get_metadata  (AttuneSafetensors *self,
                                                          const char        *key);

/* Whether the mapped file still has the length it had when it was opened: reading a mapping of a
 * file that somebody cut short ends the program. Ask before copying much out of it. */
gboolean                attune_safetensors_check_length  (AttuneSafetensors *self,
                                                          GError           **error);

/* Fills data with the bytes of tensors[index], whose view has none. */
typedef gboolean (*AttuneTensorReadFunc) (guint      index,
                                          guint8    *data,
                                          gpointer   user_data,
                                          GError   **error);

/* metadata: NULL-terminated key, value, key, value …; {"format":"pt"} is always written. */
gboolean                attune_safetensors_write         (const char             *path,
                                                          const AttuneTensorView *tensors,
                                                          guint                   n_tensors,
                                                          const char * const     *metadata,
                                                          GError                **error);
/* As write, one tensor at a time in memory: those without data are read when it is their turn. */
gboolean                attune_safetensors_write_reading (const char             *path,
                                                          const AttuneTensorView *tensors,
                                                          guint                   n_tensors,
                                                          AttuneTensorReadFunc    read,
                                                          gpointer                user_data,
                                                          GError                **error);

G_END_DECLS

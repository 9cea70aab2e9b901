/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTorchPickle: the data.pkl of a torch file, run by a machine that can make dicts, tuples,
 * numbers and strings, and of everything that a pickle may call knows only how a tensor is put
 * together. What comes out are descriptions; whether they fit the records is asked elsewhere.
 */
#pragma once

#include "attune-convert-fault.h"

G_BEGIN_DECLS

#define ATTUNE_TORCH_MAX_DIMS 8

typedef struct {
  const char *torch_name;       /* "FloatStorage" */
  const char *safetensors_name; /* "F32" */
  guint8 size;                  /* bytes of one element */
} AttuneTorchType;

typedef struct {
  const AttuneTorchType *type;
  const char *key;              /* of the record data/KEY; digits, not terminated */
  gsize key_length;
  guint64 n_elements;
} AttuneTorchStorage;

typedef struct {
  guint storage;                /* which of the pickle's */
  guint64 offset;               /* elements */
  guint n_dims;
  guint64 shape[ATTUNE_TORCH_MAX_DIMS];
  guint64 strides[ATTUNE_TORCH_MAX_DIMS];
} AttuneTorchView;

/* One item of the dict. */
typedef struct {
  const char *name;             /* valid UTF-8, in the caller's bytes, not terminated */
  gsize name_length;
  guint view;                   /* which of the pickle's */
} AttuneTorchItem;

typedef struct {
  GArray *items;                /* AttuneTorchItem */
  GArray *views;                /* AttuneTorchView */
  GArray *storages;             /* AttuneTorchStorage */
} AttuneTorchPickle;

AttuneTorchPickle *attune_torch_pickle_new  (const guint8       *bytes,
                                             gsize               length,
                                             AttuneConvertFault *fault);
void               attune_torch_pickle_free (AttuneTorchPickle  *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneTorchPickle, attune_torch_pickle_free)

G_END_DECLS

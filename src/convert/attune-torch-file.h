/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTorchFile: the tensors of a pytorch_model.bin, each known to lie inside the record that
 * holds its numbers; and the writing of several such files as one safetensors file.
 */
#pragma once

#include "attune-convert-fault.h"
#include "attune-torch-pickle.h"

G_BEGIN_DECLS

typedef struct {
  const char *name;          /* not terminated */
  gsize name_length;
  const AttuneTorchType *type;
  guint n_dims;
  guint64 shape[ATTUNE_TORCH_MAX_DIMS];
  guint64 strides[ATTUNE_TORCH_MAX_DIMS]; /* elements */
  const guint8 *data;        /* its first element, little-endian; need not be aligned */
  guint64 n_elements;
} AttuneTorchTensor;

typedef struct _AttuneTorchFile AttuneTorchFile;

AttuneTorchFile         *attune_torch_file_new           (const guint8           *bytes,
                                                          gsize                   length,
                                                          AttuneConvertFault     *fault);
void                     attune_torch_file_free          (AttuneTorchFile        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneTorchFile, attune_torch_file_free)
/* Borrowed, in order of name. */
guint                    attune_torch_file_get_n_tensors (const AttuneTorchFile  *self);
const AttuneTorchTensor *attune_torch_file_get_tensor    (const AttuneTorchFile  *self,
                                                          guint                   index);

/* All tensors of all files, made contiguous, from the descriptor's place on. limit: bytes. */
gboolean                 attune_torch_files_write        (AttuneTorchFile *const *files,
                                                          guint                   n_files,
                                                          guint64                 limit,
                                                          int                     fd,
                                                          AttuneConvertFault     *fault);

G_END_DECLS

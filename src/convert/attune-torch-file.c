/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the pickle describes meets the records of the archive: a tensor whose numbers would be read
 * from anywhere else than its own record is refused by its name.
 */
#include "config.h"

#include "attune-torch-file.h"

#include <string.h>

#include "attune-torch-archive.h"

struct _AttuneTorchFile {
  AttuneTorchArchive *archive;
  AttuneTorchPickle *pickle;
  GArray *tensors; /* AttuneTorchTensor */
};

/* What stands at the front of a file in the form before torch 1.6: a pickled magic number. */
static const guint8 legacy_start[] = { 0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c };

/* Says what something is that is no zip file. */
static gboolean
check_start (const guint8       *bytes,
             gsize               length,
             AttuneConvertFault *fault)
{
  const gboolean tar = length > 262 && memcmp (bytes + 257, "ustar", 5) == 0;

  if (length >= 4 && memcmp (bytes, "PK\3\4", 4) == 0)
    return TRUE;
  if (tar || (length >= sizeof legacy_start
              && memcmp (bytes, legacy_start, sizeof legacy_start) == 0))
    return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_LEGACY, " ");
  return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_FORMAT, " ");
}

static const AttuneTorchRecord *
find_record (const AttuneTorchFile *self,
             const char            *name)
{
  return attune_torch_archive_lookup (self->archive, name, strlen (name));
}

/* TorchScript keeps its constants beside the program; big-endian machines say so. */
static const AttuneTorchRecord *
find_pickle (const AttuneTorchFile *self,
             AttuneConvertFault    *fault)
{
  const AttuneTorchRecord *pickle = find_record (self, "data.pkl");
  const AttuneTorchRecord *order = find_record (self, "byteorder");

  if (find_record (self, "constants.pkl") != NULL)
    attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_TORCHSCRIPT, " ");
  else if (pickle == NULL)
    attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_FORMAT, " ");
  else if (order != NULL && (order->length != 6 || memcmp (order->data, "little", 6) != 0))
    attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_BYTE_ORDER, " ");
  else
    return pickle;

  return NULL;
}

static gboolean
tensor_fault (AttuneConvertFault      *fault,
              AttuneConvertFaultCode   code,
              const AttuneTorchTensor *tensor)
{
  return attune_convert_fault_set (fault, code, "%.*s", (int) MIN (tensor->name_length, 200),
                                   tensor->name);
}

/* How many elements there are, and the last place they reach; FALSE where that overflows. */
static gboolean
measure (AttuneTorchTensor     *tensor,
         const AttuneTorchView *view,
         guint64               *reach)
{
  guint64 n_bytes;

  tensor->n_elements = 1;
  *reach = view->offset;
  for (guint d = 0; d < view->n_dims; d++)
    if (view->shape[d] == 0)
      {
        tensor->n_elements = 0;
        return TRUE;
      }
  for (guint d = 0; d < view->n_dims; d++)
    {
      guint64 step;

      if (__builtin_mul_overflow (tensor->n_elements, view->shape[d], &tensor->n_elements)
          || __builtin_mul_overflow (view->shape[d] - 1, view->strides[d], &step)
          || __builtin_add_overflow (*reach, step, reach))
        return FALSE;
    }
  return !__builtin_mul_overflow (tensor->n_elements, tensor->type->size, &n_bytes)
         && !__builtin_add_overflow (*reach, 1, reach);
}

static gboolean
place (AttuneTorchFile       *self,
       AttuneTorchTensor     *tensor,
       const AttuneTorchView *view,
       AttuneConvertFault    *fault)
{
  const AttuneTorchStorage *storage
    = &g_array_index (self->pickle->storages, AttuneTorchStorage, view->storage);
  const AttuneTorchRecord *record;
  guint64 n_bytes, reach;
  char name[32];

  g_snprintf (name, sizeof name, "data/%.*s", (int) storage->key_length, storage->key);
  record = find_record (self, name);
  if (record == NULL)
    return tensor_fault (fault, ATTUNE_CONVERT_FAULT_STORAGE_MISSING, tensor);

  tensor->type = storage->type;
  if (__builtin_mul_overflow (storage->n_elements, storage->type->size, &n_bytes)
      || n_bytes > record->length)
    return tensor_fault (fault, ATTUNE_CONVERT_FAULT_STORAGE_SHORT, tensor);
  if (!measure (tensor, view, &reach)
      || (tensor->n_elements > 0 && reach > storage->n_elements))
    return tensor_fault (fault, ATTUNE_CONVERT_FAULT_BEYOND, tensor);

  tensor->n_dims = view->n_dims;
  memcpy (tensor->shape, view->shape, sizeof tensor->shape);
  memcpy (tensor->strides, view->strides, sizeof tensor->strides);
  tensor->data = tensor->n_elements > 0 ? record->data + view->offset * storage->type->size
                                        : record->data;
  return TRUE;
}

static gboolean
load (AttuneTorchFile    *self,
      const guint8       *bytes,
      gsize               length,
      AttuneConvertFault *fault)
{
  const AttuneTorchRecord *pickle;

  if (!check_start (bytes, length, fault))
    return FALSE;
  self->archive = attune_torch_archive_new (bytes, length, fault);
  pickle = self->archive != NULL ? find_pickle (self, fault) : NULL;
  if (pickle == NULL)
    return FALSE;
  self->pickle = attune_torch_pickle_new (pickle->data, pickle->length, fault);
  if (self->pickle == NULL)
    return FALSE;

  for (guint i = 0; i < self->pickle->items->len; i++)
    {
      const AttuneTorchItem *item = &g_array_index (self->pickle->items, AttuneTorchItem, i);
      AttuneTorchTensor tensor = { .name = item->name, .name_length = item->name_length };

      if (!place (self, &tensor, &g_array_index (self->pickle->views, AttuneTorchView, item->view),
                  fault))
        return FALSE;
      g_array_append_val (self->tensors, tensor);
    }
  return TRUE;
}

/**
 * attune_torch_file_new:
 * @bytes: (array length=length): kept by the caller as long as the file
 *
 * Returns: (transfer full) (nullable): the file; @fault says why not, naming what is wrong
 */
AttuneTorchFile *
attune_torch_file_new (const guint8       *bytes,
                       gsize               length,
                       AttuneConvertFault *fault)
{
  g_autoptr (AttuneTorchFile) self = g_new0 (AttuneTorchFile, 1);

  self->tensors = g_array_new (FALSE, FALSE, sizeof (AttuneTorchTensor));
  return load (self, bytes, length, fault) ? g_steal_pointer (&self) : NULL;
}

/**
 * attune_torch_file_free:
 * @self: (nullable): nothing is done for %NULL
 */
void
attune_torch_file_free (AttuneTorchFile *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->tensors);
  g_clear_pointer (&self->pickle, attune_torch_pickle_free);
  g_clear_pointer (&self->archive, attune_torch_archive_free);
  g_free (self);
}

/**
 * attune_torch_file_get_n_tensors:
 *
 * Returns: how many names there are; several may share their numbers
 */
guint
attune_torch_file_get_n_tensors (const AttuneTorchFile *self)
{
  return self->tensors->len;
}

/**
 * attune_torch_file_get_tensor:
 *
 * Returns: (transfer none): that one
 */
const AttuneTorchTensor *
attune_torch_file_get_tensor (const AttuneTorchFile *self,
                              guint                  index)
{
  return &g_array_index (self->tensors, AttuneTorchTensor, index);
}

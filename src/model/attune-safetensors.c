/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A safetensors file in memory or mapped, and what is in it. How a header is read and validated
 * stands in attune-safetensors-header.c. Any thread; immutable once opened.
 */
#include "config.h"

#include "attune-safetensors-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n.h>

struct _AttuneSafetensors {
  char *source_name;
  GBytes *bytes;         /* of a caller; or NULL and: */
  void *map;
  int fd;
  gsize length;
  GArray *tensors;       /* AttuneTensorView, by name; the names are ours */
  GHashTable *metadata;  /* char * → char * */
  gatomicrefcount ref_count;
};

G_DEFINE_QUARK (attune-model-error-quark, attune_model_error)

static const struct {
  const char *name;
  guint8 size;
} dtypes[] = {
  [ATTUNE_DTYPE_F32] = { "F32", 4 },
  [ATTUNE_DTYPE_F16] = { "F16", 2 },
  [ATTUNE_DTYPE_BF16] = { "BF16", 2 },
  [ATTUNE_DTYPE_F64] = { "F64", 8 },
  [ATTUNE_DTYPE_I64] = { "I64", 8 },
  [ATTUNE_DTYPE_I32] = { "I32", 4 },
  [ATTUNE_DTYPE_I16] = { "I16", 2 },
  [ATTUNE_DTYPE_I8] = { "I8", 1 },
  [ATTUNE_DTYPE_U8] = { "U8", 1 },
  [ATTUNE_DTYPE_BOOL] = { "BOOL", 1 },
  [ATTUNE_DTYPE_U16] = { "U16", 2 },
  [ATTUNE_DTYPE_U32] = { "U32", 4 },
  [ATTUNE_DTYPE_U64] = { "U64", 8 },
};

/**
 * attune_dtype_get_size:
 *
 * Returns: bytes of one element
 */
gsize
attune_dtype_get_size (AttuneDtype dtype)
{
  g_return_val_if_fail ((guint) dtype < G_N_ELEMENTS (dtypes), 0);

  return dtypes[dtype].size;
}

/**
 * attune_dtype_get_name:
 *
 * Returns: the name safetensors uses, "BF16"
 */
const char *
attune_dtype_get_name (AttuneDtype dtype)
{
  g_return_val_if_fail ((guint) dtype < G_N_ELEMENTS (dtypes), NULL);

  return dtypes[dtype].name;
}

static AttuneSafetensors *
safetensors_new (const char *source_name)
{
  AttuneSafetensors *self = g_new0 (AttuneSafetensors, 1);

  self->source_name = g_strdup (source_name);
  self->fd = -1;
  self->tensors = g_array_new (FALSE, TRUE, sizeof (AttuneTensorView));
  self->metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_atomic_ref_count_init (&self->ref_count);

  return self;
}

/**
 * attune_safetensors_new_for_bytes:
 * @source_name: what to call it in errors
 *
 * Returns: (transfer full) (nullable): views into @bytes, which is referenced; FORMAT or
 *   UNSUPPORTED otherwise
 */
AttuneSafetensors *
attune_safetensors_new_for_bytes (GBytes      *bytes,
                                  const char  *source_name,
                                  GError     **error)
{
  AttuneSafetensors *self = safetensors_new (source_name);
  const guint8 *data;

  self->bytes = g_bytes_ref (bytes);
  data = g_bytes_get_data (bytes, &self->length);
  if (!attune_safetensors_parse (data, self->length, source_name, self->tensors, self->metadata,
                                 error))
    {
      attune_safetensors_unref (self);
      return NULL;
    }

  return self;
}

/**
 * attune_safetensors_open:
 *
 * Maps a file and validates all of its header. The file must not be written over while it is
 * mapped; replacing it by renaming is fine.
 *
 * Returns: (transfer full) (nullable): MISSING, FORMAT, UNSUPPORTED or an IO error otherwise
 */
AttuneSafetensors *
attune_safetensors_open (const char  *path,
                         GError     **error)
{
  AttuneSafetensors *self = safetensors_new (path);
  struct stat info;

  self->fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (self->fd < 0 || fstat (self->fd, &info) != 0)
    {
      int saved = errno;

      if (saved == ENOENT || saved == ENOTDIR)
        g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISSING,
                     _("There is no file “%s”"), path);
      else
        g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
                     _("Could not open “%s”: %s"), path, g_strerror (saved));
      attune_safetensors_unref (self);
      return NULL;
    }

  if (!S_ISREG (info.st_mode) || info.st_size == 0)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   S_ISREG (info.st_mode) ? _("“%s” is empty") : _("“%s” is not a regular file"),
                   path);
      attune_safetensors_unref (self);
      return NULL;
    }

  self->length = info.st_size;
  self->map = mmap (NULL, self->length, PROT_READ, MAP_PRIVATE, self->fd, 0);
  if (self->map == MAP_FAILED)
    {
      int saved = errno;

      self->map = NULL;
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), _("Could not map “%s”: %s"),
                   path, g_strerror (saved));
      attune_safetensors_unref (self);
      return NULL;
    }

  if (!attune_safetensors_parse (self->map, self->length, path, self->tensors, self->metadata,
                                 error))
    {
      attune_safetensors_unref (self);
      return NULL;
    }

  return self;
}

/**
 * attune_safetensors_ref:
 *
 * Returns: (transfer full): @self
 */
AttuneSafetensors *
attune_safetensors_ref (AttuneSafetensors *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

/**
 * attune_safetensors_unref:
 *
 * The last one unmaps the file; views into it are dead then.
 */
void
attune_safetensors_unref (AttuneSafetensors *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  for (guint i = 0; i < self->tensors->len; i++)
    g_free ((char *) g_array_index (self->tensors, AttuneTensorView, i).name);
  g_array_unref (self->tensors);
  g_hash_table_unref (self->metadata);
  if (self->map != NULL)
    munmap (self->map, self->length);
  if (self->fd >= 0)
    close (self->fd);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self->source_name);
  g_free (self);
}

/**
 * attune_safetensors_get_n_tensors:
 *
 * Returns: how many tensors there are, possibly none
 */
guint
attune_safetensors_get_n_tensors (AttuneSafetensors *self)
{
  return self->tensors->len;
}

/**
 * attune_safetensors_get_tensor:
 * @index: below attune_safetensors_get_n_tensors()
 *
 * Returns: (transfer none): a view, in order of name
 */
const AttuneTensorView *
attune_safetensors_get_tensor (AttuneSafetensors *self,
                               guint              index)
{
  g_return_val_if_fail (index < self->tensors->len, NULL);

  return &g_array_index (self->tensors, AttuneTensorView, index);
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (((const AttuneTensorView *) a)->name, ((const AttuneTensorView *) b)->name);
}

/**
 * attune_safetensors_lookup:
 *
 * Returns: (transfer none) (nullable): the view of that name, exactly as the file spells it
 */
const AttuneTensorView *
attune_safetensors_lookup (AttuneSafetensors *self,
                           const char        *name)
{
  AttuneTensorView wanted = { .name = name };
  guint index;

  if (!g_array_binary_search (self->tensors, &wanted, compare_names, &index))
    return NULL;

  return &g_array_index (self->tensors, AttuneTensorView, index);
}

/**
 * attune_safetensors_get_metadata:
 *
 * Returns: (transfer none) (nullable): the value of @key in "__metadata__"
 */
const char *
attune_safetensors_get_metadata (AttuneSafetensors *self,
                                 const char        *key)
{
  return g_hash_table_lookup (self->metadata, key);
}

/**
 * attune_safetensors_check_length:
 *
 * Returns: %FALSE with a FORMAT error when the file has been cut short since it was opened
 */
gboolean
attune_safetensors_check_length (AttuneSafetensors  *self,
                                 GError            **error)
{
  struct stat info;

  if (self->fd < 0)
    return TRUE;
  if (fstat (self->fd, &info) != 0 || (guint64) info.st_size < self->length)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _("“%s” was cut short while it was open"), self->source_name);
      return FALSE;
    }

  return TRUE;
}

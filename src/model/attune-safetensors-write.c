/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing safetensors as the reference implementation orders them: widest type first, then by name;
 * the header padded with spaces so that the data begins at a multiple of eight. Unlike the
 * reference, the file is fsynced. Any thread but the main one.
 */
#include "config.h"

#include "attune-safetensors.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-durable.h"
#include "attune-json.h"

static int
compare_for_writing (gconstpointer a,
                     gconstpointer b)
{
  const AttuneTensorView *x = *(const AttuneTensorView *const *) a;
  const AttuneTensorView *y = *(const AttuneTensorView *const *) b;
  int difference = (int) attune_dtype_get_size (y->dtype) - (int) attune_dtype_get_size (x->dtype);

  return difference != 0 ? difference : strcmp (x->name, y->name);
}

static void
add_metadata (yyjson_mut_doc     *document,
              yyjson_mut_val     *root,
              const char * const *metadata)
{
  yyjson_mut_val *object = yyjson_mut_obj_add_obj (document, root, "__metadata__");

  yyjson_mut_obj_add_str (document, object, "format", "pt");
  for (; metadata != NULL && metadata[0] != NULL; metadata += 2)
    if (strcmp (metadata[0], "format") != 0)
      yyjson_mut_obj_add_str (document, object, metadata[0], metadata[1]);
}

/* Returns the header's JSON for free(); *length is without padding. */
static char *
build_header (GPtrArray           *tensors,
              const char * const  *metadata,
              gsize               *length,
              GError             **error)
{
  g_autoptr (yyjson_mut_doc) document = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (document);
  yyjson_write_err err = { 0 };
  guint64 at = 0;
  size_t n = 0;
  char *json;

  yyjson_mut_doc_set_root (document, root);
  add_metadata (document, root, metadata);

  for (guint i = 0; i < tensors->len; i++)
    {
      const AttuneTensorView *tensor = g_ptr_array_index (tensors, i);
      yyjson_mut_val *info = yyjson_mut_obj_add_obj (document, root, tensor->name);
      yyjson_mut_val *shape, *offsets;

      yyjson_mut_obj_add_str (document, info, "dtype", attune_dtype_get_name (tensor->dtype));
      shape = yyjson_mut_obj_add_arr (document, info, "shape");
      for (guint d = 0; d < tensor->n_dims; d++)
        yyjson_mut_arr_add_uint (document, shape, tensor->shape[d]);
      offsets = yyjson_mut_obj_add_arr (document, info, "data_offsets");
      yyjson_mut_arr_add_uint (document, offsets, at);
      at += tensor->length;
      yyjson_mut_arr_add_uint (document, offsets, at);
    }

  json = yyjson_mut_write_opts (document, YYJSON_WRITE_NOFLAG, NULL, &n, &err);
  if (json == NULL)
    g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                 _("Could not write JSON: %s"), err.msg);
  *length = n;

  return json;
}

/* What the reader would refuse must not be written. */
static gboolean
check_tensors (GPtrArray  *tensors,
               GError    **error)
{
  for (guint i = 0; i < tensors->len; i++)
    {
      const AttuneTensorView *tensor = g_ptr_array_index (tensors, i);
      guint64 length = attune_dtype_get_size (tensor->dtype);
      gboolean overflow = FALSE;

      for (guint d = 0; d < tensor->n_dims; d++)
        overflow |= __builtin_mul_overflow (length, tensor->shape[d], &length);

      if (overflow || length != tensor->length)
        {
          g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH,
                       _("Tensor “%s” has %zu bytes, which do not make up its shape"),
                       tensor->name, tensor->length);
          return FALSE;
        }
      for (guint j = 0; j < i; j++)
        if (strcmp (tensor->name, ((AttuneTensorView *) g_ptr_array_index (tensors, j))->name) == 0)
          {
            g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH,
                         _("There are two tensors named “%s”"), tensor->name);
            return FALSE;
          }
    }

  return TRUE;
}

/* Where tensors without data come from. */
typedef struct {
  const AttuneTensorView *tensors;
  AttuneTensorReadFunc read;
  gpointer user_data;
} TensorSource;

static gboolean
write_tensor (AttuneDurableFile       *file,
              const AttuneTensorView  *tensor,
              const TensorSource      *source,
              GError                 **error)
{
  g_autofree guint8 *data = NULL;

  if (tensor->data != NULL || tensor->length == 0)
    return attune_durable_file_write (file, tensor->data, tensor->length, error);

  data = g_try_malloc (tensor->length);
  if (data == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                   _("There is not enough memory to write the tensor “%s”"), tensor->name);
      return FALSE;
    }
  return source->read ((guint) (tensor - source->tensors), data, source->user_data, error)
         && attune_durable_file_write (file, data, tensor->length, error);
}

static gboolean
write_contents (AttuneDurableFile   *file,
                GPtrArray           *tensors,
                const TensorSource  *source,
                const char          *json,
                gsize                json_length,
                GError             **error)
{
  static const char padding[8] = "        ";
  gsize n_padding = (8 - json_length % 8) % 8;
  guint64 header_length = GUINT64_TO_LE ((guint64) json_length + n_padding);

  if (!attune_durable_file_write (file, &header_length, sizeof header_length, error)
      || !attune_durable_file_write (file, json, json_length, error)
      || !attune_durable_file_write (file, padding, n_padding, error))
    return FALSE;

  for (guint i = 0; i < tensors->len; i++)
    if (!write_tensor (file, g_ptr_array_index (tensors, i), source, error))
      return FALSE;

  return TRUE;
}

static gboolean
write_file (const char          *path,
            const TensorSource  *source,
            guint                n_tensors,
            const char * const  *metadata,
            GError             **error)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_sized_new (n_tensors);
  AttuneDurableFile file = { 0 };
  gsize json_length;
  gboolean ok;
  char *json;

  for (guint i = 0; i < n_tensors; i++)
    g_ptr_array_add (sorted, (gpointer) &source->tensors[i]);
  g_ptr_array_sort (sorted, compare_for_writing);

  if (!check_tensors (sorted, error))
    return FALSE;
  json = build_header (sorted, metadata, &json_length, error);
  if (json == NULL)
    return FALSE;

  ok = attune_durable_file_open (&file, path, error);
  if (ok && !write_contents (&file, sorted, source, json, json_length, error))
    {
      attune_durable_file_abandon (&file);
      ok = FALSE;
    }
  else if (ok)
    ok = attune_durable_file_commit (&file, error);

  free (json);
  return ok;
}

/**
 * attune_safetensors_write:
 * @tensors: (array length=n_tensors): in any order
 * @metadata: (nullable): NULL-terminated key, value, key, value …
 *
 * Writes a file whole or not at all; one that is there already is replaced by renaming, so that a
 * mapping of it stays as it was.
 *
 * Returns: %FALSE with MISMATCH when a tensor's length is not that of its shape, or an IO error
 */
gboolean
attune_safetensors_write (const char              *path,
                          const AttuneTensorView  *tensors,
                          guint                    n_tensors,
                          const char * const      *metadata,
                          GError                 **error)
{
  TensorSource source = { .tensors = tensors };

  return write_file (path, &source, n_tensors, metadata, error);
}

/**
 * attune_safetensors_write_reading:
 * @read: called once for each tensor whose data is %NULL, in the order of the file
 *
 * As attune_safetensors_write(), for tensors of which there is not room for a second copy.
 */
gboolean
attune_safetensors_write_reading (const char              *path,
                                  const AttuneTensorView  *tensors,
                                  guint                    n_tensors,
                                  AttuneTensorReadFunc     read,
                                  gpointer                 user_data,
                                  GError                 **error)
{
  TensorSource source = { tensors, read, user_data };

  return write_file (path, &source, n_tensors, NULL, error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The header of a safetensors file: 8 bytes of length (little-endian), that many bytes of JSON,
 * then the data. Everything is checked against the length of the file before a tensor is handed
 * out: the tensors must cover the data exactly, without a hole, an overlap or a byte left over.
 * Values are not looked at. Any thread.
 */
#include "config.h"

#include "attune-safetensors-private.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

#include "attune-json.h"

/* The cap of the reference implementation. */
#define MAX_HEADER_LENGTH 100000000u

#define LFS_POINTER "version https://git-lfs.github.com/spec/"

/* What is being read and where it goes. */
typedef struct {
  const char *source_name;
  gsize length;
  GArray *tensors;      /* AttuneTensorView */
  GHashTable *metadata; /* char * → char * */
} Source;

typedef struct {
  AttuneTensorView view;
  guint64 begin;
  guint64 end;
} Entry;

/* All that is wrong with a file reads alike: "“path” is not a whole safetensors file: …" */
static gboolean malformed (const Source *self,
                           GError           **error,
                           const char        *format,
                           ...) G_GNUC_PRINTF (3, 4);

static gboolean
malformed (const Source  *self,
           GError       **error,
           const char    *format,
           ...)
{
  g_autofree char *why = NULL;
  va_list args;

  va_start (args, format);
  why = g_strdup_vprintf (format, args);
  va_end (args);

  g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
               _("“%s” is not a whole safetensors file: %s"), self->source_name, why);
  return FALSE;
}

static gboolean
parse_dtype (const Source  *self,
             const char    *name,
             yyjson_val    *value,
             AttuneDtype   *dtype,
             GError       **error)
{
  const char *text = yyjson_get_str (value);

  if (text == NULL)
    return malformed (self, error, _("tensor “%s” has no data type"), name);

  for (guint i = 0; i < ATTUNE_N_DTYPES; i++)
    if (strcmp (text, attune_dtype_get_name (i)) == 0)
      {
        *dtype = i;
        return TRUE;
      }

  g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
               _("Tensor “%s” of “%s” has the data type “%.16s”, which Attune does not know"), name,
               self->source_name, text);
  return FALSE;
}

/* Fills entry from {"dtype":…,"shape":[…],"data_offsets":[begin,end]}. */
static gboolean
parse_tensor (const Source  *self,
              const char    *name,
              yyjson_val    *info,
              Entry         *entry,
              GError       **error)
{
  yyjson_val *dtype = NULL, *shape = NULL, *offsets = NULL, *key, *dimension;
  yyjson_obj_iter keys;
  yyjson_arr_iter dimensions;
  guint64 length;

  if (!yyjson_is_obj (info))
    return malformed (self, error, _("tensor “%s” is not described by an object"), name);

  keys = yyjson_obj_iter_with (info);
  while ((key = yyjson_obj_iter_next (&keys)) != NULL)
    {
      yyjson_val **slot = yyjson_equals_str (key, "dtype")          ? &dtype
                          : yyjson_equals_str (key, "shape")        ? &shape
                          : yyjson_equals_str (key, "data_offsets") ? &offsets
                                                                    : NULL;

      if (slot == NULL || *slot != NULL)
        return malformed (self, error, _("tensor “%s” has a surplus key “%.32s”"), name,
                          yyjson_get_str (key));
      *slot = yyjson_obj_iter_get_val (key);
    }

  if (!parse_dtype (self, name, dtype, &entry->view.dtype, error))
    return FALSE;
  if (!yyjson_is_arr (shape))
    return malformed (self, error, _("tensor “%s” has no shape"), name);
  if (yyjson_arr_size (shape) > ATTUNE_MAX_DIMS)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
                   _("Tensor “%s” of “%s” has more than %d dimensions"), name, self->source_name,
                   ATTUNE_MAX_DIMS);
      return FALSE;
    }

  length = attune_dtype_get_size (entry->view.dtype);
  dimensions = yyjson_arr_iter_with (shape);
  while ((dimension = yyjson_arr_iter_next (&dimensions)) != NULL)
    {
      guint64 n = yyjson_get_uint (dimension);

      if (!yyjson_is_uint (dimension))
        return malformed (self, error, _("tensor “%s” has a dimension that is no whole number"),
                          name);
      if (__builtin_mul_overflow (length, n, &length))
        return malformed (self, error, _("tensor “%s” is larger than any memory"), name);
      entry->view.shape[entry->view.n_dims++] = n;
    }

  if (!yyjson_is_arr (offsets) || yyjson_arr_size (offsets) != 2
      || !yyjson_is_uint (yyjson_arr_get (offsets, 0))
      || !yyjson_is_uint (yyjson_arr_get (offsets, 1)))
    return malformed (self, error, _("tensor “%s” has no data offsets"), name);

  entry->begin = yyjson_get_uint (yyjson_arr_get (offsets, 0));
  entry->end = yyjson_get_uint (yyjson_arr_get (offsets, 1));
  if (entry->end < entry->begin || entry->end - entry->begin != length)
    return malformed (self, error,
                      _("tensor “%s” needs %" PRIu64 " bytes but its offsets are %" PRIu64
                        " to %" PRIu64),
                      name, length, entry->begin, entry->end);

  entry->view.length = length;
  return TRUE;
}

static gboolean
parse_metadata (const Source  *self,
                yyjson_val    *object,
                GError       **error)
{
  yyjson_obj_iter iter = yyjson_obj_iter_with (object);
  const char *duplicate;
  yyjson_val *key;

  if (!yyjson_is_obj (object))
    return malformed (self, error, _("“__metadata__” is not an object"));
  if (attune_json_has_duplicates (object, &duplicate))
    return malformed (self, error, _("“__metadata__” says “%.64s” twice"), duplicate);

  while ((key = yyjson_obj_iter_next (&iter)) != NULL)
    {
      const char *value = yyjson_get_str (yyjson_obj_iter_get_val (key));

      if (value == NULL)
        return malformed (self, error, _("“%.64s” in “__metadata__” is not a string"),
                          yyjson_get_str (key));
      g_hash_table_insert (self->metadata, g_strdup (yyjson_get_str (key)), g_strdup (value));
    }

  return TRUE;
}

static int
compare_offsets (gconstpointer a,
                 gconstpointer b)
{
  const Entry *x = a, *y = b;

  if (x->begin != y->begin)
    return x->begin < y->begin ? -1 : 1;
  if (x->end != y->end)
    return x->end < y->end ? -1 : 1;
  return 0;
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (((const Entry *) a)->view.name, ((const Entry *) b)->view.name);
}

/* The tensors, sorted by offset, must cover the data from its first to its last byte. */
static gboolean
check_coverage (const Source  *self,
                GArray        *entries,
                guint64        data_length,
                GError       **error)
{
  guint64 at = 0;

  g_array_sort (entries, compare_offsets);
  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = &g_array_index (entries, Entry, i);

      if (entry->begin != at)
        return malformed (self, error,
                          _("tensor “%s” begins at byte %" PRIu64 " of the data, not at "
                            "%" PRIu64),
                          entry->view.name, entry->begin, at);
      at = entry->end;
    }

  if (at > data_length)
    return malformed (self, error,
                      _("%" PRIu64 " of %" PRIu64 " bytes are missing at its end; download or "
                        "copy it again"),
                      at - data_length, at);
  if (at < data_length)
    return malformed (self, error, _("%" PRIu64 " bytes at its end belong to no tensor"),
                      data_length - at);

  return TRUE;
}

static gboolean
parse_header (const Source  *self,
              const guint8  *data,
              gsize          header_length,
              GError       **error)
{
  g_autoptr (yyjson_doc) document = NULL;
  g_autoptr (GArray) entries = g_array_new (FALSE, TRUE, sizeof (Entry));
  const guint8 *payload = data + 8 + header_length;
  gboolean seen_metadata = FALSE;
  yyjson_obj_iter iter;
  yyjson_val *key;

  document = attune_json_parse_object ((const char *) data + 8, header_length, self->source_name,
                                       error);
  if (document == NULL)
    return FALSE;

  iter = yyjson_obj_iter_with (yyjson_doc_get_root (document));
  while ((key = yyjson_obj_iter_next (&iter)) != NULL)
    {
      const char *name = yyjson_get_str (key);
      Entry entry = { .view.name = name };

      if (strlen (name) != yyjson_get_len (key))
        return malformed (self, error, _("the name of a tensor holds U+0000"));
      if (strcmp (name, "__metadata__") == 0)
        {
          if (seen_metadata)
            return malformed (self, error, _("it holds “%s” twice"), name);
          seen_metadata = TRUE;
          if (!parse_metadata (self, yyjson_obj_iter_get_val (key), error))
            return FALSE;
          continue;
        }
      if (!parse_tensor (self, name, yyjson_obj_iter_get_val (key), &entry, error))
        return FALSE;
      g_array_append_val (entries, entry);
    }

  if (!check_coverage (self, entries, self->length - 8 - header_length, error))
    return FALSE;

  g_array_sort (entries, compare_names);
  for (guint i = 1; i < entries->len; i++)
    if (compare_names (&g_array_index (entries, Entry, i - 1), &g_array_index (entries, Entry, i))
        == 0)
      return malformed (self, error, _("it holds “%s” twice"),
                        g_array_index (entries, Entry, i).view.name);

  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = &g_array_index (entries, Entry, i);

      entry->view.name = g_strdup (entry->view.name);
      entry->view.data = payload + entry->begin;
      g_array_append_val (self->tensors, entry->view);
    }

  return TRUE;
}

/* What people have instead of a model: said by name rather than as a wrong header length. */
static gboolean
check_kind (const Source  *self,
            const guint8  *data,
            GError       **error)
{
  static const guint8 zip[] = { 'P', 'K', 3, 4 };

  if (self->length >= strlen (LFS_POINTER) && memcmp (data, LFS_POINTER, strlen (LFS_POINTER)) == 0)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _("“%s” has not been downloaded: it is a Git LFS pointer of %zu bytes "
                     "that stands for the real file; run “git lfs pull” or download it again"),
                   self->source_name, self->length);
      return FALSE;
    }
  if (self->length >= sizeof zip && memcmp (data, zip, sizeof zip) == 0)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
                   _("“%s” is a PyTorch file, which may run code when read; get the model as "
                     "safetensors"),
                   self->source_name);
      return FALSE;
    }

  return TRUE;
}

/**
 * attune_safetensors_parse:
 * @data: the whole file, @length bytes
 * @tensors: (out caller-allocates): gets an AttuneTensorView into @data for each tensor, by name;
 *   the names are the caller's to free. Untouched on failure.
 * @metadata: gets copies of "__metadata__"
 *
 * Returns: %FALSE with FORMAT or UNSUPPORTED when the file is not whole or not understood
 */
gboolean
attune_safetensors_parse (const guint8  *data,
                          gsize          length,
                          const char    *source_name,
                          GArray        *tensors,
                          GHashTable    *metadata,
                          GError       **error)
{
  const Source source = { source_name, length, tensors, metadata };
  guint64 header_length;

  if (!check_kind (&source, data, error))
    return FALSE;
  if (length < 8)
    return malformed (&source, error, _("it has only %zu bytes"), length);

  memcpy (&header_length, data, 8);
  header_length = GUINT64_FROM_LE (header_length);
  if (header_length > MAX_HEADER_LENGTH)
    return malformed (&source, error,
                      _("its header would be %" PRIu64 " bytes long, more than %u"),
                      header_length, MAX_HEADER_LENGTH);
  if (header_length > length - 8)
    return malformed (&source, error, _("its header reaches beyond its end"));

  return parse_header (&source, data, header_length, error);
}

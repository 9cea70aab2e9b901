/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Matching the tensors of a folder's files with those that its config.json asks for. Tensors are
 * known by their canonical names from here on, whatever prefix or old spelling the file uses.
 * Nothing large is allocated: tensors are views into the mapped files. Any thread.
 */
#include "config.h"

#include "attune-model-tensors.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

#include "attune-model-family.h"

/* What is matched, and what errors call it. */
typedef struct {
  const AttuneModelConfig *config;
  const char *path;
} Source;

static void
view_free (gpointer data)
{
  AttuneTensorView *view = data;

  g_free ((char *) view->name);
  g_free (view);
}

static guint
view_hash (gconstpointer view)
{
  return g_str_hash (((const AttuneTensorView *) view)->name);
}

static gboolean
view_equal (gconstpointer a,
            gconstpointer b)
{
  return strcmp (((const AttuneTensorView *) a)->name, ((const AttuneTensorView *) b)->name) == 0;
}

void
attune_model_tensors_init (AttuneModelTensors *self)
{
  self->views = g_hash_table_new_full (view_hash, view_equal, view_free, NULL);
  self->missing = g_ptr_array_new_null_terminated (1, g_free, TRUE);
  self->unexpected = g_ptr_array_new_null_terminated (1, g_free, TRUE);
  self->n_weights = 0;
}

void
attune_model_tensors_clear (AttuneModelTensors *self)
{
  g_hash_table_unref (self->views);
  g_ptr_array_unref (self->missing);
  g_ptr_array_unref (self->unexpected);
}

/* The view of that canonical name, or NULL. */
const AttuneTensorView *
attune_model_tensors_lookup (const AttuneModelTensors *self,
                             const char               *name)
{
  const AttuneTensorView wanted = { .name = name };

  return g_hash_table_lookup (self->views, &wanted);
}

static gboolean
has_prefix (const AttuneModelFamily *family,
            const char              *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (family->head) && family->head[i] != NULL; i++)
    if (g_str_has_prefix (name, family->head[i]))
      return TRUE;
  return g_str_has_prefix (name, family->prefix);
}

/* With the encoder's prefix, which files of an encoder alone leave out. "LayerNorm.gamma" of old
 * checkpoints is "LayerNorm.weight" today; nothing wider is renamed, and nothing in a format of our
 * own. */
static char *
canonical_name (const AttuneModelConfig *config,
                const char              *name)
{
  const char *prefix, *end = "";
  gsize length = strlen (name);

  if (config->rnn != NULL)
    return g_strdup (name);
  prefix = has_prefix (config->family, name) ? "" : config->family->prefix;
  if (g_str_has_suffix (name, "LayerNorm.gamma"))
    {
      length -= strlen ("gamma");
      end = "weight";
    }
  else if (g_str_has_suffix (name, "LayerNorm.beta"))
    {
      length -= strlen ("beta");
      end = "bias";
    }

  return g_strdup_printf ("%s%.*s%s", prefix, (int) length, name, end);
}

/* Whether it is of the head's last layer, and that one answers another question. */
static gboolean
is_other_output (const AttuneModelConfig *config,
                 const char              *canonical)
{
  const char *output = attune_model_config_get_output (config);

  return config->other_output && g_str_has_prefix (canonical, output)
         && canonical[strlen (output)] == '.';
}

static char *
format_shape (guint          n_dims,
              const guint64 *shape)
{
  GString *text = g_string_new ("(");

  for (guint i = 0; i < n_dims; i++)
    g_string_append_printf (text, i > 0 ? ", %" PRIu64 : "%" PRIu64, shape[i]);
  g_string_append_c (text, ')');

  return g_string_free (text, FALSE);
}

static gboolean
is_floating (AttuneDtype dtype)
{
  return dtype == ATTUNE_DTYPE_F32 || dtype == ATTUNE_DTYPE_F16 || dtype == ATTUNE_DTYPE_BF16
         || dtype == ATTUNE_DTYPE_F64;
}

static gboolean
index_views (AttuneModelTensors  *self,
             const Source        *source,
             AttuneSafetensors   *file,
             GError             **error)
{
  guint n = attune_safetensors_get_n_tensors (file);

  for (guint i = 0; i < n; i++)
    {
      const AttuneTensorView *found = attune_safetensors_get_tensor (file, i);
      g_autofree char *name = canonical_name (source->config, found->name);
      AttuneTensorView *view;

      if (is_other_output (source->config, name))
        continue;
      view = g_memdup2 (found, sizeof *found);
      view->name = g_steal_pointer (&name);
      if (!g_hash_table_add (self->views, view))
        {
          g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH,
                       _("“%s/model.safetensors” holds the tensor “%s” under two spellings"),
                       source->path, found->name);
          return FALSE;
        }
    }

  return TRUE;
}

/* What no tensor of the model is called. */
static void
list_unexpected (AttuneModelTensors *self,
                 const Source       *source,
                 AttuneSafetensors  *file,
                 GHashTable         *expected)
{
  for (guint i = 0; i < attune_safetensors_get_n_tensors (file); i++)
    {
      const char *name = attune_safetensors_get_tensor (file, i)->name;
      g_autofree char *canonical = canonical_name (source->config, name);

      if ((!g_hash_table_contains (expected, canonical)
           || is_other_output (source->config, canonical))
          && !g_str_has_suffix (canonical, "embeddings.position_ids"))
        g_ptr_array_add (self->unexpected, g_strdup (name));
    }
}

/* Classes of the head: those the weights have, else those config.json names, else two. */
static gboolean
count_labels (AttuneModelTensors  *self,
              const Source        *source,
              guint               *n_labels,
              GError             **error)
{
  g_autofree char *name = g_strconcat (attune_model_config_get_output (source->config), ".weight",
                                       NULL);
  const AttuneTensorView *head = attune_model_tensors_lookup (self, name);
  guint n_names = source->config->label_names != NULL ? g_strv_length (source->config->label_names) : 0;

  *n_labels = n_names > 0 ? n_names : 2;
  if (head == NULL || head->n_dims == 0)
    return TRUE;

  if (head->shape[0] == 0 || head->shape[0] > G_MAXINT32
      || (n_names > 0 && head->shape[0] != n_names))
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH,
                   _("“%s/config.json” names %u labels, but the classifier in model.safetensors "
                     "has %" PRIu64),
                   source->path, n_names, head->shape[0]);
      return FALSE;
    }

  *n_labels = head->shape[0];
  return TRUE;
}

static gboolean
check_view (const Source            *source,
            const AttuneTensorSpec  *spec,
            const AttuneTensorView  *view,
            GError                 **error)
{
  if (view->n_dims != spec->n_dims
      || memcmp (view->shape, spec->shape, spec->n_dims * sizeof *spec->shape) != 0)
    {
      g_autofree char *has = format_shape (view->n_dims, view->shape);
      g_autofree char *needs = format_shape (spec->n_dims, spec->shape);

      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH,
                   _("Tensor “%s” of “%s/model.safetensors” has shape %s where config.json asks "
                     "for %s"),
                   spec->name, source->path, has, needs);
      return FALSE;
    }
  if (!is_floating (view->dtype))
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
                   _("Tensor “%s” of “%s/model.safetensors” holds %s, not floating-point numbers"),
                   spec->name, source->path, attune_dtype_get_name (view->dtype));
      return FALSE;
    }

  return TRUE;
}

/**
 * attune_model_tensors_match:
 * @weights: (element-type AttuneSafetensors): the files that make the weights
 * @path: of the folder, for errors
 *
 * Compares what there is with what @config asks for. Only head and pooler may be absent.
 *
 * Returns: %FALSE with MISMATCH or UNSUPPORTED, naming a tensor
 */
gboolean
attune_model_tensors_match (AttuneModelTensors       *self,
                            const AttuneModelConfig  *config,
                            GPtrArray                *weights,
                            const char               *path,
                            GError                  **error)
{
  const Source source = { config, path };
  g_autoptr (GPtrArray) specs = NULL;
  g_autoptr (GHashTable) expected = g_hash_table_new (g_str_hash, g_str_equal);
  const char *first = NULL;
  guint n_labels, n_lost = 0;

  for (guint i = 0; i < weights->len; i++)
    if (!index_views (self, &source, g_ptr_array_index (weights, i), error))
      return FALSE;
  if (!count_labels (self, &source, &n_labels, error))
    return FALSE;

  specs = attune_model_config_list_tensors (config, n_labels);
  for (guint i = 0; i < specs->len; i++)
    {
      const AttuneTensorSpec *spec = g_ptr_array_index (specs, i);
      const AttuneTensorView *view = attune_model_tensors_lookup (self, spec->name);

      g_hash_table_add (expected, spec->name);
      if (view == NULL)
        {
          g_ptr_array_add (self->missing, g_strdup (spec->name));
          if (!spec->is_optional && n_lost++ == 0)
            first = spec->name;
          continue;
        }
      if (!check_view (&source, spec, view, error))
        return FALSE;
      self->n_weights += view->length / attune_dtype_get_size (view->dtype);
    }

  if (n_lost > 0)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH,
                   _("“%s/model.safetensors” lacks %u of the tensors that config.json asks for, "
                     "the first being “%s”"),
                   path, n_lost, first);
      return FALSE;
    }

  for (guint i = 0; i < weights->len; i++)
    list_unexpected (self, &source, g_ptr_array_index (weights, i), expected);

  return TRUE;
}

/* Index of the first element that is not finite, or n. An exponent of all ones is Inf or NaN. */
static gsize
find_non_finite (const AttuneTensorView *view)
{
  gsize size = attune_dtype_get_size (view->dtype);
  gsize n = view->length / size;

  for (gsize i = 0; i < n; i++)
    {
      guint64 mask, bits = 0;

      memcpy (&bits, view->data + i * size, size);
      mask = view->dtype == ATTUNE_DTYPE_F32    ? 0x7f800000
             : view->dtype == ATTUNE_DTYPE_BF16 ? 0x7f80
             : view->dtype == ATTUNE_DTYPE_F16  ? 0x7c00
                                                : 0x7ff0000000000000;
      if ((bits & mask) == mask)
        return i;
    }

  return n;
}

/**
 * attune_model_tensors_check_finite:
 *
 * Returns: %FALSE with FORMAT naming a tensor with a NaN or an infinity, or CANCELLED
 */
gboolean
attune_model_tensors_check_finite (const AttuneModelTensors  *self,
                                   const char                *path,
                                   GCancellable              *cancellable,
                                   GError                   **error)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->views);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      const AttuneTensorView *view = key;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (is_floating (view->dtype)
          && find_non_finite (view) < view->length / attune_dtype_get_size (view->dtype))
        {
          g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                       _("Tensor “%s” of “%s/model.safetensors” holds NaN or infinity; the model "
                         "is damaged"),
                       view->name, path);
          return FALSE;
        }
    }

  return TRUE;
}

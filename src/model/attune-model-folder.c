/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening a HF folder: config.json says which tensors there must be, model.safetensors must hold
 * them in those shapes, and the vocabulary must fit the word embeddings. Tensors are known by their
 * canonical names from here on, whatever prefix or old spelling the file uses. Nothing large is
 * allocated: tensors are views into the mapped file. Any thread; immutable once opened.
 */
#include "config.h"

#include "attune-model-folder.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

#include "attune-json.h"
#include "attune-model-family.h"
#include "attune-model-store.h"
#include "attune-model-weights.h"
#include "attune-tokenizer-files.h"

#define MAX_CONFIG_LENGTH (16u << 20)

struct _AttuneModelFolder {
  char *path;
  AttuneModelConfig *config;
  AttuneTokenizer *tokenizer;
  GPtrArray *weights;     /* of AttuneSafetensors */
  GHashTable *views;      /* AttuneTensorView, a set by name */
  GPtrArray *missing;     /* NULL-terminated */
  GPtrArray *unexpected;  /* NULL-terminated */
  GPtrArray *warnings;    /* NULL-terminated */
  guint64 n_weights;
  guint64 n_bytes;
  AttuneModelFolder *encoder; /* of one that is not written: where weights come from; nullable */
  gatomicrefcount ref_count;
};

static void
view_free (gpointer data)
{
  AttuneTensorView *view = data;

  g_free ((char *) view->name);
  g_free (view);
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
index_views (AttuneModelFolder  *self,
             AttuneSafetensors  *file,
             GError            **error)
{
  guint n = attune_safetensors_get_n_tensors (file);

  for (guint i = 0; i < n; i++)
    {
      const AttuneTensorView *found = attune_safetensors_get_tensor (file, i);
      AttuneTensorView *view = g_memdup2 (found, sizeof *found);

      view->name = canonical_name (self->config, found->name);
      if (!g_hash_table_add (self->views, view))
        {
          g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH,
                       _("“%s/model.safetensors” holds the tensor “%s” under two spellings"),
                       self->path, found->name);
          return FALSE;
        }
    }

  return TRUE;
}

/* What no tensor of the model is called. */
static void
list_unexpected (AttuneModelFolder *self,
                 AttuneSafetensors *file,
                 GHashTable        *expected)
{
  for (guint i = 0; i < attune_safetensors_get_n_tensors (file); i++)
    {
      const char *name = attune_safetensors_get_tensor (file, i)->name;
      g_autofree char *canonical = canonical_name (self->config, name);

      if (!g_hash_table_contains (expected, canonical)
          && !g_str_has_suffix (canonical, "embeddings.position_ids"))
        g_ptr_array_add (self->unexpected, g_strdup (name));
    }
}

/* Classes of the head: those the weights have, else those config.json names, else two. */
static gboolean
count_labels (AttuneModelFolder  *self,
              guint              *n_labels,
              GError            **error)
{
  g_autofree char *name = g_strconcat (attune_model_config_get_output (self->config), ".weight",
                                       NULL);
  const AttuneTensorView *head = attune_model_folder_lookup (self, name);
  guint n_names = self->config->label_names != NULL ? g_strv_length (self->config->label_names) : 0;

  *n_labels = n_names > 0 ? n_names : 2;
  if (head == NULL || head->n_dims == 0)
    return TRUE;

  if (head->shape[0] == 0 || head->shape[0] > G_MAXINT32
      || (n_names > 0 && head->shape[0] != n_names))
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH,
                   _("“%s/config.json” names %u labels, but the classifier in model.safetensors "
                     "has %" PRIu64),
                   self->path, n_names, head->shape[0]);
      return FALSE;
    }

  *n_labels = head->shape[0];
  return TRUE;
}

static gboolean
check_view (AttuneModelFolder       *self,
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
                   spec->name, self->path, has, needs);
      return FALSE;
    }
  if (!is_floating (view->dtype))
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
                   _("Tensor “%s” of “%s/model.safetensors” holds %s, not floating-point numbers"),
                   spec->name, self->path, attune_dtype_get_name (view->dtype));
      return FALSE;
    }

  return TRUE;
}

/* Compares what there is with what there must be. Only head and pooler may be absent. */
static gboolean
match_tensors (AttuneModelFolder  *self,
               GError            **error)
{
  g_autoptr (GPtrArray) specs = NULL;
  g_autoptr (GHashTable) expected = g_hash_table_new (g_str_hash, g_str_equal);
  const char *first = NULL;
  guint n_labels, n_lost = 0;

  if (!count_labels (self, &n_labels, error))
    return FALSE;

  specs = attune_model_config_list_tensors (self->config, n_labels);
  for (guint i = 0; i < specs->len; i++)
    {
      const AttuneTensorSpec *spec = g_ptr_array_index (specs, i);
      const AttuneTensorView *view = attune_model_folder_lookup (self, spec->name);

      g_hash_table_add (expected, spec->name);
      if (view == NULL)
        {
          g_ptr_array_add (self->missing, g_strdup (spec->name));
          if (!spec->is_optional && n_lost++ == 0)
            first = spec->name;
          continue;
        }
      if (!check_view (self, spec, view, error))
        return FALSE;
      self->n_weights += view->length / attune_dtype_get_size (view->dtype);
    }

  if (n_lost > 0)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH,
                   _("“%s/model.safetensors” lacks %u of the tensors that config.json asks for, "
                     "the first being “%s”"),
                   self->path, n_lost, first);
      return FALSE;
    }

  for (guint i = 0; i < self->weights->len; i++)
    list_unexpected (self, g_ptr_array_index (self->weights, i), expected);

  return TRUE;
}

/* Embeddings are often padded to a round number of rows, rarely by a few of a great many; nothing
 * else may differ. */
static gboolean
check_vocabulary (AttuneModelFolder  *self,
                  GError            **error)
{
  guint n_tokens = attune_tokenizer_get_n_tokens (self->tokenizer);
  guint n_rows = self->config->vocab_size;

  if (n_tokens == n_rows)
    return TRUE;
  for (guint round = 8; round <= 512 && n_tokens < n_rows; round *= 2)
    if ((n_tokens + round - 1) / round * round == n_rows)
      return TRUE;
  if (n_tokens < n_rows && n_rows - n_tokens <= n_rows / 1000)
    {
      g_ptr_array_add (self->warnings,
                       g_strdup_printf (_("The vocabulary in “%s” has %u tokens and the model rows "
                                          "for %u; the last ones are never used"),
                                        self->path, n_tokens, n_rows));
      return TRUE;
    }

  g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH,
               _("The vocabulary in “%s” has %u tokens, but the model was made for %u; they do not "
                 "belong together"),
               self->path, n_tokens, n_rows);
  return FALSE;
}

static gboolean
load (AttuneModelFolder     *self,
      AttuneModelOpenFlags   flags,
      GError               **error)
{
  g_autofree char *config_path = g_build_filename (self->path, "config.json", NULL);
  g_autoptr (GBytes) json = NULL;

  json = attune_json_load_file (config_path, MAX_CONFIG_LENGTH, error);
  if (json == NULL)
    return FALSE;
  self->config = attune_model_config_parse (json, config_path, error);
  if (self->config == NULL)
    return FALSE;

  self->weights = attune_model_weights_open (self->path, &self->n_bytes, error);
  if (self->weights == NULL)
    return FALSE;
  for (guint i = 0; i < self->weights->len; i++)
    if (!index_views (self, g_ptr_array_index (self->weights, i), error))
      return FALSE;
  if (!match_tensors (self, error))
    return FALSE;

  if (flags & ATTUNE_MODEL_OPEN_NO_TOKENIZER)
    return TRUE;
  self->tokenizer = attune_tokenizer_files_load (
    self->path, attune_model_config_get_max_length (self->config), self->warnings, error);

  return self->tokenizer != NULL && check_vocabulary (self, error);
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

static AttuneModelFolder *
create (const char *path)
{
  AttuneModelFolder *self = g_new0 (AttuneModelFolder, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->path = g_strdup (path);
  self->views = g_hash_table_new_full (view_hash, view_equal, view_free, NULL);
  self->missing = g_ptr_array_new_null_terminated (1, g_free, TRUE);
  self->unexpected = g_ptr_array_new_null_terminated (1, g_free, TRUE);
  self->warnings = g_ptr_array_new_null_terminated (1, g_free, TRUE);
  return self;
}

/**
 * attune_model_folder_open:
 * @path: a folder with config.json, model.safetensors (or several files and their index) and,
 *   unless @flags says that no tokenizer is needed, vocab.txt or tokenizer.json
 *
 * A model without head or pooler opens; attune_model_folder_get_missing() lists them.
 *
 * Returns: (transfer full) (nullable): MISSING, FORMAT, UNSUPPORTED or MISMATCH otherwise, naming
 *   file and tensor; errors of the tokenizer; IO errors
 */
AttuneModelFolder *
attune_model_folder_open (const char            *path,
                          AttuneModelOpenFlags   flags,
                          GError               **error)
{
  AttuneModelFolder *self = create (path);

  if (attune_model_store_get_scratch (path) != NULL)
    g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISSING,
                 _("The model “%s” knows nothing before it is trained; name a run of it instead"),
                 attune_model_store_get_scratch (path));
  else if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISSING,
                 _("There is no folder “%s”"), path);
  else if (load (self, flags, error))
    return self;

  attune_model_folder_unref (self);
  return NULL;
}

/**
 * attune_model_folder_new_unwritten:
 * @encoder: (nullable): whose tensors are looked up, too
 *
 * Returns: (transfer full): a model whose own weights are still to be drawn
 */
AttuneModelFolder *
attune_model_folder_new_unwritten (const char              *name,
                                   const AttuneModelConfig *config,
                                   AttuneTokenizer         *tokenizer,
                                   AttuneModelFolder       *encoder)
{
  AttuneModelFolder *self = create (name);
  guint n_labels = config->label_names != NULL ? g_strv_length (config->label_names) : 2;
  g_autoptr (GPtrArray) specs = attune_model_config_list_tensors (config, n_labels);

  self->config = attune_model_config_copy (config);
  self->tokenizer = attune_tokenizer_ref (tokenizer);
  if (encoder != NULL)
    self->encoder = attune_model_folder_ref (encoder);
  for (guint i = 0; i < specs->len; i++)
    {
      const AttuneTensorSpec *spec = g_ptr_array_index (specs, i);

      self->n_weights += spec->shape[0] * (spec->n_dims > 1 ? spec->shape[1] : 1);
    }
  self->n_bytes = sizeof (float) * self->n_weights;
  return self;
}

/**
 * attune_model_folder_is_written:
 *
 * Returns: %FALSE for one of attune_model_folder_new_unwritten()
 */
gboolean
attune_model_folder_is_written (AttuneModelFolder *self)
{
  return self->weights != NULL;
}

/**
 * attune_model_folder_ref:
 *
 * Returns: (transfer full): @self
 */
AttuneModelFolder *
attune_model_folder_ref (AttuneModelFolder *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

/**
 * attune_model_folder_unref:
 *
 * The last one unmaps the weights; views of them are dead then.
 */
void
attune_model_folder_unref (AttuneModelFolder *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_hash_table_unref (self->views);
  g_ptr_array_unref (self->missing);
  g_ptr_array_unref (self->unexpected);
  g_ptr_array_unref (self->warnings);
  g_clear_pointer (&self->weights, g_ptr_array_unref);
  g_clear_pointer (&self->encoder, attune_model_folder_unref);
  g_clear_pointer (&self->tokenizer, attune_tokenizer_unref);
  g_clear_pointer (&self->config, attune_model_config_free);
  g_free (self->path);
  g_free (self);
}

/**
 * attune_model_folder_get_path:
 *
 * Returns: (transfer none): as it was opened
 */
const char *
attune_model_folder_get_path (AttuneModelFolder *self)
{
  return self->path;
}

/**
 * attune_model_folder_get_config:
 *
 * Returns: (transfer none): what config.json says
 */
const AttuneModelConfig *
attune_model_folder_get_config (AttuneModelFolder *self)
{
  return self->config;
}

/**
 * attune_model_folder_get_tokenizer:
 *
 * Returns: (transfer none) (nullable): %NULL when the folder was opened without
 */
AttuneTokenizer *
attune_model_folder_get_tokenizer (AttuneModelFolder *self)
{
  return self->tokenizer;
}

/**
 * attune_model_folder_get_n_weights:
 *
 * Returns: numbers in all tensors that belong to the model
 */
guint64
attune_model_folder_get_n_weights (AttuneModelFolder *self)
{
  return self->n_weights;
}

/**
 * attune_model_folder_get_n_bytes:
 *
 * Returns: length of model.safetensors, or of the files it is divided into
 */
guint64
attune_model_folder_get_n_bytes (AttuneModelFolder *self)
{
  return self->n_bytes;
}

/**
 * attune_model_folder_lookup:
 * @name: canonical, "bert.embeddings.LayerNorm.weight"
 *
 * Returns: (transfer none) (nullable): a view with that name; its data need not be aligned
 */
const AttuneTensorView *
attune_model_folder_lookup (AttuneModelFolder *self,
                            const char        *name)
{
  const AttuneTensorView wanted = { .name = name };

  /* What an encoder answered before is not what this one will. */
  if (self->encoder != NULL)
    return g_str_has_prefix (name, "classifier.") ? NULL
                                                  : attune_model_folder_lookup (self->encoder, name);
  return g_hash_table_lookup (self->views, &wanted);
}

/**
 * attune_model_folder_get_missing:
 *
 * Returns: (transfer none): canonical names of head and pooler tensors that the file lacks
 */
const char * const *
attune_model_folder_get_missing (AttuneModelFolder *self)
{
  return (const char * const *) self->missing->pdata;
}

/**
 * attune_model_folder_get_unexpected:
 *
 * Returns: (transfer none): names, as the file spells them, of tensors that are not used
 */
const char * const *
attune_model_folder_get_unexpected (AttuneModelFolder *self)
{
  return (const char * const *) self->unexpected->pdata;
}

/**
 * attune_model_folder_get_warnings:
 *
 * Returns: (transfer none): contradictions between the tokenizer's files and how they were decided
 */
const char * const *
attune_model_folder_get_warnings (AttuneModelFolder *self)
{
  return (const char * const *) self->warnings->pdata;
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
 * attune_model_folder_check_finite:
 *
 * Returns: %FALSE with FORMAT naming a tensor with a NaN or an infinity, or CANCELLED
 */
gboolean
attune_model_folder_check_finite (AttuneModelFolder  *self,
                                  GCancellable       *cancellable,
                                  GError            **error)
{
  GHashTableIter iter;
  gpointer key;

  for (guint i = 0; i < self->weights->len; i++)
    if (!attune_safetensors_check_length (g_ptr_array_index (self->weights, i), error))
      return FALSE;

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
                       view->name, self->path);
          return FALSE;
        }
    }

  return TRUE;
}

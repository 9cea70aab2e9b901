/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading the classes off a folder's head. Names come from config.json; how many there are, and
 * whether there is a head at all, from the weights. Any thread.
 */
#include "config.h"

#include "attune-model-head.h"

#include <glib/gi18n.h>

/* More are no classes. */
#define MAX_LABELS 100000
/* Of a long list of classes the first few are named. */
#define MOST_NAMED 6
#define MOST_CHARACTERS 40

gboolean
attune_model_head_is_output (const AttuneTensorSpec *spec,
                             guint                   n_labels)
{
  return spec->is_head && spec->n_dims > 0 && spec->shape[0] == n_labels;
}

/**
 * attune_model_head_get_bias_name:
 *
 * Returns: (transfer full): as the file of the family lists it; the last of its head
 */
char *
attune_model_head_get_bias_name (const AttuneModelConfig *config)
{
  g_autoptr (GPtrArray) specs = attune_model_config_list_tensors (config, 1);

  for (guint i = specs->len; i-- > 0;)
    {
      const AttuneTensorSpec *spec = g_ptr_array_index (specs, i);

      if (attune_model_head_is_output (spec, 1) && spec->n_dims == 1)
        return g_strdup (spec->name);
    }
  return g_strdup ("classifier.bias");
}

/**
 * attune_model_head_list_labels:
 *
 * Returns: (transfer full) (nullable): as many names as the head has classes
 */
char **
attune_model_head_list_labels (AttuneModelFolder *folder)
{
  const AttuneModelConfig *config = attune_model_folder_get_config (folder);
  g_autofree char *name = attune_model_head_get_bias_name (config);
  const AttuneTensorView *bias = attune_model_folder_lookup (folder, name);
  g_autoptr (GStrvBuilder) labels = g_strv_builder_new ();

  /* Head and pooler are all that may be missing, and a classifier needs both. */
  if (bias == NULL || bias->n_dims != 1 || bias->shape[0] == 0 || bias->shape[0] > MAX_LABELS
      || attune_model_folder_get_missing (folder)[0] != NULL)
    return NULL;

  if (config->label_names != NULL && g_strv_length (config->label_names) == bias->shape[0])
    return g_strdupv (config->label_names);
  for (guint i = 0; i < bias->shape[0]; i++)
    g_strv_builder_take (labels, g_strdup_printf ("LABEL_%u", i));
  return g_strv_builder_end (labels);
}

/**
 * attune_model_head_describe_labels:
 *
 * Returns: (transfer full): the labels as a part of a sentence
 */
char *
attune_model_head_describe_labels (const char * const *labels)
{
  guint n = g_strv_length ((char **) labels);
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < MIN (n, MOST_NAMED); i++)
    {
      g_autofree char *label = g_utf8_truncate_middle (labels[i], MOST_CHARACTERS);

      if (i > 0)
        /* Translators: between two labels. */
        g_string_append (names, _(", "));
      /* Translators: a label of the data, quoted. */
      g_string_append_printf (names, _("“%s”"), label);
    }
  if (n > MOST_NAMED)
    g_string_append_printf (names, ngettext (" and %u more", " and %u more", n - MOST_NAMED),
                            n - MOST_NAMED);
  return g_string_free (names, FALSE);
}

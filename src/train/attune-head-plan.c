/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Comparing the classes of a model with those of data. Names are the same as they stand, or, where
 * that leaves no doubt, without regard to case and to spaces around them. Names that transformers
 * gives to classes without one (LABEL_0 …) say nothing. Any thread.
 */
#include "config.h"

#include "attune-head-plan.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-model-head.h"

void
attune_head_plan_free (AttuneHeadPlan *self)
{
  if (self == NULL)
    return;
  g_free (self->rows);
  g_free (self->notice);
  g_free (self);
}

static gboolean
are_unnamed (const char * const *labels)
{
  for (guint i = 0; labels[i] != NULL; i++)
    {
      g_autofree char *name = g_strdup_printf ("LABEL_%u", i);

      if (!g_str_equal (labels[i], name))
        return FALSE;
    }
  return TRUE;
}

static char *
fold (const char *label)
{
  g_autofree char *normal = g_utf8_normalize (label, -1, G_NORMALIZE_NFC);
  g_autofree char *folded = g_utf8_casefold (normal != NULL ? normal : label, -1);

  return g_strdup (g_strstrip (folded));
}

/* Name → place + 1; NULL when two names are one. */
static GHashTable *
index_labels (const char * const *labels,
              gboolean            folded)
{
  g_autoptr (GHashTable) places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; labels[i] != NULL; i++)
    if (!g_hash_table_insert (places, folded ? fold (labels[i]) : g_strdup (labels[i]),
                              GUINT_TO_POINTER (i + 1)))
      return NULL;
  return g_steal_pointer (&places);
}

/* For each class of the data the model's; NULL unless each has exactly one. */
static guint *
map (const char * const *model_labels,
     const char * const *data_labels,
     gboolean            folded)
{
  guint n = g_strv_length ((char **) data_labels);
  g_autoptr (GHashTable) places = index_labels (model_labels, folded);
  g_autoptr (GHashTable) others = index_labels (data_labels, folded);
  g_autofree guint *rows = g_new (guint, n);

  if (places == NULL || others == NULL)
    return NULL;
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *key = folded ? fold (data_labels[i]) : g_strdup (data_labels[i]);
      guint place = GPOINTER_TO_UINT (g_hash_table_lookup (places, key));

      if (place == 0)
        return NULL;
      rows[i] = place - 1;
    }
  return g_steal_pointer (&rows);
}

/* Data whose classes are 0 … n - 1 means those numbers, whichever stands first in the file. */
static guint *
map_numbers (const char * const *data_labels)
{
  guint n = g_strv_length ((char **) data_labels);
  g_autofree guint *rows = g_new (guint, n);
  g_autofree gboolean *taken = g_new0 (gboolean, n);

  for (guint i = 0; i < n; i++)
    {
      guint64 number;

      if (!g_ascii_string_to_unsigned (data_labels[i], 10, 0, n - 1, &number, NULL)
          || taken[number])
        return NULL;
      taken[number] = TRUE;
      rows[i] = (guint) number;
    }
  return g_steal_pointer (&rows);
}

static gboolean
is_identity (const guint *rows,
             guint        n)
{
  for (guint i = 0; i < n; i++)
    if (rows[i] != i)
      return FALSE;
  return TRUE;
}

static char *
describe (AttuneHeadFate      fate,
          const char * const *model_labels,
          const char * const *data_labels)
{
  g_autofree char *model = attune_model_head_describe_labels (model_labels);
  g_autofree char *data = attune_model_head_describe_labels (data_labels);

  switch (fate)
    {
    case ATTUNE_HEAD_KEPT:
      return g_strdup_printf (_("The model was fine-tuned for these classes before, %s; its "
                                "classifier is kept"), model);
    case ATTUNE_HEAD_UNNAMED:
      return g_strdup_printf (_("The classes of the model’s own classifier have no names; it is kept "
                                "and taken to mean, in this order, %s"), data);
    case ATTUNE_HEAD_MAPPED:
      return g_strdup_printf (_("The model was fine-tuned for the same classes in another order, %s; "
                                "its classifier is kept and put in the order of the data, %s"),
                              model, data);
    case ATTUNE_HEAD_REPLACED:
    default:
      return g_strdup_printf (_("The model was fine-tuned for other classes, %s; its classifier is "
                                "replaced by a new one for those of the data, %s"), model, data);
    }
}

/**
 * attune_head_plan_new:
 * @model_labels: NULL-terminated: the classes of the model's classifier, in its order
 * @data_labels: NULL-terminated: those it is to learn
 *
 * Returns: (transfer full): what becomes of it
 */
AttuneHeadPlan *
attune_head_plan_new (const char * const *model_labels,
                      const char * const *data_labels)
{
  guint n = g_strv_length ((char **) data_labels);
  AttuneHeadPlan *self = g_new0 (AttuneHeadPlan, 1);

  self->fate = ATTUNE_HEAD_REPLACED;
  if (n > 0 && g_strv_length ((char **) model_labels) == n)
    {
      const gboolean unnamed = are_unnamed (model_labels);

      self->rows = map (model_labels, data_labels, FALSE);
      if (self->rows == NULL)
        self->rows = unnamed ? map_numbers (data_labels) : map (model_labels, data_labels, TRUE);
      if (self->rows != NULL)
        self->fate = is_identity (self->rows, n) ? ATTUNE_HEAD_KEPT : ATTUNE_HEAD_MAPPED;
      else if (unnamed)
        self->fate = ATTUNE_HEAD_UNNAMED;
    }
  if (self->fate != ATTUNE_HEAD_MAPPED)
    g_clear_pointer (&self->rows, g_free);
  self->notice = describe (self->fate, model_labels, data_labels);

  return self;
}

const char *
attune_head_plan_get_code (const AttuneHeadPlan *self)
{
  switch (self->fate)
    {
    case ATTUNE_HEAD_UNNAMED:
      return "head-unnamed";
    case ATTUNE_HEAD_MAPPED:
      return "head-mapped";
    case ATTUNE_HEAD_REPLACED:
      return "head-replaced";
    case ATTUNE_HEAD_KEPT:
    default:
      return NULL;
    }
}

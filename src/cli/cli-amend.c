/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Options to amendments, and amendments to data sets.
 */
#include "config.h"

#include "cli-amend.h"

#include <glib/gi18n.h>
#include <string.h>

void
cli_amend_options_clear (CliAmendOptions *self)
{
  g_clear_pointer (&self->drop, g_strfreev);
  g_clear_pointer (&self->drop_labels, g_strfreev);
  g_clear_pointer (&self->merge, g_strfreev);
  g_clear_pointer (&self->rename, g_strfreev);
}

static gboolean
add_kinds (AttuneAmendments  *amendments,
           const char        *kinds,
           GError           **error)
{
  g_auto (GStrv) names = g_strsplit (kinds, ",", -1);

  for (guint i = 0; names[i] != NULL; i++)
    {
      AttuneDrop drop = attune_drop_from_name (g_strstrip (names[i]));

      if (drop == ATTUNE_DROP_NOTHING)
        {
          g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       _("--drop knows empty, duplicates, conflicting and overlap, not “%s”"),
                       names[i]);
          return FALSE;
        }
      amendments->drop |= drop;
    }
  return TRUE;
}

/* "from=to"; the first "=" counts. */
static gboolean
add_change (AttuneAmendments  *amendments,
            AttuneChangeKind   kind,
            const char        *option,
            const char        *text,
            GError           **error)
{
  const char *equals = strchr (text, '=');
  g_autofree char *from = NULL;

  if (equals == NULL || equals == text || equals[1] == '\0')
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _("%s needs LABEL=NAME, not “%s”"), option, text);
      return FALSE;
    }
  from = g_strndup (text, (gsize) (equals - text));
  attune_amendments_add_change (amendments, kind, from, equals + 1);
  return TRUE;
}

AttuneAmendments *
cli_amend_options_parse (const CliAmendOptions  *self,
                         GError                **error)
{
  g_autoptr (AttuneAmendments) amendments = attune_amendments_new ();

  for (guint i = 0; self->drop != NULL && self->drop[i] != NULL; i++)
    if (!add_kinds (amendments, self->drop[i], error))
      return NULL;
  for (guint i = 0; self->merge != NULL && self->merge[i] != NULL; i++)
    if (!add_change (amendments, ATTUNE_CHANGE_MERGE, "--merge-labels", self->merge[i], error))
      return NULL;
  for (guint i = 0; self->rename != NULL && self->rename[i] != NULL; i++)
    if (!add_change (amendments, ATTUNE_CHANGE_RENAME, "--rename-label", self->rename[i], error))
      return NULL;
  for (guint i = 0; self->drop_labels != NULL && self->drop_labels[i] != NULL; i++)
    attune_amendments_add_change (amendments, ATTUNE_CHANGE_DROP, self->drop_labels[i], NULL);
  return g_steal_pointer (&amendments);
}

gboolean
cli_amend (const AttuneAmendments  *amendments,
           AttuneDataset          **dataset,
           AttuneDataset          **validation,
           GError                 **error)
{
  g_autoptr (AttuneDataset) amended_validation = NULL;
  g_autoptr (AttuneDataset) amended = NULL;

  if (*validation != NULL)
    {
      amended_validation = attune_amendments_apply_to_validation (amendments, *validation, error);
      if (amended_validation == NULL)
        return FALSE;
    }
  amended = attune_amendments_apply (amendments, *dataset, amended_validation, NULL, error);
  if (amended == NULL)
    return FALSE;
  g_set_object (dataset, amended);
  g_set_object (validation, amended_validation);
  return TRUE;
}

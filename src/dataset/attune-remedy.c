/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRemedy as a value.
 */
#include "config.h"

#include "attune-remedy.h"

#include <glib/gi18n.h>

AttuneRemedy *
attune_remedy_new_amend (char                   *words,
                         const AttuneAmendments *amendments)
{
  AttuneRemedy *self = g_new0 (AttuneRemedy, 1);

  self->words = words;
  self->amendments = attune_amendments_copy (amendments);
  return self;
}

AttuneRemedy *
attune_remedy_new_drop (AttuneDrop drop,
                        guint      n)
{
  g_autoptr (AttuneAmendments) amendments = attune_amendments_new ();

  amendments->drop = drop;
  return attune_remedy_new_amend (g_strdup_printf (ngettext ("Drop %'u Row", "Drop %'u Rows", n),
                                                   n), amendments);
}

AttuneRemedy *
attune_remedy_new_setting (char       *words,
                           const char *setting,
                           char       *value)
{
  AttuneRemedy *self = g_new0 (AttuneRemedy, 1);

  self->words = words;
  self->setting = setting;
  self->value = value;
  return self;
}

void
attune_remedy_free (AttuneRemedy *self)
{
  if (self == NULL)
    return;
  g_free (self->words);
  attune_amendments_free (self->amendments);
  g_free (self->value);
  g_free (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneAmendments as a value: made, copied, added up, compared.
 */
#include "config.h"

#include "attune-amendments.h"

G_DEFINE_BOXED_TYPE (AttuneAmendments, attune_amendments, attune_amendments_copy,
                     attune_amendments_free)

static void
change_free (AttuneLabelChange *self)
{
  g_free (self->from);
  g_free (self->to);
  g_free (self);
}

static gboolean
change_equal (const AttuneLabelChange *a,
              const AttuneLabelChange *b)
{
  return a->kind == b->kind && g_str_equal (a->from, b->from) && g_strcmp0 (a->to, b->to) == 0;
}

static gboolean
find_change (const AttuneAmendments  *self,
             const AttuneLabelChange *change,
             guint                   *position)
{
  for (guint i = 0; i < self->changes->len; i++)
    if (change_equal (g_ptr_array_index (self->changes, i), change))
      {
        if (position != NULL)
          *position = i;
        return TRUE;
      }
  return FALSE;
}

/* Empty. */
AttuneAmendments *
attune_amendments_new (void)
{
  AttuneAmendments *self = g_new0 (AttuneAmendments, 1);

  self->changes = g_ptr_array_new_with_free_func ((GDestroyNotify) change_free);
  return self;
}

void
attune_amendments_free (AttuneAmendments *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->changes);
  g_free (self);
}

AttuneAmendments *
attune_amendments_copy (const AttuneAmendments *self)
{
  AttuneAmendments *copy;

  if (self == NULL)
    return NULL;
  copy = attune_amendments_new ();
  attune_amendments_add (copy, self);
  return copy;
}

gboolean
attune_amendments_is_empty (const AttuneAmendments *self)
{
  return self == NULL || (self->drop == ATTUNE_DROP_NOTHING && self->changes->len == 0);
}

gboolean
attune_amendments_equal (const AttuneAmendments *a,
                         const AttuneAmendments *b)
{
  if (attune_amendments_is_empty (a) || attune_amendments_is_empty (b))
    return attune_amendments_is_empty (a) && attune_amendments_is_empty (b);
  if (a->drop != b->drop || a->changes->len != b->changes->len)
    return FALSE;
  for (guint i = 0; i < a->changes->len; i++)
    if (!change_equal (g_ptr_array_index (a->changes, i), g_ptr_array_index (b->changes, i)))
      return FALSE;
  return TRUE;
}

/* A change that is there already is not added again; to: NULL for ATTUNE_CHANGE_DROP. */
void
attune_amendments_add_change (AttuneAmendments *self,
                              AttuneChangeKind  kind,
                              const char       *from,
                              const char       *to)
{
  AttuneLabelChange change = { kind, (char *) from, (char *) to };

  g_return_if_fail (from != NULL);
  g_return_if_fail ((to == NULL) == (kind == ATTUNE_CHANGE_DROP));

  if (find_change (self, &change, NULL))
    return;
  change.from = g_strdup (from);
  change.to = g_strdup (to);
  g_ptr_array_add (self->changes, g_memdup2 (&change, sizeof change));
}

void
attune_amendments_add (AttuneAmendments       *self,
                       const AttuneAmendments *other)
{
  self->drop |= other->drop;
  for (guint i = 0; i < other->changes->len; i++)
    {
      const AttuneLabelChange *change = g_ptr_array_index (other->changes, i);

      attune_amendments_add_change (self, change->kind, change->from, change->to);
    }
}

void
attune_amendments_subtract (AttuneAmendments       *self,
                            const AttuneAmendments *other)
{
  self->drop &= ~other->drop;
  for (guint i = 0; i < other->changes->len; i++)
    {
      guint position;

      if (find_change (self, g_ptr_array_index (other->changes, i), &position))
        g_ptr_array_remove_index (self->changes, position);
    }
}

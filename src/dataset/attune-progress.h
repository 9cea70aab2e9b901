/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How far a reading has come, told on the thread that reads.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* fraction: 0 to 1 of all that there is to do */
typedef void (*AttuneProgressFunc) (double   fraction,
                                    gpointer data);

typedef struct {
  AttuneProgressFunc func; /* nullable */
  gpointer data;
  double from, to;         /* what this part of the work is of the whole */
} AttuneProgress;

static inline void
attune_progress_say (const AttuneProgress *self,
                     double                fraction)
{
  if (self != NULL && self->func != NULL)
    self->func (self->from + (self->to - self->from) * CLAMP (fraction, 0, 1), self->data);
}

/* A part of this part. */
static inline AttuneProgress
attune_progress_part (const AttuneProgress *self,
                      double                from,
                      double                to)
{
  AttuneProgress part = { 0 };

  if (self != NULL)
    {
      part = *self;
      part.from = self->from + (self->to - self->from) * from;
      part.to = self->from + (self->to - self->from) * to;
    }
  return part;
}

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Giving up, for good, everything but computing and writing to two open files.
 */
#pragma once

#include "attune-convert-fault.h"

G_BEGIN_DECLS

typedef struct {
  guint64 memory;    /* bytes of address space */
  guint64 file_size; /* bytes a file may grow to */
  guint64 seconds;   /* of processor time */
} AttuneConfinement;

gboolean attune_confine (const AttuneConfinement *limits,
                         AttuneConvertFault      *fault);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Faults of the disk: a program that is linked with this has its calls that change files counted,
 * and one of them, or all from one on, fail; or the program is killed in the middle of one.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  FAULT_NONE,     /* only count */
  FAULT_KILL,     /* SIGKILL; of a write, half is done */
  FAULT_ONCE,     /* the call fails, the next ones do not */
  FAULT_FROM_ON,  /* it and all later ones fail, but for removals */
} FaultKind;

/* Counts calls on files in folder from now on; the nth (from 1) is the one. number: an errno. */
void  fault_layer_arm       (const char *folder,
                             FaultKind   kind,
                             guint       nth,
                             int         number);
/* Calls since then. Arms nothing any more. */
guint fault_layer_disarm    (void);

G_END_DECLS

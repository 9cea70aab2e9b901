/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: the names that people give to columns of texts and of labels.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  ATTUNE_COLUMN_TEXT,
  ATTUNE_COLUMN_LABEL,
} AttuneColumnRole;

/* How well a name fits: 0 best, from ATTUNE_COLUMN_NAME_WORDS on by one of its words, -1 not at
 * all. */
#define ATTUNE_COLUMN_NAME_WORDS 1000

gint attune_column_name_rank (const char       *name,
                              AttuneColumnRole  role);

G_END_DECLS

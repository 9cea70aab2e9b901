/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: what the name of a file or folder says about what is in it.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An AttunePart by one of the words of a name ("SST-2_dev.tsv", "train-00000-of-00002.parquet",
 * "stsa.binary.test"); -1 if none says it. */
gint     attune_data_name_get_part      (const char *name);
/* "-00000-of-00002": how many pieces there are; 0 if it is none. */
guint    attune_data_name_get_n_shards  (const char *name);
/* Whether it may be a table of texts, and (is_text) a text of its own. */
gboolean attune_data_name_is_table      (const char *name);
gboolean attune_data_name_is_text       (const char *name);
/* "unsup", "unlabeled", … */
gboolean attune_data_name_is_unlabelled (const char *name);
/* What comes behind the last dot, without that of a compression, in lower case. (transfer full) */
char    *attune_data_name_get_kind      (const char *name);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names for labels that the data gives as numbers: a text file with a name a line, the first for 0.
 */
#pragma once

#include "attune-table.h"

G_BEGIN_DECLS

/* Returns: (transfer full): NULL-terminated; every name is different and none is empty. */
char    **attune_label_names_read      (GFile               *file,
                                        GError             **error);
/* The file beside a table that names its n_labels labels; NULL without an error if there is none
 * that fits. file_name: (out) (transfer full): what it is called. */
char    **attune_label_names_find      (AttuneTable         *table,
                                        guint                n_labels,
                                        guint                largest,
                                        char               **file_name);

/* Whether no name is a number, so that numbers can stand for the names. */
gboolean  attune_label_names_have_ids  (const char * const  *names);
/* "7" but not "07", "+7" or "7.0"; FALSE above largest. */
gboolean  attune_label_parse_id        (const char          *text,
                                        guint                largest,
                                        guint               *id);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: several labels in a row, as cells with a separator, as cells of a list
 * column, or as columns of 0 and 1; and how likely it is that a file means that.
 */
#pragma once

#include "attune-dataset.h"

G_BEGIN_DECLS

typedef enum {
  ATTUNE_SEVERAL_NO,
  ATTUNE_SEVERAL_POSSIBLE, /* one label with the separator in its name is as likely */
  ATTUNE_SEVERAL_LIKELY,
} AttuneSeveral;

/* Whether the cells of a column hold several labels, and then what stands between them. */
AttuneSeveral attune_label_cells_look    (AttuneTable          *table,
                                          gint                  column,
                                          char                 *separator);
/* Columns of nothing but 0 and 1 beside text and pair, three at least, become the label columns.
 * FALSE: there are none, and columns is as it was. */
gboolean      attune_label_cells_find_columns (AttuneTable     *table,
                                          AttuneColumns        *columns);

/* A label of a row; valid until the call returns. */
typedef gboolean (*AttuneLabelFunc)      (const char           *label,
                                          gpointer              user_data);
typedef enum {
  ATTUNE_ROW_LABELLED,
  ATTUNE_ROW_UNKNOWN, /* says nothing of its labels */
  ATTUNE_ROW_REFUSED, /* an error is set, or func returned FALSE */
} AttuneRowLabels;
AttuneRowLabels attune_label_cells_foreach (AttuneTable         *table,
                                          const AttuneColumns  *columns,
                                          guint                 row,
                                          GString              *scratch,
                                          AttuneLabelFunc       func,
                                          gpointer              user_data,
                                          GError              **error);

G_END_DECLS

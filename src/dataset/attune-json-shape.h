/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: where the rows of a JSON text are.
 */
#pragma once

#include "attune-json-cursor.h"

G_BEGIN_DECLS

typedef enum {
  ATTUNE_JSON_NONE,    /* no table */
  ATTUNE_JSON_LINES,   /* objects one after the other */
  ATTUNE_JSON_ARRAY,   /* [{…}, {…}], perhaps within {"data": …} */
  ATTUNE_JSON_RECORDS, /* {"0": {…}, "1": {…}} */
  ATTUNE_JSON_COLUMNS, /* {"text": […], "label": […]}, or objects with numbers for keys */
} AttuneJsonShape;

/* rows: (out): where the first row, or the first column, is. */
AttuneJsonShape attune_json_find_shape (const char       *data,
                                        gsize             length,
                                        gboolean          is_head,
                                        AttuneJsonCursor *rows);

/* The next row of a shape that has rows. FALSE at the end, or, with *broken, where the text is not
 * what it should be. */
gboolean        attune_json_next_row   (AttuneJsonCursor *self,
                                        AttuneJsonShape   shape,
                                        guint             n_before,
                                        AttuneJsonSlice  *row,
                                        gboolean         *broken);

G_END_DECLS

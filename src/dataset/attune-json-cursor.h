/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: where the values of a JSON text begin and end, without a tree of all of it.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  const char *data; /* length bytes, then a NUL */
  gsize length;
  gsize at;
  guint64 line;     /* of at, from 1 */
} AttuneJsonCursor;

typedef struct {
  gsize start;
  gsize length;
  guint64 line; /* of start */
} AttuneJsonSlice;

/* Over white space. The byte it stops at; NUL at the end. */
char     attune_json_cursor_skip_space  (AttuneJsonCursor *self);
/* Over white space and one value of whatever kind, by its quotes and brackets alone: whether it is
 * JSON is for a parser to say. FALSE, with the cursor at the value's beginning, if it never ends. */
gboolean attune_json_cursor_take_value  (AttuneJsonCursor *self,
                                         AttuneJsonSlice  *slice);
/* Over white space and that byte, or FALSE. */
gboolean attune_json_cursor_take_byte   (AttuneJsonCursor *self,
                                         char              byte);
/* Inside an array or object: to the next item, whose key is in key (nullable for arrays). FALSE at
 * the closing bracket, which is stepped over, or, with *broken, where there is no such thing. */
gboolean attune_json_cursor_next_item   (AttuneJsonCursor *self,
                                         char              close,
                                         guint             n_before,
                                         AttuneJsonSlice  *key,
                                         gboolean         *broken);

G_END_DECLS

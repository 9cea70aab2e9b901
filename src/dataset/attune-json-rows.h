/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: the columns of JSON rows, and the rows as cells. First each row is learnt,
 * then attune_json_rows_begin(), then each is added.
 */
#pragma once

#include <yyjson.h>

#include "attune-table-builder.h"

G_BEGIN_DECLS

typedef struct _AttuneJsonRows AttuneJsonRows;

AttuneJsonRows *attune_json_rows_new               (const char      *source_name);
void            attune_json_rows_free              (AttuneJsonRows  *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneJsonRows, attune_json_rows_free)

/* Valid until the next one is parsed; yyjson_doc_free() it. NULL: offset says where it is wrong. */
yyjson_doc     *attune_json_rows_parse             (AttuneJsonRows  *self,
                                                    const char      *data,
                                                    gsize            length,
                                                    gsize           *offset);
/* FALSE: there are too many columns. */
gboolean        attune_json_rows_learn             (AttuneJsonRows  *self,
                                                    yyjson_val      *row);
gboolean        attune_json_rows_begin             (AttuneJsonRows  *self,
                                                    GError         **error);
gboolean        attune_json_rows_add               (AttuneJsonRows  *self,
                                                    yyjson_val      *row,
                                                    guint64          line,
                                                    GError         **error);

/* Of a text that has its columns one after the other. quoted: the name as JSON. FALSE if it is no
 * string, or one that was there before. */
gboolean        attune_json_rows_name_column       (AttuneJsonRows  *self,
                                                    const char      *quoted,
                                                    gsize            length);
void            attune_json_rows_learn_cell        (AttuneJsonRows  *self,
                                                    guint            column,
                                                    yyjson_val      *value);
gboolean        attune_json_rows_add_cell          (AttuneJsonRows  *self,
                                                    guint            column,
                                                    yyjson_val      *value,
                                                    guint64          line,
                                                    GError         **error);

guint           attune_json_rows_get_n_columns     (AttuneJsonRows  *self);
/* (nullable) (transfer full) */
char           *attune_json_rows_describe_left_out (AttuneJsonRows  *self);
AttuneTableBuilder *
                attune_json_rows_steal_builder     (AttuneJsonRows  *self);

G_END_DECLS

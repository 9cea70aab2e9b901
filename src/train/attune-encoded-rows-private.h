/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Encoding some rows of a data set, and taking some encoded rows, cut to a maximum found afterwards.
 */
#pragma once

#include "attune-encoded-rows.h"
#include "attune-text-cut.h"

G_BEGIN_DECLS

/* n_rows rows without tokens; ids and type_ids are yet to be set. */
AttuneEncodedRows *attune_encoded_rows_create       (guint                    n_rows);
AttuneEncodedRows *attune_encoded_rows_new_for_rows (AttuneDataset           *dataset,
                                                     const GArray            *rows,
                                                     AttuneTokenizer         *tokenizer,
                                                     guint                    max_length,
                                                     const AttuneRowThreads  *threads,
                                                     GCancellable            *cancellable,
                                                     GError                 **error);
AttuneEncodedRows *attune_encoded_rows_select       (AttuneEncodedRows       *self,
                                                     const GArray            *indices,
                                                     AttuneDataset           *dataset,
                                                     const GArray            *rows,
                                                     AttuneTokenizer         *tokenizer,
                                                     const AttuneTextCut     *cut,
                                                     GError                 **error);
gboolean           attune_encode_row                (AttuneDataset           *dataset,
                                                     guint                    row,
                                                     AttuneTokenizer         *tokenizer,
                                                     guint                    max_length,
                                                     AttuneEncoding          *encoding,
                                                     GError                 **error);

G_END_DECLS

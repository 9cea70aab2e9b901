/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Encoding some rows of a data set, and cutting encoded rows to a maximum found afterwards.
 */
#pragma once

#include "attune-encoded-rows.h"

G_BEGIN_DECLS

AttuneEncodedRows *attune_encoded_rows_new_for_rows (AttuneDataset      *dataset,
                                                     const GArray       *rows,
                                                     AttuneTokenizer    *tokenizer,
                                                     guint               max_length,
                                                     GCancellable       *cancellable,
                                                     GError            **error);
AttuneEncodedRows *attune_encoded_rows_shorten      (AttuneEncodedRows  *self,
                                                     AttuneDataset      *dataset,
                                                     const GArray       *rows,
                                                     AttuneTokenizer    *tokenizer,
                                                     guint               max_length,
                                                     GError            **error);

G_END_DECLS

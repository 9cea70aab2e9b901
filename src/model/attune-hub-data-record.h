/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SET.json beside a data set from the Hub, written once it is whole: what it is and what its files
 * are. By it the data set is found again when nobody may be asked.
 */
#pragma once

#include "attune-hub-transfer.h"

G_BEGIN_DECLS

gboolean attune_hub_data_record (AttuneHubTransfer  *transfer,
                                 GError            **error);
/* revision, part: nullable. (transfer full) (nullable): a folder whose files are all right. */
char    *attune_hub_data_find   (const char         *base,
                                 const char         *id,
                                 const char         *revision,
                                 const char         *part,
                                 GCancellable       *cancellable);

G_END_DECLS

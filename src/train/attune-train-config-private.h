/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the two halves of AttuneTrainConfig (values, text forms) share.
 */
#pragma once

#include "attune-train-config.h"

G_BEGIN_DECLS

char    *attune_train_config_format_number (double              number);
gboolean attune_train_config_check_value   (const AttuneField  *field,
                                            const char         *value,
                                            GError            **error);
char    *attune_train_config_find_nearest  (const char         *name);

G_END_DECLS

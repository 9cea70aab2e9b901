/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Settings as the command line gives them: a file, then one by one.
 */
#pragma once

#include "attune-train-config.h"

G_BEGIN_DECLS

/* file: (nullable) JSON; settings: (nullable) "name=value", NULL-terminated. The whole is checked. */
gboolean cli_settings_load (AttuneTrainConfig   *config,
                            const char          *file,
                            char               **settings,
                            GError             **error);

G_END_DECLS

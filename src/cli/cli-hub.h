/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What asks the Hub: searching for models, downloading models and data sets.
 */
#pragma once

#include "attune-model-store.h"
#include "cli.h"

G_BEGIN_DECLS

int cli_hub_search   (const char       *words,
                      gboolean          json);
/* info: (out): what was installed, if it was. */
int cli_hub_download (const char       *id,
                      const char       *revision,
                      const char       *name,
                      AttuneModelInfo **info);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the engine can compute on, waited for.
 */
#pragma once

#include "attune-trainer.h"

G_BEGIN_DECLS

/* (transfer full) (element-type AttuneDeviceInfo) */
GPtrArray *cli_list_devices (AttuneTrainer  *trainer,
                             GError        **error);

G_END_DECLS

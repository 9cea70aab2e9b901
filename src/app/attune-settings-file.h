/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Settings outside the window: loaded from and saved to a JSON file that the command line takes as
 * --config, and as an equal command line. Dialogs are asynchronous; the window shows failures.
 */
#pragma once

#include "attune-project.h"
#include "attune-window.h"

G_BEGIN_DECLS

void  attune_settings_file_load             (AttuneWindow      *window,
                                             AttuneTrainConfig *config);
void  attune_settings_file_save             (AttuneWindow      *window,
                                             AttuneTrainConfig *config);
/* (transfer full): attune-cli train … that does what Start would. */
char *attune_settings_file_describe_command (AttuneProject     *project);

G_END_DECLS

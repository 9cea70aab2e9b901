/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneEventLog: a dialog with the numbers behind the plots as a table and the run's events as text
 * that can be copied.
 */
#pragma once

#include <adwaita.h>

#include "attune-run.h"

G_BEGIN_DECLS

/* (transfer floating): a dialog to present. It shows the run as it is now. */
AdwDialog *attune_event_log_new (AttuneRun *run);

G_END_DECLS

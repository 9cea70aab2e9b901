/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneLogDialog: what a run has said, as text that can be copied. It follows a live run.
 */
#pragma once

#include <adwaita.h>

#include "attune-event-log.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_LOG_DIALOG (attune_log_dialog_get_type ())
G_DECLARE_FINAL_TYPE (AttuneLogDialog, attune_log_dialog, ATTUNE, LOG_DIALOG, AdwDialog)

/* (transfer floating): a dialog to present. */
AdwDialog *attune_log_dialog_new (AttuneEventLog *log);

G_END_DECLS

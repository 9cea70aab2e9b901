/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file behind AttuneRunPredictions, for the trainer that writes it and for tests.
 */
#pragma once

#include "attune-run-folder.h"

G_BEGIN_DECLS

#define ATTUNE_RUN_PREDICTIONS_MAX_TEXT 2000

char                 *attune_run_predictions_shorten (const char                 *text,
                                                      gsize                       length);
char                 *attune_run_predictions_to_json (const AttuneRunPredictions *self,
                                                      gint64                      step);
/* The step whose evaluation made those in a run's folder, and with them best/; 0 if there is none. */
gint64                attune_run_predictions_get_step (const char               *folder);
AttuneRunPredictions *attune_run_predictions_parse   (const char                 *json,
                                                      gsize                       length,
                                                      const char                 *source_name,
                                                      GError                    **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds and opens an engine plug-in (attune-engine-<variant>.so). One libtorch per process: the
 * variant is decided before anything is opened (CUDA when its plug-in is installed and the driver
 * answers, else CPU; CPU also when the one for CUDA cannot be opened), and stays until the process
 * ends. Call from the thread that will compute; never before the window is up.
 */
#pragma once

#include <glib.h>

#include "engine.h"

G_BEGIN_DECLS

#define ATTUNE_ENGINE_ERROR (attune_engine_error_quark ())
GQuark attune_engine_error_quark (void); /* codes are AttuneEngineStatus; NO_PLUGIN besides */
#define ATTUNE_ENGINE_ERROR_NO_PLUGIN 100

/* directory: NULL for $ATTUNE_ENGINE_DIR, else the build or installed folder. $ATTUNE_ENGINE names
 * a plug-in file outright (tests: the fake engine). Returns a static table; NULL on error. */
const AttuneEngineApi *attune_engine_load       (const char               *directory,
                                                 GError                  **error);
/* Why the graphics card is not used though its plug-in is installed; NULL when it is. */
const char            *attune_engine_get_notice (gsize                    n_devices);
/* Sets *error from what an engine call reported; what is "loading the model" and such. Returns FALSE. */
gboolean               attune_engine_set_error  (GError                  **error,
                                                 const AttuneEngineError  *engine_error,
                                                 const char               *what);

G_END_DECLS

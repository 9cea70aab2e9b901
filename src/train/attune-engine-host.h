/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneEngineHost: the plug-in once it is loaded, its engine, its devices. Trainer thread only.
 */
#pragma once

#include <glib.h>

#include "attune-engine-loader.h"

G_BEGIN_DECLS

typedef struct {
  const AttuneEngineApi *api; /* NULL until loaded */
  AttuneEngine *engine;
  AttuneEngineInfo info;
  AttuneEngineDevice *devices; /* (n_devices,), the CPU first */
  guint n_devices;
  AttuneEngineProbe *probes;   /* (n_devices,), threads 0 until measured */
  gint threads;                /* as set */
  char *directory;             /* nullable */
} AttuneEngineHost;

AttuneEngineHost         *attune_engine_host_new         (const char          *directory);
void                      attune_engine_host_free        (AttuneEngineHost    *self);
/* Opens the plug-in and the engine if that has not happened. */
gboolean                  attune_engine_host_load        (AttuneEngineHost    *self,
                                                          GError             **error);
/* "auto", "cpu", "cuda", "cuda:1"; borrowed. */
const AttuneEngineDevice *attune_engine_host_find_device (AttuneEngineHost    *self,
                                                          const char          *id,
                                                          GError             **error);
char                     *attune_engine_device_get_id    (const AttuneEngineDevice *device);
/* threads 0: as many as the engine began with. */
gboolean                  attune_engine_host_set_threads (AttuneEngineHost    *self,
                                                          gint                 threads,
                                                          GError             **error);
/* What the device is fast at, with the threads that are set. Takes some tens of milliseconds at the
 * first call for a device, none later; borrowed until the threads are set anew. */
const AttuneEngineProbe  *attune_engine_host_probe       (AttuneEngineHost    *self,
                                                          const AttuneEngineDevice *device,
                                                          GError             **error);
const char               *attune_engine_precision_get_name (AttuneEnginePrecision precision);

G_END_DECLS

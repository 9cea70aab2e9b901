/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Loads the engine on the first request, never before, and knows its devices. Trainer thread only.
 */
#include "config.h"

#include <glib/gi18n.h>

#include "attune-engine-host.h"
#include "attune-train-config.h"

#define MAX_DEVICES 64

AttuneEngineHost *
attune_engine_host_new (const char *directory)
{
  AttuneEngineHost *self = g_new0 (AttuneEngineHost, 1);

  self->directory = g_strdup (directory);
  return self;
}

/* All models must be freed. */
void
attune_engine_host_free (AttuneEngineHost *self)
{
  if (self == NULL)
    return;
  if (self->api != NULL)
    self->api->close (self->engine);
  g_free (self->devices);
  g_free (self->probes);
  g_free (self->directory);
  g_free (self);
}

static gboolean
list_devices (AttuneEngineHost   *self,
              AttuneEngineError  *failure)
{
  size_t n_devices = 0;

  self->devices = g_new0 (AttuneEngineDevice, MAX_DEVICES);
  if (self->api->list_devices (self->engine, self->devices, MAX_DEVICES, &n_devices, failure)
      != ATTUNE_ENGINE_OK)
    return FALSE;
  self->n_devices = (guint) MIN (n_devices, MAX_DEVICES);
  self->probes = g_new0 (AttuneEngineProbe, self->n_devices);
  return TRUE;
}

gboolean
attune_engine_host_load (AttuneEngineHost  *self,
                         GError           **error)
{
  const AttuneEngineApi *api;
  AttuneEngineError failure = { 0 };

  if (self->api != NULL)
    return TRUE;
  api = attune_engine_load (self->directory, error);
  if (api == NULL)
    return FALSE;
  if (api->open (NULL, 0, &self->engine, &failure) != ATTUNE_ENGINE_OK)
    return attune_engine_set_error (error, &failure, _("Starting the engine"));
  self->api = api;
  if (api->get_info (self->engine, &self->info, &failure) == ATTUNE_ENGINE_OK
      && list_devices (self, &failure))
    {
      self->threads = self->info.threads;
      return TRUE;
    }
  api->close (g_steal_pointer (&self->engine));
  g_clear_pointer (&self->devices, g_free);
  g_clear_pointer (&self->probes, g_free);
  self->api = NULL;
  return attune_engine_set_error (error, &failure, _("Asking the engine for its devices"));
}

/**
 * attune_engine_host_find_device:
 * @id: "auto" is the first graphics card, else the processor
 *
 * Returns: (transfer none): the device, or %NULL with ATTUNE_TRAIN_ERROR_SETTING
 */
const AttuneEngineDevice *
attune_engine_host_find_device (AttuneEngineHost  *self,
                                const char        *id,
                                GError           **error)
{
  for (guint i = 0; i < self->n_devices; i++)
    {
      const AttuneEngineDevice *device = &self->devices[i];
      g_autofree char *own = attune_engine_device_get_id (device);
      gboolean is_cuda = device->type == ATTUNE_ENGINE_DEVICE_CUDA;

      if (g_str_equal (id, own)
          || (is_cuda && (g_str_equal (id, "auto") || g_str_equal (id, "cuda"))))
        return device;
    }
  if (g_str_equal (id, "auto") && self->n_devices > 0)
    return &self->devices[0];
  g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
               _("There is no device “%s” on this computer; set device to auto or cpu"), id);
  return NULL;
}

/* (transfer full): "cpu", "cuda:0" */
char *
attune_engine_device_get_id (const AttuneEngineDevice *device)
{
  if (device->type == ATTUNE_ENGINE_DEVICE_CUDA)
    return g_strdup_printf ("cuda:%d", device->index);
  return g_strdup ("cpu");
}

gboolean
attune_engine_host_set_threads (AttuneEngineHost  *self,
                                gint               threads,
                                GError           **error)
{
  AttuneEngineError failure = { 0 };

  if (threads <= 0)
    threads = self->info.threads;
  if (self->api->set_threads (self->engine, threads, &failure) != ATTUNE_ENGINE_OK)
    return attune_engine_set_error (error, &failure, _("Setting the number of threads"));
  self->threads = threads;
  return TRUE;
}

const AttuneEngineProbe *
attune_engine_host_probe (AttuneEngineHost          *self,
                          const AttuneEngineDevice  *device,
                          GError                   **error)
{
  AttuneEngineProbe *probe = &self->probes[device - self->devices];
  AttuneEngineError failure = { 0 };

  if (probe->threads == self->threads)
    return probe;
  if (self->api->probe (self->engine, device, probe, &failure) == ATTUNE_ENGINE_OK)
    {
      probe->threads = self->threads;
      return probe;
    }
  probe->threads = 0;
  attune_engine_set_error (error, &failure, _("Measuring what the computer is fast at"));
  return NULL;
}

/* "fp32", as the setting has it. */
const char *
attune_engine_precision_get_name (AttuneEnginePrecision precision)
{
  static const char * const names[] = {
    [ATTUNE_ENGINE_FP32] = "fp32",
    [ATTUNE_ENGINE_PRECISION_BF16] = "bf16",
    [ATTUNE_ENGINE_PRECISION_FP16] = "fp16",
  };

  return names[precision];
}

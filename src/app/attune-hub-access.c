/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Hub of the preferences; of the environment alone where no program runs around it, as in tests
 * of single parts. Looking for a token reads a file, so that such a one is made on GIO's pool.
 */
#include "config.h"

#include "attune-hub-access.h"

#include "attune-application.h"

static void
return_hub (GTask *task, AttuneHub *hub, GError *error)
{
  if (hub != NULL)
    g_task_return_pointer (task, hub, (GDestroyNotify) attune_hub_free);
  else
    g_task_return_error (task, error);
}

static void
open_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  AttuneHub *hub = attune_hub_new (NULL, FALSE, NULL, &error);

  return_hub (task, hub, error);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  AttuneHub *hub = attune_hub_settings_open_finish (ATTUNE_HUB_SETTINGS (source), result, &error);

  return_hub (task, hub, error);
}

void
attune_hub_access_open_async (GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  GApplication *application = g_application_get_default ();

  if (ATTUNE_IS_APPLICATION (application))
    attune_hub_settings_open_async (
      attune_application_get_hub_settings (ATTUNE_APPLICATION (application)), cancellable, opened_cb,
      g_steal_pointer (&task));
  else
    g_task_run_in_thread (task, open_in_thread);
}

AttuneHub *
attune_hub_access_open_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

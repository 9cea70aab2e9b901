/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading a model's configuration in a task. Nothing here touches a widget.
 */
#include "config.h"

#include "attune-model-describe.h"

#include "attune-model-store.h"
#include "attune-scratch-model.h"

static void
describe_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_autoptr (AttuneModelFolder) folder = NULL;
  GError *error = NULL;
  g_autofree char *path = attune_model_store_resolve (task_data, &error);
  const char *scratch = path != NULL ? attune_model_store_get_scratch (path) : NULL;

  if (scratch != NULL)
    {
      g_task_return_pointer (task, attune_scratch_model_create_config (scratch, NULL),
                             (GDestroyNotify) attune_model_config_free);
      return;
    }
  if (path != NULL)
    folder = attune_model_folder_open (path, ATTUNE_MODEL_OPEN_NO_TOKENIZER, &error);
  if (folder != NULL)
    g_task_return_pointer (task, attune_model_config_copy (attune_model_folder_get_config (folder)),
                           (GDestroyNotify) attune_model_config_free);
  else
    g_task_return_error (task, error);
}

/**
 * attune_model_describe_async:
 * @source: given to @callback and kept alive until then
 * @model: a name of the store or a folder
 */
void
attune_model_describe_async (GObject *source, const char *model, GAsyncReadyCallback callback)
{
  g_autoptr (GTask) task = g_task_new (source, NULL, callback, NULL);

  g_task_set_task_data (task, g_strdup (model), g_free);
  g_task_run_in_thread (task, describe_in_thread);
}

/**
 * attune_model_describe_finish:
 * @model: (out) (transfer none): which one was asked about
 *
 * Returns: (transfer full) (nullable): its configuration, or the errors of opening a folder
 */
AttuneModelConfig *
attune_model_describe_finish (GAsyncResult *result, const char **model, GError **error)
{
  *model = g_task_get_task_data (G_TASK (result));
  return g_task_propagate_pointer (G_TASK (result), error);
}

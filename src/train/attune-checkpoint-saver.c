/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the engine to checkpoints/step-N, and back. A checkpoint is made whole under a temporary
 * name, renamed, and only then are older ones removed; so whatever happens at whatever moment, the
 * newest whole one is at most one save old. Weights that are not finite are never written.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>

#include <glib/gi18n.h>

#include "attune-checkpoint-saver.h"
#include "attune-durable.h"
#include "attune-training-options.h"
#include "attune-train-config.h"

/* What is left to others on the disk. */
#define RESERVE (16 * 1024 * 1024)

/* What is copied out of the engine: its weights, then its moments. data is NULL in those views of
 * which there is no copy. */
typedef struct {
  AttuneClassifier *classifier; /* borrowed; read from only on the trainer thread */
  GArray *weights;              /* AttuneTensorView */
  GArray *moments;
  guint64 n_bytes;
} Snapshot;

typedef struct {
  AttuneCheckpointState state;
  char *run_folder;
  char *path;
  guint n_kept;
  AttuneModelConfig *config;
  char **labels;
  AttuneTokenizer *tokenizer;
  Snapshot snapshot;
  guint64 n_written;
  GError *error;
  gint done;                    /* atomic */
} Save;

struct _AttuneCheckpointSaver
{
  char *run_folder;
  guint n_kept;
  Save *save;                   /* under way, or not told yet */
  GThread *thread;
};

void
attune_checkpoint_result_clear (AttuneCheckpointResult *self)
{
  g_clear_pointer (&self->path, g_free);
  g_clear_error (&self->error);
}

static void
clear_view (gpointer view)
{
  g_free ((char *) ((AttuneTensorView *) view)->name);
  g_free ((guint8 *) ((AttuneTensorView *) view)->data);
}

static void
save_free (Save *self)
{
  g_free (self->run_folder);
  g_free (self->path);
  attune_model_config_free (self->config);
  g_strfreev (self->labels);
  attune_tokenizer_unref (self->tokenizer);
  g_clear_pointer (&self->snapshot.weights, g_array_unref);
  g_clear_pointer (&self->snapshot.moments, g_array_unref);
  g_clear_error (&self->error);
  g_free (self);
}

typedef AttuneEngineStatus (*TensorFunc) (AttuneEngineModel  *model,
                                          size_t              index,
                                          AttuneEngineTensor *tensor,
                                          AttuneEngineError  *error);

/* (element-type AttuneTensorView): names and shapes of n tensors, without data */
static GArray *
describe (AttuneClassifier  *classifier,
          size_t             n,
          TensorFunc         describe_one,
          GError           **error)
{
  g_autoptr (GArray) views = g_array_new (FALSE, TRUE, sizeof (AttuneTensorView));

  g_array_set_clear_func (views, clear_view);
  for (size_t i = 0; i < n; i++)
    {
      AttuneEngineTensor tensor = { 0 };
      AttuneEngineError failure = { 0 };
      AttuneTensorView view = { .dtype = ATTUNE_DTYPE_F32 };

      if (describe_one (classifier->model, i, &tensor, &failure) != ATTUNE_ENGINE_OK)
        {
          attune_engine_set_error (error, &failure, _("Saving a checkpoint"));
          return NULL;
        }
      view.name = g_strdup (tensor.name);
      view.n_dims = tensor.n_dims;
      view.length = sizeof (float);
      for (guint d = 0; d < tensor.n_dims; d++)
        view.length *= view.shape[d] = tensor.shape[d];
      g_array_append_val (views, view);
    }
  return g_steal_pointer (&views);
}

static gboolean
read_one (AttuneClassifier        *classifier,
          const AttuneTensorView  *view,
          guint                    index,
          TensorFunc               read,
          guint8                  *data,
          GError                 **error)
{
  AttuneEngineTensor tensor = { .name = view->name, .dtype = ATTUNE_ENGINE_F32, .data = data,
                                .length = view->length };
  AttuneEngineError failure = { 0 };

  if (read (classifier->model, index, &tensor, &failure) == ATTUNE_ENGINE_OK)
    return TRUE;
  return attune_engine_set_error (error, &failure, view->name);
}

/* Gives every view its data; FALSE without an error when memory does not suffice. */
static gboolean
copy_all (AttuneClassifier  *classifier,
          GArray            *views,
          TensorFunc         read,
          GError           **error)
{
  for (guint i = 0; i < views->len; i++)
    {
      AttuneTensorView *view = &g_array_index (views, AttuneTensorView, i);
      guint8 *data = g_try_malloc (MAX (view->length, 1));

      if (data == NULL)
        return FALSE;
      view->data = data;
      if (!read_one (classifier, view, i, read, data, error))
        return FALSE;
    }
  return TRUE;
}

static void
drop_copies (GArray *views)
{
  for (guint i = 0; i < views->len; i++)
    g_clear_pointer ((gpointer *) &g_array_index (views, AttuneTensorView, i).data, g_free);
}

/* *copied: whether all of it is in the snapshot, so that another thread may write it. */
static gboolean
take_snapshot (Snapshot          *self,
               AttuneClassifier  *classifier,
               gboolean          *copied,
               GError           **error)
{
  const AttuneEngineApi *api = classifier->api;
  AttuneEngineError failure = { 0 };
  size_t n_weights = 0, n_moments = 0;
  uint64_t updates = 0;
  GError *local_error = NULL;

  self->classifier = classifier;
  if (api->count_tensors (classifier->model, &n_weights, &failure) != ATTUNE_ENGINE_OK
      || api->count_state (classifier->model, &n_moments, &updates, &failure) != ATTUNE_ENGINE_OK)
    return attune_engine_set_error (error, &failure, _("Saving a checkpoint"));
  self->weights = describe (classifier, n_weights, api->describe_tensor, error);
  if (self->weights == NULL)
    return FALSE;
  self->moments = describe (classifier, n_moments, api->describe_state, error);
  if (self->moments == NULL)
    return FALSE;
  for (guint i = 0; i < self->weights->len; i++)
    self->n_bytes += g_array_index (self->weights, AttuneTensorView, i).length;
  for (guint i = 0; i < self->moments->len; i++)
    self->n_bytes += g_array_index (self->moments, AttuneTensorView, i).length;

  *copied = copy_all (classifier, self->weights, api->read_tensor, &local_error)
            && copy_all (classifier, self->moments, api->read_state, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, local_error);
      return FALSE;
    }
  if (!*copied)
    {
      drop_copies (self->weights);
      drop_copies (self->moments);
    }
  return TRUE;
}

/* All exponent bits set is infinity or no number. */
static gboolean
check_finite (const AttuneTensorView  *view,
              const guint8            *data,
              GError                 **error)
{
  for (gsize i = 0; i + sizeof (guint32) <= view->length; i += sizeof (guint32))
    {
      guint32 bits;

      memcpy (&bits, data + i, sizeof bits);
      if ((bits & 0x7f800000u) == 0x7f800000u)
        {
          g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_NON_FINITE,
                       _("The weights in %s are no longer finite, so they are not saved; go on "
                         "from the last checkpoint with a lower learning rate"), view->name);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
read_weight_cb (guint     index,
                guint8   *data,
                gpointer  user_data,
                GError  **error)
{
  Snapshot *self = user_data;
  const AttuneTensorView *view = &g_array_index (self->weights, AttuneTensorView, index);

  return read_one (self->classifier, view, index, self->classifier->api->read_tensor, data, error)
         && check_finite (view, data, error);
}

static gboolean
read_moment_cb (guint     index,
                guint8   *data,
                gpointer  user_data,
                GError  **error)
{
  Snapshot *self = user_data;

  return read_one (self->classifier, &g_array_index (self->moments, AttuneTensorView, index), index,
                   self->classifier->api->read_state, data, error);
}

static gboolean
write_tensors (const char            *folder,
               const char            *name,
               GArray                *views,
               AttuneTensorReadFunc   read,
               Snapshot              *snapshot,
               GError               **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return attune_safetensors_write_reading (path, (const AttuneTensorView *) views->data, views->len,
                                           read, snapshot, error);
}

static gboolean
write_files (Save        *self,
             const char  *folder,
             GError     **error)
{
  g_autofree char *json = attune_checkpoint_state_to_json (&self->state);
  g_autofree char *state = g_build_filename (folder, ATTUNE_CHECKPOINT_STATE, NULL);
  Snapshot *snapshot = &self->snapshot;

  for (guint i = 0; i < snapshot->weights->len; i++)
    {
      const AttuneTensorView *view = &g_array_index (snapshot->weights, AttuneTensorView, i);

      if (view->data != NULL && !check_finite (view, view->data, error))
        return FALSE;
    }
  return write_tensors (folder, ATTUNE_CHECKPOINT_WEIGHTS, snapshot->weights, read_weight_cb,
                        snapshot, error)
         && write_tensors (folder, ATTUNE_CHECKPOINT_OPTIMIZER, snapshot->moments, read_moment_cb,
                           snapshot, error)
         && attune_model_folder_write_description (folder, self->config,
                                                   (const char * const *) self->labels,
                                                   self->tokenizer, ATTUNE_DTYPE_F32, error)
         && attune_durable_write (state, json, strlen (json), error)
         && attune_checkpoint_seal (folder, self->state.step, &self->n_written, error);
}

gboolean
attune_checkpoint_check_space (const char  *folder,
                               guint64      n_bytes,
                               GError     **error)
{
  g_autofree char *needed = NULL, *free_space = NULL;
  struct statvfs info;
  guint64 available;

  /* A file system that does not say is found out when it is full. */
  if (statvfs (folder, &info) != 0 || info.f_blocks == 0)
    return TRUE;
  available = (guint64) info.f_bavail * info.f_frsize;
  if (available >= n_bytes + RESERVE)
    return TRUE;
  needed = g_format_size (n_bytes + RESERVE);
  free_space = g_format_size (available);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
               _("%s needs %s more, but only %s are free; make room there"), folder, needed,
               free_space);
  return FALSE;
}

/* On the saver's thread, or on the trainer's when there was no memory for a copy. */
static gpointer
save_thread (gpointer data)
{
  Save *self = data;
  g_autofree char *parent = g_path_get_dirname (self->path);
  g_autofree char *temporary = NULL;

  if (attune_durable_make_folder (parent, &self->error)
      && attune_checkpoint_check_space (parent, self->snapshot.n_bytes, &self->error))
    temporary = attune_durable_folder_begin (self->path, &self->error);
  if (temporary != NULL)
    {
      /* What is there already under this name was passed over as damaged. */
      if (!write_files (self, temporary, &self->error))
        attune_durable_folder_remove (temporary);
      else if (attune_durable_folder_commit (temporary, self->path, TRUE, &self->error))
        attune_checkpoint_prune (self->run_folder, self->n_kept, &self->state.best_step, 1);
    }
  g_clear_pointer (&self->snapshot.weights, g_array_unref);
  g_clear_pointer (&self->snapshot.moments, g_array_unref);
  g_atomic_int_set (&self->done, TRUE);
  return NULL;
}

AttuneCheckpointSaver *
attune_checkpoint_saver_new (const char *run_folder,
                             guint       n_kept)
{
  AttuneCheckpointSaver *self = g_new0 (AttuneCheckpointSaver, 1);

  self->run_folder = g_strdup (run_folder);
  self->n_kept = MAX (n_kept, 1);
  return self;
}

void
attune_checkpoint_saver_free (AttuneCheckpointSaver *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->thread, g_thread_join);
  g_clear_pointer (&self->save, save_free);
  g_free (self->run_folder);
  g_free (self);
}

gboolean
attune_checkpoint_saver_is_busy (AttuneCheckpointSaver *self)
{
  return self->save != NULL;
}

gboolean
attune_checkpoint_saver_begin (AttuneCheckpointSaver        *self,
                               AttuneClassifier             *classifier,
                               const AttuneCheckpointState  *state,
                               GError                      **error)
{
  Save *save;
  gboolean copied = FALSE;

  g_return_val_if_fail (self->save == NULL, FALSE);

  save = g_new0 (Save, 1);
  save->state = *state;
  save->run_folder = g_strdup (self->run_folder);
  save->path = attune_checkpoint_build_path (self->run_folder, state->step);
  save->n_kept = self->n_kept;
  save->config = attune_model_config_copy (classifier->config);
  save->labels = g_strdupv (classifier->labels);
  save->tokenizer = attune_tokenizer_ref (classifier->tokenizer);
  if (!take_snapshot (&save->snapshot, classifier, &copied, error))
    {
      save_free (save);
      return FALSE;
    }
  self->save = save;
  if (copied)
    self->thread = g_thread_try_new ("attune-saver", save_thread, save, NULL);
  if (self->thread == NULL)
    save_thread (save);
  return TRUE;
}

gboolean
attune_checkpoint_saver_collect (AttuneCheckpointSaver  *self,
                                 gboolean                wait,
                                 AttuneCheckpointResult *result)
{
  Save *save = self->save;

  if (save == NULL || (!wait && !g_atomic_int_get (&save->done)))
    return FALSE;
  g_clear_pointer (&self->thread, g_thread_join);
  self->save = NULL;
  *result = (AttuneCheckpointResult) {
    .step = save->state.step,
    .path = g_steal_pointer (&save->path),
    .n_bytes = save->n_written,
    .error = g_steal_pointer (&save->error),
  };
  save_free (save);
  return TRUE;
}

/**
 * attune_checkpoint_restore:
 * @classifier: made from the checkpoint's folder, so that it has the weights already
 *
 * Writes the moments and the number of updates. A moment that is missing or of another shape is
 * ATTUNE_TRAIN_ERROR_RUN.
 */
gboolean
attune_checkpoint_restore (const AttuneCheckpoint  *checkpoint,
                           AttuneClassifier        *classifier,
                           GError                 **error)
{
  const AttuneEngineApi *api = classifier->api;
  g_autofree char *path = g_build_filename (checkpoint->path, ATTUNE_CHECKPOINT_OPTIMIZER, NULL);
  g_autoptr (AttuneSafetensors) file = attune_safetensors_open (path, error);
  AttuneEngineError failure = { 0 };
  size_t n_moments = 0;
  uint64_t updates = 0;

  if (file == NULL || !attune_safetensors_check_length (file, error))
    return FALSE;
  if (api->count_state (classifier->model, &n_moments, &updates, &failure) != ATTUNE_ENGINE_OK)
    return attune_engine_set_error (error, &failure, _("Restoring a checkpoint"));
  for (size_t i = 0; i < n_moments; i++)
    {
      AttuneEngineTensor tensor = { 0 };
      const AttuneTensorView *view;

      if (api->describe_state (classifier->model, i, &tensor, &failure) != ATTUNE_ENGINE_OK)
        return attune_engine_set_error (error, &failure, _("Restoring a checkpoint"));
      view = attune_safetensors_lookup (file, tensor.name);
      if (view == NULL || view->dtype != ATTUNE_DTYPE_F32)
        {
          g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
                       _("%s lacks “%s”, so the run cannot go on from there"), path, tensor.name);
          return FALSE;
        }
      tensor.dtype = ATTUNE_ENGINE_F32;
      tensor.n_dims = view->n_dims;
      for (guint d = 0; d < view->n_dims; d++)
        tensor.shape[d] = view->shape[d];
      tensor.data = (void *) view->data;
      tensor.length = view->length;
      if (api->write_state (classifier->model, &tensor, &failure) != ATTUNE_ENGINE_OK)
        return attune_engine_set_error (error, &failure, tensor.name);
    }
  if (classifier->adapter_scale > 0)
    {
      g_autofree char *weights_path = g_build_filename (checkpoint->path, "model.safetensors", NULL);
      g_autoptr (AttuneSafetensors) weights = attune_safetensors_open (weights_path, error);

      if (weights == NULL || !attune_adapters_restore (classifier, weights, error))
        return FALSE;
    }
  if (api->set_updates (classifier->model, (uint64_t) checkpoint->step, &failure)
      != ATTUNE_ENGINE_OK)
    return attune_engine_set_error (error, &failure, _("Restoring a checkpoint"));
  return TRUE;
}

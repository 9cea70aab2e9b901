/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Export of a Hugging Face folder: the files transformers reads, copied whole or not at all.
 * Worker thread.
 */
#include "config.h"

#include "attune-model-export.h"

#include <errno.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "attune-durable.h"
#include "attune-model-copy.h"
#include "attune-model-folder.h"

/**
 * attune_model_export_folder:
 * @source: a model folder, such as best/ of a run
 * @destination: where it is to stand; must not exist, or be an empty folder
 * @cancellable: (nullable): checked at every megabyte
 * @error: %ATTUNE_MODEL_ERROR for a source that is no model or a destination in use; I/O errors
 *
 * Copies the files that transformers' from_pretrained reads. Long for large models: call it off the
 * main thread.
 *
 * Returns: whether all of it is there; if not, none of it is
 */
gboolean
attune_model_export_folder (const char    *source,
                            const char    *destination,
                            GCancellable  *cancellable,
                            GError       **error)
{
  g_autoptr (AttuneModelFolder) folder
    = attune_model_folder_open (source, ATTUNE_MODEL_OPEN_NO_TOKENIZER, error);
  g_autofree char *temporary = NULL;
  g_autoptr (GPtrArray) files = NULL;

  if (folder == NULL)
    return FALSE;
  /* An empty folder, as file dialogs make them, is as good as none. */
  if (g_rmdir (destination) != 0 && errno != ENOENT)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_EXISTS,
                   _("“%s” is already there; choose a new name to export to"), destination);
      return FALSE;
    }
  temporary = attune_durable_folder_begin (destination, error);
  if (temporary == NULL)
    return FALSE;
  files = attune_model_copy_files (source, temporary, cancellable, error);
  if (files == NULL)
    {
      attune_durable_folder_remove (temporary);
      return FALSE;
    }

  return attune_durable_folder_commit (temporary, destination, FALSE, error);
}

/**
 * attune_model_export_get_notice:
 * @source: a model folder
 *
 * Returns: (transfer none) (nullable): a sentence that a person who exports it should know
 */
const char *
attune_model_export_get_notice (const char *source)
{
  g_autoptr (AttuneModelFolder) folder
    = attune_model_folder_open (source, ATTUNE_MODEL_OPEN_NO_TOKENIZER, NULL);

  if (folder == NULL || attune_model_folder_get_config (folder)->rnn == NULL)
    return NULL;
  return _("A recurrent model is read by Attune alone: Hugging Face’s libraries know no such model. "
           "Its recurrent weights have the names that PyTorch gives them.");
}

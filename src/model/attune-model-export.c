/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Export of a Hugging Face folder: the files transformers reads, copied whole or not at all.
 */
#include "config.h"

#include "attune-model-export.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "attune-durable.h"
#include "attune-model-folder.h"

static const char * const files[] = {
  "config.json", "model.safetensors", "vocab.txt", "tokenizer.json", "tokenizer_config.json",
  "special_tokens_map.json",
};

static gboolean
copy_file (const char *source, const char *destination, const char *name, GCancellable  *cancellable,
           GError                                                                      **error)
{
  g_autoptr (GFile) from = g_file_new_build_filename (source, name, NULL);
  g_autoptr (GFile) to = g_file_new_build_filename (destination, name, NULL);

  int fd;

  if (!g_file_query_exists (from, cancellable))
    return TRUE;
  if (!g_file_copy (from, to, G_FILE_COPY_NONE, cancellable, NULL, NULL, error))
    return FALSE;

  /* A full disk may show itself only now. */
  fd = g_open (g_file_peek_path (to), O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0 || g_fsync (fd) != 0)
    {
      int saved = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), _("“%s” could not be written: %s"),
                   g_file_peek_path (to), g_strerror (saved));
      g_clear_fd (&fd, NULL);
      return FALSE;
    }
  return g_clear_fd (&fd, error);
}

/**
 * attune_model_export_folder:
 * @source: a model folder, such as best/ of a run
 * @destination: where it is to stand; must not exist, or be an empty folder
 * @cancellable: (nullable): checked between files
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
  g_autoptr (AttuneModelFolder) folder =
    attune_model_folder_open (source, ATTUNE_MODEL_OPEN_NO_TOKENIZER, error);
  g_autofree char *temporary = NULL;

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
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      if (!copy_file (source, temporary, files[i], cancellable, error))
        {
          attune_durable_folder_remove (temporary);
          return FALSE;
        }
    }
  return attune_durable_folder_commit (temporary, destination, FALSE, error);
}

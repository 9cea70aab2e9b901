/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Copying the files of a HF folder, each read once, hashed and fsynced. Long; worker thread.
 */
#include "config.h"

#include "attune-model-copy.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "attune-durable.h"
#include "attune-model-weights.h"

#define CHUNK (1u << 20)

/* What makes a model beside its weights; those that are absent are left out. */
static const char *const model_files[] = { "config.json", "vocab.txt",      "vocab.json",
                                           "merges.txt",  "tokenizer.json", "tokenizer_config.json",
                                           "special_tokens_map.json" };

static gboolean
read_failed (GError     **error,
             const char  *path)
{
  int saved = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), _("Could not read “%s”: %s"), path,
               g_strerror (saved));
  return FALSE;
}

static gboolean
copy_contents (int                 fd,
               const char         *from,
               AttuneDurableFile  *to,
               AttuneCopiedFile   *copied,
               GCancellable       *cancellable,
               GError            **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *chunk = g_malloc (CHUNK);
  gssize n;

  do
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      do
        n = read (fd, chunk, CHUNK);
      while (n < 0 && errno == EINTR);
      if (n < 0)
        return read_failed (error, from);
      if (!attune_durable_file_write (to, chunk, n, error))
        return FALSE;
      g_checksum_update (checksum, chunk, n);
      copied->size += n;
    }
  while (n > 0);

  g_strlcpy (copied->sha256, g_checksum_get_string (checksum), sizeof copied->sha256);
  return TRUE;
}

static gboolean
copy_file (const char        *from,
           const char        *to,
           AttuneCopiedFile  *copied,
           GCancellable      *cancellable,
           GError           **error)
{
  g_autofd int fd = open (from, O_RDONLY | O_CLOEXEC);
  AttuneDurableFile file = { 0 };

  if (fd < 0)
    return read_failed (error, from);
  if (!attune_durable_file_open (&file, to, error))
    return FALSE;
  if (!copy_contents (fd, from, &file, copied, cancellable, error))
    {
      attune_durable_file_abandon (&file);
      return FALSE;
    }

  return attune_durable_file_commit (&file, error);
}

static gboolean
copy_listed (const char          *from,
             const char          *to,
             const char * const  *names,
             gsize                n_names,
             GPtrArray           *files,
             GCancellable        *cancellable,
             GError             **error)
{
  for (gsize i = 0; i < n_names; i++)
    {
      g_autofree char *source = g_build_filename (from, names[i], NULL);
      g_autofree char *target = g_build_filename (to, names[i], NULL);
      AttuneCopiedFile *copied;

      if (!g_file_test (source, G_FILE_TEST_IS_REGULAR))
        continue;
      copied = g_new0 (AttuneCopiedFile, 1);
      copied->name = g_intern_string (names[i]);
      g_ptr_array_add (files, copied);
      if (!copy_file (source, target, copied, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * attune_model_copy_files:
 * @from: a HF folder
 * @to: an existing folder
 *
 * Returns: (transfer full) (element-type AttuneCopiedFile) (nullable): the files that were copied;
 *   CANCELLED, an IO error or a bad index of weights otherwise
 */
GPtrArray *
attune_model_copy_files (const char    *from,
                         const char    *to,
                         GCancellable  *cancellable,
                         GError       **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) weights = attune_model_weights_list_files (from, error);

  if (weights == NULL
      || !copy_listed (from, to, model_files, G_N_ELEMENTS (model_files), files, cancellable, error)
      || !copy_listed (from, to, (const char * const *) weights, g_strv_length (weights), files,
                       cancellable, error))
    return NULL;
  return g_steal_pointer (&files);
}

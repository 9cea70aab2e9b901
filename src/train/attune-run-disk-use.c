/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adding up a run's folder. Links are not followed; a file that has two names in it counts once.
 */
#include "config.h"

#include "attune-run-disk-use.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "attune-train-config.h"

/* A run has two levels of folders; what is deeper was not made by us. */
#define MAX_DEPTH 8

/* What st_blocks counts in, whatever the file system's own blocks are. */
#define BLOCK 512

static gboolean
add_up (const char    *path,
        guint          depth,
        GHashTable    *seen,
        GCancellable  *cancellable,
        guint64       *bytes,
        GError       **error)
{
  GStatBuf info;
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  /* It may have been removed since it was listed. */
  if (g_lstat (path, &info) != 0)
    return TRUE;
  if (S_ISREG (info.st_mode) && info.st_nlink > 1)
    {
      g_autofree char *file = g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT,
                                               (guint64) info.st_dev, (guint64) info.st_ino);

      if (!g_hash_table_add (seen, g_steal_pointer (&file)))
        return TRUE;
    }
  *bytes += (guint64) info.st_blocks * BLOCK;
  if (!S_ISDIR (info.st_mode) || depth == MAX_DEPTH)
    return TRUE;
  dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (!add_up (child, depth + 1, seen, cancellable, bytes, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * attune_run_disk_use_measure:
 * @self: (out caller-allocates): set when it is known
 * @folder: a run's folder
 *
 * Returns: %FALSE with ATTUNE_TRAIN_ERROR_RUN when there is no such folder, or
 *   %G_IO_ERROR_CANCELLED
 */
gboolean
attune_run_disk_use_measure (AttuneRunDiskUse  *self,
                             const char        *folder,
                             GCancellable      *cancellable,
                             GError           **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *best = g_build_filename (folder, "best", NULL);
  g_autofree char *checkpoints = g_build_filename (folder, "checkpoints", NULL);

  *self = (AttuneRunDiskUse) { 0 };
  if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
                   _("The run folder %s is not there any more"), folder);
      return FALSE;
    }
  if (!add_up (folder, 0, seen, cancellable, &self->total, error))
    return FALSE;
  g_hash_table_remove_all (seen);
  if (!add_up (best, 1, seen, cancellable, &self->model, error))
    return FALSE;
  g_hash_table_remove_all (seen);
  return add_up (checkpoints, 1, seen, cancellable, &self->checkpoints, error);
}

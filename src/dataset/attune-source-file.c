/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Only regular files are opened, so that a FIFO or a device cannot hold a reader up or feed it for
 * ever; one that shrinks, grows or is written to meanwhile is refused. Any thread.
 */
#include "config.h"

#include "attune-source-file.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "attune-table.h"

gboolean
attune_source_file_changed (const char *name,
                            GError    **error)
{
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
               _("%s: the file changed while it was being read; open it again when it is complete"),
               name);
  return FALSE;
}

gboolean
attune_source_file_unreadable (const char *name,
                               int         error_number,
                               GError    **error)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (error_number),
               _("%s: the file cannot be read: %s"), name, g_strerror (error_number));
  return FALSE;
}

gboolean
attune_source_file_not_regular (const char *name,
                                gboolean    is_directory,
                                GError    **error)
{
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
               is_directory ? _("%s: this is a folder; choose a file in it")
                            : _("%s: this is a device or a pipe; choose a file"),
               name);
  return FALSE;
}

int
attune_source_file_open (const char  *path,
                         const char  *name,
                         struct stat *status,
                         GError     **error)
{
  /* Not to wait for a writer, should it be a FIFO. */
  g_autofd int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd < 0 && errno == ENXIO)
    attune_source_file_not_regular (name, FALSE, error);
  else if (fd < 0 || fstat (fd, status) != 0)
    attune_source_file_unreadable (name, errno, error);
  else if (!S_ISREG (status->st_mode))
    attune_source_file_not_regular (name, S_ISDIR (status->st_mode), error);
  else
    return g_steal_fd (&fd);
  return -1;
}

gboolean
attune_source_file_check (int                fd,
                          const struct stat *before,
                          const char        *name,
                          GError           **error)
{
  struct stat now;

  if (fstat (fd, &now) != 0)
    return attune_source_file_unreadable (name, errno, error);
  if (now.st_size != before->st_size || now.st_mtim.tv_sec != before->st_mtim.tv_sec
      || now.st_mtim.tv_nsec != before->st_mtim.tv_nsec)
    return attune_source_file_changed (name, error);
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files and folders that appear whole or not at all: made beside their place under a name that
 * begins with ".tmp-", fsynced, renamed, and the parent fsynced.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
  char *path;
  char *temporary;
  int fd;
} AttuneDurableFile;

gboolean attune_durable_file_open     (AttuneDurableFile *self,
                                       const char        *path,
                                       GError           **error);
gboolean attune_durable_file_write    (AttuneDurableFile *self,
                                       const void        *data,
                                       gsize              length,
                                       GError           **error);
gboolean attune_durable_file_commit   (AttuneDurableFile *self,
                                       GError           **error);
gboolean attune_durable_file_replace  (AttuneDurableFile *self,
                                       GError           **error);
void     attune_durable_file_abandon  (AttuneDurableFile *self);
gboolean attune_durable_write         (const char        *path,
                                       const void        *data,
                                       gsize              length,
                                       GError           **error);

gboolean attune_durable_make_folder   (const char        *path,
                                       GError           **error);
char    *attune_durable_folder_begin  (const char        *path,
                                       GError           **error);
gboolean attune_durable_folder_commit (const char        *temporary,
                                       const char        *path,
                                       gboolean           replace,
                                       GError           **error);
void     attune_durable_folder_remove (const char        *path);
void     attune_durable_clean         (const char        *folder);

G_END_DECLS

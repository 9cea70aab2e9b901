/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Data sets as the command line names them: a file, and columns by name or number.
 */
#pragma once

#include <gio/gio.h>

#include "attune-dataset.h"

G_BEGIN_DECLS

/* Column names; NULL to guess (text, label) or for none (pair). Owned. */
typedef struct {
  char *text;
  char *pair;
  char *label;
} CliColumns;

void           cli_columns_clear (CliColumns          *self);
AttuneTable   *cli_table_read    (const char          *path,
                                  GError             **error);
AttuneDataset *cli_dataset_new   (AttuneTable         *table,
                                  const CliColumns    *columns,
                                  const char * const  *label_names,
                                  GError             **error);
AttuneDataset *cli_dataset_read  (const char          *path,
                                  const CliColumns    *columns,
                                  const char * const  *label_names,
                                  GError             **error);

G_END_DECLS

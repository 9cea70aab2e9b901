/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Data sets as the command line names them: a file, how to read it, and columns by name or number.
 */
#pragma once

#include <gio/gio.h>

#include "attune-dataset.h"

G_BEGIN_DECLS

/* Column names, NULL to guess (text, label) or for none (pair); encoding NULL to detect. Owned. */
typedef struct {
  char *text;
  char *pair;
  char *label;
  char *encoding;
} CliDataOptions;

void           cli_data_options_clear (CliDataOptions        *self);
AttuneTable   *cli_table_read         (const char            *path,
                                       const CliDataOptions  *options,
                                       GError               **error);
AttuneDataset *cli_dataset_new        (AttuneTable           *table,
                                       const CliDataOptions  *options,
                                       const char * const    *label_names,
                                       GError               **error);
AttuneDataset *cli_dataset_read       (const char            *path,
                                       const CliDataOptions  *options,
                                       const char * const    *label_names,
                                       GError               **error);

G_END_DECLS

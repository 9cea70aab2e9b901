/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Data sets as the command line names them: a file, how to read it, columns by name or number, and
 * whether a row has one label or several.
 */
#pragma once

#include <gio/gio.h>

#include "attune-data-files.h"
#include "attune-dataset.h"

G_BEGIN_DECLS

/* Column names, NULL to guess, an empty pair for none; all else NULL to detect. Owned. */
typedef struct {
  char *text;
  char *pair;
  char **labels;
  char *task;        /* "single", "multi" */
  char *separator;   /* between the labels of a cell */
  char *label_names; /* a file */
  char *encoding;
  char *format;
  char *delimiter;
  char *quoting;
  char *header;
} CliDataOptions;

/* The options of all commands that read data. */
#define CLI_DATA_ENTRIES(options) \
  { "text-column", 0, 0, G_OPTION_ARG_STRING, &(options)->text, \
    N_("Column of the texts, by name or number"), N_("COLUMN") }, \
  { "text-pair-column", 0, 0, G_OPTION_ARG_STRING, &(options)->pair, \
    N_("Column of second texts; empty for none"), N_("COLUMN") }, \
  { "label-column", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(options)->labels, \
    N_("Column of the labels; several, each of 0 and 1, for several labels a text"), \
    N_("COLUMN") }, \
  { "task", 0, 0, G_OPTION_ARG_STRING, &(options)->task, \
    N_("Whether a text has one label or any number of them: single or multi"), N_("KIND") }, \
  { "label-separator", 0, 0, G_OPTION_ARG_STRING, &(options)->separator, \
    N_("What stands between the labels of a text, such as “|”"), N_("CHARACTER") }, \
  { "label-names", 0, 0, G_OPTION_ARG_FILENAME, &(options)->label_names, \
    N_("Names of the labels that the data numbers from 0, one a line"), N_("FILE") }, \
  { "encoding", 0, 0, G_OPTION_ARG_STRING, &(options)->encoding, \
    N_("Encoding of the data (default: as detected)"), N_("NAME") }, \
  { "format", 0, 0, G_OPTION_ARG_STRING, &(options)->format, \
    N_("delimited, label-first, fasttext, jsonl, json, parquet, folders (default: as detected)"), \
    N_("NAME") }, \
  { "delimiter", 0, 0, G_OPTION_ARG_STRING, &(options)->delimiter, \
    N_("comma, tab, semicolon, bar, space, U+0001, U+001F or a character"), N_("NAME") }, \
  { "quoting", 0, 0, G_OPTION_ARG_STRING, &(options)->quoting, \
    N_("rfc4180, or none where quotation marks are part of the texts"), N_("NAME") }, \
  { "header", 0, 0, G_OPTION_ARG_STRING, &(options)->header, \
    N_("yes or no: whether the first line names the columns"), N_("YES-OR-NO") }

#define CLI_DATA_HELP \
  N_("Labelled texts: a file, several (repeat it), or a folder")

void           cli_data_options_clear (CliDataOptions        *self);
/* CLI_DONE, or what is wrong with them was said. */
int            cli_data_options_check (const CliDataOptions  *self);
/* An option that has no such value is a G_OPTION_ERROR. */
AttuneDataFiles *
               cli_data_files_new     (char                 **paths,
                                       GError               **error);
AttuneTable   *cli_table_read         (AttuneDataFiles       *files,
                                       AttunePart             part,
                                       const CliDataOptions  *options,
                                       GError               **error);
/* label_names: NULL for those of the options or of the data. */
AttuneDataset *cli_dataset_new        (AttuneTable           *table,
                                       const CliDataOptions  *options,
                                       const char * const    *label_names,
                                       GError               **error);
AttuneDataset *cli_dataset_read       (AttuneDataFiles       *files,
                                       AttunePart             part,
                                       const CliDataOptions  *options,
                                       const char * const    *label_names,
                                       GError               **error);
/* Of the same kind and with the same labels as another. */
AttuneDataset *cli_dataset_read_like  (AttuneDataFiles       *files,
                                       AttunePart             part,
                                       const CliDataOptions  *options,
                                       AttuneDataset         *other,
                                       GError               **error);

G_END_DECLS

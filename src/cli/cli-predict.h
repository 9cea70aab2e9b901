/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The trainer as a function: texts in, predictions out, waiting in between.
 */
#pragma once

#include "attune-trainer.h"
#include "cli-lines.h"
#include "cli.h"

G_BEGIN_DECLS

AttunePredictions *cli_predict       (AttuneTrainer             *trainer,
                                      const AttunePredictSource *source,
                                      const AttunePredictText   *texts,
                                      guint64                    n_texts,
                                      guint                      max_length,
                                      GError                   **error);

/* Prints what is to be said of one text. */
typedef void (*CliPrint) (CliOutput               *output,
                          const AttunePredictText *text,
                          const AttunePredictions *predictions,
                          guint64                  row);

typedef CliText *(*CliParse) (CliLines    *lines,
                              const char  *line,
                              gsize        length,
                              GError     **error);

/* All lines of input in their order; lines that are waiting are computed together. */
int                cli_predict_lines (const AttunePredictSource *source,
                                      guint                      max_length,
                                      CliParse                   parse,
                                      CliPrint                   print);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Work on many rows, done by several threads a chunk of rows at a time. The results are handed over
 * in the order of the rows, so that what is made of them is the same whatever the number of threads.
 */
#pragma once

#include <gio/gio.h>

#include "attune-progress.h"

G_BEGIN_DECLS

typedef struct {
  /* About how many bytes row i has. One thread at a time. */
  gsize (*weigh) (guint row, gpointer data);
  /* A chunk's result, or NULL with an error. Several threads at once; it has to be done within
   * moments, for a cancellation is heard between chunks. */
  gpointer (*work) (guint first, guint n, gpointer data, GError **error);
  /* Takes the result. In the order of the rows, one thread at a time. */
  gboolean (*take) (gpointer result, guint first, guint n, gpointer data, GError **error);
  GDestroyNotify free_result;
} AttuneRowWork;

typedef struct {
  guint n_threads;    /* 0: one for each processor */
  gboolean gives_way; /* one processor less and a low priority, so that a window stays quick */
  const AttuneProgress *progress; /* nullable: told on any of the threads, one at a time */
} AttuneRowThreads;

/* Returns when all rows have been taken, or FALSE with the error of the first chunk in order that
 * had one, also G_IO_ERROR_CANCELLED. How the rows fall into chunks follows from their weights
 * alone. threads: NULL for all processors. */
gboolean attune_row_chunks_run (const AttuneRowWork     *work,
                                guint                    n_rows,
                                gpointer                 data,
                                const AttuneRowThreads  *threads,
                                GCancellable            *cancellable,
                                GError                 **error);

G_END_DECLS

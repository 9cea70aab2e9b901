/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: the parts of the data check. Each adds what it finds.
 */
#pragma once

#include "attune-check.h"
#include "attune-text-index.h"

G_BEGIN_DECLS

/* Example rows are gathered here while counting: the first thousand are kept. */
typedef struct {
  guint count;
  GArray *rows; /* guint */
} AttuneFound;

AttuneFound    attune_found_new            (void);
void           attune_found_clear          (AttuneFound     *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneFound, attune_found_clear)
void           attune_found_add            (AttuneFound     *self,
                                            guint            row);

/* Takes the message, and the rows out of found. (transfer none): what findings now holds. */
AttuneFinding *attune_check_report         (GPtrArray       *findings,
                                            AttuneSeverity   severity,
                                            const char      *code,
                                            AttuneFound     *found,
                                            char            *message);
/* Worst first; findings of one severity keep their order. */
void           attune_check_sort           (GPtrArray       *findings);

/* Whether there is nothing to see in a row's text, nor in its pair. */
gboolean       attune_check_row_is_blank   (AttuneDataset   *dataset,
                                            guint            row);
/* (n_rows,) by the first row of a text: whether it occurs with different labels. (transfer full) */
guint8        *attune_check_find_conflicts (AttuneDataset   *dataset,
                                            AttuneTextIndex *index);

void           attune_check_reading        (GPtrArray       *findings,
                                            AttuneDataset   *dataset);
void           attune_check_labels         (GPtrArray       *findings,
                                            AttuneDataset   *dataset);
/* One label a text or several, where that was guessed. */
void           attune_check_kinds           (GPtrArray       *findings,
                                            AttuneDataset   *dataset);
void           attune_check_label_names    (GPtrArray       *findings,
                                            AttuneDataset   *dataset);
/* FALSE when cancelled; so are the others. */
gboolean       attune_check_texts          (GPtrArray       *findings,
                                            AttuneDataset   *dataset,
                                            GCancellable    *cancellable);
gboolean       attune_check_repeats        (GPtrArray       *findings,
                                            AttuneDataset   *dataset,
                                            AttuneTextIndex *index,
                                            GCancellable    *cancellable);
gboolean       attune_check_validation     (GPtrArray       *findings,
                                            AttuneDataset   *dataset,
                                            AttuneTextIndex *index,
                                            AttuneDataset   *validation,
                                            GCancellable    *cancellable);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The list of texts beside the matrix of the Results page: those of a cell, or where texts have
 * several labels the surest mistakes.
 */
#pragma once

#include <adwaita.h>

#include "attune-run.h"

G_BEGIN_DECLS

typedef struct _AttuneCellTexts AttuneCellTexts;

/* Borrows the widgets: the list, what it shows, how many there are, what an empty one says. */
AttuneCellTexts *attune_cell_texts_new           (GtkListBox      *list,
                                                  GtkLabel        *title,
                                                  GtkLabel        *count,
                                                  GtkLabel        *empty);
void             attune_cell_texts_free          (AttuneCellTexts *self);
/* Empties the list; both are borrowed until the next call, NULL for none. */
void             attune_cell_texts_set_predictions (AttuneCellTexts            *self,
                                                  const AttuneRunPredictions *predictions,
                                                  const char * const         *classes);
void             attune_cell_texts_clear         (AttuneCellTexts *self);
void             attune_cell_texts_show_cell     (AttuneCellTexts *self,
                                                  guint            label,
                                                  guint            guessed);
void             attune_cell_texts_show_mistakes (AttuneCellTexts *self);

G_END_DECLS

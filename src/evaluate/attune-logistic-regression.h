/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneLogisticRegression: logistic regression over the uni- and bigrams of token ids, weighed by
 * how rare they are (tf-idf). Private to this room. Not for two threads at once.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _AttuneLogisticRegression AttuneLogisticRegression;

AttuneLogisticRegression *
          attune_logistic_regression_new     (guint                      n_classes);
void      attune_logistic_regression_free    (AttuneLogisticRegression  *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneLogisticRegression, attune_logistic_regression_free)

void      attune_logistic_regression_add     (AttuneLogisticRegression  *self,
                                              const gint32              *ids,
                                              gsize                      n_ids,
                                              gint32                     label);
/* Learns from the rows that were added; none is added after it. Fails when cancelled only. */
gboolean  attune_logistic_regression_fit     (AttuneLogisticRegression  *self,
                                              GCancellable              *cancellable,
                                              GError                   **error);
/* The most probable class of a row; -1 where there was nothing to learn from. */
gint32    attune_logistic_regression_predict (AttuneLogisticRegression  *self,
                                              const gint32              *ids,
                                              gsize                      n_ids);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneNaiveBayes: multinomial naive Bayes over the uni- and bigrams of token ids, each counted
 * once a row. Private to this room. Not for two threads at once.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _AttuneNaiveBayes AttuneNaiveBayes;

AttuneNaiveBayes *attune_naive_bayes_new     (guint             n_classes,
                                              double            smoothing);
void              attune_naive_bayes_free    (AttuneNaiveBayes *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneNaiveBayes, attune_naive_bayes_free)

void              attune_naive_bayes_add     (AttuneNaiveBayes *self,
                                              const gint32     *ids,
                                              gsize             n_ids,
                                              gint32            label);
gint32            attune_naive_bayes_predict (AttuneNaiveBayes *self,
                                              const gint32     *ids,
                                              gsize             n_ids);

G_END_DECLS

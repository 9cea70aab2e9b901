/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the Hub and the store know of a model in codes, said in words for rows of lists.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (transfer full): "apache-2.0" is "Apache 2.0"; one that is not known is said as it is. */
char *attune_model_words_for_licence   (const char *licence);
/* (transfer full): "en, zh" is "English, Chinese". */
char *attune_model_words_for_languages (const char *languages);
/* (transfer full): "156 of 412 MB". */
char *attune_model_words_for_progress  (guint64     done,
                                        guint64     total);

G_END_DECLS

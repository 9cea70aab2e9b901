/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is to become of training when the window is closed: asked, or as it was answered for good.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* answer: "background" or "stop"; not called when the person thinks better of it. */
typedef void (* AttuneCloseAnswer) (GtkWidget  *window,
                                    const char *answer);

void attune_close_question_ask (GtkWidget         *window,
                                GSettings         *settings,
                                guint              n_waiting,
                                AttuneCloseAnswer  callback);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The four normalisation forms of Unicode, as changes to a text. Private to this room.
 */
#pragma once

#include "attune-passage.h"

G_BEGIN_DECLS

void attune_unicode_form_append (AttunePassage       *passage,
                                 const AttuneStretch *stretch,
                                 gboolean             compatibility,
                                 gboolean             compose);

G_END_DECLS

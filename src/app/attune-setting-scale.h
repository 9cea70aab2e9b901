/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers and choices of settings as a control shows them.
 */
#pragma once

#include "attune-train-config.h"

G_BEGIN_DECLS

/* What a button adds. */
double      attune_setting_get_step          (const AttuneField *field);
/* Positions on the scale … 1e-5, 2e-5, 5e-5, 1e-4 …, three to a power of ten. */
double      attune_setting_value_to_position (double             value);
double      attune_setting_position_to_value (double             position);
/* (transfer full) */
char       *attune_setting_format_number     (double             value);
/* Translated and static, or choice itself. */
const char *attune_setting_label_choice      (const AttuneField *field,
                                              const char        *choice);

G_END_DECLS

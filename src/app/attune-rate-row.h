/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRateRow: a learning rate and its loss in words, for a table. Properties: rate, loss,
 * smoothed (string, readable).
 */
#pragma once

#include <glib-object.h>

#include "attune-rate-curve.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_RATE_ROW (attune_rate_row_get_type ())
G_DECLARE_FINAL_TYPE (AttuneRateRow, attune_rate_row, ATTUNE, RATE_ROW, GObject)

AttuneRateRow *attune_rate_row_new (const AttuneRatePoint *point);

G_END_DECLS

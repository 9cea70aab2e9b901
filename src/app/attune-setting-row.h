/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneSettingRow: one hyperparameter as a row. The .ui names the field; title, subtitle, range,
 * default and help come from the table of AttuneTrainConfig.
 *
 * Properties: field (string, construct only), config (AttuneTrainConfig, nullable), automatic-value
 * (double: what "auto" comes to for the chosen model and data; NaN while unknown).
 */
#pragma once

#include <adwaita.h>

#include "attune-train-config.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_SETTING_ROW (attune_setting_row_get_type ())
G_DECLARE_FINAL_TYPE (AttuneSettingRow, attune_setting_row, ATTUNE, SETTING_ROW, AdwActionRow)

const char *attune_setting_row_get_field           (AttuneSettingRow *self);
void        attune_setting_row_set_config          (AttuneSettingRow  *self,
                                                    AttuneTrainConfig *config);
void        attune_setting_row_set_automatic_value (AttuneSettingRow *self,
                                                    double            value);
/* What stands below the title while the value is the default; NULL: what the table says. */
void        attune_setting_row_set_note            (AttuneSettingRow *self,
                                                    const char       *note);
gboolean    attune_setting_row_is_changed          (AttuneSettingRow *self);
/* Whether title, help or field name contain the words looked for. */
gboolean    attune_setting_row_matches             (AttuneSettingRow *self,
                                                    const char       *words);

G_END_DECLS

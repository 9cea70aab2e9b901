/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRateRow: the words are made once, for points do not change.
 */
#include "config.h"

#include "attune-rate-row.h"

#include <math.h>

#include "attune-plot-ticks.h"

struct _AttuneRateRow
{
  GObject parent_instance;

  char *texts[3];
};

G_DEFINE_FINAL_TYPE (AttuneRateRow, attune_rate_row, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_RATE,
  PROP_LOSS,
  PROP_SMOOTHED,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void
attune_rate_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id > PROP_0 && id < N_PROPS)
    g_value_set_string (value, ATTUNE_RATE_ROW (object)->texts[id - PROP_RATE]);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
attune_rate_row_finalize (GObject *object)
{
  for (guint i = 0; i < G_N_ELEMENTS (ATTUNE_RATE_ROW (object)->texts); i++)
    g_free (ATTUNE_RATE_ROW (object)->texts[i]);
  G_OBJECT_CLASS (attune_rate_row_parent_class)->finalize (object);
}

static void
attune_rate_row_class_init (AttuneRateRowClass *klass)
{
  static const char * const names[] = { "rate", "loss", "smoothed" };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = attune_rate_row_get_property;
  object_class->finalize = attune_rate_row_finalize;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    properties[PROP_RATE + i] = g_param_spec_string (names[i], NULL, NULL, NULL,
                                                     G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
attune_rate_row_init (AttuneRateRow *self)
{
}

AttuneRateRow *
attune_rate_row_new (const AttuneRatePoint *point)
{
  AttuneRateRow *self = g_object_new (ATTUNE_TYPE_RATE_ROW, NULL);

  self->texts[0] = attune_power_format (log10 (point->rate));
  self->texts[1] = attune_value_format (point->loss, FALSE);
  self->texts[2] = attune_value_format (point->smoothed, FALSE);
  return self;
}

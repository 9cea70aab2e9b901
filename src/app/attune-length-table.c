/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneLengthTable: a row for each range of lengths that has texts, in the steps of the histogram,
 * or in coarser ones where texts are very long.
 */
#include "config.h"

#include "attune-length-table.h"

#include <glib/gi18n.h>

/* As wide as a column of the histogram. */
#define LEAST_STEP 8
#define MOST_RANGES 256

#define ATTUNE_TYPE_LENGTH_BIN (attune_length_bin_get_type ())
G_DECLARE_FINAL_TYPE (AttuneLengthBin, attune_length_bin, ATTUNE, LENGTH_BIN, GObject)

/* One range, as it is shown. */
struct _AttuneLengthBin
{
  GObject parent_instance;

  char *texts[4];
};

G_DEFINE_FINAL_TYPE (AttuneLengthBin, attune_length_bin, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_TOKENS,
  PROP_TEXTS,
  PROP_SHARE,
  PROP_UP_TO,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void
attune_length_bin_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id > PROP_0 && id < N_PROPS)
    g_value_set_string (value, ATTUNE_LENGTH_BIN (object)->texts[id - PROP_TOKENS]);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
attune_length_bin_finalize (GObject *object)
{
  for (guint i = 0; i < G_N_ELEMENTS (ATTUNE_LENGTH_BIN (object)->texts); i++)
    g_free (ATTUNE_LENGTH_BIN (object)->texts[i]);
  G_OBJECT_CLASS (attune_length_bin_parent_class)->finalize (object);
}

static void
attune_length_bin_class_init (AttuneLengthBinClass *klass)
{
  static const char * const names[] = { "tokens", "texts", "share", "up-to" };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = attune_length_bin_get_property;
  object_class->finalize = attune_length_bin_finalize;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    properties[PROP_TOKENS + i] = g_param_spec_string (names[i], NULL, NULL, NULL,
                                                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
attune_length_bin_init (AttuneLengthBin *self)
{
}

struct _AttuneLengthTable
{
  AdwDialog parent_instance;

  GtkColumnView *view;
};

G_DEFINE_FINAL_TYPE (AttuneLengthTable, attune_length_table, ADW_TYPE_DIALOG)

static void
append_range (GListStore *store, guint from, guint to, guint n, guint so_far, guint total)
{
  g_autoptr (AttuneLengthBin) bin = g_object_new (ATTUNE_TYPE_LENGTH_BIN, NULL);

  /* Translators: a range of lengths in tokens. */
  bin->texts[0] = g_strdup_printf (_("%'u–%'u"), from, to);
  bin->texts[1] = g_strdup_printf ("%'u", n);
  bin->texts[2] = g_strdup_printf (_("%.1f %%"), 100.0 * n / total);
  bin->texts[3] = g_strdup_printf (_("%.1f %%"), 100.0 * so_far / total);
  g_list_store_append (store, bin);
}

static GListStore *
create_ranges (const GArray *lengths)
{
  GListStore *store = g_list_store_new (ATTUNE_TYPE_LENGTH_BIN);
  guint longest = lengths->len > 0 ? g_array_index (lengths, guint, lengths->len - 1) : 0;
  guint step = LEAST_STEP;
  guint i = 0;

  while (longest / step >= MOST_RANGES)
    step *= 2;
  while (i < lengths->len)
    {
      guint length = MAX (g_array_index (lengths, guint, i), 1);
      guint to = (length + step - 1) / step * step;
      guint begun = i;

      while (i < lengths->len && g_array_index (lengths, guint, i) <= to)
        i++;
      append_range (store, to - step + 1, to, i - begun, i, lengths->len);
    }
  return store;
}

static void
attune_length_table_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_LENGTH_TABLE);
  G_OBJECT_CLASS (attune_length_table_parent_class)->dispose (object);
}

static void
attune_length_table_class_init (AttuneLengthTableClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_length_table_dispose;
  g_type_ensure (ATTUNE_TYPE_LENGTH_BIN);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-length-table.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneLengthTable, view);
}

static void
attune_length_table_init (AttuneLengthTable *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

AdwDialog *
attune_length_table_new (const GArray *lengths)
{
  AttuneLengthTable *self = g_object_new (ATTUNE_TYPE_LENGTH_TABLE, NULL);
  GtkSelectionModel *model
    = GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (create_ranges (lengths))));

  gtk_column_view_set_model (self->view, model);
  g_object_unref (model);
  return ADW_DIALOG (self);
}

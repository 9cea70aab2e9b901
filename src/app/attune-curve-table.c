/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneCurveTable: a GtkColumnView over AttuneCurveRows. Events only mark it as behind; it catches
 * up a few times a second, and not at all while it cannot be seen.
 */
#include "config.h"

#include "attune-curve-table.h"

#include "attune-curve-rows.h"

#define CATCH_UP_MS 250

struct _AttuneCurveTable
{
  AdwBin parent_instance;

  GtkColumnView *view;

  AttuneRun *run;
  AttuneCurveRows *rows; /* once it has been on the screen */
  guint catching_up;
};

G_DEFINE_FINAL_TYPE (AttuneCurveTable, attune_curve_table, ADW_TYPE_BIN)

enum {
  PROP_0,
  PROP_RUN,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void
setup_cell_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_label_set_single_line_mode (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

static void
bind_cell_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer column)
{
  g_autofree char *text = attune_curve_row_format (gtk_list_item_get_item (item),
                                                   (AttuneCurveColumn) GPOINTER_TO_UINT (column));

  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)), text);
}

static void
catch_up (AttuneCurveTable *self)
{
  g_autoptr (GtkNoSelection) selection = NULL;

  if (self->run == NULL)
    return;
  if (self->rows != NULL)
    {
      attune_curve_rows_update (self->rows);
      return;
    }
  self->rows = attune_curve_rows_new (self->run);
  selection = gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->rows)));
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (selection));
}

static void
catch_up_cb (gpointer user_data)
{
  AttuneCurveTable *self = user_data;

  self->catching_up = 0;
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    catch_up (self);
}

static void
event_cb (AttuneCurveTable *self)
{
  if (self->catching_up == 0 && gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->catching_up = g_timeout_add_once (CATCH_UP_MS, catch_up_cb, self);
}

static void
set_run (AttuneCurveTable *self, AttuneRun *run)
{
  if (self->run == run)
    return;
  if (self->run != NULL)
    g_signal_handlers_disconnect_by_data (self->run, self);
  g_set_object (&self->run, run);
  if (self->view != NULL)
    gtk_column_view_set_model (self->view, NULL);
  g_clear_object (&self->rows);
  g_clear_handle_id (&self->catching_up, g_source_remove);
  if (run != NULL)
    g_signal_connect_object (run, "event", G_CALLBACK (event_cb), self, G_CONNECT_SWAPPED);
  if (run != NULL && gtk_widget_get_mapped (GTK_WIDGET (self)))
    catch_up (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUN]);
}

static void
attune_curve_table_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (attune_curve_table_parent_class)->map (widget);
  catch_up (ATTUNE_CURVE_TABLE (widget));
}

static void
attune_curve_table_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_RUN)
    g_value_set_object (value, ATTUNE_CURVE_TABLE (object)->run);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
attune_curve_table_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_RUN)
    set_run (ATTUNE_CURVE_TABLE (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
attune_curve_table_dispose (GObject *object)
{
  set_run (ATTUNE_CURVE_TABLE (object), NULL);
  /* The template would free the bin's child behind its back. */
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_CURVE_TABLE);
  G_OBJECT_CLASS (attune_curve_table_parent_class)->dispose (object);
}

static void
attune_curve_table_class_init (AttuneCurveTableClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = attune_curve_table_get_property;
  object_class->set_property = attune_curve_table_set_property;
  object_class->dispose = attune_curve_table_dispose;
  widget_class->map = attune_curve_table_map;

  properties[PROP_RUN] =
    g_param_spec_object ("run", NULL, NULL, ATTUNE_TYPE_RUN,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-curve-table.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneCurveTable, view);
}

static void
attune_curve_table_init (AttuneCurveTable *self)
{
  GListModel *columns;

  gtk_widget_init_template (GTK_WIDGET (self));
  columns = gtk_column_view_get_columns (self->view);
  g_assert (g_list_model_get_n_items (columns) == ATTUNE_CURVE_N_COLUMNS);
  for (guint i = 0; i < ATTUNE_CURVE_N_COLUMNS; i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);
      g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

      g_signal_connect (factory, "setup", G_CALLBACK (setup_cell_cb), NULL);
      g_signal_connect (factory, "bind", G_CALLBACK (bind_cell_cb), GUINT_TO_POINTER (i));
      gtk_column_view_column_set_factory (column, factory);
    }
}

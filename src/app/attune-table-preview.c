/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTablePreview: a GtkColumnView over a virtual list model.
 */
#include "config.h"

#include "attune-table-preview.h"

#include <glib/gi18n.h>
#include <string.h>

#include "attune-label-names.h"

/* More columns than this are not shown unless they are chosen. */
#define MAX_COLUMNS 32
/* Bytes of a cell that are drawn; cells may be megabytes. */
#define MAX_CELL_BYTES 400

#define ATTUNE_TYPE_TABLE_ROW (attune_table_row_get_type ())
G_DECLARE_FINAL_TYPE (AttuneTableRow, attune_table_row, ATTUNE, TABLE_ROW, GObject)

/* One visible row: the table and a number. */
struct _AttuneTableRow
{
  GObject parent_instance;

  AttuneTable *table;
  guint row;
};

G_DEFINE_FINAL_TYPE (AttuneTableRow, attune_table_row, G_TYPE_OBJECT)

static void
attune_table_row_finalize (GObject *object)
{
  g_object_unref (ATTUNE_TABLE_ROW (object)->table);
  G_OBJECT_CLASS (attune_table_row_parent_class)->finalize (object);
}

static void
attune_table_row_class_init (AttuneTableRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = attune_table_row_finalize;
}

static void
attune_table_row_init (AttuneTableRow *self)
{
}

#define ATTUNE_TYPE_TABLE_ROWS (attune_table_rows_get_type ())
G_DECLARE_FINAL_TYPE (AttuneTableRows, attune_table_rows, ATTUNE, TABLE_ROWS, GObject)

/* The list of all rows; it holds none of them. */
struct _AttuneTableRows
{
  GObject parent_instance;

  AttuneTable *table;
};

static GType
attune_table_rows_get_item_type (GListModel *model)
{
  return ATTUNE_TYPE_TABLE_ROW;
}

static guint
attune_table_rows_get_n_items (GListModel *model)
{
  return attune_table_get_n_rows (ATTUNE_TABLE_ROWS (model)->table);
}

static gpointer
attune_table_rows_get_item (GListModel *model, guint position)
{
  AttuneTableRows *self = ATTUNE_TABLE_ROWS (model);
  AttuneTableRow *row;

  if (position >= attune_table_get_n_rows (self->table))
    return NULL;
  row = g_object_new (ATTUNE_TYPE_TABLE_ROW, NULL);
  row->table = g_object_ref (self->table);
  row->row = position;
  return row;
}

static void
attune_table_rows_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = attune_table_rows_get_item_type;
  iface->get_n_items = attune_table_rows_get_n_items;
  iface->get_item = attune_table_rows_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (AttuneTableRows, attune_table_rows, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      attune_table_rows_list_model_init))

static void
attune_table_rows_finalize (GObject *object)
{
  g_object_unref (ATTUNE_TABLE_ROWS (object)->table);
  G_OBJECT_CLASS (attune_table_rows_parent_class)->finalize (object);
}

static void
attune_table_rows_class_init (AttuneTableRowsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = attune_table_rows_finalize;
}

static void
attune_table_rows_init (AttuneTableRows *self)
{
}

struct _AttuneTablePreview
{
  AdwBin parent_instance;

  GtkColumnView *view;
  AttuneTable *table; /* shown */
};

G_DEFINE_FINAL_TYPE (AttuneTablePreview, attune_table_preview, ADW_TYPE_BIN)

/* What the cells of one column need to know. */
typedef struct
{
  guint column;
  gboolean is_label;
} CellKind;

static void
cell_kind_free (gpointer data, GClosure *closure)
{
  g_free (data);
}

static void
setup_cell_cb (GtkSignalListItemFactory *factory, GtkListItem *item, CellKind *kind)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_ellipsize (GTK_LABEL (label),
                           kind->is_label ? PANGO_ELLIPSIZE_MIDDLE : PANGO_ELLIPSIZE_END);
  gtk_label_set_single_line_mode (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  if (kind->is_label)
    {
      gtk_widget_set_halign (label, GTK_ALIGN_START);
      gtk_widget_add_css_class (label, "tag");
    }
  gtk_list_item_set_child (item, label);
}

/* (nullable) (transfer full): a cell of numbers by the names that the file has for them; NULL where
 * it has none for one of them. Items of a list are parted. */
static char *
name_classes (const char *const *names, const char *cell)
{
  const char separator[] = { ATTUNE_LIST_SEPARATOR, '\0' };
  g_auto (GStrv) items = names != NULL ? g_strsplit (cell, separator, -1) : NULL;
  guint n_names = names != NULL ? g_strv_length ((char **) names) : 0;
  guint id;

  if (n_names == 0 || *cell == '\0')
    return NULL;
  for (guint i = 0; items[i] != NULL; i++)
    {
      if (!attune_label_parse_id (items[i], n_names - 1, &id))
        return NULL;
      g_set_str (&items[i], names[id]);
    }
  return g_strjoinv (", ", items);
}

static void
bind_cell_cb (GtkSignalListItemFactory *factory, GtkListItem *item, CellKind *kind)
{
  AttuneTableRow *row = gtk_list_item_get_item (item);
  gsize length;
  const char *cell = attune_table_get_cell (row->table, row->row, kind->column, &length);
  g_autofree char *held = g_utf8_make_valid (cell, MIN (length, MAX_CELL_BYTES));
  g_autofree char *named =
    name_classes (attune_table_get_class_names (row->table, kind->column), held);
  g_autofree char *tooltip = NULL;
  GtkWidget *label = gtk_list_item_get_child (item);

  /* Line breaks inside a cell would cut it off after the first line. */
  g_strdelimit (held, "\r\n\t\x1f", ' ');
  if (named != NULL)
    {
      g_strdelimit (named, "\r\n\t", ' ');
      tooltip = g_strdup_printf (C_("what a named label is in the file", "In the file: %s"), held);
    }
  gtk_label_set_text (GTK_LABEL (label), named != NULL ? named : held);
  gtk_widget_set_tooltip_text (label, tooltip);
}

static gboolean
is_label (const AttuneColumns *columns, gint column)
{
  gboolean found = columns != NULL && columns->label == column;

  for (guint i = 0; columns != NULL && i < columns->n_more; i++)
    found = found || columns->more[i] == column;
  return found;
}

static void
add_column (AttuneTablePreview *self, AttuneTable *table, const AttuneColumns *columns,
            guint column)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  CellKind *kind = g_new0 (CellKind, 1);
  const char *name = attune_table_get_column_name (table, column);
  gboolean has_text = columns != NULL && columns->text >= 0;
  gboolean is_text = has_text && columns->text == (gint) column;
  gboolean is_pair = has_text && columns->pair == (gint) column;
  g_autoptr (GtkColumnViewColumn) view_column = NULL;
  g_autofree char *title = NULL;

  kind->column = column;
  kind->is_label = is_label (columns, (gint) column);
  if (is_text)
    title = g_strdup_printf (C_("column header", "%s · Text"), name);
  else if (kind->is_label)
    title = g_strdup_printf (C_("column header", "%s · Label"), name);
  else if (is_pair)
    title = g_strdup_printf (C_("column header", "%s · Second Text"), name);
  else
    title = g_strdup (name);

  g_signal_connect_data (factory, "setup", G_CALLBACK (setup_cell_cb), kind, NULL, 0);
  g_signal_connect_data (factory, "bind", G_CALLBACK (bind_cell_cb), kind, cell_kind_free, 0);
  view_column = gtk_column_view_column_new (title, factory);
  gtk_column_view_column_set_resizable (view_column, TRUE);
  gtk_column_view_column_set_expand (view_column, is_text || is_pair || !has_text);
  if (!is_text && !is_pair && has_text)
    gtk_column_view_column_set_fixed_width (view_column, 140);
  gtk_column_view_append_column (self->view, view_column);
}

static void
set_table (AttuneTablePreview *self, AttuneTable *table)
{
  g_autoptr (GtkNoSelection) selection = NULL;
  AttuneTableRows *rows;

  if (!g_set_object (&self->table, table))
    return;
  if (table != NULL)
    {
      rows = g_object_new (ATTUNE_TYPE_TABLE_ROWS, NULL);
      rows->table = g_object_ref (table);
      selection = gtk_no_selection_new (G_LIST_MODEL (rows));
    }
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (selection));
}

static gboolean
has_role (const AttuneColumns *columns, gint column)
{
  return columns != NULL
         && (columns->text == column || columns->pair == column || is_label (columns, column));
}

void
attune_table_preview_show (AttuneTablePreview *self, AttuneTable *table,
                           const AttuneColumns *columns)
{
  GListModel *view_columns = gtk_column_view_get_columns (self->view);
  guint n_columns = table != NULL ? attune_table_get_n_columns (table) : 0;

  /* Of the same table only what the columns are called changes; who has scrolled stays there. */
  if (table != self->table)
    gtk_column_view_set_model (self->view, NULL);
  while (g_list_model_get_n_items (view_columns) > 0)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (view_columns, 0);

      gtk_column_view_remove_column (self->view, column);
    }
  for (guint i = 0; i < n_columns; i++)
    {
      if (i < MAX_COLUMNS || has_role (columns, (gint) i))
        add_column (self, table, columns, i);
    }
  set_table (self, table);
}

static void
attune_table_preview_dispose (GObject *object)
{
  g_clear_object (&ATTUNE_TABLE_PREVIEW (object)->table);
  G_OBJECT_CLASS (attune_table_preview_parent_class)->dispose (object);
}

static void
attune_table_preview_class_init (AttuneTablePreviewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = attune_table_preview_dispose;
}

static void
attune_table_preview_init (AttuneTablePreview *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->view = GTK_COLUMN_VIEW (gtk_column_view_new (NULL));
  gtk_column_view_set_show_row_separators (self->view, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "data-table");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Preview of the data"), -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->view));
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scroller), 208);
  adw_bin_set_child (ADW_BIN (self), scroller);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The per-label table of the Results page.
 */
#include "config.h"

#include "attune-label-table.h"

#include <glib/gi18n.h>

#define ATTUNE_TYPE_LABEL_SCORE (attune_label_score_get_type ())
G_DECLARE_FINAL_TYPE (AttuneLabelScore, attune_label_score, ATTUNE, LABEL_SCORE, GObject)

/* Texts, precision, recall, F1; and for texts with several labels right, missed, wrong. */
#define N_VALUES 7

/* One label's row. */
struct _AttuneLabelScore
{
  GObject parent_instance;

  char *label;
  double values[N_VALUES];
};

G_DEFINE_FINAL_TYPE (AttuneLabelScore, attune_label_score, G_TYPE_OBJECT)

static void
attune_label_score_finalize (GObject *object)
{
  g_free (ATTUNE_LABEL_SCORE (object)->label);
  G_OBJECT_CLASS (attune_label_score_parent_class)->finalize (object);
}

static void
attune_label_score_class_init (AttuneLabelScoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = attune_label_score_finalize;
}

static void
attune_label_score_init (AttuneLabelScore *self)
{
}

/* Column numbers: 0 the label, from 1 on values from 0 on. */
#define F1_COLUMN 4

/* Numbers of texts, not shares. */
static gboolean
is_count (guint column)
{
  return column == 1 || column > F1_COLUMN;
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer column)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), GPOINTER_TO_UINT (column) == 0 ? 0 : 1);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_add_css_class (label, "numeric");
  if (GPOINTER_TO_UINT (column) == F1_COLUMN)
    {
      GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
      GtkWidget *bar = gtk_level_bar_new ();

      gtk_widget_set_hexpand (bar, TRUE);
      gtk_widget_set_valign (bar, GTK_ALIGN_CENTER);
      gtk_widget_add_css_class (bar, "score");
      /* The number beside it says the same. */
      gtk_accessible_update_state (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
      gtk_box_append (GTK_BOX (box), bar);
      gtk_box_append (GTK_BOX (box), label);
      gtk_list_item_set_child (item, box);
    }
  else
    gtk_list_item_set_child (item, label);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  AttuneLabelScore *score = gtk_list_item_get_item (item);
  GtkWidget *child = gtk_list_item_get_child (item);
  guint column = GPOINTER_TO_UINT (data);
  g_autofree char *text = NULL;

  if (column == 0)
    text = g_strdup (score->label);
  else if (is_count (column))
    text = g_strdup_printf ("%'.0f", score->values[column - 1]);
  else
    text = g_strdup_printf ("%.1f", 100 * score->values[column - 1]);
  if (column == F1_COLUMN)
    {
      gtk_level_bar_set_value (GTK_LEVEL_BAR (gtk_widget_get_first_child (child)),
                               score->values[3]);
      child = gtk_widget_get_last_child (child);
    }
  gtk_label_set_text (GTK_LABEL (child), text);
}

static int
compare_cb (gconstpointer a, gconstpointer b, gpointer column)
{
  AttuneLabelScore *first = ATTUNE_LABEL_SCORE ((gpointer) a);
  AttuneLabelScore *second = ATTUNE_LABEL_SCORE ((gpointer) b);
  guint number = GPOINTER_TO_UINT (column);
  double difference;

  if (number == 0)
    return gtk_ordering_from_cmpfunc (g_utf8_collate (first->label, second->label));
  difference = first->values[number - 1] - second->values[number - 1];
  return difference < 0   ? GTK_ORDERING_SMALLER
         : difference > 0 ? GTK_ORDERING_LARGER
                          : GTK_ORDERING_EQUAL;
}

static void
add_column (GtkColumnView *view, guint number, const char *title)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkColumnViewColumn) column = gtk_column_view_column_new (title, factory);
  g_autoptr (GtkSorter) sorter =
    GTK_SORTER (gtk_custom_sorter_new (compare_cb, GUINT_TO_POINTER (number), NULL));

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), GUINT_TO_POINTER (number));
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), GUINT_TO_POINTER (number));
  gtk_column_view_column_set_sorter (column, sorter);
  /* Names of labels are what gets too long. */
  gtk_column_view_column_set_expand (column, number == 0);
  gtk_column_view_append_column (view, column);
}

/* Of labels that exclude each other precision and recall; of others what became of them. */
static void
show_columns (GtkColumnView *view, gboolean multi_label)
{
  GListModel *columns = gtk_column_view_get_columns (view);
  g_autoptr (GtkColumnViewColumn) second = g_list_model_get_item (columns, 1);
  const char *title = multi_label ? C_("texts with a label", "Found") : _("Texts");

  if (second != NULL && g_str_equal (gtk_column_view_column_get_title (second), title))
    return;
  while (g_list_model_get_n_items (columns) > 0)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, 0);

      gtk_column_view_remove_column (view, column);
    }
  add_column (view, 0, _("Label"));
  if (multi_label)
    {
      add_column (view, 5, title);
      add_column (view, 6, C_("texts with a label", "Missed"));
      add_column (view, 7, C_("texts given a label that they do not have", "Wrong"));
    }
  else
    {
      add_column (view, 1, title);
      add_column (view, 2, C_("measure", "Precision"));
      add_column (view, 3, _("Recall"));
    }
  add_column (view, F1_COLUMN, _("F1"));
}

void
attune_label_table_fill (GtkColumnView *view, const char * const *labels,
                         const AttuneMetrics *metrics)
{
  GListStore *store = g_list_store_new (ATTUNE_TYPE_LABEL_SCORE);
  g_autoptr (GtkNoSelection) selection = NULL;
  GtkSortListModel *sorted;

  show_columns (view, metrics->multi_label);
  for (guint i = 0; i < metrics->n_classes; i++)
    {
      g_autoptr (AttuneLabelScore) score = g_object_new (ATTUNE_TYPE_LABEL_SCORE, NULL);

      score->label = g_strdup (labels[i]);
      score->values[0] = (double) metrics->support[i];
      score->values[1] = metrics->precision[i];
      score->values[2] = metrics->recall[i];
      score->values[3] = metrics->f1[i];
      score->values[4] = (double) metrics->n_right[i];
      score->values[5] = (double) (metrics->support[i] - metrics->n_right[i]);
      score->values[6] = (double) (metrics->n_predicted[i] - metrics->n_right[i]);
      g_list_store_append (store, score);
    }
  sorted = gtk_sort_list_model_new (G_LIST_MODEL (store),
                                    g_object_ref (gtk_column_view_get_sorter (view)));
  selection = gtk_no_selection_new (G_LIST_MODEL (sorted));
  gtk_column_view_set_model (view, GTK_SELECTION_MODEL (selection));
}

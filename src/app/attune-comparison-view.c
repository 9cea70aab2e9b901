/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a comparison says, drawn: the curves of all runs in two plots, two tables with a row for
 * each run, and the sentences that attune-cli prints as well. Main thread.
 */
#include "config.h"

#include "attune-comparison-view.h"

#include <glib/gi18n.h>

#include "attune-plot.h"

struct _AttuneComparisonView
{
  AdwBin parent_instance;

  AdwWrapBox *legend_box;
  AttunePlot *accuracy_plot;
  AttunePlot *loss_plot;
  GtkWidget *curves;
  GtkLabel *runs;
  GtkColumnView *scores;
  GtkWidget *groups_box;
  GtkLabel *groups;
  GtkLabel *tests;
  GtkWidget *settings_box;
  GtkColumnView *settings;
  GtkWidget *same;

  AttuneRunComparison *comparison;
  GtkWidget *legend;
};

G_DEFINE_FINAL_TYPE (AttuneComparisonView, attune_comparison_view, ADW_TYPE_BIN)

/* How lines are told apart, by colour and by dash. */
static const AttuneSeriesStyle styles[] = {
  ATTUNE_SERIES_TRAINING, ATTUNE_SERIES_OTHER, ATTUNE_SERIES_VALIDATION, ATTUNE_SERIES_OTHER_2,
  ATTUNE_SERIES_OTHER_3,
};

static const AttuneComparedRun *
get_run (AttuneComparisonView *self, guint i)
{
  return g_ptr_array_index (self->comparison->runs, i);
}

static void
add_curve (AttunePlot *plot, const char *label, AttuneSeriesStyle style, const GArray *steps,
           const GArray *values)
{
  guint series = attune_plot_add_series (plot, label, style);

  attune_plot_set_series_smoothed (plot, series, FALSE);
  attune_plot_set_data (plot, series, (const double *) steps->data, (const double *) values->data,
                        values->len);
}

/* Runs that differ in their seed alone look alike; where each is of its own kind, each differs. */
static void
show_curves (AttuneComparisonView *self)
{
  const AttuneRunComparison *comparison = self->comparison;
  gboolean grouped = comparison->groups->len < comparison->runs->len;
  gboolean any = FALSE;

  attune_plot_clear (self->accuracy_plot);
  attune_plot_clear (self->loss_plot);
  for (guint i = 0; i < comparison->runs->len; i++)
    {
      const AttuneComparedRun *run = get_run (self, i);
      const AttuneRunHistory *history = attune_run_get_history (run->run);
      AttuneSeriesStyle style = styles[(grouped ? run->group : i) % G_N_ELEMENTS (styles)];

      add_curve (self->accuracy_plot, run->letter, style, history->eval_step,
                 history->eval_accuracy);
      add_curve (self->loss_plot, run->letter, style, history->eval_step, history->eval_loss);
      any = any || history->eval_step->len > 0;
    }
  gtk_widget_set_visible (self->curves, any);
  if (self->legend != NULL)
    adw_wrap_box_remove (self->legend_box, self->legend);
  self->legend = attune_plot_create_legend (self->accuracy_plot);
  adw_wrap_box_append (self->legend_box, self->legend);
}

static void
show_runs (AttuneComparisonView *self)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < self->comparison->runs->len; i++)
    g_string_append_printf (lines, "%s%s  %s", i > 0 ? "\n" : "", get_run (self, i)->letter,
                            attune_run_get_title (get_run (self, i)->run));
  gtk_label_set_text (self->runs, lines->str);
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, const AttuneComparedRow *row)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), row == NULL ? 0 : 1);
  gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

/* An item is the number of its run, as text. */
static guint
get_number (GtkListItem *item)
{
  return (guint) g_ascii_strtoull (
    gtk_string_object_get_string (GTK_STRING_OBJECT (gtk_list_item_get_item (item))), NULL, 10);
}

static void
bind_value_cb (GtkSignalListItemFactory *factory, GtkListItem *item, const AttuneComparedRow *row)
{
  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)), row->values[get_number (item)]);
}

static void
bind_letter_cb (GtkSignalListItemFactory *factory, GtkListItem *item, AttuneComparisonView *self)
{
  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)),
                      get_run (self, get_number (item))->letter);
}

static void
add_column (AttuneComparisonView *self, GtkColumnView *view, const AttuneComparedRow *row)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkColumnViewColumn) column =
    gtk_column_view_column_new (row != NULL ? row->title : _("Run"), factory);

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), (gpointer) row);
  if (row != NULL)
    g_signal_connect (factory, "bind", G_CALLBACK (bind_value_cb), (gpointer) row);
  else
    g_signal_connect (factory, "bind", G_CALLBACK (bind_letter_cb), self);
  gtk_column_view_column_set_expand (column, row == NULL);
  gtk_column_view_append_column (view, column);
}

/* A row for each run, a column for each of rows. */
static void
fill_table (AttuneComparisonView *self, GtkColumnView *view, GPtrArray *rows)
{
  GListModel *columns = gtk_column_view_get_columns (view);
  g_autoptr (GtkStringList) numbers = gtk_string_list_new (NULL);
  g_autoptr (GtkNoSelection) selection = NULL;

  while (g_list_model_get_n_items (columns) > 0)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, 0);

      gtk_column_view_remove_column (view, column);
    }
  add_column (self, view, NULL);
  for (guint i = 0; i < rows->len; i++)
    add_column (self, view, g_ptr_array_index (rows, i));
  for (guint i = 0; i < self->comparison->runs->len; i++)
    gtk_string_list_take (numbers, g_strdup_printf ("%u", i));
  selection = gtk_no_selection_new (G_LIST_MODEL (g_object_ref (numbers)));
  gtk_column_view_set_model (view, GTK_SELECTION_MODEL (selection));
}

static void
add_line (GString *lines, char *line)
{
  g_string_append_printf (lines, "%s%s", lines->len > 0 ? "\n" : "", line);
  g_free (line);
}

static void
show_sentences (AttuneComparisonView *self)
{
  const AttuneRunComparison *comparison = self->comparison;
  gboolean grouped = comparison->groups->len < comparison->runs->len;
  g_autoptr (GString) groups = g_string_new (NULL);
  g_autoptr (GString) tests = g_string_new (NULL);

  for (guint i = 0; i < comparison->groups->len; i++)
    add_line (groups, attune_run_comparison_describe_group (comparison, i));
  for (guint i = 1; i < comparison->groups->len; i++)
    add_line (groups, attune_run_comparison_describe_difference (comparison, 0, i));
  for (guint i = 1; i < comparison->runs->len; i++)
    add_line (tests, attune_run_comparison_describe_test (comparison, 0, i));
  gtk_label_set_text (self->groups, groups->str);
  gtk_widget_set_visible (self->groups_box, grouped);
  gtk_label_set_text (self->tests, tests->str);
}

/* The columns' factories borrow rows of the comparison. */
static void
clear (AttuneComparisonView *self)
{
  if (self->comparison == NULL)
    return;
  gtk_column_view_set_model (self->scores, NULL);
  gtk_column_view_set_model (self->settings, NULL);
  g_clear_pointer (&self->comparison, attune_run_comparison_free);
}

void
attune_comparison_view_show (AttuneComparisonView *self, AttuneRunComparison *comparison)
{
  clear (self);
  self->comparison = comparison;
  show_runs (self);
  show_curves (self);
  fill_table (self, self->scores, comparison->scores);
  fill_table (self, self->settings, comparison->settings);
  gtk_widget_set_visible (self->settings_box, comparison->settings->len > 0);
  gtk_widget_set_visible (self->same, comparison->settings->len == 0);
  show_sentences (self);
}

char *
attune_comparison_view_to_text (AttuneComparisonView *self)
{
  return self->comparison != NULL ? attune_run_comparison_to_text (self->comparison) : NULL;
}

static void
attune_comparison_view_dispose (GObject *object)
{
  AttuneComparisonView *self = ATTUNE_COMPARISON_VIEW (object);

  clear (self);
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_COMPARISON_VIEW);
  G_OBJECT_CLASS (attune_comparison_view_parent_class)->dispose (object);
}

static void
attune_comparison_view_class_init (AttuneComparisonViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_comparison_view_dispose;
  g_type_ensure (ATTUNE_TYPE_PLOT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-comparison-view.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonView, legend_box);
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonView, accuracy_plot);
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonView, loss_plot);
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonView, curves);
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonView, runs);
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonView, scores);
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonView, groups_box);
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonView, groups);
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonView, tests);
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonView, settings_box);
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonView, settings);
  gtk_widget_class_bind_template_child (widget_class, AttuneComparisonView, same);
}

static void
attune_comparison_view_init (AttuneComparisonView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

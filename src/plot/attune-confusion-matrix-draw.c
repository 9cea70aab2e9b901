/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a confusion matrix is laid out and drawn. Blue where true and guessed label agree, orange
 * where not, as strong as the cell's share of its row; the number is always printed.
 */
#include "config.h"

#include "attune-chart-text.h"
#include "attune-confusion-matrix-private.h"
#include "attune-plot-ticks.h"

#include <glib/gi18n.h>
#include <math.h>
#include <stdlib.h>

#define MOST_NAME 120.0
#define RADIUS 6.0

/* Cells drawn beyond those in sight, so that not every step of scrolling draws. */
#define AROUND 4

/* Of more labels than this only the longest are measured. */
#define MOST_MEASURED 64

/* What part of its row a cell holds, 0..1. */
double
attune_confusion_matrix_share (AttuneConfusionMatrix *self,
                               guint                  row,
                               guint                  column)
{
  guint64 total = self->totals[row];

  return total > 0 ? (double) self->counts[row * self->n + column] / total : 0;
}

/* Has one row of cells drawn anew. */
void
attune_confusion_matrix_forget_row (AttuneConfusionMatrix *self,
                                    guint                  row)
{
  if (row < self->nodes->len)
    g_clear_pointer (&self->nodes->pdata[row], gsk_render_node_unref);
}

/* Has all rows of cells drawn anew. */
void
attune_confusion_matrix_forget_rows (AttuneConfusionMatrix *self)
{
  for (guint row = 0; row < self->nodes->len; row++)
    attune_confusion_matrix_forget_row (self, row);
}

static int
compare_longest_first (gconstpointer a,
                       gconstpointer b)
{
  glong first = g_utf8_strlen (*(const char * const *) a, -1);
  glong second = g_utf8_strlen (*(const char * const *) b, -1);

  return (first < second) - (first > second);
}

static double
measure_names (AttuneConfusionMatrix *self)
{
  double widest;
  g_autofree char **names = NULL;

  if (self->names_width >= 0)
    return self->names_width;

  names = g_memdup2 (self->labels, self->n * sizeof *names);
  if (self->n > MOST_MEASURED)
    qsort (names, self->n, sizeof *names, compare_longest_first);
  widest = attune_chart_text_width (GTK_WIDGET (self), _("True"), ATTUNE_CHART_SMALL, FALSE);
  for (guint i = 0; i < MIN (self->n, MOST_MEASURED) && widest < MOST_NAME; i++)
    widest = MAX (widest, attune_chart_text_width (GTK_WIDGET (self), names[i], 0.88, TRUE));
  self->names_width = ceil (MIN (widest, MOST_NAME));
  return self->names_width;
}

/* Lays the matrix out in the room it has. */
void
attune_confusion_matrix_find_geometry (AttuneConfusionMatrix *self,
                                       AttuneMatrixGeometry  *geometry)
{
  GtkWidget *widget = GTK_WIDGET (self);
  g_autoptr(PangoLayout) text = attune_chart_text_new (widget, "0", 0.88, FALSE);

  attune_chart_text_size (text, NULL, &geometry->text_height);
  geometry->left = measure_names (self) + ATTUNE_MATRIX_NAME_GAP;
  geometry->top = ceil (2 * geometry->text_height) + 12;
  geometry->pitch_x = MAX ((gtk_widget_get_width (widget) - geometry->left) / MAX (self->n, 1),
                           ATTUNE_MATRIX_LEAST_CELL + ATTUNE_MATRIX_GAP);
  geometry->pitch_y = MAX ((gtk_widget_get_height (widget) - geometry->top) / MAX (self->n, 1),
                           ATTUNE_MATRIX_LEAST_CELL + ATTUNE_MATRIX_GAP);
}

static void
find_span (GtkAdjustment *adjustment,
           double         start,
           double         pitch,
           guint          around,
           guint          n,
           guint         *first,
           guint         *end)
{
  double from = (gtk_adjustment_get_value (adjustment) - start) / pitch;
  double to = from + gtk_adjustment_get_page_size (adjustment) / pitch;

  *first = (guint) CLAMP (floor (from) - around, 0, n);
  *end = (guint) CLAMP (ceil (to) + around, *first, n);
}

void
attune_confusion_matrix_find_range (AttuneConfusionMatrix *self,
                                    guint                  around,
                                    AttuneMatrixRange     *range)
{
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (self));
  AttuneMatrixGeometry geometry;

  *range = (AttuneMatrixRange) { 0, self->n, 0, self->n };
  if (!GTK_IS_VIEWPORT (parent))
    return;

  attune_confusion_matrix_find_geometry (self, &geometry);
  find_span (gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (parent)), geometry.top,
             geometry.pitch_y, around, self->n, &range->first_row, &range->end_row);
  find_span (gtk_scrollable_get_hadjustment (GTK_SCROLLABLE (parent)), geometry.left,
             geometry.pitch_x, around, self->n, &range->first_column, &range->end_column);
}

static GdkRGBA
cell_color (AttuneConfusionMatrix   *self,
            const AttunePlotPalette *palette,
            guint                    row,
            guint                    column)
{
  double share = attune_confusion_matrix_share (self, row, column);

  if (row == column)
    return attune_rgba_with_alpha (palette->training, 0.06 + 0.94 * sqrt (share));
  return attune_rgba_with_alpha (palette->validation,
                                 0.05 + 0.5 * share / MAX (self->worst, 0.05));
}

/* Black or white, whichever is read better on the cell. */
static GdkRGBA
ink_on (GdkRGBA                  cell,
        const AttunePlotPalette *palette)
{
  double luminance = attune_rgba_luminance (attune_rgba_over (cell, palette->paper));
  GdkRGBA dark = { 0.12f, 0.12f, 0.13f, 1 }, light = { 1, 1, 1, 1 };

  return (luminance + 0.05) / 0.0625 > 1.05 / (luminance + 0.05) ? dark : light;
}

static char *
cell_text (AttuneConfusionMatrix *self,
           guint                  row,
           guint                  column)
{
  if (self->show_share)
    return attune_value_format (attune_confusion_matrix_share (self, row, column), TRUE);
  return attune_confusion_matrix_format_count (self->counts[row * self->n + column]);
}

/* The number laid out; equal ones share it, and of many labels most cells hold 0. */
static PangoLayout *
lay_out_number (AttuneConfusionMatrix *self,
                GHashTable            *layouts,
                guint                  row,
                guint                  column,
                gboolean               bold,
                double                 width)
{
  g_autofree char *text = cell_text (self, row, column);
  g_autofree char *key = g_strconcat (bold ? "b" : "r", text, NULL);
  PangoLayout *layout = g_hash_table_lookup (layouts, key);

  if (layout == NULL)
    {
      layout = attune_chart_text_new (GTK_WIDGET (self), text, self->show_share ? 0.88 : 1, bold);
      attune_chart_text_limit (layout, width);
      pango_layout_set_alignment (layout, PANGO_ALIGN_CENTER);
      g_hash_table_insert (layouts, g_steal_pointer (&key), layout);
    }

  return layout;
}

static void
draw_cell (AttuneConfusionMatrix      *self,
           cairo_t                    *cr,
           const AttunePlotPalette    *palette,
           const AttuneMatrixGeometry *geometry,
           GHashTable                 *layouts,
           guint                       row,
           guint                       column)
{
  gboolean chosen = self->has_choice && self->row == row && self->column == column;
  double x = geometry->left + column * geometry->pitch_x + ATTUNE_MATRIX_GAP / 2;
  double y = geometry->top + row * geometry->pitch_y + ATTUNE_MATRIX_GAP / 2;
  double width = geometry->pitch_x - ATTUNE_MATRIX_GAP;
  double height = geometry->pitch_y - ATTUNE_MATRIX_GAP;
  GdkRGBA fill = cell_color (self, palette, row, column);
  GdkRGBA ink = ink_on (fill, palette);
  PangoLayout *layout = lay_out_number (self, layouts, row, column, chosen || row == column,
                                        width - 4);

  gdk_cairo_set_source_rgba (cr, &fill);
  attune_chart_round_rect (cr, x, y, width, height, RADIUS);
  cairo_fill (cr);
  attune_chart_text_show (cr, layout, &ink, x + width / 2, y + height / 2, 0.5, 0.5);

  if (chosen)
    {
      gdk_cairo_set_source_rgba (cr, &palette->foreground);
      cairo_set_line_width (cr, 2.5);
      attune_chart_round_rect (cr, x - 0.25, y - 0.25, width + 0.5, height + 0.5, RADIUS);
      cairo_stroke (cr);
    }
}

/* A row of cells is a node of its own, kept until it changes. */
static void
snapshot_row (AttuneConfusionMatrix      *self,
              GtkSnapshot                *snapshot,
              const AttunePlotPalette    *palette,
              const AttuneMatrixGeometry *geometry,
              GHashTable                 *layouts,
              guint                       row)
{
  const AttuneMatrixRange *range = &self->node_range;

  if (self->nodes->pdata[row] == NULL)
    {
      GtkSnapshot *cells = gtk_snapshot_new ();
      double left = geometry->left + range->first_column * geometry->pitch_x;
      double width = (range->end_column - range->first_column) * geometry->pitch_x;
      cairo_t *cr;

      cr = gtk_snapshot_append_cairo (cells, &GRAPHENE_RECT_INIT (
                                        (float) left - 2,
                                        (float) (geometry->top + row * geometry->pitch_y - 2),
                                        (float) width + 4, (float) (geometry->pitch_y + 4)));
      for (guint column = range->first_column; column < range->end_column; column++)
        draw_cell (self, cr, palette, geometry, layouts, row, column);
      cairo_destroy (cr);
      self->nodes->pdata[row] = gtk_snapshot_free_to_node (cells);
    }

  gtk_snapshot_append_node (snapshot, self->nodes->pdata[row]);
}

static void
draw_name (AttuneConfusionMatrix   *self,
           cairo_t                 *cr,
           const AttunePlotPalette *palette,
           guint                    label,
           gboolean                 bold,
           double                   room,
           double                   x,
           double                   y,
           double                   align_x,
           double                   align_y)
{
  g_autoptr(PangoLayout) name = attune_chart_text_new (GTK_WIDGET (self), self->labels[label],
                                                       0.88, bold);

  attune_chart_text_limit (name, room);
  attune_chart_text_show (cr, name, &palette->foreground, x, y, align_x, align_y);
}

static void
draw_names (AttuneConfusionMatrix      *self,
            cairo_t                    *cr,
            const AttunePlotPalette    *palette,
            const AttuneMatrixGeometry *geometry)
{
  GtkWidget *widget = GTK_WIDGET (self);
  double names_x = geometry->left - ATTUNE_MATRIX_NAME_GAP, names_y = geometry->top - 6;

  attune_chart_text_draw (widget, cr, _("Guessed"), ATTUNE_CHART_SMALL, FALSE, &palette->dim,
                          geometry->left + self->n * geometry->pitch_x / 2, 0, 0.5, 0);
  attune_chart_text_draw (widget, cr, _("True"), ATTUNE_CHART_SMALL, FALSE, &palette->dim,
                          names_x, names_y, 1, 1);
  for (guint i = self->node_range.first_row; i < self->node_range.end_row; i++)
    draw_name (self, cr, palette, i, self->has_choice && self->row == i, names_x, names_x,
               geometry->top + (i + 0.5) * geometry->pitch_y, 1, 0.5);
  for (guint i = self->node_range.first_column; i < self->node_range.end_column; i++)
    draw_name (self, cr, palette, i, self->has_choice && self->column == i,
               geometry->pitch_x - 2, geometry->left + (i + 0.5) * geometry->pitch_x, names_y,
               0.5, 1);
}

/* Draws the part of the matrix that is in sight, however large it is; rows of cells that did not
 * change are not drawn again. */
void
attune_confusion_matrix_snapshot (GtkWidget   *widget,
                                  GtkSnapshot *snapshot)
{
  AttuneConfusionMatrix *self = ATTUNE_CONFUSION_MATRIX (widget);
  float width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  AttunePlotPalette palette = { 0 };
  AttuneMatrixGeometry geometry = { 0 };
  AttuneMatrixRange range;
  g_autoptr(GHashTable) layouts = NULL;
  cairo_t *cr;

  if (self->n == 0)
    return;

  attune_plot_palette_for_widget (&palette, widget);
  attune_confusion_matrix_find_geometry (self, &geometry);
  if (memcmp (&palette, &self->node_palette, sizeof palette) != 0 ||
      memcmp (&geometry, &self->node_geometry, sizeof geometry) != 0)
    {
      attune_confusion_matrix_forget_rows (self);
      self->node_palette = palette;
      self->node_geometry = geometry;
    }
  attune_confusion_matrix_find_range (self, AROUND, &range);
  for (guint row = 0; row < self->n; row++)
    if (row < range.first_row || row >= range.end_row ||
        range.first_column != self->node_range.first_column ||
        range.end_column != self->node_range.end_column)
      attune_confusion_matrix_forget_row (self, row);
  self->node_range = range;

  layouts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  for (guint row = range.first_row; row < range.end_row; row++)
    snapshot_row (self, snapshot, &palette, &geometry, layouts, row);

  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  draw_names (self, cr, &palette, &geometry);
  if (gtk_widget_has_visible_focus (widget))
    attune_chart_focus_ring (cr, &palette.training, 0, 0, width, height, RADIUS);
  cairo_destroy (cr);
}

/* The count in the figures and groups of the locale. (transfer full) */
char *
attune_confusion_matrix_format_count (guint64 count)
{
  return g_strdup_printf ("%'" G_GUINT64_FORMAT, count);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts, rounded boxes and the focus ring that all charts share. Figures are tabular, so numbers
 * under each other line up.
 */
#include "config.h"

#include "attune-chart-text.h"

#include <math.h>

static gboolean
has_letters (const char *text)
{
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    if (g_unichar_isalpha (g_utf8_get_char (at)))
      return TRUE;

  return FALSE;
}

/**
 * attune_chart_text_new:
 * @widget: whose font is used
 * @text: one line
 * @scale: of the font, 1 for the widget's own size
 * @bold: whether heavier
 *
 * Returns: (transfer full): the line, laid out
 */
PangoLayout *
attune_chart_text_new (GtkWidget  *widget,
                       const char *text,
                       double      scale,
                       gboolean    bold)
{
  /* Bare numbers keep their order among scripts that run from right to left: 34 %, not % 34. */
  g_autofree char *marked = has_letters (text) ? NULL : g_strconcat ("\342\200\216", text, NULL);
  PangoLayout *layout = gtk_widget_create_pango_layout (widget, marked ? marked : text);
  g_autoptr(PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (scale));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  if (bold)
    pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  pango_layout_set_attributes (layout, attributes);
  pango_layout_set_single_paragraph_mode (layout, TRUE);

  return layout;
}

/* Shortens the line where it is wider than width pixels: in its middle, for names of labels often
 * begin alike. */
void
attune_chart_text_limit (PangoLayout *layout,
                         double       width)
{
  int natural;

  pango_layout_get_size (layout, &natural, NULL);
  if (natural > width * PANGO_SCALE)
    {
      pango_layout_set_width (layout, (int) (MAX (width, 1) * PANGO_SCALE));
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_MIDDLE);
    }
}

void
attune_chart_text_size (PangoLayout *layout,
                        double      *width,
                        double      *height)
{
  PangoRectangle logical;

  pango_layout_get_extents (layout, NULL, &logical);
  if (width)
    *width = (double) logical.width / PANGO_SCALE;
  if (height)
    *height = (double) logical.height / PANGO_SCALE;
}

/* Draws the line so that the point (x, y) lies at the share x_align, y_align of its box. */
void
attune_chart_text_show (cairo_t       *cr,
                        PangoLayout   *layout,
                        const GdkRGBA *color,
                        double         x,
                        double         y,
                        double         x_align,
                        double         y_align)
{
  PangoRectangle logical;

  pango_layout_get_extents (layout, NULL, &logical);
  gdk_cairo_set_source_rgba (cr, color);
  cairo_move_to (cr,
                 x - ((double) logical.x + x_align * logical.width) / PANGO_SCALE,
                 round (y - y_align * logical.height / PANGO_SCALE));
  pango_cairo_show_layout (cr, layout);
  cairo_new_path (cr);
}

void
attune_chart_text_draw (GtkWidget     *widget,
                        cairo_t       *cr,
                        const char    *text,
                        double         scale,
                        gboolean       bold,
                        const GdkRGBA *color,
                        double         x,
                        double         y,
                        double         x_align,
                        double         y_align)
{
  g_autoptr(PangoLayout) layout = attune_chart_text_new (widget, text, scale, bold);

  attune_chart_text_show (cr, layout, color, x, y, x_align, y_align);
}

double
attune_chart_text_width (GtkWidget  *widget,
                         const char *text,
                         double      scale,
                         gboolean    bold)
{
  g_autoptr(PangoLayout) layout = attune_chart_text_new (widget, text, scale, bold);
  double width;

  attune_chart_text_size (layout, &width, NULL);
  return width;
}

/* Adds a rectangle with round corners to the path. */
void
attune_chart_round_rect (cairo_t *cr,
                         double   x,
                         double   y,
                         double   width,
                         double   height,
                         double   radius)
{
  radius = MIN (radius, MIN (width, height) / 2);
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, x + width - radius, y + height - radius, radius, 0, G_PI_2);
  cairo_arc (cr, x + radius, y + height - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

/* The ring of a chart that has the keyboard: 2 px, drawn inside the box given. */
void
attune_chart_focus_ring (cairo_t       *cr,
                         const GdkRGBA *color,
                         double         x,
                         double         y,
                         double         width,
                         double         height,
                         double         radius)
{
  GdkRGBA half = *color;

  half.alpha *= 0.6f;
  gdk_cairo_set_source_rgba (cr, &half);
  cairo_set_line_width (cr, 2);
  attune_chart_round_rect (cr, x + 1, y + 1, width - 2, height - 2, radius);
  cairo_stroke (cr);
}

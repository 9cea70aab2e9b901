/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Picks colours by the luminance of the widget's text: light text means dark surroundings. The
 * accent colour is not used, since it may equal a series. An ancestor with the style class
 * "high-contrast" makes greys and faint lines stronger.
 */
#include "config.h"

#include "attune-plot-palette.h"

#include <math.h>

#define RGB(hex) ((GdkRGBA) { ((hex) >> 16 & 0xff) / 255.0f, ((hex) >> 8 & 0xff) / 255.0f, \
                              ((hex) & 0xff) / 255.0f, 1.0f })

GdkRGBA
attune_rgba_with_alpha (GdkRGBA color,
                        double  alpha)
{
  color.alpha *= (float) alpha;
  return color;
}

/* What the eye gets where top is laid over the opaque colour below. */
GdkRGBA
attune_rgba_over (GdkRGBA top,
                  GdkRGBA below)
{
  float a = top.alpha;

  return (GdkRGBA) { top.red * a + below.red * (1 - a), top.green * a + below.green * (1 - a),
                     top.blue * a + below.blue * (1 - a), 1 };
}

static double
linear_light (float channel)
{
  return channel <= 0.04045f ? channel / 12.92 : pow ((channel + 0.055) / 1.055, 2.4);
}

/* Relative luminance, 0 black to 1 white (WCAG 2.2). */
double
attune_rgba_luminance (GdkRGBA color)
{
  return 0.2126 * linear_light (color.red) + 0.7152 * linear_light (color.green) +
         0.0722 * linear_light (color.blue);
}

/**
 * attune_plot_palette_init:
 * @self: (out caller-allocates): the colours
 * @foreground: colour of text there
 * @high_contrast: whether all greys are to be strong
 */
void
attune_plot_palette_init (AttunePlotPalette *self,
                          const GdkRGBA     *foreground,
                          gboolean           high_contrast)
{
  GdkRGBA fg = *foreground;
  gboolean dark = attune_rgba_luminance (fg) > 0.4;

  if (high_contrast)
    fg.alpha = 1;

  self->dark = dark;
  self->foreground = fg;
  self->dim = attune_rgba_with_alpha (fg, high_contrast ? 1 : 0.66);
  self->faint = attune_rgba_with_alpha (fg, high_contrast ? 0.8 : 0.45);
  self->grid = attune_rgba_with_alpha (fg, high_contrast ? 0.3 : 0.11);
  self->axis = attune_rgba_with_alpha (fg, high_contrast ? 0.9 : 0.35);
  self->mark = attune_rgba_with_alpha (fg, high_contrast ? 0.6 : 0.2);
  self->crosshair = attune_rgba_with_alpha (fg, high_contrast ? 1 : 0.6);
  self->shade = attune_rgba_with_alpha (fg, high_contrast ? 0.07 : 0.035);
  self->track = attune_rgba_with_alpha (fg, high_contrast ? 0.2 : 0.08);
  self->paper = dark ? RGB (0x36363a) : RGB (0xffffff);
  self->sheet = dark ? RGB (0x434347) : RGB (0xffffff);
  self->training = dark ? RGB (0x62a0ea) : RGB (0x1c71d8);
  self->validation = dark ? RGB (0xffa348) : RGB (0xc64600);
  self->other = dark ? RGB (0x8ff0a4) : RGB (0x26a269);
  self->other_2 = dark ? RGB (0xb5835a) : RGB (0x63452c);
  self->other_3 = dark ? RGB (0xffffff) : RGB (0x241f31);
  self->baseline = dark ? RGB (0x9a9996) : RGB (0x5e5c64);
  self->raw_alpha = high_contrast ? 0.5 : 0.26;
}

static gboolean
wants_high_contrast (GtkWidget *widget)
{
  g_autofree char *theme = NULL;

  for (GtkWidget *at = widget; at != NULL; at = gtk_widget_get_parent (at))
    if (gtk_widget_has_css_class (at, "high-contrast"))
      return TRUE;

  g_object_get (gtk_widget_get_settings (widget), "gtk-theme-name", &theme, NULL);
  return theme != NULL && g_str_has_prefix (theme, "HighContrast");
}

/* The colours for a widget as it is styled now. */
void
attune_plot_palette_for_widget (AttunePlotPalette *self,
                                GtkWidget         *widget)
{
  GdkRGBA foreground;

  gtk_widget_get_color (widget, &foreground);
  attune_plot_palette_init (self, &foreground, wants_high_contrast (widget));
}

GdkRGBA
attune_plot_palette_series (const AttunePlotPalette *self,
                            AttuneSeriesStyle        style)
{
  switch (style)
    {
    case ATTUNE_SERIES_TRAINING:
      return self->training;
    case ATTUNE_SERIES_VALIDATION:
      return self->validation;
    case ATTUNE_SERIES_OTHER:
      return self->other;
    case ATTUNE_SERIES_OTHER_2:
      return self->other_2;
    case ATTUNE_SERIES_OTHER_3:
      return self->other_3;
    case ATTUNE_SERIES_BASELINE_NAIVE_BAYES:
    case ATTUNE_SERIES_BASELINE_REGRESSION:
    case ATTUNE_SERIES_BASELINE_MAJORITY:
    default:
      return self->baseline;
    }
}

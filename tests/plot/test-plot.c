/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The plot as a widget: lifetime, what assistive technology is told, properties, and pictures of
 * its states. The pictures are kept beside the test for people to look at; what is asserted of them
 * is that the right colours are there. Needs a display.
 */
#include "config.h"

#include "attune-plot-private.h"
#include "plot-samples.h"

#include <math.h>
#include <time.h>

/* How many pixels of the picture lie close to a colour, 0xRRGGBB. */
static guint
count_pixels (GdkTexture *texture,
              guint       color)
{
  int width = gdk_texture_get_width (texture), height = gdk_texture_get_height (texture);
  g_autofree guchar *data = g_malloc ((gsize) width * height * 4);
  guint n = 0;

  gdk_texture_download (texture, data, (gsize) width * 4);
  for (int i = 0; i < width * height; i++)
    {
      const guint32 pixel = ((const guint32 *) data)[i];

      n += ABS ((int) (pixel >> 16 & 0xff) - (int) (color >> 16 & 0xff)) < 12 &&
           ABS ((int) (pixel >> 8 & 0xff) - (int) (color >> 8 & 0xff)) < 12 &&
           ABS ((int) (pixel & 0xff) - (int) (color & 0xff)) < 12;
    }

  return n;
}

static GdkTexture *
take_picture (GtkWidget  *window,
              const char *name)
{
  GdkTexture *texture = plot_sample_render (gtk_window_get_child (GTK_WINDOW (window)));

  plot_sample_save (texture, name);
  return texture;
}

static void
test_new_destroy (void)
{
  GtkWidget *plot = g_object_ref_sink (plot_sample_loss ());
  GtkWidget *legend = g_object_ref_sink (attune_plot_create_legend (ATTUNE_PLOT (plot)));

  g_assert_finalize_object (G_OBJECT (plot));
  g_assert_finalize_object (G_OBJECT (legend));

  plot = g_object_ref_sink (plot_sample_loss ());
  legend = g_object_ref_sink (attune_plot_create_legend (ATTUNE_PLOT (plot)));
  g_assert_finalize_object (G_OBJECT (legend));
  attune_plot_add_series (ATTUNE_PLOT (plot), "Later", ATTUNE_SERIES_OTHER);
  g_assert_finalize_object (G_OBJECT (plot));
}

static void
test_screen_readers_are_told (void)
{
  GtkWidget *plot = g_object_ref_sink (attune_plot_new ());
  GtkAccessible *accessible = GTK_ACCESSIBLE (plot);

  gtk_test_accessible_assert_role (accessible, GTK_ACCESSIBLE_ROLE_IMG);
  g_assert_true (gtk_test_accessible_has_property (accessible, GTK_ACCESSIBLE_PROPERTY_LABEL));
  g_assert_true (gtk_test_accessible_has_property (accessible, GTK_ACCESSIBLE_PROPERTY_HELP_TEXT));

  g_object_set (plot, "title", "Training loss", "summary", "Epoch 3 of 5. Loss 0.31.", NULL);
  gtk_test_accessible_assert_property (accessible, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Training loss");
  gtk_test_accessible_assert_property (accessible, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "Epoch 3 of 5. Loss 0.31.");
  g_assert_true (gtk_widget_get_focusable (plot));
  g_assert_finalize_object (G_OBJECT (plot));
}

static void
count_cb (GObject    *object,
          GParamSpec *pspec,
          guint      *n)
{
  (*n)++;
}

static void
test_properties_notify_once (void)
{
  GtkWidget *plot = g_object_ref_sink (attune_plot_new ());
  guint n = 0;

  g_signal_connect (plot, "notify::cursor-x", G_CALLBACK (count_cb), &n);
  g_object_set (plot, "cursor-x", NAN, NULL);
  g_assert_cmpuint (n, ==, 0);
  g_object_set (plot, "cursor-x", 5.0, NULL);
  g_object_set (plot, "cursor-x", 5.0, NULL);
  g_assert_cmpuint (n, ==, 1);
  g_object_set (plot, "cursor-x", NAN, NULL);
  g_assert_cmpuint (n, ==, 2);
  g_assert_finalize_object (G_OBJECT (plot));
}

static void
test_linked_plots_share_crosshair_and_zoom (void)
{
  GtkWidget *first = g_object_ref_sink (attune_plot_new ());
  GtkWidget *second = g_object_ref_sink (attune_plot_new ());
  double x;

  attune_plot_link (ATTUNE_PLOT (first), ATTUNE_PLOT (second));
  g_object_set (second, "cursor-x", 12.0, "zoom-minimum", 3.0, "zoom-maximum", 9.0, NULL);
  g_object_get (first, "cursor-x", &x, NULL);
  g_assert_cmpfloat (x, ==, 12);
  g_object_get (first, "zoom-maximum", &x, NULL);
  g_assert_cmpfloat (x, ==, 9);
  attune_plot_reset_zoom (ATTUNE_PLOT (first));
  g_object_get (second, "zoom-minimum", &x, NULL);
  g_assert_true (isnan (x));
  g_assert_finalize_object (G_OBJECT (first));
  g_assert_finalize_object (G_OBJECT (second));
}

static void
test_crosshair_walks_points (void)
{
  GtkWidget *widget = g_object_ref_sink (attune_plot_new ());
  AttunePlot *plot = ATTUNE_PLOT (widget);
  const double x[] = { 10, 20, 30 }, y[] = { 1, NAN, 0.5 };
  const double evaluated_x[] = { 15, 30 }, evaluated_y[] = { 0.9, 0.6 };
  g_autofree char *text = NULL;
  guint series;

  g_object_set (plot, "x-label", "Step", NULL);
  series = attune_plot_add_series (plot, "Training", ATTUNE_SERIES_TRAINING);
  attune_plot_set_series_smoothed (plot, series, FALSE);
  attune_plot_append (plot, series, x, y, 3);
  series = attune_plot_add_series (plot, "Validation", ATTUNE_SERIES_VALIDATION);
  attune_plot_append (plot, series, evaluated_x, evaluated_y, 2);
  attune_plot_layout_compute (plot, &plot->layout, 400, 200, 1);

  g_assert_cmpfloat (attune_plot_step_cursor (plot, NAN, 1), ==, 10);
  g_assert_cmpfloat (attune_plot_step_cursor (plot, NAN, -1), ==, 30);
  g_assert_cmpfloat (attune_plot_step_cursor (plot, 10, 1), ==, 15);
  g_assert_cmpfloat (attune_plot_step_cursor (plot, 20, -1), ==, 15);
  g_assert_cmpfloat (attune_plot_step_cursor (plot, 20, -2), ==, 10);
  g_assert_cmpfloat (attune_plot_step_cursor (plot, 20, 2), ==, 30);
  g_assert_true (isnan (attune_plot_step_cursor (plot, 30, 1)));
  g_assert_true (isnan (attune_plot_step_cursor (plot, 10, -1)));
  g_assert_cmpfloat (attune_plot_snap (plot, 13), ==, 15);
  g_assert_cmpfloat (attune_plot_snap (plot, 12), ==, 10);

  text = attune_plot_describe_cursor (plot, 20);
  g_assert_cmpstr (text, ==, "Step 20: Training not a number, Validation 0.900 at 15");
  g_assert_finalize_object (G_OBJECT (widget));
}

static double
get_double (GtkWidget  *widget,
            const char *name)
{
  double value;

  g_object_get (widget, name, &value, NULL);
  return value;
}

static void
test_keys_walk_zoom_and_leave (void)
{
  GtkWidget *plot = plot_sample_loss ();
  GtkWidget *window = plot_sample_window (plot, 500, 200, FALSE);

  gtk_widget_grab_focus (plot);
  g_assert_true (plot_sample_press (plot, GDK_KEY_End));
  g_assert_cmpfloat (get_double (plot, "cursor-x"), ==, 2052);
  g_assert_true (plot_sample_press (plot, GDK_KEY_Home));
  g_assert_true (plot_sample_press (plot, GDK_KEY_Right));
  g_assert_cmpfloat (get_double (plot, "cursor-x"), ==, 2);
  g_assert_true (gtk_test_accessible_has_property (GTK_ACCESSIBLE (plot),
                                                   GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT));

  g_object_set (plot, "cursor-x", 1000.0, NULL);
  g_assert_true (plot_sample_press (plot, GDK_KEY_plus));
  g_object_unref (plot_sample_render (plot));
  g_assert_cmpfloat_with_epsilon (get_double (plot, "zoom-maximum") -
                                  get_double (plot, "zoom-minimum"), 1026, 1e-6);
  g_assert_true (plot_sample_press (plot, GDK_KEY_Escape));
  g_assert_true (isnan (get_double (plot, "cursor-x")));
  g_assert_true (isfinite (get_double (plot, "zoom-minimum")));
  g_assert_true (plot_sample_press (plot, GDK_KEY_Escape));
  g_assert_true (isnan (get_double (plot, "zoom-minimum")));
  g_assert_false (plot_sample_press (plot, GDK_KEY_Escape));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_high_contrast (void)
{
  GtkWidget *plot = plot_sample_loss ();
  GtkWidget *window = plot_sample_window (plot, 852, 250, FALSE);

  gtk_widget_add_css_class (window, "high-contrast");
  g_object_unref (take_picture (window, "plot-high-contrast"));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_hidden_series_leave_legend_and_read_out (void)
{
  GtkWidget *widget = g_object_ref_sink (plot_sample_loss ());
  AttunePlot *plot = ATTUNE_PLOT (widget);
  GtkWidget *legend = g_object_ref_sink (attune_plot_create_legend (plot));
  GtkWidget *training = gtk_widget_get_first_child (legend);
  g_autofree char *shown = attune_plot_describe_cursor (plot, 1000);
  g_autofree char *hidden = NULL;
  guint n = 0;

  for (GtkWidget *at = training; at != NULL; at = gtk_widget_get_next_sibling (at))
    n++;
  g_assert_cmpuint (n, ==, 4);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (training), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Training");
  g_assert_nonnull (strstr (shown, "Training"));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (training), FALSE);
  hidden = attune_plot_describe_cursor (plot, 1000);
  g_assert_null (strstr (hidden, "Training"));
  g_assert_nonnull (strstr (hidden, "Validation"));

  attune_plot_set_series_visible (plot, 0, TRUE);
  g_assert_true (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (training)));

  /* Neither it nor the single values behind it. */
  attune_plot_set_series_listed (plot, 0, FALSE);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (gtk_widget_get_first_child (legend)),
                                       GTK_ACCESSIBLE_PROPERTY_LABEL, "Validation");
  attune_plot_set_series_listed (plot, 0, TRUE);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (gtk_widget_get_first_child (legend)),
                                       GTK_ACCESSIBLE_PROPERTY_LABEL, "Training");
  g_object_unref (legend);
  g_object_unref (widget);
}

static void
check_sample (gboolean    dark,
              guint       training,
              guint       validation,
              const char *name)
{
  GtkWidget *plot = plot_sample_loss ();
  GtkWidget *window = plot_sample_window (plot, 852, 250, dark);
  g_autoptr(GdkTexture) texture = NULL;
  g_autoptr(GdkTexture) crossed = NULL;
  g_autofree char *cursor_name = g_strdup_printf ("%s-cursor", name);

  texture = take_picture (window, name);
  g_assert_cmpuint (count_pixels (texture, training), >, 500);
  g_assert_cmpuint (count_pixels (texture, validation), >, 100);

  g_object_set (plot, "cursor-x", 1000.0, NULL);
  crossed = take_picture (window, cursor_name);
  g_assert_cmpuint (count_pixels (crossed, validation), >, count_pixels (texture, validation));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_light (void)
{
  check_sample (FALSE, 0x1c71d8, 0xc64600, "plot-light");
}

static void
test_dark (void)
{
  check_sample (TRUE, 0x62a0ea, 0xffa348, "plot-dark");
}

static void
test_accuracy (void)
{
  GtkWidget *plot = plot_sample_accuracy ();
  GtkWidget *window = plot_sample_window (plot, 852, 236, FALSE);
  g_autoptr(GdkTexture) texture = take_picture (window, "plot-accuracy");

  g_assert_cmpuint (count_pixels (texture, 0x5e5c64), >, 300);
  g_object_set (plot, "cursor-x", 1850.0, NULL);
  g_object_unref (take_picture (window, "plot-accuracy-cursor"));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_empty (void)
{
  GtkWidget *plot = attune_plot_new ();
  GtkWidget *window = plot_sample_window (plot, 500, 200, FALSE);

  g_object_unref (take_picture (window, "plot-empty"));
  g_object_set (plot, "x-minimum", 0.0, "x-maximum", 100.0, "shade-from", 0.0, "percent", TRUE,
                "x-label", "Step", NULL);
  g_object_unref (take_picture (window, "plot-empty-planned"));
  attune_plot_add_series (ATTUNE_PLOT (plot), "Training", ATTUNE_SERIES_TRAINING);
  g_object_unref (take_picture (window, "plot-empty-series"));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_one_point (void)
{
  GtkWidget *plot = attune_plot_new ();
  GtkWidget *window = plot_sample_window (plot, 500, 200, FALSE);
  g_autoptr(GdkTexture) texture = NULL;
  const double x = 1, y = 0.693;

  attune_plot_add_series (ATTUNE_PLOT (plot), "Training", ATTUNE_SERIES_TRAINING);
  attune_plot_append (ATTUNE_PLOT (plot), 0, &x, &y, 1);
  texture = take_picture (window, "plot-one-point");
  g_assert_cmpuint (count_pixels (texture, 0x1c71d8), >, 8);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_not_finite (void)
{
  GtkWidget *plot = attune_plot_new ();
  GtkWidget *window = plot_sample_window (plot, 500, 200, FALSE);
  g_autoptr(GdkTexture) texture = NULL;
  double x[60], y[60];

  for (guint i = 0; i < 60; i++)
    {
      x[i] = i;
      y[i] = i == 20 || i == 40 ? NAN : i == 30 ? INFINITY : i == 31 ? -INFINITY
             : i > 50 ? 1e30 * i : 1 + sin (i / 3.0);
    }
  attune_plot_add_series (ATTUNE_PLOT (plot), "Training", ATTUNE_SERIES_TRAINING);
  attune_plot_append (ATTUNE_PLOT (plot), 0, x, y, 50);
  texture = take_picture (window, "plot-not-finite");
  g_assert_cmpuint (count_pixels (texture, 0x1c71d8), >, 100);

  attune_plot_append (ATTUNE_PLOT (plot), 0, x + 50, y + 50, 10);
  g_object_unref (take_picture (window, "plot-exploding"));
  g_object_set (plot, "log-y", TRUE, NULL);
  g_object_unref (take_picture (window, "plot-exploding-log"));

  for (guint i = 0; i < 60; i++)
    y[i] = NAN;
  attune_plot_set_data (ATTUNE_PLOT (plot), 0, x, y, 60);
  g_object_unref (take_picture (window, "plot-only-nan"));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_log (void)
{
  GtkWidget *plot = plot_sample_loss ();
  GtkWidget *window = plot_sample_window (plot, 852, 250, FALSE);

  g_object_set (plot, "log-y", TRUE, "show-x-axis", TRUE, NULL);
  g_object_unref (take_picture (window, "plot-log"));
  g_object_set (plot, "zoom-minimum", 100.0, "zoom-maximum", 180.0, NULL);
  g_object_unref (take_picture (window, "plot-zoomed"));
  gtk_window_destroy (GTK_WINDOW (window));
}

/* Milliseconds of work of this thread, so that a busy machine does not count. */
static double
work_done (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static double
time_frame (AttunePlot *plot)
{
  double start = work_done ();
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr(GskRenderNode) node = NULL;

  GTK_WIDGET_GET_CLASS (plot)->snapshot (GTK_WIDGET (plot), snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  g_assert_nonnull (node);
  return work_done () - start;
}

/* Until the pixels are there, which GSK does in its own time. */
static double
time_painting (AttunePlot *plot)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 852, 250);
  cairo_t *cr = cairo_create (surface);
  double start = work_done ();

  attune_plot_draw_static (plot, cr, &plot->layout, &plot->node_palette);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  return work_done () - start;
}

/* A million points: the first frame reads them all, those after appending only the new ones. */
static void
test_a_million_points (void)
{
  const guint n = 1000000;
  GtkWidget *widget = attune_plot_new ();
  AttunePlot *plot = ATTUNE_PLOT (widget);
  GtkWidget *window = plot_sample_window (widget, 852, 250, FALSE);
  g_autofree double *x = g_new (double, n + 1000);
  g_autofree double *y = g_new (double, n + 1000);
  g_autoptr(GRand) rand = g_rand_new_with_seed (1);
  double first, frame, best = INFINITY, painted = INFINITY, cursor, zoomed;

  for (guint i = 0; i < n + 1000; i++)
    {
      x[i] = i;
      y[i] = (0.2 + exp (-(i / 2e5))) * (0.6 + 0.8 * g_rand_double (rand));
    }
  g_object_set (plot, "x-minimum", 0.0, "x-maximum", n + 1000.0, "smoothing", 0.99, NULL);
  attune_plot_add_series (plot, "Training", ATTUNE_SERIES_TRAINING);
  attune_plot_append (plot, 0, x, y, n);
  first = time_frame (plot);
  for (guint i = 0; i < 10; i++)
    {
      attune_plot_append (plot, 0, x + n + i * 100, y + n + i * 100, 100);
      frame = time_frame (plot);
      best = MIN (best, frame);
    }
  g_object_set (plot, "cursor-x", 5e5, NULL);
  cursor = time_frame (plot);
  g_object_set (plot, "zoom-minimum", 1e4, "zoom-maximum", 9e5, NULL);
  zoomed = time_frame (plot);
  attune_plot_reset_zoom (plot);
  for (guint i = 0; i < 3; i++)
    {
      frame = time_painting (plot);
      painted = MIN (painted, frame);
    }
  g_test_message ("first frame %.1f ms, with 100 appended %.2f ms, crosshair %.2f ms, zoomed "
                  "%.1f ms, painting %.1f ms", first, best, cursor, zoomed, painted);
  g_test_minimized_result (best, "frame after appending: %.2f ms", best);
  g_assert_cmpfloat (best, <, 8);
  g_object_unref (take_picture (window, "plot-million"));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_export (void)
{
  GtkWidget *plot = g_object_ref_sink (plot_sample_loss ());
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 1600, 720);
  g_autofree char *path = g_test_build_filename (G_TEST_BUILT, "plot", "pictures",
                                                 "plot-export.png", NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  cairo_t *cr = cairo_create (surface);

  g_mkdir_with_parents (folder, 0755);
  cairo_scale (cr, 2, 2);
  attune_plot_draw (ATTUNE_PLOT (plot), cr, 800, 360);
  cairo_destroy (cr);
  g_assert_cmpint (cairo_surface_write_to_png (surface, path), ==, CAIRO_STATUS_SUCCESS);
  g_assert_cmpint (cairo_image_surface_get_data (surface)[0], ==, 255);
  cairo_surface_destroy (surface);
  g_assert_finalize_object (G_OBJECT (plot));
}

int
main (int    argc,
      char **argv)
{
  gtk_test_init (&argc, &argv, NULL);

  g_test_add_func ("/plot/widget/new-destroy", test_new_destroy);
  g_test_add_func ("/plot/widget/screen-readers-are-told", test_screen_readers_are_told);
  g_test_add_func ("/plot/widget/properties-notify-once", test_properties_notify_once);
  g_test_add_func ("/plot/widget/linked-plots", test_linked_plots_share_crosshair_and_zoom);
  g_test_add_func ("/plot/widget/crosshair-walks-points", test_crosshair_walks_points);
  g_test_add_func ("/plot/widget/keys-walk-zoom-and-leave", test_keys_walk_zoom_and_leave);
  g_test_add_func ("/plot/widget/high-contrast", test_high_contrast);
  g_test_add_func ("/plot/widget/hidden-series", test_hidden_series_leave_legend_and_read_out);
  g_test_add_func ("/plot/widget/light", test_light);
  g_test_add_func ("/plot/widget/dark", test_dark);
  g_test_add_func ("/plot/widget/accuracy", test_accuracy);
  g_test_add_func ("/plot/widget/empty", test_empty);
  g_test_add_func ("/plot/widget/one-point", test_one_point);
  g_test_add_func ("/plot/widget/not-finite", test_not_finite);
  g_test_add_func ("/plot/widget/log", test_log);
  g_test_add_func ("/plot/widget/a-million-points", test_a_million_points);
  g_test_add_func ("/plot/widget/export", test_export);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The invented numbers, from a generator with a fixed seed, and pictures of widgets by way of their
 * render nodes.
 */
#include "config.h"

#include "plot-samples.h"

#include "attune-charts.h"
#include "attune-plot.h"

#include <math.h>

#define STEPS 2052
#define DONE 1240

static const char * const labels[] = { "Delivery", "Fit", "Price", "Quality", "Service" };

static void
add_marks (AttunePlot *plot,
           gboolean    named)
{
  const double x[] = { 0, STEPS / 3.0, STEPS * 2 / 3.0 };
  const char * const names[] = { "Epoch 1", "Epoch 2", "Epoch 3" };

  attune_plot_set_marks (plot, x, named ? names : NULL, 3);
}

GtkWidget *
plot_sample_loss (void)
{
  AttunePlot *plot = ATTUNE_PLOT (attune_plot_new ());
  g_autoptr(GRand) rand = g_rand_new_with_seed (7);
  double x[STEPS], y[STEPS];
  guint training, validation, other;

  g_object_set (plot, "title", "Loss", "x-label", "Step", "x-minimum", 0.0,
                "x-maximum", (double) STEPS, "shade-from", (double) DONE, "show-x-axis", FALSE,
                "smoothing", 0.95, "summary", "Epoch 2 of 3. Training loss 0.25, falling.", NULL);
  training = attune_plot_add_series (plot, "Training", ATTUNE_SERIES_TRAINING);
  validation = attune_plot_add_series (plot, "Validation", ATTUNE_SERIES_VALIDATION);
  other = attune_plot_add_series (plot, "BERT Base", ATTUNE_SERIES_OTHER);
  add_marks (plot, TRUE);

  for (guint i = 0; i < STEPS; i++)
    {
      double base = 0.22 + 1.45 * exp (-(i / 140.0));

      x[i] = i + 1;
      y[i] = base * exp (0.5 * (g_rand_double (rand) + g_rand_double (rand) +
                                g_rand_double (rand) - 1.5));
    }
  attune_plot_append (plot, training, x, y, DONE);
  for (guint i = 0; i < STEPS; i++)
    y[i] = 0.14 + 1.4 * exp (-(i / 105.0)) + 0.04 * exp (-(i / 900.0));
  attune_plot_append (plot, other, x, y, STEPS);
  for (guint i = 0; i < 6; i++)
    {
      x[i] = 200 * (i + 1);
      y[i] = 0.31 + 0.3 * exp (-(i / 1.3));
    }
  attune_plot_append (plot, validation, x, y, 6);

  return GTK_WIDGET (plot);
}

GtkWidget *
plot_sample_accuracy (void)
{
  AttunePlot *plot = ATTUNE_PLOT (attune_plot_new ());
  double x[20], y[20];
  guint validation, other, naive_bayes, majority;

  g_object_set (plot, "title", "Accuracy", "x-label", "Step", "x-minimum", 0.0,
                "x-maximum", (double) STEPS, "shade-from", (double) DONE, "percent", TRUE, NULL);
  validation = attune_plot_add_series (plot, "Validation", ATTUNE_SERIES_VALIDATION);
  other = attune_plot_add_series (plot, "BERT Base", ATTUNE_SERIES_OTHER);
  naive_bayes = attune_plot_add_series (plot, "Naive Bayes", ATTUNE_SERIES_BASELINE_NAIVE_BAYES);
  majority = attune_plot_add_series (plot, "Always “Quality”", ATTUNE_SERIES_BASELINE_MAJORITY);
  add_marks (plot, FALSE);

  for (guint i = 0; i < 10; i++)
    {
      x[i] = 200 * (i + 1);
      y[i] = 0.925 - 0.18 * exp (-(i / 1.4));
    }
  attune_plot_append (plot, other, x, y, 10);
  for (guint i = 0; i < 6; i++)
    y[i] = 0.905 - 0.185 * exp (-(i / 1.3));
  attune_plot_append (plot, validation, x, y, 6);
  attune_plot_set_level (plot, naive_bayes, 0.798);
  attune_plot_set_level (plot, majority, 0.34);

  return GTK_WIDGET (plot);
}

GtkWidget *
plot_sample_label_bars (void)
{
  static const double fractions[] = { 1, 0.707, 0.53, 0.53, 0.177 };
  static const char * const names[] = { "Quality", "Delivery", "Service", "Fit", "Price" };
  static const char * const values[] = { "8,253", "5,834", "4,373", "4,371", "1,457" };
  static const char * const shares[] = { "34 %", "24 %", "18 %", "18 %", "6 %" };
  GtkWidget *bars = attune_bar_list_new ();

  attune_bar_list_set_bars (ATTUNE_BAR_LIST (bars), names, fractions, values, shares, 5, -1);
  return bars;
}

GtkWidget *
plot_sample_answer_bars (gboolean second_run)
{
  static const double fractions[] = { 0.71, 0.24, 0.03, 0.01, 0.01 };
  static const char * const names[] = { "Quality", "Service", "Delivery", "Fit", "Price" };
  static const char * const values[] = { "71 %", "24 %", "3 %", "1 %", "1 %" };
  GtkWidget *bars = attune_bar_list_new ();

  g_object_set (bars, "row-height", 34, "second-run", second_run, "show-labels", !second_run,
                NULL);
  attune_bar_list_set_bars (ATTUNE_BAR_LIST (bars), names, fractions, values, NULL, 5, 0);
  return bars;
}

GtkWidget *
plot_sample_histogram (void)
{
  GtkWidget *histogram = attune_histogram_new ();
  g_autoptr(GRand) rand = g_rand_new_with_seed (11);
  g_autoptr(GArray) lengths = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < 24319; i++)
    {
      double normal = sqrt (-2 * log (1 - g_rand_double (rand))) *
                      cos (2 * G_PI * g_rand_double (rand));
      guint length = (guint) CLAMP (exp (3.52 + 0.45 * normal), 4, 158);

      g_array_append_val (lengths, length);
    }
  g_object_set (histogram, "cut", 96, NULL);
  attune_histogram_set_lengths (ATTUNE_HISTOGRAM (histogram), (const guint *) lengths->data,
                                lengths->len);
  return histogram;
}

GtkWidget *
plot_sample_score_line (void)
{
  GtkWidget *line = attune_score_line_new ();

  attune_score_line_set (ATTUNE_SCORE_LINE (line), 0.914, 0.902, 0.924,
                         0.34, "Always “Quality”", 0.798);
  return line;
}

GtkWidget *
plot_sample_sparkline (gboolean active)
{
  static const double values[] = { 0.72, 0.828, 0.862, 0.883, 0.893, 0.902, 0.901, 0.904 };
  GtkWidget *sparkline = attune_sparkline_new ();

  attune_sparkline_set_values (ATTUNE_SPARKLINE (sparkline), values, G_N_ELEMENTS (values),
                               active);
  return sparkline;
}

GtkWidget *
plot_sample_matrix (void)
{
  static const guint64 counts[] = {
    546, 3, 5, 14, 15,
    4, 402, 3, 26, 2,
    5, 2, 124, 11, 4,
    9, 31, 9, 763, 13,
    23, 1, 4, 25, 384,
  };
  GtkWidget *matrix = attune_confusion_matrix_new ();

  attune_confusion_matrix_set (ATTUNE_CONFUSION_MATRIX (matrix), labels, counts, 5);
  attune_confusion_matrix_select (ATTUNE_CONFUSION_MATRIX (matrix), 3, 1);
  return matrix;
}

static void
spin (guint milliseconds)
{
  gint64 end = g_get_monotonic_time () + milliseconds * 1000;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

GtkWidget *
plot_sample_window (GtkWidget *child,
                    int        width,
                    int        height,
                    gboolean   dark)
{
  GtkWidget *window = gtk_window_new ();

  g_object_set (gtk_settings_get_default (), "gtk-application-prefer-dark-theme", dark, NULL);
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_widget_add_css_class (window, "view");
  gtk_widget_set_size_request (child, width, height);
  gtk_widget_set_halign (child, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (child, GTK_ALIGN_CENTER);
  gtk_window_set_child (GTK_WINDOW (window), child);
  gtk_window_set_default_size (GTK_WINDOW (window), width + 24, height + 24);
  gtk_window_present (GTK_WINDOW (window));
  for (guint i = 0; i < 100 && gtk_widget_get_width (child) == 0; i++)
    spin (20);
  spin (60);
  g_assert_cmpint (gtk_widget_get_width (child), >=, width);

  return window;
}

/* A picture of the widget as its window shows it, ground included. A new paintable of the window is
 * empty between the call for a redraw and the frame that follows, so that frame is waited for. */
GdkTexture *
plot_sample_render (GtkWidget *widget)
{
  GtkWidget *window = GTK_WIDGET (gtk_widget_get_root (widget));
  g_autoptr(GskRenderNode) node = NULL;
  int width = gtk_widget_get_width (window), height = gtk_widget_get_height (window);

  gtk_widget_queue_draw (widget);
  for (guint i = 0; i < 250 && node == NULL; i++)
    {
      g_autoptr(GdkPaintable) paintable = NULL;
      GtkSnapshot *snapshot = gtk_snapshot_new ();

      spin (20);
      paintable = gtk_widget_paintable_new (window);
      gdk_paintable_snapshot (paintable, snapshot, width, height);
      node = gtk_snapshot_free_to_node (snapshot);
    }
  g_assert_nonnull (node);

  return gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node,
                                      &GRAPHENE_RECT_INIT (0, 0, width, height));
}

/* Keeps a picture among the build's artefacts, to be looked at. */
void
plot_sample_save (GdkTexture *texture,
                  const char *name)
{
  g_autofree char *file = g_strdup_printf ("%s.png", name);
  g_autofree char *folder = g_test_build_filename (G_TEST_BUILT, "plot", "pictures", NULL);
  g_autofree char *path = g_build_filename (folder, file, NULL);

  g_mkdir_with_parents (folder, 0755);
  g_assert_true (gdk_texture_save_to_png (texture, path));
}

/* Calls what a key is bound to, as the shortcut controller would. */
gboolean
plot_sample_press (GtkWidget *widget,
                   guint      key)
{
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr(GObject) controller = g_list_model_get_item (controllers, i);

      if (!GTK_IS_SHORTCUT_CONTROLLER (controller))
        continue;
      for (guint s = 0; s < g_list_model_get_n_items (G_LIST_MODEL (controller)); s++)
        {
          g_autoptr(GtkShortcut) shortcut = g_list_model_get_item (G_LIST_MODEL (controller), s);
          GtkShortcutTrigger *trigger = gtk_shortcut_get_trigger (shortcut);

          if (GTK_IS_KEYVAL_TRIGGER (trigger) &&
              gtk_keyval_trigger_get_keyval (GTK_KEYVAL_TRIGGER (trigger)) == key &&
              gtk_keyval_trigger_get_modifiers (GTK_KEYVAL_TRIGGER (trigger)) == 0)
            return gtk_shortcut_action_activate (gtk_shortcut_get_action (shortcut), 0, widget,
                                                 gtk_shortcut_get_arguments (shortcut));
        }
    }

  return FALSE;
}

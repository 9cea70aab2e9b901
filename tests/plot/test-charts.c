/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The small charts as widgets: lifetime, roles and descriptions, keys, and pictures, light and
 * dark, kept for people to look at. Needs a display.
 */
#include "config.h"

#include "attune-charts.h"
#include "plot-samples.h"

#include <math.h>

static void
check_finalized (GtkWidget         *widget,
                 GtkAccessibleRole  role)
{
  GtkAccessible *accessible = GTK_ACCESSIBLE (g_object_ref_sink (widget));

  gtk_test_accessible_assert_role (accessible, role);
  g_assert_true (gtk_test_accessible_has_property (accessible, GTK_ACCESSIBLE_PROPERTY_LABEL));
  g_assert_true (gtk_test_accessible_has_property (accessible,
                                                   GTK_ACCESSIBLE_PROPERTY_DESCRIPTION));
  g_assert_finalize_object (G_OBJECT (widget));
}

static void
test_new_destroy (void)
{
  check_finalized (plot_sample_label_bars (), GTK_ACCESSIBLE_ROLE_IMG);
  check_finalized (plot_sample_histogram (), GTK_ACCESSIBLE_ROLE_SLIDER);
  check_finalized (plot_sample_score_line (), GTK_ACCESSIBLE_ROLE_IMG);
  check_finalized (plot_sample_sparkline (TRUE), GTK_ACCESSIBLE_ROLE_IMG);
  check_finalized (plot_sample_matrix (), GTK_ACCESSIBLE_ROLE_IMG);
}

static void
check_description (GtkWidget  *widget,
                   const char *expected)
{
  g_autofree char *found = gtk_test_accessible_check_property (GTK_ACCESSIBLE (widget),
                                                               GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                                               expected);

  g_assert_cmpstr (found, ==, NULL);
}

static void
test_descriptions_say_the_numbers (void)
{
  GtkWidget *bars = g_object_ref_sink (plot_sample_answer_bars (FALSE));
  GtkWidget *score = g_object_ref_sink (plot_sample_score_line ());
  GtkWidget *matrix = g_object_ref_sink (plot_sample_matrix ());

  check_description (bars, "Quality 71 %; Service 24 %; Delivery 3 %; Fit 1 %; Price 1 %");
  check_description (score, "This run 91.4\302\240%, interval 90.2\302\240% to 92.4\302\240%; "
                     "Naive Bayes 79.8\302\240%; Always “Quality” 34.0\302\240%");
  check_description (matrix, "2219 of 2428 texts right; most often Quality was taken for Fit, "
                     "31 times");
  g_object_unref (bars);
  g_object_unref (score);
  g_object_unref (matrix);
}

static void
remember_cb (GtkWidget *widget,
             guint      first,
             guint      second,
             guint     *seen)
{
  seen[0] = first;
  seen[1] = second;
  seen[2]++;
}

static void
test_matrix_keys_choose_cells (void)
{
  GtkWidget *matrix = g_object_ref_sink (plot_sample_matrix ());
  g_autofree char *spoken = NULL;
  guint seen[3] = { 0 };

  g_signal_connect (matrix, "cell-selected", G_CALLBACK (remember_cb), seen);
  g_assert_true (plot_sample_press (matrix, GDK_KEY_Right));
  g_assert_cmpuint (seen[0], ==, 3);
  g_assert_cmpuint (seen[1], ==, 2);
  g_assert_true (plot_sample_press (matrix, GDK_KEY_Up));
  g_assert_cmpuint (seen[0], ==, 2);
  g_assert_true (plot_sample_press (matrix, GDK_KEY_End));
  g_assert_cmpuint (seen[1], ==, 4);
  g_assert_cmpuint (seen[2], ==, 3);
  spoken = gtk_test_accessible_check_property (GTK_ACCESSIBLE (matrix),
                                               GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                               "Price, taken for Service: 4 texts, 2.7\302\240%");
  g_assert_cmpstr (spoken, ==, NULL);
  g_assert_true (plot_sample_press (matrix, GDK_KEY_Right));
  g_assert_cmpuint (seen[2], ==, 3);
  g_object_unref (matrix);
}

static void
index_cb (GtkWidget *widget,
          guint      index,
          guint     *seen)
{
  *seen = index;
}

static void
test_bar_keys_choose_bars (void)
{
  GtkWidget *bars = g_object_ref_sink (plot_sample_label_bars ());
  guint seen = G_MAXUINT;

  g_signal_connect (bars, "bar-activated", G_CALLBACK (index_cb), &seen);
  g_assert_true (plot_sample_press (bars, GDK_KEY_Down));
  g_assert_true (plot_sample_press (bars, GDK_KEY_Down));
  g_assert_true (plot_sample_press (bars, GDK_KEY_Return));
  g_assert_cmpuint (seen, ==, 2);
  g_assert_true (plot_sample_press (bars, GDK_KEY_End));
  g_assert_true (plot_sample_press (bars, GDK_KEY_space));
  g_assert_cmpuint (seen, ==, 4);
  g_object_unref (bars);
}

static void
test_cut_moves_by_keys (void)
{
  GtkWidget *histogram = g_object_ref_sink (plot_sample_histogram ());
  guint cut;

  g_assert_true (plot_sample_press (histogram, GDK_KEY_Right));
  g_object_get (histogram, "cut", &cut, NULL);
  g_assert_cmpuint (cut, ==, 104);
  g_object_set (histogram, "cut", 99, NULL);
  g_assert_true (plot_sample_press (histogram, GDK_KEY_Left));
  g_object_get (histogram, "cut", &cut, NULL);
  g_assert_cmpuint (cut, ==, 96);
  g_assert_true (plot_sample_press (histogram, GDK_KEY_Home));
  g_object_get (histogram, "cut", &cut, NULL);
  g_assert_cmpuint (cut, ==, 8);
  g_assert_true (plot_sample_press (histogram, GDK_KEY_End));
  g_object_get (histogram, "cut", &cut, NULL);
  g_assert_cmpuint (cut, ==, 160);
  g_object_unref (histogram);
}

static void
test_charts_without_numbers (void)
{
  GtkWidget *widgets[] = { attune_bar_list_new (), attune_histogram_new (),
                           attune_sparkline_new (), attune_score_line_new (),
                           attune_confusion_matrix_new () };

  for (guint i = 0; i < G_N_ELEMENTS (widgets); i++)
    {
      GtkWidget *window = plot_sample_window (widgets[i], 200, 120, FALSE);

      g_object_unref (plot_sample_render (widgets[i]));
      plot_sample_press (widgets[i], GDK_KEY_Down);
      plot_sample_press (widgets[i], GDK_KEY_Return);
      gtk_window_destroy (GTK_WINDOW (window));
    }
}

/* 77 labels, as in the largest of the real data sets: one frame, then one with another choice. */
static void
test_large_matrix_scrolls (void)
{
  const guint n = 77;
  GtkWidget *matrix = attune_confusion_matrix_new ();
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *window;
  g_auto(GStrv) names = g_new0 (char *, n + 1);
  g_autofree guint64 *counts = g_new0 (guint64, n * n);
  g_autoptr(GdkTexture) texture = NULL;
  double position;

  for (guint i = 0; i < n; i++)
    {
      names[i] = g_strdup_printf ("a_long_label_name_%u", i);
      counts[i * n + i] = 30 + i % 9;
      counts[i * n + (i * 7 + 1) % n] += i % 5;
    }
  attune_confusion_matrix_set (ATTUNE_CONFUSION_MATRIX (matrix),
                               (const char * const *) names, counts, n);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), matrix);
  window = plot_sample_window (scrolled, 600, 400, FALSE);
  g_assert_cmpint (gtk_widget_get_height (matrix), >=, 77 * 56);

  attune_confusion_matrix_select (ATTUNE_CONFUSION_MATRIX (matrix), 40, 39);
  g_assert_true (plot_sample_press (matrix, GDK_KEY_Right));
  position = gtk_adjustment_get_value (
    gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled)));
  g_assert_cmpfloat (position, >, 40 * 56 - 400);
  texture = plot_sample_render (matrix);
  plot_sample_save (texture, "matrix-large");
  position = gtk_adjustment_get_value (
    gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled)));
  g_assert_cmpfloat (position, >, 40 * 56 - 400);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* Rows of cells that are drawn, and how far down they reach. */
static guint
count_drawn (GtkWidget *matrix,
             double    *bottom)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GskRenderNode *node;
  guint rows = 0;

  *bottom = 0;
  GTK_WIDGET_GET_CLASS (matrix)->snapshot (matrix, snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  g_assert_cmpint (gsk_render_node_get_node_type (node), ==, GSK_CONTAINER_NODE);
  /* The last one is the names. */
  for (guint i = 0; i + 1 < gsk_container_node_get_n_children (node); i++)
    {
      graphene_rect_t bounds;

      gsk_render_node_get_bounds (gsk_container_node_get_child (node, i), &bounds);
      g_assert_cmpfloat (bounds.size.width, <, 3 * 600);
      *bottom = MAX (*bottom, bounds.origin.y + bounds.size.height);
      rows++;
    }
  gsk_render_node_unref (node);
  return rows;
}

/* What is drawn of a matrix is what is in sight of it, so that it may have any number of labels. */
static void
test_matrix_draws_what_is_in_sight (void)
{
  const guint n = ATTUNE_CONFUSION_MATRIX_MAX;
  GtkWidget *matrix = attune_confusion_matrix_new ();
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkAdjustment *down;
  GtkWidget *window;
  g_auto(GStrv) names = g_new0 (char *, n + 1);
  g_autofree guint64 *counts = g_new0 (guint64, n * n);
  double bottom;

  for (guint i = 0; i < n; i++)
    {
      names[i] = g_strdup_printf ("label %u", i);
      counts[i * n + i] = 3;
    }
  attune_confusion_matrix_set (ATTUNE_CONFUSION_MATRIX (matrix),
                               (const char * const *) names, counts, n);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), matrix);
  window = plot_sample_window (scrolled, 600, 400, FALSE);
  g_assert_cmpint (gtk_widget_get_height (matrix), >=, (int) n * 56);

  g_assert_cmpuint (count_drawn (matrix, &bottom), <, 20);
  g_assert_cmpfloat (bottom, >, 400);
  g_assert_cmpfloat (bottom, <, 1000);

  down = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));
  gtk_adjustment_set_value (down, gtk_adjustment_get_upper (down));
  g_assert_cmpuint (count_drawn (matrix, &bottom), <, 20);
  g_assert_cmpfloat (bottom, >, n * 56);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
take_pictures (GtkWidget  *widget,
               int         width,
               int         height,
               const char *name)
{
  GtkWidget *window = plot_sample_window (widget, width, height, FALSE);

  for (guint dark = 0; dark < 2; dark++)
    {
      g_autofree char *file = g_strdup_printf ("%s-%s", name, dark ? "dark" : "light");
      g_autoptr(GdkTexture) texture = NULL;

      g_object_set (gtk_settings_get_default (), "gtk-application-prefer-dark-theme", dark, NULL);
      texture = plot_sample_render (widget);
      plot_sample_save (texture, file);
    }
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_pictures (void)
{
  take_pictures (plot_sample_label_bars (), 310, 112, "bars-labels");
  take_pictures (plot_sample_answer_bars (FALSE), 300, 170, "bars-answers");
  take_pictures (plot_sample_answer_bars (TRUE), 230, 170, "bars-second-run");
  take_pictures (plot_sample_histogram (), 310, 146, "histogram");
  take_pictures (plot_sample_score_line (), 392, 60, "score-line");
  take_pictures (plot_sample_sparkline (TRUE), 58, 26, "sparkline");
  take_pictures (plot_sample_sparkline (FALSE), 58, 26, "sparkline-left");
  take_pictures (plot_sample_matrix (), 370, 364, "matrix");
}

int
main (int    argc,
      char **argv)
{
  gtk_test_init (&argc, &argv, NULL);

  g_test_add_func ("/plot/charts/new-destroy", test_new_destroy);
  g_test_add_func ("/plot/charts/descriptions-say-the-numbers",
                   test_descriptions_say_the_numbers);
  g_test_add_func ("/plot/charts/matrix-keys", test_matrix_keys_choose_cells);
  g_test_add_func ("/plot/charts/bar-keys", test_bar_keys_choose_bars);
  g_test_add_func ("/plot/charts/cut-keys", test_cut_moves_by_keys);
  g_test_add_func ("/plot/charts/without-numbers", test_charts_without_numbers);
  g_test_add_func ("/plot/charts/large-matrix-scrolls", test_large_matrix_scrolls);
  g_test_add_func ("/plot/charts/matrix-draws-what-is-in-sight",
                   test_matrix_draws_what_is_in_sight);
  g_test_add_func ("/plot/charts/pictures", test_pictures);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the main-loop trace counts and what it leaves to GTK.
 */
#include "config.h"

#include <glib/gstdio.h>
#include <gtk/gtk.h>
#include <yyjson.h>

#include "attune-loop-trace.h"

#define CALLBACK_MS 30
#define DRAW_MS 45
#define GTK_MS 90

/* A widget of ours that draws slowly, and one that is not ours, slower still. */
#define ATTUNE_TYPE_SLOW_CHART (attune_slow_chart_get_type ())
G_DECLARE_FINAL_TYPE (AttuneSlowChart, attune_slow_chart, ATTUNE, SLOW_CHART, GtkWidget)

struct _AttuneSlowChart
{
  GtkWidget parent_instance;
};

G_DEFINE_FINAL_TYPE (AttuneSlowChart, attune_slow_chart, GTK_TYPE_WIDGET)

static gboolean drawn;

static void
snapshot (GtkWidget *widget, GtkSnapshot *target)
{
  g_usleep (DRAW_MS * 1000);
  drawn = TRUE;
}

static void
attune_slow_chart_class_init (AttuneSlowChartClass *klass)
{
  GTK_WIDGET_CLASS (klass)->snapshot = snapshot;
}

static void
attune_slow_chart_init (AttuneSlowChart *self)
{
}

static void
draw_cb (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer user_data)
{
  g_usleep (GTK_MS * 1000);
}

static void
slow_cb (gpointer user_data)
{
  g_usleep (CALLBACK_MS * 1000);
  *(gboolean *) user_data = TRUE;
}

/* Milliseconds of the longest sample with this name, negative where there is none. */
static double
get_longest (yyjson_val *root, const char *name)
{
  yyjson_val *sample;
  size_t i, n;
  double longest = -1;

  yyjson_arr_foreach (yyjson_obj_get (root, "samples"), i, n, sample)
    if (yyjson_equals_str (yyjson_arr_get (sample, 3), name))
      longest = MAX (longest, yyjson_get_num (yyjson_arr_get (sample, 1)));
  return longest;
}

static void
test_callbacks_and_frames (void)
{
  GtkWidget *window = gtk_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *area = gtk_drawing_area_new ();
  GtkWidget *chart = g_object_new (ATTUNE_TYPE_SLOW_CHART, "height-request", 20, NULL);
  g_autofree char *path = NULL;
  yyjson_doc *document;
  yyjson_val *root;
  gboolean called = FALSE;
  int fd = g_file_open_tmp ("attune-trace-XXXXXX", &path, NULL);

  g_assert_cmpint (fd, >=, 0);
  g_close (fd, NULL);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw_cb, NULL, NULL);
  gtk_widget_set_vexpand (area, TRUE);
  gtk_box_append (GTK_BOX (box), area);
  gtk_box_append (GTK_BOX (box), chart);
  gtk_window_set_child (GTK_WINDOW (window), box);

  attune_loop_trace_start ();
  gtk_window_present (GTK_WINDOW (window));
  while (!drawn)
    g_main_context_iteration (NULL, TRUE);
  g_timeout_add_once (1, slow_cb, &called);
  while (!called)
    g_main_context_iteration (NULL, TRUE);
  /* A turn is known at the next poll. */
  g_main_context_iteration (NULL, FALSE);
  g_assert_true (attune_loop_trace_finish (path, NULL));
  gtk_window_destroy (GTK_WINDOW (window));

  document = yyjson_read_file (path, 0, NULL, NULL);
  root = yyjson_doc_get_root (document);
  g_assert_cmpint (yyjson_get_sint (yyjson_obj_get (root, "first_frame_us")), >, 0);
  g_assert_cmpfloat (get_longest (root, "turn"), >=, CALLBACK_MS);
  g_assert_cmpfloat (get_longest (root, "AttuneSlowChart"), >=, DRAW_MS);
  g_assert_cmpfloat (get_longest (root, "frame"), >=, DRAW_MS + GTK_MS);
  /* What GTK draws is in frames only. */
  g_assert_cmpfloat (get_longest (root, "turn"), <, GTK_MS);
  g_assert_cmpfloat (get_longest (root, "GtkDrawingArea"), <, 0);
  g_assert_cmpfloat (yyjson_get_num (yyjson_ptr_get (root, "/callbacks/max_ms")), >=, DRAW_MS);
  g_assert_cmpfloat (yyjson_get_num (yyjson_ptr_get (root, "/callbacks/max_ms")), <, GTK_MS);
  yyjson_doc_free (document);
  g_unlink (path);
}

static void
test_unused (void)
{
  g_autoptr (GError) error = NULL;
  GPollFunc poll = g_main_context_get_poll_func (NULL);

  g_assert_true (attune_loop_trace_finish ("/nonexistent/trace.json", &error));
  g_assert_no_error (error);
  attune_loop_trace_start ();
  g_assert_true (g_main_context_get_poll_func (NULL) != poll);
  g_assert_false (attune_loop_trace_finish ("/nonexistent/trace.json", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_true (g_main_context_get_poll_func (NULL) == poll);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/loop-trace/callbacks-and-frames", test_callbacks_and_frames);
  g_test_add_func ("/loop-trace/unused", test_unused);
  return g_test_run ();
}

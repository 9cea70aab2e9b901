/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An empty libadwaita window that ends after its first frame and prints when that was, in
 * microseconds of the monotonic clock: what build-aux/bench-window holds the program's start beside.
 */
#include <adwaita.h>

static void
after_paint_cb (GApplication *application)
{
  static gboolean painted;

  if (!painted)
    g_print ("%" G_GINT64_FORMAT "\n", g_get_monotonic_time ());
  painted = TRUE;
  g_application_quit (application);
}

static void
activate_cb (GtkApplication *application)
{
  GtkWidget *window = adw_application_window_new (application);
  GtkWidget *view = adw_toolbar_view_new ();
  GdkFrameClock *clock;

  adw_toolbar_view_add_top_bar (ADW_TOOLBAR_VIEW (view), adw_header_bar_new ());
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (window), view);
  gtk_window_set_default_size (GTK_WINDOW (window), 1180, 760);
  gtk_widget_realize (window);
  clock = gtk_widget_get_frame_clock (window);
  g_signal_connect_object (clock, "after-paint", G_CALLBACK (after_paint_cb), application,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  g_autoptr (AdwApplication) application =
    adw_application_new ("io.github.attune_text.BareWindow", G_APPLICATION_NON_UNIQUE);

  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), NULL);
  return g_application_run (G_APPLICATION (application), argc, argv);
}

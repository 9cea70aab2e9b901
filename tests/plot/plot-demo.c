/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shows every chart with invented numbers, arranged like the Train and Results pages, to look at by
 * hand: plot-demo [--dark] [--text-scale=1.5] [--rtl]. Not a test; not installed.
 */
#include "config.h"

#include "attune-charts.h"
#include "attune-plot.h"
#include "plot-samples.h"

static GtkWidget *
create_card (GtkWidget *child)
{
  GtkWidget *frame = gtk_frame_new (NULL);

  gtk_widget_set_margin_start (child, 12);
  gtk_widget_set_margin_end (child, 12);
  gtk_widget_set_margin_top (child, 8);
  gtk_widget_set_margin_bottom (child, 8);
  gtk_frame_set_child (GTK_FRAME (frame), child);
  return frame;
}

static GtkWidget *
create_heading (const char *title,
                AttunePlot *plot)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *label = gtk_label_new (title);
  GtkWidget *legend = attune_plot_create_legend (plot);

  gtk_widget_add_css_class (label, "heading");
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_halign (label, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), legend);
  return box;
}

static GtkWidget *
create_plots (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  AttunePlot *loss = ATTUNE_PLOT (plot_sample_loss ());
  AttunePlot *accuracy = ATTUNE_PLOT (plot_sample_accuracy ());

  attune_plot_link (loss, accuracy);
  gtk_widget_set_vexpand (GTK_WIDGET (loss), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (accuracy), TRUE);
  gtk_box_append (GTK_BOX (box), create_heading ("Loss", loss));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (loss));
  gtk_box_append (GTK_BOX (box), create_heading ("Accuracy", accuracy));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (accuracy));
  return create_card (box);
}

static GtkWidget *
create_charts (void)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  GtkWidget *sparkline = plot_sample_sparkline (TRUE);
  GtkWidget *matrix = plot_sample_matrix ();

  gtk_widget_set_halign (sparkline, GTK_ALIGN_END);
  gtk_widget_set_vexpand (matrix, TRUE);
  gtk_box_append (GTK_BOX (column), sparkline);
  gtk_box_append (GTK_BOX (column), plot_sample_label_bars ());
  gtk_box_append (GTK_BOX (column), plot_sample_histogram ());
  gtk_box_append (GTK_BOX (column), plot_sample_score_line ());
  gtk_box_append (GTK_BOX (column), create_card (matrix));
  return column;
}

static void
activate_cb (GtkApplication *application,
             gpointer        data)
{
  GtkWidget *window = gtk_application_window_new (application);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 24);
  GtkWidget *plots = create_plots ();

  gtk_widget_set_hexpand (plots, TRUE);
  gtk_widget_set_margin_start (box, 24);
  gtk_widget_set_margin_end (box, 24);
  gtk_widget_set_margin_top (box, 18);
  gtk_widget_set_margin_bottom (box, 18);
  gtk_box_append (GTK_BOX (box), plots);
  gtk_box_append (GTK_BOX (box), create_charts ());
  gtk_window_set_child (GTK_WINDOW (window), box);
  gtk_window_set_default_size (GTK_WINDOW (window), 1280, 860);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int    argc,
      char **argv)
{
  gboolean dark = FALSE, rtl = FALSE;
  double text_scale = 1;
  const GOptionEntry entries[] = {
    { "dark", 0, 0, G_OPTION_ARG_NONE, &dark, "Dark surroundings", NULL },
    { "rtl", 0, 0, G_OPTION_ARG_NONE, &rtl, "From right to left", NULL },
    { "text-scale", 0, 0, G_OPTION_ARG_DOUBLE, &text_scale, "Size of texts", "FACTOR" },
    { NULL }
  };
  g_autoptr(GtkApplication) application = NULL;
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_autoptr(GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }

  gtk_init ();
  g_object_set (gtk_settings_get_default (),
                "gtk-application-prefer-dark-theme", dark,
                "gtk-xft-dpi", (int) (96 * 1024 * text_scale), NULL);
  gtk_widget_set_default_direction (rtl ? GTK_TEXT_DIR_RTL : GTK_TEXT_DIR_LTR);
  application = gtk_application_new (NULL, G_APPLICATION_NON_UNIQUE);
  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), NULL);
  return g_application_run (G_APPLICATION (application), 0, NULL);
}

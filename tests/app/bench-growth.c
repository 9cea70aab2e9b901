/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What grows with what: each line is a piece of work at one size, with its time in all and for one
 * unit. The last column compares the time per unit with that of the size before: 1.0 is linear
 * growth, 10 would be quadratic at ten times the size. Started by build-aux/bench-growth.
 */
#include "config.h"

#include <adwaita.h>
#include <glib/gstdio.h>
#include <math.h>

#include "attune-charts.h"
#include "attune-check.h"
#include "attune-encoded-rows.h"
#include "attune-label-table.h"
#include "attune-plot.h"
#include "attune-run-folder.h"

static double before;

static double
seconds (void)
{
  return (double) g_get_monotonic_time () / G_USEC_PER_SEC;
}

/* One line. A zero for n_before starts a new series of sizes. */
static void
report (const char *what, guint64 n, guint64 n_before, double start)
{
  double spent = seconds () - start;
  double each = spent / (double) n;

  g_print ("%-34s %10" G_GUINT64_FORMAT " %12.2f ms %12.1f ns", what, n, spent * 1e3, each * 1e9);
  if (n_before > 0)
    g_print (" %8.2f", each / before);
  g_print ("\n");
  before = each;
}

static GBytes *
make_table (guint n_rows, guint n_classes)
{
  GString *text = g_string_new ("text,label\n");
  GRand *random = g_rand_new_with_seed (7);

  for (guint row = 0; row < n_rows; row++)
    {
      guint n_words = (guint) g_rand_int_range (random, 4, 18);

      for (guint i = 0; i < n_words; i++)
        g_string_append_printf (text, "w%d ", g_rand_int_range (random, 0, 20000));
      g_string_append_printf (text, ",label %u\n", row % n_classes);
    }
  g_rand_free (random);
  return g_string_free_to_bytes (text);
}

static AttuneTokenizer *
make_tokenizer (void)
{
  static const AttuneTokenizerOptions options = { TRUE, ATTUNE_STRIP_ACCENTS_WITH_LOWERCASE, TRUE };
  GString *words = g_string_new ("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nw\n");
  g_autoptr (GBytes) vocabulary = NULL;

  for (guint i = 0; i < 100; i++)
    g_string_append_printf (words, "##%u\n", i);
  for (guint i = 0; i < 10000; i++)
    g_string_append_printf (words, "w%u\n", i);
  vocabulary = g_string_free_to_bytes (words);
  return attune_tokenizer_new_wordpiece (vocabulary, "bench", &options, NULL);
}

static void
bench_rows (void)
{
  static const guint sizes[] = { 10000, 100000, 1000000 };
  g_autoptr (AttuneTokenizer) tokenizer = make_tokenizer ();
  double each[4] = { 0 };
  static const char * const names[] = { "read a CSV, rows", "columns and labels, rows",
                                        "check the data, rows", "tokenize, rows" };

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      static const AttuneTableOptions detect;
      static const AttuneColumns columns = { 0, -1, 1 };
      guint64 last = s > 0 ? sizes[s - 1] : 0;
      g_autoptr (GBytes) bytes = make_table (sizes[s], 2);
      g_autoptr (AttuneTable) table = NULL;
      g_autoptr (AttuneDataset) dataset = NULL;
      g_autoptr (GPtrArray) findings = NULL;
      g_autoptr (AttuneEncodedRows) rows = NULL;

      for (guint work = 0; work < G_N_ELEMENTS (names); work++)
        {
          double start = seconds ();

          if (work == 0)
            table = attune_table_read_bytes (bytes, "bench.csv", &detect, NULL, NULL);
          else if (work == 1)
            dataset = attune_dataset_new (table, &columns, NULL, NULL);
          else if (work == 2)
            findings = attune_check_run (dataset, NULL, NULL, NULL);
          else
            rows = attune_encoded_rows_new (dataset, tokenizer, 512, NULL, NULL);
          before = each[work];
          report (names[work], sizes[s], last, start);
          each[work] = before;
        }
    }
}

static void
bench_classes (void)
{
  static const guint sizes[] = { 100, 1000, 10000 };
  static const char * const names[] = { "collect labels, classes", "metrics, classes",
                                        "table of labels, classes", "confusion matrix, classes" };
  static const AttuneTableOptions detect;
  static const AttuneColumns columns = { 0, -1, 1 };
  double each[4] = { 0 };

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      guint n = sizes[s];
      guint n_rows = 2 * n;
      guint64 last = s > 0 ? sizes[s - 1] : 0;
      g_autoptr (GBytes) bytes = make_table (n_rows, n);
      g_autoptr (AttuneTable) table = attune_table_read_bytes (bytes, "bench.csv", &detect, NULL,
                                                               NULL);
      g_autoptr (AttuneDataset) dataset = NULL;
      g_autofree gint32 *guesses = g_new (gint32, n_rows);
      g_autoptr (AttuneMetrics) metrics = NULL;
      GtkWidget *window = gtk_window_new ();
      GtkWidget *view = gtk_column_view_new (NULL);
      GtkWidget *matrix = g_object_ref_sink (attune_confusion_matrix_new ());

      for (guint row = 0; row < n_rows; row++)
        guesses[row] = (gint32) ((row * 7) % n);
      gtk_window_set_child (GTK_WINDOW (window), view);
      for (guint work = 0; work < G_N_ELEMENTS (names); work++)
        {
          double start = seconds ();

          before = each[work];
          if (work == 0)
            dataset = attune_dataset_new (table, &columns, NULL, NULL);
          else if (work == 1)
            metrics = attune_metrics_new_from_predictions (attune_dataset_get_labels (dataset),
                                                           guesses, n_rows, n);
          else if (work == 2)
            attune_label_table_fill (GTK_COLUMN_VIEW (view),
                                     attune_dataset_get_label_names (dataset), metrics);
          else
            {
              guint n_shown;
              g_autofree guint *shown = attune_metrics_list_confused (metrics, 150, &n_shown);
              g_autofree guint64 *counts = attune_metrics_make_matrix (metrics, shown, n_shown);

              attune_confusion_matrix_set (ATTUNE_CONFUSION_MATRIX (matrix),
                                           attune_dataset_get_label_names (dataset), counts,
                                           n_shown);
            }
          report (names[work], n, last, start);
          each[work] = before;
        }
      g_object_unref (matrix);
      gtk_window_destroy (GTK_WINDOW (window));
    }
}

static AttuneEvent *
make_step (guint step)
{
  AttuneEvent *event = attune_event_new (ATTUNE_EVENT_STEP);

  event->step = step + 1;
  event->time = 0.01 * step;
  event->epoch = step / 1000.0;
  event->loss = 0.3 + exp (-(double) step / 2e4) + 0.1 * sin (step * 12.9898);
  event->grad_norm = 1;
  event->learning_rate = 1e-4;
  event->samples_per_second = 3000;
  event->train_accuracy = 0.9 + 0.1 * sin (step * 78.233);
  return event;
}

static void
write_run (const char *path, guint n_steps)
{
  static const char * const labels[] = { "no", "yes", NULL };
  g_autoptr (AttuneRunRecord) record = attune_run_record_new ();
  g_autoptr (GError) error = NULL;
  AttuneRunFolder *folder = attune_run_folder_create (path, &error);

  g_assert_no_error (error);
  record->title = g_strdup ("bench");
  record->labels = g_strdupv ((char **) labels);
  record->steps = n_steps;
  record->steps_per_epoch = 1000;
  if (record->config == NULL)
    record->config = attune_train_config_new ();
  if (record->source == NULL)
    record->source = g_new0 (AttuneRunSource, 1);
  attune_run_folder_begin (folder, record, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < n_steps; i++)
    {
      g_autoptr (AttuneEvent) event = make_step (i);

      attune_run_folder_append (folder, event, &error);
      g_assert_no_error (error);
    }
  attune_run_folder_free (folder);
}

/* What the widget does in a frame: its snapshot, which leaves the drawing to GTK, and GTK's drawing
 * of it into a picture. */
static void
draw (GtkWidget *plot, int width, int height)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GskRenderNode *node;
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  cairo_t *cr = cairo_create (surface);

  GTK_WIDGET_GET_CLASS (plot)->snapshot (plot, snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  if (node != NULL)
    {
      gsk_render_node_draw (node, cr);
      gsk_render_node_unref (node);
    }
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

static void
bench_events (const char *home)
{
  static const guint sizes[] = { 10000, 100000, 1000000 };
  static const char * const names[] = { "write a run, steps", "open a run, steps",
                                        "give it to a plot, steps", "first frame of it, steps",
                                        "one step more and its frame", "zoom and its frame" };
  double each[6] = { 0 };

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      g_autofree char *name = g_strdup_printf ("run-%u", sizes[s]);
      g_autofree char *path = g_build_filename (home, name, NULL);
      g_autoptr (AttuneRun) run = NULL;
      const AttuneRunHistory *history = NULL;
      GtkWidget *window = gtk_window_new ();
      AttunePlot *plot = ATTUNE_PLOT (attune_plot_new ());
      guint series = attune_plot_add_series (plot, "Training", ATTUNE_SERIES_TRAINING);

      gtk_window_set_child (GTK_WINDOW (window), GTK_WIDGET (plot));
      gtk_window_set_default_size (GTK_WINDOW (window), 900, 320);
      gtk_window_present (GTK_WINDOW (window));
      while (gtk_widget_get_width (GTK_WIDGET (plot)) == 0)
        g_main_context_iteration (NULL, TRUE);

      for (guint work = 0; work < G_N_ELEMENTS (names); work++)
        {
          guint64 last = s > 0 ? sizes[s - 1] : 0;
          guint64 n = sizes[s];
          double start = seconds ();

          before = each[work];
          if (work == 0)
            write_run (path, sizes[s]);
          else if (work == 1)
            {
              run = attune_run_open (path, NULL);
              history = attune_run_get_history (run);
            }
          else if (work == 2)
            attune_plot_set_data (plot, series, (const double *) history->step->data,
                                  (const double *) history->loss->data, history->loss->len);
          else
            {
              double x = (double) sizes[s] + 1, y = 0.4;

              if (work == 4)
                attune_plot_append (plot, series, &x, &y, 1);
              if (work == 5)
                g_object_set (plot, "zoom-minimum", sizes[s] * 0.25, "zoom-maximum",
                              sizes[s] * 0.75, NULL);
              draw (GTK_WIDGET (plot), 900, 320);
            }
          report (names[work], n, last, start);
          each[work] = before;
        }
      gtk_window_destroy (GTK_WINDOW (window));
    }
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

int
main (int argc, char **argv)
{
  g_autofree char *home = g_dir_make_tmp ("attune-growth-XXXXXX", NULL);

  adw_init ();
  g_print ("%-34s %10s %15s %15s %8s\n", "", "size", "in all", "each", "growth");
  bench_rows ();
  bench_classes ();
  bench_events (home);
  remove_tree (home);
  return 0;
}

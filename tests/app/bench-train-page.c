/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the Train page costs at a million steps: opening the run again, showing it, and frames of the
 * real page in a real window: the crosshair moving, the zoom moving, a step coming in, the smoothing
 * changing. Of a frame both are told: what the thread computed in it, and how many there were in a
 * second of a clock that asks for 60. Started by build-aux/bench-growth.
 */
#include "config.h"

#include <adwaita.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "attune-plot.h"
#include "attune-run-folder.h"
#include "attune-train-page.h"

#define N_FRAMES 120

static double
seconds (void)
{
  return (double) g_get_monotonic_time () / G_USEC_PER_SEC;
}

/* Milliseconds that this thread has computed: what other programs do does not count. */
static double
computed (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (double) time.tv_sec * 1e3 + (double) time.tv_nsec / 1e6;
}

static AttuneEvent *
make_step (guint step)
{
  AttuneEvent *event = attune_event_new (ATTUNE_EVENT_STEP);

  event->step = step + 1;
  event->time = 0.01 * step;
  event->epoch = step / 250000.0;
  event->loss = 0.3 + exp (-(double) step / 2e4) + 0.1 * sin (step * 12.9898);
  event->grad_norm = 1 + sin (step * 3.7);
  event->learning_rate = 1e-4;
  event->samples_per_second = 3000;
  event->train_accuracy = 0.9 + 0.1 * sin (step * 78.233);
  return event;
}

static void
append_evaluation (AttuneRunFolder *folder, guint step)
{
  g_autoptr (AttuneEvent) event = attune_event_new (ATTUNE_EVENT_EVALUATION);

  event->step = event->best_step = step;
  event->time = 0.01 * step;
  event->eval_loss = 0.4 + exp (-(double) step / 2e5);
  event->eval_accuracy = event->eval_f1_macro = event->eval_f1_micro = 0.9 - exp (-(double) step / 1e5);
  event->eval_mcc = 0.8;
  attune_run_folder_append (folder, event, NULL);
}

static void
write_run (const char *path, guint n_steps)
{
  static const char * const labels[] = { "no", "yes", NULL };
  g_autoptr (AttuneRunRecord) record = attune_run_record_new ();
  g_autoptr (AttuneEvent) started = attune_event_new (ATTUNE_EVENT_RUN_STARTED);
  g_autoptr (GError) error = NULL;
  AttuneRunFolder *folder = attune_run_folder_create (path, &error);

  g_assert_no_error (error);
  record->title = g_strdup ("bench");
  record->labels = g_strdupv ((char **) labels);
  record->steps = n_steps;
  record->steps_per_epoch = 250000;
  if (record->config == NULL)
    record->config = attune_train_config_new ();
  if (record->source == NULL)
    record->source = g_new0 (AttuneRunSource, 1);
  attune_run_folder_begin (folder, record, &error);
  g_assert_no_error (error);
  started->steps = n_steps;
  started->steps_per_epoch = 250000;
  started->classes = g_strdupv ((char **) labels);
  attune_run_folder_append (folder, started, &error);
  for (guint i = 0; i < n_steps; i++)
    {
      g_autoptr (AttuneEvent) event = make_step (i);

      attune_run_folder_append (folder, event, &error);
      g_assert_no_error (error);
      if ((i + 1) % 50000 == 0)
        append_evaluation (folder, i + 1);
    }
  attune_run_folder_free (folder);
}

typedef struct
{
  AttuneRun *run;
  AttunePlot *loss;
  guint n_steps;
  void (* change) (gpointer page, guint frame);
  guint frame;
  double begun;      /* the frame now made */
  double spent[N_FRAMES];
} Page;

static void
move_cursor (gpointer data, guint frame)
{
  Page *page = data;

  g_object_set (page->loss, "cursor-x", round (page->n_steps * (0.1 + 0.8 * frame / N_FRAMES)), NULL);
}

static void
move_zoom (gpointer data, guint frame)
{
  Page *page = data;
  double low = page->n_steps * 0.3 * frame / N_FRAMES;

  g_object_set (page->loss, "zoom-minimum", low, "zoom-maximum", low + page->n_steps * 0.5, NULL);
}

static void
take_step (gpointer data, guint frame)
{
  Page *page = data;
  g_autoptr (AttuneEvent) event = make_step ((guint) attune_run_get_step (page->run));

  attune_run_apply_event (page->run, event);
}

static void
smooth (gpointer data, guint frame)
{
  g_object_set (((Page *) data)->loss, "smoothing", 0.5 + 0.4 * frame / N_FRAMES, NULL);
}

static void
frame_begins_cb (Page *page)
{
  page->begun = computed ();
}

static void
frame_ends_cb (Page *page)
{
  if (page->frame > 0 && page->frame <= N_FRAMES)
    page->spent[page->frame - 1] = computed () - page->begun;
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  Page *page = user_data;

  if (page->frame == N_FRAMES)
    return G_SOURCE_REMOVE;
  page->change (page, page->frame++);
  return G_SOURCE_CONTINUE;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const double *first = a, *second = b;

  return (*first > *second) - (*first < *second);
}

static void
measure_frames (GtkWidget *window, Page *page, const char *what,
                void (* change) (gpointer page, guint frame))
{
  double start = seconds ();

  page->change = change;
  page->frame = 0;
  gtk_widget_add_tick_callback (window, tick_cb, page, NULL);
  while (page->frame < N_FRAMES)
    g_main_context_iteration (NULL, TRUE);
  start = seconds () - start;
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  qsort (page->spent, N_FRAMES, sizeof (double), compare);
  g_print ("%-34s %10u %9.1f ms %9.1f ms %9.1f a second\n", what, page->n_steps,
           page->spent[N_FRAMES / 2], page->spent[N_FRAMES * 95 / 100], N_FRAMES / start);
}

static gpointer
find (GtkWidget *root, GType type)
{
  if (g_type_is_a (G_OBJECT_TYPE (root), type))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      gpointer found = find (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
bench (const char *home, guint n_steps)
{
  g_autofree char *path = g_build_filename (home, "run", NULL);
  g_autoptr (AttuneTrainer) trainer = attune_trainer_new (NULL);
  g_autoptr (AttuneProject) project = NULL;
  g_autoptr (GError) error = NULL;
  GtkWidget *window = gtk_window_new ();
  GtkWidget *train_page = g_object_new (ATTUNE_TYPE_TRAIN_PAGE, NULL);
  GdkFrameClock *clock;
  Page page = { .n_steps = n_steps };
  double start;

  write_run (path, n_steps);
  gtk_window_set_child (GTK_WINDOW (window), train_page);
  gtk_window_set_default_size (GTK_WINDOW (window), 924, 720);
  gtk_window_present (GTK_WINDOW (window));
  while (gtk_widget_get_width (train_page) == 0)
    g_main_context_iteration (NULL, TRUE);

  start = seconds ();
  page.run = attune_run_open (path, &error);
  g_assert_no_error (error);
  g_print ("%-34s %10u %9.1f ms\n", "open the run again", n_steps, 1e3 * (seconds () - start));
  project = attune_project_new_for_run (trainer, page.run);
  start = computed ();
  g_object_set (train_page, "project", project, NULL);
  g_print ("%-34s %10u %9.1f ms\n", "give it to the page", n_steps, computed () - start);
  page.loss = find (train_page, ATTUNE_TYPE_PLOT);
  clock = gtk_widget_get_frame_clock (window);
  g_signal_connect_swapped (clock, "before-paint", G_CALLBACK (frame_begins_cb), &page);
  g_signal_connect_swapped (clock, "after-paint", G_CALLBACK (frame_ends_cb), &page);
  start = computed ();
  for (gint64 end = g_get_monotonic_time () + G_USEC_PER_SEC; g_get_monotonic_time () < end;)
    g_main_context_iteration (NULL, FALSE);
  g_print ("%-34s %10s %12s %12s\n", "frames of the page", "size", "half below", "95 % below");
  measure_frames (window, &page, "crosshair", move_cursor);
  g_object_set (page.loss, "cursor-x", NAN, NULL);
  measure_frames (window, &page, "zoom", move_zoom);
  attune_plot_reset_zoom (page.loss);
  measure_frames (window, &page, "one step more", take_step);
  measure_frames (window, &page, "smoothing", smooth);
  g_signal_handlers_disconnect_by_data (clock, &page);
  gtk_window_destroy (GTK_WINDOW (window));
  attune_trainer_shutdown (trainer);
  g_object_unref (page.run);
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
  g_autofree char *home = g_dir_make_tmp ("attune-page-XXXXXX", NULL);

  adw_init ();
  bench (home, argc > 1 ? (guint) strtoul (argv[1], NULL, 10) : 1000000);
  remove_tree (home);
  return 0;
}

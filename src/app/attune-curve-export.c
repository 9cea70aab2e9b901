/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pictures are drawn at once, since only the main thread may touch the plots; numbers are written
 * out a few at a time, so that the window stays awake through a million of them. What comes out is
 * compressed and saved by a thread.
 */
#include "config.h"

#include "attune-curve-export.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <glib/gi18n.h>
#include <math.h>

#include "attune-curve-rows.h"
#include "attune-window.h"

#define WIDTH 900
#define PLOT_HEIGHT 320
/* Device pixels of a PNG for one unit. */
#define PNG_SCALE 2
/* Rows turned into text before the main loop gets its turn. */
#define ROWS_AT_A_TIME 1000

/* What the thread writes: an image still to be compressed, or bytes. */
typedef struct
{
  cairo_surface_t *image;
  GByteArray *bytes;
  GString *text;
  GFile *file;
  AttuneCurveRows *rows;
  guint next_row;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_pointer (&job->image, cairo_surface_destroy);
  g_clear_pointer (&job->bytes, g_byte_array_unref);
  if (job->text != NULL)
    g_string_free (job->text, TRUE);
  g_clear_object (&job->rows);
  g_object_unref (job->file);
  g_free (job);
}

static cairo_status_t
write_cb (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static void
write_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Job *job = task_data;
  GError *error = NULL;
  const char *content;
  gsize length;

  if (job->image != NULL
      && cairo_surface_write_to_png_stream (job->image, write_cb, job->bytes)
           != CAIRO_STATUS_SUCCESS)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED,
                               _("The picture could not be made; there may be too little memory"));
      return;
    }
  content = job->text != NULL ? job->text->str : (const char *) job->bytes->data;
  length = job->text != NULL ? job->text->len : job->bytes->len;
  if (g_file_replace_contents (job->file, content, length, NULL, FALSE, G_FILE_CREATE_NONE, NULL,
                               cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
append_row (GString *text, const AttuneCurveNumbers *numbers)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  for (guint i = 0; i < ATTUNE_CURVE_N_COLUMNS; i++)
    {
      double value = numbers->values[i];

      if (i > 0)
        g_string_append_c (text, ',');
      if ((numbers->set & 1u << i) == 0)
        continue;
      if (isnan (value))
        g_string_append (text, "nan");
      else if (isinf (value))
        g_string_append (text, value > 0 ? "inf" : "-inf");
      else
        g_string_append (text, g_ascii_formatd (buffer, sizeof buffer, "%.9g", value));
    }
  g_string_append (text, "\r\n");
}

static gboolean
write_rows_cb (gpointer user_data)
{
  GTask *task = user_data;
  Job *job = g_task_get_task_data (task);
  AttuneCurveNumbers numbers;

  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;
  for (guint i = 0; i < ROWS_AT_A_TIME; i++)
    {
      if (!attune_curve_rows_read (job->rows, job->next_row++, &numbers))
        {
          g_task_run_in_thread (task, write_in_thread);
          return G_SOURCE_REMOVE;
        }
      append_row (job->text, &numbers);
    }
  return G_SOURCE_CONTINUE;
}

static void
begin_rows (GTask *task, Job *job, AttuneRun *run)
{
  job->rows = attune_curve_rows_new (run);
  job->text = g_string_new (NULL);
  for (guint i = 0; i < ATTUNE_CURVE_N_COLUMNS; i++)
    g_string_append_printf (job->text, "%s%s", i > 0 ? "," : "", attune_curve_column_get_name (i));
  g_string_append (job->text, "\r\n");
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, write_rows_cb, g_object_ref (task), g_object_unref);
}

/* One plot above the other, as on the page. */
static void
draw (const AttuneCurveExport *what, cairo_surface_t *surface, double scale)
{
  cairo_t *cr = cairo_create (surface);

  cairo_scale (cr, scale, scale);
  attune_plot_draw (what->loss, cr, WIDTH, PLOT_HEIGHT);
  cairo_translate (cr, 0, PLOT_HEIGHT);
  attune_plot_draw (what->metric, cr, WIDTH, PLOT_HEIGHT);
  cairo_destroy (cr);
}

static void
draw_picture (const AttuneCurveExport *what, Job *job)
{
  cairo_surface_t *surface;

  job->bytes = g_byte_array_new ();
  if (g_str_equal (what->format, "png"))
    {
      job->image = cairo_image_surface_create (CAIRO_FORMAT_RGB24, PNG_SCALE * WIDTH,
                                               PNG_SCALE * 2 * PLOT_HEIGHT);
      draw (what, job->image, PNG_SCALE);
      return;
    }
  if (g_str_equal (what->format, "pdf"))
    {
      surface = cairo_pdf_surface_create_for_stream (write_cb, job->bytes, WIDTH, 2 * PLOT_HEIGHT);
      cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE,
                                      attune_run_get_title (what->run));
    }
  else
    surface = cairo_svg_surface_create_for_stream (write_cb, job->bytes, WIDTH, 2 * PLOT_HEIGHT);
  draw (what, surface, 1);
  cairo_surface_finish (surface);
  cairo_surface_destroy (surface);
}

/**
 * attune_curve_export_async:
 * @what: run, plots and format
 * @file: replaced when it exists
 *
 * Writes the file; a live run as far as it is now.
 */
void
attune_curve_export_async (const AttuneCurveExport *what, GFile *file, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Job *job = g_new0 (Job, 1);

  job->file = g_object_ref (file);
  g_task_set_source_tag (task, attune_curve_export_async);
  g_task_set_task_data (task, job, job_free);
  if (g_str_equal (what->format, "csv"))
    {
      begin_rows (task, job, what->run);
      return;
    }
  draw_picture (what, job);
  g_task_run_in_thread (task, write_in_thread);
}

gboolean
attune_curve_export_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* What outlives the file dialog. */
typedef struct
{
  AttuneRun *run;
  AttunePlot *loss;
  AttunePlot *metric;
  char *format;
  GtkWidget *parent;
  GFile *file;
} Request;

static void
request_free (Request *request)
{
  g_object_unref (request->run);
  g_object_unref (request->loss);
  g_object_unref (request->metric);
  g_object_unref (request->parent);
  g_clear_object (&request->file);
  g_free (request->format);
  g_free (request);
}

static void
exported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Request *request = user_data;
  GtkRoot *root = gtk_widget_get_root (request->parent);
  g_autoptr (GError) error = NULL;
  gboolean done = attune_curve_export_finish (result, &error);
  g_autofree char *name = g_file_get_basename (request->file);
  g_autofree char *shown = g_filename_display_name (name);
  g_autofree char *message = done ? g_strdup_printf (_("Saved as “%s”"), shown) : NULL;

  if (!ATTUNE_IS_WINDOW (root))
    g_debug ("no window to tell of %s", shown);
  else if (done)
    attune_window_show_toast (ATTUNE_WINDOW (root), message);
  else
    attune_window_show_error (ATTUNE_WINDOW (root), error->message, NULL);
  request_free (request);
}

static void
file_chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Request *request = user_data;
  AttuneCurveExport what = { request->run, request->loss, request->metric, request->format };

  request->file = gtk_file_dialog_save_finish (GTK_FILE_DIALOG (source), result, NULL);
  if (request->file != NULL)
    attune_curve_export_async (&what, request->file, NULL, exported_cb, request);
  else
    request_free (request);
}

void
attune_curve_export_ask (const AttuneCurveExport *what, GtkWidget *parent)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autofree char *name = g_strdup_printf ("%s.%s", attune_run_get_title (what->run), what->format);
  Request *request = g_new0 (Request, 1);

  request->run = g_object_ref (what->run);
  request->loss = g_object_ref (what->loss);
  request->metric = g_object_ref (what->metric);
  request->format = g_strdup (what->format);
  request->parent = g_object_ref (parent);
  g_strdelimit (name, "/", '-');
  gtk_file_dialog_set_title (dialog, _("Export the Curves"));
  gtk_file_dialog_set_accept_label (dialog, _("_Export"));
  gtk_file_dialog_set_initial_name (dialog, name);
  gtk_file_dialog_save (dialog, GTK_WINDOW (gtk_widget_get_root (parent)), NULL, file_chosen_cb,
                        request);
}

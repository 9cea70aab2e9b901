/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRateDialog: the range test's points as a curve over powers of ten and as a table, from the
 * events that the trainer sends; what they come to is the trainer's own result.
 */
#include "config.h"

#include "attune-rate-dialog.h"

#include <glib/gi18n.h>
#include <math.h>

#include "attune-event-log.h"
#include "attune-plot.h"
#include "attune-rate-row.h"
#include "attune-setting-scale.h"

struct _AttuneRateDialog
{
  AdwDialog parent_instance;

  GListStore *rows;
  GtkProgressBar *progress;
  GtkStack *card;
  GtkToggleButton *as_table;
  AttunePlot *plot;
  GtkLabel *status;
  GtkWidget *stop;
  GtkWidget *again;
  GtkWidget *use;

  AttuneProject *project;
  GCancellable *cancellable; /* of the search under way; NULL: there is none */
  AttuneRateCurve *curve;    /* what was heard of it */
  gint64 steps;
  double suggestion;
};

G_DEFINE_FINAL_TYPE (AttuneRateDialog, attune_rate_dialog, ADW_TYPE_DIALOG)

static void
show_status (AttuneRateDialog *self, const char *words)
{
  gtk_label_set_label (self->status, words);
  g_object_set (self->plot, "summary", words, NULL);
}

static void
append_point (AttuneRateDialog *self, const AttuneRatePoint *point)
{
  g_autoptr (AttuneRateRow) row = attune_rate_row_new (point);
  double x = log10 (point->rate);

  g_list_store_append (self->rows, row);
  attune_plot_append (self->plot, 0, &x, &point->loss, 1);
}

static void
heard_cb (const AttuneEvent *event, gpointer user_data)
{
  AttuneRateDialog *self = user_data;
  g_autofree char *words = NULL;
  guint n;

  /* The dialog is closed, and the search has not noticed yet. */
  if (self->cancellable == NULL || g_cancellable_is_cancelled (self->cancellable))
    return;
  switch (event->type)
    {
    case ATTUNE_EVENT_PHASE:
      gtk_label_set_label (self->status, attune_phase_get_title (attune_phase_find (event->name)));
      break;
    case ATTUNE_EVENT_RUN_STARTED:
      self->steps = event->steps;
      break;
    case ATTUNE_EVENT_STEP:
      n = self->curve->points->len;
      attune_rate_curve_add (self->curve, event->learning_rate, event->loss);
      if (self->curve->points->len > n)
        append_point (self, &g_array_index (self->curve->points, AttuneRatePoint, n));
      gtk_progress_bar_set_fraction (self->progress, (double) event->step / MAX (self->steps, 1));
      words = g_strdup_printf (_("Step %d of %d"), (int) event->step, (int) self->steps);
      gtk_label_set_label (self->status, words);
      break;
    default:
      break;
    }
}

/* suggestion: NaN for none. */
static void
show_end (AttuneRateDialog *self, double suggestion)
{
  g_autofree char *number = NULL;
  g_autofree char *label = NULL;
  double x;

  self->suggestion = suggestion;
  gtk_widget_set_visible (self->stop, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), FALSE);
  gtk_widget_set_visible (self->again, isnan (suggestion));
  gtk_widget_set_visible (self->use, !isnan (suggestion));
  if (isnan (suggestion))
    return;

  x = log10 (suggestion);
  number = attune_setting_format_number (suggestion);
  /* Translators: %s is a learning rate, such as 3e-5. */
  label = g_strdup_printf (_("_Use %s"), number);
  gtk_button_set_label (GTK_BUTTON (self->use), label);
  attune_plot_set_marks (self->plot, &x, (const char * const *) &number, 1);
  gtk_widget_grab_focus (self->use);
}

static void
result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AttuneRateDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneRateCurve) curve =
    attune_trainer_find_rate_finish (ATTUNE_TRAINER (source), result, &error);
  g_autofree char *words = NULL;
  double suggestion = NAN;

  if (self->cancellable == NULL)
    return;
  g_clear_object (&self->cancellable);
  if (curve != NULL)
    {
      attune_rate_curve_judge (curve, &suggestion);
      words = attune_rate_curve_explain (curve);
    }
  else
    words = g_strdup (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? _("Stopped")
                                                                               : error->message);
  show_status (self, words);
  show_end (self, suggestion);
}

static void
begin (AttuneRateDialog *self)
{
  g_autofree char *obstacle = attune_project_get_obstacle (self->project);
  AttuneRateRange range;
  AttuneTrainJob job;

  g_list_store_remove_all (self->rows);
  attune_plot_set_data (self->plot, 0, NULL, NULL, 0);
  attune_plot_set_marks (self->plot, NULL, NULL, 0);
  g_clear_pointer (&self->curve, attune_rate_curve_free);
  self->curve = attune_rate_curve_new ();
  if (obstacle != NULL)
    {
      show_status (self, obstacle);
      show_end (self, NAN);
      return;
    }

  attune_rate_range_init (&range, attune_project_get_config (self->project));
  attune_project_fill_job (self->project, &job);
  g_object_set (self->plot, "x-minimum", log10 (range.first), "x-maximum", log10 (range.last), NULL);
  gtk_progress_bar_set_fraction (self->progress, 0);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), TRUE);
  gtk_widget_set_visible (self->stop, TRUE);
  gtk_widget_set_visible (self->again, FALSE);
  gtk_widget_set_visible (self->use, FALSE);
  self->cancellable = g_cancellable_new ();
  attune_trainer_find_rate_async (attune_project_get_trainer (self->project), &job, &range,
                                  heard_cb, self->cancellable, result_cb, g_object_ref (self));
}

static void
stop_cb (AttuneRateDialog *self)
{
  g_cancellable_cancel (self->cancellable);
}

static void
use_cb (AttuneRateDialog *self)
{
  g_autofree char *text = attune_setting_format_number (self->suggestion);

  attune_train_config_set (attune_project_get_config (self->project), "learning_rate", text, NULL);
  adw_dialog_close (ADW_DIALOG (self));
}

static void
as_table_cb (AttuneRateDialog *self)
{
  gtk_stack_set_visible_child_name (self->card, gtk_toggle_button_get_active (self->as_table)
                                                  ? "table" : "plot");
}

/* Nobody looks any more. */
static void
attune_rate_dialog_closed (AdwDialog *dialog)
{
  AttuneRateDialog *self = ATTUNE_RATE_DIALOG (dialog);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static void
attune_rate_dialog_dispose (GObject *object)
{
  AttuneRateDialog *self = ATTUNE_RATE_DIALOG (object);

  g_clear_object (&self->project);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_RATE_DIALOG);
  G_OBJECT_CLASS (attune_rate_dialog_parent_class)->dispose (object);
}

static void
attune_rate_dialog_finalize (GObject *object)
{
  attune_rate_curve_free (ATTUNE_RATE_DIALOG (object)->curve);
  G_OBJECT_CLASS (attune_rate_dialog_parent_class)->finalize (object);
}

static void
attune_rate_dialog_class_init (AttuneRateDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = attune_rate_dialog_dispose;
  object_class->finalize = attune_rate_dialog_finalize;
  ADW_DIALOG_CLASS (klass)->closed = attune_rate_dialog_closed;
  g_type_ensure (ATTUNE_TYPE_PLOT);
  g_type_ensure (ATTUNE_TYPE_RATE_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-rate-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneRateDialog, rows);
  gtk_widget_class_bind_template_child (widget_class, AttuneRateDialog, progress);
  gtk_widget_class_bind_template_child (widget_class, AttuneRateDialog, card);
  gtk_widget_class_bind_template_child (widget_class, AttuneRateDialog, as_table);
  gtk_widget_class_bind_template_child (widget_class, AttuneRateDialog, plot);
  gtk_widget_class_bind_template_child (widget_class, AttuneRateDialog, status);
  gtk_widget_class_bind_template_child (widget_class, AttuneRateDialog, stop);
  gtk_widget_class_bind_template_child (widget_class, AttuneRateDialog, again);
  gtk_widget_class_bind_template_child (widget_class, AttuneRateDialog, use);
  gtk_widget_class_bind_template_callback (widget_class, begin);
  gtk_widget_class_bind_template_callback (widget_class, stop_cb);
  gtk_widget_class_bind_template_callback (widget_class, use_cb);
  gtk_widget_class_bind_template_callback (widget_class, as_table_cb);
}

static void
attune_rate_dialog_init (AttuneRateDialog *self)
{
  self->suggestion = NAN;
  gtk_widget_init_template (GTK_WIDGET (self));
  attune_plot_add_series (self->plot, _("Loss"), ATTUNE_SERIES_TRAINING);
}

AttuneRateDialog *
attune_rate_dialog_new (AttuneProject *project)
{
  AttuneRateDialog *self = g_object_new (ATTUNE_TYPE_RATE_DIALOG, NULL);

  self->project = g_object_ref (project);
  begin (self);
  return self;
}

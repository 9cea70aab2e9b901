/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asks the trainer for an estimate, a moment after the last change, and shows it in words; or why
 * there is none.
 */
#include "config.h"

#include "attune-run-cost.h"

#include <glib/gi18n.h>

/* After a change the estimate waits this long for the next one. */
#define DELAY_MS 300

struct _AttuneRunCost
{
  AdwBin parent_instance;

  GtkLabel *duration;
  GtkLabel *speed;
  GtkWidget *needs;
  GtkLabel *memory;
  GtkLabel *disk;

  AttuneProject *project;
  AttuneEstimate estimate;
  gboolean is_known;
  GCancellable *measuring;
  guint source;
};

G_DEFINE_FINAL_TYPE (AttuneRunCost, attune_run_cost, ADW_TYPE_BIN)

enum {
  MEASURED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* "About 12 min"; coarse on purpose. */
static char *
describe_duration (double seconds)
{
  if (seconds < 60)
    return g_strdup (_("Less than a minute"));
  if (seconds < 90 * 60)
    return g_strdup_printf (_("About %.0f min"), seconds / 60);
  return g_strdup_printf (_("About %.1f h"), seconds / 3600);
}

/* No figures, but why. */
static void
show_words (AttuneRunCost *self, const char *words)
{
  self->is_known = FALSE;
  gtk_label_set_label (self->duration, "");
  gtk_label_set_label (self->speed, words);
  gtk_widget_set_visible (self->needs, FALSE);
}

static void
show_need (GtkLabel *label, const char *format, double bytes)
{
  g_autofree char *size = g_format_size ((guint64) bytes);
  g_autofree char *bold = g_strdup_printf ("<b>%s</b>", size);
  g_autofree char *markup = NULL;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  markup = g_strdup_printf (format, bold);
#pragma GCC diagnostic pop
  gtk_label_set_markup (label, markup);
}

static void
measured_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AttuneRunCost) self = ATTUNE_RUN_COST (user_data);
  g_autoptr (GError) error = NULL;
  AttuneEstimate estimate;

  if (attune_trainer_estimate_finish (ATTUNE_TRAINER (source), result, &estimate, &error))
    {
      g_autofree char *duration = describe_duration (estimate.seconds);
      g_autofree char *speed = g_strdup_printf (_("at %.0f texts a second"),
                                                estimate.samples_per_second);

      if (self->project == NULL)
        return;
      gtk_label_set_label (self->duration, duration);
      gtk_label_set_label (self->speed, speed);
      /* Translators: %s is a size such as 1.1 GB. */
      show_need (self->memory, _("%s memory"), estimate.memory_bytes);
      show_need (self->disk, _("%s disk"), estimate.disk_bytes);
      gtk_widget_set_visible (self->needs, TRUE);
      self->estimate = estimate;
      self->is_known = TRUE;
      g_signal_emit (self, signals[MEASURED], 0, &self->estimate);
    }
  else if (self->project != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_words (self, error->message);
}

static void
measure_cb (gpointer user_data)
{
  AttuneRunCost *self = ATTUNE_RUN_COST (user_data);
  g_autofree char *obstacle = NULL;
  AttuneTrainJob job;

  self->source = 0;
  /* While another run trains the speed cannot be measured. */
  if (attune_trainer_get_run (attune_project_get_trainer (self->project)) != NULL)
    obstacle = g_strdup (_("Another run is training; this one can wait in the queue"));
  else
    obstacle = attune_project_get_fault (self->project);
  if (obstacle != NULL)
    {
      show_words (self, obstacle);
      return;
    }
  attune_project_fill_job (self->project, &job);
  self->measuring = g_cancellable_new ();
  show_words (self, _("Measuring the speed of this computer…"));
  attune_trainer_estimate_async (attune_project_get_trainer (self->project), &job, self->measuring,
                                 measured_cb, g_object_ref (self));
}

static void
stop (AttuneRunCost *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  if (self->measuring != NULL)
    g_cancellable_cancel (self->measuring);
  g_clear_object (&self->measuring);
}

const AttuneEstimate *
attune_run_cost_get_estimate (AttuneRunCost *self)
{
  return self->is_known ? &self->estimate : NULL;
}

void
attune_run_cost_update (AttuneRunCost *self)
{
  g_return_if_fail (ATTUNE_IS_RUN_COST (self));

  stop (self);
  self->is_known = FALSE;
  if (self->project == NULL)
    return;
  if (!attune_project_get_editable (self->project))
    {
      show_words (self, attune_project_get_turn (self->project) > 0
                          ? _("This run waits for its turn; to change it, take it out of the queue")
                          : _("These are the settings of a run that has started"));
      g_signal_emit (self, signals[MEASURED], 0, NULL);
    }
  else if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->source = g_timeout_add_once (DELAY_MS, measure_cb, self);
}

void
attune_run_cost_set_project (AttuneRunCost *self,
                             AttuneProject *project)
{
  g_return_if_fail (ATTUNE_IS_RUN_COST (self));

  if (!g_set_object (&self->project, project))
    return;
  show_words (self, "");
  g_signal_emit (self, signals[MEASURED], 0, NULL);
  attune_run_cost_update (self);
}

static void
attune_run_cost_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (attune_run_cost_parent_class)->map (widget);
  attune_run_cost_update (ATTUNE_RUN_COST (widget));
}

static void
attune_run_cost_dispose (GObject *object)
{
  AttuneRunCost *self = ATTUNE_RUN_COST (object);

  stop (self);
  g_clear_object (&self->project);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_RUN_COST);
  G_OBJECT_CLASS (attune_run_cost_parent_class)->dispose (object);
}

static void
attune_run_cost_class_init (AttuneRunCostClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = attune_run_cost_dispose;
  widget_class->map = attune_run_cost_map;

  signals[MEASURED] = g_signal_new ("measured", ATTUNE_TYPE_RUN_COST, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-run-cost.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneRunCost, duration);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunCost, speed);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunCost, needs);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunCost, memory);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunCost, disk);
}

static void
attune_run_cost_init (AttuneRunCost *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

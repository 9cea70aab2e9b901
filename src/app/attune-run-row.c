/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRunRow: follows its run's state, progress and accuracy.
 */
#include "config.h"

#include "attune-run-row.h"

#include <glib/gi18n.h>
#include <math.h>

#include "attune-charts.h"

struct _AttuneRunRow
{
  GtkListBoxRow parent_instance;

  GtkImage *icon;
  GtkLabel *title;
  GtkLabel *subtitle;
  GtkWidget *curve;
  AttuneSparkline *sparkline;
  GtkLabel *accuracy;

  AttuneProject *project;
};

G_DEFINE_FINAL_TYPE (AttuneRunRow, attune_run_row, GTK_TYPE_LIST_BOX_ROW)

typedef struct
{
  const char *icon;
  const char *style;
} StateLook;

static const StateLook looks[] = {
  [ATTUNE_RUN_DRAFT] = { "document-edit-symbolic", "dimmed" },
  [ATTUNE_RUN_RUNNING] = { "attune-train-symbolic", "accent" },
  [ATTUNE_RUN_PAUSED] = { "media-playback-pause-symbolic", "dimmed" },
  [ATTUNE_RUN_FINISHED] = { "object-select-symbolic", "success" },
  [ATTUNE_RUN_STOPPED] = { "media-playback-stop-symbolic", "dimmed" },
  [ATTUNE_RUN_FAILED] = { "dialog-error-symbolic", "error" },
  [ATTUNE_RUN_INTERRUPTED] = { "dialog-warning-symbolic", "warning" },
};

/* The state in words; never colour or icon alone. */
static char *
describe_state (AttuneRun *run)
{
  switch (attune_run_get_state (run))
    {
    case ATTUNE_RUN_DRAFT:
      return g_strdup (_("Not started"));
    case ATTUNE_RUN_RUNNING:
      /* Translators: a run that is going on, with how much of it is done. */
      return g_strdup_printf (_("Training · %.0f %%"), 100 * attune_run_get_fraction (run));
    case ATTUNE_RUN_PAUSED:
      return g_strdup_printf (_("Paused at %.0f %%"), 100 * attune_run_get_fraction (run));
    case ATTUNE_RUN_FINISHED:
      return g_strdup (_("Finished"));
    case ATTUNE_RUN_STOPPED:
      return g_strdup (_("Stopped, kept"));
    case ATTUNE_RUN_FAILED:
      return g_strdup_printf (_("Failed: %s"), attune_run_get_message (run));
    case ATTUNE_RUN_INTERRUPTED:
      return g_strdup (_("Interrupted"));
    default:
      return g_strdup ("");
    }
}

static void
update (AttuneRunRow *self)
{
  AttuneRun *run = attune_project_get_run (self->project);
  const AttuneRunHistory *history = attune_run_get_history (run);
  AttuneRunState state = attune_run_get_state (run);
  g_autofree char *words = describe_state (run);
  g_autofree char *percent = NULL;
  g_autofree char *spoken = NULL;
  gboolean has_curve = history != NULL && history->eval_accuracy->len > 0;

  gtk_label_set_label (self->title, attune_run_get_title (run));
  gtk_label_set_label (self->subtitle, words);
  gtk_image_set_from_icon_name (self->icon, looks[state].icon);
  gtk_widget_set_css_classes (GTK_WIDGET (self->icon),
                              (const char *[]) { looks[state].style, NULL });

  gtk_widget_set_visible (self->curve, has_curve);
  if (has_curve)
    {
      const double *values = (const double *) history->eval_accuracy->data;
      guint n = history->eval_accuracy->len;

      percent = g_strdup_printf (_("%.1f %%"), 100 * values[n - 1]);
      gtk_label_set_label (self->accuracy, percent);
      attune_sparkline_set_values (self->sparkline, values, n,
                                   state == ATTUNE_RUN_FINISHED || state == ATTUNE_RUN_RUNNING);
    }

  spoken = g_strconcat (attune_run_get_title (run), ", ", words,
                        percent != NULL ? ", " : NULL, percent, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

static void
attune_run_row_dispose (GObject *object)
{
  AttuneRunRow *self = ATTUNE_RUN_ROW (object);

  g_clear_object (&self->project);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_RUN_ROW);
  G_OBJECT_CLASS (attune_run_row_parent_class)->dispose (object);
}

static void
attune_run_row_class_init (AttuneRunRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_run_row_dispose;
  g_type_ensure (ATTUNE_TYPE_SPARKLINE);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_BASE "/ui/attune-run-row.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneRunRow, icon);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunRow, title);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunRow, subtitle);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunRow, curve);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunRow, sparkline);
  gtk_widget_class_bind_template_child (widget_class, AttuneRunRow, accuracy);
}

static void
attune_run_row_init (AttuneRunRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
attune_run_row_new (AttuneProject *project)
{
  AttuneRunRow *self = g_object_new (ATTUNE_TYPE_RUN_ROW, NULL);
  AttuneRun *run = attune_project_get_run (project);
  static const char * const followed[] = { "state", "title", "fraction", "best-accuracy" };

  self->project = g_object_ref (project);
  for (guint i = 0; i < G_N_ELEMENTS (followed); i++)
    {
      g_autofree char *signal = g_strconcat ("notify::", followed[i], NULL);

      g_signal_connect_object (run, signal, G_CALLBACK (update), self, G_CONNECT_SWAPPED);
    }
  update (self);
  return GTK_WIDGET (self);
}

AttuneProject *
attune_run_row_get_project (AttuneRunRow *self)
{
  return self->project;
}

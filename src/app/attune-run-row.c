/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRunRow: follows its run's state, progress and accuracy. A list uses it for one run after
 * another. It never makes a run read its history; see attune_run_get_accuracies().
 */
#include "config.h"

#include "attune-run-row.h"

#include <glib/gi18n.h>
#include <math.h>

#include "attune-charts.h"

struct _AttuneRunRow
{
  AdwBin parent_instance;

  GtkCheckButton *check;
  GtkImage *icon;
  GtkLabel *title;
  GtkLabel *subtitle;
  GtkWidget *curve;
  AttuneSparkline *sparkline;
  GtkLabel *accuracy;

  AttuneProject *project;
  AttuneRunChoice *choice;
  char *spoken;
};

G_DEFINE_FINAL_TYPE (AttuneRunRow, attune_run_row, ADW_TYPE_BIN)

enum {
  PROP_0,
  PROP_PROJECT,
  PROP_CHOICE,
  PROP_SPOKEN,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

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
describe_state (AttuneProject *project)
{
  AttuneRun *run = attune_project_get_run (project);
  guint turn = attune_project_get_turn (project);

  if (turn == 1)
    return g_strdup (_("Waiting · next"));
  if (turn > 1)
    /* Translators: a run that waits, and its place in line, from 2 on. */
    return g_strdup_printf (_("Waiting · no. %u"), turn);
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

/* Name, beginning and notes: what the row has no room for. */
static char *
describe_more (AttuneRun *run)
{
  g_autoptr (GDateTime) created = g_date_time_new_from_unix_local (attune_run_get_created (run));
  g_autofree char *date = created != NULL ? g_date_time_format (created, "%F %R") : g_strdup ("");
  const char *notes = attune_run_get_notes (run);

  return g_strconcat (attune_run_get_title (run), "\n", date, notes != NULL ? "\n\n" : NULL, notes,
                      NULL);
}

static void
show_curve (AttuneRunRow *self, const GArray *accuracies, gboolean active)
{
  gboolean has_curve = accuracies != NULL && accuracies->len > 0;

  gtk_widget_set_visible (GTK_WIDGET (self->sparkline), has_curve);
  if (has_curve)
    attune_sparkline_set_values (self->sparkline, (const double *) accuracies->data,
                                 accuracies->len, active);
}

static void
update (AttuneRunRow *self)
{
  AttuneRun *run = attune_project_get_run (self->project);
  AttuneRunState state = attune_run_get_state (run);
  double accuracy = attune_run_get_best_accuracy (run);
  g_autofree char *words = describe_state (self->project);
  g_autofree char *more = describe_more (run);
  g_autofree char *percent = NULL;
  g_autofree char *spoken = NULL;

  gtk_label_set_label (self->title, attune_run_get_title (run));
  gtk_label_set_label (self->subtitle, words);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), more);
  gtk_image_set_from_icon_name (self->icon, attune_project_get_turn (self->project) > 0
                                              ? "document-open-recent-symbolic"
                                              : looks[state].icon);
  gtk_widget_set_css_classes (GTK_WIDGET (self->icon),
                              (const char *[]) { looks[state].style, NULL });

  gtk_widget_set_visible (self->curve, !isnan (accuracy));
  if (!isnan (accuracy))
    {
      percent = g_strdup_printf (_("%.1f %%"), 100 * accuracy);
      gtk_label_set_label (self->accuracy, percent);
      show_curve (self, attune_run_get_accuracies (run),
                  state == ATTUNE_RUN_FINISHED || state == ATTUNE_RUN_RUNNING);
    }

  /* Translators: what is read out before the name of a run that is chosen to be compared. */
  spoken = g_strconcat (self->choice != NULL && attune_run_choice_get_chosen (self->choice)
                          ? _("Chosen: ") : "",
                        attune_run_get_title (run), ", ", words,
                        percent != NULL ? ", " : NULL, percent, NULL);
  if (g_set_str (&self->spoken, spoken))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SPOKEN]);
}

static void
set_project (AttuneRunRow *self, AttuneProject *project)
{
  static const char * const followed[] = { "state", "title", "notes", "fraction", "best-accuracy" };

  if (self->project == project)
    return;
  if (self->project != NULL)
    {
      g_signal_handlers_disconnect_by_func (attune_project_get_run (self->project), update, self);
      g_signal_handlers_disconnect_by_func (self->project, update, self);
    }
  g_set_object (&self->project, project);
  if (project != NULL)
    {
      for (guint i = 0; i < G_N_ELEMENTS (followed); i++)
        {
          g_autofree char *signal = g_strconcat ("notify::", followed[i], NULL);

          g_signal_connect_object (attune_project_get_run (project), signal, G_CALLBACK (update),
                                   self, G_CONNECT_SWAPPED);
        }
      g_signal_connect_object (project, "notify::turn", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
      update (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROJECT]);
}

/* The mark is the list's to set: it has the keyboard and the pointer. */
static void
check (AttuneRunRow *self)
{
  gtk_check_button_set_active (self->check, attune_run_choice_get_chosen (self->choice));
  update (self);
}

static void
set_choice (AttuneRunRow *self, AttuneRunChoice *choice)
{
  if (self->choice == choice)
    return;
  if (self->choice != NULL)
    g_signal_handlers_disconnect_by_func (self->choice, check, self);
  g_set_object (&self->choice, choice);
  set_project (self, choice != NULL ? attune_run_choice_get_project (choice) : NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->check), choice != NULL);
  if (choice != NULL)
    {
      g_signal_connect_object (choice, "notify::chosen", G_CALLBACK (check), self,
                               G_CONNECT_SWAPPED);
      check (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CHOICE]);
}

static void
attune_run_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AttuneRunRow *self = ATTUNE_RUN_ROW (object);

  switch (id)
    {
    case PROP_PROJECT:
      g_value_set_object (value, self->project);
      break;
    case PROP_CHOICE:
      g_value_set_object (value, self->choice);
      break;
    case PROP_SPOKEN:
      g_value_set_string (value, self->spoken);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_run_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_PROJECT:
      set_project (ATTUNE_RUN_ROW (object), g_value_get_object (value));
      break;
    case PROP_CHOICE:
      set_choice (ATTUNE_RUN_ROW (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_run_row_dispose (GObject *object)
{
  AttuneRunRow *self = ATTUNE_RUN_ROW (object);

  set_choice (self, NULL);
  set_project (self, NULL);
  g_clear_pointer (&self->spoken, g_free);
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_RUN_ROW);
  G_OBJECT_CLASS (attune_run_row_parent_class)->dispose (object);
}

static void
attune_run_row_class_init (AttuneRunRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = attune_run_row_get_property;
  object_class->set_property = attune_run_row_set_property;
  object_class->dispose = attune_run_row_dispose;
  properties[PROP_PROJECT] =
    g_param_spec_object ("project", NULL, NULL, ATTUNE_TYPE_PROJECT,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_CHOICE] =
    g_param_spec_object ("choice", NULL, NULL, ATTUNE_TYPE_RUN_CHOICE,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_SPOKEN] =
    g_param_spec_string ("spoken", NULL, NULL, NULL,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (ATTUNE_TYPE_SPARKLINE);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_BASE "/ui/attune-run-row.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneRunRow, check);
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

/* (transfer none) (nullable) */
AttuneProject *
attune_run_row_get_project (AttuneRunRow *self)
{
  return self->project;
}

/* (transfer none) (nullable) */
AttuneRunChoice *
attune_run_row_get_choice (AttuneRunRow *self)
{
  return self->choice;
}

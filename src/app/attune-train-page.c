/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Train page: progress in words, and two plots that share their x axis or the table behind them.
 * It follows the run's events; a run that is reopened is drawn from its history by the same calls.
 * What the plots show is in attune-train-curves.c, how it is chosen in attune-train-actions.c.
 */
#include "config.h"

#include "attune-train-page.h"

#include <glib/gi18n.h>
#include <math.h>

#include "attune-train-page-private.h"

G_DEFINE_FINAL_TYPE (AttuneTrainPage, attune_train_page, ADW_TYPE_BIN)

enum {
  PROP_0,
  PROP_PROJECT,
  PROP_MENU,
  PROP_PROJECTS,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static AttuneRun *
get_run (AttuneTrainPage *self)
{
  return attune_project_get_run (self->project);
}

/* Coarse, so that it does not flicker: "About 5 minutes left". */
static char *
describe_time_left (double seconds)
{
  if (!(seconds >= 0))
    return g_strdup ("");
  if (seconds < 10)
    return g_strdup (_("A few seconds left"));
  if (seconds < 60)
    {
      int tens = (int) ceil (seconds / 10) * 10;

      return g_strdup_printf (_("About %d seconds left"), tens);
    }
  if (seconds < 90 * 60)
    {
      int minutes = (int) (seconds / 60 + 0.5);

      return g_strdup_printf (ngettext ("About %d minute left", "About %d minutes left", minutes),
                              minutes);
    }
  return g_strdup_printf (_("About %.1f hours left"), seconds / 3600);
}

static void
update_phases (AttuneTrainPage *self)
{
  double progress = attune_run_get_phase_progress (get_run (self));
  AttuneRunState state = attune_run_get_state (get_run (self));
  gboolean ended = state == ATTUNE_RUN_FINISHED;
  gboolean lives = state == ATTUNE_RUN_RUNNING || state == ATTUNE_RUN_PAUSED;
  guint now = attune_phase_find (attune_run_get_phase (get_run (self)));

  for (guint i = 0; i < ATTUNE_N_PHASES; i++)
    {
      gboolean done = ended || (lives && i < now);
      gboolean active = lives && i == now;
      /* Translators: a phase of training that is done; spoken beside a check mark. */
      g_autofree char *spoken = done ? g_strdup_printf (_("%s, done"), attune_phase_get_title (i))
                                     : g_strdup (attune_phase_get_title (i));
      g_autofree char *shown = g_strdup (attune_phase_get_title (i));

      if (active && progress >= 0)
        {
          g_free (shown);
          /* Translators: a phase of training and how far it has come. */
          shown = g_strdup_printf (_("%s, %.0f %%"), attune_phase_get_title (i),
                                   floor (100 * progress));
        }
      gtk_label_set_text (GTK_LABEL (self->phase_labels[i]), shown);
      gtk_widget_set_visible (self->phase_checks[i], done);
      gtk_widget_set_css_classes (self->phase_labels[i],
                                  active ? (const char *[]) { "accent", "phase-now", NULL }
                                         : (const char *[]) { "dimmed", NULL });
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->phase_labels[i]),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
    }
}

static void
update_buttons (AttuneTrainPage *self)
{
  AttuneRunState state = attune_run_get_state (get_run (self));
  gboolean active = state == ATTUNE_RUN_RUNNING || state == ATTUNE_RUN_PAUSED;
  AttuneTrainer *trainer = attune_project_get_trainer (self->project);
  gboolean elsewhere = active && attune_trainer_get_run (trainer) != get_run (self);
  const char *message = attune_run_get_message (get_run (self));

  gtk_button_set_label (self->pause, state == ATTUNE_RUN_PAUSED ? _("_Continue") : _("_Pause"));
  gtk_widget_set_visible (GTK_WIDGET (self->pause), active && !elsewhere);
  gtk_widget_set_visible (self->stop, active && !elsewhere);
  gtk_widget_set_visible (self->results, !active && attune_run_can_classify (get_run (self)));

  if (state == ATTUNE_RUN_INTERRUPTED)
    message = _("The program ended before this run did; it can go on from its last checkpoint");
  else if (state == ATTUNE_RUN_STOPPED)
    message = _("This run was stopped; it can go on where it was");
  else if (elsewhere)
    message = _("Another program is training this run; it is shown as it was a moment ago");
  adw_banner_set_button_label (self->banner, elsewhere ? NULL : _("_Continue"));
  adw_banner_set_title (self->banner, message != NULL ? message : "");
  adw_banner_set_revealed (self->banner, message != NULL
                                           && (elsewhere || state == ATTUNE_RUN_FAILED
                                               || state == ATTUNE_RUN_STOPPED
                                               || state == ATTUNE_RUN_INTERRUPTED));
  gtk_stack_set_visible_child_name (self->root, state == ATTUNE_RUN_DRAFT ? "empty" : "run");
  attune_train_curves_update_shade (self->curves);
}

static char *
describe_state (AttuneRun *run)
{
  switch (attune_run_get_state (run))
    {
    case ATTUNE_RUN_FINISHED:
      return g_strdup (_("Finished"));
    case ATTUNE_RUN_STOPPED:
      return g_strdup (_("Stopped, kept"));
    case ATTUNE_RUN_FAILED:
      return g_strdup (_("Failed"));
    case ATTUNE_RUN_INTERRUPTED:
      return g_strdup (_("Interrupted"));
    case ATTUNE_RUN_PAUSED:
      return g_strdup (_("Paused"));
    default:
      return describe_time_left (attune_run_get_seconds_left (run));
    }
}

/* What "auto" was decided by; NULL when nothing was measured. */
static char *
describe_measured (AttuneRun *run)
{
  double fp32 = 0, bf16 = 0;
  g_autofree char *paths = NULL, *measured = NULL;

  g_object_get (run, "fp32-gflops", &fp32, "bf16-gflops", &bf16, "paths", &paths, NULL);
  if (fp32 <= 0)
    return g_steal_pointer (&paths);
  measured = bf16 > 0
               ? g_strdup_printf (_("Measured: fp32 %.0f, bf16 %.0f GFLOP/s"), fp32, bf16)
               : g_strdup_printf (_("Measured: fp32 %.0f GFLOP/s"), fp32);
  return paths != NULL ? g_strdup_printf ("%s\n%s", measured, paths)
                       : g_steal_pointer (&measured);
}

static void
update_progress (AttuneTrainPage *self)
{
  AttuneRun *run = get_run (self);
  double n_epochs = 0, speed = 0;
  g_autofree char *device = NULL, *precision = NULL, *epoch = NULL, *step = NULL, *left = NULL;
  g_autofree char *facts = NULL, *measured = NULL;
  int threads = 0;

  g_object_get (run, "n-epochs", &n_epochs, "samples-per-second", &speed, "device", &device,
                "precision", &precision, "threads", &threads, NULL);
  if (n_epochs > 0)
    epoch = g_strdup_printf (_("Epoch %d of %d"),
                             (int) fmin (floor (attune_run_get_epoch (run)) + 1, ceil (n_epochs)),
                             (int) ceil (n_epochs));
  else
    epoch = g_strdup (_("Preparing"));
  if (attune_run_get_steps (run) > 0)
    step = g_strdup_printf (_("step %'d of %'d"), (int) attune_run_get_step (run),
                            (int) attune_run_get_steps (run));
  left = describe_state (run);
  gtk_label_set_text (self->epoch, epoch);
  gtk_label_set_text (self->step, step != NULL ? step : "");
  gtk_label_set_text (self->time_left, left);
  gtk_progress_bar_set_fraction (self->progress, CLAMP (attune_run_get_fraction (run), 0, 1));

  if (device != NULL && *device != '\0')
    {
      g_autofree char *upper = g_ascii_strup (device, -1);

      if (g_str_equal (device, "cpu"))
        facts = g_strdup_printf (ngettext ("%s, %d thread, %s · %.0f texts/s",
                                           "%s, %d threads, %s · %.0f texts/s", threads),
                                 upper, threads, precision, speed);
      else
        facts = g_strdup_printf (_("%s, %s · %.0f texts/s"), upper, precision, speed);
    }
  gtk_label_set_text (self->device, facts != NULL ? facts : "");
  measured = describe_measured (run);
  if (g_strcmp0 (gtk_widget_get_tooltip_text (GTK_WIDGET (self->device)), measured) != 0)
    gtk_widget_set_tooltip_text (GTK_WIDGET (self->device), measured);

  if (attune_run_get_best_accuracy (run) >= 0)
    {
      gboolean active = attune_run_get_state (run) == ATTUNE_RUN_RUNNING
                        || attune_run_get_state (run) == ATTUNE_RUN_PAUSED;
      g_autofree char *best = g_strdup_printf (active ? _("Best so far: %.1f %% at step %'d")
                                                      : _("Best: %.1f %% at step %'d"),
                                               100 * attune_run_get_best_accuracy (run),
                                               (int) attune_run_get_best_step (run));

      gtk_label_set_text (self->best, best);
    }
  else
    gtk_label_set_text (self->best, "");
  attune_train_curves_update_shade (self->curves);
}

static gboolean
update_progress_cb (gpointer user_data)
{
  AttuneTrainPage *self = user_data;

  self->updating = 0;
  update_progress (self);
  return G_SOURCE_REMOVE;
}

/* Many steps may come at a time: their words are written once, before the next frame. */
static void
queue_progress (AttuneTrainPage *self)
{
  if (self->updating == 0)
    self->updating = g_idle_add_full (G_PRIORITY_HIGH_IDLE, update_progress_cb,
                                      self, NULL);
}

static void
announce (AttuneTrainPage *self, const char *text)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    gtk_accessible_announce (GTK_ACCESSIBLE (self), text, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

/* Once an epoch what the plots show is said anew. */
static void
follow_epochs (AttuneTrainPage *self)
{
  int epoch = (int) floor (attune_run_get_epoch (get_run (self)));
  g_autofree char *summary = NULL;

  if (epoch == self->epoch_said)
    return;
  self->epoch_said = epoch;
  attune_train_curves_update_summaries (self->curves);
  g_object_get (self->loss_plot, "summary", &summary, NULL);
  announce (self, summary);
}

static void
event_cb (AttuneTrainPage *self, const AttuneEvent *event)
{
  g_autofree char *state = NULL;

  attune_train_curves_append (self->curves, event);
  if (event->type == ATTUNE_EVENT_STEP)
    follow_epochs (self);
  else if (attune_event_is_terminal (event))
    {
      state = describe_state (get_run (self));
      announce (self, state);
    }
}

/* Events that are no steps, also those of before the page was opened. */
static void
logged_cb (AttuneTrainPage *self, const AttuneEvent *event)
{
  /* What a person may want to act on while the run goes on; the log has all of them. */
  static const char * const pressing[] = { "out_of_memory", "checkpoint-failed", "little-space",
                                           "checkpoint-damaged", "other-computer", NULL };

  if (event->type == ATTUNE_EVENT_RUN_STARTED && event->step > 0)
    attune_train_curves_add_moment (self->curves, event->step);
  else if (event->type == ATTUNE_EVENT_WARNING && event->code != NULL
           && g_strv_contains (pressing, event->code))
    {
      adw_banner_set_title (self->warning, event->message != NULL ? event->message : "");
      adw_banner_set_revealed (self->warning, TRUE);
      self->warned_of_disk = g_str_equal (event->code, "checkpoint-failed");
    }
  /* There was room again. */
  else if (event->type == ATTUNE_EVENT_CHECKPOINT && self->warned_of_disk)
    adw_banner_set_revealed (self->warning, FALSE);
}

static void
state_changed_cb (AttuneTrainPage *self)
{
  update_buttons (self);
  update_phases (self);
  update_progress (self);
}

static void
set_project (AttuneTrainPage *self, AttuneProject *project)
{
  static const char * const progress[] = { "notify::step", "notify::seconds-left",
                                           "notify::best-accuracy" };
  AttuneRun *run;

  if (self->project == project)
    return;
  if (self->project != NULL)
    g_signal_handlers_disconnect_by_data (get_run (self), self);
  g_clear_handle_id (&self->updating, g_source_remove);
  g_clear_object (&self->log);
  g_set_object (&self->project, project);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROJECT]);
  if (project == NULL)
    return;

  run = get_run (self);
  g_signal_connect_object (run, "event", G_CALLBACK (event_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "notify::state", G_CALLBACK (state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "notify::phase-progress", G_CALLBACK (update_phases), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "notify::phase", G_CALLBACK (update_phases), self,
                           G_CONNECT_SWAPPED);
  for (guint i = 0; i < G_N_ELEMENTS (progress); i++)
    g_signal_connect_object (run, progress[i], G_CALLBACK (queue_progress), self,
                             G_CONNECT_SWAPPED);
  adw_banner_set_revealed (self->warning, FALSE);
  self->epoch_said = (int) floor (attune_run_get_epoch (run));
  attune_train_curves_set_run (self->curves, run);
  g_object_set (self->table, "run", run, NULL);
  self->log = attune_event_log_new (run);
  g_signal_connect_object (self->log, "appended", G_CALLBACK (logged_cb), self, G_CONNECT_SWAPPED);
  attune_train_curves_update_summaries (self->curves);
  state_changed_cb (self);
}

/* The header menu names these as train.*, so the window has to know them. */
static void
attune_train_page_root (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (attune_train_page_parent_class)->root (widget);
  gtk_widget_insert_action_group (GTK_WIDGET (gtk_widget_get_root (widget)), "train",
                                  ATTUNE_TRAIN_PAGE (widget)->actions);
}

static void
attune_train_page_unroot (GtkWidget *widget)
{
  gtk_widget_insert_action_group (GTK_WIDGET (gtk_widget_get_root (widget)), "train", NULL);
  GTK_WIDGET_CLASS (attune_train_page_parent_class)->unroot (widget);
}

static void
attune_train_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AttuneTrainPage *self = ATTUNE_TRAIN_PAGE (object);

  switch (id)
    {
    case PROP_PROJECT:
      g_value_set_object (value, self->project);
      break;
    case PROP_MENU:
      g_value_set_object (value, self->menu);
      break;
    case PROP_PROJECTS:
      g_value_set_object (value, self->projects);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_train_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_PROJECT:
      set_project (ATTUNE_TRAIN_PAGE (object), g_value_get_object (value));
      break;
    case PROP_PROJECTS:
      if (g_set_object (&ATTUNE_TRAIN_PAGE (object)->projects, g_value_get_object (value)))
        g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_train_page_dispose (GObject *object)
{
  AttuneTrainPage *self = ATTUNE_TRAIN_PAGE (object);

  set_project (self, NULL);
  g_clear_object (&self->projects);
  g_clear_object (&self->settings);
  g_clear_object (&self->actions);
  g_clear_pointer (&self->curves, attune_train_curves_free);
  /* The template would free the bin's child behind its back. */
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_TRAIN_PAGE);
  G_OBJECT_CLASS (attune_train_page_parent_class)->dispose (object);
}

static void
attune_train_page_class_init (AttuneTrainPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = attune_train_page_get_property;
  object_class->set_property = attune_train_page_set_property;
  object_class->dispose = attune_train_page_dispose;
  widget_class->root = attune_train_page_root;
  widget_class->unroot = attune_train_page_unroot;

  properties[PROP_PROJECT] =
    g_param_spec_object ("project", NULL, NULL, ATTUNE_TYPE_PROJECT,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_MENU] = g_param_spec_object ("menu", NULL, NULL, G_TYPE_MENU_MODEL,
                                               G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_PROJECTS] =
    g_param_spec_object ("projects", NULL, NULL, G_TYPE_LIST_MODEL,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (ATTUNE_TYPE_PLOT);
  g_type_ensure (ATTUNE_TYPE_CURVE_TABLE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-train-page.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, root);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, banner);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, warning);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, epoch);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, step);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, time_left);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, progress);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, phases);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, device);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, card);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, table);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, loss_heading);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, loss_plot);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, accuracy_heading);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, accuracy_plot);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, best);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, pause);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, stop);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, results);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, menu);
}

/* Beside the title, or below it on several lines where the window is narrow. */
static void
add_legend (AdwWrapBox *heading, AttunePlot *plot)
{
  GtkWidget *legend = attune_plot_create_legend (plot);

  gtk_widget_set_layout_manager (legend, adw_wrap_layout_new ());
  adw_wrap_box_append (heading, legend);
}

static void
add_phase (AttuneTrainPage *self, guint phase)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);

  if (phase > 0)
    {
      GtkWidget *chevron = gtk_image_new_from_icon_name ("go-next-symbolic");

      gtk_widget_add_css_class (chevron, "dimmed");
      gtk_widget_set_margin_end (chevron, 4);
      gtk_image_set_pixel_size (GTK_IMAGE (chevron), 12);
      gtk_box_append (GTK_BOX (box), chevron);
    }
  self->phase_checks[phase] = gtk_image_new_from_icon_name ("object-select-symbolic");
  self->phase_labels[phase] = gtk_label_new (attune_phase_get_title (phase));
  gtk_widget_add_css_class (self->phase_checks[phase], "success");
  gtk_image_set_pixel_size (GTK_IMAGE (self->phase_checks[phase]), 12);
  gtk_box_append (GTK_BOX (box), self->phase_checks[phase]);
  gtk_box_append (GTK_BOX (box), self->phase_labels[phase]);
  adw_wrap_box_append (self->phases, box);
}

static void
attune_train_page_init (AttuneTrainPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < ATTUNE_N_PHASES; i++)
    add_phase (self, i);
  self->curves = attune_train_curves_new (self->loss_plot, self->accuracy_plot);
  attune_train_page_init_actions (self);
  add_legend (self->loss_heading, self->loss_plot);
  add_legend (self->accuracy_heading, self->accuracy_plot);
}

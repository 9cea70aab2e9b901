/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Train page: progress in words and two plots that share their x axis. It follows the run's
 * events; a run that is reopened is drawn from its history by the same calls.
 */
#include "config.h"

#include "attune-train-page.h"

#include <glib/gi18n.h>
#include <math.h>

#include "attune-event-log.h"
#include "attune-plot.h"

struct _AttuneTrainPage
{
  AdwBin parent_instance;

  GtkStack *root;
  AdwBanner *banner;
  GtkLabel *epoch;
  GtkLabel *step;
  GtkLabel *time_left;
  GtkProgressBar *progress;
  AdwWrapBox *phases;
  GtkLabel *device;
  AdwWrapBox *loss_heading;
  AttunePlot *loss_plot;
  AdwWrapBox *accuracy_heading;
  AttunePlot *accuracy_plot;
  GtkLabel *best;
  GtkButton *pause;
  GtkWidget *stop;
  GtkWidget *results;
  GMenuModel *menu;

  AttuneProject *project;
  GtkWidget *phase_labels[5];
  guint loss_training;
  guint loss_validation;
  guint accuracy_training;
  guint accuracy_validation;
  guint naive_bayes;
  guint majority;
};

G_DEFINE_FINAL_TYPE (AttuneTrainPage, attune_train_page, ADW_TYPE_BIN)

enum {
  PROP_0,
  PROP_PROJECT,
  PROP_MENU,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

/* Phases as events name them, in the order a run goes through them. */
static const struct
{
  const char *name;
  const char *label;
} phases[] = {
  { "loading_model", N_("Load model") },
  { "tokenizing", N_("Tokenize") },
  { "training", N_("Train") },
  { "evaluating", N_("Evaluate") },
  { "saving", N_("Save") },
};

static const struct
{
  const char *name;
  double weight;
} smoothings[] = { { "none", 0 }, { "light", 0.6 }, { "medium", 0.9 }, { "strong", 0.98 } };

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
  AttuneRunState state = attune_run_get_state (get_run (self));
  const char *current = attune_run_get_phase (get_run (self));
  double progress = attune_run_get_phase_progress (get_run (self));
  gboolean ended = state == ATTUNE_RUN_FINISHED;
  guint now = 0;

  for (guint i = 0; i < G_N_ELEMENTS (phases); i++)
    {
      if (g_strcmp0 (phases[i].name, current) == 0)
        now = i;
    }
  for (guint i = 0; i < G_N_ELEMENTS (phases); i++)
    {
      gboolean done = ended || i < now;
      gboolean active = !ended && i == now;
      /* Translators: a phase of training that is done. */
      g_autofree char *label = done ? g_strdup_printf (_("✓ %s"), _(phases[i].label))
                                    : g_strdup (_(phases[i].label));

      if (active && progress >= 0)
        {
          g_autofree char *name = g_steal_pointer (&label);

          /* Translators: a phase of training and how far it has come. */
          label = g_strdup_printf (_("%s, %.0f %%"), name, floor (100 * progress));
        }

      gtk_label_set_text (GTK_LABEL (self->phase_labels[i]), label);
      gtk_widget_set_css_classes (self->phase_labels[i],
                                  active ? (const char *[]) { "accent", "phase-now", NULL }
                                         : (const char *[]) { "dimmed", NULL });
    }
}

static void
update_buttons (AttuneTrainPage *self)
{
  AttuneRunState state = attune_run_get_state (get_run (self));
  gboolean active = state == ATTUNE_RUN_RUNNING || state == ATTUNE_RUN_PAUSED;
  const char *message = attune_run_get_message (get_run (self));

  gtk_button_set_label (self->pause, state == ATTUNE_RUN_PAUSED ? _("_Continue") : _("_Pause"));
  gtk_widget_set_visible (GTK_WIDGET (self->pause), active);
  gtk_widget_set_visible (self->stop, active);
  gtk_widget_set_visible (self->results, !active && attune_run_can_classify (get_run (self)));

  if (state == ATTUNE_RUN_INTERRUPTED)
    message = _("The program ended before this run did");
  adw_banner_set_title (self->banner, message != NULL ? message : "");
  adw_banner_set_revealed (self->banner, message != NULL
                                           && (state == ATTUNE_RUN_FAILED
                                               || state == ATTUNE_RUN_INTERRUPTED));
  gtk_stack_set_visible_child_name (self->root, state == ATTUNE_RUN_DRAFT ? "empty" : "run");
  g_object_set (self->loss_plot, "shade-from",
                active ? (double) attune_run_get_step (get_run (self)) : NAN, NULL);
  g_object_set (self->accuracy_plot, "shade-from",
                active ? (double) attune_run_get_step (get_run (self)) : NAN, NULL);
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
  if (attune_run_get_state (run) == ATTUNE_RUN_RUNNING)
    {
      g_object_set (self->loss_plot, "shade-from", (double) attune_run_get_step (run), NULL);
      g_object_set (self->accuracy_plot, "shade-from", (double) attune_run_get_step (run), NULL);
    }
}

/* What a screen reader says of the plots; renewed at evaluations and ends only. */
static void
update_summaries (AttuneTrainPage *self)
{
  AttuneRun *run = get_run (self);
  const AttuneRunHistory *history = attune_run_get_history (run);
  g_autofree char *loss = NULL, *accuracy = NULL;
  guint n_evals = history->eval_accuracy->len;

  if (history->loss->len > 0)
    loss = g_strdup_printf (_("Training loss %.3f at step %d"),
                            g_array_index (history->loss, double, history->loss->len - 1),
                            (int) attune_run_get_step (run));
  if (n_evals > 0)
    accuracy = g_strdup_printf (_("Validation accuracy %.1f percent at step %d"),
                                100 * g_array_index (history->eval_accuracy, double, n_evals - 1),
                                (int) g_array_index (history->eval_step, double, n_evals - 1));
  g_object_set (self->loss_plot, "summary", loss != NULL ? loss : _("No steps yet"), NULL);
  g_object_set (self->accuracy_plot, "summary",
                accuracy != NULL ? accuracy : _("No evaluation yet"), NULL);
}

static void
update_baselines (AttuneTrainPage *self)
{
  AttuneRun *run = get_run (self);
  const AttuneRunHistory *history = attune_run_get_history (run);

  attune_plot_set_level (self->accuracy_plot, self->naive_bayes, history->naive_bayes_accuracy);
  attune_plot_set_level (self->accuracy_plot, self->majority, history->majority_accuracy);
}

/* Epochs as marks; a run of very many epochs has none. */
static void
update_axis (AttuneTrainPage *self)
{
  AttuneRun *run = get_run (self);
  double per_epoch = attune_run_get_history (run)->steps_per_epoch;
  double steps = (double) attune_run_get_steps (run);
  guint n = per_epoch > 0 ? (guint) ceil (steps / per_epoch - 1e-9) : 0;
  g_autofree double *x = NULL;
  g_auto (GStrv) labels = NULL;

  if (n > 12)
    n = 0;
  x = g_new0 (double, n + 1);
  labels = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    {
      x[i] = i * per_epoch;
      labels[i] = g_strdup_printf (_("Epoch %u"), i + 1);
    }
  g_object_set (self->loss_plot, "x-minimum", 0.0, "x-maximum", steps > 0 ? steps : NAN, NULL);
  g_object_set (self->accuracy_plot, "x-minimum", 0.0, "x-maximum", steps > 0 ? steps : NAN, NULL);
  attune_plot_set_marks (self->loss_plot, x, (const char * const *) labels, n);
  attune_plot_set_marks (self->accuracy_plot, x, NULL, n);
}

static void
show_history (AttuneTrainPage *self)
{
  const AttuneRunHistory *history = attune_run_get_history (get_run (self));
  const double *step = (const double *) history->step->data;
  const double *eval_step = (const double *) history->eval_step->data;
  gboolean several = attune_run_is_multi_label (get_run (self));

  g_object_set (self->accuracy_plot, "title", several ? _("All Labels Right") : _("Accuracy"), NULL);
  attune_plot_set_data (self->loss_plot, self->loss_training, step,
                        (const double *) history->loss->data, history->loss->len);
  attune_plot_set_data (self->loss_plot, self->loss_validation, eval_step,
                        (const double *) history->eval_loss->data, history->eval_loss->len);
  /* Of several labels it is not counted while training. */
  attune_plot_set_series_listed (self->accuracy_plot, self->accuracy_training, !several);
  attune_plot_set_data (self->accuracy_plot, self->accuracy_training, step,
                        (const double *) history->train_accuracy->data,
                        several ? 0 : history->train_accuracy->len);
  attune_plot_set_data (self->accuracy_plot, self->accuracy_validation, eval_step,
                        (const double *) history->eval_accuracy->data, history->eval_accuracy->len);
  update_baselines (self);
}

static void
event_cb (AttuneTrainPage *self, const AttuneEvent *event)
{
  double step = (double) event->step;

  switch (event->type)
    {
    case ATTUNE_EVENT_RUN_STARTED:
      show_history (self);
      update_axis (self);
      break;
    case ATTUNE_EVENT_STEP:
      attune_plot_append (self->loss_plot, self->loss_training, &step, &event->loss, 1);
      if (!attune_run_is_multi_label (get_run (self)))
        attune_plot_append (self->accuracy_plot, self->accuracy_training, &step,
                            &event->train_accuracy, 1);
      break;
    case ATTUNE_EVENT_EVALUATION:
      attune_plot_append (self->loss_plot, self->loss_validation, &step, &event->eval_loss, 1);
      attune_plot_append (self->accuracy_plot, self->accuracy_validation, &step,
                          &event->eval_accuracy, 1);
      update_summaries (self);
      break;
    case ATTUNE_EVENT_BASELINES:
      update_baselines (self);
      break;
    case ATTUNE_EVENT_RUN_FINISHED:
    case ATTUNE_EVENT_RUN_STOPPED:
    case ATTUNE_EVENT_RUN_FAILED:
      update_summaries (self);
      break;
    default:
      break;
    }
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
    g_signal_connect_object (run, progress[i], G_CALLBACK (update_progress), self,
                             G_CONNECT_SWAPPED);
  show_history (self);
  update_axis (self);
  update_summaries (self);
  state_changed_cb (self);
}

static void
set_smoothing_cb (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  AttuneTrainPage *self = user_data;

  for (guint i = 0; i < G_N_ELEMENTS (smoothings); i++)
    {
      if (!g_str_equal (smoothings[i].name, g_variant_get_string (value, NULL)))
        continue;
      g_object_set (self->loss_plot, "smoothing", smoothings[i].weight, NULL);
      g_object_set (self->accuracy_plot, "smoothing", smoothings[i].weight, NULL);
      g_simple_action_set_state (action, value);
    }
}

static void
set_log_loss_cb (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  AttuneTrainPage *self = user_data;

  g_object_set (self->loss_plot, "log-y", g_variant_get_boolean (value), NULL);
  g_simple_action_set_state (action, value);
}

static void
show_log_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AttuneTrainPage *self = user_data;

  if (self->project != NULL)
    adw_dialog_present (attune_event_log_new (get_run (self)), GTK_WIDGET (self));
}

/* The header menu names these as train.*, so the window has to know them. */
static void
attune_train_page_root (GtkWidget *widget)
{
  static const GActionEntry entries[] = {
    { .name = "log-loss", .state = "false", .change_state = set_log_loss_cb },
    { .name = "smoothing", .parameter_type = "s", .state = "'medium'",
      .change_state = set_smoothing_cb },
    { .name = "log", .activate = show_log_cb },
  };
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();

  GTK_WIDGET_CLASS (attune_train_page_parent_class)->root (widget);
  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), widget);
  gtk_widget_insert_action_group (GTK_WIDGET (gtk_widget_get_root (widget)), "train",
                                  G_ACTION_GROUP (group));
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
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_train_page_dispose (GObject *object)
{
  AttuneTrainPage *self = ATTUNE_TRAIN_PAGE (object);

  set_project (self, NULL);
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
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (ATTUNE_TYPE_PLOT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-train-page.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, root);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, banner);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, epoch);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, step);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, time_left);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, progress);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, phases);
  gtk_widget_class_bind_template_child (widget_class, AttuneTrainPage, device);
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
attune_train_page_init (AttuneTrainPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < G_N_ELEMENTS (phases); i++)
    {
      self->phase_labels[i] = gtk_label_new (_(phases[i].label));
      adw_wrap_box_append (self->phases, self->phase_labels[i]);
    }

  self->loss_training = attune_plot_add_series (self->loss_plot, _("Training"),
                                                ATTUNE_SERIES_TRAINING);
  self->loss_validation =
    attune_plot_add_series (self->loss_plot, _("Validation"), ATTUNE_SERIES_VALIDATION);
  self->accuracy_training =
    attune_plot_add_series (self->accuracy_plot, _("Training"), ATTUNE_SERIES_TRAINING);
  self->accuracy_validation =
    attune_plot_add_series (self->accuracy_plot, _("Validation"), ATTUNE_SERIES_VALIDATION);
  self->naive_bayes = attune_plot_add_series (self->accuracy_plot, _("Naive Bayes"),
                                              ATTUNE_SERIES_BASELINE_NAIVE_BAYES);
  self->majority = attune_plot_add_series (self->accuracy_plot, _("Most frequent label"),
                                           ATTUNE_SERIES_BASELINE_MAJORITY);
  g_object_set (self->loss_plot, "smoothing", 0.9, NULL);
  g_object_set (self->accuracy_plot, "smoothing", 0.9, NULL);
  add_legend (self->loss_heading, self->loss_plot);
  add_legend (self->accuracy_heading, self->accuracy_plot);
}

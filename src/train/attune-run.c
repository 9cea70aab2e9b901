/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The AttuneRun object: properties and getters. What events do to it is in attune-run-events.c,
 * finding and reading runs on disk in attune-run-list.c. Main thread only.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "attune-run-folder.h"
#include "attune-run-private.h"

G_DEFINE_ENUM_TYPE (AttuneRunState, attune_run_state,
                    G_DEFINE_ENUM_VALUE (ATTUNE_RUN_DRAFT, "draft"),
                    G_DEFINE_ENUM_VALUE (ATTUNE_RUN_RUNNING, "running"),
                    G_DEFINE_ENUM_VALUE (ATTUNE_RUN_PAUSED, "paused"),
                    G_DEFINE_ENUM_VALUE (ATTUNE_RUN_FINISHED, "finished"),
                    G_DEFINE_ENUM_VALUE (ATTUNE_RUN_STOPPED, "stopped"),
                    G_DEFINE_ENUM_VALUE (ATTUNE_RUN_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (ATTUNE_RUN_INTERRUPTED, "interrupted"))

G_DEFINE_FINAL_TYPE (AttuneRun, attune_run, G_TYPE_OBJECT)

static GParamSpec *props[ATTUNE_RUN_N_PROPS];
static guint event_signal;

void
attune_run_notify (AttuneRun *self,
                   guint      property)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[property]);
}

void
attune_run_emit_event (AttuneRun         *self,
                       const AttuneEvent *event)
{
  g_signal_emit (self, event_signal, 0, event);
}

void
attune_run_set_state (AttuneRun      *self,
                      AttuneRunState  state)
{
  if (self->state == state)
    return;
  self->state = state;
  attune_run_notify (self, ATTUNE_RUN_PROP_STATE);
}

static void
attune_run_get_property (GObject    *object,
                         guint       property_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  AttuneRun *self = ATTUNE_RUN (object);

  switch (property_id)
    {
    case ATTUNE_RUN_PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case ATTUNE_RUN_PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case ATTUNE_RUN_PROP_FOLDER:
      if (self->folder != NULL)
        g_value_take_object (value, g_file_new_for_path (self->folder));
      break;
    case ATTUNE_RUN_PROP_PHASE_PROGRESS:
      g_value_set_double (value, self->phase_progress);
      break;
    case ATTUNE_RUN_PROP_PHASE:
      g_value_set_string (value, self->phase);
      break;
    case ATTUNE_RUN_PROP_STEP:
      g_value_set_int64 (value, self->step);
      break;
    case ATTUNE_RUN_PROP_STEPS:
      g_value_set_int64 (value, self->steps);
      break;
    case ATTUNE_RUN_PROP_EPOCH:
      g_value_set_double (value, self->epoch);
      break;
    case ATTUNE_RUN_PROP_N_EPOCHS:
      g_value_set_double (value, self->history.steps_per_epoch > 0
                                   ? (double) self->steps / self->history.steps_per_epoch
                                   : attune_train_config_get_double (self->config,
                                                                     "num_train_epochs"));
      break;
    case ATTUNE_RUN_PROP_FRACTION:
      g_value_set_double (value, attune_run_get_fraction (self));
      break;
    case ATTUNE_RUN_PROP_SECONDS_LEFT:
      g_value_set_double (value, self->seconds_left);
      break;
    case ATTUNE_RUN_PROP_SAMPLES_PER_SECOND:
      g_value_set_double (value, self->samples_per_second);
      break;
    case ATTUNE_RUN_PROP_BEST_ACCURACY:
      g_value_set_double (value, self->best_accuracy);
      break;
    case ATTUNE_RUN_PROP_BEST_STEP:
      g_value_set_int64 (value, self->best_step);
      break;
    case ATTUNE_RUN_PROP_DEVICE:
      g_value_set_string (value, self->device);
      break;
    case ATTUNE_RUN_PROP_PRECISION:
      g_value_set_string (value, self->precision);
      break;
    case ATTUNE_RUN_PROP_THREADS:
      g_value_set_int (value, self->threads);
      break;
    case ATTUNE_RUN_PROP_FP32_GFLOPS:
      g_value_set_double (value, self->fp32_gflops);
      break;
    case ATTUNE_RUN_PROP_BF16_GFLOPS:
      g_value_set_double (value, self->bf16_gflops);
      break;
    case ATTUNE_RUN_PROP_PATHS:
      g_value_set_string (value, self->paths);
      break;
    case ATTUNE_RUN_PROP_MESSAGE:
      g_value_set_string (value, self->message);
      break;
    case ATTUNE_RUN_PROP_NOTES:
      g_value_set_string (value, self->notes);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
attune_run_set_property (GObject      *object,
                         guint         property_id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  if (property_id == ATTUNE_RUN_PROP_TITLE)
    attune_run_set_title (ATTUNE_RUN (object), g_value_get_string (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

/* The history's arrays, which its struct has side by side. */
static GArray **
get_arrays (AttuneRun *self,
            guint     *n)
{
  *n = 13;
  return &self->history.step;
}

static void
attune_run_finalize (GObject *object)
{
  AttuneRun *self = ATTUNE_RUN (object);
  guint n;
  GArray **arrays = get_arrays (self, &n);

  for (guint i = 0; i < n; i++)
    g_array_unref (arrays[i]);
  g_free (self->title);
  g_free (self->given_title);
  g_free (self->notes);
  g_free (self->folder);
  g_free (self->phase);
  g_free (self->device);
  g_free (self->precision);
  g_free (self->paths);
  g_free (self->message);
  g_strfreev (self->classes);
  g_free (self->window);
  g_clear_pointer (&self->sketch, g_array_unref);
  g_clear_pointer (&self->annotator, attune_run_annotator_unref);
  g_clear_object (&self->config);
  attune_run_source_free (self->source);

  G_OBJECT_CLASS (attune_run_parent_class)->finalize (object);
}

static void
attune_run_class_init (AttuneRunClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GParamFlags writable = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = attune_run_get_property;
  object_class->set_property = attune_run_set_property;
  object_class->finalize = attune_run_finalize;

  props[ATTUNE_RUN_PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, ATTUNE_TYPE_RUN_STATE,
                                                    ATTUNE_RUN_DRAFT, readable);
  props[ATTUNE_RUN_PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, writable);
  props[ATTUNE_RUN_PROP_FOLDER] = g_param_spec_object ("folder", NULL, NULL, G_TYPE_FILE, readable);
  props[ATTUNE_RUN_PROP_PHASE] = g_param_spec_string ("phase", NULL, NULL, NULL, readable);
  props[ATTUNE_RUN_PROP_PHASE_PROGRESS] =
    g_param_spec_double ("phase-progress", NULL, NULL, -1, 1, -1, readable);
  props[ATTUNE_RUN_PROP_STEP] = g_param_spec_int64 ("step", NULL, NULL, 0, G_MAXINT64, 0, readable);
  props[ATTUNE_RUN_PROP_STEPS] = g_param_spec_int64 ("steps", NULL, NULL, 0, G_MAXINT64, 0,
                                                     readable);
  props[ATTUNE_RUN_PROP_EPOCH] = g_param_spec_double ("epoch", NULL, NULL, 0, G_MAXDOUBLE, 0,
                                                      readable);
  props[ATTUNE_RUN_PROP_N_EPOCHS] = g_param_spec_double ("n-epochs", NULL, NULL, 0, G_MAXDOUBLE, 0,
                                                         readable);
  props[ATTUNE_RUN_PROP_FRACTION] = g_param_spec_double ("fraction", NULL, NULL, 0, 1, 0, readable);
  props[ATTUNE_RUN_PROP_SECONDS_LEFT] =
    g_param_spec_double ("seconds-left", NULL, NULL, -1, G_MAXDOUBLE, -1, readable);
  props[ATTUNE_RUN_PROP_SAMPLES_PER_SECOND] =
    g_param_spec_double ("samples-per-second", NULL, NULL, 0, G_MAXDOUBLE, 0, readable);
  props[ATTUNE_RUN_PROP_BEST_ACCURACY] =
    g_param_spec_double ("best-accuracy", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, readable);
  props[ATTUNE_RUN_PROP_BEST_STEP] = g_param_spec_int64 ("best-step", NULL, NULL, 0, G_MAXINT64, 0,
                                                         readable);
  props[ATTUNE_RUN_PROP_DEVICE] = g_param_spec_string ("device", NULL, NULL, NULL, readable);
  props[ATTUNE_RUN_PROP_PRECISION] = g_param_spec_string ("precision", NULL, NULL, NULL, readable);
  props[ATTUNE_RUN_PROP_THREADS] = g_param_spec_int ("threads", NULL, NULL, 0, G_MAXINT, 0,
                                                     readable);
  props[ATTUNE_RUN_PROP_FP32_GFLOPS] = g_param_spec_double ("fp32-gflops", NULL, NULL, 0,
                                                            G_MAXDOUBLE, 0, readable);
  props[ATTUNE_RUN_PROP_BF16_GFLOPS] = g_param_spec_double ("bf16-gflops", NULL, NULL, 0,
                                                            G_MAXDOUBLE, 0, readable);
  props[ATTUNE_RUN_PROP_PATHS] = g_param_spec_string ("paths", NULL, NULL, NULL, readable);
  props[ATTUNE_RUN_PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, NULL, readable);
  props[ATTUNE_RUN_PROP_NOTES] = g_param_spec_string ("notes", NULL, NULL, NULL, readable);
  g_object_class_install_properties (object_class, ATTUNE_RUN_N_PROPS, props);

  /**
   * AttuneRun::event:
   * @event: (type gpointer): an AttuneEvent, borrowed for the call
   *
   * For each event once it is applied, before its notifications.
   */
  event_signal = g_signal_new ("event", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
attune_run_init (AttuneRun *self)
{
  guint n;
  GArray **arrays = get_arrays (self, &n);

  for (guint i = 0; i < n; i++)
    arrays[i] = g_array_new (FALSE, FALSE, sizeof (double));
  self->history.majority_accuracy = self->history.naive_bayes_accuracy = NAN;
  self->history.logistic_regression_accuracy = NAN;
  self->best_accuracy = NAN;
  self->seconds_left = -1;
  self->phase_progress = -1;
  self->created = g_get_real_time () / G_USEC_PER_SEC;
  self->window = g_new (double, 2 * ATTUNE_RUN_WINDOW);
  self->config = attune_train_config_new ();
}

/**
 * attune_run_new:
 *
 * Returns: (transfer full): a draft: settings at their defaults, no folder yet
 */
AttuneRun *
attune_run_new (const char *title)
{
  AttuneRun *self = g_object_new (ATTUNE_TYPE_RUN, NULL);

  self->title = g_strdup (title);
  return self;
}

void
attune_run_begin (AttuneRun             *self,
                  const char            *folder,
                  AttuneTrainConfig     *config,
                  const AttuneRunSource *source,
                  gint64                 created)
{
  attune_run_load (self);
  g_object_freeze_notify (G_OBJECT (self));
  attune_run_set_folder (self, folder);
  g_set_object (&self->config, config);
  g_clear_pointer (&self->source, attune_run_source_free);
  self->source = attune_run_source_copy (source);
  self->created = created > 0 ? created : g_get_real_time () / G_USEC_PER_SEC;
  if (created == 0)
    g_set_str (&self->given_title, self->title);
  attune_run_set_state (self, ATTUNE_RUN_RUNNING);
  g_object_thaw_notify (G_OBJECT (self));
}

AttuneRunState
attune_run_get_state (AttuneRun *self)
{
  return self->state;
}

const char *
attune_run_get_title (AttuneRun *self)
{
  return self->title;
}

void
attune_run_set_title (AttuneRun  *self,
                      const char *title)
{
  if (g_set_str (&self->title, title))
    attune_run_notify (self, ATTUNE_RUN_PROP_TITLE);
}

const char *
attune_run_get_folder (AttuneRun *self)
{
  return self->folder;
}

void
attune_run_set_folder (AttuneRun  *self,
                       const char *folder)
{
  if (g_set_str (&self->folder, folder))
    attune_run_notify (self, ATTUNE_RUN_PROP_FOLDER);
}

/* Steps done of all planned, 0..1; a finished run is whole even when it stopped early. */
double
attune_run_get_fraction (AttuneRun *self)
{
  if (self->state == ATTUNE_RUN_FINISHED)
    return 1;
  return self->steps > 0 ? CLAMP ((double) self->step / (double) self->steps, 0, 1) : 0;
}

/* Negative while unknown. */
double
attune_run_get_seconds_left (AttuneRun *self)
{
  return self->seconds_left;
}

double
attune_run_get_best_accuracy (AttuneRun *self)
{
  return self->best_accuracy;
}

gint64
attune_run_get_best_step (AttuneRun *self)
{
  return self->best_step;
}

gint64
attune_run_get_step (AttuneRun *self)
{
  return self->step;
}

gint64
attune_run_get_steps (AttuneRun *self)
{
  return self->steps;
}

double
attune_run_get_epoch (AttuneRun *self)
{
  return self->epoch;
}

const char *
attune_run_get_phase (AttuneRun *self)
{
  return self->phase;
}

double
attune_run_get_phase_progress (AttuneRun *self)
{
  return self->phase_progress;
}

const char *
attune_run_get_message (AttuneRun *self)
{
  return self->message;
}

gint64
attune_run_get_created (AttuneRun *self)
{
  return self->created;
}

/* Of a run that was only looked at, all events are read now: attune_run_load_async() before, where
 * that may be long. */
const AttuneRunHistory *
attune_run_get_history (AttuneRun *self)
{
  if (self->glanced)
    attune_run_load (self);
  return &self->history;
}

const char * const *
attune_run_get_classes (AttuneRun *self)
{
  return (const char * const *) self->classes;
}

/* Whether its texts may have several labels. */
gboolean
attune_run_is_multi_label (AttuneRun *self)
{
  return self->source != NULL && self->source->task == ATTUNE_TASK_MULTI_LABEL;
}

/* Whether it reads two texts at a time. */
gboolean
attune_run_has_pairs (AttuneRun *self)
{
  return self->source != NULL && self->source->pair_column != NULL;
}

AttuneTrainConfig *
attune_run_get_config (AttuneRun *self)
{
  return self->config;
}

const AttuneRunSource *
attune_run_get_source (AttuneRun *self)
{
  return self->source;
}

/* Whether there are weights to ask: those being trained, or best/. */
gboolean
attune_run_can_classify (AttuneRun *self)
{
  gboolean live = self->state == ATTUNE_RUN_RUNNING || self->state == ATTUNE_RUN_PAUSED;

  if (live && self->classes != NULL)
    return TRUE;
  return self->folder != NULL && attune_run_folder_has_best (self->folder);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Events as structs and as JSON lines, both ways from one table of fields. A number that JSON
 * cannot say becomes null with "non_finite" beside it; one that is not known (NaN where the type does not
 * require it) is left out. Any thread.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>
#include <yyjson.h>

#include "attune-event.h"
#include "attune-train-config.h"

/* Events are short; a longer line was not written by us. */
#define MAX_LINE (4 * 1024 * 1024)

static const char * const type_names[] = {
  [ATTUNE_EVENT_RUN_STARTED] = "run_started",
  [ATTUNE_EVENT_PHASE] = "phase",
  [ATTUNE_EVENT_STEP] = "step",
  [ATTUNE_EVENT_EVALUATION] = "evaluation",
  [ATTUNE_EVENT_BASELINES] = "baselines",
  [ATTUNE_EVENT_CHECKPOINT] = "checkpoint",
  [ATTUNE_EVENT_PAUSED] = "paused",
  [ATTUNE_EVENT_CONTINUED] = "continued",
  [ATTUNE_EVENT_WARNING] = "warning",
  [ATTUNE_EVENT_RUN_FINISHED] = "run_finished",
  [ATTUNE_EVENT_RUN_STOPPED] = "run_stopped",
  [ATTUNE_EVENT_RUN_FAILED] = "run_failed",
};

#define ALL (~0u)
#define IN(type) (1u << ATTUNE_EVENT_##type)
#define LATER (ALL & ~IN (RUN_STARTED) & ~IN (BASELINES))
#define ENDS (IN (RUN_FINISHED) | IN (RUN_STOPPED) | IN (RUN_FAILED))
#define SCORES (IN (EVALUATION) | IN (RUN_FINISHED) | IN (RUN_STOPPED))

typedef enum { KIND_DOUBLE, KIND_COUNT, KIND_INT, KIND_TEXT } FieldKind;

/* Which events carry a field; in `always` it is written even when it is not finite. */
typedef struct {
  const char *name;
  FieldKind kind;
  gsize offset;
  guint events;
  guint always;
} EventField;

#define FIELD(member, kind, events, always) \
  { #member, kind, G_STRUCT_OFFSET (AttuneEvent, member), events, always }
#define RENAMED(name, member, kind, events) \
  { name, kind, G_STRUCT_OFFSET (AttuneEvent, member), events, 0 }

static const EventField event_fields[] = {
  FIELD (step, KIND_COUNT, LATER | IN (RUN_STARTED), 0),
  FIELD (epoch, KIND_DOUBLE, LATER & ~IN (PHASE) & ~IN (WARNING), 0),
  FIELD (loss, KIND_DOUBLE, IN (STEP), IN (STEP)),
  FIELD (grad_norm, KIND_DOUBLE, IN (STEP), IN (STEP)),
  FIELD (learning_rate, KIND_DOUBLE, IN (STEP), IN (STEP)),
  FIELD (samples_per_second, KIND_DOUBLE, IN (STEP), 0),
  FIELD (train_accuracy, KIND_DOUBLE, IN (STEP), 0),
  FIELD (eval_loss, KIND_DOUBLE, SCORES, IN (EVALUATION)),
  FIELD (eval_accuracy, KIND_DOUBLE, SCORES, IN (EVALUATION)),
  FIELD (eval_f1_macro, KIND_DOUBLE, SCORES, IN (EVALUATION)),
  FIELD (eval_f1_micro, KIND_DOUBLE, SCORES, 0),
  FIELD (eval_mcc, KIND_DOUBLE, SCORES, 0),
  FIELD (eval_samples, KIND_COUNT, IN (EVALUATION) | IN (RUN_STARTED), 0),
  FIELD (majority_accuracy, KIND_DOUBLE, IN (BASELINES), 0),
  FIELD (naive_bayes_accuracy, KIND_DOUBLE, IN (BASELINES), 0),
  FIELD (logistic_regression_accuracy, KIND_DOUBLE, IN (BASELINES), 0),
  FIELD (steps, KIND_COUNT, IN (RUN_STARTED), 0),
  FIELD (steps_per_epoch, KIND_COUNT, IN (RUN_STARTED), 0),
  FIELD (train_samples, KIND_COUNT, IN (RUN_STARTED), 0),
  FIELD (problem_type, KIND_TEXT, IN (RUN_STARTED), 0),
  FIELD (device, KIND_TEXT, IN (RUN_STARTED), 0),
  FIELD (precision, KIND_TEXT, IN (RUN_STARTED), 0),
  FIELD (threads, KIND_INT, IN (RUN_STARTED), 0),
  FIELD (fp32_gflops, KIND_DOUBLE, IN (RUN_STARTED), 0),
  FIELD (bf16_gflops, KIND_DOUBLE, IN (RUN_STARTED), 0),
  FIELD (paths, KIND_TEXT, IN (RUN_STARTED), 0),
  FIELD (train_samples_per_second, KIND_DOUBLE, ENDS, 0),
  FIELD (train_runtime, KIND_DOUBLE, ENDS, 0),
  FIELD (best_step, KIND_COUNT, SCORES | IN (RUN_STARTED), 0),
  FIELD (peak_memory_bytes, KIND_DOUBLE, ENDS, 0),
  FIELD (name, KIND_TEXT, IN (PHASE), 0),
  FIELD (path, KIND_TEXT, IN (CHECKPOINT), 0),
  FIELD (bytes, KIND_COUNT, IN (CHECKPOINT), 0),
  FIELD (code, KIND_TEXT, IN (WARNING) | IN (RUN_STOPPED) | IN (RUN_FAILED), 0),
  FIELD (message, KIND_TEXT, IN (WARNING), 0),
  RENAMED ("reason", message, KIND_TEXT, IN (RUN_STOPPED) | IN (RUN_FAILED)),
};

/**
 * attune_event_new:
 *
 * Returns: (transfer full): an event with every number unknown and every text %NULL
 */
AttuneEvent *
attune_event_new (AttuneEventType type)
{
  AttuneEvent *self = g_new0 (AttuneEvent, 1);

  self->type = type;
  for (guint i = 0; i < G_N_ELEMENTS (event_fields); i++)
    if (event_fields[i].kind == KIND_DOUBLE
        && event_fields[i].offset != G_STRUCT_OFFSET (AttuneEvent, epoch))
      G_STRUCT_MEMBER (double, self, event_fields[i].offset) = NAN;
  self->progress = NAN;
  return self;
}

/* Deep. */
AttuneEvent *
attune_event_copy (const AttuneEvent *self)
{
  AttuneEvent *copy = g_memdup2 (self, sizeof *self);

  copy->classes = g_strdupv (self->classes);
  copy->problem_type = g_strdup (self->problem_type);
  copy->device = g_strdup (self->device);
  copy->precision = g_strdup (self->precision);
  copy->paths = g_strdup (self->paths);
  copy->name = g_strdup (self->name);
  copy->path = g_strdup (self->path);
  copy->code = g_strdup (self->code);
  copy->message = g_strdup (self->message);
  return copy;
}

void
attune_event_free (AttuneEvent *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->classes);
  g_free (self->problem_type);
  g_free (self->device);
  g_free (self->precision);
  g_free (self->paths);
  g_free (self->name);
  g_free (self->path);
  g_free (self->code);
  g_free (self->message);
  g_free (self);
}

/* Whether nothing comes after it. */
gboolean
attune_event_is_passing (const AttuneEvent *self)
{
  return !isnan (self->progress);
}

gboolean
attune_event_is_terminal (const AttuneEvent *self)
{
  return (ENDS & (1u << self->type)) != 0;
}

static void
add_number (yyjson_mut_doc   *doc,
            yyjson_mut_val   *root,
            const EventField *field,
            double            number,
            gboolean          always,
            const char      **non_finite)
{
  if (isfinite (number))
    yyjson_mut_obj_add_real (doc, root, field->name, number);
  else if (isinf (number) || always)
    {
      yyjson_mut_obj_add_null (doc, root, field->name);
      if (*non_finite == NULL || isnan (number))
        *non_finite = isnan (number) ? "nan" : "inf";
    }
}

static void
add_field (yyjson_mut_doc    *doc,
           yyjson_mut_val    *root,
           const EventField  *field,
           const AttuneEvent *self,
           const char       **non_finite)
{
  const char *text;

  switch (field->kind)
    {
    case KIND_DOUBLE:
      add_number (doc, root, field, G_STRUCT_MEMBER (double, self, field->offset),
                  (field->always & (1u << self->type)) != 0, non_finite);
      break;
    case KIND_COUNT:
      yyjson_mut_obj_add_int (doc, root, field->name,
                              G_STRUCT_MEMBER (gint64, self, field->offset));
      break;
    case KIND_INT:
      yyjson_mut_obj_add_int (doc, root, field->name, G_STRUCT_MEMBER (gint, self, field->offset));
      break;
    case KIND_TEXT:
      text = G_STRUCT_MEMBER (const char *, self, field->offset);
      if (text != NULL)
        yyjson_mut_obj_add_str (doc, root, field->name, text);
      break;
    default:
      g_assert_not_reached ();
    }
}

/**
 * attune_event_to_json:
 *
 * Returns: (transfer full): one line without its line break; text that is no UTF-8 is replaced
 */
char *
attune_event_to_json (const AttuneEvent *self)
{
  yyjson_mut_doc *doc = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (doc);
  const char *non_finite = NULL;
  char *written;
  char *json;

  yyjson_mut_doc_set_root (doc, root);
  yyjson_mut_obj_add_str (doc, root, "event", type_names[self->type]);
  yyjson_mut_obj_add_real (doc, root, "time", round (self->time * 1e6) / 1e6);
  for (guint i = 0; i < G_N_ELEMENTS (event_fields); i++)
    if ((event_fields[i].events & (1u << self->type)) != 0)
      add_field (doc, root, &event_fields[i], self, &non_finite);
  if (self->type == ATTUNE_EVENT_RUN_STARTED && self->classes != NULL)
    {
      yyjson_mut_val *classes = yyjson_mut_obj_add_arr (doc, root, "classes");

      for (guint i = 0; self->classes[i] != NULL; i++)
        yyjson_mut_arr_add_str (doc, classes, self->classes[i]);
    }
  if (non_finite != NULL)
    yyjson_mut_obj_add_str (doc, root, "non_finite", non_finite);

  written = yyjson_mut_write (doc, YYJSON_WRITE_ALLOW_INVALID_UNICODE, NULL);
  json = g_utf8_make_valid (written, -1);
  free (written);
  yyjson_mut_doc_free (doc);
  return json;
}

static void
read_field (AttuneEvent      *self,
            const EventField *field,
            yyjson_val       *value,
            double            non_finite)
{
  char **text;

  switch (field->kind)
    {
    case KIND_DOUBLE:
      if (yyjson_is_num (value))
        G_STRUCT_MEMBER (double, self, field->offset) = yyjson_get_num (value);
      else if (yyjson_is_null (value)
               && (isinf (non_finite) || (field->always & (1u << self->type)) != 0))
        G_STRUCT_MEMBER (double, self, field->offset) = non_finite;
      break;
    case KIND_COUNT:
      G_STRUCT_MEMBER (gint64, self, field->offset) = yyjson_get_sint (value);
      break;
    case KIND_INT:
      G_STRUCT_MEMBER (gint, self, field->offset) = yyjson_get_int (value);
      break;
    case KIND_TEXT:
      text = &G_STRUCT_MEMBER (char *, self, field->offset);
      g_set_str (text, yyjson_get_str (value));
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
read_classes (AttuneEvent *self,
              yyjson_val  *list)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  yyjson_arr_iter iter;
  yyjson_val *item;

  if (!yyjson_arr_iter_init (list, &iter))
    return;
  while ((item = yyjson_arr_iter_next (&iter)) != NULL)
    g_strv_builder_add (names, yyjson_is_str (item) ? yyjson_get_str (item) : "");
  self->classes = g_strv_builder_end (names);
}

static gboolean
find_type (const char      *name,
           AttuneEventType *type)
{
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (type_names); i++)
    if (g_str_equal (type_names[i], name))
      {
        *type = (AttuneEventType) i;
        return TRUE;
      }
  return FALSE;
}

/**
 * attune_event_parse:
 * @json: a line of events.jsonl
 * @length: its bytes, or -1
 *
 * Returns: (transfer full): the event, or %NULL with ATTUNE_TRAIN_ERROR_RUN for anything else, a
 * torn last line for one
 */
AttuneEvent *
attune_event_parse (const char  *json,
                    gssize       length,
                    GError     **error)
{
  gsize n_bytes = length < 0 ? strlen (json) : (gsize) length;
  yyjson_doc *doc = NULL;
  yyjson_val *root = NULL;
  AttuneEvent *self = NULL;
  AttuneEventType type;

  if (n_bytes <= MAX_LINE)
    doc = yyjson_read (json, n_bytes, YYJSON_READ_NOFLAG);
  if (doc != NULL)
    root = yyjson_doc_get_root (doc);
  if (root != NULL && find_type (yyjson_get_str (yyjson_obj_get (root, "event")), &type))
    {
      const char *kind = yyjson_get_str (yyjson_obj_get (root, "non_finite"));
      double non_finite = g_strcmp0 (kind, "inf") == 0 ? INFINITY : NAN;

      self = attune_event_new (type);
      self->time = yyjson_get_num (yyjson_obj_get (root, "time"));
      for (guint i = 0; i < G_N_ELEMENTS (event_fields); i++)
        {
          yyjson_val *value = yyjson_obj_get (root, event_fields[i].name);

          if (value != NULL && (event_fields[i].events & (1u << type)) != 0)
            read_field (self, &event_fields[i], value, non_finite);
        }
      if (type == ATTUNE_EVENT_RUN_STARTED)
        read_classes (self, yyjson_obj_get (root, "classes"));
    }
  if (doc != NULL)
    yyjson_doc_free (doc);
  if (self == NULL)
    {
      g_autofree char *start = g_utf8_make_valid (json, MIN (n_bytes, 60));

      g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
                   _("“%s” is no event of a run"), start);
    }
  return self;
}

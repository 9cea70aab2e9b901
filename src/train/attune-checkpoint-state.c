/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * state.json of a checkpoint, both ways. Numbers are written so that they read back bit by bit.
 * Read with distrust: what is not a number of its range makes the text no state. Any thread.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n.h>
#include <yyjson.h>

#include "attune-checkpoint.h"
#include "attune-train-config.h"

#define VERSION 1

typedef enum { KIND_INT64, KIND_UINT64, KIND_UINT, KIND_BOOLEAN, KIND_DOUBLE } Kind;

typedef struct {
  const char *name;
  Kind kind;
  gsize offset;
} Field;

#define FIELD(name, kind) { #name, kind, G_STRUCT_OFFSET (AttuneCheckpointState, name) }

static const Field fields[] = {
  FIELD (step, KIND_INT64),
  FIELD (time, KIND_DOUBLE),
  FIELD (events_length, KIND_UINT64),
  FIELD (part_size, KIND_UINT),
  FIELD (eval_rows, KIND_UINT),
  FIELD (loss_sum, KIND_DOUBLE),
  FIELD (n_summed, KIND_UINT),
  FIELD (n_correct, KIND_UINT64),
  FIELD (n_seen, KIND_UINT64),
  FIELD (baselines_said, KIND_BOOLEAN),
  FIELD (evaluated_step, KIND_INT64),
  FIELD (n_without_gain, KIND_UINT),
  FIELD (plateau_scale, KIND_DOUBLE),
  FIELD (plateau_best, KIND_DOUBLE),
  FIELD (plateau_bad, KIND_UINT),
  FIELD (best_step, KIND_INT64),
  FIELD (best_loss, KIND_DOUBLE),
  FIELD (best_accuracy, KIND_DOUBLE),
  FIELD (best_f1_macro, KIND_DOUBLE),
  FIELD (best_f1_micro, KIND_DOUBLE),
  FIELD (best_mcc, KIND_DOUBLE),
};

static void
add_field (yyjson_mut_doc              *doc,
           yyjson_mut_val              *root,
           const Field                 *field,
           const AttuneCheckpointState *self)
{
  double number;

  switch (field->kind)
    {
    case KIND_INT64:
      yyjson_mut_obj_add_sint (doc, root, field->name,
                               G_STRUCT_MEMBER (gint64, self, field->offset));
      break;
    case KIND_UINT64:
      yyjson_mut_obj_add_uint (doc, root, field->name,
                               G_STRUCT_MEMBER (guint64, self, field->offset));
      break;
    case KIND_UINT:
      yyjson_mut_obj_add_uint (doc, root, field->name,
                               G_STRUCT_MEMBER (guint, self, field->offset));
      break;
    case KIND_BOOLEAN:
      yyjson_mut_obj_add_bool (doc, root, field->name,
                               G_STRUCT_MEMBER (gboolean, self, field->offset));
      break;
    case KIND_DOUBLE:
      number = G_STRUCT_MEMBER (double, self, field->offset);
      if (isfinite (number))
        yyjson_mut_obj_add_real (doc, root, field->name, number);
      else
        yyjson_mut_obj_add_null (doc, root, field->name);
      break;
    default:
      g_assert_not_reached ();
    }
}

/* (transfer full) */
char *
attune_checkpoint_state_to_json (const AttuneCheckpointState *self)
{
  yyjson_mut_doc *doc = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (doc);
  g_autofree char *copy = NULL;
  char *json;

  yyjson_mut_doc_set_root (doc, root);
  yyjson_mut_obj_add_int (doc, root, "version", VERSION);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    add_field (doc, root, &fields[i], self);
  json = yyjson_mut_write (doc, YYJSON_WRITE_PRETTY_TWO_SPACES, NULL);
  copy = g_strdup (json);
  free (json);
  yyjson_mut_doc_free (doc);
  return g_steal_pointer (&copy);
}

static gboolean
read_field (AttuneCheckpointState *self,
            const Field           *field,
            yyjson_val            *value)
{
  switch (field->kind)
    {
    case KIND_INT64:
      G_STRUCT_MEMBER (gint64, self, field->offset) = yyjson_get_sint (value);
      return yyjson_is_int (value) && yyjson_get_sint (value) >= -1;
    case KIND_UINT64:
      G_STRUCT_MEMBER (guint64, self, field->offset) = yyjson_get_uint (value);
      return yyjson_is_uint (value);
    case KIND_UINT:
      G_STRUCT_MEMBER (guint, self, field->offset) = (guint) yyjson_get_uint (value);
      return yyjson_is_uint (value) && yyjson_get_uint (value) <= G_MAXINT32;
    case KIND_BOOLEAN:
      G_STRUCT_MEMBER (gboolean, self, field->offset) = yyjson_get_bool (value);
      return yyjson_is_bool (value);
    case KIND_DOUBLE:
      G_STRUCT_MEMBER (double, self, field->offset) = yyjson_is_num (value) ? yyjson_get_num (value)
                                                                            : NAN;
      return yyjson_is_num (value) || yyjson_is_null (value);
    default:
      g_assert_not_reached ();
    }
}

/**
 * attune_checkpoint_state_parse:
 *
 * Returns: %FALSE with ATTUNE_TRAIN_ERROR_RUN when any field is missing or out of its range
 */
gboolean
attune_checkpoint_state_parse (AttuneCheckpointState  *self,
                               const char             *json,
                               gsize                   length,
                               const char             *source_name,
                               GError                **error)
{
  yyjson_doc *doc = yyjson_read (json, length, YYJSON_READ_NOFLAG);
  yyjson_val *root = doc != NULL ? yyjson_doc_get_root (doc) : NULL;
  gboolean ok = yyjson_get_sint (yyjson_obj_get (root, "version")) == VERSION;

  self->plateau_scale = 1;
  self->plateau_best = NAN;
  self->plateau_bad = 0;
  for (guint i = 0; ok && i < G_N_ELEMENTS (fields); i++)
    {
      yyjson_val *value = yyjson_obj_get (root, fields[i].name);

      /* Earlier versions knew no plateaus. */
      if (value == NULL && g_str_has_prefix (fields[i].name, "plateau_"))
        continue;
      ok = read_field (self, &fields[i], value);
    }
  ok = ok && self->step > 0 && self->part_size > 0 && isfinite (self->time) && self->time >= 0
       && self->plateau_scale >= 0 && self->plateau_scale <= 1
       && self->evaluated_step <= self->step && self->best_step >= 0
       && self->best_step <= self->step;
  if (doc != NULL)
    yyjson_doc_free (doc);
  if (!ok)
    g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
                 _("%s is no state of a run that this version of Attune can read"), source_name);
  return ok;
}

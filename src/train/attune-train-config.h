/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTrainConfig: every hyperparameter of a run, from one table of fields. Each field is a
 * GObject property of the same name (with '-' for '_'), so rows of the window bind to it; the
 * command line, JSON files, run.json and the README table read the same table. Names are those of
 * transformers' TrainingArguments.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define ATTUNE_TRAIN_ERROR (attune_train_error_quark ())
GQuark attune_train_error_quark (void);

typedef enum {
  ATTUNE_TRAIN_ERROR_SETTING,    /* unknown name, value out of range */
  ATTUNE_TRAIN_ERROR_RUN,        /* a run folder that cannot be read, written or used */
  ATTUNE_TRAIN_ERROR_DATA,       /* data that cannot be trained on */
  ATTUNE_TRAIN_ERROR_NON_FINITE, /* loss or gradient is not finite */
  ATTUNE_TRAIN_ERROR_STATE,      /* asked for in a state that does not allow it */
} AttuneTrainError;

typedef enum {
  ATTUNE_FIELD_INT,
  ATTUNE_FIELD_DOUBLE,
  ATTUNE_FIELD_CHOICE, /* a string out of choices */
  ATTUNE_FIELD_STRING, /* with a check of its own, as class_weight */
} AttuneFieldType;

typedef struct {
  const char *name;      /* "learning_rate" */
  AttuneFieldType type;
  double minimum;
  double maximum;
  double default_number; /* for "auto" fields the value that means auto, see automatic */
  const char *default_text;
  gboolean automatic;    /* default means: from the model or the data */
  const char * const *choices;
  const char *title;     /* N_("Learning Rate") */
  const char *subtitle;  /* N_("Size of one step") */
  const char *help;      /* N_() sentence: what it does and when to change it */
  const char *group;     /* N_("Training"), N_("Optimizer"), N_("Regularization"), N_("Schedule"),
                            N_("Evaluation"), N_("Recurrent Network"), N_("Computer") */
} AttuneField;

const AttuneField *attune_train_config_get_fields (guint *n_fields);
const AttuneField *attune_train_config_find_field (const char *name);

#define ATTUNE_TYPE_TRAIN_CONFIG (attune_train_config_get_type ())
G_DECLARE_FINAL_TYPE (AttuneTrainConfig, attune_train_config, ATTUNE, TRAIN_CONFIG, GObject)

AttuneTrainConfig *attune_train_config_new        (void);
AttuneTrainConfig *attune_train_config_copy       (AttuneTrainConfig *self);
/* "name", "value" as text, as of --set. */
gboolean           attune_train_config_set        (AttuneTrainConfig *self,
                                                   const char        *name,
                                                   const char        *value,
                                                   GError           **error);
char              *attune_train_config_get_text   (AttuneTrainConfig *self,
                                                   const char        *name);
gboolean           attune_train_config_is_default (AttuneTrainConfig *self,
                                                   const char        *name);
void               attune_train_config_reset      (AttuneTrainConfig *self,
                                                   const char        *name);
gint64             attune_train_config_get_int    (AttuneTrainConfig *self,
                                                   const char        *name);
double             attune_train_config_get_double (AttuneTrainConfig *self,
                                                   const char        *name);
const char        *attune_train_config_get_string (AttuneTrainConfig *self,
                                                   const char        *name);
/* split_seed, or seed where that is automatic. */
guint64            attune_train_config_get_split_seed (AttuneTrainConfig *self);
/* What the whole of the settings contradicts, if anything ("5 warm-up steps of 3"). */
gboolean           attune_train_config_validate   (AttuneTrainConfig *self,
                                                   GError           **error);
char              *attune_train_config_to_json    (AttuneTrainConfig *self);
gboolean           attune_train_config_load_json  (AttuneTrainConfig *self,
                                                   const char        *json,
                                                   gssize             length,
                                                   GError           **error);
/* As shell words "--set name=value", changed fields only. */
char              *attune_train_config_to_command_line (AttuneTrainConfig *self);
/* The README's table in Markdown. */
char              *attune_train_config_describe   (void);

G_END_DECLS

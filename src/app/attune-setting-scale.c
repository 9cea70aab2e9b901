/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is particular to the controls of some settings: steps, scales, and what choices are called.
 */
#include "config.h"

#include "attune-setting-scale.h"

#include <glib/gi18n.h>
#include <math.h>

/* Steps that are not the usual 1 (whole numbers) or 0.01. */
static const struct
{
  const char *field;
  double step;
} steps[] = {
  { "num_train_epochs", 1 },
  { "per_device_train_batch_size", 8 },
  { "max_length", 16 },
  { "max_grad_norm", 0.1 },
  { "adam_beta1", 0.001 },
  { "adam_beta2", 0.0001 },
  { "label_smoothing_factor", 0.05 },
  { "hidden_dropout_prob", 0.05 },
  { "attention_probs_dropout_prob", 0.05 },
  { "classifier_dropout", 0.05 },
  { "validation_split", 0.05 },
};

/* What choices are called in the window; a choice that is missing here shows as it is written. */
static const struct
{
  const char *choice;
  const char *label;
} choice_labels[] = {
  { "linear", N_("Linear") },
  { "cosine", N_("Cosine") },
  { "polynomial", N_("Polynomial") },
  { "constant", N_("Constant") },
  { "constant_with_warmup", N_("Constant after warm-up") },
  { "reduce_lr_on_plateau", N_("Lower on a plateau") },
  { "balanced", N_("Labels equally often") },
  { "adamw", N_("AdamW") },
  { "adam", N_("Adam") },
  { "sgd", N_("SGD") },
  { "query_value", N_("Query and value") },
  { "all-linear", N_("All linear layers") },
  { "no", N_("Never") },
  { "yes", N_("Yes") },
  { "steps", N_("By steps") },
  { "epoch", N_("Each epoch") },
  { "end", N_("At the end") },
  { "accuracy", N_("Accuracy") },
  { "loss", N_("Loss") },
  { "f1_macro", N_("Macro F1") },
  { "f1_micro", N_("Micro F1") },
  { "mcc", N_("MCC") },
  { "auto", N_("Automatic") },
  { "fp32", N_("Full (fp32)") },
  { "bf16", N_("Half (bf16)") },
  { "fp16", N_("Half (fp16)") },
  { "head", N_("Beginning") },
  { "tail", N_("End") },
  { "head_tail", N_("Beginning and end") },
  { "windows", N_("All, in windows") },
  { "group_by_length", N_("By length") },
  { "random", N_("Random") },
  { "sequential", N_("As in the file") },
};

const char *
attune_setting_label_choice (const AttuneField *field,
                             const char        *choice)
{
  /* Of two answers to a question; elsewhere it is a time. */
  if (g_str_equal (choice, "no") && g_strv_contains (field->choices, "yes"))
    return _("No");

  for (guint i = 0; i < G_N_ELEMENTS (choice_labels); i++)
    {
      if (g_str_equal (choice_labels[i].choice, choice))
        return _(choice_labels[i].label);
    }
  return choice;
}

/* Position k on the scale … 1e-5, 2e-5, 5e-5, 1e-4 …; between two ticks it runs logarithmically. */
double
attune_setting_value_to_position (double value)
{
  double exponent = floor (log10 (value) + 1e-9);
  double mantissa = value / pow (10, exponent);
  double within;

  if (mantissa < 2)
    within = log (mantissa) / log (2);
  else if (mantissa < 5)
    within = 1 + log (mantissa / 2) / log (2.5);
  else
    within = 2 + log (mantissa / 5) / log (2);
  return 3 * exponent + (fabs (within - round (within)) < 1e-6 ? round (within) : within);
}

double
attune_setting_position_to_value (double position)
{
  double exponent = floor (position / 3);
  double within = position - 3 * exponent;
  double mantissa;

  if (within < 1)
    mantissa = pow (2, within);
  else if (within < 2)
    mantissa = 2 * pow (2.5, within - 1);
  else
    mantissa = 5 * pow (2, within - 2);
  return mantissa * pow (10, exponent);
}

double
attune_setting_get_step (const AttuneField *field)
{
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      if (g_str_equal (steps[i].field, field->name))
        return steps[i].step;
    }
  return field->type == ATTUNE_FIELD_INT ? 1 : 0.01;
}

/* Whole numbers in full, a seed has ten digits; else seven digits at most and "5e-5" for "5e-05".
 */
char *
attune_setting_format_number (double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  gboolean whole = value == round (value) && fabs (value) < 1e15;
  char *text = g_strdup (g_ascii_formatd (buffer, sizeof buffer, whole ? "%.0f" : "%.7g", value));
  char *exponent = strchr (text, 'e');

  if (exponent != NULL && exponent[2] == '0')
    memmove (exponent + 2, exponent + 3, strlen (exponent + 3) + 1);
  return text;
}

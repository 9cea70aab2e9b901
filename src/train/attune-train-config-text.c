/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTrainConfig as JSON, as --set words and as the README's table; the nearest known name to a
 * misspelt one; and what the settings as a whole contradict.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <yyjson.h>

#include "attune-train-config-private.h"

/* A settings file is a few kilobytes; anything this long is something else. */
#define MAX_JSON (1024 * 1024)

/* Levenshtein distance; names are short, so one row of the matrix lies on the stack. */
static guint
edit_distance (const char *a,
               const char *b)
{
  guint row[64];
  gsize n = MIN (strlen (b), G_N_ELEMENTS (row) - 1);

  for (guint j = 0; j <= n; j++)
    row[j] = j;
  for (guint i = 1; a[i - 1] != '\0'; i++)
    {
      guint diagonal = row[0];

      row[0] = i;
      for (guint j = 1; j <= n; j++)
        {
          guint change = diagonal + (a[i - 1] != b[j - 1]);

          diagonal = row[j];
          row[j] = MIN (change, MIN (row[j], row[j - 1]) + 1);
        }
    }
  return row[n];
}

/* The known name that looks most like @name: one that contains it wins over a mere likeness, so
 * that "batch_size" finds "per_device_train_batch_size". NULL when none is alike: more than half
 * of the letters would have to change. */
char *
attune_train_config_find_nearest (const char *name)
{
  guint n_fields;
  const AttuneField *fields = attune_train_config_get_fields (&n_fields);
  g_autofree char *wanted = g_ascii_strdown (name, 60);
  const char *best = fields[0].name;
  guint least = G_MAXUINT;

  g_strdelimit (wanted, "-", '_');
  for (guint i = 0; i < n_fields; i++)
    {
      guint distance = edit_distance (wanted, fields[i].name);

      if (strlen (wanted) >= 4 && strstr (fields[i].name, wanted) != NULL)
        distance = MIN (distance, 2);
      if (distance < least)
        {
          least = distance;
          best = fields[i].name;
        }
    }
  return least <= strlen (wanted) / 2 ? g_strdup (best) : NULL;
}

static gboolean
contradiction (GError     **error,
               const char  *format,
               ...) G_GNUC_PRINTF (2, 3);

static gboolean
contradiction (GError     **error,
               const char  *format,
               ...)
{
  va_list args;

  va_start (args, format);
  g_propagate_error (error, g_error_new_valist (ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
                                                format, args));
  va_end (args);
  return FALSE;
}

/**
 * attune_train_config_validate:
 *
 * Single values are always in range; this finds those that do not go together.
 *
 * Returns: %FALSE with ATTUNE_TRAIN_ERROR_SETTING for the first contradiction
 */
gboolean
attune_train_config_validate (AttuneTrainConfig  *self,
                              GError            **error)
{
  gint64 max_steps = attune_train_config_get_int (self, "max_steps");
  gint64 warmup_steps = attune_train_config_get_int (self, "warmup_steps");
  const char *eval = attune_train_config_get_string (self, "eval_strategy");
  const char *save = attune_train_config_get_string (self, "save_strategy");

  if (max_steps == 0)
    return contradiction (error, _("max_steps must be -1 or at least 1, not 0"));
  if (max_steps > 0 && warmup_steps > max_steps)
    return contradiction (error, _("%" PRIi64 " warm-up steps do not fit into %" PRIi64 " "
                                   "steps in all"), warmup_steps, max_steps);
  if (g_str_equal (eval, "steps") && attune_train_config_get_int (self, "eval_steps") == 0)
    return contradiction (error, _("eval_strategy “steps” needs eval_steps above 0"));
  if (g_str_equal (save, "steps") && attune_train_config_get_int (self, "save_steps") == 0)
    return contradiction (error, _("save_strategy “steps” needs save_steps above 0"));
  if (g_str_equal (attune_train_config_get_string (self, "sgd_nesterov"), "yes")
      && !(attune_train_config_get_double (self, "sgd_momentum") > 0))
    return contradiction (error, _("sgd_nesterov needs sgd_momentum above 0"));
  if (attune_train_config_get_int (self, "lora_r") > 0
      && (attune_train_config_get_int (self, "freeze_layers") > 0
          || attune_train_config_get_double (self, "layerwise_lr_decay") < 1))
    return contradiction (error, _("With lora_r above 0 all layers are frozen already; set freeze_layers "
                                   "to 0 and layerwise_lr_decay to 1"));
  if (g_str_equal (eval, "no")
      && attune_train_config_get_int (self, "early_stopping_patience") > 0)
    return contradiction (error, _("early_stopping_patience needs evaluations, but eval_strategy "
                                   "is “no”"));
  if (g_str_equal (eval, "no")
      && g_str_equal (attune_train_config_get_string (self, "lr_scheduler_type"),
                      "reduce_lr_on_plateau"))
    return contradiction (error, _("lr_scheduler_type “reduce_lr_on_plateau” needs evaluations, but "
                                   "eval_strategy is “no”"));
  if (g_str_equal (attune_train_config_get_string (self, "class_weight"), "balanced")
      && g_str_equal (attune_train_config_get_string (self, "train_sampling_strategy"), "balanced"))
    return contradiction (error, _("class_weight and train_sampling_strategy are both “balanced”, "
                                   "which would favour rare labels twice; set one of them to "
                                   "something else"));
  return TRUE;
}

/**
 * attune_train_config_to_json:
 *
 * Returns: (transfer full): an object with every setting; automatic ones left alone are "auto"
 */
char *
attune_train_config_to_json (AttuneTrainConfig *self)
{
  guint n_fields;
  const AttuneField *fields = attune_train_config_get_fields (&n_fields);
  yyjson_mut_doc *doc = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (doc);
  char *written;
  char *json;

  yyjson_mut_doc_set_root (doc, root);
  for (guint i = 0; i < n_fields; i++)
    {
      g_autofree char *text = attune_train_config_get_text (self, fields[i].name);

      if (fields[i].type == ATTUNE_FIELD_INT && !g_str_equal (text, "auto"))
        yyjson_mut_obj_add_int (doc, root, fields[i].name,
                                attune_train_config_get_int (self, fields[i].name));
      else if (fields[i].type == ATTUNE_FIELD_DOUBLE && !g_str_equal (text, "auto"))
        yyjson_mut_obj_add_real (doc, root, fields[i].name,
                                 attune_train_config_get_double (self, fields[i].name));
      else
        yyjson_mut_obj_add_strcpy (doc, root, fields[i].name, text);
    }
  written = yyjson_mut_write (doc, YYJSON_WRITE_PRETTY_TWO_SPACES, NULL);
  json = g_strdup (written);
  free (written);
  yyjson_mut_doc_free (doc);
  return json;
}

/* A JSON value as the text attune_train_config_set() reads; NULL for arrays, objects, true … */
static char *
value_to_text (yyjson_val        *value,
               const AttuneField *field)
{
  if (yyjson_is_str (value) && strlen (yyjson_get_str (value)) == yyjson_get_len (value))
    return g_strdup (yyjson_get_str (value));
  if (yyjson_is_num (value))
    return attune_train_config_format_number (yyjson_get_num (value));
  if (yyjson_is_null (value) && field != NULL && field->automatic)
    return g_strdup ("auto");
  return NULL;
}

static gboolean
check_object (yyjson_val         *root,
              AttuneTrainConfig  *target,
              GError            **error)
{
  yyjson_obj_iter iter = yyjson_obj_iter_with (root);
  yyjson_val *key;

  while ((key = yyjson_obj_iter_next (&iter)) != NULL)
    {
      const char *name = yyjson_get_str (key);
      g_autofree char *text = value_to_text (yyjson_obj_iter_get_val (key),
                                             attune_train_config_find_field (name));

      if (text == NULL)
        return contradiction (error, _("The value of %s must be a number or a text"), name);
      if (!attune_train_config_set (target, name, text, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * attune_train_config_load_json:
 * @json: an object of settings; those it does not name stay as they are
 * @length: bytes, or -1
 *
 * Returns: %FALSE with ATTUNE_TRAIN_ERROR_SETTING and nothing changed at all
 */
gboolean
attune_train_config_load_json (AttuneTrainConfig  *self,
                               const char         *json,
                               gssize              length,
                               GError            **error)
{
  gsize n_bytes = length < 0 ? strlen (json) : (gsize) length;
  g_autoptr (AttuneTrainConfig) trial = attune_train_config_copy (self);
  yyjson_read_err read_error = { 0 };
  yyjson_doc *doc;
  gboolean ok;

  if (n_bytes > MAX_JSON)
    return contradiction (error, _("The settings are larger than 1 MB, so they are no settings"));
  doc = yyjson_read_opts ((char *) json, n_bytes, YYJSON_READ_NOFLAG, NULL, &read_error);
  if (doc == NULL)
    return contradiction (error, _("The settings are not JSON: %s at byte %zu"), read_error.msg,
                          read_error.pos);
  if (!yyjson_is_obj (yyjson_doc_get_root (doc)))
    ok = contradiction (error, _("The settings must be a JSON object of names and values"));
  else
    ok = check_object (yyjson_doc_get_root (doc), trial, error);
  yyjson_doc_free (doc);

  if (ok)
    {
      guint n_fields;
      const AttuneField *fields = attune_train_config_get_fields (&n_fields);

      g_object_freeze_notify (G_OBJECT (self));
      for (guint i = 0; i < n_fields; i++)
        {
          g_autofree char *text = attune_train_config_get_text (trial, fields[i].name);

          attune_train_config_set (self, fields[i].name, text, NULL);
        }
      g_object_thaw_notify (G_OBJECT (self));
    }
  return ok;
}

/**
 * attune_train_config_to_command_line:
 *
 * Returns: (transfer full): "--set name=value …" for what differs from the defaults, quoted
 */
char *
attune_train_config_to_command_line (AttuneTrainConfig *self)
{
  guint n_fields;
  const AttuneField *fields = attune_train_config_get_fields (&n_fields);
  GString *line = g_string_new (NULL);

  for (guint i = 0; i < n_fields; i++)
    {
      g_autofree char *text = attune_train_config_get_text (self, fields[i].name);

      if (!attune_train_config_is_default (self, fields[i].name))
        g_string_append_printf (line, "%s--set %s=%s", line->len > 0 ? " " : "", fields[i].name,
                                text);
    }
  return g_string_free_and_steal (line);
}

/**
 * attune_train_config_describe:
 *
 * Returns: (transfer full): the table of settings in Markdown, as README shows it
 */
char *
attune_train_config_describe (void)
{
  guint n_fields;
  const AttuneField *fields = attune_train_config_get_fields (&n_fields);
  g_autoptr (AttuneTrainConfig) defaults = attune_train_config_new ();
  GString *table = g_string_new ("| setting | default | range | what it does |\n"
                                 "|---|---|---|---|\n");

  for (guint i = 0; i < n_fields; i++)
    {
      g_autofree char *preset = attune_train_config_get_text (defaults, fields[i].name);
      g_autofree char *low = attune_train_config_format_number (fields[i].minimum);
      g_autofree char *high = attune_train_config_format_number (fields[i].maximum);
      g_autofree char *range = NULL;

      if (fields[i].type == ATTUNE_FIELD_CHOICE)
        range = g_strjoinv (", ", (char **) fields[i].choices);
      else if (fields[i].type == ATTUNE_FIELD_STRING)
        range = g_strdup (fields[i].subtitle);
      else
        range = g_strdup_printf ("%s … %s%s", low, high, fields[i].automatic ? ", auto" : "");
      g_string_append_printf (table, "| `%s` | %s | %s | %s |\n", fields[i].name, preset, range,
                              fields[i].help);
    }
  return g_string_free_and_steal (table);
}

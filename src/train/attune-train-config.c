/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The object behind AttuneTrainConfig: one value for each row of the table, as a property, as text
 * and as a typed read. JSON, command line and README table are in attune-train-config-text.c. Any
 * one thread; the trainer works on a copy.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "attune-train-config-private.h"

G_DEFINE_QUARK (attune-train-error-quark, attune_train_error)

struct _AttuneTrainConfig
{
  GObject parent_instance;

  double *numbers; /* (n_fields,) of INT and DOUBLE rows */
  char **texts;    /* (n_fields,) of CHOICE and STRING rows */
};

G_DEFINE_FINAL_TYPE (AttuneTrainConfig, attune_train_config, G_TYPE_OBJECT)

static gboolean
is_number (const AttuneField *field)
{
  return field->type == ATTUNE_FIELD_INT || field->type == ATTUNE_FIELD_DOUBLE;
}

/* The row's position, which is its property id less one. */
static guint
index_of (const char *name)
{
  const AttuneField *field = attune_train_config_find_field (name);

  if (field == NULL)
    g_error ("No setting is called %s", name);
  return (guint) (field - attune_train_config_get_fields (NULL));
}

static void
store_number (AttuneTrainConfig *self,
              guint              index,
              double             number)
{
  const AttuneField *field = &attune_train_config_get_fields (NULL)[index];

  if (self->numbers[index] == number)
    return;
  self->numbers[index] = number;
  g_object_notify (G_OBJECT (self), field->name);
}

static void
store_text (AttuneTrainConfig *self,
            guint              index,
            const char        *text)
{
  const AttuneField *field = &attune_train_config_get_fields (NULL)[index];

  if (g_set_str (&self->texts[index], text))
    g_object_notify (G_OBJECT (self), field->name);
}

/* Shortest decimal text that reads back as the same double; never a locale's comma. */
char *
attune_train_config_format_number (double number)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  char format[8];

  if (number == floor (number) && fabs (number) < 1e15)
    return g_strdup_printf ("%.0f", number);
  for (int digits = 1; digits <= 17; digits++)
    {
      g_snprintf (format, sizeof format, "%%.%dg", digits);
      g_ascii_formatd (buffer, sizeof buffer, format, number);
      if (g_ascii_strtod (buffer, NULL) == number)
        break;
    }
  return g_strdup (buffer);
}

static gboolean
check_range (const AttuneField  *field,
             double              number,
             const char         *written,
             GError            **error)
{
  g_autofree char *low = attune_train_config_format_number (field->minimum);
  g_autofree char *high = attune_train_config_format_number (field->maximum);

  if (field->type == ATTUNE_FIELD_INT && number != floor (number))
    {
      g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
                   _("%s must be a whole number, not %s"), field->name, written);
      return FALSE;
    }
  if (number >= field->minimum && number <= field->maximum)
    return TRUE;
  if (field->automatic)
    g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
                 _("%s must be between %s and %s, or auto, not %s"),
                 field->name, low, high, written);
  else
    g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
                 _("%s must be between %s and %s, not %s"), field->name, low, high, written);
  return FALSE;
}

/* Decimal digits, sign, point and exponent only: no spaces, hexadecimals, infinities. */
static gboolean
parse_number (const AttuneField  *field,
              const char         *text,
              double             *number,
              GError            **error)
{
  char *end = NULL;

  if (*text != '\0' && strspn (text, "0123456789+-.eE") == strlen (text))
    {
      *number = g_ascii_strtod (text, &end);
      if (*end == '\0' && isfinite (*number))
        return TRUE;
    }
  g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
               field->automatic ? _("%s must be a number or auto, not “%s”")
                                : _("%s must be a number, not “%s”"),
               field->name, text);
  return FALSE;
}

/* A number for a row, from text: *number is the row's own value of "auto" for that word. */
static gboolean
read_number (const AttuneField  *field,
             const char         *text,
             double             *number,
             GError            **error)
{
  if (field->automatic && g_str_equal (text, "auto"))
    {
      *number = field->default_number;
      return TRUE;
    }
  return parse_number (field, text, number, error) && check_range (field, *number, text, error);
}

static gboolean
check_class_weight (const char  *text,
                    GError     **error)
{
  g_auto (GStrv) words = NULL;
  double sum = 0;

  if (g_str_equal (text, "none") || g_str_equal (text, "balanced"))
    return TRUE;
  words = g_strsplit (text, ",", -1);
  for (guint i = 0; words[i] != NULL; i++)
    {
      char *end = NULL;
      double weight = g_ascii_strtod (words[i], &end);

      if (*words[i] == '\0' || *end != '\0' || !(weight >= 0) || weight > 1e6)
        {
          sum = 0;
          break;
        }
      sum += weight;
    }
  if (sum > 0 && g_strv_length (words) >= 2)
    return TRUE;
  g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
               _("class_weight must be none, balanced or a number for each label separated by "
                 "commas, not “%s”"), text);
  return FALSE;
}

static gboolean
check_device (const char  *text,
              GError     **error)
{
  const char *rest;

  if (g_str_equal (text, "auto") || g_str_equal (text, "cpu") || g_str_equal (text, "cuda"))
    return TRUE;
  rest = g_str_has_prefix (text, "cuda:") ? text + strlen ("cuda:") : "";
  if (*rest != '\0' && strlen (rest) <= 3 && strspn (rest, "0123456789") == strlen (rest))
    return TRUE;
  g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
               _("device must be auto, cpu, cuda or cuda:0 and so on, not “%s”"), text);
  return FALSE;
}

/* Whether there is such a thing shows when it is wanted. */
static gboolean
check_name (const AttuneField  *field,
            const char         *text,
            GError            **error)
{
  if (*text != '\0')
    return TRUE;
  g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
               _("%s must not be empty; its default is “%s”"), field->name, field->default_text);
  return FALSE;
}

static gboolean
check_text (const AttuneField  *field,
            const char         *text,
            GError            **error)
{
  g_autofree char *list = NULL;

  if (field->type == ATTUNE_FIELD_STRING && g_str_equal (field->name, "rnn_embeddings"))
    return check_name (field, text, error);
  if (field->type == ATTUNE_FIELD_STRING)
    return g_str_equal (field->name, "device") ? check_device (text, error)
                                               : check_class_weight (text, error);
  if (g_strv_contains (field->choices, text))
    return TRUE;
  list = g_strjoinv (", ", (char **) field->choices);
  g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
               _("%s must be one of %s, not “%s”"), field->name, list, text);
  return FALSE;
}

/* Whether @value may stand for @field; nothing is changed. */
gboolean
attune_train_config_check_value (const AttuneField  *field,
                                 const char         *value,
                                 GError            **error)
{
  double number;

  return is_number (field) ? read_number (field, value, &number, error)
                           : check_text (field, value, error);
}

static void
attune_train_config_get_property (GObject    *object,
                                  guint       property_id,
                                  GValue     *value,
                                  GParamSpec *pspec)
{
  AttuneTrainConfig *self = ATTUNE_TRAIN_CONFIG (object);
  const AttuneField *field = &attune_train_config_get_fields (NULL)[property_id - 1];

  if (field->type == ATTUNE_FIELD_INT)
    g_value_set_int64 (value, (gint64) self->numbers[property_id - 1]);
  else if (field->type == ATTUNE_FIELD_DOUBLE)
    g_value_set_double (value, self->numbers[property_id - 1]);
  else
    g_value_set_string (value, self->texts[property_id - 1]);
}

static void
attune_train_config_set_property (GObject      *object,
                                  guint         property_id,
                                  const GValue *value,
                                  GParamSpec   *pspec)
{
  AttuneTrainConfig *self = ATTUNE_TRAIN_CONFIG (object);
  const AttuneField *field = &attune_train_config_get_fields (NULL)[property_id - 1];
  const char *text;

  if (field->type == ATTUNE_FIELD_INT)
    store_number (self, property_id - 1, (double) g_value_get_int64 (value));
  else if (field->type == ATTUNE_FIELD_DOUBLE)
    store_number (self, property_id - 1, g_value_get_double (value));
  else if ((text = g_value_get_string (value)) != NULL && check_text (field, text, NULL))
    store_text (self, property_id - 1, text);
}

static void
attune_train_config_finalize (GObject *object)
{
  AttuneTrainConfig *self = ATTUNE_TRAIN_CONFIG (object);
  guint n_fields;

  attune_train_config_get_fields (&n_fields);
  for (guint i = 0; i < n_fields; i++)
    g_free (self->texts[i]);
  g_free (self->texts);
  g_free (self->numbers);

  G_OBJECT_CLASS (attune_train_config_parent_class)->finalize (object);
}

static GParamSpec *
create_pspec (const AttuneField *field)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  g_autofree char *name = g_strdelimit (g_strdup (field->name), "_", '-');
  double low = field->automatic ? MIN (field->minimum, field->default_number) : field->minimum;

  if (field->type == ATTUNE_FIELD_INT)
    return g_param_spec_int64 (g_intern_string (name), NULL, NULL, (gint64) low,
                               (gint64) field->maximum, (gint64) field->default_number, flags);
  if (field->type == ATTUNE_FIELD_DOUBLE)
    return g_param_spec_double (g_intern_string (name), NULL, NULL, low, field->maximum,
                                field->default_number, flags);
  return g_param_spec_string (g_intern_string (name), NULL, NULL, field->default_text, flags);
}

static void
attune_train_config_class_init (AttuneTrainConfigClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  guint n_fields;
  const AttuneField *fields = attune_train_config_get_fields (&n_fields);

  object_class->get_property = attune_train_config_get_property;
  object_class->set_property = attune_train_config_set_property;
  object_class->finalize = attune_train_config_finalize;

  for (guint i = 0; i < n_fields; i++)
    g_object_class_install_property (object_class, i + 1, create_pspec (&fields[i]));
}

static void
attune_train_config_init (AttuneTrainConfig *self)
{
  guint n_fields;
  const AttuneField *fields = attune_train_config_get_fields (&n_fields);

  self->numbers = g_new0 (double, n_fields);
  self->texts = g_new0 (char *, n_fields);
  for (guint i = 0; i < n_fields; i++)
    {
      self->numbers[i] = fields[i].default_number;
      if (!is_number (&fields[i]))
        self->texts[i] = g_strdup (fields[i].default_text);
    }
}

/**
 * attune_train_config_new:
 *
 * Returns: (transfer full): all settings at their defaults
 */
AttuneTrainConfig *
attune_train_config_new (void)
{
  return g_object_new (ATTUNE_TYPE_TRAIN_CONFIG, NULL);
}

/**
 * attune_train_config_copy:
 *
 * Returns: (transfer full): the same values, nobody listening; what the trainer thread is given
 */
AttuneTrainConfig *
attune_train_config_copy (AttuneTrainConfig *self)
{
  AttuneTrainConfig *copy = attune_train_config_new ();
  guint n_fields;

  attune_train_config_get_fields (&n_fields);
  for (guint i = 0; i < n_fields; i++)
    {
      copy->numbers[i] = self->numbers[i];
      g_set_str (&copy->texts[i], self->texts[i]);
    }
  return copy;
}

/**
 * attune_train_config_set:
 * @name: a setting; an unknown one is an error that names the nearest
 * @value: a number in the C locale, "auto" where that is allowed, or a choice
 *
 * Returns: %TRUE, or %FALSE with ATTUNE_TRAIN_ERROR_SETTING and nothing changed
 */
gboolean
attune_train_config_set (AttuneTrainConfig  *self,
                         const char         *name,
                         const char         *value,
                         GError            **error)
{
  const AttuneField *field = attune_train_config_find_field (name);
  double number = 0;

  if (field == NULL)
    {
      g_autofree char *nearest = attune_train_config_find_nearest (name);

      if (nearest != NULL)
        g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
                     _("There is no setting “%s”; did you mean %s?"), name, nearest);
      else
        g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
                     _("There is no setting “%s”; “attune-cli config describe” lists them all"), name);
      return FALSE;
    }
  if (!attune_train_config_check_value (field, value, error))
    return FALSE;
  if (!is_number (field))
    store_text (self, index_of (name), value);
  else if (read_number (field, value, &number, error))
    store_number (self, index_of (name), number);
  return TRUE;
}

/**
 * attune_train_config_get_text:
 *
 * Returns: (transfer full): the value as attune_train_config_set() reads it
 */
char *
attune_train_config_get_text (AttuneTrainConfig *self,
                              const char        *name)
{
  guint index = index_of (name);
  const AttuneField *field = &attune_train_config_get_fields (NULL)[index];

  if (!is_number (field))
    return g_strdup (self->texts[index]);
  if (field->automatic && self->numbers[index] == field->default_number)
    return g_strdup ("auto");
  return attune_train_config_format_number (self->numbers[index]);
}

/* Whether the setting has its default; for automatic ones: is left to the model or the data. */
gboolean
attune_train_config_is_default (AttuneTrainConfig *self,
                                const char        *name)
{
  guint index = index_of (name);
  const AttuneField *field = &attune_train_config_get_fields (NULL)[index];

  if (is_number (field))
    return self->numbers[index] == field->default_number;
  return g_str_equal (self->texts[index], field->default_text);
}

/* Back to the default. */
void
attune_train_config_reset (AttuneTrainConfig *self,
                           const char        *name)
{
  guint index = index_of (name);
  const AttuneField *field = &attune_train_config_get_fields (NULL)[index];

  if (is_number (field))
    store_number (self, index, field->default_number);
  else
    store_text (self, index, field->default_text);
}

/* Of an INT row; automatic ones give the table's default_number. */
gint64
attune_train_config_get_int (AttuneTrainConfig *self,
                             const char        *name)
{
  return (gint64) self->numbers[index_of (name)];
}

/* Of an INT or DOUBLE row; automatic ones give the table's default_number. */
double
attune_train_config_get_double (AttuneTrainConfig *self,
                                const char        *name)
{
  return self->numbers[index_of (name)];
}

/* Of a CHOICE or STRING row; borrowed until it changes. */
const char *
attune_train_config_get_string (AttuneTrainConfig *self,
                                const char        *name)
{
  return self->texts[index_of (name)];
}

guint64
attune_train_config_get_split_seed (AttuneTrainConfig *self)
{
  gint64 seed = attune_train_config_get_int (self, "split_seed");

  return (guint64) (seed >= 0 ? seed : attune_train_config_get_int (self, "seed"));
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneSettingRow: a spin button, drop-down or entry beside the words of a field's table row, a
 * reset button when the value is not the default, and the reason when it is not valid.
 */
#include "config.h"

#include "attune-setting-row.h"

#include <glib/gi18n.h>
#include <math.h>

#include "attune-setting-scale.h"

struct _AttuneSettingRow
{
  AdwActionRow parent_instance;

  const AttuneField *field;
  AttuneTrainConfig *config;
  double automatic_value;
  char *note;           /* nullable */
  gboolean logarithmic; /* the adjustment counts 1-2-5 steps, not the value */
  double last_position; /* of the adjustment, to tell a step from typing */
  gboolean updating;    /* the control follows the config, not the other way round */

  GtkWidget *control;
  GtkWidget *reset;
};

G_DEFINE_FINAL_TYPE (AttuneSettingRow, attune_setting_row, ADW_TYPE_ACTION_ROW)

enum {
  PROP_0,
  PROP_FIELD,
  PROP_CONFIG,
  PROP_AUTOMATIC_VALUE,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static double
get_number (AttuneSettingRow *self)
{
  return self->field->type == ATTUNE_FIELD_INT
           ? (double) attune_train_config_get_int (self->config, self->field->name)
           : attune_train_config_get_double (self->config, self->field->name);
}

static void
set_error (AttuneSettingRow *self, const char *reason)
{
  GtkWidget *widget = GTK_WIDGET (self);

  if (reason != NULL)
    gtk_widget_add_css_class (widget, "error");
  else
    gtk_widget_remove_css_class (widget, "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->control), GTK_ACCESSIBLE_STATE_INVALID,
                               reason != NULL ? GTK_ACCESSIBLE_INVALID_TRUE
                                              : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
  if (reason != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (self), reason);
}

/* Subtitle and reset button say whether the value is the default and what that would be. */
static void
update_words (AttuneSettingRow *self)
{
  gboolean changed = attune_setting_row_is_changed (self);
  g_autofree char *subtitle = NULL;

  gtk_widget_set_visible (self->reset, changed);
  if (changed)
    {
      g_autofree char *number = NULL;
      const char *preset;

      if (self->field->automatic)
        preset = C_("default value", "automatic");
      else if (self->field->type == ATTUNE_FIELD_INT || self->field->type == ATTUNE_FIELD_DOUBLE)
        preset = number = attune_setting_format_number (self->field->default_number);
      else
        preset = self->field->type == ATTUNE_FIELD_CHOICE ? attune_setting_label_choice (self->field, self->field->default_text)
                                                          : self->field->default_text;
      /* Translators: below a setting that was changed; %s is its default value. */
      subtitle = g_strdup_printf (_("Changed · default: %s"), preset);
    }
  else
    subtitle = g_strdup (self->note != NULL ? self->note : _(self->field->subtitle));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), subtitle);
  set_error (self, NULL);
}

/* The control shows what the config holds. */
static void
follow_config (AttuneSettingRow *self)
{
  const char *name = self->field->name;

  if (self->config == NULL || self->updating)
    return;

  self->updating = TRUE;
  if (GTK_IS_SPIN_BUTTON (self->control))
    {
      gboolean automatic = self->field->automatic && !attune_setting_row_is_changed (self);
      double value = automatic ? self->automatic_value : get_number (self);

      if (isfinite (value))
        {
          self->last_position = self->logarithmic ? attune_setting_value_to_position (value) : value;
          gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->control), self->last_position);
        }
      gtk_spin_button_update (GTK_SPIN_BUTTON (self->control));
    }
  else if (GTK_IS_DROP_DOWN (self->control))
    {
      for (guint i = 0; self->field->choices[i] != NULL; i++)
        {
          if (g_str_equal (self->field->choices[i],
                           attune_train_config_get_string (self->config, name)))
            gtk_drop_down_set_selected (GTK_DROP_DOWN (self->control), i);
        }
    }
  else
    {
      const char *text = attune_train_config_get_string (self->config, name);

      if (!g_str_equal (gtk_editable_get_text (GTK_EDITABLE (self->control)), text))
        gtk_editable_set_text (GTK_EDITABLE (self->control), text);
    }
  update_words (self);
  self->updating = FALSE;
}

static void
store (AttuneSettingRow *self, const char *text)
{
  g_autoptr (GError) error = NULL;
  gboolean valid;

  if (self->config == NULL || self->updating)
    return;
  self->updating = TRUE;
  valid = attune_train_config_set (self->config, self->field->name, text, &error);
  if (valid)
    update_words (self);
  else
    set_error (self, error->message);
  self->updating = FALSE;
}

static void
value_changed_cb (AttuneSettingRow *self)
{
  GtkSpinButton *spin = GTK_SPIN_BUTTON (self->control);
  double position = gtk_spin_button_get_value (spin);
  double moved = position - self->last_position;
  g_autofree char *text = NULL;

  if (self->updating)
    return;
  /* The spin button took back what was typed: back to what is set, which may be nothing. */
  if (moved == 0)
    {
      follow_config (self);
      return;
    }
  /* A step from between two ticks goes to the next tick, not past it. */
  if (self->logarithmic && fabs (fabs (moved) - 1) < 1e-9 && position != round (position))
    {
      position = moved > 0 ? floor (position) : ceil (position);
      gtk_spin_button_set_value (spin, position);
      return;
    }
  self->last_position = position;
  text = attune_setting_format_number (self->logarithmic ? attune_setting_position_to_value (position) : position);
  store (self, text);
}

static gboolean
output_cb (GtkSpinButton *spin, AttuneSettingRow *self)
{
  double position = gtk_spin_button_get_value (spin);
  g_autofree char *text = NULL;

  if (self->field->automatic && !isfinite (self->automatic_value)
      && (self->config == NULL || !attune_setting_row_is_changed (self)))
    text = g_strdup (_("Auto"));
  else
    {
      double value = self->logarithmic ? attune_setting_position_to_value (position) : position;

      text = attune_setting_format_number (value);
    }
  if (!g_str_equal (gtk_editable_get_text (GTK_EDITABLE (spin)), text))
    {
      gboolean updating = self->updating;

      /* Nobody typed this. */
      self->updating = TRUE;
      gtk_editable_set_text (GTK_EDITABLE (spin), text);
      self->updating = updating;
    }
  return TRUE;
}

static int
input_cb (GtkSpinButton *spin, double *position, AttuneSettingRow *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (spin));
  g_autofree char *number = g_strdelimit (g_strstrip (g_strdup (text)), ",", '.');
  char *end;
  double value = g_ascii_strtod (number, &end);

  if (end == number || *end != '\0' || !isfinite (value) || (self->logarithmic && value <= 0))
    {
      *position = gtk_spin_button_get_value (spin);
      return g_str_equal (text, _("Auto")) ? TRUE : GTK_INPUT_ERROR;
    }
  *position = self->logarithmic ? attune_setting_value_to_position (value) : value;
  return TRUE;
}

/* What is typed counts at once, not only when the field is left: Start may be a key away. */
static void
typed_cb (AttuneSettingRow *self)
{
  double position;

  if (self->updating || input_cb (GTK_SPIN_BUTTON (self->control), &position, self) != TRUE)
    return;
  if (!g_str_equal (gtk_editable_get_text (GTK_EDITABLE (self->control)), _("Auto")))
    {
      g_autofree char *text =
        attune_setting_format_number (self->logarithmic ? attune_setting_position_to_value (position) : position);

      store (self, text);
    }
}

static void
selected_cb (AttuneSettingRow *self)
{
  store (self, self->field->choices[gtk_drop_down_get_selected (GTK_DROP_DOWN (self->control))]);
}

static void
text_changed_cb (AttuneSettingRow *self)
{
  store (self, gtk_editable_get_text (GTK_EDITABLE (self->control)));
}

static void
reset_cb (AttuneSettingRow *self)
{
  attune_train_config_reset (self->config, self->field->name);
}

static GtkWidget *
create_spin_button (AttuneSettingRow *self)
{
  const AttuneField *field = self->field;
  GtkAdjustment *adjustment;
  GtkWidget *spin;
  double low = field->minimum;
  double high = field->maximum;

  self->logarithmic = low > 0 && field->type == ATTUNE_FIELD_DOUBLE && high / low >= 1e6;
  if (self->logarithmic)
    adjustment = gtk_adjustment_new (attune_setting_value_to_position (low), attune_setting_value_to_position (low),
                                     attune_setting_value_to_position (high), 1, 3, 0);
  else
    adjustment = gtk_adjustment_new (low, low, high, attune_setting_get_step (field), 10 * attune_setting_get_step (field), 0);
  spin = gtk_spin_button_new (adjustment, 0, field->type == ATTUNE_FIELD_INT ? 0 : 12);
  gtk_spin_button_set_update_policy (GTK_SPIN_BUTTON (spin), GTK_UPDATE_IF_VALID);
  gtk_editable_set_width_chars (GTK_EDITABLE (spin), 6);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (spin), 8);
  gtk_editable_set_alignment (GTK_EDITABLE (spin), 1);
  gtk_widget_add_css_class (spin, "numeric");
  gtk_widget_add_css_class (GTK_WIDGET (self), "spin");
  g_signal_connect (spin, "output", G_CALLBACK (output_cb), self);
  g_signal_connect (spin, "input", G_CALLBACK (input_cb), self);
  g_signal_connect_swapped (spin, "value-changed", G_CALLBACK (value_changed_cb), self);
  g_signal_connect_swapped (spin, "changed", G_CALLBACK (typed_cb), self);
  return spin;
}

static GtkWidget *
create_drop_down (AttuneSettingRow *self)
{
  GtkStringList *labels = gtk_string_list_new (NULL);
  GtkWidget *drop_down;

  for (guint i = 0; self->field->choices[i] != NULL; i++)
    gtk_string_list_append (labels, attune_setting_label_choice (self->field, self->field->choices[i]));
  drop_down = gtk_drop_down_new (G_LIST_MODEL (labels), NULL);
  gtk_widget_add_css_class (drop_down, "frameless");
  g_signal_connect_swapped (drop_down, "notify::selected", G_CALLBACK (selected_cb), self);
  return drop_down;
}

static GtkWidget *
create_entry (AttuneSettingRow *self)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_editable_set_max_width_chars (GTK_EDITABLE (entry), 14);
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 10);
  g_signal_connect_swapped (entry, "changed", G_CALLBACK (text_changed_cb), self);
  return entry;
}

static void
attune_setting_row_constructed (GObject *object)
{
  AttuneSettingRow *self = ATTUNE_SETTING_ROW (object);
  g_autofree char *reset_label = NULL;

  G_OBJECT_CLASS (attune_setting_row_parent_class)->constructed (object);
  g_return_if_fail (self->field != NULL);

  if (self->field->type == ATTUNE_FIELD_CHOICE)
    self->control = create_drop_down (self);
  else if (self->field->type == ATTUNE_FIELD_STRING)
    self->control = create_entry (self);
  else
    self->control = create_spin_button (self);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), _(self->field->title));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), _(self->field->subtitle));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), _(self->field->help));
  gtk_widget_set_valign (self->control, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->control),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _(self->field->title),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, _(self->field->help), -1);

  self->reset = gtk_button_new_from_icon_name ("edit-undo-symbolic");
  gtk_widget_add_css_class (self->reset, "flat");
  gtk_widget_set_valign (self->reset, GTK_ALIGN_CENTER);
  gtk_widget_set_visible (self->reset, FALSE);
  /* Translators: the button that brings a setting back to its default; %s is the setting. */
  reset_label = g_strdup_printf (_("Reset %s"), _(self->field->title));
  gtk_widget_set_tooltip_text (self->reset, reset_label);
  g_signal_connect_swapped (self->reset, "clicked", G_CALLBACK (reset_cb), self);

  adw_action_row_add_suffix (ADW_ACTION_ROW (self), self->control);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), self->reset);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (self), self->control);
}

const char *
attune_setting_row_get_field (AttuneSettingRow *self)
{
  return self->field->name;
}

void
attune_setting_row_set_config (AttuneSettingRow *self, AttuneTrainConfig *config)
{
  g_autofree char *property = g_strdelimit (g_strdup (self->field->name), "_", '-');
  g_autofree char *signal = g_strconcat ("notify::", property, NULL);

  if (self->config == config)
    return;
  if (self->config != NULL)
    g_signal_handlers_disconnect_by_func (self->config, follow_config, self);
  g_set_object (&self->config, config);
  if (config != NULL)
    {
      g_signal_connect_object (config, signal, G_CALLBACK (follow_config), self, G_CONNECT_SWAPPED);
      follow_config (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONFIG]);
}

void
attune_setting_row_set_automatic_value (AttuneSettingRow *self, double value)
{
  if (self->automatic_value == value || (isnan (self->automatic_value) && isnan (value)))
    return;
  self->automatic_value = value;
  follow_config (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_AUTOMATIC_VALUE]);
}

void
attune_setting_row_set_note (AttuneSettingRow *self,
                             const char       *note)
{
  g_return_if_fail (ATTUNE_IS_SETTING_ROW (self));

  if (g_set_str (&self->note, note) && self->config != NULL)
    update_words (self);
}

gboolean
attune_setting_row_is_changed (AttuneSettingRow *self)
{
  return self->config != NULL && !attune_train_config_is_default (self->config, self->field->name);
}

gboolean
attune_setting_row_matches (AttuneSettingRow *self, const char *words)
{
  const char *help = _(self->field->help);

  return *words == '\0' || g_str_match_string (words, _(self->field->title), TRUE)
         || g_str_match_string (words, help, TRUE)
         || strstr (self->field->name, words) != NULL;
}

static void
attune_setting_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AttuneSettingRow *self = ATTUNE_SETTING_ROW (object);

  switch (id)
    {
    case PROP_FIELD:
      g_value_set_string (value, self->field->name);
      break;
    case PROP_CONFIG:
      g_value_set_object (value, self->config);
      break;
    case PROP_AUTOMATIC_VALUE:
      g_value_set_double (value, self->automatic_value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_setting_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  AttuneSettingRow *self = ATTUNE_SETTING_ROW (object);

  switch (id)
    {
    case PROP_FIELD:
      self->field = attune_train_config_find_field (g_value_get_string (value));
      break;
    case PROP_CONFIG:
      attune_setting_row_set_config (self, g_value_get_object (value));
      break;
    case PROP_AUTOMATIC_VALUE:
      attune_setting_row_set_automatic_value (self, g_value_get_double (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_setting_row_dispose (GObject *object)
{
  g_clear_object (&ATTUNE_SETTING_ROW (object)->config);
  g_clear_pointer (&ATTUNE_SETTING_ROW (object)->note, g_free);
  G_OBJECT_CLASS (attune_setting_row_parent_class)->dispose (object);
}

static void
attune_setting_row_class_init (AttuneSettingRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags writable = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->constructed = attune_setting_row_constructed;
  object_class->get_property = attune_setting_row_get_property;
  object_class->set_property = attune_setting_row_set_property;
  object_class->dispose = attune_setting_row_dispose;

  properties[PROP_FIELD] =
    g_param_spec_string ("field", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_CONFIG] =
    g_param_spec_object ("config", NULL, NULL, ATTUNE_TYPE_TRAIN_CONFIG, writable);
  properties[PROP_AUTOMATIC_VALUE] =
    g_param_spec_double ("automatic-value", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, writable);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
attune_setting_row_init (AttuneSettingRow *self)
{
  self->automatic_value = NAN;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The preferences dialog: rows bound to GSettings, and facts about this computer.
 */
#include "config.h"

#include "attune-preferences.h"

#include <glib/gi18n.h>

#include "attune-hub-group.h"
#include "attune-model-store.h"
#include "attune-run.h"

struct _AttunePreferences
{
  AdwPreferencesDialog parent_instance;

  AdwActionRow *engine;
  AdwComboRow *precision;
  AdwSpinRow *threads;
  AdwActionRow *models;
  AdwActionRow *runs;
  AttuneHubGroup *hub;
  AdwComboRow *when_closing;
};

G_DEFINE_FINAL_TYPE (AttunePreferences, attune_preferences, ADW_TYPE_PREFERENCES_DIALOG)

/* In the order of the .ui. */
static const char * const precisions[] = { "auto", "fp32", "bf16", NULL };
static const char * const closings[] = { "ask", "background", "stop", NULL };

static gboolean
word_to_position (GValue *value, GVariant *variant, gpointer words)
{
  for (guint i = 0; ((const char * const *) words)[i] != NULL; i++)
    {
      if (g_str_equal (((const char * const *) words)[i], g_variant_get_string (variant, NULL)))
        g_value_set_uint (value, i);
    }
  return TRUE;
}

static GVariant *
position_to_word (const GValue *value, const GVariantType *type, gpointer words)
{
  guint position = g_value_get_uint (value);

  return position < g_strv_length (words)
           ? g_variant_new_string (((const char * const *) words)[position]) : NULL;
}

static void
bind_choice (GSettings *settings, const char *key, AdwComboRow *row, const char * const *words)
{
  g_settings_bind_with_mapping (settings, key, row, "selected", G_SETTINGS_BIND_DEFAULT,
                                word_to_position, position_to_word, (gpointer) words, NULL);
}

static void
devices_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AttunePreferences) self = ATTUNE_PREFERENCES (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) devices = attune_trainer_devices_finish (ATTUNE_TRAINER (source), result,
                                                                 &error);
  g_autoptr (GString) words = g_string_new (NULL);

  for (guint i = 0; devices != NULL && i < devices->len; i++)
    {
      AttuneDeviceInfo *info = g_ptr_array_index (devices, i);

      g_string_append_printf (words, "%s%s (%s)", i > 0 ? "\n" : "", info->name, info->engine);
    }
  if (self->engine != NULL)
    adw_action_row_set_subtitle (self->engine, devices != NULL ? words->str : error->message);
}

static void
attune_preferences_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_PREFERENCES);
  G_OBJECT_CLASS (attune_preferences_parent_class)->dispose (object);
}

static void
attune_preferences_class_init (AttunePreferencesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_preferences_dispose;
  g_type_ensure (ATTUNE_TYPE_HUB_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, AttunePreferences, engine);
  gtk_widget_class_bind_template_child (widget_class, AttunePreferences, precision);
  gtk_widget_class_bind_template_child (widget_class, AttunePreferences, threads);
  gtk_widget_class_bind_template_child (widget_class, AttunePreferences, models);
  gtk_widget_class_bind_template_child (widget_class, AttunePreferences, runs);
  gtk_widget_class_bind_template_child (widget_class, AttunePreferences, hub);
  gtk_widget_class_bind_template_child (widget_class, AttunePreferences, when_closing);
}

static void
attune_preferences_init (AttunePreferences *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * attune_preferences_new:
 * @settings: the program's settings
 * @trainer: asked, once, what it computes on; this loads the engine
 * @hub: the choices about the Hub
 *
 * Returns: (transfer floating): a dialog to present
 */
AdwDialog *
attune_preferences_new (GSettings *settings, AttuneTrainer *trainer, AttuneHubSettings *hub)
{
  AttunePreferences *self = g_object_new (ATTUNE_TYPE_PREFERENCES, NULL);
  g_autofree char *models = attune_model_store_get_path ();
  g_autofree char *runs = attune_run_get_runs_path ();

  bind_choice (settings, "precision", self->precision, precisions);
  g_settings_bind (settings, "threads", adw_spin_row_get_adjustment (self->threads), "value",
                   G_SETTINGS_BIND_DEFAULT);
  bind_choice (settings, "when-closing", self->when_closing, closings);
  attune_hub_group_set_settings (self->hub, settings, hub);
  adw_action_row_set_subtitle (self->models, models);
  adw_action_row_set_subtitle (self->runs, runs);
  adw_action_row_set_subtitle (self->engine, _("Asking the engine…"));
  attune_trainer_devices_async (trainer, NULL, devices_cb, g_object_ref (self));
  return ADW_DIALOG (self);
}

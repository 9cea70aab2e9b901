/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneHubGroup: what the environment decides is shown as a fact, with the variable that says so;
 * everything else can be changed, and says below itself what is wrong. The token is never shown
 * again: it goes from its entry to the keyring, and from then on can only be removed.
 */
#include "config.h"

#include "attune-hub-group.h"

#include <glib/gi18n.h>

struct _AttuneHubGroup
{
  AdwPreferencesGroup parent_instance;

  AttuneHubSettings *hub;
  GCancellable *cancellable; /* of what the keyring is asked */

  AdwEntryRow *endpoint;
  AdwActionRow *endpoint_told;
  AdwActionRow *endpoint_problem;
  AdwEntryRow *token;
  AdwActionRow *token_kept;
  GtkWidget *remove;
  AdwActionRow *token_problem;
  AdwSwitchRow *offline;
};

G_DEFINE_FINAL_TYPE (AttuneHubGroup, attune_hub_group, ADW_TYPE_PREFERENCES_GROUP)

static void ask_for_token (AttuneHubGroup *self);

/* Below the row it is about; error: (nullable): NULL when all is well. */
static void
show_problem (AdwActionRow *row, AdwEntryRow *entry, const GError *error)
{
  gtk_widget_set_visible (GTK_WIDGET (row), error != NULL);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), error != NULL ? error->message : "");
  if (error != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (entry), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (entry), "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_STATE_INVALID,
                               error != NULL ? GTK_ACCESSIBLE_INVALID_TRUE
                                             : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
}

static void
show_endpoint (AttuneHubGroup *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *decider = attune_hub_find_decider (ATTUNE_HUB_CHOICE_ENDPOINT);
  g_autofree char *address = attune_hub_settings_dup_endpoint (self->hub, &error);

  gtk_widget_set_visible (GTK_WIDGET (self->endpoint), decider == NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->endpoint_told), decider != NULL);
  if (decider != NULL)
    {
      /* Translators: an address, and the name of the environment variable that says so. */
      g_autofree char *words = g_strdup_printf (_("%s (set by %s)"),
                                                address != NULL ? address : g_getenv (decider),
                                                decider);

      adw_action_row_set_subtitle (self->endpoint_told, words);
    }
  else if (address != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->endpoint), address);
  show_problem (self->endpoint_problem, self->endpoint, error);
}

static void
endpoint_changed_cb (AttuneHubGroup *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->endpoint)));

  /* Emptied, it is the Hub's own. */
  g_strstrip (text);
  if (*text != '\0')
    attune_hub_settings_check_endpoint (text, &error);
  show_problem (self->endpoint_problem, self->endpoint, error);
}

static void
endpoint_apply_cb (AttuneHubGroup *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->endpoint));

  if (attune_hub_settings_set_endpoint (self->hub, text, NULL))
    {
      show_endpoint (self);
      ask_for_token (self);
    }
}

/* kept: below the title, when there is a token. */
static void
show_token (AttuneHubGroup *self, const char *kept, gboolean removable)
{
  gtk_widget_set_visible (GTK_WIDGET (self->token), kept == NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->token_kept), kept != NULL);
  gtk_widget_set_visible (self->remove, removable);
  gtk_widget_set_sensitive (GTK_WIDGET (self->token), TRUE);
  gtk_widget_set_sensitive (self->remove, TRUE);
  adw_action_row_set_subtitle (self->token_kept, kept != NULL ? kept : "");
}

static void
found_token_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AttuneHubGroup) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean found = attune_hub_settings_find_token_finish (ATTUNE_HUB_SETTINGS (source), result,
                                                          &error);

  /* The dialog is gone, or asks about another address. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->hub == NULL)
    return;
  /* Without a keyring there is nowhere to put one: that is how it is, not what was done wrong. */
  show_token (self, error != NULL ? error->message : found ? _("Kept in the keyring") : NULL, found);
}

/* The keyring is asked one thing at a time. */
static GCancellable *
renew_cancellable (AttuneHubGroup *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  return self->cancellable = g_cancellable_new ();
}

static void
ask_for_token (AttuneHubGroup *self)
{
  g_autofree char *decider = attune_hub_find_decider (ATTUNE_HUB_CHOICE_TOKEN);

  if (decider != NULL)
    {
      g_autofree char *words = g_path_is_absolute (decider)
                                 /* Translators: the path of a file */
                                 ? g_strdup_printf (_("That of other programs, in %s"), decider)
                                 /* Translators: the name of an environment variable */
                                 : g_strdup_printf (_("Set by %s"), decider);

      show_token (self, words, FALSE);
      return;
    }
  show_problem (self->token_problem, self->token, NULL);
  attune_hub_settings_find_token_async (self->hub, renew_cancellable (self), found_token_cb,
                                        g_object_ref (self));
}

static void
kept_token_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AttuneHubGroup) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean kept = attune_hub_settings_keep_token_finish (ATTUNE_HUB_SETTINGS (source), result,
                                                         &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->hub == NULL)
    return;
  gtk_widget_set_sensitive (GTK_WIDGET (self->token), TRUE);
  gtk_widget_set_sensitive (self->remove, TRUE);
  if (!kept)
    {
      show_problem (self->token_problem, self->token, error);
      return;
    }
  gtk_editable_set_text (GTK_EDITABLE (self->token), "");
  ask_for_token (self);
}

static void
token_changed_cb (AttuneHubGroup *self)
{
  show_problem (self->token_problem, self->token, NULL);
}

static void
token_apply_cb (AttuneHubGroup *self)
{
  g_autofree char *text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->token)));

  g_strstrip (text);
  if (*text == '\0')
    return;
  gtk_widget_set_sensitive (GTK_WIDGET (self->token), FALSE);
  attune_hub_settings_keep_token_async (self->hub, text, renew_cancellable (self), kept_token_cb,
                                        g_object_ref (self));
}

static void
remove_cb (AttuneHubGroup *self)
{
  gtk_widget_set_sensitive (self->remove, FALSE);
  attune_hub_settings_keep_token_async (self->hub, NULL, renew_cancellable (self), kept_token_cb,
                                        g_object_ref (self));
}

static void
attune_hub_group_dispose (GObject *object)
{
  AttuneHubGroup *self = ATTUNE_HUB_GROUP (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->hub);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_HUB_GROUP);
  G_OBJECT_CLASS (attune_hub_group_parent_class)->dispose (object);
}

static void
attune_hub_group_class_init (AttuneHubGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_hub_group_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-hub-group.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneHubGroup, endpoint);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubGroup, endpoint_told);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubGroup, endpoint_problem);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubGroup, token);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubGroup, token_kept);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubGroup, remove);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubGroup, token_problem);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubGroup, offline);
  gtk_widget_class_bind_template_callback (widget_class, endpoint_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, endpoint_apply_cb);
  gtk_widget_class_bind_template_callback (widget_class, token_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, token_apply_cb);
  gtk_widget_class_bind_template_callback (widget_class, remove_cb);
}

static void
attune_hub_group_init (AttuneHubGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * attune_hub_group_set_settings:
 * @settings: the program's settings
 * @hub: (transfer none): the same settings' choices about the Hub
 */
void
attune_hub_group_set_settings (AttuneHubGroup *self, GSettings *settings, AttuneHubSettings *hub)
{
  g_autofree char *decider = attune_hub_find_decider (ATTUNE_HUB_CHOICE_OFFLINE);

  g_return_if_fail (self->hub == NULL);

  self->hub = g_object_ref (hub);
  if (decider != NULL)
    {
      g_autofree char *words = g_strdup_printf (_("Set by %s"), decider);

      adw_switch_row_set_active (self->offline, TRUE);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (self->offline), words);
      gtk_widget_set_sensitive (GTK_WIDGET (self->offline), FALSE);
    }
  else
    g_settings_bind (settings, "work-offline", self->offline, "active", G_SETTINGS_BIND_DEFAULT);
  show_endpoint (self);
  ask_for_token (self);
}

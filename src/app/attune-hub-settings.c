/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The choices about the Hub: address and offline switch in GSettings, the token in a store that is
 * asked on worker threads. What they are told is copied before they start. A keyring that does not
 * answer is no reason not to download what everybody may have.
 */
#include "config.h"

#include "attune-hub-settings.h"

#include <string.h>

#include <glib/gi18n.h>

struct _AttuneHubSettings
{
  GObject parent_instance;

  GSettings *settings;
  const AttuneTokenStore *store;
};

G_DEFINE_FINAL_TYPE (AttuneHubSettings, attune_hub_settings, G_TYPE_OBJECT)

/* What a worker thread needs to know. */
typedef struct {
  const AttuneTokenStore *store;
  char *endpoint;
  char *token; /* nullable */
  gboolean offline;
} Question;

static void
question_free (Question *question)
{
  if (question->token != NULL)
    explicit_bzero (question->token, strlen (question->token));
  g_free (question->token);
  g_free (question->endpoint);
  g_free (question);
}

/* Asks in a thread, unless there is no address to ask about. */
static void
ask (AttuneHubSettings *self, const char *token, GTaskThreadFunc function, GTask *task)
{
  GError *error = NULL;
  Question *question = g_new0 (Question, 1);

  question->store = self->store;
  question->endpoint = attune_hub_settings_dup_endpoint (self, &error);
  question->token = g_strdup (token);
  question->offline = g_settings_get_boolean (self->settings, "work-offline");
  g_task_set_task_data (task, question, (GDestroyNotify) question_free);
  if (question->endpoint == NULL)
    g_task_return_error (task, error);
  else
    g_task_run_in_thread (task, function);
}

static gboolean
is_loopback (GUri *uri)
{
  const char *host = g_uri_get_host (uri);
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  return address != NULL ? g_inet_address_get_is_loopback (address)
                         : g_ascii_strcasecmp (host, "localhost") == 0;
}

/**
 * attune_hub_settings_check_endpoint:
 * @address: what was typed
 *
 * Returns: whether it can be the address of a Hub. A token may go there, so it is https, except on
 *   this very computer, where mirrors are tried out; and nothing that names a person stands in it
 */
gboolean
attune_hub_settings_check_endpoint (const char *address, GError **error)
{
  g_autoptr (GUri) uri = strpbrk (address, " \t\r\n") == NULL
                           ? g_uri_parse (address, G_URI_FLAGS_NONE, NULL) : NULL;
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;

  if (host == NULL || *host == '\0' || g_uri_get_query (uri) != NULL
      || g_uri_get_fragment (uri) != NULL || g_uri_get_userinfo (uri) != NULL)
    {
      g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_FORMAT,
                   _("This is no address of a Hub; one looks like https://huggingface.co"));
      return FALSE;
    }
  if (strcmp (g_uri_get_scheme (uri), "https") != 0
      && (strcmp (g_uri_get_scheme (uri), "http") != 0 || !is_loopback (uri)))
    {
      g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_FORMAT,
                   _("The address must begin with https://, so that nobody can listen in"));
      return FALSE;
    }
  return TRUE;
}

/**
 * attune_hub_settings_dup_endpoint:
 *
 * Returns: (transfer full) (nullable): what HF_ENDPOINT says, or was chosen, or is the Hub's own
 */
char *
attune_hub_settings_dup_endpoint (AttuneHubSettings *self, GError **error)
{
  g_autofree char *chosen = g_settings_get_string (self->settings, "hub-endpoint");
  g_autofree char *decider = attune_hub_find_decider (ATTUNE_HUB_CHOICE_ENDPOINT);
  g_autoptr (AttuneHub) hub = NULL;

  if (decider == NULL && *chosen != '\0' && !attune_hub_settings_check_endpoint (chosen, error))
    return NULL;
  hub = attune_hub_new (chosen, FALSE, NULL, error);
  return hub != NULL ? g_strdup (attune_hub_get_endpoint (hub)) : NULL;
}

gboolean
attune_hub_settings_set_endpoint (AttuneHubSettings *self, const char *address, GError **error)
{
  g_autofree char *stripped = g_strstrip (g_strdup (address));
  gsize length = strlen (stripped);

  while (length > 0 && stripped[length - 1] == '/')
    stripped[--length] = '\0';
  if (length > 0 && !attune_hub_settings_check_endpoint (stripped, error))
    return FALSE;
  if (length == 0 || strcmp (stripped, "https://huggingface.co") == 0)
    g_settings_reset (self->settings, "hub-endpoint");
  else
    g_settings_set_string (self->settings, "hub-endpoint", stripped);
  return TRUE;
}

static void
find_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Question *question = task_data;
  GError *error = NULL;
  gboolean found = question->store->find (question->endpoint, cancellable, &error);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, found);
}

void
attune_hub_settings_find_token_async (AttuneHubSettings   *self,
                                      GCancellable        *cancellable,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  ask (self, NULL, find_in_thread, task);
}

gboolean
attune_hub_settings_find_token_finish (AttuneHubSettings  *self,
                                       GAsyncResult       *result,
                                       GError            **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
keep_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Question *question = task_data;
  GError *error = NULL;

  if (question->store->keep (question->endpoint, question->token, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
attune_hub_settings_keep_token_async (AttuneHubSettings   *self,
                                      const char          *token,
                                      GCancellable        *cancellable,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  if (token != NULL && !attune_hub_is_token (token))
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                             _("A token is one word, such as hf_…; copy it again from your settings "
                               "page of the Hub"));
  else
    ask (self, token, keep_in_thread, task);
}

gboolean
attune_hub_settings_keep_token_finish (AttuneHubSettings  *self,
                                       GAsyncResult       *result,
                                       GError            **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
open_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Question *question = task_data;
  g_autofree char *offline = attune_hub_find_decider (ATTUNE_HUB_CHOICE_OFFLINE);
  g_autofree char *told = attune_hub_find_decider (ATTUNE_HUB_CHOICE_TOKEN);
  GError *error = NULL;
  AttuneHub *hub;

  if (!question->offline && offline == NULL && told == NULL)
    {
      question->token = question->store->look_up (question->endpoint, cancellable, &error);
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          g_task_return_error (task, error);
          return;
        }
      if (error != NULL)
        g_debug ("The Hub is asked without a token: %s", error->message);
      g_clear_error (&error);
    }

  hub = attune_hub_new (question->endpoint, question->offline, question->token, &error);
  if (hub != NULL)
    g_task_return_pointer (task, hub, (GDestroyNotify) attune_hub_free);
  else
    g_task_return_error (task, error);
}

void
attune_hub_settings_open_async (AttuneHubSettings   *self,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  ask (self, NULL, open_in_thread, task);
}

/**
 * attune_hub_settings_open_finish:
 *
 * Returns: (transfer full) (nullable): to be used and freed on one worker thread; errors are
 *   FORMAT, and CANCELLED
 */
AttuneHub *
attune_hub_settings_open_finish (AttuneHubSettings  *self,
                                 GAsyncResult       *result,
                                 GError            **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
attune_hub_settings_finalize (GObject *object)
{
  g_object_unref (ATTUNE_HUB_SETTINGS (object)->settings);
  G_OBJECT_CLASS (attune_hub_settings_parent_class)->finalize (object);
}

static void
attune_hub_settings_class_init (AttuneHubSettingsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = attune_hub_settings_finalize;
}

static void
attune_hub_settings_init (AttuneHubSettings *self)
{
}

/**
 * attune_hub_settings_new:
 * @settings: the program's settings
 * @store: (transfer none): where tokens are kept; lives longer
 */
AttuneHubSettings *
attune_hub_settings_new (GSettings *settings, const AttuneTokenStore *store)
{
  AttuneHubSettings *self = g_object_new (ATTUNE_TYPE_HUB_SETTINGS, NULL);

  self->settings = g_object_ref (settings);
  self->store = store;
  return self;
}

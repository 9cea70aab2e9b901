/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Access tokens in the desktop's keyring, through libsecret: GNOME's, KDE's, or inside Flatpak a
 * file that the portal gives the key of. Never in the settings, in a file of Attune's or in a log.
 */
#include "config.h"

#include "attune-token-store.h"

#include <glib/gi18n.h>
#include <libsecret/secret.h>

static const SecretSchema *
get_schema (void)
{
  static const SecretSchema schema = {
    APPLICATION_ID ".Token", SECRET_SCHEMA_NONE, { { "endpoint", SECRET_SCHEMA_ATTRIBUTE_STRING } },
  };

  return &schema;
}

/* One sentence for a person; what libsecret says stands in it, if it says anything of use. */
static gboolean
explain (GError *failure, GError **error)
{
  if (failure == NULL)
    return TRUE;

  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  if (failure->domain == G_DBUS_ERROR || failure->domain == G_IO_ERROR)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                 _("No keyring answers on this computer, so a token cannot be kept; give it in "
                   "the environment variable HF_TOKEN instead"));
  else if (g_error_matches (failure, SECRET_ERROR, SECRET_ERROR_IS_LOCKED))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 _("The keyring is locked; unlock it and try again"));
  else
    {
      g_dbus_error_strip_remote_error (failure);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   _("The keyring does not do what it was asked (%s); try again, or give the token "
                     "in the environment variable HF_TOKEN"),
                   failure->message);
    }
  g_error_free (failure);
  return FALSE;
}

static gboolean
find (const char *endpoint, GCancellable *cancellable, GError **error)
{
  GError *failure = NULL;
  GList *found = secret_password_search_sync (get_schema (), SECRET_SEARCH_NONE, cancellable,
                                              &failure, "endpoint", endpoint, NULL);
  gboolean any = found != NULL;

  g_list_free_full (found, g_object_unref);
  return explain (failure, error) && any;
}

static char *
look_up (const char *endpoint, GCancellable *cancellable, GError **error)
{
  GError *failure = NULL;
  g_autofree char *token = secret_password_lookup_sync (get_schema (), cancellable, &failure,
                                                        "endpoint", endpoint, NULL);

  return explain (failure, error) ? g_steal_pointer (&token) : NULL;
}

static gboolean
keep (const char *endpoint, const char *token, GCancellable *cancellable, GError **error)
{
  GError *failure = NULL;

  if (token != NULL)
    {
      /* Translators: the name of an entry in the keyring; %s is an address. */
      g_autofree char *label = g_strdup_printf (_("Attune: access token for %s"), endpoint);

      secret_password_store_sync (get_schema (), SECRET_COLLECTION_DEFAULT, label, token,
                                  cancellable, &failure, "endpoint", endpoint, NULL);
    }
  else
    /* FALSE without an error: there was none. */
    secret_password_clear_sync (get_schema (), cancellable, &failure, "endpoint", endpoint, NULL);
  return explain (failure, error);
}

/**
 * attune_token_store_get_default:
 *
 * Returns: (transfer none): that of the desktop; asked with the first call only
 */
const AttuneTokenStore *
attune_token_store_get_default (void)
{
  static const AttuneTokenStore store = { find, look_up, keep };

  return &store;
}

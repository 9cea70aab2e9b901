/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who is asked: which address is the Hub's, which may have the token, and where a redirect may
 * lead. No network here. Any thread.
 */
#include "config.h"

#include "attune-hub-private.h"

#include <string.h>

#include <glib/gi18n.h>

static gboolean
is_scheme (GUri       *uri,
           const char *scheme)
{
  return g_ascii_strcasecmp (g_uri_get_scheme (uri), scheme) == 0;
}

static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  return g_ascii_strcasecmp (host, "localhost") == 0
         || (address != NULL && g_inet_address_get_is_loopback (address));
}

static int
get_port (GUri *uri)
{
  return g_uri_get_port (uri) > 0     ? g_uri_get_port (uri)
         : is_scheme (uri, "https") ? 443
                                    : 80;
}

static gboolean
is_same_host (AttuneHub *self,
              GUri      *uri)
{
  return g_ascii_strcasecmp (g_uri_get_host (uri), g_uri_get_host (self->origin)) == 0;
}

/* Same scheme, host and port. */
static gboolean
is_origin (AttuneHub *self,
           GUri      *uri)
{
  return is_same_host (self, uri) && is_scheme (uri, g_uri_get_scheme (self->origin))
         && get_port (uri) == get_port (self->origin);
}

/**
 * attune_hub_may_have_token:
 * @uri: with a host
 *
 * Returns: whether there is a token and it may be sent there: to the Hub itself, and where nobody
 *   on the way can read it
 */
gboolean
attune_hub_may_have_token (AttuneHub *self,
                           GUri      *uri)
{
  return self->token != NULL && is_origin (self, uri)
         && (is_scheme (uri, "https") || is_loopback (g_uri_get_host (uri)));
}

/**
 * attune_hub_speaks:
 * @uri: with a host
 *
 * Returns: whether what is said there about a file is the Hub's word: its own place, or the same
 *   with encryption, to which many send on
 */
gboolean
attune_hub_speaks (AttuneHub *self,
                   GUri      *uri)
{
  return is_origin (self, uri)
         || (is_same_host (self, uri) && is_scheme (self->origin, "http")
             && is_scheme (uri, "https") && get_port (self->origin) == 80 && get_port (uri) == 443);
}

/**
 * attune_hub_follow:
 * @location: (nullable): where a redirect leads, as its header says
 *
 * Returns: (transfer full) (nullable): the address; FORMAT for none, and for a way from https to
 *   http or out of the web
 */
GUri *
attune_hub_follow (GUri        *from,
                   const char  *location,
                   GError     **error)
{
  g_autoptr (GUri) to = location != NULL
                          ? g_uri_parse_relative (from, location, SOUP_HTTP_URI_FLAGS, NULL)
                          : NULL;

  if (to == NULL || g_uri_get_host (to) == NULL || *g_uri_get_host (to) == '\0'
      || (!is_scheme (to, "https") && (!is_scheme (to, "http") || !is_scheme (from, "http"))))
    {
      g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_FORMAT,
                   _("“%s” sends on to a place that is not safe to ask; the download was stopped"),
                   g_uri_get_host (from));
      return NULL;
    }

  return g_steal_pointer (&to);
}

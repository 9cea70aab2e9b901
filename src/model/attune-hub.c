/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the Hub is and who asks: the environment first, then what a person chose in the window. No
 * socket is opened here; the token is looked up with the first request only.
 */
#include "config.h"

#include "attune-hub-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-json.h"

#define ENDPOINT "https://huggingface.co"
#define PATIENCE 500u
#define TIMEOUT 10u
#define LONGEST_TIMEOUT 3600u
#define LONGEST_WORD 4096u

G_DEFINE_QUARK (attune-hub-error-quark, attune_hub_error)

static const char *
get_variable (const char *name)
{
  const char *value = g_getenv (name);

  return value != NULL && *value != '\0' ? value : NULL;
}

/* As the Hub's own client reads them. */
static gboolean
is_switched_on (const char *name)
{
  static const char *const words[] = { "1", "on", "yes", "true", NULL };
  const char *value = get_variable (name);
  g_autofree char *lower = value != NULL ? g_ascii_strdown (value, -1) : NULL;

  return lower != NULL && g_strv_contains (words, lower);
}

static guint
get_timeout (void)
{
  const char *value = get_variable ("HF_HUB_DOWNLOAD_TIMEOUT");
  guint64 seconds;

  if (value == NULL
      || !g_ascii_string_to_unsigned (value, 10, 1, LONGEST_TIMEOUT, &seconds, NULL))
    return TIMEOUT;
  return (guint) seconds;
}

static char *
get_home (void)
{
  const char *home = get_variable ("HF_HOME");

  return home != NULL ? g_strdup (home)
                      : g_build_filename (g_get_user_cache_dir (), "huggingface", NULL);
}

static char *
get_cache (void)
{
  const char *cache = get_variable ("HF_HUB_CACHE");
  g_autofree char *home = get_home ();

  return cache != NULL ? g_strdup (cache) : g_build_filename (home, "hub", NULL);
}

static char *
get_token_path (void)
{
  const char *path = get_variable ("HF_TOKEN_PATH");
  g_autofree char *home = get_home ();

  return path != NULL ? g_strdup (path) : g_build_filename (home, "token", NULL);
}

/**
 * attune_hub_read_word:
 *
 * Returns: (transfer full) (nullable): a small file, such as other programs keep a word in; %NULL
 *   for what is larger or no regular file
 */
char *
attune_hub_read_word (const char *path)
{
  g_autoptr (GBytes) bytes = attune_json_load_file (path, LONGEST_WORD, NULL);

  return bytes != NULL
           ? g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes))
           : NULL;
}

/**
 * attune_hub_find_token:
 *
 * Returns: (transfer full) (nullable): that of HF_TOKEN, or of the file the Hub's own client keeps
 */
char *
attune_hub_find_token (void)
{
  const char *said = get_variable ("HF_TOKEN");
  g_autofree char *path = get_token_path ();
  g_autofree char *text = said != NULL ? g_strdup (said) : attune_hub_read_word (path);

  if (text == NULL)
    return NULL;
  g_strstrip (text);
  return attune_hub_is_token (text) ? g_steal_pointer (&text) : NULL;
}

/**
 * attune_hub_is_token:
 *
 * Returns: whether this can stand in a header: one printable word
 */
gboolean
attune_hub_is_token (const char *text)
{
  gsize length = strnlen (text, LONGEST_WORD + 1);

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isgraph (text[i]))
      return FALSE;

  return length > 0 && length <= LONGEST_WORD;
}

/**
 * attune_hub_find_decider:
 *
 * Returns: (transfer full) (nullable): what attune_hub_new() heeds before it heeds a person: the
 *   name of a variable, or the path of the file in which other programs keep the token
 */
char *
attune_hub_find_decider (AttuneHubChoice choice)
{
  g_autofree char *token = NULL;

  switch (choice)
    {
    case ATTUNE_HUB_CHOICE_ENDPOINT:
      return g_strdup (get_variable ("HF_ENDPOINT") != NULL ? "HF_ENDPOINT" : NULL);
    case ATTUNE_HUB_CHOICE_OFFLINE:
      if (is_switched_on ("HF_HUB_OFFLINE"))
        return g_strdup ("HF_HUB_OFFLINE");
      return g_strdup (is_switched_on ("TRANSFORMERS_OFFLINE") ? "TRANSFORMERS_OFFLINE" : NULL);
    case ATTUNE_HUB_CHOICE_TOKEN:
      token = attune_hub_find_token ();
      if (token == NULL)
        return NULL;
      return get_variable ("HF_TOKEN") != NULL ? g_strdup ("HF_TOKEN") : get_token_path ();
    default:
      g_return_val_if_reached (NULL);
    }
}

/**
 * attune_hub_new:
 * @endpoint: (nullable): address of a mirror, where HF_ENDPOINT names none; %NULL for the Hub's own
 * @offline: never to ask; as HF_HUB_OFFLINE and TRANSFORMERS_OFFLINE
 * @token: (nullable): who asks, where HF_TOKEN and the Hub's own client do not say
 *
 * Returns: (transfer full) (nullable): for one thread; FORMAT when the address is none
 */
AttuneHub *
attune_hub_new (const char  *endpoint,
                gboolean     offline,
                const char  *token,
                GError     **error)
{
  g_autoptr (AttuneHub) self = g_new0 (AttuneHub, 1);
  const char *said = get_variable ("HF_ENDPOINT");
  gsize length;

  if (said == NULL)
    said = endpoint != NULL && *endpoint != '\0' ? endpoint : ENDPOINT;
  self->endpoint = g_strdup (said);
  length = strlen (self->endpoint);
  while (length > 0 && self->endpoint[length - 1] == '/')
    self->endpoint[--length] = '\0';

  self->origin = g_uri_parse (self->endpoint, G_URI_FLAGS_HAS_PASSWORD, NULL);
  if (self->origin == NULL || g_uri_get_host (self->origin) == NULL
      || *g_uri_get_host (self->origin) == '\0' || g_uri_get_query (self->origin) != NULL
      || g_uri_get_fragment (self->origin) != NULL
      || (strcmp (g_uri_get_scheme (self->origin), "https") != 0
          && strcmp (g_uri_get_scheme (self->origin), "http") != 0))
    {
      g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_FORMAT,
                   _("“%s” is no address of a Hub; one looks like %s"),
                   strrchr (said, '@') != NULL ? strrchr (said, '@') + 1 : said, ENDPOINT);
      return NULL;
    }
  self->shown = g_uri_to_string_partial (self->origin, G_URI_HIDE_USERINFO);

  self->offline = offline || is_switched_on ("HF_HUB_OFFLINE")
                  || is_switched_on ("TRANSFORMERS_OFFLINE");
  self->token = attune_hub_find_token ();
  if (self->token == NULL && token != NULL && attune_hub_is_token (token))
    self->token = g_strdup (token);
  self->cache = get_cache ();
  self->patience = PATIENCE;
  self->timeout = get_timeout ();

  return g_steal_pointer (&self);
}

/**
 * attune_hub_free:
 * @self: (nullable): nothing is done for %NULL
 */
void
attune_hub_free (AttuneHub *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->session);
  g_clear_pointer (&self->origin, g_uri_unref);
  g_free (self->endpoint);
  g_free (self->shown);
  g_free (self->token);
  g_free (self->cache);
  g_free (self);
}

gboolean
attune_hub_is_offline (AttuneHub *self)
{
  return self->offline;
}

const char *
attune_hub_get_endpoint (AttuneHub *self)
{
  return self->shown;
}

void
attune_hub_set_patience (AttuneHub *self,
                         guint      milliseconds)
{
  self->patience = milliseconds;
}

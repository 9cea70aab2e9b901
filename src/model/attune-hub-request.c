/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One request at a time, blocking, on a worker thread. Redirects are followed by hand, so that the
 * token stays with the host it is meant for, nothing goes from https to http, and the Hub's own
 * headers are read before another host answers.
 */
#include "config.h"

#include "attune-hub-private.h"

#include <string.h>

#include <glib/gi18n.h>

#define MOST_REDIRECTS 8u
#define MOST_TRIES 5u
#define LONGEST_WAIT 120
#define PIECE 65536u

void
attune_hub_answer_clear (AttuneHubAnswer *self)
{
  g_clear_object (&self->body);
  g_free (self->hash);
  g_free (self->etag);
  g_free (self->code);
  g_free (self->next);
  *self = (AttuneHubAnswer) { .size = -1, .length = -1, .retry_after = -1 };
}

static SoupSession *
get_session (AttuneHub *self)
{
  if (self->session == NULL)
    {
      self->session = soup_session_new_with_options ("user-agent", "attune/" PACKAGE_VERSION,
                                                     "timeout", self->timeout, NULL);
      /* Bytes are wanted as they lie there: ranges and lengths are counted in those. */
      soup_session_remove_feature_by_type (self->session, SOUP_TYPE_CONTENT_DECODER);
    }

  return self->session;
}

static gint64
get_number (SoupMessageHeaders *headers,
            const char         *name)
{
  const char *text = soup_message_headers_get_one (headers, name);
  guint64 number;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &number, NULL))
    return -1;
  return (gint64) number;
}

/* What only the Hub knows; it says it before it sends us elsewhere. */
static void
read_hub_headers (AttuneHubAnswer    *answer,
                  SoupMessageHeaders *headers)
{
  const char *linked = soup_message_headers_get_one (headers, "X-Linked-Etag");

  if (answer->hash == NULL)
    answer->hash = attune_hub_etag_get_hash (
      linked != NULL ? linked : soup_message_headers_get_one (headers, "ETag"));
  if (answer->size < 0)
    answer->size = get_number (headers, "X-Linked-Size");
}

static void
read_headers (AttuneHubAnswer *answer,
              SoupMessage     *message)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  const char *encoding = soup_message_headers_get_one (headers, "Content-Encoding");
  gboolean weak;

  answer->status = soup_message_get_status (message);
  answer->etag = attune_hub_etag_parse (soup_message_headers_get_one (headers, "ETag"), &weak);
  if (weak)
    g_clear_pointer (&answer->etag, g_free);
  answer->code = g_strdup (soup_message_headers_get_one (headers, "X-Error-Code"));
  answer->next = attune_hub_link_get_next (soup_message_headers_get_list (headers, "Link"));
  answer->length = get_number (headers, "Content-Length");
  answer->retry_after
    = attune_hub_retry_after_parse (soup_message_headers_get_one (headers, "Retry-After"));
  answer->is_gzip = encoding != NULL && g_ascii_strcasecmp (encoding, "gzip") == 0;
  if (answer->status == SOUP_STATUS_PARTIAL_CONTENT
      && !attune_hub_range_parse (soup_message_headers_get_one (headers, "Content-Range"),
                                  &answer->first, &answer->total))
    answer->first = answer->total = -1;
}

static SoupMessage *
message_new (AttuneHub  *self,
             const char *method,
             GUri       *uri,
             gint64      first,
             const char *if_range)
{
  SoupMessage *message = soup_message_new_from_uri (method, uri);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  soup_message_headers_replace (headers, "Accept-Encoding", "identity");
  if (first > 0)
    {
      g_autofree char *range = g_strdup_printf ("bytes=%" G_GINT64_FORMAT "-", first);

      soup_message_headers_replace (headers, "Range", range);
      if (if_range != NULL)
        {
          g_autofree char *quoted = g_strdup_printf ("\"%s\"", if_range);

          soup_message_headers_replace (headers, "If-Range", quoted);
        }
    }
  if (attune_hub_may_have_token (self, uri))
    {
      g_autofree char *bearer = g_strconcat ("Bearer ", self->token, NULL);

      soup_message_headers_replace (headers, "Authorization", bearer);
    }

  return message;
}

/**
 * attune_hub_send:
 * @address: of the Hub, or of a page it named
 * @first: the byte to begin with
 * @if_range: (nullable): the ETag of what is there already
 * @answer: (out): to be cleared
 *
 * Returns: whether there was an answer, whatever its status; OFFLINE, CANCELLED, FORMAT (a redirect
 *   that is none, or too many), or what the network says otherwise
 */
gboolean
attune_hub_send (AttuneHub        *self,
                 const char       *method,
                 const char       *address,
                 gint64            first,
                 const char       *if_range,
                 AttuneHubAnswer  *answer,
                 GCancellable     *cancellable,
                 GError          **error)
{
  g_autoptr (GUri) uri = NULL;

  attune_hub_answer_clear (answer);
  if (self->offline)
    {
      g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_OFFLINE,
                   _("The Hub is not asked while offline (HF_HUB_OFFLINE, or “Work Offline” in the "
                     "preferences); switch that off to download"));
      return FALSE;
    }
  uri = g_uri_parse (address, SOUP_HTTP_URI_FLAGS, error);
  if (uri == NULL)
    return FALSE;

  for (guint i = 0; i <= MOST_REDIRECTS; i++)
    {
      g_autoptr (SoupMessage) message = message_new (self, method, uri, first, if_range);
      g_autoptr (GInputStream) body = soup_session_send (get_session (self), message, cancellable,
                                                         error);
      g_autoptr (GUri) next = NULL;

      if (body == NULL)
        return FALSE;
      if (i == 0 || attune_hub_speaks (self, uri))
        read_hub_headers (answer, soup_message_get_response_headers (message));
      if (!SOUP_STATUS_IS_REDIRECTION (soup_message_get_status (message)))
        {
          read_headers (answer, message);
          answer->body = g_steal_pointer (&body);
          return TRUE;
        }
      next = attune_hub_follow (
        uri, soup_message_headers_get_one (soup_message_get_response_headers (message), "Location"),
        error);
      if (next == NULL)
        return FALSE;
      g_uri_unref (uri);
      uri = g_steal_pointer (&next);
    }

  g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_FORMAT,
               _("The Hub sends on from one address to the next without end; try again later, or "
                 "check the address of the Hub"));
  return FALSE;
}

static gboolean
sleep_for (gint64         milliseconds,
           GCancellable  *cancellable,
           GError       **error)
{
  gint64 end = g_get_monotonic_time () + milliseconds * 1000;

  while (g_get_monotonic_time () < end)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      g_usleep ((gulong) MIN (20000, MAX (1, end - g_get_monotonic_time ())));
    }

  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

/* The network's own trouble, which may pass; not a name that nobody knows or a wrong certificate. */
static gboolean
may_pass (const AttuneHubAnswer *answer,
          const GError          *failure)
{
  if (failure != NULL)
    return failure->domain == G_IO_ERROR && failure->code != G_IO_ERROR_CANCELLED
           && failure->code != G_IO_ERROR_NO_SPACE;

  return answer->status == SOUP_STATUS_REQUEST_TIMEOUT || answer->status == 429
         || SOUP_STATUS_IS_SERVER_ERROR (answer->status)
         || answer->status == SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE;
}

/**
 * attune_hub_wait:
 * @failure: (nullable): why there was no answer, or no whole one
 * @tries: (inout): how many there were without a new byte
 *
 * Returns: whether to try again, after a wait as long as the Hub asks for, or twice the last one;
 *   CANCELLED sets @error
 */
gboolean
attune_hub_wait (AttuneHub              *self,
                 const AttuneHubAnswer  *answer,
                 const GError           *failure,
                 guint                  *tries,
                 GCancellable           *cancellable,
                 GError                **error)
{
  gint64 wait = (gint64) self->patience << MIN (*tries, 10u);

  if (++*tries >= MOST_TRIES || !may_pass (answer, failure))
    return FALSE;
  if (failure == NULL && answer->retry_after >= 0)
    {
      if (answer->retry_after > LONGEST_WAIT)
        return FALSE;
      wait = answer->retry_after * 1000;
    }

  return sleep_for (wait, cancellable, error);
}

static void
explain_status (AttuneHub              *self,
                const AttuneHubAnswer  *answer,
                const char             *what,
                GError                **error)
{
  const char *code = answer->code != NULL ? answer->code : "";

  if (strcmp (code, "GatedRepo") == 0)
    g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_FORBIDDEN,
                 _("“%s” is gated: accept its terms at %s/%s in a browser, and give Attune your "
                   "token of the Hub (HF_TOKEN, or in the preferences)"),
                 what, self->shown, what);
  else if (strcmp (code, "RevisionNotFound") == 0)
    g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_NOT_FOUND,
                 _("“%s” has no such revision on the Hub; leave it out for the newest"), what);
  else if (strcmp (code, "RepoNotFound") == 0 || strcmp (code, "EntryNotFound") == 0
           || answer->status == SOUP_STATUS_NOT_FOUND || answer->status == SOUP_STATUS_GONE)
    g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_NOT_FOUND,
                 _("There is no “%s” on the Hub at %s; check its name (a private one needs a "
                   "token)"),
                 what, self->shown);
  else if (answer->status == SOUP_STATUS_UNAUTHORIZED || answer->status == SOUP_STATUS_FORBIDDEN)
    g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_FORBIDDEN,
                 self->token != NULL
                   ? _("The Hub does not give “%s” to the token it was sent; check that the token "
                       "is valid and may read it")
                   : _("The Hub gives “%s” only to whom it knows; check the name, or give Attune "
                       "your token (HF_TOKEN, or in the preferences)"),
                 what);
  else if (answer->status == 429)
    g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_UNREACHABLE,
                 _("The Hub is asked too often and wants a pause; try again in a few minutes"));
  else
    g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_UNREACHABLE,
                 _("The Hub at %s answers “%s” with status %u; try again later"), self->shown,
                 what, answer->status);
}

/**
 * attune_hub_explain:
 * @failure: (nullable): %NULL when there was an answer
 * @what: the name of the model or data set
 */
void
attune_hub_explain (AttuneHub              *self,
                    const AttuneHubAnswer  *answer,
                    const GError           *failure,
                    const char             *what,
                    GError                **error)
{
  if (failure == NULL)
    explain_status (self, answer, what, error);
  else if (failure->domain == ATTUNE_HUB_ERROR
           || g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED)
           || g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    g_propagate_error (error, g_error_copy (failure));
  else
    g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_UNREACHABLE,
                 _("The Hub at %s cannot be reached (%s); check the connection and try again"),
                 self->shown, failure->message);
}

/**
 * attune_hub_answer_open:
 *
 * Returns: (transfer full): the body; unpacked, where it was packed although nobody asked for that
 */
GInputStream *
attune_hub_answer_open (const AttuneHubAnswer *self)
{
  g_autoptr (GZlibDecompressor) gzip = NULL;

  if (!self->is_gzip)
    return g_object_ref (self->body);
  gzip = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  return g_converter_input_stream_new (self->body, G_CONVERTER (gzip));
}

/* All of it, up to what an answer in words may be. */
static GBytes *
read_all (const AttuneHubAnswer  *answer,
          const char             *what,
          GCancellable           *cancellable,
          GError                **error)
{
  g_autoptr (GInputStream) stream = attune_hub_answer_open (answer);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint8 piece[PIECE / 16];
  gssize n;

  while ((n = g_input_stream_read (stream, piece, sizeof piece, cancellable, error)) > 0)
    {
      if (bytes->len + (gsize) n > ATTUNE_HUB_MAX_JSON)
        {
          g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_FORMAT,
                       _("The Hub’s answer about “%s” is longer than %u bytes; it was not read"),
                       what, ATTUNE_HUB_MAX_JSON);
          return NULL;
        }
      g_byte_array_append (bytes, piece, (guint) n);
    }
  if (n < 0)
    return NULL;
  if (!answer->is_gzip && answer->length >= 0 && (gint64) bytes->len < answer->length)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, _("the answer was cut off"));
      return NULL;
    }

  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

/**
 * attune_hub_get_json:
 * @what: the name of what is asked about, for errors
 * @next: (out) (optional) (nullable): address of the page after this one
 *
 * Returns: (transfer full) (nullable): the whole answer, unread; a hub error or CANCELLED otherwise
 */
GBytes *
attune_hub_get_json (AttuneHub     *self,
                     const char    *address,
                     const char    *what,
                     char         **next,
                     GCancellable  *cancellable,
                     GError       **error)
{
  guint tries = 0;

  for (;;)
    {
      g_auto (AttuneHubAnswer) answer = { 0 };
      g_autoptr (GError) failure = NULL, stopped = NULL;

      if (attune_hub_send (self, "GET", address, 0, NULL, &answer, cancellable, &failure)
          && answer.status == SOUP_STATUS_OK)
        {
          GBytes *bytes = read_all (&answer, what, cancellable, &failure);

          if (bytes != NULL)
            {
              if (next != NULL)
                *next = g_steal_pointer (&answer.next);
              return bytes;
            }
        }
      if (!attune_hub_wait (self, &answer, failure, &tries, cancellable, &stopped))
        {
          attune_hub_explain (self, &answer, stopped != NULL ? stopped : failure, what, error);
          return NULL;
        }
    }
}

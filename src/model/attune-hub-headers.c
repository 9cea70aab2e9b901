/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The headers that a download turns on: what the bytes are (ETag), which of them come
 * (Content-Range), when to come again (Retry-After), where the list goes on (Link). Any thread.
 */
#include "config.h"

#include <string.h>

#include "attune-hub-answer.h"

#define MAX_HEADER_LENGTH 4096u

/**
 * attune_hub_etag_parse:
 * @etag: (nullable): 'W/"…"', '"…"' or the bare word
 * @weak: (out): whether it began with W/
 *
 * Returns: (transfer full) (nullable): what stands between the quotation marks
 */
char *
attune_hub_etag_parse (const char *etag,
                       gboolean   *weak)
{
  gsize length;

  *weak = FALSE;
  if (etag == NULL || strlen (etag) > MAX_HEADER_LENGTH)
    return NULL;
  if (g_str_has_prefix (etag, "W/"))
    {
      *weak = TRUE;
      etag += 2;
    }
  length = strlen (etag);
  if (length >= 2 && etag[0] == '"' && etag[length - 1] == '"')
    return length > 2 ? g_strndup (etag + 1, length - 2) : NULL;

  return length > 0 && strchr (etag, '"') == NULL ? g_strdup (etag) : NULL;
}

/**
 * attune_hub_etag_get_hash:
 *
 * Returns: (transfer full) (nullable): the sha256 or git blob that the Hub's ETags are; %NULL for
 *   one of another making
 */
char *
attune_hub_etag_get_hash (const char *etag)
{
  gboolean weak;
  g_autofree char *word = attune_hub_etag_parse (etag, &weak);
  gsize length = word != NULL ? strlen (word) : 0;

  if ((length != 40 && length != 64) || strspn (word, "0123456789abcdef") != length)
    return NULL;
  return g_steal_pointer (&word);
}

static gboolean
read_number (const char **text,
             gint64      *number)
{
  char *end;

  if (!g_ascii_isdigit (**text))
    return FALSE;
  *number = g_ascii_strtoll (*text, &end, 10);
  *text = end;

  return *number >= 0 && *number < G_MAXINT64;
}

/**
 * attune_hub_range_parse:
 * @content_range: (nullable): "bytes 5-9/10"; "bytes 5-9/" and a star for a length that is unknown
 * @total: (out): -1 when unknown
 *
 * Returns: whether it says which bytes come
 */
gboolean
attune_hub_range_parse (const char *content_range,
                        gint64     *first,
                        gint64     *total)
{
  gint64 last;

  if (content_range == NULL || g_ascii_strncasecmp (content_range, "bytes ", 6) != 0)
    return FALSE;
  content_range += 6;
  if (!read_number (&content_range, first) || *content_range++ != '-'
      || !read_number (&content_range, &last) || last < *first || *content_range++ != '/')
    return FALSE;
  if (strcmp (content_range, "*") == 0)
    {
      *total = -1;
      return TRUE;
    }

  return read_number (&content_range, total) && *content_range == '\0' && last < *total;
}

/**
 * attune_hub_retry_after_parse:
 * @retry_after: (nullable): seconds, or a date
 *
 * Returns: seconds, at most a day; -1 when not said or said as a date
 */
gint64
attune_hub_retry_after_parse (const char *retry_after)
{
  gint64 seconds;

  if (retry_after == NULL || strlen (retry_after) > MAX_HEADER_LENGTH)
    return -1;
  if (read_number (&retry_after, &seconds))
    return *retry_after == '\0' ? MIN (seconds, 86400) : -1;

  return -1;
}

/**
 * attune_hub_link_get_next:
 * @link: (nullable): '<https://…>; rel="next", <…>; rel="last"'
 *
 * Returns: (transfer full) (nullable): the address of the next page
 */
char *
attune_hub_link_get_next (const char *link)
{
  while (link != NULL && *link != '\0' && strlen (link) <= MAX_HEADER_LENGTH)
    {
      const char *open = strchr (link, '<');
      const char *close = open != NULL ? strchr (open, '>') : NULL;
      const char *end;
      g_autofree char *parameters = NULL;

      if (close == NULL)
        return NULL;
      end = strchr (close, '<');
      parameters = end != NULL ? g_strndup (close + 1, (gsize) (end - close - 1))
                               : g_strdup (close + 1);
      if (strstr (parameters, "rel=\"next\"") != NULL || strstr (parameters, "rel=next") != NULL)
        return g_strndup (open + 1, (gsize) (close - open - 1));
      link = end;
    }

  return NULL;
}

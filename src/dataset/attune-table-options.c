/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names of table options, both ways. Any thread.
 */
#include "config.h"

#include "attune-table-options.h"

#include <string.h>

/* By their numbers; what is to be detected comes first. */
static const char *const format_names[] = { NULL,    "delimited", "label-first", "fasttext",
                                            "jsonl", "json",      "parquet",     "folders" };
static const char *const quoting_names[] = { NULL, "rfc4180", "none" };
static const char *const header_names[] = { NULL, "yes", "no" };

static const struct {
  const char *name;
  char delimiter;
} delimiters[] = {
  { "comma", ',' }, { "tab", '\t' }, { "semicolon", ';' }, { "bar", '|' }, { "space", ' ' },
  { "colon", ':' }, { "caret", '^' }, { "tilde", '~' },     { "U+0001", '\x01' }, { "U+001F", '\x1f' },
};

/* 0 if there is no such name. */
static guint
find_name (const char *const *names,
           guint              n,
           const char        *name)
{
  for (guint i = 1; i < n; i++)
    if (g_ascii_strcasecmp (names[i], name) == 0)
      return i;
  return 0;
}

gboolean
attune_format_from_name (const char   *name,
                         AttuneFormat *format)
{
  guint found = find_name (format_names, G_N_ELEMENTS (format_names), name);

  if (found == 0 && (g_ascii_strcasecmp (name, "csv") == 0 || g_ascii_strcasecmp (name, "tsv") == 0))
    found = ATTUNE_FORMAT_DELIMITED;
  if (found > 0)
    *format = (AttuneFormat) found;
  return found > 0;
}

const char *
attune_format_get_name (AttuneFormat format)
{
  return format_names[format];
}

gboolean
attune_delimiter_from_name (const char *name,
                            char       *delimiter)
{
  char found = '\0';

  for (guint i = 0; i < G_N_ELEMENTS (delimiters); i++)
    if (g_ascii_strcasecmp (delimiters[i].name, name) == 0)
      found = delimiters[i].delimiter;
  if (g_str_equal (name, "\\t"))
    found = '\t';
  else if (strlen (name) == 1 && (guchar) *name < 0x80 && strchr ("\"\n\r", *name) == NULL)
    found = *name;
  if (found != '\0')
    *delimiter = found;
  return found != '\0';
}

char *
attune_delimiter_get_name (char delimiter)
{
  for (guint i = 0; i < G_N_ELEMENTS (delimiters); i++)
    if (delimiters[i].delimiter == delimiter)
      return g_strdup (delimiters[i].name);
  return delimiter != '\0' ? g_strndup (&delimiter, 1) : NULL;
}

gboolean
attune_quoting_from_name (const char    *name,
                          AttuneQuoting *quoting)
{
  guint found = find_name (quoting_names, G_N_ELEMENTS (quoting_names), name);

  if (found > 0)
    *quoting = (AttuneQuoting) found;
  return found > 0;
}

const char *
attune_quoting_get_name (AttuneQuoting quoting)
{
  return quoting_names[quoting];
}

gboolean
attune_header_from_name (const char   *name,
                         AttuneHeader *header)
{
  guint found = find_name (header_names, G_N_ELEMENTS (header_names), name);

  if (found > 0)
    *header = (AttuneHeader) found;
  return found > 0;
}

const char *
attune_header_get_name (AttuneHeader header)
{
  return header_names[header];
}

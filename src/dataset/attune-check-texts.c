/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be wrong with a text by itself: nothing in it, characters lost in an earlier conversion,
 * control characters, markup, and words that a tokenizer takes for its own.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "attune-check-parts.h"

#define CANCEL_EVERY 4096u

/* Whether there is nothing in a text that a tokenizer would keep. */
static gboolean
text_is_blank (const char *text,
               gsize       length)
{
  const char *end = text + length;

  if (length > 0 && g_ascii_isgraph (*text))
    return FALSE;
  for (; text < end; text = g_utf8_next_char (text))
    {
      gunichar c = g_utf8_get_char (text);
      GUnicodeType type = g_unichar_type (c);

      if (!g_unichar_isspace (c) && type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT
          && type != G_UNICODE_PRIVATE_USE && c != 0xfffd)
        return FALSE;
    }
  return TRUE;
}

gboolean
attune_check_row_is_blank (AttuneDataset *dataset,
                           guint          row)
{
  gsize length, pair_length;
  const char *text = attune_dataset_get_text (dataset, row, &length);
  const char *pair = attune_dataset_get_pair (dataset, row, &pair_length);

  return text_is_blank (text, length) && (pair == NULL || text_is_blank (pair, pair_length));
}

static gboolean
has_control (const char *text,
             gsize       length)
{
  for (gsize i = 0; i < length; i++)
    if (g_ascii_iscntrl (text[i]) && text[i] != '\t' && text[i] != '\n' && text[i] != '\r')
      return TRUE;
  return FALSE;
}

/* Exactly as written: these are the words that become special ids. */
static gboolean
has_special_token (const char *text,
                   gsize       length)
{
  static const char *const tokens[] = { "[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]" };
  const char *end = text + length;

  for (const char *p = text; (p = memchr (p, '[', (gsize) (end - p))) != NULL; p++)
    for (guint i = 0; i < G_N_ELEMENTS (tokens); i++)
      {
        gsize n = strlen (tokens[i]);

        if ((gsize) (end - p) >= n && memcmp (p, tokens[i], n) == 0)
          return TRUE;
      }
  return FALSE;
}

/* "<br />", "</p>", "<a href=…>"; but not "<3", "a < b" or "<unknown>". */
static gboolean
is_tag (const char *text,
        const char *end)
{
  static const char *const names[] = { "a", "b", "br", "div", "em", "font", "h1", "h2", "h3", "hr",
                                       "i", "img", "li", "ol", "p", "span", "strong", "table", "td",
                                       "tr", "u", "ul" };
  const char *name = text + 1 + (end - text > 1 && text[1] == '/');
  const char *p = name;

  while (p < end && g_ascii_isalnum (*p))
    p++;
  if (p == end || strchr (" />\t\n", *p) == NULL
      || memchr (p, '>', MIN ((gsize) (end - p), 2000)) == NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strlen (names[i]) == (gsize) (p - name)
        && g_ascii_strncasecmp (names[i], name, (gsize) (p - name)) == 0)
      return TRUE;
  return FALSE;
}

/* "&amp;", "&#39;", "&nbsp;". */
static gboolean
is_entity (const char *text,
           const char *end)
{
  static const char *const names[] = { "amp;", "lt;", "gt;", "quot;", "apos;", "nbsp;" };
  const char *p = text + 1;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if ((gsize) (end - p) >= strlen (names[i]) && memcmp (p, names[i], strlen (names[i])) == 0)
      return TRUE;
  if (p == end || *p != '#')
    return FALSE;
  p++;
  while (p < end && (g_ascii_isxdigit (*p) || *p == 'x'))
    p++;
  return p < end && *p == ';' && p - text > 2;
}

static gboolean
has_markup (const char *text,
            gsize       length)
{
  const char *end = text + length;

  for (const char *p = text; (p = memchr (p, '<', (gsize) (end - p))) != NULL; p++)
    if (is_tag (p, end))
      return TRUE;
  for (const char *p = text; (p = memchr (p, '&', (gsize) (end - p))) != NULL; p++)
    if (is_entity (p, end))
      return TRUE;
  return FALSE;
}

typedef enum {
  EMPTY,
  DAMAGED,
  CONTROL,
  SPECIAL,
  MARKUP,
  N_FAULTS,
} Fault;

static void
look_at_text (AttuneFound *found,
              guint        row,
              const char  *text,
              gsize        length)
{
  if (memmem (text, length, "\xef\xbf\xbd", 3) != NULL)
    attune_found_add (&found[DAMAGED], row);
  if (has_control (text, length))
    attune_found_add (&found[CONTROL], row);
  if (has_special_token (text, length))
    attune_found_add (&found[SPECIAL], row);
  if (has_markup (text, length))
    attune_found_add (&found[MARKUP], row);
}

static void
report_empty (GPtrArray     *findings,
              AttuneDataset *dataset,
              AttuneFound   *empty)
{
  guint n_rows = attune_dataset_get_n_rows (dataset) - attune_dataset_get_n_dropped (dataset);
  guint n = empty->count;

  if (n > 0 && n == n_rows)
    attune_check_report (findings, ATTUNE_SEVERITY_BLOCKS, "empty-texts", empty,
                         g_strdup (_("Every text is empty; choose another text column")));
  else if (n > 0)
    attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "empty-texts", empty,
                         g_strdup_printf (ngettext ("%'u text is empty or has nothing visible "
                                                    "in it",
                                                    "%'u texts are empty or have nothing "
                                                    "visible in them", n), n))
      ->remedy = attune_remedy_new_drop (ATTUNE_DROP_EMPTY, n);
}

static void
report_rest (GPtrArray   *findings,
             AttuneFound *found)
{
  guint n = found[DAMAGED].count;

  if (n > 0)
    attune_check_report (findings, ATTUNE_SEVERITY_INFO, "damaged-texts", &found[DAMAGED],
                         g_strdup_printf (ngettext ("%'u text holds the character “�”, lost in an "
                                                    "earlier conversion",
                                                    "%'u texts hold the character “�”, lost in an "
                                                    "earlier conversion", n), n));
  n = found[SPECIAL].count;
  if (n > 0)
    attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "special-tokens", &found[SPECIAL],
                         g_strdup_printf (ngettext ("%'u text holds a word such as [SEP] or [MASK] "
                                                    "that the model takes for a sign of its own",
                                                    "%'u texts hold words such as [SEP] or [MASK] "
                                                    "that the model takes for signs of its own",
                                                    n), n));
  n = found[CONTROL].count;
  if (n > 0)
    attune_check_report (findings, ATTUNE_SEVERITY_INFO, "control-characters", &found[CONTROL],
                         g_strdup_printf (ngettext ("%'u text holds control characters, which the "
                                                    "model does not see",
                                                    "%'u texts hold control characters, which the "
                                                    "model does not see", n), n));
  n = found[MARKUP].count;
  if (n > 0)
    attune_check_report (findings, ATTUNE_SEVERITY_INFO, "markup", &found[MARKUP],
                         g_strdup_printf (ngettext ("%'u text holds markup such as <br> or &amp;, "
                                                    "which the model reads as words",
                                                    "%'u texts hold markup such as <br> or &amp;, "
                                                    "which the model reads as words", n), n));
}

gboolean
attune_check_texts (GPtrArray     *findings,
                    AttuneDataset *dataset,
                    GCancellable  *cancellable)
{
  AttuneFound found[N_FAULTS];
  gboolean cancelled = FALSE;

  for (guint i = 0; i < N_FAULTS; i++)
    found[i] = attune_found_new ();
  for (guint row = 0; row < attune_dataset_get_n_rows (dataset) && !cancelled; row++)
    {
      gsize length;
      const char *text = attune_dataset_get_text (dataset, row, &length);

      cancelled = row % CANCEL_EVERY == 0 && g_cancellable_is_cancelled (cancellable);
      if (attune_dataset_is_dropped (dataset, row))
        continue;
      if (attune_check_row_is_blank (dataset, row))
        attune_found_add (&found[EMPTY], row);
      else
        look_at_text (found, row, text, length);
    }
  if (!cancelled)
    {
      report_empty (findings, dataset, &found[EMPTY]);
      report_rest (findings, found);
    }
  for (guint i = 0; i < N_FAULTS; i++)
    attune_found_clear (&found[i]);
  return !cancelled;
}

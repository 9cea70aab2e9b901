/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tables of the licences and languages that are met most on the Hub. Not complete, and need not be:
 * a code that is not in them stays a code.
 */
#include "config.h"

#include "attune-model-words.h"

#include <glib/gi18n.h>

typedef struct
{
  const char *code;
  const char *words;
} Word;

/* Names, not translated. */
static const Word licences[] = {
  { "apache-2.0", "Apache 2.0" },
  { "mit", "MIT" },
  { "bsd-3-clause", "BSD 3-Clause" },
  { "cc0-1.0", "CC0 1.0" },
  { "cc-by-4.0", "CC BY 4.0" },
  { "cc-by-sa-4.0", "CC BY-SA 4.0" },
  { "cc-by-nc-4.0", "CC BY-NC 4.0" },
  { "cc-by-nc-sa-4.0", "CC BY-NC-SA 4.0" },
  { "gpl-3.0", "GPL 3.0" },
  { "agpl-3.0", "AGPL 3.0" },
};

static const Word languages_by_code[] = {
  { "ar", N_("Arabic") },     { "cs", N_("Czech") },      { "da", N_("Danish") },
  { "de", N_("German") },     { "el", N_("Greek") },      { "en", N_("English") },
  { "es", N_("Spanish") },    { "fa", N_("Persian") },    { "fi", N_("Finnish") },
  { "fr", N_("French") },     { "he", N_("Hebrew") },     { "hi", N_("Hindi") },
  { "hu", N_("Hungarian") },  { "id", N_("Indonesian") }, { "it", N_("Italian") },
  { "ja", N_("Japanese") },   { "ko", N_("Korean") },     { "nl", N_("Dutch") },
  { "no", N_("Norwegian") },  { "pl", N_("Polish") },     { "pt", N_("Portuguese") },
  { "ro", N_("Romanian") },   { "ru", N_("Russian") },    { "sv", N_("Swedish") },
  { "th", N_("Thai") },       { "tr", N_("Turkish") },    { "uk", N_("Ukrainian") },
  { "vi", N_("Vietnamese") }, { "zh", N_("Chinese") },
  { "multilingual", N_("many languages") },
};

static const char *
find_word (const Word *table, gsize n, const char *code)
{
  for (gsize i = 0; i < n; i++)
    if (g_ascii_strcasecmp (table[i].code, code) == 0)
      return table[i].words;
  return NULL;
}

char *
attune_model_words_for_licence (const char *licence)
{
  const char *words = find_word (licences, G_N_ELEMENTS (licences), licence);

  return g_strdup (words != NULL ? words : licence);
}

char *
attune_model_words_for_languages (const char *languages)
{
  g_auto (GStrv) codes = g_strsplit (languages, ", ", -1);

  for (guint i = 0; codes[i] != NULL; i++)
    {
      const char *words = find_word (languages_by_code, G_N_ELEMENTS (languages_by_code), codes[i]);

      /* What is no code is a name already, perhaps one of this program's own. */
      if (words != NULL || *codes[i] != '\0')
        g_set_str (&codes[i], _(words != NULL ? words : codes[i]));
    }
  return g_strjoinv (", ", codes);
}

char *
attune_model_words_for_progress (guint64 done, guint64 total)
{
  double has = (double) done, of = (double) total;

  /* Translators: bytes that have come, of how many. */
  if (total >= 1000 * 1000 * 1000)
    return g_strdup_printf (_("%.2f of %.2f GB"), has / 1e9, of / 1e9);
  if (total >= 1000 * 1000)
    return g_strdup_printf (_("%.0f of %.0f MB"), has / 1e6, of / 1e6);
  return g_strdup_printf (_("%.0f of %.0f kB"), has / 1e3, of / 1e3);
}

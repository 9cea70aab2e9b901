/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The guess is uchardet's, which knows how often which letters follow one another in which language.
 * It needs some bytes for that: a few that stand alone among ASCII are taken for Windows-1252, the
 * encoding of most such files, which is ISO-8859-1 where that has letters. Any thread.
 */
#include "config.h"

#include "attune-encoding-guess.h"

#include <string.h>
#include <uchardet.h>

#define MOST_BYTES ((gsize) 1024 * 1024)
/* Fewer bytes beyond ASCII tell nothing of how often they occur. */
#define FEWEST_BYTES 24u
/* Bytes that Windows-1252 has no character for. */
#define UNDEFINED "\x81\x8d\x8f\x90\x9d"

typedef struct {
  guint n_bytes;    /* beyond ASCII and in no valid sequence of UTF-8 */
  guint n_lonely;   /* … with ASCII on both sides */
  guint n_odd;      /* … that Windows-1252 does not have */
  guint n_utf8;     /* valid sequences of UTF-8 beyond ASCII */
} Facts;

static gboolean
is_ascii (const char *data,
          gsize       length,
          gsize       at)
{
  return at >= length || (guint8) data[at] < 0x80;
}

static Facts
look (const char *data,
      gsize       length)
{
  Facts facts = { 0 };

  for (gsize at = 0; at < length;)
    {
      gunichar c;

      if ((guint8) data[at] < 0x80)
        {
          at++;
          continue;
        }
      c = g_utf8_get_char_validated (data + at, (gssize) (length - at));
      if (c != (gunichar) -1 && c != (gunichar) -2)
        {
          facts.n_utf8++;
          at = (gsize) (g_utf8_next_char (data + at) - data);
          continue;
        }
      facts.n_bytes++;
      facts.n_odd += strchr (UNDEFINED, data[at]) != NULL;
      facts.n_lonely += (at == 0 || is_ascii (data, length, at - 1))
                        && is_ascii (data, length, at + 1);
      at++;
    }
  return facts;
}

static char *
ask_uchardet (const char *data,
              gsize       length)
{
  uchardet_t detector = uchardet_new ();
  char *name = NULL;

  if (uchardet_handle_data (detector, data, length) == 0)
    {
      uchardet_data_end (detector);
      name = g_strdup (uchardet_get_charset (detector));
    }
  uchardet_delete (detector);
  if (name != NULL && (*name == '\0' || g_str_equal (name, "ASCII") || g_str_equal (name, "UTF-8")))
    g_clear_pointer (&name, g_free);
  return name;
}

char *
attune_encoding_guess (const char *data,
                       gsize       length,
                       gsize       first)
{
  /* What is looked at begins with the line of the first bad byte. */
  gsize from = first, n;
  Facts facts;

  while (from > 0 && first - from < 4096 && data[from - 1] != '\n')
    from--;
  n = MIN (length - from, MOST_BYTES);
  facts = look (data, length - from > MOST_BYTES ? first + MOST_BYTES / 2 : length);
  /* Of the bytes of Chinese and Japanese encodings some look like UTF-8, but fewer than do not. */
  if (facts.n_utf8 >= facts.n_bytes)
    return NULL;
  if (facts.n_bytes < FEWEST_BYTES)
    return facts.n_odd == 0 && facts.n_lonely == facts.n_bytes ? g_strdup ("WINDOWS-1252") : NULL;
  return ask_uchardet (data + from, n);
}

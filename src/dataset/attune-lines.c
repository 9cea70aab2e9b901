/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The readers of lines that begin with their label: "label text", as in TREC and SST-2, and fastText
 * with "__label__a __label__b text". In TREC a label is "COARSE:fine"; both become a column. Any
 * thread.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

#include "attune-dialect.h"
#include "attune-reader.h"
#include "attune-table-builder.h"

#define FASTTEXT_MARK "__label__"
#define LINES_LOOKED_AT 2000u
#define LONGEST_LABEL 50u
#define MOST_LABELS_OF_A_LINE 1000u

typedef struct {
  const char *start;
  const char *end;
} Span;

typedef struct {
  const char *at;
  const char *end;
  guint64 line; /* of the span that was given last, from 1 */
} Lines;

/* The next line without its end, which is LF, CR LF or a lone CR; blank ones are passed over. */
static gboolean
next_line (Lines *self,
           Span  *span)
{
  while (self->at < self->end)
    {
      const char *stop = self->at;

      while (stop < self->end && *stop != '\n' && *stop != '\r')
        stop++;
      *span = (Span) { self->at, stop };
      self->at = stop + (stop < self->end);
      if (stop < self->end && *stop == '\r' && self->at < self->end && *self->at == '\n')
        self->at++;
      self->line++;
      while (span->start < span->end && (*span->start == ' ' || *span->start == '\t'))
        span->start++;
      if (span->start < span->end)
        return TRUE;
    }
  return FALSE;
}

/* Up to a space or tab, which are stepped over. */
static Span
next_word (Span *rest)
{
  Span word = *rest;

  while (rest->start < rest->end && *rest->start != ' ' && *rest->start != '\t')
    rest->start++;
  word.end = rest->start;
  while (rest->start < rest->end && (*rest->start == ' ' || *rest->start == '\t'))
    rest->start++;
  return word;
}

static gboolean
span_has_prefix (const Span *span,
                 const char *prefix)
{
  gsize n = strlen (prefix);

  return (gsize) (span->end - span->start) >= n && memcmp (span->start, prefix, n) == 0;
}

static gboolean
detect_fasttext (const AttuneReading *reading)
{
  Lines lines = { reading->source.data, reading->source.data + reading->source.length, 0 };
  guint n = 0, n_marked = 0;
  Span span;

  for (; n < LINES_LOOKED_AT && next_line (&lines, &span); n++)
    n_marked += span_has_prefix (&span, FASTTEXT_MARK);
  return n_marked > 0 && n_marked * 10 >= n * 9;
}

/* What the first words of lines are like. */
typedef struct {
  guint n;
  guint n_tabs;     /* lines with a tab */
  guint n_distinct;
  guint n_numbers;  /* words that are whole numbers */
  guint n_colons;   /* words of two parts with a colon between them */
  gboolean fits;    /* every line has a short first word, and a text behind it */
} FirstWords;

static gboolean
is_number (const Span *word)
{
  const char *at = word->start + (*word->start == '-' || *word->start == '+');

  if (at == word->end)
    return FALSE;
  while (at < word->end && g_ascii_isdigit (*at))
    at++;
  return at == word->end;
}

static const char *
find_colon (const Span *word)
{
  const char *colon = memchr (word->start, ':', (gsize) (word->end - word->start));

  return colon != NULL && colon > word->start && colon + 1 < word->end ? colon : NULL;
}

static FirstWords
look_at_first_words (const AttuneReading *reading)
{
  Lines lines = { reading->source.data, reading->source.data + reading->source.length, 0 };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  FirstWords facts = { .fits = TRUE };
  Span span;

  while (facts.fits && facts.n < LINES_LOOKED_AT && next_line (&lines, &span))
    {
      Span word;

      facts.n_tabs += memchr (span.start, '\t', (gsize) (span.end - span.start)) != NULL;
      word = next_word (&span);
      facts.fits = word.end - word.start <= LONGEST_LABEL && span.start < span.end;
      facts.n_numbers += is_number (&word);
      facts.n_colons += find_colon (&word) != NULL;
      /* A word that does not fit may be all of a file that has no line ends. */
      if (facts.fits)
        g_hash_table_add (seen, g_strndup (word.start, (gsize) (word.end - word.start)));
      facts.n++;
    }
  facts.n_distinct = g_hash_table_size (seen);
  return facts;
}

/* Labels are few and repeat; so do the first words of prose, but there are far more of them. A text
 * that a delimiter cuts into even rows is a table whatever its lines begin with. */
static gboolean
detect_label_first (const AttuneReading *reading)
{
  FirstWords facts = look_at_first_words (reading);
  gboolean all_alike = facts.n_numbers == facts.n || facts.n_colons == facts.n;

  if (!facts.fits || facts.n < 2 || facts.n_tabs * 2 > facts.n || facts.n_distinct < 2
      || facts.n_distinct * (all_alike ? 2 : 8) > facts.n)
    return FALSE;
  return !attune_dialect_is_table (reading->source.data, reading->source.length);
}

static gboolean
set_line_error (const AttuneReading *reading,
                guint64              line,
                const char          *what,
                GError             **error)
{
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_SYNTAX,
               _("%s: line %" PRIu64 ": %s"), reading->name, line, what);
  return FALSE;
}

static gboolean
is_cancelled (AttuneReading *reading,
              const Lines   *lines,
              GError       **error)
{
  if (lines->line % 4096 != 0)
    return FALSE;
  attune_progress_say (reading->progress, (double) (lines->at - reading->source.data)
                                            / MAX (reading->source.length, 1));
  return g_cancellable_set_error_if_cancelled (reading->cancellable, error);
}

static gboolean
add_span (AttuneTableBuilder *builder,
          const Span         *span,
          guint64             line,
          GError            **error)
{
  const char *end = span->end;

  while (end > span->start && (end[-1] == ' ' || end[-1] == '\t'))
    end--;
  return attune_table_builder_add_cell (builder, span->start, (gsize) (end - span->start), line,
                                        error);
}

static gboolean
add_columns (AttuneTableBuilder *builder,
             gboolean            is_list,
             gboolean            has_fine,
             GError            **error)
{
  return attune_table_builder_add_column (builder, "label", is_list, NULL, error)
         && (!has_fine
             || attune_table_builder_add_column (builder, "fine_label", FALSE, NULL, error))
         && attune_table_builder_add_column (builder, "text", FALSE, NULL, error);
}

static AttuneTable *
finish (AttuneReading       *reading,
        AttuneTableBuilder  *builder,
        GError             **error)
{
  return attune_table_builder_finish (builder, reading->file, NULL, reading->n_bytes,
                                      &reading->options, error);
}

static gboolean
add_label_first (AttuneReading      *reading,
                 AttuneTableBuilder *builder,
                 gboolean            has_fine,
                 GError            **error)
{
  Lines lines = { reading->source.data, reading->source.data + reading->source.length, 0 };
  Span span;

  while (next_line (&lines, &span))
    {
      Span word = next_word (&span), coarse = word;

      if (is_cancelled (reading, &lines, error))
        return FALSE;
      attune_source_release (&reading->source, (gsize) (word.start - reading->source.data));
      if (has_fine)
        coarse.end = find_colon (&word) != NULL ? find_colon (&word) : word.end;
      if (!add_span (builder, &coarse, lines.line, error)
          || (has_fine && !add_span (builder, &word, lines.line, error))
          || !add_span (builder, &span, lines.line, error))
        return FALSE;
    }
  return TRUE;
}

static AttuneTable *
read_label_first (AttuneReading *reading,
                  GError       **error)
{
  g_autoptr (AttuneTableBuilder) builder = attune_table_builder_new (reading->name);
  FirstWords facts = look_at_first_words (reading);
  gboolean has_fine = facts.n > 0 && facts.n_colons == facts.n;

  if (!add_columns (builder, FALSE, has_fine, error)
      || !add_label_first (reading, builder, has_fine, error))
    return NULL;
  return finish (reading, g_steal_pointer (&builder), error);
}

/* Steps over the labels of a line; out: (nullable) gets them with separators. Their number. */
static guint
take_marks (Span    *rest,
            GString *out)
{
  guint n = 0;

  while (span_has_prefix (rest, FASTTEXT_MARK))
    {
      Span word = next_word (rest);

      if (out != NULL)
        {
          if (n > 0)
            g_string_append_c (out, ATTUNE_LIST_SEPARATOR);
          word.start += strlen (FASTTEXT_MARK);
          g_string_append_len (out, word.start, word.end - word.start);
        }
      n++;
    }
  return n;
}

static gboolean
add_fasttext (AttuneReading      *reading,
              AttuneTableBuilder *builder,
              GError            **error)
{
  Lines lines = { reading->source.data, reading->source.data + reading->source.length, 0 };
  g_autoptr (GString) labels = g_string_new (NULL);
  Span span;

  while (next_line (&lines, &span))
    {
      if (is_cancelled (reading, &lines, error))
        return FALSE;
      attune_source_release (&reading->source, (gsize) (span.start - reading->source.data));
      g_string_truncate (labels, 0);
      if (take_marks (&span, labels) > MOST_LABELS_OF_A_LINE)
        return set_line_error (reading, lines.line,
                               _("there are more than 1,000 labels; look at this line"), error);
      if (!attune_table_builder_add_cell (builder, labels->str, labels->len, lines.line, error)
          || !add_span (builder, &span, lines.line, error))
        return FALSE;
    }
  return TRUE;
}

static AttuneTable *
read_fasttext (AttuneReading *reading,
               GError       **error)
{
  g_autoptr (AttuneTableBuilder) builder = attune_table_builder_new (reading->name);
  Lines lines = { reading->source.data, reading->source.data + reading->source.length, 0 };
  gboolean is_list = FALSE;
  Span span;

  while (!is_list && next_line (&lines, &span))
    {
      if (is_cancelled (reading, &lines, error))
        return NULL;
      is_list = take_marks (&span, NULL) > 1;
    }
  if (!add_columns (builder, is_list, FALSE, error) || !add_fasttext (reading, builder, error))
    return NULL;
  return finish (reading, g_steal_pointer (&builder), error);
}

const AttuneReader attune_reader_fasttext = {
  ATTUNE_FORMAT_FASTTEXT, detect_fasttext, read_fasttext,
};

const AttuneReader attune_reader_label_first = {
  ATTUNE_FORMAT_LABEL_FIRST, detect_label_first, read_label_first,
};

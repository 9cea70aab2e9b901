/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Detection of delimiter and quoting. The delimiter is the one that cuts a sample of the text into
 * the most even rows. Quoting is decided by the whole text, since one stray quote in row 50,000 is
 * enough to swallow the rest: a reading without a fault is preferred to one with a fault. Any
 * thread.
 */
#include "config.h"

#include "attune-dialect.h"

#include <string.h>

#include "attune-column-names.h"

#define SAMPLE_BYTES ((gsize) 256 * 1024)
/* The share of rows that must be even for a text to be a table at all, were it a faulty one. */
#define EVEN_ENOUGH 0.7
/* Of two that fit alike, the one that is rarer in prose. */
static const char candidates[] = { '\t', '|', ';', ',' };
/* Delimiters that only count where none of those makes a table, and all rows are even; the first
 * two are in no text, the others only believed below a header that names a text or label column. */
static const char rare_candidates[] = { '\x1f', '\x01', '^', '~', ':' };
#define NEARLY_ALL 0.98
#define BONUS_OF_NAMES 0.5
#define CANCEL_EVERY ((gsize) 1024 * 1024)

static gboolean
field_needs_quotes (const char        *data,
                    const AttuneField *field,
                    char               delimiter)
{
  return field->doubled || field->multiline
         || memchr (data + field->start, delimiter, field->end - field->start) != NULL;
}

/* Notes the first fault of a survey. */
static void
note_fault (AttuneSurvey *survey,
            AttuneScan    fault,
            gsize         offset,
            guint         n_columns)
{
  if (survey->fault != ATTUNE_SCAN_END)
    return;
  survey->fault = fault;
  survey->fault_offset = offset;
  survey->fault_columns = n_columns;
}

/* A record of n_fields fields, of which the last that is not empty is number n_filled, has
 * ended. */
static void
note_record (AttuneSurvey *survey,
             gsize         offset,
             guint         n_fields,
             guint         n_filled)
{
  survey->n_records++;
  if (survey->n_columns == 0)
    survey->n_columns = n_fields;
  if (n_fields == survey->n_columns
      || (n_fields > survey->n_columns && n_filled <= survey->n_columns))
    survey->n_even++;
  else
    note_fault (survey, ATTUNE_SCAN_RAGGED, offset, n_fields);
  if (survey->n_records * survey->n_columns > ATTUNE_MOST_CELLS)
    note_fault (survey, ATTUNE_SCAN_MANY_CELLS, offset, n_fields);
}

/**
 * attune_survey:
 *
 * Reads a text without keeping any of it. A row may be longer than the first by empty fields (a
 * delimiter at the end of lines), but not shorter: what is missing could be in the next line.
 */
AttuneSurvey
attune_survey (const char   *data,
               gsize         length,
               char          delimiter,
               gboolean      quotes,
               gboolean      stop_at_fault,
               GCancellable *cancellable)
{
  AttuneSurvey survey = { .fault = ATTUNE_SCAN_END };
  AttuneScanner scanner;
  AttuneField field;
  gsize record_start = 0, next_look = CANCEL_EVERY;
  guint n_fields = 0, n_filled = 0;

  attune_scanner_init (&scanner, data, length, delimiter, quotes);
  for (;;)
    {
      AttuneScan scan = attune_scanner_next (&scanner, &field);

      if (scan == ATTUNE_SCAN_END)
        break;
      if (scanner.position >= next_look)
        {
          next_look = scanner.position + CANCEL_EVERY;
          if (g_cancellable_is_cancelled (cancellable))
            scan = ATTUNE_SCAN_CANCELLED;
        }
      n_fields++;
      if (scan == ATTUNE_SCAN_FIELD && n_fields > ATTUNE_MOST_COLUMNS)
        scan = ATTUNE_SCAN_MANY_COLUMNS;

      if (scan != ATTUNE_SCAN_FIELD)
        {
          gsize at = scan == ATTUNE_SCAN_AFTER_QUOTE ? scanner.position
                                                     : field.start - field.quoted;

          note_fault (&survey, scan, at, n_fields);
          if (stop_at_fault || scan != ATTUNE_SCAN_AFTER_QUOTE)
            break;
          survey.n_records++;
          attune_scanner_skip_line (&scanner, field.end);
          n_fields = n_filled = 0;
          continue;
        }

      survey.n_quoted += field.quoted;
      survey.n_multiline += field.multiline;
      if (field.quoted && field_needs_quotes (data, &field, delimiter))
        survey.n_needed++;
      if (field.quoted || field.end > field.start)
        n_filled = n_fields;
      if (!field.last)
        continue;

      if (n_fields > 1 || !attune_field_is_blank (data, &field))
        note_record (&survey, record_start, n_fields, n_filled);
      if (survey.fault == ATTUNE_SCAN_END)
        survey.n_good = scanner.position;
      if (stop_at_fault && survey.fault != ATTUNE_SCAN_END)
        break;
      n_fields = n_filled = 0;
      record_start = scanner.position;
    }
  return survey;
}

static gboolean
survey_is_clean (const AttuneSurvey *survey)
{
  return survey->fault == ATTUNE_SCAN_END && survey->n_records > 0;
}

/* Whether the first record holds a name that people give to text and label columns. */
static gboolean
first_record_names_columns (const char *data,
                            gsize       length,
                            char        delimiter)
{
  AttuneScanner scanner;
  AttuneField field;
  gboolean named = FALSE;

  attune_scanner_init (&scanner, data, length, delimiter, TRUE);
  while (attune_scanner_next (&scanner, &field) == ATTUNE_SCAN_FIELD)
    {
      gsize n = field.end - field.start;

      if (n > 0 && n < 64)
        {
          g_autofree char *name = g_strndup (data + field.start, n);

          gint text_rank = attune_column_name_rank (name, ATTUNE_COLUMN_TEXT);
          gint label_rank = attune_column_name_rank (name, ATTUNE_COLUMN_LABEL);

          named |= (text_rank >= 0 && text_rank < ATTUNE_COLUMN_NAME_WORDS)
                   || (label_rank >= 0 && label_rank < ATTUNE_COLUMN_NAME_WORDS);
        }
      if (field.last)
        break;
    }
  return named;
}

static double
score_delimiter (const char *data,
                 gsize       length,
                 gsize       sample,
                 char        delimiter)
{
  double best = 0;

  for (int quotes = 0; quotes < 2; quotes++)
    {
      AttuneSurvey survey = attune_survey (data, sample, delimiter, quotes, FALSE, NULL);
      gsize rest = sample - MIN (sample, survey.fault_offset);
      /* Where the sample ends inside a quoted field, that is no fault of the dialect. */
      gboolean swallowed = survey.fault == ATTUNE_SCAN_UNTERMINATED
                           && (sample == length || rest > SAMPLE_BYTES / 4);

      /* More columns than can be are to be refused as such, not read as one. */
      if (survey.fault == ATTUNE_SCAN_MANY_COLUMNS)
        best = MAX (best, EVEN_ENOUGH);
      else if (survey.n_columns >= 2 && survey.n_records > 0 && !swallowed)
        best = MAX (best, (double) survey.n_even / survey.n_records);
    }
  if (best > 0 && first_record_names_columns (data, sample, delimiter))
    best += BONUS_OF_NAMES;
  return best;
}

/* How much of a text is looked at: whole lines, if they are not too long. */
static gsize
cut_sample (const char *data,
            gsize       length)
{
  gsize sample = MIN (length, SAMPLE_BYTES);

  if (sample < length)
    while (sample > SAMPLE_BYTES / 2 && data[sample - 1] != '\n' && data[sample - 1] != '\r')
      sample--;
  return sample;
}

/* NUL if there is none. */
static char
find_rare_delimiter (const char *data,
                     gsize       length,
                     gsize       sample)
{
  for (guint i = 0; i < G_N_ELEMENTS (rare_candidates); i++)
    {
      char delimiter = rare_candidates[i];
      double least = g_ascii_iscntrl (delimiter) ? NEARLY_ALL : NEARLY_ALL + BONUS_OF_NAMES;

      if (memchr (data, delimiter, sample) != NULL
          && score_delimiter (data, length, sample, delimiter) >= least)
        return delimiter;
    }
  return '\0';
}

static char
detect_delimiter (const char *data,
                  gsize       length)
{
  gsize sample = cut_sample (data, length);
  char best = ',';
  double best_score = 0;
  char rare;

  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++)
    {
      double score = score_delimiter (data, length, sample, candidates[i]);

      if (score > best_score)
        {
          best_score = score;
          best = candidates[i];
        }
    }
  if (best_score >= EVEN_ENOUGH)
    return best;
  rare = find_rare_delimiter (data, length, sample);
  if (rare != '\0')
    return rare;

  /* Nothing makes a table of it: a list of texts, if one of them never occurs. */
  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++)
    if (memchr (data, candidates[i], length) == NULL)
      return candidates[i];
  return best;
}

/* Whether a delimiter cuts the beginning of a text into even rows. */
gboolean
attune_dialect_is_table (const char *data,
                         gsize       length)
{
  gsize sample = cut_sample (data, length);

  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++)
    if (score_delimiter (data, length, sample, candidates[i]) >= NEARLY_ALL)
      return TRUE;
  return find_rare_delimiter (data, length, sample) != '\0';
}

/* Chooses between the reading with quotes and the one without, both of the whole text. */
static gboolean
prefer_quotes (const AttuneSurvey *with,
               const AttuneSurvey *without,
               char                delimiter)
{
  gboolean spreadsheet = delimiter == ',' || delimiter == ';';

  if (survey_is_clean (with) != survey_is_clean (without))
    return survey_is_clean (with);
  if (!survey_is_clean (with))
    return spreadsheet || with->n_needed > 0;
  if (with->n_quoted == 0)
    return spreadsheet;

  if (spreadsheet)
    return TRUE;
  /* Two quotes lines apart that happen to pair: each line alone is a whole row too. */
  if (with->n_multiline > 0 && without->n_columns >= 2 && without->n_columns == with->n_columns)
    return FALSE;
  if (with->n_needed > 0)
    return TRUE;
  return with->n_quoted + 1 >= with->n_records;
}

/**
 * attune_dialect_detect:
 * @options: (inout): delimiter and quoting are found out where they are not given
 * @survey: (out caller-allocates): the reading of the text in that dialect, up to the first fault
 */
void
attune_dialect_detect (const char         *data,
                       gsize               length,
                       AttuneTableOptions *options,
                       AttuneSurvey       *survey,
                       const AttuneProgress *progress,
                       GCancellable       *cancellable)
{
  if (options->delimiter == 0)
    options->delimiter = detect_delimiter (data, length);

  if (options->quoting == ATTUNE_QUOTING_DETECT)
    {
      AttuneSurvey without = attune_survey (data, length, options->delimiter, FALSE, TRUE,
                                            cancellable);
      AttuneSurvey with = without;
      gboolean quotes;

      if (memchr (data, '"', length) != NULL)
        with = attune_survey (data, length, options->delimiter, TRUE, TRUE, cancellable);
      quotes = prefer_quotes (&with, &without, options->delimiter);
      options->quoting = quotes ? ATTUNE_QUOTING_RFC4180 : ATTUNE_QUOTING_NONE;
      *survey = quotes ? with : without;
    }
  else
    {
      *survey = attune_survey (data, length, options->delimiter,
                               options->quoting == ATTUNE_QUOTING_RFC4180, TRUE, cancellable);
    }
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: where the fields of delimited text begin and end. Reads, copies nothing.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define ATTUNE_LARGEST_FIELD ((gsize) 64 * 1024 * 1024)
#define ATTUNE_MOST_COLUMNS 16384
#define ATTUNE_MOST_CELLS ((guint64) 1 << 29)

typedef enum {
  ATTUNE_SCAN_FIELD,
  ATTUNE_SCAN_END,
  ATTUNE_SCAN_UNTERMINATED,     /* a quote opens and never closes */
  ATTUNE_SCAN_AFTER_QUOTE,      /* something other than a delimiter follows a closing quote */
  ATTUNE_SCAN_LONG_FIELD,
  ATTUNE_SCAN_RAGGED,           /* attune_survey() only, as are those below */
  ATTUNE_SCAN_MANY_COLUMNS,
  ATTUNE_SCAN_MANY_CELLS,
  ATTUNE_SCAN_CANCELLED,
} AttuneScan;

typedef struct {
  const char *data;
  gsize length;
  gsize position;
  guint64 line;       /* of position, from 1; LF, CR LF and lone CR end one */
  char delimiter;
  gboolean quotes;    /* RFC 4180; FALSE: quotes are data */
  gboolean in_record; /* the last field ended with a delimiter */
  guint8 stops[256];
} AttuneScanner;

typedef struct {
  gsize start; /* of the content, inside the quotes if there are any */
  gsize end;
  gboolean quoted;
  gboolean doubled;   /* the content holds "" for " */
  gboolean multiline; /* … or a line break */
  gboolean last;      /* of its record */
} AttuneField;

void       attune_scanner_init      (AttuneScanner *self,
                                     const char    *data,
                                     gsize          length,
                                     char           delimiter,
                                     gboolean       quotes);
AttuneScan attune_scanner_next      (AttuneScanner *self,
                                     AttuneField   *field);
void       attune_scanner_skip_line (AttuneScanner *self,
                                     gsize          from);
gboolean   attune_field_is_blank    (const char        *data,
                                     const AttuneField *field);

/* Line and column (in characters) of a byte, both from 1. */
void       attune_text_locate       (const char *data,
                                     gsize       offset,
                                     guint64    *line,
                                     guint64    *column);

G_END_DECLS

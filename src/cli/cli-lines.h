/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lines of a file or of standard input, of any length and with any bytes in them.
 */
#pragma once

#include <gio/gio.h>

#include "attune-trainer.h"

G_BEGIN_DECLS

typedef struct {
  int fd;
  char *name;      /* for errors */
  GByteArray *data;
  gsize at;        /* first byte that has not been handed out */
  gsize searched;  /* no line break before this */
  guint64 number;  /* of the line handed out last, from 1 */
  gboolean ended;
} CliLines;

/* path: NULL or "-" for standard input. */
gboolean cli_lines_open       (CliLines    *self,
                               const char  *path,
                               GError     **error);
void     cli_lines_close      (CliLines    *self);
/* Borrowed until the next call, without the line break. FALSE at the end, or with *error. */
gboolean cli_lines_next       (CliLines    *self,
                               const char **line,
                               gsize       *length,
                               GError     **error);
/* Whether next would have to wait for somebody to write. */
gboolean cli_lines_would_wait (CliLines    *self);
/* An error of ATTUNE_DATASET_ERROR that names the line. */
void     cli_lines_refuse     (CliLines    *self,
                               GError     **error,
                               const char  *why);

/* One line as a text: what {"text":…,"pair":…} or {"ids":[…]} says, or the line itself. */
typedef struct {
  GBytes *text; /* NULL when there are ids */
  GBytes *pair; /* nullable */
  GArray *ids;  /* gint32, nullable */
} CliText;

CliText *cli_text_new_plain   (CliLines          *lines,
                               const char        *line,
                               gsize              length,
                               GError           **error);
CliText *cli_text_new_json    (CliLines          *lines,
                               const char        *line,
                               gsize              length,
                               GError           **error);
void     cli_text_free        (CliText           *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliText, cli_text_free)
/* Borrowed from self. */
AttunePredictText
         cli_text_view        (const CliText     *self);

G_END_DECLS

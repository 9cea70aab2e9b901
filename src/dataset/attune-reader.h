/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: what a format is to those that open files. A reader says whether a text is of
 * its format and makes a table of it. attune-table-read.c knows them all and asks them in turn.
 */
#pragma once

#include "attune-progress.h"
#include "attune-source.h"
#include "attune-table.h"

G_BEGIN_DECLS

/* One file on its way to a table. */
typedef struct {
  AttuneSource source;        /* UTF-8 without NUL, owned */
  AttuneTableOptions options; /* what was asked for; a reader leaves here what it found */
  char *encoding;             /* options.encoding, owned */
  const char *name;           /* how messages call the file */
  GFile *file;                /* nullable */
  guint64 n_bytes;            /* on disk */
  gboolean is_head;           /* these are but its first bytes; they may break off anywhere */
  GPtrArray *notes;           /* AttuneNote: what a person should know of how it was read */
  const AttuneProgress *progress;
  GCancellable *cancellable;
} AttuneReading;

typedef struct {
  AttuneFormat format;
  /* Whether the text is of this format, by its beginning. It keeps the text as it is. */
  gboolean (*detect) (const AttuneReading *reading);
  /* (transfer full): the table, or NULL with an error. It may use the source up, after
   * attune_source_get_sha256(). */
  AttuneTable *(*read) (AttuneReading *reading, GError **error);
} AttuneReader;

extern const AttuneReader attune_reader_delimited;
extern const AttuneReader attune_reader_fasttext;
extern const AttuneReader attune_reader_json;
extern const AttuneReader attune_reader_json_lines;
extern const AttuneReader attune_reader_label_first;
extern const AttuneReader attune_reader_parquet; /* of bytes, not text; asked before all others */

void attune_reading_clear    (AttuneReading *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneReading, attune_reading_clear)

/* message: taken */
void attune_reading_add_note (AttuneReading *self,
                              const char    *code,
                              char          *message);

G_END_DECLS

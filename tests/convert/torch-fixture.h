/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Torch files made by hand: a zip writer that can be told to lie, and a pickle in a few strings.
 */
#pragma once

#include <glib.h>

#include "attune-convert-fault.h"

G_BEGIN_DECLS

/* Places in a zip file to write something else than what is true, once it is written. */
typedef struct {
  const char *name;
  const void *data;
  gsize length;
  guint16 method;
  guint16 flags;
  gboolean wrong_checksum;
  gboolean wide; /* lengths and offset in zip64's extra field */
} FixtureEntry;

GByteArray *fixture_zip          (const FixtureEntry *entries,
                                  guint               n_entries,
                                  gboolean            wide_end);
/* A torch file of that pickle and, in data/0, n_bytes that count upwards. */
GByteArray *fixture_torch        (const GByteArray   *pickle,
                                  gsize               n_bytes);

GByteArray *fixture_pickle_begin (void);
void        fixture_pickle_raw   (GByteArray         *pickle,
                                  const char         *bytes,
                                  gsize               length);
#define fixture_pickle_op(pickle, literal) fixture_pickle_raw (pickle, literal, sizeof literal - 1)
void        fixture_pickle_text  (GByteArray         *pickle,
                                  const char         *text);
void        fixture_pickle_int   (GByteArray         *pickle,
                                  gint64              value);
void        fixture_pickle_ints  (GByteArray         *pickle,
                                  guint               n,
                                  const gint64       *values);
/* A tensor of data/0 on the stack; storage: "FloatStorage". */
void        fixture_pickle_tensor (GByteArray        *pickle,
                                   const char        *storage,
                                   gint64             n_stored,
                                   gint64             offset,
                                   guint              n_dims,
                                   const gint64      *shape,
                                   const gint64      *strides);
/* {"weight": that tensor}, from begin to end. */
GByteArray *fixture_pickle_one   (const char         *storage,
                                  gint64              n_stored,
                                  gint64              offset,
                                  guint               n_dims,
                                  const gint64       *shape,
                                  const gint64       *strides);
char       *fixture_path         (const char         *name);
GBytes     *fixture_load         (const char         *name);

G_END_DECLS

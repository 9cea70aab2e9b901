/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the test programs of this room share: files of vectors, and tokenizers over fixtures.
 */
#pragma once

#include <glib.h>
#include <yyjson.h>

#include "attune-tokenizer.h"

/* Calls func with each object of a JSON-lines file. */
void             for_each_line     (const char *path,
                                    void      (*func) (yyjson_val *line, gpointer user_data),
                                    gpointer    user_data);
AttuneTokenizer *open_vocabulary   (const char         *path,
                                    gboolean            lowercase,
                                    AttuneStripAccents  strip_accents,
                                    gboolean            chinese);
AttuneTokenizer *open_uncased      (void);
char            *fixture_path      (const char *name);
/* A file of the shared data, or NULL, after skipping the test, if it is not there. */
char            *shared_path       (const char *name);
void             assert_ids        (AttuneEncoding *encoding,
                                    yyjson_val     *ids,
                                    gboolean        with_specials,
                                    const char     *text);

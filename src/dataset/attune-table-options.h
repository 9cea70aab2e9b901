/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The names of formats, delimiters, quotings and headers in options of the command line and in
 * run.json. A name that is not known leaves the value as it is and returns FALSE; what is to be
 * detected has no name (NULL).
 */
#pragma once

#include "attune-table.h"

G_BEGIN_DECLS

gboolean    attune_format_from_name    (const char    *name,
                                        AttuneFormat  *format);
const char *attune_format_get_name     (AttuneFormat   format);
/* "comma", "tab", "semicolon", "bar", "space", or the character itself. get_name: (transfer full) */
gboolean    attune_delimiter_from_name (const char    *name,
                                        char          *delimiter);
char       *attune_delimiter_get_name  (char           delimiter);
gboolean    attune_quoting_from_name   (const char    *name,
                                        AttuneQuoting *quoting);
const char *attune_quoting_get_name    (AttuneQuoting  quoting);
gboolean    attune_header_from_name    (const char    *name,
                                        AttuneHeader  *header);
const char *attune_header_get_name     (AttuneHeader   header);

G_END_DECLS

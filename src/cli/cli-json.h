/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON lines on standard output.
 */
#pragma once

#include <yyjson.h>

#include "cli.h"

G_BEGIN_DECLS

/* A new document whose root is an object; *root is borrowed. */
yyjson_mut_doc *cli_json_begin      (yyjson_mut_val **root);
/* null for NULL. */
void            cli_json_add_string (yyjson_mut_doc  *document,
                                     yyjson_mut_val  *object,
                                     const char      *key,
                                     const char      *text);
/* Appends the document as one line and frees it; numbers that are not finite become null. */
void            cli_json_end        (yyjson_mut_doc  *document,
                                     CliOutput       *output);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a search found, best first: a table for a person, one line of JSON for a program.
 */
#pragma once

#include "cli.h"

G_BEGIN_DECLS

/* runs: (element-type AttuneSearchRun) whose accuracy is there where it is known. */
void cli_search_print_table (GPtrArray *runs,
                             CliOutput *output);
void cli_search_print_json  (GPtrArray *runs,
                             CliOutput *output);

G_END_DECLS

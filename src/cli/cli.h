/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the subcommands of attune-cli share: exit codes, options, errors, output.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum {
  CLI_DONE = 0,
  CLI_FAILED = 1,        /* model, engine, disk */
  CLI_USAGE = 2,         /* unknown option or setting, value out of range */
  CLI_REFUSED = 3,       /* data: empty, one class, no label column, unreadable encoding */
  CLI_INTERRUPTED = 130, /* what was learnt is kept */
} CliExit;

/* argv: NULL-terminated, without the program; argv[0] is the subcommand's name. */
typedef struct {
  const char *name;
  const char *summary;
  int (*run) (char **argv);
} CliCommand;

int      cli_train    (char **argv);
int      cli_search   (char **argv);
int      cli_find_lr  (char **argv);
int      cli_resume   (char **argv);
int      cli_evaluate (char **argv);
int      cli_classify (char **argv);
int      cli_compare  (char **argv);
int      cli_logits   (char **argv);
int      cli_inspect  (char **argv);
int      cli_tokenize (char **argv);
int      cli_export   (char **argv);
int      cli_models   (char **argv);
int      cli_data     (char **argv);
int      cli_devices  (char **argv);
int      cli_config   (char **argv);
int      cli_bench    (char **argv);

/* Reads options out of argv, which then holds the rest. FALSE: said, leave with CLI_USAGE. */
gboolean cli_parse_options (char              ***argv,
                            const GOptionEntry  *entries,
                            const char          *arguments,
                            const char          *summary);
/* One line on stderr. */
void     cli_say           (const char          *format,
                            ...) G_GNUC_PRINTF (1, 2);
int      cli_usage         (const char          *format,
                            ...) G_GNUC_PRINTF (1, 2);
/* Says the error and returns the exit code that fits it. */
int      cli_fail          (const GError        *error);
/* The exit code for the code word of a run_failed event. */
int      cli_exit_for_code (const char          *code);

/* Standard output, collected and written in large pieces. */
typedef struct {
  GString *text; /* what is still to be written; append to it */
  int error;     /* errno of the first write that failed */
  gboolean is_terminal;
} CliOutput;

/* A terminal obeys control characters, and names and messages may come from anywhere: those in text
 * but for line breaks and tabs become U+FFFD. */
void     cli_mask_controls (GString             *text);
void     cli_output_init   (CliOutput           *self);
/* FALSE once nobody reads any more or the disk is full. */
gboolean cli_output_flush  (CliOutput           *self);
gboolean cli_output_relieve (CliOutput          *self);
/* Writes the rest; a failure is said and replaces exit, but a reader that went away is no
 * failure. */
int      cli_output_finish (CliOutput           *self,
                            int                  exit);

G_END_DECLS

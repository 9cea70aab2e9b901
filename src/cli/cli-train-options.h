/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What train, search and find-lr are told alike: data, model, settings, and what is to be done to the data.
 */
#pragma once

#include "attune-trainer.h"
#include "cli-amend.h"
#include "cli-data.h"

G_BEGIN_DECLS

/* All nullable. Owned. */
typedef struct {
  char **data;
  char **validation;
  char *model;
  char *head;
  char *output;
  char *title;
  char *config;
  char **settings;
  char *same_split;
  CliDataOptions reading;
  CliAmendOptions amending;
  int limit;
  gboolean json;
} CliTrainOptions;

#define CLI_TRAIN_ENTRIES(options)                                                                 \
  { "data", 'd', 0, G_OPTION_ARG_FILENAME_ARRAY, &(options).data, CLI_DATA_HELP, N_("FILE") },     \
  { "validation", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &(options).validation,                        \
    N_("Measure on these texts, not on a part of the data"), N_("FILE") },                         \
  { "model", 'm', 0, G_OPTION_ARG_FILENAME, &(options).model,                                      \
    N_("Name of a model or a Hugging Face folder"), N_("MODEL") },                                 \
  { "config", 'c', 0, G_OPTION_ARG_FILENAME, &(options).config, N_("Settings as JSON"),            \
    N_("FILE") },                                                                                  \
  { "set", 's', 0, G_OPTION_ARG_STRING_ARRAY, &(options).settings,                                 \
    N_("One setting; see “attune-cli config describe”"), N_("NAME=VALUE") },                       \
  CLI_DATA_ENTRIES (&(options).reading),                                                           \
  CLI_AMEND_ENTRIES ((options).amending),                                                          \
  { "same-split-as", 0, 0, G_OPTION_ARG_FILENAME, &(options).same_split,                           \
    N_("Amend the data and hold out rows as this run did, and say if they are others now"),        \
    N_("RUN") },                                                                                   \
  { "limit", 'n', 0, G_OPTION_ARG_INT, &(options).limit, N_("Use only the first N rows"),          \
    N_("N") },                                                                                     \
  { "head", 0, 0, G_OPTION_ARG_FILENAME, &(options).head,                                          \
    N_("Begin with classifier.weight and classifier.bias from here"), N_("FILE") },                \
  { "json", 0, 0, G_OPTION_ARG_NONE, &(options).json, N_("Print events as JSON lines"), NULL }

void     cli_train_options_clear (CliTrainOptions       *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliTrainOptions, cli_train_options_clear)
/* CLI_DONE, or what is wrong was said. arguments: the command and what followed its options. */
int      cli_train_options_check (const CliTrainOptions *self,
                                  char                 **arguments);
/* The same for what makes no run. */
int      cli_train_options_check_input (const CliTrainOptions *self,
                                        char                 **arguments);

/* What they come to. Owned. */
typedef struct {
  AttuneTrainConfig *config;
  AttuneAmendments *amendments;
  AttuneRunRecord *repeated; /* nullable: of the run with the same split */
  AttuneDataset *dataset;
  AttuneDataset *validation; /* nullable */
} CliTrainInput;

void     cli_train_input_clear   (CliTrainInput         *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliTrainInput, cli_train_input_clear)
/* Settings first, so that wrong usage is told before anything is read. */
gboolean cli_train_input_set     (CliTrainInput         *self,
                                  const CliTrainOptions *options,
                                  GError               **error);
gboolean cli_train_input_read    (CliTrainInput         *self,
                                  const CliTrainOptions *options,
                                  GError               **error);
/* All but folder and title; the job borrows from both. */
void     cli_train_input_fill_job (const CliTrainInput   *self,
                                   const CliTrainOptions *options,
                                   AttuneTrainJob        *job);

G_END_DECLS

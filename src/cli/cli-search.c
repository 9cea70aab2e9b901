/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli search: a run for each combination of settings and each seed, one after another in
 * folders of their own. What is finished there stays, what was begun goes on, so the same command
 * line continues a search that was interrupted.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n.h>

#include "attune-search.h"
#include "cli-search-results.h"
#include "cli-train-options.h"
#include "cli-training.h"
#include "cli.h"

typedef struct {
  CliTrainOptions train;
  char **grid;
  int seeds;
} Options;

static void
options_clear (Options *self)
{
  cli_train_options_clear (&self->train);
  g_strfreev (self->grid);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* (transfer full) (element-type AttuneSearchRun) */
static GPtrArray *
list_runs (const Options      *options,
           AttuneTrainConfig  *base,
           GError            **error)
{
  g_autoptr (AttuneSearch) search = attune_search_new (base);

  for (guint i = 0; options->grid != NULL && options->grid[i] != NULL; i++)
    {
      const char *equals = strchr (options->grid[i], '=');
      g_autofree char *name = NULL;

      if (equals == NULL)
        {
          g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
                       _("--grid needs NAME=VALUE,VALUE…, not “%s”"), options->grid[i]);
          return NULL;
        }
      name = g_strndup (options->grid[i], equals - options->grid[i]);
      if (!attune_search_add (search, name, equals + 1, error))
        return NULL;
    }
  if (!attune_search_set_seeds (search, options->seeds, error))
    return NULL;
  return attune_search_expand (search, error);
}

/* The first setting that a run there has otherwise; NULL if they are the same. */
static const char *
find_other_setting (AttuneTrainConfig *one,
                    AttuneTrainConfig *other)
{
  guint n_fields = 0;
  const AttuneField *fields = attune_train_config_get_fields (&n_fields);

  for (guint i = 0; i < n_fields; i++)
    {
      g_autofree char *a = attune_train_config_get_text (one, fields[i].name);
      g_autofree char *b = attune_train_config_get_text (other, fields[i].name);

      if (g_strcmp0 (a, b) != 0)
        return fields[i].name;
    }
  return NULL;
}

static gboolean
is_column (AttuneDataset *dataset,
           gint           column,
           const char    *name)
{
  AttuneTable *table = attune_dataset_get_table (dataset);

  return column < 0 ? name == NULL
                    : g_strcmp0 (attune_table_get_column_name (table, (guint) column), name) == 0;
}

/* Whether a run was made from this data: the same bytes, columns, rows and labels. */
static gboolean
is_same_data (const AttuneRunRecord *record,
              const CliTrainInput   *input,
              guint                  n_rows)
{
  const AttuneRunSource *source = record->source;
  const AttuneColumns *columns = attune_dataset_get_columns (input->dataset);
  AttuneTable *table = attune_dataset_get_table (input->dataset);
  const char *validation = NULL;

  if (input->validation != NULL)
    validation = attune_table_get_sha256 (attune_dataset_get_table (input->validation));
  return g_strcmp0 (source->data_sha256, attune_table_get_sha256 (table)) == 0
         && g_strcmp0 (record->validation_sha256, validation) == 0
         && source->n_rows == n_rows
         && is_column (input->dataset, columns->text, source->text_column)
         && is_column (input->dataset, columns->pair, source->pair_column)
         && is_column (input->dataset, columns->label, source->label_column)
         && attune_amendments_equal (source->amendments, input->amendments)
         && g_strv_equal ((const char *const *) record->labels,
                          attune_dataset_get_label_names (input->dataset));
}

/* What is in the folder of a run, if anything: *earlier is the run there, which must be the one that
 * would be made. Else it is said, and the exit code returned. */
static int
find_earlier (const AttuneSearchRun  *run,
              const char             *folder,
              const CliTrainInput    *input,
              const CliTrainOptions  *options,
              AttuneRun             **earlier)
{
  g_autofree char *path = g_build_filename (folder, "run.json", NULL);
  g_autoptr (AttuneRunRecord) record = NULL;
  g_autoptr (GError) error = NULL;
  const char *setting;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return CLI_DONE;
  record = attune_run_record_load (folder, &error);
  if (record == NULL)
    return cli_fail (error);
  setting = find_other_setting (record->config, run->config);
  if (setting != NULL)
    return cli_usage (_("“%s” holds a run with another %s; choose another --output"), folder,
                      setting);
  if (g_strcmp0 (record->source->model, options->model) != 0)
    return cli_usage (_("“%s” holds a run of another model; choose another --output"), folder);
  if (!is_same_data (record, input, (guint) options->limit))
    return cli_usage (_("“%s” holds a run with other data; choose another --output"), folder);
  *earlier = attune_run_open (folder, &error);
  return *earlier != NULL ? CLI_DONE : cli_fail (error);
}

/* One of the runs, from wherever it is: how the program should exit for it. */
static int
train_one (CliTraining           *training,
           const AttuneSearchRun *run,
           AttuneRun             *earlier,
           AttuneTrainJob        *job,
           double                *accuracy)
{
  g_autoptr (AttuneRun) made = NULL;
  AttuneRun *followed = earlier;
  int exit;

  if (earlier == NULL)
    followed = made = attune_run_new (job->title);
  job->config = run->config;
  job->resume = earlier != NULL;
  exit = cli_training_follow (training, followed, job, run->name);
  if (exit == CLI_DONE)
    *accuracy = attune_run_get_best_accuracy (followed);
  return exit;
}

static void
say_run (const AttuneSearchRun *run,
         guint                  number,
         guint                  n_runs,
         const char            *state)
{
  /* Translators: number of a run, how many there are, settings, " (finished earlier)" or nothing. */
  g_printerr (_("Run %u of %u: %s%s\n"), number, n_runs, run->title, state);
}

/* Whether the other runs of a search may go well when one ended like this. */
static gboolean
is_its_own_fault (const char *failure)
{
  return g_strcmp0 (failure, "non_finite") == 0 || g_strcmp0 (failure, "out_of_memory") == 0;
}

static int
train_all (CliTraining         *training,
           GPtrArray           *runs,
           GPtrArray           *earlier,
           const CliTrainInput *input,
           const Options       *options)
{
  g_autofree char *base = g_path_get_basename (options->train.output);
  const char *title = options->train.title != NULL ? options->train.title : base;
  int worst = CLI_DONE;

  for (guint i = 0; i < runs->len; i++)
    {
      AttuneSearchRun *run = runs->pdata[i];
      AttuneRun *there = earlier->pdata[i];
      g_autofree char *folder = g_build_filename (options->train.output, run->name, NULL);
      g_autofree char *run_title = g_strdup_printf ("%s: %s", title, run->title);
      gboolean finished = there != NULL && attune_run_get_state (there) == ATTUNE_RUN_FINISHED;
      AttuneTrainJob job;
      int exit;

      if (!options->train.json)
        say_run (run, i + 1, runs->len, finished        ? _(" (finished earlier)")
                                        : there != NULL ? _(" (goes on)")
                                                        : "");
      if (finished)
        {
          run->accuracy = attune_run_get_best_accuracy (there);
          continue;
        }
      if (cli_training_is_stopping (training))
        return CLI_INTERRUPTED;
      cli_train_input_fill_job (input, &options->train, &job);
      job.folder = folder;
      job.title = run_title;
      exit = train_one (training, run, there, &job, &run->accuracy);
      if (exit == CLI_INTERRUPTED)
        return exit;
      if (exit != CLI_DONE && !is_its_own_fault (cli_training_get_failure (training)))
        return exit;
      worst = MAX (worst, exit);
    }
  return worst;
}

static void
clear_run (gpointer run)
{
  /* A place stays empty where there is no run yet. */
  if (run != NULL)
    g_object_unref (run);
}

/* Wrong usage is told before anything is read, a folder with other runs before anything is
 * computed. */
static int
prepare_and_search (const Options *options)
{
  g_auto (CliTrainInput) input = { 0 };
  g_autoptr (GPtrArray) runs = NULL;
  g_autoptr (GPtrArray) earlier = g_ptr_array_new_with_free_func (clear_run);
  g_autoptr (GError) error = NULL;
  CliTraining *training;
  int exit;

  if (cli_train_input_set (&input, &options->train, &error))
    runs = list_runs (options, input.config, &error);
  if (runs == NULL || !cli_train_input_read (&input, &options->train, &error))
    return cli_fail (error);
  g_ptr_array_set_size (earlier, (gint) runs->len);
  for (guint i = 0; i < runs->len; i++)
    {
      const AttuneSearchRun *run = runs->pdata[i];
      g_autofree char *folder = g_build_filename (options->train.output, run->name, NULL);

      exit = find_earlier (run, folder, &input, &options->train,
                           (AttuneRun **) &earlier->pdata[i]);
      if (exit != CLI_DONE)
        return exit;
    }

  training = cli_training_new (options->train.json);
  exit = train_all (training, runs, earlier, &input, options);
  if (options->train.json)
    cli_search_print_json (runs, cli_training_get_output (training));
  else
    cli_search_print_table (runs, cli_training_get_output (training));
  if (exit == CLI_INTERRUPTED)
    cli_say (_("the same command line goes on with the search"));
  return cli_training_end (training, exit);
}

int
cli_search (char **argv)
{
  g_auto (Options) options = { .seeds = 1 };
  const GOptionEntry entries[] = {
    { "grid", 'g', 0, G_OPTION_ARG_STRING_ARRAY, &options.grid,
      N_("A setting and the values to try, with “;” between them where a value has commas; "
         "repeat it for every combination"), N_("NAME=VALUE,VALUE…") },
    { "seeds", 0, 0, G_OPTION_ARG_INT, &options.seeds,
      N_("Runs of each combination, with seeds that follow each other (default: 1)"), N_("N") },
    CLI_TRAIN_ENTRIES (options.train),
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.train.output,
      N_("Folder for a folder of each run"), N_("FOLDER") },
    { "title", 0, 0, G_OPTION_ARG_STRING, &options.train.title,
      N_("What the titles of the runs begin with"), N_("TITLE") },
    { NULL }
  };
  g_auto (GStrv) arguments = g_strdupv (argv);

  if (!cli_parse_options (&arguments, entries, "",
                          _("Fine-tunes a model with every combination of some settings and says "
                            "which was best. All runs are measured on the same texts. INT, TERM "
                            "and HUP stop and keep; the same command line then goes on.")))
    return CLI_USAGE;
  if (cli_train_options_check (&options.train, arguments) != CLI_DONE)
    return CLI_USAGE;
  if (options.seeds < 1)
    return cli_usage (_("--seeds must be 1 or more"));
  if (options.grid == NULL && options.seeds == 1)
    return cli_usage (_("search needs --grid, or --seeds above 1"));

  return prepare_and_search (&options);
}

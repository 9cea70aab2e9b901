/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Predictions for lines. What is piped in is computed in batches; what is typed is answered line by
 * line, also over a pipe whose writer waits for the answer.
 */
#include "config.h"

#include "cli-predict.h"

#define MAX_BATCH 512

typedef struct {
  GMainLoop *loop;
  AttunePredictions *predictions;
  GError *error;
} Wait;

static void
predicted_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      data)
{
  Wait *wait = data;

  wait->predictions = attune_trainer_predict_finish (ATTUNE_TRAINER (object), result, &wait->error);
  g_main_loop_quit (wait->loop);
}

AttunePredictions *
cli_predict (AttuneTrainer              *trainer,
             const AttunePredictSource  *source,
             const AttunePredictText    *texts,
             guint64                     n_texts,
             guint                       max_length,
             GError                    **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Wait wait = { .loop = loop };

  attune_trainer_predict_async (trainer, source, texts, n_texts, max_length, -1, NULL, predicted_cb,
                                &wait);
  g_main_loop_run (loop);
  if (wait.predictions == NULL)
    g_propagate_error (error, wait.error);

  return wait.predictions;
}

/* Reads at least one line and then those that need no waiting. FALSE at the end or with *error. */
static gboolean
read_batch (CliLines   *lines,
            CliParse    parse,
            GPtrArray  *texts,
            GError    **error)
{
  const char *line;
  gsize length;

  g_ptr_array_set_size (texts, 0);
  do
    {
      CliText *text;

      if (!cli_lines_next (lines, &line, &length, error))
        break;
      text = parse (lines, line, length, error);
      if (text == NULL)
        break;
      g_ptr_array_add (texts, text);
    }
  while (texts->len < MAX_BATCH && !cli_lines_would_wait (lines));

  return texts->len > 0;
}

static gboolean
predict_batch (AttuneTrainer              *trainer,
               const AttunePredictSource  *source,
               GPtrArray                  *texts,
               guint                       max_length,
               CliPrint                    print,
               CliOutput                  *output,
               GError                    **error)
{
  g_autofree AttunePredictText *views = g_new0 (AttunePredictText, texts->len);
  g_autoptr (AttunePredictions) predictions = NULL;

  for (guint i = 0; i < texts->len; i++)
    views[i] = cli_text_view (g_ptr_array_index (texts, i));
  predictions = cli_predict (trainer, source, views, texts->len, max_length, error);
  if (predictions == NULL)
    return FALSE;

  for (guint i = 0; i < texts->len; i++)
    print (output, &views[i], predictions, i);

  return cli_output_flush (output);
}

int
cli_predict_lines (const AttunePredictSource *source,
                   guint                      max_length,
                   CliParse                   parse,
                   CliPrint                   print)
{
  g_autoptr (AttuneTrainer) trainer = attune_trainer_new (NULL);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func ((GDestroyNotify) cli_text_free);
  g_autoptr (GError) error = NULL, failure = NULL;
  CliOutput output;
  CliLines lines;
  int exit = CLI_DONE;

  cli_output_init (&output);
  if (cli_lines_open (&lines, NULL, &error))
    {
      /* Lines before a bad one still get their answers. */
      while (error == NULL && read_batch (&lines, parse, texts, &error)
             && predict_batch (trainer, source, texts, max_length, print, &output, &failure))
        ;
      cli_lines_close (&lines);
    }
  attune_trainer_shutdown (trainer);

  if (failure != NULL || error != NULL)
    exit = cli_fail (failure != NULL ? failure : error);
  return cli_output_finish (&output, exit);
}

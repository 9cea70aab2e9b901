/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli tokenize: lines in, {"ids":[…]} out, as fast as they come.
 */
#include "config.h"

#include <glib/gi18n.h>

#include "attune-model-store.h"
#include "attune-tokenizer-files.h"
#include "cli-lines.h"
#include "cli.h"

static AttuneTokenizer *
load_vocabulary (const char  *path,
                 gboolean     uncased,
                 GError     **error)
{
  const AttuneTokenizerOptions options = { .lowercase = uncased,
                                           .strip_accents = ATTUNE_STRIP_ACCENTS_WITH_LOWERCASE,
                                           .tokenize_chinese_chars = TRUE };
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (path);
  g_autoptr (GBytes) bytes = g_file_load_bytes (file, NULL, NULL, error);

  if (bytes == NULL)
    return NULL;
  return attune_tokenizer_new_wordpiece (bytes, path, &options, error);
}

static AttuneTokenizer *
load_model (const char  *model,
            GError     **error)
{
  g_autofree char *path = attune_model_store_resolve (model, error);
  g_autoptr (AttuneModelFolder) folder = NULL;

  if (path != NULL)
    folder = attune_model_folder_open (path, ATTUNE_MODEL_OPEN_DEFAULT, error);
  if (folder == NULL)
    return NULL;
  return attune_tokenizer_ref (attune_model_folder_get_tokenizer (folder));
}

static gboolean
tokenize_line (AttuneTokenizer  *tokenizer,
               CliText          *text,
               guint             max_length,
               AttuneEncoding   *encoding,
               CliOutput        *output,
               GError          **error)
{
  AttunePredictText view = cli_text_view (text);

  if (!attune_tokenizer_encode (tokenizer, view.text, view.length, view.pair, view.pair_length,
                                max_length, encoding, error))
    return FALSE;

  g_string_append (output->text, "{\"ids\":[");
  for (guint i = 0; i < encoding->ids->len; i++)
    {
      char number[16];
      char *digit = number + sizeof number;
      guint32 id = g_array_index (encoding->ids, gint32, i);

      *--digit = '\0';
      do
        *--digit = '0' + id % 10;
      while ((id /= 10) > 0);
      if (i > 0)
        g_string_append_c (output->text, ',');
      g_string_append (output->text, digit);
    }
  g_string_append (output->text, "]}\n");

  return TRUE;
}

static int
tokenize (AttuneTokenizer *tokenizer,
          CliLines        *lines,
          gboolean         plain,
          guint            max_length)
{
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  g_autoptr (GError) error = NULL;
  CliOutput output;
  const char *line;
  gsize length;
  int exit = CLI_DONE;

  cli_output_init (&output);
  while (error == NULL && cli_lines_next (lines, &line, &length, &error))
    {
      g_autoptr (CliText) text = plain ? cli_text_new_plain (lines, line, length, &error)
                                       : cli_text_new_json (lines, line, length, &error);

      if (text != NULL && text->ids != NULL)
        cli_lines_refuse (lines, &error, _("it has token ids already"));
      if (error != NULL || !tokenize_line (tokenizer, text, max_length, encoding, &output, &error)
          || !cli_output_relieve (&output)
          || (cli_lines_would_wait (lines) && !cli_output_flush (&output)))
        break;
    }

  cli_output_flush (&output);
  if (error != NULL)
    exit = cli_fail (error);
  return cli_output_finish (&output, exit);
}

int
cli_tokenize (char **argv)
{
  g_autofree char *model = NULL, *vocab = NULL, *merges = NULL;
  gboolean cased = FALSE, uncased = FALSE, plain = FALSE;
  int max_length = 0;
  const GOptionEntry entries[] = {
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &model, N_("Model whose tokenizer to use"),
      N_("MODEL") },
    { "vocab", 0, 0, G_OPTION_ARG_FILENAME, &vocab, N_("A vocab.txt or vocab.json instead of a model"),
      N_("FILE") },
    { "merges", 0, 0, G_OPTION_ARG_FILENAME, &merges,
      N_("With --vocab of a vocab.json: its merges.txt, for byte-level BPE"), N_("FILE") },
    { "cased", 0, 0, G_OPTION_ARG_NONE, &cased, N_("With --vocab: keep case and accents"), NULL },
    { "uncased", 0, 0, G_OPTION_ARG_NONE, &uncased, N_("With --vocab: lower-case, strip accents"),
      NULL },
    { "max-length", 0, 0, G_OPTION_ARG_INT, &max_length,
      N_("Most tokens of a text (default: all of them)"), N_("N") },
    { "plain", 0, 0, G_OPTION_ARG_NONE, &plain, N_("Each line is a text, not JSON"), NULL },
    { NULL }
  };
  g_auto (GStrv) arguments = g_strdupv (argv);
  g_autoptr (AttuneTokenizer) tokenizer = NULL;
  g_autoptr (GError) error = NULL;
  CliLines lines;
  int exit;

  if (!cli_parse_options (&arguments, entries, _("[FILE]"),
                          _("Reads JSON lines {\"text\":…,\"pair\":…} from FILE or standard input "
                            "and prints {\"ids\":[…]} for each.")))
    return CLI_USAGE;
  if ((model == NULL) == (vocab == NULL))
    return cli_usage (_("tokenize needs --model or --vocab, and not both"));
  if (merges != NULL && (vocab == NULL || cased || uncased))
    return cli_usage (_("--merges belongs to --vocab, without --cased and --uncased"));
  if (vocab != NULL && merges == NULL && cased == uncased)
    return cli_usage (_("--vocab needs one of --cased and --uncased, or --merges"));
  if (model != NULL && (cased || uncased))
    return cli_usage (_("--cased and --uncased belong to --vocab; a model knows which it is"));
  if (max_length < 0)
    return cli_usage (_("--max-length must not be negative"));
  if (g_strv_length (arguments) > 2)
    return cli_usage (_("tokenize reads one file"));

  tokenizer = merges != NULL  ? attune_tokenizer_files_load_merges (vocab, merges, &error)
              : vocab != NULL ? load_vocabulary (vocab, uncased, &error)
                              : load_model (model, &error);
  if (tokenizer == NULL || !cli_lines_open (&lines, arguments[1], &error))
    return cli_fail (error);

  exit = tokenize (tokenizer, &lines, plain, max_length > 0 ? (guint) max_length : G_MAXUINT);
  cli_lines_close (&lines);
  return exit;
}

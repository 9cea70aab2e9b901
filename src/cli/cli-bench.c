/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli bench: how fast this machine is at what Attune does, a row for each measurement, as a
 * table for a person or as JSON lines. build-aux/bench repeats it, beside another program.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n.h>

#include "cli-bench-measure.h"
#include "cli-devices.h"
#include "cli-json.h"

#define ROWS 1600
#define ROWS_BASE 320
#define ROWS_QUICK 64
#define CLASSIFIED 6400
#define REPEATS 200
#define REPEATS_QUICK 3

typedef struct {
  char *model;
  char *data;
  char *output;
  char *precision;
  int rows;
  gboolean quick;
  gboolean json;
} Options;

typedef struct {
  const Options *options;
  CliBenchMaterial material;
  CliOutput output;
} Bench;

typedef struct {
  const char *name;
  gboolean (*measure) (Bench   *self,
                       GError **error);
  gboolean is_named; /* measured only when asked for by name */
} Part;

static void
options_clear (Options *self)
{
  g_free (self->model);
  g_free (self->data);
  g_free (self->output);
  g_free (self->precision);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static yyjson_mut_doc *
begin_row (const char      *name,
           yyjson_mut_val **root)
{
  yyjson_mut_doc *document = cli_json_begin (root);

  yyjson_mut_obj_add_str (document, *root, "row", name);
  return document;
}

static gboolean
measure_machine (Bench   *self,
                 GError **error)
{
  g_autoptr (AttuneTrainer) trainer = attune_trainer_new (NULL);
  g_autoptr (GPtrArray) devices = cli_list_devices (trainer, error);
  yyjson_mut_doc *document;
  yyjson_mut_val *root;

  attune_trainer_shutdown (trainer);
  for (guint i = 0; devices != NULL && i < devices->len; i++)
    {
      const AttuneDeviceInfo *info = devices->pdata[i];

      if (!self->options->json)
        {
          g_string_append_printf (self->output.text,
                                  _("%-15s %s: %s, %d threads, %s, %s; products: fp32 %.0f, "
                                    "bf16 %.0f GFLOP/s; auto is %s\n"),
                                  "machine", info->id, info->name, info->threads,
                                  info->capability, info->engine, info->fp32_gflops,
                                  info->bf16_gflops,
                                  info->precision != NULL ? info->precision : "fp32");
          continue;
        }
      document = begin_row ("machine", &root);
      yyjson_mut_obj_add_str (document, root, "device", info->id);
      yyjson_mut_obj_add_str (document, root, "processor", info->name);
      yyjson_mut_obj_add_uint (document, root, "cores", g_get_num_processors ());
      yyjson_mut_obj_add_int (document, root, "threads", info->threads);
      yyjson_mut_obj_add_str (document, root, "isa", info->capability);
      yyjson_mut_obj_add_str (document, root, "engine", info->engine);
      yyjson_mut_obj_add_real (document, root, "fp32_gflops", info->fp32_gflops);
      yyjson_mut_obj_add_real (document, root, "bf16_gflops", info->bf16_gflops);
      cli_json_add_string (document, root, "precision", info->precision);
      cli_json_add_string (document, root, "paths", info->paths);
      yyjson_mut_obj_add_str (document, root, "attune", PACKAGE_VERSION);
      cli_json_end (document, &self->output);
    }
  return devices != NULL;
}

static void
print_training (Bench                  *self,
                const CliBenchMaterial *material,
                const char             *asked,
                const CliBenchTraining *result)
{
  double tokens = result->sentences_per_second * result->mean_tokens;
  double gflops = tokens * result->flops_per_token / 1e9;
  double share = result->peak_gflops > 0 ? gflops / result->peak_gflops : NAN;
  yyjson_mut_doc *document;
  yyjson_mut_val *root;

  if (!self->options->json)
    {
      g_autofree char *memory = g_format_size ((guint64) result->peak_memory_bytes);

      g_string_append_printf (self->output.text,
                              _("%-15s %s, %s (%s): %.0f sentences/s, %.0f tokens/s, %.0f %% of "
                                "the products’ peak, %s\n"),
                              "training", material->name, asked, result->precision,
                              result->sentences_per_second, tokens, 100 * share, memory);
      return;
    }
  document = begin_row ("training", &root);
  yyjson_mut_obj_add_strcpy (document, root, "model", material->name);
  yyjson_mut_obj_add_str (document, root, "asked", asked);
  yyjson_mut_obj_add_str (document, root, "precision", result->precision);
  yyjson_mut_obj_add_int (document, root, "threads", result->threads);
  yyjson_mut_obj_add_uint (document, root, "rows", result->rows);
  yyjson_mut_obj_add_real (document, root, "sentences_per_second", result->sentences_per_second);
  yyjson_mut_obj_add_real (document, root, "tokens_per_second", tokens);
  yyjson_mut_obj_add_real (document, root, "mean_tokens", result->mean_tokens);
  yyjson_mut_obj_add_real (document, root, "fill_ratio", result->fill);
  yyjson_mut_obj_add_real (document, root, "flops_per_token", result->flops_per_token);
  yyjson_mut_obj_add_real (document, root, "gflops", gflops);
  yyjson_mut_obj_add_real (document, root, "peak_gflops", result->peak_gflops);
  yyjson_mut_obj_add_real (document, root, "peak_share", share);
  yyjson_mut_obj_add_real (document, root, "peak_memory_bytes", result->peak_memory_bytes);
  cli_json_end (document, &self->output);
}

static gboolean
train (Bench                   *self,
       const CliBenchMaterial  *material,
       guint                    rows,
       GError                 **error)
{
  static const char * const both[] = { "auto", "fp32", NULL };
  const char *one[] = { self->options->precision, NULL };
  const char * const *precisions = self->options->precision != NULL ? one : both;

  if (self->options->quick)
    rows = ROWS_QUICK;
  if (self->options->rows > 0)
    rows = (guint) self->options->rows;
  for (guint i = 0; precisions[i] != NULL; i++)
    {
      CliBenchTraining result;
      gboolean ok = cli_bench_train (material, precisions[i], rows, &result, error);

      if (ok)
        print_training (self, material, precisions[i], &result);
      cli_bench_training_clear (&result);
      if (!ok || !cli_output_flush (&self->output))
        return ok;
    }
  return TRUE;
}

static gboolean
measure_training (Bench   *self,
                  GError **error)
{
  return train (self, &self->material, ROWS, error);
}

static gboolean
measure_base (Bench   *self,
              GError **error)
{
  g_auto (CliBenchMaterial) base = { 0 };

  return cli_bench_material_init_base (&base, &self->material, self->options->quick, error)
         && train (self, &base, ROWS_BASE, error);
}

static gboolean
measure_latency (Bench   *self,
                 GError **error)
{
  static const guint lengths[] = { 8, 16, 32, 64, 128 };
  g_autoptr (AttuneTrainer) trainer = attune_trainer_new (NULL);
  guint repeats = self->options->quick ? REPEATS_QUICK : REPEATS;

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autoptr (GError) local_error = NULL;
      CliBenchLatency result = { NAN, NAN };
      yyjson_mut_doc *document;
      yyjson_mut_val *root;

      if (!cli_bench_latency (&self->material, trainer, lengths[i], repeats, &result, &local_error)
          && local_error != NULL)
        {
          attune_trainer_shutdown (trainer);
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      if (!self->options->json)
        {
          g_string_append_printf (self->output.text,
                                  _("%-15s one text of %u tokens: %.2f ms (nine in ten below %.2f "
                                    "ms)\n"),
                                  "latency", lengths[i], 1e3 * result.median, 1e3 * result.p90);
          continue;
        }
      document = begin_row ("latency", &root);
      yyjson_mut_obj_add_str (document, root, "model", self->material.name);
      yyjson_mut_obj_add_uint (document, root, "tokens", lengths[i]);
      yyjson_mut_obj_add_real (document, root, "median_ms", 1e3 * result.median);
      yyjson_mut_obj_add_real (document, root, "p90_ms", 1e3 * result.p90);
      cli_json_end (document, &self->output);
    }
  attune_trainer_shutdown (trainer);
  return TRUE;
}

static void
print_pace (Bench      *self,
            const char *row,
            guint       n_texts,
            double      seconds)
{
  yyjson_mut_doc *document;
  yyjson_mut_val *root;

  if (!self->options->json)
    {
      g_string_append_printf (self->output.text, _("%-15s %u texts in %.3f s, %.0f texts/s\n"), row,
                              n_texts, seconds, n_texts / seconds);
      return;
    }
  document = begin_row (row, &root);
  yyjson_mut_obj_add_str (document, root, "model", self->material.name);
  yyjson_mut_obj_add_uint (document, root, "texts", n_texts);
  yyjson_mut_obj_add_real (document, root, "seconds", seconds);
  yyjson_mut_obj_add_real (document, root, "texts_per_second", n_texts / seconds);
  cli_json_end (document, &self->output);
}

static gboolean
measure_tokenizer (Bench   *self,
                   GError **error)
{
  guint64 n_tokens;
  double seconds = cli_bench_tokenize (&self->material, &n_tokens, error);

  if (seconds < 0)
    return FALSE;
  print_pace (self, "tokenizer", attune_dataset_get_n_rows (self->material.dataset), seconds);
  return TRUE;
}

static gboolean
measure_classification (Bench   *self,
                        GError **error)
{
  g_autoptr (AttuneTrainer) trainer = attune_trainer_new (NULL);
  guint n = MIN (self->options->quick ? ROWS_QUICK : CLASSIFIED,
                 attune_dataset_get_n_rows (self->material.dataset));
  double seconds = cli_bench_classify (&self->material, trainer, n, error);

  attune_trainer_shutdown (trainer);
  if (seconds < 0)
    return FALSE;
  print_pace (self, "classification", n, seconds);
  return TRUE;
}

/* Only makes the folder and says what is in it, for another program to be measured with. */
static gboolean
describe_material (Bench   *self,
                   GError **error)
{
  g_auto (CliBenchMaterial) base = { 0 };
  yyjson_mut_doc *document;
  yyjson_mut_val *root;

  if (!cli_bench_material_init_base (&base, &self->material, self->options->quick, error))
    return FALSE;
  if (!self->options->json)
    {
      g_string_append_printf (self->output.text, "%s\n%s\n%s\n", self->material.model, base.model,
                              self->material.data);
      return TRUE;
    }
  document = begin_row ("material", &root);
  yyjson_mut_obj_add_str (document, root, "model", self->material.model);
  yyjson_mut_obj_add_strcpy (document, root, "base", base.model);
  yyjson_mut_obj_add_str (document, root, "data", self->material.data);
  yyjson_mut_obj_add_uint (document, root, "texts",
                           attune_dataset_get_n_rows (self->material.dataset));
  cli_json_end (document, &self->output);
  return TRUE;
}

static const Part parts[] = {
  { "machine", measure_machine },       { "training", measure_training },
  { "base", measure_base },             { "latency", measure_latency },
  { "tokenizer", measure_tokenizer },   { "classification", measure_classification },
  { "material", describe_material, TRUE },
};

static gboolean
has_part (char       **names,
          const Part  *part)
{
  return names[0] == NULL ? !part->is_named
                          : g_strv_contains ((const char * const *) names, part->name);
}

static gboolean
is_part (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (g_str_equal (parts[i].name, name))
      return TRUE;
  return FALSE;
}

static int
measure (const Options  *options,
         char          **names)
{
  g_autoptr (GError) error = NULL;
  Bench self = { .options = options };
  gboolean ok;

  cli_output_init (&self.output);
  ok = cli_bench_material_init (&self.material, options->output,
                                options->model != NULL ? options->model : "minilm-l6",
                                options->data, options->quick, &error);
  for (guint i = 0; ok && i < G_N_ELEMENTS (parts); i++)
    if (has_part (names, &parts[i]))
      ok = parts[i].measure (&self, &error) && cli_output_flush (&self.output);
  cli_bench_material_clear (&self.material);
  return cli_output_finish (&self.output, error != NULL ? cli_fail (error) : CLI_DONE);
}

int
cli_bench (char **argv)
{
  g_auto (Options) options = { 0 };
  const GOptionEntry entries[] = {
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &options.model,
      N_("Name of a model or a Hugging Face folder (default: minilm-l6)"), N_("MODEL") },
    { "data", 'd', 0, G_OPTION_ARG_FILENAME, &options.data,
      N_("Labelled texts (default: made up, as many and as long as those of SST-2)"), N_("FILE") },
    { "rows", 'n', 0, G_OPTION_ARG_INT, &options.rows, N_("Train on the first N rows"), N_("N") },
    { "precision", 0, 0, G_OPTION_ARG_STRING, &options.precision,
      N_("Train in this only (default: auto and then fp32)"), N_("NAME") },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
      N_("Keep the texts and models that are made, here"), N_("FOLDER") },
    { "quick", 0, 0, G_OPTION_ARG_NONE, &options.quick,
      N_("Few rows and a small model: whether it works, not how fast"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_("Print one JSON object a row"), NULL },
    { NULL }
  };
  g_auto (GStrv) arguments = g_strdupv (argv);

  if (!cli_parse_options (&arguments, entries, "[PART…]",
                          _("Measures training, single texts, the tokenizer and classifying many "
                            "texts. PART: machine, training, base (a model of BERT-base’s shape), "
                            "latency, tokenizer, classification; material only makes what is "
                            "measured with.")))
    return CLI_USAGE;
  for (guint i = 1; arguments[i] != NULL; i++)
    if (!is_part (arguments[i]))
      return cli_usage (_("bench has no part “%s”"), arguments[i]);
  if (options.rows < 0)
    return cli_usage (_("--rows must not be negative"));
  if (options.precision != NULL && !g_str_equal (options.precision, "auto")
      && !g_str_equal (options.precision, "fp32") && !g_str_equal (options.precision, "bf16")
      && !g_str_equal (options.precision, "fp16"))
    return cli_usage (_("--precision must be auto, fp32, bf16 or fp16, not “%s”"),
                      options.precision);
  return measure (&options, arguments + 1);
}

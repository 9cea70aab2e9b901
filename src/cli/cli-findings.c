/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Findings and splits, printed.
 */
#include "config.h"

#include "cli-findings.h"

#include <glib/gi18n.h>
#include <inttypes.h>

#define MOST_CHANGES 5u /* of a remedy, as options on one line */

/* What to type for a remedy. */
static void
print_remedy (GString            *text,
              const AttuneRemedy *remedy)
{
  g_string_append_printf (text, _("    to settle it (%s):"), remedy->words);
  if (remedy->setting != NULL)
    g_string_append_printf (text, " --set %s=%s", remedy->setting, remedy->value);
  else
    {
      g_autofree char *options = attune_amendments_to_options (remedy->amendments, MOST_CHANGES);

      g_string_append (text, options);
    }
  g_string_append_c (text, '\n');
}

void
cli_findings_print (GString   *text,
                    GPtrArray *findings)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const AttuneFinding *finding = g_ptr_array_index (findings, i);

      g_string_append_printf (text, "  %s: %s\n",
                              finding->severity == ATTUNE_SEVERITY_BLOCKS    ? _("blocks")
                              : finding->severity == ATTUNE_SEVERITY_WARNING ? _("warning")
                                                                             : _("worth knowing"),
                              finding->message);
      if (finding->remedy != NULL)
        print_remedy (text, finding->remedy);
    }
}

static void
add_remedy (yyjson_mut_doc     *document,
            yyjson_mut_val     *object,
            const AttuneRemedy *remedy)
{
  yyjson_mut_val *value;

  if (remedy == NULL)
    {
      yyjson_mut_obj_add_null (document, object, "remedy");
      return;
    }
  value = yyjson_mut_obj_add_obj (document, object, "remedy");
  yyjson_mut_obj_add_str (document, value, "words", remedy->words);
  if (remedy->setting != NULL)
    {
      yyjson_mut_obj_add_str (document, value, "setting", remedy->setting);
      yyjson_mut_obj_add_str (document, value, "value", remedy->value);
    }
  else
    {
      g_autofree char *json = attune_amendments_to_json (remedy->amendments);

      yyjson_mut_obj_add_val (document, value, "amendments",
                              yyjson_mut_rawcpy (document, json));
    }
}

void
cli_findings_add_json (yyjson_mut_doc *document,
                       yyjson_mut_val *root,
                       GPtrArray      *findings)
{
  yyjson_mut_val *array = yyjson_mut_obj_add_arr (document, root, "findings");

  for (guint i = 0; i < findings->len; i++)
    {
      const AttuneFinding *finding = g_ptr_array_index (findings, i);
      yyjson_mut_val *object = yyjson_mut_arr_add_obj (document, array);
      yyjson_mut_val *rows;

      yyjson_mut_obj_add_str (document, object, "severity",
                              attune_severity_get_name (finding->severity));
      yyjson_mut_obj_add_str (document, object, "code", finding->code);
      yyjson_mut_obj_add_str (document, object, "message", finding->message);
      yyjson_mut_obj_add_uint (document, object, "count", finding->count);
      rows = yyjson_mut_obj_add_arr (document, object, "rows");
      for (guint j = 0; j < finding->rows->len; j++)
        yyjson_mut_arr_add_uint (document, rows, g_array_index (finding->rows, guint, j));
      yyjson_mut_obj_add_str (document, object, "rows_of",
                              finding->of_validation ? "validation" : "data");
      add_remedy (document, object, finding->remedy);
    }
}

/* Rows with a label: those that teach or measure. (transfer full) */
static GArray *
find_labelled (AttuneDataset *dataset)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint row = 0; row < attune_dataset_get_n_rows (dataset); row++)
    if (attune_dataset_is_labelled (dataset, row))
      g_array_append_val (rows, row);
  return rows;
}

void
cli_split_print (GString           *text,
                 AttuneDataset     *dataset,
                 AttuneDataset     *validation,
                 const AttuneSplit *split)
{
  guint n_dropped = attune_dataset_get_n_dropped (dataset);

  if (n_dropped > 0)
    g_string_append_printf (text, ngettext ("  %u row left out as asked\n",
                                            "  %u rows left out as asked\n", n_dropped), n_dropped);
  if (split != NULL)
    g_string_append_printf (text, _("  split: %u rows to learn from, %u held out (share %g, seed "
                                    "%" PRIu64 ", equal texts on one side)\n"),
                            split->train->len, split->validation->len, split->share, split->seed);
  else
    {
      g_autoptr (GArray) train = find_labelled (dataset);
      g_autoptr (GArray) held_out = find_labelled (validation);

      g_string_append_printf (text, _("  split: %u rows to learn from, %u of a file of their own "
                                      "to measure on\n"), train->len, held_out->len);
    }
}

void
cli_split_add_json (yyjson_mut_doc    *document,
                    yyjson_mut_val    *root,
                    AttuneDataset     *dataset,
                    AttuneDataset     *validation,
                    const AttuneSplit *split)
{
  yyjson_mut_val *object = yyjson_mut_obj_add_obj (document, root, "split");
  g_autoptr (GArray) train = split != NULL ? g_array_ref (split->train) : find_labelled (dataset);
  g_autoptr (GArray) held_out = split != NULL ? g_array_ref (split->validation)
                                              : find_labelled (validation);
  g_autofree char *digest = attune_split_digest (held_out);

  yyjson_mut_obj_add_str (document, object, "method",
                          split == NULL ? "file" : held_out->len > 0 ? "share" : "none");
  yyjson_mut_obj_add_real (document, object, "share", split != NULL ? split->share : 0);
  yyjson_mut_obj_add_uint (document, object, "seed", split != NULL ? split->seed : 0);
  yyjson_mut_obj_add_uint (document, object, "train_rows", train->len);
  yyjson_mut_obj_add_uint (document, object, "validation_rows", held_out->len);
  if (held_out->len > 0)
    yyjson_mut_obj_add_strcpy (document, object, "sha256", digest);
  else
    yyjson_mut_obj_add_null (document, object, "sha256");
}

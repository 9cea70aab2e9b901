/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names of files and folders as people and the Hugging Face Hub give them. Nothing is opened. Any
 * thread.
 */
#include "config.h"

#include "attune-data-names.h"

#include <string.h>

#include "attune-data-files.h"

static const char *const part_words[ATTUNE_N_PARTS][6] = {
  { "train", "training", NULL },
  { "validation", "valid", "val", "dev", "eval", NULL },
  { "test", "testing", "tst", NULL },
};

static const char *const table_kinds[] = { "csv",  "tsv",  "tab",   "txt",     "jsonl", "ndjson",
                                           "json", "data", "label", "parquet", NULL };
static const char *const compressions[] = { ".gz", ".zst", ".gzip", ".zstd", NULL };
/* Beside the data, and none. */
static const char *const other_names[] = { "readme", "license", "licence", "copying", "notice",
                                           "changelog", "dataset_info", "dataset_infos", "labels",
                                           "classes", "categories", "label_names", "vocab",
                                           "requirements", "sources", "state", NULL };

static char *
get_stem (const char *name)
{
  char *stem = g_ascii_strdown (name, -1);

  for (guint i = 0; compressions[i] != NULL; i++)
    if (g_str_has_suffix (stem, compressions[i]))
      {
        stem[strlen (stem) - strlen (compressions[i])] = '\0';
        break;
      }
  return stem;
}

char *
attune_data_name_get_kind (const char *name)
{
  g_autofree char *stem = get_stem (name);
  const char *dot = strrchr (stem, '.');

  return g_strdup (dot != NULL && dot != stem ? dot + 1 : "");
}

gint
attune_data_name_get_part (const char *name)
{
  g_autofree char *stem = get_stem (name);
  char *at = stem;

  /* What is no letter stands between words, so that "train5500" and "dev_matched" tell too. */
  while (*at != '\0')
    {
      gsize length = 0;

      while (g_ascii_isalpha (at[length]) || (guchar) at[length] >= 0x80)
        length++;
      for (gint part = 0; length > 0 && part < ATTUNE_N_PARTS; part++)
        for (guint i = 0; part_words[part][i] != NULL; i++)
          if (strlen (part_words[part][i]) == length
              && strncmp (at, part_words[part][i], length) == 0)
            return part;
      at += MAX (length, 1);
    }
  return -1;
}

guint
attune_data_name_get_n_shards (const char *name)
{
  const char *of = g_strrstr (name, "-of-");
  guint n = 0;

  if (of == NULL || of == name || !g_ascii_isdigit (of[-1]))
    return 0;
  for (of += 4; g_ascii_isdigit (*of) && n < 1000000; of++)
    n = 10 * n + (guint) g_ascii_digit_value (*of);
  return n;
}

gboolean
attune_data_name_is_table (const char *name)
{
  g_autofree char *stem = get_stem (name);
  g_autofree char *kind = attune_data_name_get_kind (name);

  if (*name == '.' || *name == '_')
    return FALSE;
  stem[strcspn (stem, ".-")] = '\0';
  if (g_strv_contains (other_names, stem))
    return FALSE;
  return g_strv_contains (table_kinds, kind) || attune_data_name_get_part (kind) >= 0;
}

gboolean
attune_data_name_is_text (const char *name)
{
  g_autofree char *kind = attune_data_name_get_kind (name);

  return (*kind == '\0' || g_str_equal (kind, "txt") || g_str_equal (kind, "text"))
         && attune_data_name_get_part (name) < 0;
}

gboolean
attune_data_name_is_unlabelled (const char *name)
{
  static const char *const names[] = { "unsup", "unsupervised", "unlabeled", "unlabelled", NULL };
  g_autofree char *lower = g_ascii_strdown (name, -1);

  return g_strv_contains (names, lower);
}

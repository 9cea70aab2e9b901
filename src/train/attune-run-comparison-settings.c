/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * In what the runs of a comparison differ: data, model and every setting, with what "auto" became;
 * and which of them differ in nothing but the seed.
 */
#include "config.h"

#include "attune-run-comparison-private.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

#include "attune-train-config-private.h"

/* One setting of one run: what is shown, and what decides whether it is another's. */
typedef struct {
  char *text;
  char *key; /* NULL: the text */
} Value;

typedef struct {
  const char *name;
  const char *title;
  gboolean groups; /* runs that differ in it are no repetition of one another */
  void (*get) (const AttuneRunRecord *record, Value *value);
} Part;

static void
get_model (const AttuneRunRecord *record,
           Value                 *value)
{
  value->text = g_strdup (record->source->model);
}

static char *
join_names (char **paths)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;

  for (guint i = 0; paths != NULL && paths[i] != NULL; i++)
    g_strv_builder_take (names, g_filename_display_basename (paths[i]));
  list = g_strv_builder_end (names);
  return g_strjoinv (", ", list);
}

/* The same bytes are the same data wherever they lie; the sum's beginning tells others apart. */
static void
get_file (char       **paths,
          const char  *sha256,
          Value       *value)
{
  g_autofree char *names = join_names (paths);

  value->key = sha256 != NULL ? g_strdup (sha256)
               : paths != NULL ? g_strjoinv ("\n", paths)
                               : NULL;
  value->text = sha256 != NULL ? g_strdup_printf ("%s (%.8s)", names, sha256)
                               : g_steal_pointer (&names);
}

static void
get_data (const AttuneRunRecord *record,
          Value                 *value)
{
  get_file (record->source->data_paths, record->source->data_sha256, value);
}

static void
get_validation (const AttuneRunRecord *record,
                Value                 *value)
{
  const AttuneRunSource *source = record->source;

  if (source->validation_paths != NULL || record->validation_sha256 != NULL)
    get_file (source->validation_paths, record->validation_sha256, value);
  else if (record->validation_rows > 0)
    value->text = g_strdup_printf (_("%.3g %% held out"), 100 * source->validation_split);
  else
    value->text = g_strdup (_("none"));
}

static void
get_rows (const AttuneRunRecord *record,
          Value                 *value)
{
  value->text = g_strdup_printf ("%'" PRIu64, record->train_rows);
}

static void
get_columns (const AttuneRunRecord *record,
             Value                 *value)
{
  const AttuneRunSource *source = record->source;
  g_autofree char *more = source->more_label_columns != NULL
                            ? g_strjoinv (", ", source->more_label_columns) : NULL;

  value->text = g_strconcat (source->text_column != NULL ? source->text_column : "",
                             source->pair_column != NULL ? " + " : "",
                             source->pair_column != NULL ? source->pair_column : "",
                             " → ", source->label_column != NULL ? source->label_column : "",
                             more != NULL ? ", " : "", more != NULL ? more : "", NULL);
}

static void
get_labels (const AttuneRunRecord *record,
            Value                 *value)
{
  guint n = g_strv_length (record->labels);

  value->key = g_strjoinv ("\n", record->labels);
  value->text = n <= 4 ? g_strjoinv (", ", record->labels)
                       : g_strdup_printf (ngettext ("%u label", "%u labels", n), n);
}

static void
get_amendments (const AttuneRunRecord *record,
                Value                 *value)
{
  const AttuneAmendments *amendments = record->source->amendments;

  value->key = amendments != NULL ? attune_amendments_to_json (amendments) : g_strdup ("");
  value->text = g_strdup (amendments != NULL ? _("amended") : _("as in the file"));
}

static void
get_engine (const AttuneRunRecord *record,
            Value                 *value)
{
  value->text = g_strdup_printf ("%s %s", record->engine != NULL ? record->engine : "",
                                 record->engine_version != NULL ? record->engine_version : "");
}

static const Part parts[] = {
  { "model", N_("Model"), TRUE, get_model },
  { "data", N_("Data"), TRUE, get_data },
  { "columns", N_("Columns"), TRUE, get_columns },
  { "labels", N_("Labels"), TRUE, get_labels },
  { "amendments", N_("Amendments"), TRUE, get_amendments },
  { "train_rows", N_("Texts Learnt From"), TRUE, get_rows },
  { "validation", N_("Validation"), TRUE, get_validation },
  { "engine", N_("Computed With"), FALSE, get_engine },
};

/* What an automatic setting became, where run.json keeps it. */
static char *
resolve (const AttuneRunRecord *record,
         const char            *name)
{
  if (g_str_equal (name, "learning_rate") && record->learning_rate > 0)
    return attune_train_config_format_number (record->learning_rate);
  if (g_str_equal (name, "max_length") && record->max_length > 0)
    return g_strdup_printf ("%u", record->max_length);
  if (g_str_equal (name, "num_threads") && record->threads > 0)
    return g_strdup_printf ("%d", record->threads);
  if (g_str_equal (name, "precision"))
    return g_strdup (record->precision);
  if (g_str_equal (name, "device"))
    return g_strdup (record->device);
  return NULL;
}

static void
get_setting (const AttuneRunRecord *record,
             const char            *name,
             Value                 *value)
{
  g_autofree char *text = attune_train_config_get_text (record->config, name);

  value->key = g_str_equal (text, "auto") ? resolve (record, name) : NULL;
  if (value->key != NULL)
    /* Translators: what an automatic setting has become. */
    value->text = g_strdup_printf (_("%s (automatic)"), value->key);
  else
    value->text = g_steal_pointer (&text);
}

/* A different seed makes no other settings, nor does a different computer. */
static gboolean
setting_groups (const char *name)
{
  static const char * const others[] = { "seed", "num_threads", "device", NULL };

  return !g_strv_contains (others, name);
}

/* Adds a row where the runs differ; to keys and descriptions (n_runs,) what tells groups apart. */
static void
add_row (AttuneRunComparison  *self,
         const char           *name,
         const char           *title,
         Value                *values,
         gboolean              groups,
         GString             **keys,
         GString             **descriptions)
{
  AttuneComparedRow *row = attune_compared_row_new (name, title, self->runs->len);
  gboolean differs = FALSE;

  for (guint i = 0; i < self->runs->len; i++)
    {
      const char *first = values[0].key != NULL ? values[0].key : values[0].text;
      const char *key = values[i].key != NULL ? values[i].key : values[i].text;

      differs = differs || g_strcmp0 (key, first) != 0;
      if (groups)
        g_string_append_printf (keys[i], "%s\n", key != NULL ? key : "");
    }
  for (guint i = 0; i < self->runs->len; i++)
    {
      if (differs && groups)
        g_string_append_printf (descriptions[i], "%s%s %s", descriptions[i]->len > 0 ? ", " : "",
                                title, values[i].text != NULL ? values[i].text : "");
      row->values[i] = values[i].text != NULL ? g_steal_pointer (&values[i].text) : g_strdup ("");
      g_clear_pointer (&values[i].key, g_free);
    }
  if (differs)
    g_ptr_array_add (self->settings, row);
  else
    attune_compared_row_free (row);
}

static void
make_groups (AttuneRunComparison *self,
             GString            **keys,
             GString            **descriptions)
{
  g_autoptr (GHashTable) found = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->runs->len; i++)
    {
      AttuneComparedRun *compared = g_ptr_array_index (self->runs, i);
      AttuneComparedGroup *group = g_hash_table_lookup (found, keys[i]->str);

      if (group == NULL)
        {
          group = g_new0 (AttuneComparedGroup, 1);
          group->description = g_strdup (descriptions[i]->str);
          group->runs = g_array_new (FALSE, FALSE, sizeof (guint));
          g_ptr_array_add (self->groups, group);
          g_hash_table_insert (found, keys[i]->str, group);
        }
      g_array_append_val (group->runs, i);
      g_ptr_array_find (self->groups, group, &compared->group);
    }
}

void
attune_run_comparison_compare_settings (AttuneRunComparison     *self,
                                        AttuneRunRecord * const *records)
{
  guint n = self->runs->len, n_fields;
  const AttuneField *fields = attune_train_config_get_fields (&n_fields);
  GString *keys[ATTUNE_RUN_COMPARISON_MAX], *descriptions[ATTUNE_RUN_COMPARISON_MAX];
  Value values[ATTUNE_RUN_COMPARISON_MAX] = { 0 };

  for (guint i = 0; i < n; i++)
    {
      keys[i] = g_string_new (NULL);
      descriptions[i] = g_string_new (NULL);
    }
  for (guint p = 0; p < G_N_ELEMENTS (parts); p++)
    {
      for (guint i = 0; i < n; i++)
        parts[p].get (records[i], &values[i]);
      add_row (self, parts[p].name, _(parts[p].title), values, parts[p].groups, keys, descriptions);
    }
  for (guint f = 0; f < n_fields; f++)
    {
      for (guint i = 0; i < n; i++)
        get_setting (records[i], fields[f].name, &values[i]);
      add_row (self, fields[f].name, _(fields[f].title), values, setting_groups (fields[f].name),
               keys, descriptions);
    }
  make_groups (self, keys, descriptions);
  for (guint i = 0; i < n; i++)
    {
      g_string_free (keys[i], TRUE);
      g_string_free (descriptions[i], TRUE);
    }
}

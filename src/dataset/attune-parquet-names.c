/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * {"info": {"features": {"label": {"names": ["negative", "positive"], "_type": "ClassLabel"}}}}; of
 * a list the same stands under "feature", or in an array of one. What is otherwise names nothing,
 * for a table can be read without.
 */
#include "config.h"

#include "attune-parquet-names.h"

#include <string.h>
#include <yyjson.h>

#define MOST_NAMES 10000u
#define DEEPEST 4

struct _AttuneParquetNames {
  yyjson_doc *document;
  yyjson_val *features;
};

AttuneParquetNames *
attune_parquet_names_parse (const char *json,
                            gsize       length)
{
  yyjson_doc *document = json != NULL ? yyjson_read (json, length, 0) : NULL;
  yyjson_val *info = yyjson_obj_get (yyjson_doc_get_root (document), "info");
  yyjson_val *features = yyjson_obj_get (info, "features");
  AttuneParquetNames *self;

  if (!yyjson_is_obj (features))
    {
      yyjson_doc_free (document);
      return NULL;
    }
  self = g_new0 (AttuneParquetNames, 1);
  self->document = document;
  self->features = features;
  return self;
}

void
attune_parquet_names_free (AttuneParquetNames *self)
{
  yyjson_doc_free (self->document);
  g_free (self);
}

/* Different, none empty, none with a NUL: as labels must be. */
static char **
copy_names (yyjson_val *names)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) copy = g_ptr_array_new_with_free_func (g_free);
  size_t i, n;
  yyjson_val *name;

  if (!yyjson_is_arr (names) || yyjson_arr_size (names) == 0
      || yyjson_arr_size (names) > MOST_NAMES)
    return NULL;
  yyjson_arr_foreach (names, i, n, name)
    {
      const char *text = yyjson_get_str (name);

      if (text == NULL || *text == '\0' || strlen (text) != yyjson_get_len (name)
          || !g_hash_table_add (seen, (gpointer) text))
        return NULL;
      g_ptr_array_add (copy, g_strdup (text));
    }
  g_ptr_array_add (copy, NULL);
  return (char **) g_ptr_array_steal (copy, NULL);
}

char **
attune_parquet_names_get (AttuneParquetNames *self,
                          const char         *column)
{
  yyjson_val *feature = yyjson_obj_get (self->features, column);

  for (guint depth = 0; feature != NULL && depth < DEEPEST; depth++)
    {
      if (yyjson_equals_str (yyjson_obj_get (feature, "_type"), "ClassLabel"))
        return copy_names (yyjson_obj_get (feature, "names"));
      feature = yyjson_is_arr (feature) ? yyjson_arr_get_first (feature)
                                        : yyjson_obj_get (feature, "feature");
    }
  return NULL;
}

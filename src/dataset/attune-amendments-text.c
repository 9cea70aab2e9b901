/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Amendments as options of the command line, and as JSON, as run.json has them: {"drop":
 * ["duplicates"], "labels": [{"merge": "Spam", "into": "spam"}, {"rename": "0", "to": "negative"},
 * {"drop": "-1"}]}. Read with distrust: what this version does not know is an error, for a data set
 * amended by half is another data set.
 */
#include "config.h"

#include "attune-amendments.h"

#include <glib/gi18n.h>
#include <string.h>
#include <yyjson.h>

#define MOST_CHANGES 20000u

static const struct {
  AttuneDrop drop;
  const char *name;
} drops[] = {
  { ATTUNE_DROP_EMPTY, "empty" },
  { ATTUNE_DROP_DUPLICATES, "duplicates" },
  { ATTUNE_DROP_CONFLICTING, "conflicting" },
  { ATTUNE_DROP_OVERLAP, "overlap" },
};

static const struct {
  const char *verb;
  const char *target; /* NULL if there is none */
} kinds[] = {
  [ATTUNE_CHANGE_MERGE] = { "merge", "into" },
  [ATTUNE_CHANGE_RENAME] = { "rename", "to" },
  [ATTUNE_CHANGE_DROP] = { "drop", NULL },
};

AttuneDrop
attune_drop_from_name (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (drops); i++)
    if (g_str_equal (drops[i].name, name))
      return drops[i].drop;
  return ATTUNE_DROP_NOTHING;
}

/**
 * attune_amendments_to_json:
 * @self: (nullable): NULL as empty
 *
 * Returns: (transfer full): an object on one line
 */
char *
attune_amendments_to_json (const AttuneAmendments *self)
{
  yyjson_mut_doc *doc = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (doc);
  yyjson_mut_val *list;
  char *written;
  char *json;

  yyjson_mut_doc_set_root (doc, root);
  list = yyjson_mut_obj_add_arr (doc, root, "drop");
  for (guint i = 0; self != NULL && i < G_N_ELEMENTS (drops); i++)
    if (self->drop & drops[i].drop)
      yyjson_mut_arr_add_str (doc, list, drops[i].name);
  list = yyjson_mut_obj_add_arr (doc, root, "labels");
  for (guint i = 0; self != NULL && i < self->changes->len; i++)
    {
      const AttuneLabelChange *change = g_ptr_array_index (self->changes, i);
      yyjson_mut_val *object = yyjson_mut_arr_add_obj (doc, list);

      yyjson_mut_obj_add_str (doc, object, kinds[change->kind].verb, change->from);
      if (change->to != NULL)
        yyjson_mut_obj_add_str (doc, object, kinds[change->kind].target, change->to);
    }
  written = yyjson_mut_write (doc, YYJSON_WRITE_ALLOW_INVALID_UNICODE, NULL);
  json = g_strdup (written);
  free (written);
  yyjson_mut_doc_free (doc);
  return json;
}

char *
attune_amendments_to_options (const AttuneAmendments *self,
                              guint                   most_changes)
{
  static const char *const options[] = {
    [ATTUNE_CHANGE_MERGE] = "--merge-labels",
    [ATTUNE_CHANGE_RENAME] = "--rename-label",
    [ATTUNE_CHANGE_DROP] = "--drop-label",
  };
  GString *text = g_string_new (NULL);
  guint n_changes = self != NULL ? self->changes->len : 0;

  for (guint i = 0; self != NULL && i < G_N_ELEMENTS (drops); i++)
    if (self->drop & drops[i].drop)
      g_string_append_printf (text, " --drop %s", drops[i].name);
  for (guint i = 0; i < MIN (n_changes, most_changes); i++)
    {
      const AttuneLabelChange *change = g_ptr_array_index (self->changes, i);
      g_autofree char *argument = change->to != NULL
                                    ? g_strconcat (change->from, "=", change->to, NULL)
                                    : g_strdup (change->from);
      g_autofree char *quoted = g_shell_quote (argument);

      g_string_append_printf (text, " %s %s", options[change->kind], quoted);
    }
  if (n_changes > most_changes)
    g_string_append (text, " …");
  return g_string_free_and_steal (text);
}

static gboolean
read_change (AttuneAmendments *self,
             yyjson_val       *object)
{
  for (guint kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    {
      const char *from = yyjson_get_str (yyjson_obj_get (object, kinds[kind].verb));
      const char *target = kinds[kind].target;
      const char *to = target != NULL ? yyjson_get_str (yyjson_obj_get (object, target)) : NULL;

      if (from == NULL)
        continue;
      if ((target != NULL) != (to != NULL) || yyjson_obj_size (object) != (to != NULL ? 2 : 1))
        return FALSE;
      attune_amendments_add_change (self, kind, from, to);
      return TRUE;
    }
  return FALSE;
}

static gboolean
read_root (AttuneAmendments *self,
           yyjson_val       *root)
{
  yyjson_val *drop = yyjson_obj_get (root, "drop");
  yyjson_val *labels = yyjson_obj_get (root, "labels");
  yyjson_val *item;
  size_t i, n;

  if (!yyjson_is_obj (root)
      || (drop != NULL && !yyjson_is_arr (drop)) || (labels != NULL && !yyjson_is_arr (labels))
      || yyjson_obj_size (root) != (size_t) (drop != NULL) + (labels != NULL)
      || yyjson_arr_size (labels) > MOST_CHANGES)
    return FALSE;
  yyjson_arr_foreach (drop, i, n, item)
    {
      AttuneDrop flag = yyjson_is_str (item) ? attune_drop_from_name (yyjson_get_str (item)) : 0;

      if (flag == 0)
        return FALSE;
      self->drop |= flag;
    }
  yyjson_arr_foreach (labels, i, n, item)
    if (!read_change (self, item))
      return FALSE;
  return TRUE;
}

/**
 * attune_amendments_from_json:
 *
 * Returns: (transfer full): NULL with ATTUNE_DATASET_ERROR_FORMAT if any part is not understood
 */
AttuneAmendments *
attune_amendments_from_json (const char  *json,
                             gsize        length,
                             GError     **error)
{
  g_autoptr (AttuneAmendments) self = attune_amendments_new ();
  yyjson_doc *doc = yyjson_read (json, length, YYJSON_READ_NOFLAG);
  gboolean ok = doc != NULL && read_root (self, yyjson_doc_get_root (doc));

  yyjson_doc_free (doc);
  if (ok)
    return g_steal_pointer (&self);
  g_set_error_literal (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
                       _("The amendments of the data are not understood; they may be damaged or "
                         "those of a newer version"));
  return NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A line as a text to tokenize or to classify. Texts are counted, not terminated: U+0000 is data.
 */
#include "config.h"

#include <string.h>

#include <glib/gi18n.h>
#include <yyjson.h>

#include "cli-lines.h"

/* NUL parts valid stretches; GLib would take it for an error. */
static gboolean
is_utf8 (const char *line,
         gsize       length)
{
  const char *end = line + length;

  while (line < end)
    {
      const char *nul = memchr (line, '\0', end - line);
      const char *stop = nul != NULL ? nul : end;

      if (!g_utf8_validate_len (line, stop - line, NULL))
        return FALSE;
      line = stop + 1;
    }

  return TRUE;
}

CliText *
cli_text_new_plain (CliLines    *lines,
                    const char  *line,
                    gsize        length,
                    GError     **error)
{
  CliText *self;

  if (!is_utf8 (line, length))
    {
      cli_lines_refuse (lines, error, _("it is not UTF-8"));
      return NULL;
    }

  self = g_new0 (CliText, 1);
  self->text = g_bytes_new (line, length);
  return self;
}

static GBytes *
dup_string (yyjson_val *value)
{
  return yyjson_is_str (value) ? g_bytes_new (yyjson_get_str (value), yyjson_get_len (value))
                               : NULL;
}

static GArray *
dup_ids (yyjson_val *array)
{
  g_autoptr (GArray) ids = NULL;
  yyjson_arr_iter iter;
  yyjson_val *id;

  if (!yyjson_is_arr (array) || yyjson_arr_size (array) == 0)
    return NULL;

  ids = g_array_sized_new (FALSE, FALSE, sizeof (gint32), yyjson_arr_size (array));
  iter = yyjson_arr_iter_with (array);
  while ((id = yyjson_arr_iter_next (&iter)) != NULL)
    {
      gint32 value = yyjson_get_uint (id);

      if (!yyjson_is_uint (id) || yyjson_get_uint (id) > G_MAXINT32)
        return NULL;
      g_array_append_val (ids, value);
    }

  return g_steal_pointer (&ids);
}

CliText *
cli_text_new_json (CliLines    *lines,
                   const char  *line,
                   gsize        length,
                   GError     **error)
{
  yyjson_doc *document = yyjson_read (line, length, YYJSON_READ_NOFLAG);
  yyjson_val *root = yyjson_doc_get_root (document);
  CliText *self = g_new0 (CliText, 1);

  self->ids = dup_ids (yyjson_obj_get (root, "ids"));
  if (self->ids == NULL)
    {
      self->text = dup_string (yyjson_obj_get (root, "text"));
      self->pair = dup_string (yyjson_obj_get (root, "pair"));
    }
  if (self->ids == NULL && self->text == NULL)
    {
      cli_lines_refuse (lines, error,
                        document == NULL
                          ? _("it is not JSON")
                          : _("it has neither a “text” nor a list of “ids” that are whole "
                              "numbers"));
      g_clear_pointer (&self, cli_text_free);
    }

  yyjson_doc_free (document);
  return self;
}

void
cli_text_free (CliText *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->text, g_bytes_unref);
  g_clear_pointer (&self->pair, g_bytes_unref);
  g_clear_pointer (&self->ids, g_array_unref);
  g_free (self);
}

AttunePredictText
cli_text_view (const CliText *self)
{
  AttunePredictText view = { 0 };
  gsize length = 0;

  if (self->ids != NULL)
    {
      view.ids = (const gint32 *) self->ids->data;
      view.n_ids = self->ids->len;
      return view;
    }

  view.text = g_bytes_get_data (self->text, &length);
  view.length = length;
  if (self->pair != NULL)
    {
      view.pair = g_bytes_get_data (self->pair, &length);
      view.pair_length = length;
    }
  /* An empty GBytes has no data, but the text is there. */
  if (view.text == NULL)
    view.text = "";
  if (self->pair != NULL && view.pair == NULL)
    view.pair = "";

  return view;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON lines on standard output. Names of files may be no UTF-8; they are printed as they are.
 */
#include "config.h"

#include "cli-json.h"

yyjson_mut_doc *
cli_json_begin (yyjson_mut_val **root)
{
  yyjson_mut_doc *document = yyjson_mut_doc_new (NULL);

  *root = yyjson_mut_obj (document);
  yyjson_mut_doc_set_root (document, *root);

  return document;
}

void
cli_json_add_string (yyjson_mut_doc *document,
                     yyjson_mut_val *object,
                     const char     *key,
                     const char     *text)
{
  if (text != NULL)
    yyjson_mut_obj_add_str (document, object, key, text);
  else
    yyjson_mut_obj_add_null (document, object, key);
}

void
cli_json_end (yyjson_mut_doc *document,
              CliOutput      *output)
{
  size_t length;
  char *text = yyjson_mut_write (
    document, YYJSON_WRITE_INF_AND_NAN_AS_NULL | YYJSON_WRITE_ALLOW_INVALID_UNICODE, &length);

  g_string_append_len (output->text, text, length);
  g_string_append_c (output->text, '\n');
  free (text);
  yyjson_mut_doc_free (document);
}

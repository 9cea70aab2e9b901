/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading of JSON that came from outside: capped in size and depth before anything is allocated,
 * with errors that name the file. Used by this room only.
 */
#pragma once

#include <gio/gio.h>
#include <yyjson.h>

G_BEGIN_DECLS

G_DEFINE_AUTOPTR_CLEANUP_FUNC (yyjson_doc, yyjson_doc_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (yyjson_mut_doc, yyjson_mut_doc_free)

#define ATTUNE_JSON_MAX_DEPTH 32

yyjson_doc *attune_json_parse_object (const char   *data,
                                      gsize         length,
                                      const char   *source_name,
                                      GError      **error);
yyjson_doc *attune_json_parse_array  (const char   *data,
                                      gsize         length,
                                      const char   *source_name,
                                      GError      **error);
GBytes     *attune_json_load_file    (const char   *path,
                                      gsize         max_length,
                                      GError      **error);
gboolean    attune_json_has_duplicates (yyjson_val *object,
                                        const char **key);
char       *attune_json_write          (yyjson_mut_doc *document,
                                        gsize          *length,
                                        GError        **error);
gboolean    attune_json_save           (yyjson_mut_doc *document,
                                        const char     *folder,
                                        const char     *file,
                                        GError        **error);

G_END_DECLS

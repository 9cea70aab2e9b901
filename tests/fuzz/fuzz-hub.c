/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as what the Hub says: a repository, the answer to a search, each header, a name. What is
 * taken of it is what may be written below a folder.
 */
#include "config.h"

#include <stdint.h>

#include "attune-hub-answer.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
read_repo (const char *data,
           size_t      size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneHubRepo) repo = attune_hub_repo_parse (data, size, "org/name", &error);

  g_assert_true ((repo == NULL) == (error != NULL));
  if (repo == NULL)
    return;
  g_assert_true (attune_hub_is_commit (repo->commit));
  for (guint i = 0; i < repo->files->len; i++)
    {
      const AttuneHubFile *file = g_ptr_array_index (repo->files, i);

      g_assert_true (attune_hub_path_is_safe (file->path));
      g_assert_true (file->size >= -1);
      g_assert_true (file->hash == NULL || strlen (file->hash) == 40 || strlen (file->hash) == 64);
    }
}

static void
read_models (const char *data,
             size_t      size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) models = attune_hub_models_parse (data, size, &error);

  g_assert_true ((models == NULL) == (error != NULL));
  for (guint i = 0; models != NULL && i < models->len; i++)
    g_assert_true (attune_hub_check_id (((AttuneHubModel *) g_ptr_array_index (models, i))->id,
                                        NULL));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *etag = NULL, *hash = NULL, *next = NULL;
  gint64 first = 0, total = 0;
  gboolean weak;

  read_repo ((const char *) data, size);
  read_models ((const char *) data, size);
  etag = attune_hub_etag_parse (text, &weak);
  hash = attune_hub_etag_get_hash (text);
  next = attune_hub_link_get_next (text);
  if (attune_hub_range_parse (text, &first, &total))
    g_assert_true (first >= 0 && (total == -1 || total > first));
  g_assert_true (attune_hub_retry_after_parse (text) >= -1);
  if (attune_hub_path_is_safe (text))
    g_assert_true (*text != '/' && *text != '.' && strstr (text, "/.") == NULL
                   && strchr (text, '\\') == NULL);
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Searching the Hub for models that can be fine-tuned here: their weights as safetensors, of a kind
 * that is known. The Hub knows more kinds, so that a few pages are looked through. Worker thread.
 */
#include "config.h"

#include "attune-hub-download.h"

#include <string.h>

#include "attune-hub-private.h"

#define MOST_PAGES 3u
#define ENOUGH 20u

GPtrArray *
attune_hub_search_models (AttuneHub     *self,
                          const char    *words,
                          GCancellable  *cancellable,
                          GError       **error)
{
  g_autofree char *escaped = g_uri_escape_string (words, NULL, FALSE);
  g_autofree char *address = g_strdup_printf (
    "%s/api/models?search=%s&filter=safetensors&sort=downloads&direction=-1&limit=100"
    "&expand=downloads&expand=safetensors&expand=tags&expand=cardData&expand=config&expand=gated",
    self->endpoint, escaped);
  g_autofree char *own = g_strconcat (self->endpoint, "/", NULL);
  g_autoptr (GPtrArray) models
    = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_hub_model_free);

  for (guint i = 0; i < MOST_PAGES && models->len < ENOUGH && address != NULL; i++)
    {
      g_autofree char *next = NULL;
      g_autoptr (GBytes) json = attune_hub_get_json (self, address, words, &next, cancellable,
                                                     error);
      g_autoptr (GPtrArray) page = NULL;

      if (json == NULL)
        return NULL;
      page = attune_hub_models_parse (g_bytes_get_data (json, NULL), g_bytes_get_size (json), error);
      if (page == NULL)
        return NULL;
      g_ptr_array_extend_and_steal (models, g_steal_pointer (&page));
      /* A list goes on where it began. */
      g_free (address);
      address = next != NULL && g_str_has_prefix (next, own) ? g_steal_pointer (&next) : NULL;
    }

  return g_steal_pointer (&models);
}

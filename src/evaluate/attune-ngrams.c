/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A feature is a token's id, or for a pair of neighbours both ids with the first one above 32 bits,
 * plus one to tell it from a single id.
 */
#include "config.h"

#include "attune-ngrams.h"

#include <stdlib.h>

static int
compare_features (const void *a,
                  const void *b)
{
  const guint64 feature_a = *(const guint64 *) a;
  const guint64 feature_b = *(const guint64 *) b;

  return (feature_a > feature_b) - (feature_a < feature_b);
}

void
attune_ngrams_collect (GArray       *features,
                       const gint32 *ids,
                       gsize         n_ids)
{
  guint64 *all;
  guint n_unique = 0;

  g_array_set_size (features, 0);
  for (gsize i = 0; i < n_ids; i++)
    {
      const guint64 unigram = (guint32) ids[i];

      g_array_append_val (features, unigram);
      if (i > 0)
        {
          const guint64 bigram = ((guint64) (guint32) ids[i - 1] + 1) << 32 | unigram;

          g_array_append_val (features, bigram);
        }
    }
  if (features->len == 0)
    return;

  all = &g_array_index (features, guint64, 0);
  qsort (all, features->len, sizeof *all, compare_features);
  for (guint i = 0; i < features->len; i++)
    {
      if (n_unique == 0 || all[n_unique - 1] != all[i])
        all[n_unique++] = all[i];
    }
  g_array_set_size (features, n_unique);
}

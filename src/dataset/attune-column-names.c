/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a column's name says about what is in it: whole names first, then names of several words
 * ("review_text", "Tweet Content", "label.1") by one of their words.
 */
#include "config.h"

#include "attune-column-names.h"

#include <string.h>

/* A longer one is not a name but a sentence. */
#define MOST_WORDS 3u

static const char *const text_names[] = {
  "text", "sentence", "review", "content", "comment", "tweet", "message", "question", "utterance",
  "query", "body", "remark", "document", "description", "headline", "title", "post", "phrase",
  "text_a", "text1", "sentence1", "question1", "premise", "sms", "statement", "abstract", "summary",
  "文本", "内容", "评论", "句子", "标题", NULL
};

static const char *const label_names[] = {
  "label", "labels", "category", "class", "sentiment", "target", "topic", "intent", "y", "tag",
  "emotion", "gold_label", "polarity", "categories", "classes", "topics", "is_duplicate", "rating",
  "stars", "标签", "类别", "分类", "情感", NULL
};

/* In lower case, words joined by single underscores. */
static char *
normalize (const char *name)
{
  GString *out = g_string_new (NULL);

  for (const char *p = name; *p != '\0'; p++)
    {
      gboolean joint = strchr (" \t_-./:", *p) != NULL;

      if (!joint)
        g_string_append_c (out, g_ascii_tolower (*p));
      else if (out->len > 0 && out->str[out->len - 1] != '_')
        g_string_append_c (out, '_');
    }
  while (out->len > 0 && out->str[out->len - 1] == '_')
    g_string_truncate (out, out->len - 1);
  return g_string_free (out, FALSE);
}

gint
attune_column_name_rank (const char       *name,
                         AttuneColumnRole  role)
{
  const char *const *names = role == ATTUNE_COLUMN_TEXT ? text_names : label_names;
  gint n_names = (gint) g_strv_length ((char **) names);
  g_autofree char *normal = normalize (name);
  g_auto (GStrv) words = NULL;

  for (gint i = 0; i < n_names; i++)
    if (g_str_equal (normal, names[i]))
      return i;
  words = g_strsplit (normal, "_", MOST_WORDS + 1);
  if (g_strv_length (words) > MOST_WORDS)
    return -1;
  for (gint i = 0; i < n_names; i++)
    if (strlen (names[i]) > 1 && g_strv_contains ((const char *const *) words, names[i]))
      return ATTUNE_COLUMN_NAME_WORDS + i;
  return -1;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sorting and searching of runs. Main thread.
 */
#include "config.h"

#include "attune-run-order.h"

#include <math.h>

#include "attune-run-choice.h"

/* Items are projects, or choices of them. */
static AttuneProject *
get_project (gconstpointer item)
{
  gpointer object = (gpointer) item;

  return ATTUNE_IS_RUN_CHOICE (object) ? attune_run_choice_get_project (object) : object;
}

static AttuneRun *
get_run (gconstpointer item)
{
  return attune_project_get_run (get_project (item));
}

static int
compare_dates (gconstpointer a, gconstpointer b, gpointer user_data)
{
  gint64 first = attune_run_get_created (get_run (a));
  gint64 second = attune_run_get_created (get_run (b));

  return (first < second) - (first > second);
}

static int
compare_accuracies (gconstpointer a, gconstpointer b, gpointer user_data)
{
  double first = attune_run_get_best_accuracy (get_run (a));
  double second = attune_run_get_best_accuracy (get_run (b));

  if (isnan (first) || isnan (second))
    {
      if (isnan (first) != isnan (second))
        return isnan (first) ? 1 : -1;
    }
  else if (first != second)
    return first < second ? 1 : -1;
  return compare_dates (a, b, NULL);
}

static int
compare_titles (gconstpointer a, gconstpointer b, gpointer user_data)
{
  int order = g_utf8_collate (attune_run_get_title (get_run (a)),
                              attune_run_get_title (get_run (b)));

  return order != 0 ? order : compare_dates (a, b, NULL);
}

GtkSorter *
attune_run_sorter_new (const char *name)
{
  GCompareDataFunc compare = g_str_equal (name, "accuracy") ? compare_accuracies
                             : g_str_equal (name, "title")  ? compare_titles
                                                            : compare_dates;

  return GTK_SORTER (gtk_custom_sorter_new (compare, NULL, NULL));
}

/* The words, folded, that the filter looks for; its user data. */
typedef struct
{
  char **words;
} Search;

static void
search_free (gpointer data)
{
  Search *search = data;

  g_strfreev (search->words);
  g_free (search);
}

static void
add_names (GString *text, GPtrArray *files)
{
  for (guint i = 0; files != NULL && i < files->len; i++)
    {
      g_autofree char *name = g_file_get_basename (g_ptr_array_index (files, i));
      g_autofree char *shown = name != NULL ? g_filename_display_name (name) : NULL;

      g_string_append_printf (text, "%s\n", shown != NULL ? shown : "");
    }
}

/* All that can be found of a run, folded. (transfer full) */
static char *
make_text (AttuneProject *project)
{
  AttuneRun *run = attune_project_get_run (project);
  const char * const *classes = attune_run_get_classes (run);
  const char *notes = attune_run_get_notes (run);
  const char *model = attune_project_get_model (project);
  g_autoptr (GString) text = g_string_new (attune_run_get_title (run));

  g_string_append_printf (text, "\n%s\n%s\n", notes != NULL ? notes : "",
                          model != NULL ? model : "");
  add_names (text, attune_project_get_given (project));
  add_names (text, attune_project_get_validation_given (project));
  for (guint i = 0; classes != NULL && classes[i] != NULL; i++)
    g_string_append_printf (text, "%s\n", classes[i]);
  return g_utf8_casefold (text->str, (gssize) text->len);
}

static gboolean
match (gpointer item, gpointer user_data)
{
  const Search *search = user_data;
  g_autofree char *text = NULL;

  if (search->words == NULL)
    return TRUE;
  text = make_text (get_project (item));
  for (guint i = 0; search->words[i] != NULL; i++)
    {
      if (*search->words[i] != '\0' && strstr (text, search->words[i]) == NULL)
        return FALSE;
    }
  return TRUE;
}

GtkFilter *
attune_run_filter_new (void)
{
  Search *search = g_new0 (Search, 1);
  GtkFilter *filter = GTK_FILTER (gtk_custom_filter_new (match, search, search_free));

  g_object_set_data (G_OBJECT (filter), "search", search);
  return filter;
}

void
attune_run_filter_set (GtkFilter *filter, const char *words)
{
  Search *search = g_object_get_data (G_OBJECT (filter), "search");
  g_autofree char *folded = g_utf8_casefold (words, -1);

  g_clear_pointer (&search->words, g_strfreev);
  if (*g_strstrip (folded) != '\0')
    search->words = g_strsplit_set (folded, " \t\n", -1);
  gtk_filter_changed (filter, GTK_FILTER_CHANGE_DIFFERENT);
}

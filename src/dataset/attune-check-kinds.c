/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How many labels a text has is a guess where nobody said it; it is told here, with the other way to
 * read them, whichever was taken.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "attune-check-parts.h"
#include "attune-label-cells.h"

/* Rows of which the two ways of reading differ. */
static void
add_joined_rows (AttuneFound   *found,
                 AttuneDataset *dataset,
                 char           separator)
{
  AttuneTable *table = attune_dataset_get_table (dataset);
  guint column = (guint) attune_dataset_get_columns (dataset)->label;

  for (guint row = 0; row < attune_dataset_get_n_rows (dataset); row++)
    {
      gsize length;
      const char *cell = attune_table_get_cell (table, row, column, &length);

      if (memchr (cell, separator, length) != NULL)
        attune_found_add (found, row);
    }
}

static void
report_several (GPtrArray     *findings,
                AttuneDataset *dataset)
{
  const AttuneColumns *columns = attune_dataset_get_columns (dataset);
  guint n = attune_dataset_get_n_labels (dataset);
  g_auto (AttuneFound) found = attune_found_new ();
  char *message;

  if (columns->n_more > 0)
    message = g_strdup_printf (ngettext ("%'u column of 0 and 1 is taken for a label that a text "
                                         "may have or not",
                                         "%'u columns of 0 and 1 are taken for labels, any number "
                                         "of which a text may have", n), n);
  else if (columns->separator == ATTUNE_LIST_SEPARATOR)
    message = g_strdup_printf (ngettext ("A text may have several labels, for they are lists: %'u "
                                         "label",
                                         "A text may have several labels, for they are lists: %'u "
                                         "labels", n), n);
  else
    message = g_strdup_printf (ngettext ("A text may have several labels, with “%c” between them: "
                                         "%'u label. Choose one label a text if that is part of a "
                                         "name",
                                         "A text may have several labels, with “%c” between them: "
                                         "%'u labels. Choose one label a text if that is part of a "
                                         "name", n), columns->separator, n);
  if (columns->separator != '\0')
    add_joined_rows (&found, dataset, columns->separator);
  found.count = n;
  attune_check_report (findings, ATTUNE_SEVERITY_INFO, "several-labels", &found, message);
}

static void
report_names (GPtrArray     *findings,
              AttuneDataset *dataset)
{
  g_auto (AttuneFound) found = attune_found_new ();

  found.count = attune_dataset_get_n_labels (dataset);
  attune_check_report (findings, ATTUNE_SEVERITY_INFO, "label-names", &found,
                       g_strdup_printf (_("The labels are numbers, and their names are those in "
                                          "%s beside the data"),
                                        attune_dataset_get_names_source (dataset)));
}

void
attune_check_kinds (GPtrArray     *findings,
                    AttuneDataset *dataset)
{
  const AttuneColumns *columns = attune_dataset_get_columns (dataset);
  g_auto (AttuneFound) found = attune_found_new ();
  char separator;

  if (attune_dataset_get_names_source (dataset) != NULL)
    report_names (findings, dataset);

  if (columns->task == ATTUNE_TASK_MULTI_LABEL)
    {
      if (attune_dataset_is_task_guessed (dataset))
        report_several (findings, dataset);
      return;
    }
  if (attune_label_cells_look (attune_dataset_get_table (dataset), columns->label, &separator)
        != ATTUNE_SEVERAL_POSSIBLE
      || separator == ATTUNE_LIST_SEPARATOR)
    return;
  add_joined_rows (&found, dataset, separator);
  if (found.count > 0)
    attune_check_report (findings, ATTUNE_SEVERITY_INFO, "several-labels-possible", &found,
                         g_strdup_printf (ngettext ("%'u row has a label with “%c” in it; if it is "
                                                    "several labels, choose that",
                                                    "%'u rows have labels with “%c” in them; if "
                                                    "they are several labels, choose that",
                                                    found.count), found.count, separator));
}

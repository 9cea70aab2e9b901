/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of the findings list and the dialog with the texts behind one.
 */
#include "config.h"

#include "attune-finding-rows.h"

#include <glib/gi18n.h>
#include <inttypes.h>

/* Bytes of a text that its row shows. */
#define MAX_TEXT_BYTES 300

static const struct
{
  const char *icon;
  const char *style;
  const char *words;
} severities[] = {
  [ATTUNE_SEVERITY_BLOCKS] = { "dialog-error-symbolic", "error", N_("Blocks training") },
  [ATTUNE_SEVERITY_WARNING] = { "dialog-warning-symbolic", "warning", N_("Lowers the accuracy") },
  [ATTUNE_SEVERITY_INFO] = { "dialog-information-symbolic", "dimmed", N_("Worth knowing") },
};

typedef struct
{
  char *title;
  GArray *rows;
  AttuneDataset *dataset;
} Concerned;

static void
concerned_free (gpointer data, GClosure *closure)
{
  Concerned *concerned = data;

  g_free (concerned->title);
  g_array_unref (concerned->rows);
  g_object_unref (concerned->dataset);
  g_free (concerned);
}

static GtkWidget *
create_text_row (AttuneDataset *dataset, guint row)
{
  GtkWidget *widget = adw_action_row_new ();
  gint32 label = attune_dataset_get_label (dataset, row);
  guint64 line = attune_table_get_line (attune_dataset_get_table (dataset), row);
  gsize length;
  const char *text = attune_dataset_get_text (dataset, row, &length);
  g_autofree char *shown = g_utf8_make_valid (text, MIN (length, MAX_TEXT_BYTES));
  g_autofree char *subtitle = NULL;

  if (label >= 0)
    subtitle = g_strdup_printf (_("Line %" PRIu64 " · %s"), line,
                                attune_dataset_get_label_names (dataset)[label]);
  else
    subtitle = g_strdup_printf (_("Line %" PRIu64 " · no label"), line);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (widget), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (widget),
                                 *shown != '\0' ? shown : _("(empty text)"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (widget), subtitle);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (widget), 3);
  return widget;
}

static void
show_rows_cb (GtkWidget *widget, Concerned *concerned)
{
  AdwDialog *dialog = adw_dialog_new ();
  GtkWidget *toolbar_view = adw_toolbar_view_new ();
  GtkWidget *page = adw_preferences_page_new ();
  GtkWidget *group = adw_preferences_group_new ();
  guint n = MIN (concerned->rows->len, 200);

  for (guint i = 0; i < n; i++)
    adw_preferences_group_add (
      ADW_PREFERENCES_GROUP (group),
      create_text_row (concerned->dataset, g_array_index (concerned->rows, guint, i)));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (group));
  adw_toolbar_view_add_top_bar (ADW_TOOLBAR_VIEW (toolbar_view), adw_header_bar_new ());
  adw_toolbar_view_set_content (ADW_TOOLBAR_VIEW (toolbar_view), page);
  adw_dialog_set_title (dialog, concerned->title);
  adw_dialog_set_child (dialog, toolbar_view);
  adw_dialog_set_content_width (dialog, 560);
  adw_dialog_set_content_height (dialog, 520);
  adw_dialog_present (dialog, widget);
}

GtkWidget *
attune_finding_row_new (const AttuneFinding *finding, AttuneDataset *dataset)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *icon = gtk_image_new_from_icon_name (severities[finding->severity].icon);

  gtk_widget_add_css_class (icon, severities[finding->severity].style);
  gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _(severities[finding->severity].words), -1);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), finding->message);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _(severities[finding->severity].words));
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  if (finding->rows != NULL && finding->rows->len > 0 && dataset != NULL)
    {
      Concerned *concerned = g_new0 (Concerned, 1);

      concerned->title = g_strdup (finding->message);
      concerned->rows = g_array_ref (finding->rows);
      concerned->dataset = g_object_ref (dataset);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                                 gtk_image_new_from_icon_name ("go-next-symbolic"));
      gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
      g_signal_connect_data (row, "activated", G_CALLBACK (show_rows_cb), concerned, concerned_free,
                             0);
    }
  return row;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A list view over row numbers; what a row says is made when it comes into view. The numbers lie in
 * a string list, as positions of the array that has them.
 */
#include "config.h"

#include "attune-finding-texts.h"

#include <glib/gi18n.h>
#include <inttypes.h>

/* Bytes of a text that its row shows. */
#define MAX_TEXT_BYTES 600

typedef struct
{
  AttuneDataset *dataset;
  GArray *rows;
} Texts;

static void
texts_free (gpointer data, GClosure *closure)
{
  Texts *texts = data;

  g_object_unref (texts->dataset);
  g_array_unref (texts->rows);
  g_free (texts);
}

static GtkWidget *
create_label (const char *style)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (GTK_LABEL (label), 4);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  if (style != NULL)
    {
      gtk_widget_add_css_class (label, style);
      gtk_widget_add_css_class (label, "caption");
    }
  return label;
}

static void
setup_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);

  gtk_widget_set_margin_top (box, 9);
  gtk_widget_set_margin_bottom (box, 9);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_box_append (GTK_BOX (box), create_label (NULL));
  gtk_box_append (GTK_BOX (box), create_label ("dimmed"));
  gtk_list_item_set_child (item, box);
  gtk_list_item_set_activatable (item, FALSE);
}

/* At most MAX_TEXT_BYTES, whole characters, safe to show. */
static char *
shorten (const char *text, gsize length)
{
  if (length <= MAX_TEXT_BYTES)
    return g_utf8_make_valid (text, (gssize) length);
  length = (gsize) (g_utf8_find_prev_char (text, text + MAX_TEXT_BYTES) - text);
  return g_strdup_printf ("%.*s…", (int) length, text);
}

static char *
describe_text (AttuneDataset *dataset, guint row)
{
  gsize length, pair_length;
  const char *text = attune_dataset_get_text (dataset, row, &length);
  const char *pair = attune_dataset_get_pair (dataset, row, &pair_length);
  g_autofree char *shown = shorten (text, length);
  g_autofree char *shown_pair = pair != NULL ? shorten (pair, pair_length) : NULL;

  if (shown_pair != NULL)
    return g_strdup_printf ("%s\n%s", shown, shown_pair);
  return *shown != '\0' ? g_steal_pointer (&shown) : g_strdup (_("(empty text)"));
}

/* The names of a row's labels; NULL if it has none. */
static char *
join_labels (AttuneDataset *dataset, guint row)
{
  const char * const *names = attune_dataset_get_label_names (dataset);
  guint n;
  const gint32 *set = attune_dataset_get_label_set (dataset, row, &n);
  GString *joined = n > 0 ? g_string_new (NULL) : NULL;

  for (guint i = 0; i < n; i++)
    /* Translators: between two labels of one text. */
    g_string_append_printf (joined, "%s%s", i > 0 ? _(", ") : "", names[set[i]]);
  return joined != NULL ? g_string_free_and_steal (joined) : NULL;
}

static void
bind_cb (GtkListItemFactory *factory, GtkListItem *item, Texts *texts)
{
  GtkWidget *label = gtk_widget_get_first_child (gtk_list_item_get_child (item));
  GtkWidget *caption = gtk_widget_get_next_sibling (label);
  AttuneDataset *dataset = texts->dataset;
  guint row = g_array_index (texts->rows, guint, gtk_list_item_get_position (item));
  guint64 line = attune_table_get_line (attune_dataset_get_table (dataset), row);
  g_autofree char *words = describe_text (dataset, row);
  g_autofree char *labels = join_labels (dataset, row);
  g_autofree char *where = NULL;

  if (labels != NULL)
    where = g_strdup_printf (_("Line %" PRIu64 " · %s"), line, labels);
  else
    where = g_strdup_printf (_("Line %" PRIu64 " · no label"), line);
  gtk_label_set_text (GTK_LABEL (label), words);
  gtk_label_set_text (GTK_LABEL (caption), where);
  gtk_list_item_set_accessible_label (item, words);
  gtk_list_item_set_accessible_description (item, where);
}

AdwDialog *
attune_finding_texts_new (const char *title, AttuneDataset *dataset, GArray *rows)
{
  AdwDialog *dialog = adw_dialog_new ();
  GtkWidget *toolbar_view = adw_toolbar_view_new ();
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *view = gtk_list_view_new (NULL, NULL);
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *window_title = adw_window_title_new (_("Texts"), title);
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkStringList) numbers = gtk_string_list_new (NULL);
  g_autoptr (GtkNoSelection) model = NULL;
  Texts *texts = g_new0 (Texts, 1);

  texts->dataset = g_object_ref (dataset);
  texts->rows = g_array_ref (rows);
  for (guint i = 0; i < rows->len; i++)
    gtk_string_list_append (numbers, "");
  model = gtk_no_selection_new (G_LIST_MODEL (g_steal_pointer (&numbers)));
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect_data (factory, "bind", G_CALLBACK (bind_cb), texts, texts_free, 0);
  gtk_list_view_set_factory (GTK_LIST_VIEW (view), factory);
  gtk_list_view_set_model (GTK_LIST_VIEW (view), GTK_SELECTION_MODEL (model));
  gtk_list_view_set_show_separators (GTK_LIST_VIEW (view), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), view);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), window_title);
  adw_toolbar_view_add_top_bar (ADW_TOOLBAR_VIEW (toolbar_view), header);
  adw_toolbar_view_set_content (ADW_TOOLBAR_VIEW (toolbar_view), scrolled);
  adw_dialog_set_title (dialog, title);
  adw_dialog_set_child (dialog, toolbar_view);
  adw_dialog_set_content_width (dialog, 600);
  adw_dialog_set_content_height (dialog, 560);
  return dialog;
}

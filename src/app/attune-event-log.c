/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The log dialog: a line per evaluation and per logged step, tab-separated so that it can be pasted
 * into a spreadsheet.
 */
#include "config.h"

#include "attune-event-log.h"

#include <glib/gi18n.h>

/* Lines of steps that are shown; the file events.jsonl has all of them. */
#define MAX_STEPS 5000

static void
append_number (GString *text, const GArray *values, guint index, const char *format)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (index < values->len)
    g_string_append (text, g_ascii_formatd (buffer, sizeof buffer, format,
                                            g_array_index (values, double, index)));
}

static char *
describe (AttuneRun *run)
{
  const AttuneRunHistory *history = attune_run_get_history (run);
  GString *text = g_string_new (_("Evaluations"));
  guint n = history->step->len;

  g_string_append_printf (text, "\n%s\t%s\t%s\t%s\t%s\n", _("Step"), _("Loss"), _("Accuracy"),
                          _("Macro F1"), _("MCC"));
  for (guint i = 0; i < history->eval_step->len; i++)
    {
      append_number (text, history->eval_step, i, "%.0f");
      g_string_append_c (text, '\t');
      append_number (text, history->eval_loss, i, "%.4f");
      g_string_append_c (text, '\t');
      append_number (text, history->eval_accuracy, i, "%.4f");
      g_string_append_c (text, '\t');
      append_number (text, history->eval_f1_macro, i, "%.4f");
      g_string_append_c (text, '\t');
      append_number (text, history->eval_mcc, i, "%.4f");
      g_string_append_c (text, '\n');
    }
  g_string_append_printf (text, "\n%s\n%s\t%s\t%s\t%s\n", _("Steps"), _("Step"), _("Loss"),
                          _("Gradient norm"), _("Learning rate"));
  for (guint i = n > MAX_STEPS ? n - MAX_STEPS : 0; i < n; i++)
    {
      append_number (text, history->step, i, "%.0f");
      g_string_append_c (text, '\t');
      append_number (text, history->loss, i, "%.4f");
      g_string_append_c (text, '\t');
      append_number (text, history->grad_norm, i, "%.4f");
      g_string_append_c (text, '\t');
      append_number (text, history->learning_rate, i, "%.3e");
      g_string_append_c (text, '\n');
    }
  return g_string_free_and_steal (text);
}

static void
copy_cb (GtkTextView *view)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (view);
  GtkTextIter start, end;
  g_autofree char *text = NULL;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (view)), text);
}

AdwDialog *
attune_event_log_new (AttuneRun *run)
{
  g_autofree char *text = describe (run);
  AdwDialog *dialog = adw_dialog_new ();
  GtkWidget *toolbar_view = adw_toolbar_view_new ();
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *view = gtk_text_view_new ();
  GtkWidget *copy = gtk_button_new_with_mnemonic (_("_Copy"));
  PangoTabArray *tabs = pango_tab_array_new_with_positions (
    4, TRUE, PANGO_TAB_LEFT, 90, PANGO_TAB_LEFT, 190, PANGO_TAB_LEFT, 310, PANGO_TAB_LEFT, 420);

  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (view)), text, -1);
  gtk_text_view_set_editable (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_tabs (GTK_TEXT_VIEW (view), tabs);
  pango_tab_array_free (tabs);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (view), 18);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (view), 12);
  gtk_widget_add_css_class (view, "numeric");
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Numbers of this run"), -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), view);
  g_signal_connect_object (copy, "clicked", G_CALLBACK (copy_cb), view, G_CONNECT_SWAPPED);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), copy);
  adw_toolbar_view_add_top_bar (ADW_TOOLBAR_VIEW (toolbar_view), header);
  adw_toolbar_view_set_content (ADW_TOOLBAR_VIEW (toolbar_view), scroller);
  adw_dialog_set_title (dialog, _("Table and Log"));
  adw_dialog_set_child (dialog, toolbar_view);
  adw_dialog_set_content_width (dialog, 640);
  adw_dialog_set_content_height (dialog, 560);
  return dialog;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneLogDialog: a line per event, time and words parted by a tab so that they can be pasted into a
 * table.
 */
#include "config.h"

#include "attune-log-dialog.h"

#include <glib/gi18n.h>

struct _AttuneLogDialog
{
  AdwDialog parent_instance;

  AdwToastOverlay *toast_overlay;
  GtkTextView *view;
};

G_DEFINE_FINAL_TYPE (AttuneLogDialog, attune_log_dialog, ADW_TYPE_DIALOG)

static void
append_event (AttuneLogDialog *self, const AttuneEvent *event)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  g_autofree char *text = attune_event_describe (event);
  g_autofree char *line = g_strconcat (text, "\n", NULL);
  GtkTextIter end;

  gtk_text_buffer_get_end_iter (buffer, &end);
  gtk_text_buffer_insert (buffer, &end, line, -1);
}

static void
copy_cb (AttuneLogDialog *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  GtkTextIter start, end;
  g_autofree char *text = NULL;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  adw_toast_overlay_add_toast (self->toast_overlay, adw_toast_new (_("Log copied")));
}

static void
attune_log_dialog_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_LOG_DIALOG);
  G_OBJECT_CLASS (attune_log_dialog_parent_class)->dispose (object);
}

static void
attune_log_dialog_class_init (AttuneLogDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_log_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-log-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneLogDialog, toast_overlay);
  gtk_widget_class_bind_template_child (widget_class, AttuneLogDialog, view);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
}

static void
attune_log_dialog_init (AttuneLogDialog *self)
{
  PangoTabArray *tabs = pango_tab_array_new_with_positions (1, TRUE, PANGO_TAB_LEFT, 72);

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_text_view_set_tabs (self->view, tabs);
  pango_tab_array_free (tabs);
}

AdwDialog *
attune_log_dialog_new (AttuneEventLog *log)
{
  AttuneLogDialog *self = g_object_new (ATTUNE_TYPE_LOG_DIALOG, NULL);
  const GPtrArray *events = attune_event_log_get_events (log);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < events->len; i++)
    {
      g_autofree char *line = attune_event_describe (g_ptr_array_index (events, i));

      g_string_append (text, line);
      g_string_append_c (text, '\n');
    }
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->view), text->str, (int) text->len);
  g_signal_connect_object (log, "appended", G_CALLBACK (append_event), self, G_CONNECT_SWAPPED);
  return ADW_DIALOG (self);
}

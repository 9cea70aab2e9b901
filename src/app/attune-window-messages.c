/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How an AttuneWindow tells a person something: toasts for what is over, a dialog for what went
 * wrong. Main thread.
 */
#include "config.h"

#include "attune-window.h"

#include <glib/gi18n.h>

void
attune_window_show_toast (AttuneWindow *self, const char *message)
{
  AdwToast *toast = adw_toast_new (message);

  adw_toast_set_use_markup (toast, FALSE);
  attune_window_add_toast (self, toast);
}

void
attune_window_show_offer (AttuneWindow *self,
                          const char   *message,
                          const char   *button,
                          const char   *action)
{
  AdwToast *toast = adw_toast_new (message);

  adw_toast_set_use_markup (toast, FALSE);
  adw_toast_set_button_label (toast, button);
  adw_toast_set_action_name (toast, action);
  adw_toast_set_timeout (toast, 0);
  attune_window_add_toast (self, toast);
}

static void
error_response_cb (AdwAlertDialog *dialog, const char *response, AttuneWindow *self)
{
  if (g_str_equal (response, "copy"))
    gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                            g_object_get_data (G_OBJECT (dialog), "details"));
}

void
attune_window_show_error (AttuneWindow *self, const char *message, const char *details)
{
  AdwAlertDialog *dialog = ADW_ALERT_DIALOG (adw_alert_dialog_new (_("This Did Not Work"),
                                                                   message));

  adw_alert_dialog_add_response (dialog, "close", _("_Close"));
  if (details != NULL && *details != '\0')
    {
      adw_alert_dialog_add_response (dialog, "copy", _("Copy _Details"));
      g_object_set_data_full (G_OBJECT (dialog), "details", g_strdup (details), g_free);
    }
  g_signal_connect_object (dialog, "response", G_CALLBACK (error_response_cb), self, 0);
  adw_dialog_present (ADW_DIALOG (dialog), GTK_WIDGET (self));
}

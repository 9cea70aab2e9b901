/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A dialog with a mark that makes its answer the setting "when-closing", which the preferences show.
 */
#include "config.h"

#include "attune-close-question.h"

#include <glib/gi18n.h>

#define KEY "when-closing"

typedef struct {
  GSettings *settings;
  GtkCheckButton *always;
  GtkWidget *window;
  AttuneCloseAnswer callback;
} Question;

static void
free_question (gpointer data, GClosure *closure)
{
  Question *self = data;

  g_object_unref (self->settings);
  g_object_unref (self->window);
  g_free (self);
}

static void
response_cb (AdwAlertDialog *dialog, const char *response, Question *self)
{
  if (g_str_equal (response, "cancel"))
    return;
  if (gtk_check_button_get_active (self->always))
    g_settings_set_string (self->settings, KEY, response);
  self->callback (self->window, response);
}

void
attune_close_question_ask (GtkWidget         *window,
                           GSettings         *settings,
                           guint              n_waiting,
                           AttuneCloseAnswer  callback)
{
  g_autofree char *always = g_settings_get_string (settings, KEY);
  g_autofree char *body = NULL;
  GtkWidget *mark;
  AdwAlertDialog *dialog;
  Question *question;

  if (!g_str_equal (always, "ask"))
    {
      callback (window, always);
      return;
    }
  body = g_strdup (_("Training can go on without the window; you will be told when it ends. Stopping "
                     "keeps what has been learnt so far."));
  if (n_waiting > 0)
    {
      g_autofree char *first = g_steal_pointer (&body);
      g_autofree char *waiting =
        g_strdup_printf (ngettext ("%u more run waits for its turn, then or the next time.",
                                   "%u more runs wait for their turn, then or the next time.",
                                   n_waiting), n_waiting);

      body = g_strconcat (first, "\n\n", waiting, NULL);
    }
  dialog = ADW_ALERT_DIALOG (adw_alert_dialog_new (_("A Model Is Being Trained"), body));
  adw_alert_dialog_add_responses (dialog,
                                  "cancel", _("_Cancel"),
                                  "stop", _("_Stop and Keep"),
                                  "background", _("Keep _Training"),
                                  NULL);
  adw_alert_dialog_set_response_appearance (dialog, "background", ADW_RESPONSE_SUGGESTED);
  adw_alert_dialog_set_default_response (dialog, "background");
  adw_alert_dialog_set_close_response (dialog, "cancel");
  mark = gtk_check_button_new_with_label (_("Do this from now on"));
  gtk_widget_set_halign (mark, GTK_ALIGN_CENTER);
  adw_alert_dialog_set_extra_child (dialog, mark);
  question = g_new0 (Question, 1);
  *question = (Question) { g_object_ref (settings), GTK_CHECK_BUTTON (mark), g_object_ref (window),
                           callback };
  g_signal_connect_data (dialog, "response", G_CALLBACK (response_cb), question, free_question, 0);
  adw_dialog_present (ADW_DIALOG (dialog), window);
}

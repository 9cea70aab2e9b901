/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The row looks at the list of downloads each time that something is told of its model; it keeps no
 * state of its own, so that several rows of one model always agree.
 */
#include "config.h"

#include "attune-download-row.h"

#include <glib/gi18n.h>

#include "attune-model-words.h"

struct _AttuneDownloadRow
{
  AdwActionRow parent_instance;

  GtkWidget *warning;
  GtkProgressBar *bar;
  GtkWidget *download;
  GtkWidget *cancel;
  GtkWidget *installed;

  AttuneModelDownloads *downloads;
  AttuneModelOffer *offer;
  gboolean announced; /* the failure that is shown */
};

G_DEFINE_FINAL_TYPE (AttuneDownloadRow, attune_download_row, ADW_TYPE_ACTION_ROW)

static char *
with_facts (const char *words, const char *facts)
{
  return facts != NULL ? g_strconcat (words, " · ", facts, NULL) : g_strdup (words);
}

static void
name_button (GtkWidget *button, const char *label)
{
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
name_buttons (AttuneDownloadRow *self, gboolean failed)
{
  const char *title = attune_model_offer_get_title (self->offer);
  g_autofree char *download =
    /* Translators: a model by its name. */
    g_strdup_printf (failed ? _("Try again to download “%s”") : _("Download “%s”"), title);
  g_autofree char *cancel =
    g_strdup_printf (failed ? _("Dismiss what is said of “%s”")
                            : _("Cancel the download of “%s”"), title);

  name_button (self->download, download);
  name_button (self->cancel, cancel);
}

/* (transfer full): the words beside the bar, which it shows as well. */
static char *
show_progress (AttuneDownloadRow *self, AttuneDownload *download)
{
  g_autofree char *words = NULL;
  guint64 done, total;

  attune_download_get_progress (download, &done, &total);
  if (attune_download_get_state (download) == ATTUNE_DOWNLOAD_WAITING)
    words = g_strdup (_("Waiting for the one before"));
  else
    words = total > 0 ? attune_model_words_for_progress (done, total) : g_strdup (_("Connecting…"));
  gtk_progress_bar_set_fraction (self->bar, total > 0 ? (double) done / (double) total : 0);
  gtk_progress_bar_set_text (self->bar, words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bar), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                  words, -1);
  return with_facts (words, attune_model_offer_get_licence (self->offer));
}

static void
update (AttuneDownloadRow *self)
{
  const char *id = attune_model_offer_get_id (self->offer);
  const char *facts = attune_model_offer_get_facts (self->offer);
  AttuneDownload *download = attune_model_downloads_find (self->downloads, id);
  gboolean installed = download == NULL
                       && attune_model_downloads_is_installed (self->downloads, id);
  gboolean failed = download != NULL
                    && attune_download_get_state (download) == ATTUNE_DOWNLOAD_FAILED;
  gboolean under_way = download != NULL && !failed;
  g_autofree char *subtitle = NULL;

  if (under_way)
    subtitle = show_progress (self, download);
  else if (failed)
    subtitle = g_strdup (attune_download_get_message (download));
  else
    subtitle = installed ? with_facts (_("Installed"), facts) : g_strdup (facts);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), subtitle);
  name_buttons (self, failed);
  gtk_widget_set_visible (self->warning, failed);
  gtk_widget_set_visible (GTK_WIDGET (self->bar), under_way);
  gtk_widget_set_visible (self->download, !under_way && !installed);
  gtk_widget_set_visible (self->cancel, download != NULL);
  gtk_widget_set_visible (self->installed, installed);
  if (failed && !self->announced && gtk_widget_get_mapped (GTK_WIDGET (self)))
    gtk_accessible_announce (GTK_ACCESSIBLE (self), subtitle,
                             GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
  self->announced = failed;
}

static void
changed_cb (AttuneDownloadRow *self, const char *id)
{
  if (self->offer != NULL
      && g_ascii_strcasecmp (id, attune_model_offer_get_id (self->offer)) == 0)
    update (self);
}

/* The button that was pressed goes away; what takes its place gets the focus. */
static void
download_cb (AttuneDownloadRow *self)
{
  attune_model_downloads_start (self->downloads, self->offer);
  gtk_widget_grab_focus (self->cancel);
}

static void
cancel_cb (AttuneDownloadRow *self)
{
  attune_model_downloads_cancel (self->downloads, attune_model_offer_get_id (self->offer));
}

static void
attune_download_row_dispose (GObject *object)
{
  AttuneDownloadRow *self = ATTUNE_DOWNLOAD_ROW (object);

  if (self->downloads != NULL)
    g_signal_handlers_disconnect_by_data (self->downloads, self);
  g_clear_object (&self->downloads);
  g_clear_object (&self->offer);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_DOWNLOAD_ROW);
  G_OBJECT_CLASS (attune_download_row_parent_class)->dispose (object);
}

static void
attune_download_row_class_init (AttuneDownloadRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_download_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-download-row.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneDownloadRow, warning);
  gtk_widget_class_bind_template_child (widget_class, AttuneDownloadRow, bar);
  gtk_widget_class_bind_template_child (widget_class, AttuneDownloadRow, download);
  gtk_widget_class_bind_template_child (widget_class, AttuneDownloadRow, cancel);
  gtk_widget_class_bind_template_child (widget_class, AttuneDownloadRow, installed);
  gtk_widget_class_bind_template_callback (widget_class, download_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
}

static void
attune_download_row_init (AttuneDownloadRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
attune_download_row_new (AttuneModelDownloads *downloads, AttuneModelOffer *offer)
{
  AttuneDownloadRow *self = g_object_new (ATTUNE_TYPE_DOWNLOAD_ROW, NULL);
  const char *title = attune_model_offer_get_title (offer);
  /* Translators: a model by its name. */
  g_autofree char *label = g_strdup_printf (_("Download of “%s”"), title);

  self->downloads = g_object_ref (downloads);
  self->offer = g_object_ref (offer);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bar), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_signal_connect_swapped (downloads, "changed", G_CALLBACK (changed_cb), self);
  update (self);
  return GTK_WIDGET (self);
}

AttuneModelOffer *
attune_download_row_get_offer (AttuneDownloadRow *self)
{
  return self->offer;
}

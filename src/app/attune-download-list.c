/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows are added and taken away one by one, so that none loses the focus because of another.
 */
#include "config.h"

#include "attune-download-list.h"

#include <glib/gi18n.h>

#include "attune-application.h"
#include "attune-download-row.h"
#include "attune-window.h"

/* The rest is shown where models are searched. */
#define MOST_SUGGESTED 4u

struct _AttuneDownloadList
{
  AdwBin parent_instance;

  AttuneModelDownloads *downloads; /* NULL outside of a window of the application */
  GPtrArray *suggested;            /* (element-type AttuneModelOffer) */
  GPtrArray *rows;                 /* (element-type AttuneDownloadRow), of the group */
};

G_DEFINE_FINAL_TYPE (AttuneDownloadList, attune_download_list, ADW_TYPE_BIN)

enum {
  INSTALLED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* Not bound: a bound child of the bin itself would be let go of twice. */
static AdwPreferencesGroup *
get_group (AttuneDownloadList *self)
{
  return ADW_PREFERENCES_GROUP (adw_bin_get_child (ADW_BIN (self)));
}

static AttuneModelOffer *
find_offer (GPtrArray *offers, const char *id)
{
  for (guint i = 0; i < offers->len; i++)
    {
      AttuneModelOffer *offer = g_ptr_array_index (offers, i);

      if (g_ascii_strcasecmp (attune_model_offer_get_id (offer), id) == 0)
        return offer;
    }
  return NULL;
}

/* (transfer container): suggested ones that are not installed, then what else is under way. */
static GPtrArray *
choose_offers (AttuneDownloadList *self)
{
  GPtrArray *offers = g_ptr_array_new ();
  GPtrArray *downloads = attune_model_downloads_get_all (self->downloads);

  for (guint i = 0; i < self->suggested->len && offers->len < MOST_SUGGESTED; i++)
    {
      AttuneModelOffer *offer = g_ptr_array_index (self->suggested, i);

      if (!attune_model_downloads_is_installed (self->downloads,
                                                attune_model_offer_get_id (offer)))
        g_ptr_array_add (offers, offer);
    }
  for (guint i = 0; i < downloads->len; i++)
    {
      AttuneDownload *download = g_ptr_array_index (downloads, i);

      if (find_offer (offers, attune_download_get_id (download)) == NULL)
        g_ptr_array_add (offers, attune_download_get_offer (download));
    }
  return offers;
}

static gboolean
has_row (AttuneDownloadList *self, const char *id)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      AttuneModelOffer *offer = attune_download_row_get_offer (g_ptr_array_index (self->rows, i));

      if (g_ascii_strcasecmp (attune_model_offer_get_id (offer), id) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
update (AttuneDownloadList *self)
{
  g_autoptr (GPtrArray) offers = choose_offers (self);

  for (guint i = self->rows->len; i-- > 0;)
    {
      AttuneDownloadRow *row = g_ptr_array_index (self->rows, i);

      if (find_offer (offers, attune_model_offer_get_id (attune_download_row_get_offer (row)))
          != NULL)
        continue;
      adw_preferences_group_remove (get_group (self), GTK_WIDGET (row));
      g_ptr_array_remove_index (self->rows, i);
    }
  for (guint i = 0; i < offers->len; i++)
    {
      AttuneModelOffer *offer = g_ptr_array_index (offers, i);
      GtkWidget *row;

      if (has_row (self, attune_model_offer_get_id (offer)))
        continue;
      row = attune_download_row_new (self->downloads, offer);
      adw_preferences_group_add (get_group (self), row);
      g_ptr_array_add (self->rows, row);
    }
}

/* How far one is does not change which rows there are, but is told most often. */
static void
changed_cb (AttuneDownloadList *self, const char *id)
{
  AttuneDownload *download = attune_model_downloads_find (self->downloads, id);

  if (download == NULL || !has_row (self, id))
    update (self);
}

/* Whether the person sees the row that says it, in this list or in a dialog before it. */
static gboolean
is_seen (AttuneDownloadList *self, GtkRoot *root)
{
  return gtk_widget_get_mapped (GTK_WIDGET (self))
         || adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (root)) != NULL;
}

static void
ended_cb (AttuneDownloadList *self, AttuneDownload *download)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  const char *title = attune_model_offer_get_title (attune_download_get_offer (download));
  gboolean done = attune_download_get_state (download) == ATTUNE_DOWNLOAD_DONE;
  g_autofree char *message =
    /* Translators: a model by its name. */
    g_strdup_printf (done ? _("“%s” is installed and can be chosen")
                          : _("“%s” could not be downloaded"), title);

  if (ATTUNE_IS_WINDOW (root) && (done || !is_seen (self, root)))
    attune_window_show_toast (ATTUNE_WINDOW (root), message);
  if (done)
    g_signal_emit (self, signals[INSTALLED], 0);
}

static void
set_downloads (AttuneDownloadList *self, AttuneModelDownloads *downloads)
{
  if (self->downloads == downloads)
    return;
  if (self->downloads != NULL)
    g_signal_handlers_disconnect_by_data (self->downloads, self);
  g_set_object (&self->downloads, downloads);
  gtk_widget_set_visible (GTK_WIDGET (self), downloads != NULL);
  if (downloads == NULL)
    return;
  g_signal_connect_object (downloads, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (downloads, "ended", G_CALLBACK (ended_cb), self, G_CONNECT_SWAPPED);
  update (self);
}

/* A window gets its application when it has its children already. */
static void
application_cb (AttuneDownloadList *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkApplication *application =
    GTK_IS_WINDOW (root) ? gtk_window_get_application (GTK_WINDOW (root)) : NULL;

  if (ATTUNE_IS_APPLICATION (application))
    set_downloads (self, attune_application_get_downloads (ATTUNE_APPLICATION (application)));
}

static void
attune_download_list_root (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (attune_download_list_parent_class)->root (widget);
  g_signal_connect_object (gtk_widget_get_root (widget), "notify::application",
                           G_CALLBACK (application_cb), widget, G_CONNECT_SWAPPED);
  application_cb (ATTUNE_DOWNLOAD_LIST (widget));
}

static void
attune_download_list_dispose (GObject *object)
{
  AttuneDownloadList *self = ATTUNE_DOWNLOAD_LIST (object);

  set_downloads (self, NULL);
  g_clear_pointer (&self->suggested, g_ptr_array_unref);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_DOWNLOAD_LIST);
  G_OBJECT_CLASS (attune_download_list_parent_class)->dispose (object);
}

static void
attune_download_list_class_init (AttuneDownloadListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_download_list_dispose;
  widget_class->root = attune_download_list_root;
  signals[INSTALLED] = g_signal_new ("installed", ATTUNE_TYPE_DOWNLOAD_LIST, G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-download-list.ui");
}

static void
attune_download_list_init (AttuneDownloadList *self)
{
  self->suggested = attune_model_offer_list_suggested ();
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
attune_download_list_set_installed (AttuneDownloadList *self, GPtrArray *infos)
{
  if (self->downloads == NULL)
    return;
  attune_model_downloads_set_installed (self->downloads, infos);
  update (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Suggestions to begin with, then what a search found. A search is a task on GIO's pool; a new one,
 * and closing, cancel it.
 */
#include "config.h"

#include "attune-model-browser.h"

#include <glib/gi18n.h>
#include <string.h>

#include "attune-application.h"
#include "attune-download-row.h"
#include "attune-hub-access.h"
#include "attune-hub-download.h"

struct _AttuneModelBrowser
{
  AdwDialog parent_instance;

  GtkEditable *entry;
  GtkWidget *search;
  GtkStack *stack;
  AdwPreferencesGroup *group;
  AdwStatusPage *none;
  AdwStatusPage *failure;
  GtkWidget *preferences;

  AttuneModelDownloads *downloads;
  GPtrArray *rows;           /* (element-type GtkWidget), of the group */
  char *words;               /* (nullable): what is or was searched */
  GCancellable *cancellable; /* of the search that runs */
};

G_DEFINE_FINAL_TYPE (AttuneModelBrowser, attune_model_browser, ADW_TYPE_DIALOG)

/* What a search needs on its thread. */
typedef struct
{
  char *words;
  AttuneHub *hub; /* NULL until somebody can be asked */
} Query;

static void
query_free (Query *query)
{
  attune_hub_free (query->hub);
  g_free (query->words);
  g_free (query);
}

static void
clear_rows (AttuneModelBrowser *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (self->group, g_ptr_array_index (self->rows, i));
  g_ptr_array_set_size (self->rows, 0);
}

static void
add_offer (AttuneModelBrowser *self, AttuneModelOffer *offer)
{
  GtkWidget *row = attune_download_row_new (self->downloads, offer);

  adw_preferences_group_add (self->group, row);
  g_ptr_array_add (self->rows, row);
}

static void
show_suggestions (AttuneModelBrowser *self)
{
  g_autoptr (GPtrArray) offers = attune_model_offer_list_suggested ();

  for (guint i = 0; i < offers->len; i++)
    add_offer (self, g_ptr_array_index (offers, i));
}

/* "org/name" and nothing else: it can be had though no search lists it. */
static gboolean
is_full_name (const char *words)
{
  return strchr (words, '/') != NULL && attune_hub_check_id (words, NULL);
}

static gboolean
has_model (GPtrArray *models, const char *id)
{
  for (guint i = 0; i < models->len; i++)
    if (g_ascii_strcasecmp (((AttuneHubModel *) g_ptr_array_index (models, i))->id, id) == 0)
      return TRUE;
  return FALSE;
}

static void
show_none (AttuneModelBrowser *self)
{
  g_autofree char *words = g_strdup_printf (
    _("The Hub knows no model by “%s” that can be fine-tuned here; try fewer words"), self->words);
  g_autofree char *description = g_markup_escape_text (words, -1);

  adw_status_page_set_description (self->none, description);
}

static void
show_models (AttuneModelBrowser *self, GPtrArray *models)
{
  g_autofree char *title = NULL;

  clear_rows (self);
  if (is_full_name (self->words) && !has_model (models, self->words))
    {
      g_autoptr (AttuneModelOffer) named = attune_model_offer_new_named (self->words);

      add_offer (self, named);
    }
  for (guint i = 0; i < models->len; i++)
    {
      g_autoptr (AttuneModelOffer) offer =
        attune_model_offer_new_found (g_ptr_array_index (models, i));

      add_offer (self, offer);
    }
  title = g_strdup_printf (ngettext ("%u Model Found", "%u Models Found", models->len),
                           models->len);
  adw_preferences_group_set_title (self->group, title);
  adw_preferences_group_set_description (self->group, NULL);
  show_none (self);
  gtk_stack_set_visible_child_name (self->stack, self->rows->len > 0 ? "list" : "none");
  gtk_accessible_announce (GTK_ACCESSIBLE (self), title,
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

static void
show_failure (AttuneModelBrowser *self, const GError *error)
{
  gboolean offline = g_error_matches (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_OFFLINE);
  g_autofree char *description = g_markup_escape_text (error->message, -1);

  adw_status_page_set_title (self->failure, offline ? _("Offline") : _("The Search Did Not Work"));
  adw_status_page_set_icon_name (self->failure, offline ? "network-offline-symbolic"
                                                        : "dialog-warning-symbolic");
  adw_status_page_set_description (self->failure, description);
  gtk_widget_set_visible (self->preferences, offline);
  gtk_stack_set_visible_child_name (self->stack, "failure");
  gtk_accessible_announce (GTK_ACCESSIBLE (self), error->message,
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

/* Another search began, or the dialog is closed. */
static gboolean
is_stale (AttuneModelBrowser *self, GTask *task)
{
  return self->cancellable == NULL || g_task_get_cancellable (task) != self->cancellable;
}

static void
search_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Query *query = task_data;
  GError *error = NULL;
  GPtrArray *models = attune_hub_search_models (query->hub, query->words, cancellable, &error);

  if (models != NULL)
    g_task_return_pointer (task, models, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AttuneModelBrowser *self = ATTUNE_MODEL_BROWSER (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) models = g_task_propagate_pointer (G_TASK (result), &error);

  if (is_stale (self, G_TASK (result)))
    return;
  g_clear_object (&self->cancellable);
  if (models != NULL)
    show_models (self, models);
  else
    show_failure (self, error);
}

/* task: that of the search, which has waited for somebody to ask. */
static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Query *query = g_task_get_task_data (task);
  GError *error = NULL;

  query->hub = attune_hub_access_open_finish (result, &error);
  if (query->hub != NULL)
    g_task_run_in_thread (task, search_in_thread);
  else
    g_task_return_error (task, error);
}

/* Nobody waits for the one that runs any more. */
static void
cancel (AttuneModelBrowser *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static void
search_cb (AttuneModelBrowser *self)
{
  g_autofree char *words = g_strstrip (g_strdup (gtk_editable_get_text (self->entry)));
  Query *query;
  GTask *task;

  if (*words == '\0')
    return;
  cancel (self);
  g_set_str (&self->words, words);
  self->cancellable = g_cancellable_new ();
  task = g_task_new (self, self->cancellable, found_cb, NULL);
  query = g_new0 (Query, 1);
  query->words = g_steal_pointer (&words);
  g_task_set_task_data (task, query, (GDestroyNotify) query_free);
  gtk_stack_set_visible_child_name (self->stack, "searching");
  attune_hub_access_open_async (self->cancellable, opened_cb, task);
}

/* Escape in the field, which would keep it to itself. */
static void
stop_search_cb (AttuneModelBrowser *self)
{
  adw_dialog_close (ADW_DIALOG (self));
}

static void
words_changed_cb (AttuneModelBrowser *self)
{
  g_autofree char *words = g_strstrip (g_strdup (gtk_editable_get_text (self->entry)));

  gtk_widget_set_sensitive (self->search, *words != '\0');
}

static void
attune_model_browser_dispose (GObject *object)
{
  AttuneModelBrowser *self = ATTUNE_MODEL_BROWSER (object);

  cancel (self);
  g_clear_object (&self->downloads);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_pointer (&self->words, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_MODEL_BROWSER);
  G_OBJECT_CLASS (attune_model_browser_parent_class)->dispose (object);
}

static void
attune_model_browser_class_init (AttuneModelBrowserClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_model_browser_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-model-browser.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneModelBrowser, entry);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelBrowser, search);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelBrowser, stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelBrowser, group);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelBrowser, none);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelBrowser, failure);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelBrowser, preferences);
  gtk_widget_class_bind_template_callback (widget_class, search_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, words_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel);
}

static void
attune_model_browser_init (AttuneModelBrowser *self)
{
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

AdwDialog *
attune_model_browser_new (AttuneModelDownloads *downloads)
{
  AttuneModelBrowser *self = g_object_new (ATTUNE_TYPE_MODEL_BROWSER, NULL);

  self->downloads = g_object_ref (downloads);
  show_suggestions (self);
  return ADW_DIALOG (self);
}

static void
find_model_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (widget));

  adw_dialog_present (attune_model_browser_new (attune_application_get_downloads (
                        ATTUNE_APPLICATION (application))),
                      widget);
}

void
attune_model_browser_install (GtkWidgetClass *window_class)
{
  gtk_widget_class_install_action (window_class, "win.find-model", NULL, find_model_cb);
}

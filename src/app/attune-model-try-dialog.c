/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models of the store that have a whole head, to choose from, above a Try page that asks the chosen
 * one. Listing goes on GIO's pool.
 */
#include "config.h"

#include "attune-model-try-dialog.h"

#include <glib/gi18n.h>

#include "attune-application.h"
#include "attune-model-import.h"
#include "attune-model-store.h"
#include "attune-try-page.h"
#include "attune-window.h"

struct _AttuneModelTryDialog
{
  AdwDialog parent_instance;

  GtkStack *stack;
  GtkWidget *title;
  GtkDropDown *models;
  GtkWidget *add;
  AttuneTryPage *page;

  AttuneTrainer *trainer;
  GPtrArray *infos; /* (element-type AttuneModelInfo): with a head, in the order of the list */
  char *wanted;     /* nullable */
  gboolean closed;
};

G_DEFINE_FINAL_TYPE (AttuneModelTryDialog, attune_model_try_dialog, ADW_TYPE_DIALOG)

static void
chosen_cb (AttuneModelTryDialog *self)
{
  guint position = gtk_drop_down_get_selected (self->models);
  const AttuneModelInfo *info;

  if (self->infos == NULL || position >= self->infos->len)
    return;
  info = g_ptr_array_index (self->infos, position);
  g_set_str (&self->wanted, info->name);
  attune_try_page_set_model (self->page, self->trainer, info->name);
}

static void
show_models (AttuneModelTryDialog *self)
{
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);
  guint chosen = 0;

  for (guint i = 0; i < self->infos->len; i++)
    {
      const AttuneModelInfo *info = g_ptr_array_index (self->infos, i);

      gtk_string_list_append (titles, info->title);
      if (g_strcmp0 (info->name, self->wanted) == 0)
        chosen = i;
    }
  g_signal_handlers_block_by_func (self->models, chosen_cb, self);
  gtk_drop_down_set_model (self->models, G_LIST_MODEL (titles));
  gtk_drop_down_set_selected (self->models, chosen);
  g_signal_handlers_unblock_by_func (self->models, chosen_cb, self);
  gtk_widget_set_visible (self->title, self->infos->len > 0);
  gtk_stack_set_visible_child_name (self->stack, self->infos->len > 0 ? "try" : "none");
  chosen_cb (self);
}

static void
list_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) all = attune_model_store_list (NULL);
  GPtrArray *infos = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_model_info_free);

  /* From the end: what is taken out moves what follows. */
  for (guint i = all != NULL ? all->len : 0; i-- > 0;)
    if (((AttuneModelInfo *) g_ptr_array_index (all, i))->labels != NULL)
      g_ptr_array_insert (infos, 0, g_ptr_array_steal_index (all, i));
  g_task_return_pointer (task, infos, (GDestroyNotify) g_ptr_array_unref);
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AttuneModelTryDialog *self = ATTUNE_MODEL_TRY_DIALOG (source);
  g_autoptr (GPtrArray) infos = g_task_propagate_pointer (G_TASK (result), NULL);

  if (self->closed || infos == NULL)
    return;
  g_clear_pointer (&self->infos, g_ptr_array_unref);
  self->infos = g_steal_pointer (&infos);
  show_models (self);
}

static void
update (AttuneModelTryDialog *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, listed_cb, NULL);

  g_task_run_in_thread (task, list_in_thread);
}

static void
imported_cb (const char *name, gpointer owner)
{
  AttuneModelTryDialog *self = ATTUNE_MODEL_TRY_DIALOG (owner);

  if (self->closed)
    return;
  g_set_str (&self->wanted, name);
  update (self);
}

static void
add_cb (AttuneModelTryDialog *self)
{
  attune_model_import (self->add, imported_cb, G_OBJECT (self));
}

static void
closed_cb (AttuneModelTryDialog *self)
{
  self->closed = TRUE;
}

static void
attune_model_try_dialog_dispose (GObject *object)
{
  AttuneModelTryDialog *self = ATTUNE_MODEL_TRY_DIALOG (object);

  self->closed = TRUE;
  g_clear_object (&self->trainer);
  g_clear_pointer (&self->infos, g_ptr_array_unref);
  g_clear_pointer (&self->wanted, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_MODEL_TRY_DIALOG);
  G_OBJECT_CLASS (attune_model_try_dialog_parent_class)->dispose (object);
}

static void
attune_model_try_dialog_class_init (AttuneModelTryDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_model_try_dialog_dispose;
  g_type_ensure (ATTUNE_TYPE_TRY_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-model-try-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneModelTryDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelTryDialog, title);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelTryDialog, models);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelTryDialog, add);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelTryDialog, page);
  gtk_widget_class_bind_template_callback (widget_class, chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_cb);
  gtk_widget_class_bind_template_callback (widget_class, closed_cb);
}

static void
attune_model_try_dialog_init (AttuneModelTryDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

AdwDialog *
attune_model_try_dialog_new (AttuneTrainer *trainer, const char *model)
{
  AttuneModelTryDialog *self = g_object_new (ATTUNE_TYPE_MODEL_TRY_DIALOG, NULL);

  self->trainer = g_object_ref (trainer);
  self->wanted = g_strdup (model);
  update (self);
  return ADW_DIALOG (self);
}

static void
try_model_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (widget));
  const char *model = g_variant_get_string (parameter, NULL);

  adw_dialog_present (attune_model_try_dialog_new (attune_application_get_trainer (
                                                     ATTUNE_APPLICATION (application)),
                                                   *model != '\0' ? model : NULL),
                      widget);
}

void
attune_model_try_dialog_install (GtkWidgetClass *window_class)
{
  gtk_widget_class_install_action (window_class, "win.try-model", "s", try_model_cb);
}

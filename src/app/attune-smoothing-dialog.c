/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneSmoothingDialog: a number and a slider for one setting.
 */
#include "config.h"

#include "attune-smoothing-dialog.h"

struct _AttuneSmoothingDialog
{
  AdwDialog parent_instance;

  GtkAdjustment *weight;
};

G_DEFINE_FINAL_TYPE (AttuneSmoothingDialog, attune_smoothing_dialog, ADW_TYPE_DIALOG)

static void
attune_smoothing_dialog_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_SMOOTHING_DIALOG);
  G_OBJECT_CLASS (attune_smoothing_dialog_parent_class)->dispose (object);
}

static void
attune_smoothing_dialog_class_init (AttuneSmoothingDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_smoothing_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-smoothing-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneSmoothingDialog, weight);
}

static void
attune_smoothing_dialog_init (AttuneSmoothingDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

AdwDialog *
attune_smoothing_dialog_new (GSettings *settings)
{
  AttuneSmoothingDialog *self = g_object_new (ATTUNE_TYPE_SMOOTHING_DIALOG, NULL);

  g_settings_bind (settings, "smoothing", self->weight, "value", G_SETTINGS_BIND_DEFAULT);
  return ADW_DIALOG (self);
}

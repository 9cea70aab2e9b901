/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The start page: all of it is in its .ui.
 */
#include "config.h"

#include "attune-start-page.h"

struct _AttuneStartPage
{
  AdwBin parent_instance;
};

G_DEFINE_FINAL_TYPE (AttuneStartPage, attune_start_page, ADW_TYPE_BIN)

static void
attune_start_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_START_PAGE);
  G_OBJECT_CLASS (attune_start_page_parent_class)->dispose (object);
}

static void
attune_start_page_class_init (AttuneStartPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = attune_start_page_dispose;
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass),
                                               RESOURCE_BASE "/ui/attune-start-page.ui");
}

static void
attune_start_page_init (AttuneStartPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

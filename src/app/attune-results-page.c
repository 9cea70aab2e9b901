/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Results page.
 */
#include "config.h"

#include "attune-results-page.h"

#include <glib/gi18n.h>

struct _AttuneResultsPage
{
  AdwBin parent_instance;

  AttuneProject *project;
};

G_DEFINE_FINAL_TYPE (AttuneResultsPage, attune_results_page, ADW_TYPE_BIN)

enum {
  PROP_0,
  PROP_PROJECT,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void
set_project (AttuneResultsPage *self, AttuneProject *project)
{
  if (!g_set_object (&self->project, project))
    return;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROJECT]);
}

static void
attune_results_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AttuneResultsPage *self = ATTUNE_RESULTS_PAGE (object);

  switch (id)
    {
    case PROP_PROJECT:
      g_value_set_object (value, self->project);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_results_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_PROJECT:
      set_project (ATTUNE_RESULTS_PAGE (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_results_page_dispose (GObject *object)
{
  AttuneResultsPage *self = ATTUNE_RESULTS_PAGE (object);

  set_project (self, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_RESULTS_PAGE);
  G_OBJECT_CLASS (attune_results_page_parent_class)->dispose (object);
}

static void
attune_results_page_class_init (AttuneResultsPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = attune_results_page_get_property;
  object_class->set_property = attune_results_page_set_property;
  object_class->dispose = attune_results_page_dispose;

  properties[PROP_PROJECT] =
    g_param_spec_object ("project", NULL, NULL, ATTUNE_TYPE_PROJECT,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-results-page.ui");
}

static void
attune_results_page_init (AttuneResultsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

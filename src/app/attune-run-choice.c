/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A project and whether it is chosen. Main thread.
 */
#include "config.h"

#include "attune-run-choice.h"

struct _AttuneRunChoice
{
  GObject parent_instance;

  AttuneProject *project;
  gboolean chosen;
};

G_DEFINE_FINAL_TYPE (AttuneRunChoice, attune_run_choice, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_PROJECT,
  PROP_CHOSEN,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void
attune_run_choice_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AttuneRunChoice *self = ATTUNE_RUN_CHOICE (object);

  switch (id)
    {
    case PROP_PROJECT:
      g_value_set_object (value, self->project);
      break;
    case PROP_CHOSEN:
      g_value_set_boolean (value, self->chosen);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_run_choice_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  AttuneRunChoice *self = ATTUNE_RUN_CHOICE (object);

  switch (id)
    {
    case PROP_PROJECT:
      self->project = g_value_dup_object (value);
      break;
    case PROP_CHOSEN:
      attune_run_choice_set_chosen (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_run_choice_finalize (GObject *object)
{
  g_clear_object (&ATTUNE_RUN_CHOICE (object)->project);
  G_OBJECT_CLASS (attune_run_choice_parent_class)->finalize (object);
}

static void
attune_run_choice_class_init (AttuneRunChoiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = attune_run_choice_get_property;
  object_class->set_property = attune_run_choice_set_property;
  object_class->finalize = attune_run_choice_finalize;
  properties[PROP_PROJECT] =
    g_param_spec_object ("project", NULL, NULL, ATTUNE_TYPE_PROJECT,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_CHOSEN] =
    g_param_spec_boolean ("chosen", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
attune_run_choice_init (AttuneRunChoice *self)
{
}

AttuneRunChoice *
attune_run_choice_new (AttuneProject *project, gboolean chosen)
{
  return g_object_new (ATTUNE_TYPE_RUN_CHOICE, "project", project, "chosen", chosen, NULL);
}

AttuneProject *
attune_run_choice_get_project (AttuneRunChoice *self)
{
  return self->project;
}

gboolean
attune_run_choice_get_chosen (AttuneRunChoice *self)
{
  return self->chosen;
}

void
attune_run_choice_set_chosen (AttuneRunChoice *self, gboolean chosen)
{
  if (self->chosen == chosen)
    return;
  self->chosen = chosen;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CHOSEN]);
}

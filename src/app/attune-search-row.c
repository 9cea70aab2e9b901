/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneSearchRow: the words of a field's table row, an entry, a button that removes it. Below the
 * title stands what values there are, or why those typed are none.
 */
#include "config.h"

#include "attune-search-row.h"

#include <glib/gi18n.h>

struct _AttuneSearchRow
{
  AdwActionRow parent_instance;

  GtkEditable *values;
  GtkWidget *remove;

  const AttuneField *field;
  char *range; /* what values there are */
};

G_DEFINE_FINAL_TYPE (AttuneSearchRow, attune_search_row, ADW_TYPE_ACTION_ROW)

enum {
  CHANGED,
  REMOVED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
changed_cb (AttuneSearchRow *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
remove_cb (AttuneSearchRow *self)
{
  g_signal_emit (self, signals[REMOVED], 0);
}

/* (transfer full) */
static char *
describe_range (const AttuneField *field)
{
  g_autoptr (GString) range = NULL;

  if (field->type == ATTUNE_FIELD_CHOICE)
    return g_strjoinv (", ", (char **) field->choices);
  if (field->type == ATTUNE_FIELD_STRING)
    return g_strdup (_(field->subtitle));
  range = g_string_new (NULL);
  /* Translators: least and greatest value of a setting. */
  g_string_printf (range, field->automatic ? _("%g to %g, or auto") : _("%g to %g"),
                   field->minimum, field->maximum);
  /* As the rows of the page write numbers. */
  g_string_replace (range, "e-0", "e-", 0);
  g_string_replace (range, "e+0", "e", 0);
  return g_string_free_and_steal (g_steal_pointer (&range));
}

static void
attune_search_row_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_SEARCH_ROW);
  G_OBJECT_CLASS (attune_search_row_parent_class)->dispose (object);
}

static void
attune_search_row_finalize (GObject *object)
{
  g_free (ATTUNE_SEARCH_ROW (object)->range);
  G_OBJECT_CLASS (attune_search_row_parent_class)->finalize (object);
}

static void
attune_search_row_class_init (AttuneSearchRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = attune_search_row_dispose;
  object_class->finalize = attune_search_row_finalize;
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[REMOVED] = g_signal_new ("removed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-search-row.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchRow, values);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchRow, remove);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, remove_cb);
}

static void
attune_search_row_init (AttuneSearchRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

AttuneSearchRow *
attune_search_row_new (const AttuneField *field, const char *values)
{
  AttuneSearchRow *self = g_object_new (ATTUNE_TYPE_SEARCH_ROW, NULL);
  g_autofree char *remove = g_strdup_printf (_("Do Not Vary %s"), _(field->title));

  self->field = field;
  self->range = describe_range (field);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), _(field->title));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), self->range);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), _(field->help));
  gtk_widget_set_tooltip_text (self->remove, remove);
  /* Its name is the title of the row that it is the activatable widget of. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->values),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, _(field->help), -1);
  gtk_editable_set_text (self->values, values);
  return self;
}

const AttuneField *
attune_search_row_get_field (AttuneSearchRow *self)
{
  return self->field;
}

const char *
attune_search_row_get_values (AttuneSearchRow *self)
{
  return gtk_editable_get_text (self->values);
}

void
attune_search_row_set_error (AttuneSearchRow *self, const char *reason)
{
  if (reason != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "error");
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), reason != NULL ? reason : self->range);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->values), GTK_ACCESSIBLE_STATE_INVALID,
                               reason != NULL ? GTK_ACCESSIBLE_INVALID_TRUE
                                              : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
}

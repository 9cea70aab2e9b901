/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneLabelEditor: what is typed waits until "Rename" gives it to the project as amendments.
 */
#include "config.h"

#include "attune-label-editor.h"

#include <glib/gi18n.h>
#include <string.h>

#define ATTUNE_TYPE_LABEL_NAME (attune_label_name_get_type ())
G_DECLARE_FINAL_TYPE (AttuneLabelName, attune_label_name, ATTUNE, LABEL_NAME, GObject)

/* One label: what it was called and what it is to be called. */
struct _AttuneLabelName
{
  GObject parent_instance;

  char *was;
  char *name;
  char *number; /* as they are shown */
  char *rows;
  char *share;
};

G_DEFINE_FINAL_TYPE (AttuneLabelName, attune_label_name, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_NAME,
  PROP_NUMBER,
  PROP_ROWS,
  PROP_SHARE,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void
attune_label_name_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AttuneLabelName *self = ATTUNE_LABEL_NAME (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_NUMBER:
      g_value_set_string (value, self->number);
      break;
    case PROP_ROWS:
      g_value_set_string (value, self->rows);
      break;
    case PROP_SHARE:
      g_value_set_string (value, self->share);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_label_name_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  AttuneLabelName *self = ATTUNE_LABEL_NAME (object);

  if (id != PROP_NAME)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  else if (g_set_str (&self->name, g_value_get_string (value)))
    g_object_notify_by_pspec (object, pspec);
}

static void
attune_label_name_finalize (GObject *object)
{
  AttuneLabelName *self = ATTUNE_LABEL_NAME (object);

  g_free (self->was);
  g_free (self->name);
  g_free (self->number);
  g_free (self->rows);
  g_free (self->share);
  G_OBJECT_CLASS (attune_label_name_parent_class)->finalize (object);
}

static void
attune_label_name_class_init (AttuneLabelNameClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = attune_label_name_get_property;
  object_class->set_property = attune_label_name_set_property;
  object_class->finalize = attune_label_name_finalize;
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL,
                                               readable | G_PARAM_WRITABLE
                                                 | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_NUMBER] = g_param_spec_string ("number", NULL, NULL, NULL, readable);
  properties[PROP_ROWS] = g_param_spec_string ("rows", NULL, NULL, NULL, readable);
  properties[PROP_SHARE] = g_param_spec_string ("share", NULL, NULL, NULL, readable);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
attune_label_name_init (AttuneLabelName *self)
{
}

struct _AttuneLabelEditor
{
  AdwDialog parent_instance;

  AdwHeaderBar *header;
  GtkWidget *cancel;
  GtkWidget *rename;
  GtkColumnView *view;
  GtkLabel *notice;

  AttuneProject *project;
  GPtrArray *names; /* AttuneLabelName */
};

G_DEFINE_FINAL_TYPE (AttuneLabelEditor, attune_label_editor, ADW_TYPE_DIALOG)

/* Why the names cannot be as they are, or NULL. n_changed: how many differ. */
static char *
find_fault (AttuneLabelEditor *self, guint *n_changed)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  *n_changed = 0;
  for (guint i = 0; i < self->names->len; i++)
    {
      AttuneLabelName *label = self->names->pdata[i];

      *n_changed += !g_str_equal (label->name, label->was);
      if (*label->name == '\0')
        return g_strdup_printf (_("“%s” needs a name"), label->was);
      if (!g_hash_table_add (seen, label->name))
        return g_strdup_printf (_("Two labels would be called “%s”"), label->name);
    }
  return NULL;
}

static void
name_changed_cb (AttuneLabelEditor *self)
{
  guint n_changed;
  g_autofree char *fault = find_fault (self, &n_changed);

  gtk_widget_set_sensitive (self->rename, fault == NULL && n_changed > 0);
  gtk_label_set_text (self->notice,
                      fault != NULL
                        ? fault
                        : _("Another name leaves the number as it is, and the file, too."));
  gtk_widget_set_css_classes (GTK_WIDGET (self->notice),
                              (const char *[]) { fault != NULL ? "error" : "dimmed", NULL });
}

static gboolean
is_in_use (GPtrArray *names, const char *name)
{
  for (guint i = 0; i < names->len; i++)
    {
      if (g_str_equal (((AttuneLabelName *) names->pdata[i])->was, name))
        return TRUE;
    }
  return FALSE;
}

/* One change, after which label is called to. */
static void
add_change (AttuneAmendments *amendments, AttuneLabelName *label, const char *to)
{
  attune_amendments_add_change (amendments, ATTUNE_CHANGE_RENAME, label->was, to);
  g_set_str (&label->was, to);
}

/* Changes are made one after the other: a name must be free before another label gets it. Labels
 * that change names with one another go round by one that nobody has. */
static AttuneAmendments *
create_amendments (GPtrArray *names)
{
  AttuneAmendments *amendments = attune_amendments_new ();

  for (;;)
    {
      AttuneLabelName *waiting = NULL;
      gboolean changed = FALSE;

      for (guint i = 0; i < names->len; i++)
        {
          AttuneLabelName *label = names->pdata[i];

          if (g_str_equal (label->was, label->name))
            continue;
          if (is_in_use (names, label->name))
            waiting = label;
          else
            {
              add_change (amendments, label, label->name);
              changed = TRUE;
            }
        }
      if (waiting == NULL)
        return amendments;
      if (!changed)
        {
          g_autoptr (GString) other = g_string_new (waiting->name);

          while (is_in_use (names, other->str))
            g_string_append_c (other, '*');
          add_change (amendments, waiting, other->str);
        }
    }
}

static void
rename_cb (AttuneLabelEditor *self)
{
  g_autoptr (AttuneAmendments) amendments = create_amendments (self->names);

  attune_project_amend (self->project, amendments);
  adw_dialog_close (ADW_DIALOG (self));
}

static void
setup_name_cb (GtkSignalListItemFactory *factory, GtkColumnViewCell *cell, AttuneLabelEditor *self)
{
  GtkWidget *entry = gtk_text_new ();

  gtk_editable_set_editable (GTK_EDITABLE (entry), attune_project_get_editable (self->project));
  gtk_text_set_activates_default (GTK_TEXT (entry), TRUE);
  gtk_column_view_cell_set_child (cell, entry);
  gtk_column_view_cell_set_focusable (cell, FALSE);
}

static void
bind_name_cb (GtkSignalListItemFactory *factory, GtkColumnViewCell *cell, AttuneLabelEditor *self)
{
  AttuneLabelName *label = gtk_column_view_cell_get_item (cell);
  GtkWidget *entry = gtk_column_view_cell_get_child (cell);
  /* Translators: what a field is for; a label's name stands in it. */
  g_autofree char *name = g_strdup_printf (_("Name of label %s"), label->number);

  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_object_set_data_full (G_OBJECT (cell), "attune-binding",
                          g_object_ref (g_object_bind_property (label, "name", entry, "text",
                                                                G_BINDING_BIDIRECTIONAL
                                                                  | G_BINDING_SYNC_CREATE)),
                          g_object_unref);
}

static void
unbind_name_cb (GtkSignalListItemFactory *factory, GtkColumnViewCell *cell, AttuneLabelEditor *self)
{
  GBinding *binding = g_object_get_data (G_OBJECT (cell), "attune-binding");

  g_binding_unbind (binding);
  g_object_set_data (G_OBJECT (cell), "attune-binding", NULL);
}

static void
attune_label_editor_dispose (GObject *object)
{
  AttuneLabelEditor *self = ATTUNE_LABEL_EDITOR (object);

  g_clear_object (&self->project);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_LABEL_EDITOR);
  G_OBJECT_CLASS (attune_label_editor_parent_class)->dispose (object);
}

static void
attune_label_editor_class_init (AttuneLabelEditorClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_label_editor_dispose;
  g_type_ensure (ATTUNE_TYPE_LABEL_NAME);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-label-editor.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneLabelEditor, header);
  gtk_widget_class_bind_template_child (widget_class, AttuneLabelEditor, cancel);
  gtk_widget_class_bind_template_child (widget_class, AttuneLabelEditor, rename);
  gtk_widget_class_bind_template_child (widget_class, AttuneLabelEditor, view);
  gtk_widget_class_bind_template_child (widget_class, AttuneLabelEditor, notice);
  gtk_widget_class_bind_template_callback (widget_class, rename_cb);
  gtk_widget_class_bind_template_callback (widget_class, setup_name_cb);
  gtk_widget_class_bind_template_callback (widget_class, bind_name_cb);
  gtk_widget_class_bind_template_callback (widget_class, unbind_name_cb);
}

static void
attune_label_editor_init (AttuneLabelEditor *self)
{
  self->names = g_ptr_array_new_with_free_func (g_object_unref);
  gtk_widget_init_template (GTK_WIDGET (self));
}

static AttuneLabelName *
create_name (AttuneDataset *dataset, guint label, guint total)
{
  AttuneLabelName *self = g_object_new (ATTUNE_TYPE_LABEL_NAME, NULL);
  guint n = attune_dataset_get_label_counts (dataset)[label];

  self->was = g_strdup (attune_dataset_get_label_names (dataset)[label]);
  self->name = g_strdup (self->was);
  self->number = g_strdup_printf ("%u", label);
  self->rows = g_strdup_printf ("%'u", n);
  self->share = g_strdup_printf (_("%.1f %%"), 100.0 * n / MAX (total, 1));
  return self;
}

AdwDialog *
attune_label_editor_new (AttuneProject *project)
{
  AttuneLabelEditor *self = g_object_new (ATTUNE_TYPE_LABEL_EDITOR, NULL);
  AttuneDataset *dataset = attune_project_get_dataset (project);
  gboolean editable = attune_project_get_editable (project);
  g_autoptr (GListStore) store = g_list_store_new (ATTUNE_TYPE_LABEL_NAME);
  g_autoptr (GtkSelectionModel) model = NULL;
  guint n_labels = dataset != NULL ? attune_dataset_get_n_labels (dataset) : 0;
  guint total = 0;

  self->project = g_object_ref (project);
  for (guint i = 0; i < n_labels; i++)
    total += attune_dataset_get_label_counts (dataset)[i];
  for (guint i = 0; i < n_labels; i++)
    {
      AttuneLabelName *label = create_name (dataset, i, total);

      g_signal_connect_object (label, "notify::name", G_CALLBACK (name_changed_cb), self,
                               G_CONNECT_SWAPPED);
      g_ptr_array_add (self->names, label);
    }
  g_list_store_splice (store, 0, 0, self->names->pdata, self->names->len);
  model = GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (g_steal_pointer (&store))));
  gtk_column_view_set_model (self->view, model);

  gtk_widget_set_visible (self->cancel, editable);
  gtk_widget_set_visible (self->rename, editable);
  gtk_widget_set_visible (GTK_WIDGET (self->notice), editable);
  adw_header_bar_set_show_end_title_buttons (self->header, !editable);
  adw_header_bar_set_show_start_title_buttons (self->header, !editable);
  adw_dialog_set_default_widget (ADW_DIALOG (self), self->rename);
  name_changed_cb (self);
  return ADW_DIALOG (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneValidationChoice: the project and its settings hold the choice; here it is shown and passed
 * on.
 */
#include "config.h"

#include "attune-validation-choice.h"

#include <glib/gi18n.h>
#include <math.h>

typedef enum {
  KIND_SHARE,
  KIND_NAMED,
  KIND_FILE,
  KIND_NONE,
  N_KINDS,
} Kind;

struct _AttuneValidationChoice
{
  AdwBin parent_instance;

  GtkMenuButton *button;
  GtkLabel *chosen;
  GtkPopover *popover;
  GtkCheckButton *kinds[N_KINDS];
  GtkSpinButton *percent;
  GtkSpinButton *seed;
  GtkLabel *file_label;
  GtkWidget *choose;

  AttuneProject *project;
  GFile *file; /* chosen last, also while another kind is in use */
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (AttuneValidationChoice, attune_validation_choice, ADW_TYPE_BIN)

/* The validation part of what was opened, as a person calls it; NULL if there is none. */
static char *
describe_named (AttuneValidationChoice *self)
{
  AttuneDataFiles *files = attune_project_get_data_files (self->project);

  return files != NULL ? attune_data_files_describe (files, ATTUNE_PART_VALIDATION) : NULL;
}

static Kind
get_kind (AttuneValidationChoice *self)
{
  g_autofree char *named = describe_named (self);

  if (attune_project_get_validation_file (self->project) != NULL)
    return KIND_FILE;
  if (named != NULL && attune_project_get_use_named_validation (self->project))
    return KIND_NAMED;
  return attune_train_config_get_double (attune_project_get_config (self->project),
                                         "validation_split") > 0
           ? KIND_SHARE : KIND_NONE;
}

static char *
get_display_name (GFile *file)
{
  g_autofree char *name = file != NULL ? g_file_get_basename (file) : NULL;

  return name != NULL ? g_filename_display_name (name) : NULL;
}

static void
update (AttuneValidationChoice *self)
{
  AttuneTrainConfig *config = attune_project_get_config (self->project);
  double percent = 100 * attune_train_config_get_double (config, "validation_split");
  g_autofree char *named = describe_named (self);
  g_autofree char *named_words = named != NULL ? g_strdup_printf (_("As it comes: %s"), named)
                                               : g_strdup ("");
  g_autofree char *file = NULL;
  g_autofree char *words = NULL;
  Kind kind = get_kind (self);

  if (kind == KIND_FILE)
    g_set_object (&self->file, attune_project_get_validation_file (self->project));
  file = get_display_name (self->file);
  switch (kind)
    {
    case KIND_SHARE:
      words = fabs (percent - round (percent)) < 1e-6
                ? g_strdup_printf (_("%.0f %%, stratified"), percent)
                : g_strdup_printf (_("%.1f %%, stratified"), percent);
      break;
    case KIND_NAMED:
      words = g_strdup (named);
      break;
    case KIND_FILE:
      words = g_strdup (file);
      break;
    case KIND_NONE:
    case N_KINDS:
    default:
      words = g_strdup (_("Nothing held out"));
      break;
    }

  self->updating = TRUE;
  gtk_label_set_text (self->chosen, words);
  gtk_check_button_set_active (self->kinds[kind], TRUE);
  gtk_check_button_set_label (self->kinds[KIND_NAMED], named_words);
  gtk_widget_set_visible (GTK_WIDGET (self->kinds[KIND_NAMED]), named != NULL);
  gtk_label_set_text (self->file_label, file != NULL ? file : _("A file of its own"));
  if (percent > 0)
    gtk_spin_button_set_value (self->percent, percent);
  gtk_spin_button_set_value (self->seed, (double) attune_train_config_get_split_seed (config));
  self->updating = FALSE;
}

static void
set_share (AttuneValidationChoice *self, double share)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  attune_train_config_set (attune_project_get_config (self->project), "validation_split",
                           g_ascii_formatd (text, sizeof text, "%.6g", share), NULL);
}

static void
share_changed_cb (AttuneValidationChoice *self)
{
  g_autofree char *seed = NULL;

  if (self->updating || self->project == NULL)
    return;
  seed = g_strdup_printf ("%.0f", gtk_spin_button_get_value (self->seed));
  set_share (self, gtk_spin_button_get_value (self->percent) / 100);
  attune_train_config_set (attune_project_get_config (self->project), "split_seed", seed, NULL);
}

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AttuneValidationChoice) self = ATTUNE_VALIDATION_CHOICE (user_data);
  g_autoptr (GFile) file = gtk_file_dialog_open_finish (GTK_FILE_DIALOG (source), result, NULL);

  if (self->project == NULL)
    return;
  if (file != NULL)
    attune_project_set_validation_file (self->project, file);
  update (self);
}

static void
choose_cb (AttuneValidationChoice *self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();

  gtk_popover_popdown (self->popover);
  gtk_file_dialog_set_title (dialog, _("Open Validation Data"));
  gtk_file_dialog_open (dialog, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), NULL,
                        chosen_cb, g_object_ref (self));
}

static void
kind_changed_cb (AttuneValidationChoice *self, GtkCheckButton *button)
{
  Kind kind = 0;

  /* Of the two that change, the one that is chosen now. */
  if (self->updating || self->project == NULL || !gtk_check_button_get_active (button))
    return;
  while (self->kinds[kind] != button)
    kind++;
  if (kind == KIND_FILE && self->file == NULL)
    {
      choose_cb (self);
      return;
    }
  if (kind == KIND_SHARE)
    set_share (self, gtk_spin_button_get_value (self->percent) / 100);
  else if (kind == KIND_NONE)
    set_share (self, 0);
  if (gtk_widget_get_visible (GTK_WIDGET (self->kinds[KIND_NAMED])))
    attune_project_set_use_named_validation (self->project, kind == KIND_NAMED);
  attune_project_set_validation_file (self->project, kind == KIND_FILE ? self->file : NULL);
  update (self);
}

static void
loading_changed_cb (AttuneValidationChoice *self)
{
  if (!attune_project_get_loading (self->project))
    update (self);
}

void
attune_validation_choice_set_project (AttuneValidationChoice *self, AttuneProject *project)
{
  static const char * const settings[] = { "notify::validation-split", "notify::seed" };

  if (self->project == project)
    return;
  if (self->project != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->project, self);
      g_signal_handlers_disconnect_by_data (attune_project_get_config (self->project), self);
    }
  g_clear_object (&self->file);
  g_set_object (&self->project, project);
  if (project == NULL)
    return;
  g_signal_connect_object (project, "notify::loading", G_CALLBACK (loading_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (project, "notify::validation-file", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    g_signal_connect_object (attune_project_get_config (project), settings[i],
                             G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

static void
attune_validation_choice_dispose (GObject *object)
{
  attune_validation_choice_set_project (ATTUNE_VALIDATION_CHOICE (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_VALIDATION_CHOICE);
  G_OBJECT_CLASS (attune_validation_choice_parent_class)->dispose (object);
}

static void
attune_validation_choice_class_init (AttuneValidationChoiceClass *klass)
{
  static const char * const kinds[] = { "share", "named", "file", "none" };
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_validation_choice_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-validation-choice.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneValidationChoice, button);
  gtk_widget_class_bind_template_child (widget_class, AttuneValidationChoice, chosen);
  gtk_widget_class_bind_template_child (widget_class, AttuneValidationChoice, popover);
  gtk_widget_class_bind_template_child (widget_class, AttuneValidationChoice, percent);
  gtk_widget_class_bind_template_child (widget_class, AttuneValidationChoice, seed);
  gtk_widget_class_bind_template_child (widget_class, AttuneValidationChoice, file_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneValidationChoice, choose);
  for (guint i = 0; i < N_KINDS; i++)
    gtk_widget_class_bind_template_child_full (
      widget_class, kinds[i], FALSE,
      G_STRUCT_OFFSET (AttuneValidationChoice, kinds) + i * sizeof (GtkCheckButton *));
  gtk_widget_class_bind_template_callback (widget_class, kind_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, share_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_cb);
}

static void
attune_validation_choice_init (AttuneValidationChoice *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Validation"), -1);
}

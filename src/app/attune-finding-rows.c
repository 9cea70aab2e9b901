/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of the findings list. A remedy is done at once and can be taken back: from the toast that
 * says so, and as long as the data is amended from a row below the findings.
 */
#include "config.h"

#include "attune-finding-rows.h"

#include <glib/gi18n.h>

#include "attune-finding-texts.h"

#define MOST_SHOWN 40 /* characters of a label in a row */

static const struct
{
  const char *icon;
  const char *style;
  const char *words;
} severities[] = {
  [ATTUNE_SEVERITY_BLOCKS] = { "dialog-error-symbolic", "error", N_("Blocks training") },
  [ATTUNE_SEVERITY_WARNING] = { "dialog-warning-symbolic", "warning", N_("Lowers the accuracy") },
  [ATTUNE_SEVERITY_INFO] = { "dialog-information-symbolic", "dimmed", N_("Worth knowing") },
};

typedef struct
{
  char *title;
  GArray *rows;
  AttuneDataset *dataset;
} Concerned;

/* A remedy to do, or done and to be taken back. */
typedef struct
{
  AttuneProject *project;
  AttuneAmendments *amendments; /* NULL for a setting */
  char *setting;
  char *value;
  char *words; /* what is said when it is done */
} Action;

static void
concerned_free (gpointer data, GClosure *closure)
{
  Concerned *concerned = data;

  g_free (concerned->title);
  g_array_unref (concerned->rows);
  g_object_unref (concerned->dataset);
  g_free (concerned);
}

static void
action_free (gpointer data, GClosure *closure)
{
  Action *action = data;

  g_object_unref (action->project);
  attune_amendments_free (action->amendments);
  g_free (action->setting);
  g_free (action->value);
  g_free (action->words);
  g_free (action);
}

static Action *
create_action (AttuneProject *project, const AttuneAmendments *amendments)
{
  Action *action = g_new0 (Action, 1);

  action->project = g_object_ref (project);
  action->amendments = attune_amendments_copy (amendments);
  return action;
}

static void
show_rows_cb (GtkWidget *widget, Concerned *concerned)
{
  adw_dialog_present (attune_finding_texts_new (concerned->title, concerned->dataset,
                                                concerned->rows), widget);
}

static void
take_back_cb (GObject *source, Action *action)
{
  if (!attune_project_get_editable (action->project))
    return;
  if (action->amendments != NULL)
    attune_project_take_back (action->project, action->amendments);
  else
    attune_train_config_set (attune_project_get_config (action->project), action->setting,
                             action->value, NULL);
}

/* Takes undo. */
static void
offer_undo (GtkWidget *widget, const char *message, Action *undo)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (widget, ADW_TYPE_TOAST_OVERLAY);
  AdwToast *toast;

  if (overlay == NULL)
    return action_free (undo, NULL);
  toast = adw_toast_new (message);
  adw_toast_set_use_markup (toast, FALSE);
  adw_toast_set_button_label (toast, _("_Undo"));
  g_signal_connect_data (toast, "button-clicked", G_CALLBACK (take_back_cb), undo, action_free, 0);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), toast);
}

static void
do_cb (GtkWidget *button, Action *action)
{
  Action *undo = create_action (action->project, action->amendments);
  AttuneTrainConfig *config = attune_project_get_config (action->project);

  if (action->setting != NULL)
    {
      undo->setting = g_strdup (action->setting);
      undo->value = attune_train_config_get_text (config, action->setting);
    }
  /* Doing it takes the row away that this button is in. */
  offer_undo (button, action->words, undo);
  if (action->amendments != NULL)
    attune_project_amend (action->project, action->amendments);
  else
    attune_train_config_set (config, action->setting, action->value, NULL);
}

static GtkWidget *
add_button (GtkWidget *row, const char *words, GCallback callback, Action *action)
{
  GtkWidget *button = gtk_button_new_with_label (words);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_signal_connect_data (button, "clicked", callback, action, action_free, 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return button;
}

/* A setting that is as the remedy would have it needs no button. */
static gboolean
is_settled (const AttuneRemedy *remedy, AttuneTrainConfig *config)
{
  g_autofree char *value = NULL;

  if (remedy->setting == NULL)
    return FALSE;
  value = attune_train_config_get_text (config, remedy->setting);
  return g_strcmp0 (value, remedy->value) == 0;
}

static void
add_remedy (GtkWidget *row, const AttuneFinding *finding, AttuneProject *project)
{
  const AttuneRemedy *remedy = finding->remedy;
  GtkWidget *button;
  Action *action;

  if (remedy == NULL || !attune_project_get_editable (project)
      || is_settled (remedy, attune_project_get_config (project)))
    return;
  action = create_action (project, remedy->amendments);
  action->setting = g_strdup (remedy->setting);
  action->value = g_strdup (remedy->value);
  action->words = g_strdup_printf (_("Done: %s"), remedy->words);
  button = add_button (row, remedy->words, G_CALLBACK (do_cb), action);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  finding->message, -1);
}

static GtkWidget *
create_row (const char *title, const char *subtitle, const char *icon_name, const char *style)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *icon = gtk_image_new_from_icon_name (icon_name);

  gtk_widget_add_css_class (icon, style);
  gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL, subtitle,
                                  -1);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  return row;
}

GtkWidget *
attune_finding_row_new (const AttuneFinding *finding, AttuneProject *project)
{
  AttuneDataset *dataset = finding->of_validation ? attune_project_get_validation (project)
                                                  : attune_project_get_dataset (project);
  GtkWidget *row = create_row (finding->message, _(severities[finding->severity].words),
                               severities[finding->severity].icon,
                               severities[finding->severity].style);

  add_remedy (row, finding, project);
  if (finding->rows->len > 0 && dataset != NULL)
    {
      Concerned *concerned = g_new0 (Concerned, 1);

      concerned->title = g_strdup (finding->message);
      concerned->rows = g_array_ref (finding->rows);
      concerned->dataset = g_object_ref (dataset);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                                 gtk_image_new_from_icon_name ("go-next-symbolic"));
      gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
      g_signal_connect_data (row, "activated", G_CALLBACK (show_rows_cb), concerned, concerned_free,
                             0);
    }
  return row;
}

static void
add_amendment (GtkListBox             *box,
               AttuneProject          *project,
               const AttuneAmendments *amendments,
               const char             *title)
{
  GtkWidget *row = create_row (title, _("Done to the data"), "object-select-symbolic", "success");

  if (attune_project_get_editable (project))
    {
      GtkWidget *button = add_button (row, _("Undo"), G_CALLBACK (take_back_cb),
                                      create_action (project, amendments));

      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                      title, -1);
    }
  gtk_list_box_append (box, row);
}

/* n: changes like this one, to the same name if they have one. */
static char *
describe_change (const AttuneLabelChange *change, guint n)
{
  g_autofree char *from = g_utf8_truncate_middle (change->from, MOST_SHOWN);
  g_autofree char *to = change->to != NULL ? g_utf8_truncate_middle (change->to, MOST_SHOWN) : NULL;

  if (change->kind == ATTUNE_CHANGE_RENAME)
    return g_strdup_printf (_("“%s” is called “%s”"), from, to);
  if (change->kind == ATTUNE_CHANGE_MERGE)
    return n == 1 ? g_strdup_printf (_("“%s” counts as “%s”"), from, to)
                  : g_strdup_printf (ngettext ("%u label counts as “%s”",
                                               "%u labels count as “%s”", n), n, to);
  return n == 1 ? g_strdup_printf (_("Rows labelled “%s” are left out"), from)
                : g_strdup_printf (ngettext ("Rows of %u label are left out",
                                             "Rows of %u labels are left out", n), n);
}

static gboolean
belong_together (const AttuneLabelChange *a, const AttuneLabelChange *b)
{
  return a->kind == b->kind && a->kind != ATTUNE_CHANGE_RENAME && g_strcmp0 (a->to, b->to) == 0;
}

void
attune_finding_rows_add_amendments (GtkListBox *box, AttuneProject *project)
{
  static const struct
  {
    AttuneDrop drop;
    const char *words;
  } drops[] = {
    { ATTUNE_DROP_EMPTY, N_("Empty texts are left out") },
    { ATTUNE_DROP_DUPLICATES, N_("Texts that occur again are left out but for the first") },
    { ATTUNE_DROP_CONFLICTING, N_("Texts with different labels are left out") },
    { ATTUNE_DROP_OVERLAP, N_("Texts that the validation data has are left out of training") },
  };
  const AttuneAmendments *amendments = attune_project_get_amendments (project);

  for (guint i = 0; amendments != NULL && i < G_N_ELEMENTS (drops); i++)
    if (amendments->drop & drops[i].drop)
      {
        g_autoptr (AttuneAmendments) one = attune_amendments_new ();

        one->drop = drops[i].drop;
        add_amendment (box, project, one, _(drops[i].words));
      }
  for (guint i = 0, n; amendments != NULL && i < amendments->changes->len; i += n)
    {
      const AttuneLabelChange *first = g_ptr_array_index (amendments->changes, i);
      g_autoptr (AttuneAmendments) group = attune_amendments_new ();
      g_autofree char *title = NULL;

      for (n = 0; i + n < amendments->changes->len; n++)
        {
          const AttuneLabelChange *change = g_ptr_array_index (amendments->changes, i + n);

          if (n > 0 && !belong_together (first, change))
            break;
          attune_amendments_add_change (group, change->kind, change->from, change->to);
        }
      title = describe_change (first, n);
      add_amendment (box, project, group, title);
    }
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneSearchDialog: a row for each setting that varies, made from the table of settings. With
 * every change the whole search is made anew: it says what is wrong with which row, and how many
 * runs there would be.
 */
#include "config.h"

#include "attune-search-dialog.h"

#include <glib/gi18n.h>
#include <math.h>

#include "attune-search-row.h"

struct _AttuneSearchDialog
{
  AdwDialog parent_instance;

  AdwPreferencesGroup *group;
  GtkStringList *names; /* "Choose…", then the titles of the fields that no row has */
  AdwComboRow *another;
  GtkAdjustment *n_seeds;
  GtkLabel *cost;
  GtkButton *queue;

  AttuneTrainConfig *base;
  AttuneEstimate estimate; /* seconds: NaN when not known */
  GPtrArray *rows;         /* AttuneSearchRow, borrowed */
  GPtrArray *choices;      /* const AttuneField *, those of names but the first */
  GPtrArray *runs;         /* AttuneSearchRun; NULL while something is wrong */
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (AttuneSearchDialog, attune_search_dialog, ADW_TYPE_DIALOG)

enum {
  QUEUE,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* Whether different values of it can make a better model. */
static gboolean
is_worth_trying (const AttuneField *field)
{
  static const char * const others[] = {
    "save_strategy", "save_steps", "save_total_limit", "logging_steps", "device", "num_threads",
    NULL,
  };

  return attune_search_may_vary (field) && !g_strv_contains (others, field->name);
}

static gboolean
has_row (AttuneSearchDialog *self, const AttuneField *field)
{
  for (guint i = 0; i < self->rows->len; i++)
    if (attune_search_row_get_field (g_ptr_array_index (self->rows, i)) == field)
      return TRUE;
  return FALSE;
}

/* What is left to choose from. */
static void
list_choices (AttuneSearchDialog *self)
{
  guint n_fields = 0;
  const AttuneField *fields = attune_train_config_get_fields (&n_fields);
  g_autoptr (GStrvBuilder) titles = g_strv_builder_new ();
  g_auto (GStrv) all = NULL;

  g_strv_builder_add (titles, _("Choose…"));
  g_ptr_array_set_size (self->choices, 0);
  for (guint i = 0; i < n_fields; i++)
    if (is_worth_trying (&fields[i]) && !has_row (self, &fields[i]))
      {
        g_strv_builder_add (titles, _(fields[i].title));
        g_ptr_array_add (self->choices, (gpointer) &fields[i]);
      }
  all = g_strv_builder_end (titles);
  self->updating = TRUE;
  gtk_string_list_splice (self->names, 0, g_list_model_get_n_items (G_LIST_MODEL (self->names)),
                          (const char * const *) all);
  adw_combo_row_set_selected (self->another, 0);
  self->updating = FALSE;
}

/* (transfer full): every row's values as a search; NULL with the first error. *said: whether a row
 * says one. */
static AttuneSearch *
create_search (AttuneSearchDialog *self, gboolean *said, GError **error)
{
  g_autoptr (AttuneSearch) search = attune_search_new (self->base);
  g_autoptr (GError) first = NULL;
  guint n_seeds = (guint) gtk_adjustment_get_value (self->n_seeds);

  for (guint i = 0; i < self->rows->len; i++)
    {
      AttuneSearchRow *row = g_ptr_array_index (self->rows, i);
      const AttuneField *field = attune_search_row_get_field (row);
      const char *values = attune_search_row_get_values (row);
      g_autoptr (GError) local_error = NULL;
      gboolean wrong;

      /* That nothing is typed yet is no mistake. */
      wrong = !attune_search_add (search, field->name, values, &local_error) && *values != '\0';
      attune_search_row_set_error (row, wrong ? local_error->message : NULL);
      *said = *said || wrong;
      if (local_error != NULL && first == NULL)
        first = g_steal_pointer (&local_error);
    }
  if (first == NULL)
    attune_search_set_seeds (search, n_seeds, &first);
  if (first == NULL)
    return g_steal_pointer (&search);
  g_propagate_error (error, g_steal_pointer (&first));
  return NULL;
}

/* (transfer full): "9 runs · about 12 min · 5.5 GB"; time and disk where they are known. Time is in
 * proportion to the epochs, which is all that is known of what other settings cost. */
static char *
describe_cost (AttuneSearchDialog *self)
{
  double epochs = attune_train_config_get_double (self->base, "num_train_epochs");
  g_autofree char *n_runs = NULL;
  g_autofree char *disk = NULL;
  double seconds = 0;

  n_runs = g_strdup_printf (ngettext ("%u run", "%u runs", self->runs->len), self->runs->len);
  if (isnan (self->estimate.seconds))
    return g_steal_pointer (&n_runs);
  for (guint i = 0; i < self->runs->len; i++)
    {
      const AttuneSearchRun *run = g_ptr_array_index (self->runs, i);

      seconds += self->estimate.seconds / epochs
                 * attune_train_config_get_double (run->config, "num_train_epochs");
    }
  disk = g_format_size ((guint64) (self->estimate.disk_bytes * self->runs->len));
  /* Translators: "9 runs", minutes or hours, and room on the disk. */
  return seconds < 90 * 60
           ? g_strdup_printf (_("%s · about %.0f min · %s disk"), n_runs, fmax (1, seconds / 60),
                              disk)
           : g_strdup_printf (_("%s · about %.1f h · %s disk"), n_runs, seconds / 3600, disk);
}

static void
update_cb (AttuneSearchDialog *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSearch) search = NULL;
  g_autofree char *cost = NULL;
  g_autofree char *label = NULL;
  gboolean said = FALSE;
  guint n_runs;

  if (self->base == NULL)
    return;
  g_clear_pointer (&self->runs, g_ptr_array_unref);
  search = create_search (self, &said, &error);
  if (search != NULL)
    self->runs = attune_search_expand (search, &error);
  n_runs = self->runs != NULL ? self->runs->len : 0;
  if (self->runs != NULL)
    cost = describe_cost (self);
  else
    cost = g_strdup (said ? "" : error->message);
  gtk_label_set_label (self->cost, cost);
  label = self->runs != NULL
            ? g_strdup_printf (ngettext ("_Queue %u Run", "_Queue %u Runs", n_runs), n_runs)
            : g_strdup (_("_Queue Runs"));
  gtk_button_set_label (self->queue, label);
  gtk_widget_set_sensitive (GTK_WIDGET (self->queue), self->runs != NULL);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->queue), error != NULL ? error->message : NULL);
}

static void
removed_cb (AttuneSearchDialog *self, AttuneSearchRow *row)
{
  g_ptr_array_remove (self->rows, row);
  adw_preferences_group_remove (self->group, GTK_WIDGET (row));
  list_choices (self);
  update_cb (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->another));
}

/* What to begin with: a few that are usual, all that there are, or what is set. */
static char *
propose_values (AttuneSearchDialog *self, const AttuneField *field)
{
  if (g_str_equal (field->name, "learning_rate"))
    return g_strdup ("2e-5, 5e-5, 1e-4");
  if (field->type == ATTUNE_FIELD_CHOICE)
    return g_strjoinv (", ", (char **) field->choices);
  if (field->automatic && attune_train_config_is_default (self->base, field->name))
    return g_strdup ("");
  return attune_train_config_get_text (self->base, field->name);
}

static AttuneSearchRow *
add_row (AttuneSearchDialog *self, const AttuneField *field)
{
  g_autofree char *values = propose_values (self, field);
  AttuneSearchRow *row = attune_search_row_new (field, values);

  g_signal_connect_object (row, "changed", G_CALLBACK (update_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "removed", G_CALLBACK (removed_cb), self, G_CONNECT_SWAPPED);
  g_ptr_array_add (self->rows, row);
  adw_preferences_group_add (self->group, GTK_WIDGET (row));
  list_choices (self);
  update_cb (self);
  return row;
}

static void
another_cb (AttuneSearchDialog *self)
{
  guint selected = adw_combo_row_get_selected (self->another);

  if (self->updating || self->base == NULL || selected == 0 || selected > self->choices->len)
    return;
  /* To its entry, to type. */
  adw_action_row_activate (ADW_ACTION_ROW (add_row (self, g_ptr_array_index (self->choices,
                                                                             selected - 1))));
}

static void
queue_cb (AttuneSearchDialog *self)
{
  if (self->runs == NULL)
    return;
  g_signal_emit (self, signals[QUEUE], 0, self->runs);
  adw_dialog_close (ADW_DIALOG (self));
}

static void
attune_search_dialog_dispose (GObject *object)
{
  AttuneSearchDialog *self = ATTUNE_SEARCH_DIALOG (object);

  g_clear_object (&self->base);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_SEARCH_DIALOG);
  G_OBJECT_CLASS (attune_search_dialog_parent_class)->dispose (object);
}

static void
attune_search_dialog_finalize (GObject *object)
{
  AttuneSearchDialog *self = ATTUNE_SEARCH_DIALOG (object);

  g_ptr_array_unref (self->rows);
  g_ptr_array_unref (self->choices);
  g_clear_pointer (&self->runs, g_ptr_array_unref);
  G_OBJECT_CLASS (attune_search_dialog_parent_class)->finalize (object);
}

static void
attune_search_dialog_class_init (AttuneSearchDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = attune_search_dialog_dispose;
  object_class->finalize = attune_search_dialog_finalize;
  signals[QUEUE] = g_signal_new ("queue", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, G_TYPE_PTR_ARRAY);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-search-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchDialog, group);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchDialog, names);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchDialog, another);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchDialog, n_seeds);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchDialog, cost);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchDialog, queue);
  gtk_widget_class_bind_template_callback (widget_class, update_cb);
  gtk_widget_class_bind_template_callback (widget_class, another_cb);
  gtk_widget_class_bind_template_callback (widget_class, queue_cb);
}

static void
attune_search_dialog_init (AttuneSearchDialog *self)
{
  self->rows = g_ptr_array_new ();
  self->choices = g_ptr_array_new ();
  self->estimate.seconds = NAN;
  gtk_widget_init_template (GTK_WIDGET (self));
}

AttuneSearchDialog *
attune_search_dialog_new (AttuneTrainConfig *base, const AttuneEstimate *estimate)
{
  AttuneSearchDialog *self = g_object_new (ATTUNE_TYPE_SEARCH_DIALOG, NULL);

  self->base = attune_train_config_copy (base);
  if (estimate != NULL)
    self->estimate = *estimate;
  add_row (self, attune_train_config_find_field ("learning_rate"));
  return self;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Data page: what the file holds, what is wrong with it, which labels and how long the texts
 * are. How it is read and which column is which are AttuneDataOptions' business.
 */
#include "config.h"

#include "attune-data-page.h"

#include <glib/gi18n.h>

#include "attune-charts.h"
#include "attune-data-options.h"
#include "attune-encoded-rows.h"
#include "attune-finding-rows.h"
#include "attune-label-editor.h"
#include "attune-length-table.h"
#include "attune-list-rows.h"
#include "attune-table-preview.h"

/* More labels than this are summed up in one bar. */
#define MAX_LABEL_BARS 12
/* Where the model says nothing else. */
#define MOST_PROPOSED 512
/* How often what is read so far is shown, in milliseconds. */
#define PROGRESS_INTERVAL 150

struct _AttuneDataPage
{
  AdwBin parent_instance;

  AdwBanner *banner;
  AttuneDataOptions *options;
  GtkProgressBar *progress;
  GtkStack *preview_stack;
  AttuneTablePreview *preview;
  AdwStatusPage *error_page;
  GtkWidget *findings_box; /* hidden where nothing could be looked at */
  GtkListBox *findings;
  GtkLabel *no_findings;
  GtkLabel *blocking;
  GtkWidget *charts;
  AttuneBarList *labels;
  GtkWidget *edit_labels;
  GtkLabel *length_summary;
  GtkWidget *length_table;
  AttuneHistogram *histogram;
  GtkLabel *counts;

  AttuneProject *project;
  gboolean updating;
  guint progress_source;
};

G_DEFINE_FINAL_TYPE (AttuneDataPage, attune_data_page, ADW_TYPE_BIN)

enum {
  PROP_0,
  PROP_PROJECT,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void
update_preview (AttuneDataPage *self)
{
  AttuneTable *table = attune_project_get_table (self->project);
  AttuneDataset *dataset = attune_project_get_dataset (self->project);
  const char *error = attune_project_get_error (self->project);

  adw_banner_set_title (self->banner, error != NULL ? error : "");
  adw_banner_set_revealed (self->banner, error != NULL && table != NULL);
  if (table != NULL)
    {
      attune_table_preview_show (self->preview, table,
                                 dataset != NULL || attune_project_get_loading (self->project)
                                   ? attune_project_get_columns (self->project) : NULL);
      gtk_stack_set_visible_child_name (self->preview_stack, "preview");
    }
  else if (error != NULL)
    {
      g_autofree char *escaped = g_markup_escape_text (error, -1);

      adw_status_page_set_description (self->error_page, escaped);
      gtk_stack_set_visible_child_name (self->preview_stack, "error");
    }
  else
    gtk_stack_set_visible_child_name (self->preview_stack, "loading");
}

static void
update_findings (AttuneDataPage *self)
{
  GPtrArray *findings = attune_project_get_findings (self->project);
  guint n_blocking = 0;

  gtk_label_set_text (self->no_findings, attune_project_get_loading (self->project)
                                           ? _("Looking through the data…")
                                           : _("Nothing to object to"));
  gtk_widget_set_visible (self->findings_box,
                          findings != NULL
                            || (attune_project_get_loading (self->project)
                                && attune_project_get_dataset (self->project) != NULL)
                            || !attune_amendments_is_empty (
                              attune_project_get_amendments (self->project)));
  attune_list_rows_clear (self->findings);
  for (guint i = 0; findings != NULL && i < findings->len; i++)
    {
      AttuneFinding *finding = g_ptr_array_index (findings, i);

      n_blocking += finding->severity == ATTUNE_SEVERITY_BLOCKS;
      gtk_list_box_append (self->findings, attune_finding_row_new (finding, self->project));
    }
  attune_finding_rows_add_amendments (self->findings, self->project);
  if (n_blocking > 0)
    {
      g_autofree char *words = g_strdup_printf (
        ngettext ("%u to settle before training", "%u to settle before training",
                  n_blocking), n_blocking);

      gtk_label_set_label (self->blocking, words);
    }
  else
    gtk_label_set_label (self->blocking, "");
}

/* Labels by frequency, the rest of a long list as one bar. */
static int
compare_counts (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const guint *counts = user_data;
  guint first = counts[*(const guint *) a];
  guint second = counts[*(const guint *) b];

  if (first != second)
    return first < second ? 1 : -1;
  return (int) *(const guint *) a - (int) *(const guint *) b;
}

/* (transfer full): "34 %", and "0.4 %" rather than none at all */
static char *
format_share (guint part, guint whole)
{
  double percent = 100.0 * part / MAX (whole, 1);

  return g_strdup_printf (part > 0 && percent < 1 ? _("%.1f %%") : _("%.0f %%"), percent);
}

static void
update_labels (AttuneDataPage *self)
{
  AttuneDataset *dataset = attune_project_get_dataset (self->project);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) shares = g_ptr_array_new_with_free_func (g_free);
  g_autofree guint *order = NULL;
  g_autofree double *fractions = NULL;
  const guint *counts;
  guint n_labels, n_bars, total = 0, rest;

  if (dataset == NULL)
    {
      attune_bar_list_set_bars (self->labels, NULL, NULL, NULL, NULL, 0, -1);
      return;
    }
  counts = attune_dataset_get_label_counts (dataset);
  n_labels = attune_dataset_get_n_labels (dataset);
  order = g_new (guint, MAX (n_labels, 1));
  for (guint i = 0; i < n_labels; i++)
    {
      order[i] = i;
      total += counts[i];
    }
  g_sort_array (order, n_labels, sizeof *order, compare_counts, (gpointer) counts);

  n_bars = MIN (n_labels, MAX_LABEL_BARS);
  rest = total;
  /* A text with two labels is in two bars. */
  if (attune_dataset_get_task (dataset) == ATTUNE_TASK_MULTI_LABEL)
    total = attune_dataset_get_n_rows (dataset);
  fractions = g_new0 (double, n_bars + 1);
  for (guint i = 0; i < n_bars; i++)
    {
      guint label = order[i];

      rest -= counts[label];
      fractions[i] = counts[order[0]] > 0 ? (double) counts[label] / counts[order[0]] : 0;
      g_ptr_array_add (names, g_strdup (attune_dataset_get_label_names (dataset)[label]));
      g_ptr_array_add (values, g_strdup_printf ("%'u", counts[label]));
      g_ptr_array_add (shares, format_share (counts[label], total));
    }
  if (n_labels > n_bars)
    {
      fractions[n_bars] = MIN (1.0, (double) rest / MAX (counts[order[0]], 1));
      g_ptr_array_add (names,
                       g_strdup_printf (ngettext ("%u more label", "%u more labels",
                                                  n_labels - n_bars),
                                               n_labels - n_bars));
      g_ptr_array_add (values, g_strdup_printf ("%'u", rest));
      g_ptr_array_add (shares, format_share (rest, total));
    }
  attune_bar_list_set_bars (self->labels, (const char * const *) names->pdata, fractions,
                            (const char * const *) values->pdata,
                            (const char * const *) shares->pdata, names->len, -1);
}

/* As attune_propose_max_length() does, of lengths that are in order. */
static guint
propose_cut (const GArray *lengths)
{
  guint64 covered = ((guint64) lengths->len * 99 + 99) / 100;
  guint length = g_array_index (lengths, guint, MAX (covered, 1) - 1);

  return MIN ((MAX (length, 1) + 15) / 16 * 16, MOST_PROPOSED);
}

static void
update_cut (AttuneDataPage *self)
{
  GArray *lengths = attune_project_get_lengths (self->project);
  AttuneTrainConfig *config = attune_project_get_config (self->project);
  guint cut;

  if (lengths == NULL || lengths->len == 0)
    return;
  cut = attune_train_config_is_default (config, "max_length")
          ? propose_cut (lengths)
          : (guint) attune_train_config_get_int (config, "max_length");
  self->updating = TRUE;
  g_object_set (self->histogram, "cut", cut, NULL);
  self->updating = FALSE;
}

static void
update_lengths (AttuneDataPage *self)
{
  GArray *lengths = attune_project_get_lengths (self->project);
  g_autofree char *summary = NULL;

  if (lengths == NULL || lengths->len == 0)
    {
      gtk_label_set_label (self->length_summary, "");
      gtk_widget_set_visible (self->length_table, FALSE);
      attune_histogram_set_lengths (self->histogram, NULL, 0);
      return;
    }
  summary = g_strdup_printf (_("median %u, longest %u"),
                             g_array_index (lengths, guint, lengths->len / 2),
                             g_array_index (lengths, guint, lengths->len - 1));
  gtk_label_set_label (self->length_summary, summary);
  gtk_widget_set_visible (self->length_table, TRUE);
  attune_histogram_set_sorted (self->histogram, lengths);
  update_cut (self);
}

static void
length_table_cb (AttuneDataPage *self)
{
  adw_dialog_present (attune_length_table_new (attune_project_get_lengths (self->project)),
                      GTK_WIDGET (self));
}

static void
edit_labels_cb (AttuneDataPage *self)
{
  adw_dialog_present (attune_label_editor_new (self->project), GTK_WIDGET (self));
}

static void
cut_moved_cb (AttuneDataPage *self)
{
  g_autofree char *text = NULL;
  guint cut;

  if (self->updating || self->project == NULL || !attune_project_get_editable (self->project))
    return;
  g_object_get (self->histogram, "cut", &cut, NULL);
  text = g_strdup_printf ("%u", cut);
  attune_train_config_set (attune_project_get_config (self->project), "max_length", text, NULL);
}

static void
update_counts (AttuneDataPage *self)
{
  guint limit = attune_project_get_n_rows (self->project);
  g_autofree char *words = NULL;
  guint n_train, n_validation;

  if (attune_project_get_loading (self->project))
    return;
  if (attune_project_get_dataset (self->project) == NULL)
    {
      gtk_label_set_label (self->counts, "");
      return;
    }
  attune_project_get_counts (self->project, &n_train, &n_validation);
  if (limit > 0 && limit < n_train + n_validation
      && attune_project_get_validation (self->project) == NULL)
    {
      guint held_out = (guint) ((double) n_validation / (n_train + n_validation) * limit + 0.5);

      words = g_strdup_printf (_("About %'u texts to learn from, %'u to check with"),
                               limit - held_out, held_out);
    }
  else if (n_validation == 0)
    words = g_strdup_printf (ngettext ("%'u text to learn from, none to check with",
                                       "%'u texts to learn from, none to check with", n_train),
                             n_train);
  else
    words = g_strdup_printf (_("%'u texts to learn from, %'u to check with"), n_train,
                             n_validation);
  gtk_label_set_label (self->counts, words);
}

static void
data_changed_cb (AttuneDataPage *self)
{
  update_preview (self);
  update_findings (self);
  update_labels (self);
  update_lengths (self);
  update_counts (self);
  gtk_widget_set_visible (self->charts, attune_project_get_dataset (self->project) != NULL);
}

/* How many rows there will be is guessed by the first ones until all are read. */
static void
show_progress (AttuneDataPage *self)
{
  double progress = attune_project_get_progress (self->project);
  guint n = attune_project_get_n_expected (self->project);
  g_autofree char *words = NULL;

  gtk_progress_bar_set_fraction (self->progress, progress);
  if (progress >= 1)
    words = g_strdup (_("Looking through the data…"));
  else if (n > 0)
    words = g_strdup_printf (_("About %'.0f of %'u rows read"), progress * n, n);
  else
    words = g_strdup (_("Reading the data…"));
  gtk_label_set_label (self->counts, words);
}

static gboolean
progress_cb (gpointer user_data)
{
  show_progress (ATTUNE_DATA_PAGE (user_data));
  return G_SOURCE_CONTINUE;
}

static void
update_progress (AttuneDataPage *self)
{
  gboolean loading = self->project != NULL && attune_project_get_loading (self->project);

  gtk_widget_set_visible (GTK_WIDGET (self->progress), loading);
  if (!loading)
    g_clear_handle_id (&self->progress_source, g_source_remove);
  else
    {
      show_progress (self);
      if (self->progress_source == 0)
        self->progress_source = g_timeout_add (PROGRESS_INTERVAL, progress_cb, self);
    }
}

/* What is shown of the last reading stays until the next is done; a choice shows at once. */
static void
loading_changed_cb (AttuneDataPage *self)
{
  update_progress (self);
  if (attune_project_get_loading (self->project))
    update_preview (self);
  if (!attune_project_get_loading (self->project)
      || attune_project_get_table (self->project) == NULL)
    data_changed_cb (self);
}

/* Only what a changed length did to them; a reading says that it is done by "loading". */
static void
findings_changed_cb (AttuneDataPage *self)
{
  if (!attune_project_get_loading (self->project))
    update_findings (self);
}

/* The first rows of a long file. */
static void
table_changed_cb (AttuneDataPage *self)
{
  if (attune_project_get_loading (self->project))
    data_changed_cb (self);
}

static void
set_project (AttuneDataPage *self, AttuneProject *project)
{
  if (self->project == project)
    return;
  if (self->project != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->project, self);
      g_signal_handlers_disconnect_by_data (attune_project_get_config (self->project), self);
    }
  g_set_object (&self->project, project);
  if (self->options != NULL)
    attune_data_options_set_project (self->options, project);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROJECT]);
  update_progress (self);
  if (project == NULL)
    return;

  /* All that a reading brings is in place when the first of its properties is announced. */
  g_signal_connect_object (project, "notify::loading", G_CALLBACK (loading_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (project, "notify::findings", G_CALLBACK (findings_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (project, "notify::editable", G_CALLBACK (update_findings), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (attune_project_get_config (project), "notify::class-weight",
                           G_CALLBACK (update_findings), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (project, "notify::n-rows", G_CALLBACK (update_counts), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (project, "notify::table", G_CALLBACK (table_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (attune_project_get_config (project), "notify::max-length",
                           G_CALLBACK (update_cut), self, G_CONNECT_SWAPPED);
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    attune_project_ensure_loaded (project);
  data_changed_cb (self);
}

static void
attune_data_page_map (GtkWidget *widget)
{
  AttuneDataPage *self = ATTUNE_DATA_PAGE (widget);

  GTK_WIDGET_CLASS (attune_data_page_parent_class)->map (widget);
  if (self->project != NULL)
    attune_project_ensure_loaded (self->project);
}

static void
attune_data_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AttuneDataPage *self = ATTUNE_DATA_PAGE (object);

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
attune_data_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_PROJECT:
      set_project (ATTUNE_DATA_PAGE (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_data_page_dispose (GObject *object)
{
  AttuneDataPage *self = ATTUNE_DATA_PAGE (object);

  set_project (self, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_DATA_PAGE);
  G_OBJECT_CLASS (attune_data_page_parent_class)->dispose (object);
}

static void
attune_data_page_class_init (AttuneDataPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = attune_data_page_get_property;
  object_class->set_property = attune_data_page_set_property;
  object_class->dispose = attune_data_page_dispose;
  widget_class->map = attune_data_page_map;

  properties[PROP_PROJECT] =
    g_param_spec_object ("project", NULL, NULL, ATTUNE_TYPE_PROJECT,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (ATTUNE_TYPE_DATA_OPTIONS);
  g_type_ensure (ATTUNE_TYPE_TABLE_PREVIEW);
  g_type_ensure (ATTUNE_TYPE_BAR_LIST);
  g_type_ensure (ATTUNE_TYPE_HISTOGRAM);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-data-page.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, banner);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, options);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, preview_stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, preview);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, error_page);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, findings_box);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, findings);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, no_findings);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, blocking);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, charts);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, labels);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, length_summary);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, histogram);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, counts);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, length_table);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, edit_labels);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, progress);
  gtk_widget_class_bind_template_callback (widget_class, edit_labels_cb);
  gtk_widget_class_bind_template_callback (widget_class, length_table_cb);
}

static void
attune_data_page_init (AttuneDataPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->histogram, "notify::cut", G_CALLBACK (cut_moved_cb), self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Try page: a text field whose text is classified at every change. One request is under way at
 * a time; while it is, only the newest text waits.
 */
#include "config.h"

#include "attune-try-page.h"

#include <glib/gi18n.h>

#include "attune-charts.h"
#include "attune-list-rows.h"
#include "attune-why-view.h"

/* A text joins the history after this much quiet. */
#define REMEMBER_DELAY_MS 1500
#define MAX_HISTORY 50
#define MOST_BARS 16

struct _AttuneTryPage
{
  AdwBin parent_instance;

  GtkStack *root;
  GtkTextView *text_view;
  GtkLabel *token_count;
  GtkWidget *placeholder;
  GtkWidget *pair_field; /* shown for a run of pairs */
  GtkTextView *pair_view;
  GtkWidget *pair_placeholder;
  GtkWidget *answer;
  GtkLabel *verdict;
  AttuneBarList *bars;
  GtkWidget *bars_note;  /* shown where a text may have several labels */
  GtkLabel *bars_rest;   /* shown where there are more labels than bars */
  AttuneWhyView *why;
  GtkWidget *clear;
  GtkListBox *history;
  GtkLabel *weights;
  GtkLabel *timing;

  AttuneProject *project;
  AttuneTrainer *trainer; /* NULL without a model */
  char *model;            /* that answers instead of a run; NULL for the project's run */
  GCancellable *asking;  /* the request under way; NULL when none is */
  char *asked;           /* its text */
  gboolean waiting;      /* a newer text waits for its end */
  gint why_label;        /* the label asked about; -2 the predicted one */
  char *verdict_words;   /* of the answer shown, for the history */
  GArray *bar_labels;    /* guint: of each bar, of the answer shown */
  guint remember_source;
};

G_DEFINE_FINAL_TYPE (AttuneTryPage, attune_try_page, ADW_TYPE_BIN)

enum {
  PROP_0,
  PROP_PROJECT,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void ask (AttuneTryPage *self);

static char *
get_text_of (GtkTextView *view)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (view);
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

static char *
get_text (AttuneTryPage *self)
{
  return get_text_of (self->text_view);
}

/* NULL for a run of single texts. */
static char *
get_pair (AttuneTryPage *self)
{
  return gtk_widget_get_visible (self->pair_field) ? get_text_of (self->pair_view) : NULL;
}

static gboolean
is_blank (const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (!g_unichar_isspace (g_utf8_get_char (p)))
        return FALSE;
    }
  return TRUE;
}

/* The newest text on top; a text tried before moves there. */
static void
remember_cb (gpointer user_data)
{
  AttuneTryPage *self = ATTUNE_TRY_PAGE (user_data);
  g_autofree char *text = get_text (self);
  g_autofree char *pair = get_pair (self);
  g_autofree char *title = pair != NULL ? g_strdup_printf ("%s | %s", text, pair) : g_strdup (text);
  GtkListBoxRow *row;
  GtkWidget *new_row;

  self->remember_source = 0;
  if (is_blank (text) || self->verdict_words == NULL)
    return;
  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->history, i)) != NULL; i++)
    {
      if ((g_strcmp0 (g_object_get_data (G_OBJECT (row), "text"), text) == 0
           && g_strcmp0 (g_object_get_data (G_OBJECT (row), "pair"), pair) == 0)
          || i >= MAX_HISTORY)
        gtk_list_box_remove (self->history, GTK_WIDGET (row));
    }
  new_row = adw_action_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (new_row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (new_row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (new_row), self->verdict_words);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (new_row), 1);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (new_row), 1);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (new_row), TRUE);
  g_object_set_data_full (G_OBJECT (new_row), "text", g_steal_pointer (&text), g_free);
  g_object_set_data_full (G_OBJECT (new_row), "pair", g_steal_pointer (&pair), g_free);
  gtk_list_box_prepend (self->history, new_row);
  gtk_widget_set_visible (self->clear, TRUE);
}

static int
compare_likeliest_first (gconstpointer a, gconstpointer b, gpointer probabilities)
{
  float first = ((const float *) probabilities)[*(const guint *) a];
  float second = ((const float *) probabilities)[*(const guint *) b];

  return first < second ? 1 : first > second ? -1 : 0;
}

/* All in the run's own order, so that bars do not jump about while typing; of many the likeliest,
 * for the rest would hide them. */
static void
choose_bars (AttuneTryPage *self, const AttunePredictions *predictions, const float *probabilities)
{
  guint n = predictions->n_classes;
  guint n_given = 0;

  g_array_set_size (self->bar_labels, 0);
  for (guint i = 0; i < n; i++)
    {
      n_given += predictions->multi_label && predictions->logits[i] > 0;
      g_array_append_val (self->bar_labels, i);
    }
  if (n <= MOST_BARS)
    return;
  g_array_sort_with_data (self->bar_labels, compare_likeliest_first, (gpointer) probabilities);
  g_array_set_size (self->bar_labels, CLAMP (n_given, MOST_BARS, n));
}

static void
show_bars (AttuneTryPage *self, const AttunePredictions *predictions, const float *probabilities,
           guint best)
{
  guint n;
  g_autofree double *fractions = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *rest = NULL;
  gint emphasized = -1;

  choose_bars (self, predictions, probabilities);
  n = self->bar_labels->len;
  fractions = g_new (double, n);
  for (guint i = 0; i < n; i++)
    {
      guint label = g_array_index (self->bar_labels, guint, i);

      fractions[i] = probabilities[label];
      g_ptr_array_add (names, predictions->classes[label]);
      g_ptr_array_add (values, g_strdup_printf (_("%.0f %%"), 100 * probabilities[label]));
      if (label == best && !predictions->multi_label)
        emphasized = (gint) i;
    }
  rest = g_strdup_printf (ngettext ("%u less likely label is not shown.",
                                    "%u less likely labels are not shown.",
                                    predictions->n_classes - n), predictions->n_classes - n);
  gtk_label_set_text (self->bars_rest, rest);
  gtk_widget_set_visible (GTK_WIDGET (self->bars_rest), n < predictions->n_classes);
  attune_bar_list_set_bars (self->bars, (const char * const *) names->pdata, fractions,
                            (const char * const *) values->pdata, NULL, n,
                            emphasized);
  g_object_set (self->bars, "threshold", predictions->multi_label ? 0.5 : -1.0, NULL);
  gtk_widget_set_visible (self->bars_note, predictions->multi_label);
}

/* The labels beyond one half, surest first; (transfer full). */
static char *
describe_labels (const AttunePredictions *predictions, const float *probabilities, guint best)
{
  g_autofree gboolean *named = g_new0 (gboolean, predictions->n_classes);
  g_autoptr (GString) words = g_string_new (NULL);

  for (;;)
    {
      gint next = -1;

      for (guint i = 0; i < predictions->n_classes; i++)
        {
          if (!named[i] && predictions->logits[i] > 0
              && (next < 0 || probabilities[i] > probabilities[next]))
            next = (gint) i;
        }
      if (next < 0)
        break;
      named[next] = TRUE;
      if (words->len > 0)
        /* Translators: between two labels of one text. */
        g_string_append (words, _(", "));
      g_string_append_printf (words, _("%s · %.0f %%"), predictions->classes[next],
                              (double) (100 * probabilities[next]));
    }
  if (words->len > 0)
    return g_string_free_and_steal (g_steal_pointer (&words));
  /* Translators: the text has none of the labels; then the likeliest of them. */
  return g_strdup_printf (_("No label (%s · %.0f %%)"), predictions->classes[best],
                          (double) (100 * probabilities[best]));
}

static void
show_answer (AttuneTryPage *self, const AttunePredictions *predictions)
{
  guint n = predictions->n_classes;
  g_autofree float *probabilities = g_new (float, n);
  g_autofree char *tokens = NULL;
  g_autofree char *timing = NULL;
  guint best = 0;
  guint why;

  if (predictions->multi_label)
    attune_sigmoid (predictions->logits, n, probabilities);
  else
    attune_softmax (predictions->logits, n, probabilities);
  for (guint i = 1; i < n; i++)
    {
      if (probabilities[i] > probabilities[best])
        best = i;
    }
  g_free (self->verdict_words);
  if (predictions->multi_label)
    self->verdict_words = describe_labels (predictions, probabilities, best);
  else
    /* Translators: a label and how sure the model is of it. */
    self->verdict_words = g_strdup_printf (_("%s · %.0f %%"), predictions->classes[best],
                                           100 * probabilities[best]);
  gtk_label_set_text (self->verdict, self->verdict_words);
  show_bars (self, predictions, probabilities, best);

  why = self->why_label >= 0 && (guint) self->why_label < n ? (guint) self->why_label : best;
  attune_why_view_show (self->why, self->asked, predictions, predictions->classes[why]);
  gtk_widget_set_visible (GTK_WIDGET (self->why), predictions->n_words > 0);

  tokens = g_strdup_printf (_("%u of %u tokens"), predictions->n_tokens[0],
                            predictions->max_length);
  gtk_label_set_text (self->token_count, tokens);
  timing = g_strdup_printf (_("Answered in %.0f ms"), MAX (1, 1000 * predictions->seconds));
  gtk_label_set_text (self->timing, timing);
  gtk_widget_set_visible (self->answer, TRUE);
  g_clear_handle_id (&self->remember_source, g_source_remove);
  self->remember_source = g_timeout_add_once (REMEMBER_DELAY_MS, remember_cb, self);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AttuneTryPage) self = ATTUNE_TRY_PAGE (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttunePredictions) predictions =
    attune_trainer_predict_finish (ATTUNE_TRAINER (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->asking);
  if (self->waiting)
    {
      ask (self);
      return;
    }
  if (predictions != NULL && predictions->n_rows == 1)
    show_answer (self, predictions);
  else if (error != NULL)
    gtk_label_set_text (self->timing, error->message);
}

static void
forget_answer (AttuneTryPage *self)
{
  gtk_widget_set_visible (self->answer, FALSE);
  gtk_label_set_text (self->token_count, "");
  gtk_label_set_text (self->timing, "");
  g_clear_pointer (&self->verdict_words, g_free);
  g_clear_handle_id (&self->remember_source, g_source_remove);
}

static gboolean
can_classify (AttuneTryPage *self)
{
  return self->model != NULL
         || (self->project != NULL
             && attune_run_can_classify (attune_project_get_run (self->project)));
}

static void
ask (AttuneTryPage *self)
{
  g_autofree char *text = get_text (self);
  g_autofree char *pair = get_pair (self);
  gboolean blank = is_blank (text) || (pair != NULL && is_blank (pair));
  AttunePredictSource source;
  AttunePredictText item;

  self->waiting = FALSE;
  if (!can_classify (self))
    return;
  if (blank)
    forget_answer (self);
  if (self->asking != NULL)
    {
      self->waiting = TRUE;
      return;
    }
  if (blank)
    return;
  self->asking = g_cancellable_new ();
  g_set_str (&self->asked, text);
  source = (AttunePredictSource) {
    .run = self->model == NULL ? attune_project_get_run (self->project) : NULL,
    .model = self->model,
  };
  item = (AttunePredictText) { .text = text, .length = -1, .pair = pair, .pair_length = -1 };
  attune_trainer_predict_async (self->model == NULL ? attune_project_get_trainer (self->project)
                                                    : self->trainer,
                                &source, &item, 1, 0, self->why_label, self->asking, answered_cb,
                                g_object_ref (self));
}

static void
text_changed_cb (AttuneTryPage *self)
{
  g_autofree char *text = get_text (self);
  g_autofree char *pair = get_pair (self);

  self->why_label = -2;
  /* What is remembered is a text with its own verdict. */
  g_clear_handle_id (&self->remember_source, g_source_remove);
  gtk_widget_set_visible (self->placeholder, *text == '\0');
  gtk_widget_set_visible (self->pair_placeholder, pair == NULL || *pair == '\0');
  ask (self);
}

static void
bar_activated_cb (AttuneTryPage *self, guint index)
{
  self->why_label = (gint) g_array_index (self->bar_labels, guint, index);
  ask (self);
}

static void
history_activated_cb (AttuneTryPage *self, GtkListBoxRow *row)
{
  attune_try_page_set_text (self, g_object_get_data (G_OBJECT (row), "text"),
                            g_object_get_data (G_OBJECT (row), "pair"));
}

static void
clear_history_cb (AttuneTryPage *self)
{
  attune_list_rows_clear (self->history);
  gtk_widget_set_visible (self->clear, FALSE);
}

static void
run_changed_cb (AttuneTryPage *self)
{
  AttuneRun *run = attune_project_get_run (self->project);
  AttuneRunState state = attune_run_get_state (run);
  g_autofree char *words = NULL;
  gboolean was_empty = g_str_equal (gtk_stack_get_visible_child_name (self->root), "empty");

  if (state == ATTUNE_RUN_RUNNING || state == ATTUNE_RUN_PAUSED)
    words = g_strdup_printf (_("Now · step %'d"), (int) attune_run_get_step (run));
  else if (attune_run_get_best_step (run) > 0)
    words = g_strdup_printf (_("Best · step %'d"), (int) attune_run_get_best_step (run));
  gtk_label_set_text (self->weights, words != NULL ? words : "");
  gtk_widget_set_visible (self->pair_field, attune_run_has_pairs (run));
  gtk_stack_set_visible_child_name (self->root, can_classify (self) ? "try" : "empty");
  if (can_classify (self) && was_empty)
    ask (self);
}

/* The end of training changes whose weights answer, so the answer shown is asked for again. */
static void
state_changed_cb (AttuneTryPage *self)
{
  run_changed_cb (self);
  if (self->asking == NULL)
    ask (self);
}

static void
give_up_asking (AttuneTryPage *self)
{
  if (self->asking != NULL)
    g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
  self->waiting = FALSE;
  self->why_label = -2;
}

static void
set_project (AttuneTryPage *self, AttuneProject *project)
{
  static const char * const followed[] = { "notify::step", "notify::best-step" };
  AttuneRun *run;

  if (self->project == project)
    return;
  if (self->project != NULL)
    g_signal_handlers_disconnect_by_data (attune_project_get_run (self->project), self);
  give_up_asking (self);
  g_set_object (&self->project, project);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROJECT]);
  if (project == NULL)
    return;

  run = attune_project_get_run (project);
  for (guint i = 0; i < G_N_ELEMENTS (followed); i++)
    g_signal_connect_object (run, followed[i], G_CALLBACK (run_changed_cb), self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "notify::state", G_CALLBACK (state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  forget_answer (self);
  gtk_widget_set_visible (self->pair_field, attune_run_has_pairs (run));
  run_changed_cb (self);
  ask (self);
}

static void
attune_try_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AttuneTryPage *self = ATTUNE_TRY_PAGE (object);

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
attune_try_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_PROJECT:
      set_project (ATTUNE_TRY_PAGE (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_try_page_dispose (GObject *object)
{
  AttuneTryPage *self = ATTUNE_TRY_PAGE (object);

  set_project (self, NULL);
  give_up_asking (self);
  g_clear_object (&self->trainer);
  g_clear_pointer (&self->model, g_free);
  g_clear_handle_id (&self->remember_source, g_source_remove);
  g_clear_pointer (&self->asked, g_free);
  g_clear_pointer (&self->bar_labels, g_array_unref);
  g_clear_pointer (&self->verdict_words, g_free);
  /* The template would free the bin's child behind its back. */
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_TRY_PAGE);
  G_OBJECT_CLASS (attune_try_page_parent_class)->dispose (object);
}

static void
attune_try_page_class_init (AttuneTryPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = attune_try_page_get_property;
  object_class->set_property = attune_try_page_set_property;
  object_class->dispose = attune_try_page_dispose;

  properties[PROP_PROJECT] =
    g_param_spec_object ("project", NULL, NULL, ATTUNE_TYPE_PROJECT,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (ATTUNE_TYPE_BAR_LIST);
  g_type_ensure (ATTUNE_TYPE_WHY_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-try-page.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneTryPage, root);
  gtk_widget_class_bind_template_child (widget_class, AttuneTryPage, text_view);
  gtk_widget_class_bind_template_child (widget_class, AttuneTryPage, token_count);
  gtk_widget_class_bind_template_child (widget_class, AttuneTryPage, placeholder);
  gtk_widget_class_bind_template_child (widget_class, AttuneTryPage, pair_field);
  gtk_widget_class_bind_template_child (widget_class, AttuneTryPage, pair_view);
  gtk_widget_class_bind_template_child (widget_class, AttuneTryPage, pair_placeholder);
  gtk_widget_class_bind_template_child (widget_class, AttuneTryPage, answer);
  gtk_widget_class_bind_template_child (widget_class, AttuneTryPage, verdict);
  gtk_widget_class_bind_template_child (widget_class, AttuneTryPage, bars);
  gtk_widget_class_bind_template_child (widget_class, AttuneTryPage, bars_note);
  gtk_widget_class_bind_template_child (widget_class, AttuneTryPage, bars_rest);
  gtk_widget_class_bind_template_child (widget_class, AttuneTryPage, why);
  gtk_widget_class_bind_template_child (widget_class, AttuneTryPage, clear);
  gtk_widget_class_bind_template_child (widget_class, AttuneTryPage, history);
  gtk_widget_class_bind_template_child (widget_class, AttuneTryPage, weights);
  gtk_widget_class_bind_template_child (widget_class, AttuneTryPage, timing);
  gtk_widget_class_bind_template_callback (widget_class, history_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, clear_history_cb);
}

static void
attune_try_page_init (AttuneTryPage *self)
{
  self->why_label = -2;
  self->bar_labels = g_array_new (FALSE, FALSE, sizeof (guint));
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (gtk_text_view_get_buffer (self->text_view), "changed",
                           G_CALLBACK (text_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_text_view_get_buffer (self->pair_view), "changed",
                           G_CALLBACK (text_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->bars, "bar-activated", G_CALLBACK (bar_activated_cb), self,
                           G_CONNECT_SWAPPED);
}

void
attune_try_page_set_text (AttuneTryPage *self, const char *text, const char *pair)
{
  g_return_if_fail (ATTUNE_IS_TRY_PAGE (self));

  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->pair_view), pair != NULL ? pair : "",
                            -1);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->text_view), text, -1);
  gtk_widget_grab_focus (GTK_WIDGET (self->text_view));
}

void
attune_try_page_set_model (AttuneTryPage *self, AttuneTrainer *trainer, const char *model)
{
  g_return_if_fail (ATTUNE_IS_TRY_PAGE (self));
  g_return_if_fail (self->project == NULL);

  give_up_asking (self);
  g_set_object (&self->trainer, trainer);
  g_set_str (&self->model, model);
  forget_answer (self);
  gtk_label_set_text (self->weights, _("As installed"));
  gtk_stack_set_visible_child_name (self->root, "try");
  ask (self);
}

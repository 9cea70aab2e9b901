/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See the header. Rows are made some at a time, so that a full cell does not hold up the window.
 */
#include "config.h"

#include "attune-cell-texts.h"

#include <glib/gi18n.h>

#include "attune-list-rows.h"
#include "attune-metrics.h"

/* Texts of a cell that are listed, and how many rows are made at a time. */
#define MAX_TEXTS 200
#define ROWS_AT_ONCE 20

struct _AttuneCellTexts
{
  GtkListBox *list;
  GtkLabel *title;
  GtkLabel *count;
  GtkLabel *empty;
  const AttuneRunPredictions *predictions;
  const char * const *classes;
  GArray *texts;     /* (element-type CellText): what is or will be listed; NULL when nothing is */
  guint listed;
  guint list_source; /* adds the rest of it */
};

AttuneCellTexts *
attune_cell_texts_new (GtkListBox *list, GtkLabel *title, GtkLabel *count, GtkLabel *empty)
{
  AttuneCellTexts *self = g_new0 (AttuneCellTexts, 1);

  self->list = list;
  self->title = title;
  self->count = count;
  self->empty = empty;
  return self;
}

void
attune_cell_texts_free (AttuneCellTexts *self)
{
  g_clear_handle_id (&self->list_source, g_source_remove);
  g_clear_pointer (&self->texts, g_array_unref);
  g_free (self);
}

void
attune_cell_texts_set_predictions (AttuneCellTexts            *self,
                                   const AttuneRunPredictions *predictions,
                                   const char * const         *classes)
{
  attune_cell_texts_clear (self);
  self->predictions = predictions;
  self->classes = classes;
}

/* The class with the largest logit, the first of equals. */
static gint32
get_guess (const AttuneRunPredictions *predictions, guint64 row)
{
  const float *logits = predictions->logits + row * predictions->n_classes;
  gint32 guess = 0;

  for (guint i = 1; i < predictions->n_classes; i++)
    {
      if (logits[i] > logits[guess])
        guess = (gint32) i;
    }
  return guess;
}

typedef struct
{
  guint64 row;
  float probability;
  guint label; /* with several labels a text: the one that it was given for nothing */
} CellText;

static int
compare_surest_first (gconstpointer a, gconstpointer b)
{
  float first = ((const CellText *) a)->probability;
  float second = ((const CellText *) b)->probability;

  return (first < second) - (first > second);
}

static gboolean
has_label (const AttuneRunPredictions *predictions, guint64 row, guint label)
{
  for (guint i = predictions->set_offsets[row]; i < predictions->set_offsets[row + 1]; i++)
    {
      if (predictions->sets[i] == (gint32) label)
        return TRUE;
    }
  return FALSE;
}

/* "Given joy; has love, neutral", and the second text on a line of its own. */
static char *
describe_mistake (AttuneCellTexts *self, const CellText *text)
{
  const AttuneRunPredictions *predictions = self->predictions;
  const char * const *classes = self->classes;
  g_autoptr (GString) labels = g_string_new (NULL);
  g_autofree char *words = NULL;

  for (guint i = predictions->set_offsets[text->row]; i < predictions->set_offsets[text->row + 1];
       i++)
    {
      if (labels->len > 0)
        /* Translators: between two labels of one text. */
        g_string_append (labels, _(", "));
      g_string_append (labels, classes[predictions->sets[i]]);
    }
  words = labels->len > 0
            ? g_strdup_printf (_("Given “%s”; has %s"), classes[text->label], labels->str)
            : g_strdup_printf (_("Given “%s”; has no label"), classes[text->label]);
  if (predictions->pairs == NULL)
    return g_steal_pointer (&words);
  return g_strdup_printf ("%s\n%s", predictions->pairs[text->row], words);
}

static void
add_text_row (AttuneCellTexts *self, const CellText *text)
{
  GtkWidget *row = adw_action_row_new ();
  const AttuneRunPredictions *predictions = self->predictions;
  char *pair = predictions->pairs != NULL ? predictions->pairs[text->row] : NULL;
  g_autofree char *percent = g_strdup_printf (_("%.0f %%"), 100 * text->probability);
  GtkWidget *label = gtk_label_new (percent);

  gtk_widget_add_css_class (label, "dimmed");
  gtk_widget_add_css_class (label, "numeric");
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), predictions->texts[text->row]);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 3);
  if (self->predictions->sets != NULL)
    {
      g_autofree char *mistake = describe_mistake (self, text);

      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), mistake);
    }
  else if (pair != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), pair);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 3);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), label);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data (G_OBJECT (row), "text", predictions->texts[text->row]);
  g_object_set_data (G_OBJECT (row), "pair", pair);
  gtk_list_box_append (self->list, row);
}

static gboolean
list_more_cb (gpointer user_data)
{
  AttuneCellTexts *self = user_data;
  guint end = MIN (self->texts->len, MAX_TEXTS);
  guint stop = MIN (self->listed + ROWS_AT_ONCE, end);

  for (; self->listed < stop; self->listed++)
    add_text_row (self, &g_array_index (self->texts, CellText, self->listed));
  if (self->listed < end)
    return G_SOURCE_CONTINUE;
  self->list_source = 0;
  return G_SOURCE_REMOVE;
}

void
attune_cell_texts_clear (AttuneCellTexts *self)
{
  g_clear_handle_id (&self->list_source, g_source_remove);
  g_clear_pointer (&self->texts, g_array_unref);
  self->listed = 0;
  attune_list_rows_clear (self->list);
}

void
attune_cell_texts_show_cell (AttuneCellTexts *self, guint label, guint guessed)
{
  const char * const *classes = self->classes;
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (CellText));
  guint n = self->predictions->n_classes;
  g_autofree float *probabilities = g_new (float, n);
  g_autofree char *title = NULL, *count = NULL;

  for (guint64 i = 0; i < self->predictions->n_rows; i++)
    {
      CellText text = { .row = i };

      if (self->predictions->labels[i] != (gint32) label
          || get_guess (self->predictions, i) != (gint32) guessed)
        continue;
      attune_softmax (self->predictions->logits + i * n, n, probabilities);
      text.probability = probabilities[guessed];
      g_array_append_val (found, text);
    }
  g_array_sort (found, compare_surest_first);

  if (label == guessed)
    /* Translators: texts of a label that were recognised as it. */
    title = g_strdup_printf (_("%s, Recognised"), classes[label]);
  else
    /* Translators: texts of the first label that were guessed to be of the second. */
    title = g_strdup_printf (_("%s, Taken for %s"), classes[label], classes[guessed]);
  count = g_strdup_printf (ngettext ("%'u text in this cell",
                                     "%'u texts in this cell, surest first",
                                     found->len), found->len);
  gtk_label_set_text (self->title, title);
  gtk_label_set_text (self->count, count);
  gtk_label_set_text (self->empty, _("No text fell here"));
  attune_cell_texts_clear (self);
  self->texts = g_steal_pointer (&found);
  if (list_more_cb (self))
    self->list_source = g_idle_add (list_more_cb, self);
}

/* Where texts have several labels no label is taken for another; the worst answers are listed. */
void
attune_cell_texts_show_mistakes (AttuneCellTexts *self)
{
  const AttuneRunPredictions *predictions = self->predictions;
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (CellText));
  guint n = predictions->n_classes;
  g_autofree float *probabilities = g_new (float, n);
  g_autofree char *count = NULL;
  gboolean gives_any = FALSE;

  for (guint64 i = 0; i < predictions->n_rows; i++)
    {
      attune_sigmoid (predictions->logits + i * n, n, probabilities);
      for (guint c = 0; c < n; c++)
        {
          CellText text = { i, probabilities[c], c };

          gives_any = gives_any || predictions->logits[i * n + c] > 0;
          if (predictions->logits[i * n + c] > 0 && !has_label (predictions, i, c))
            g_array_append_val (found, text);
        }
    }
  g_array_sort (found, compare_surest_first);
  gtk_label_set_text (self->empty, gives_any ? _("No text fell here")
                                                : _("The model gives no label yet: train it longer"));
  if (found->len == 0)
    count = g_strdup (_("No label is given for nothing"));
  else
    count = g_strdup_printf (ngettext ("%'u label given for nothing",
                                       "%'u labels given for nothing, surest first", found->len),
                             found->len);
  gtk_label_set_text (self->title, _("Surest Mistakes"));
  gtk_label_set_text (self->count, count);
  attune_cell_texts_clear (self);
  self->texts = g_steal_pointer (&found);
  if (list_more_cb (self))
    self->list_source = g_idle_add (list_more_cb, self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneWhyView: one label per stretch of text between spaces; its style class says side and
 * degree.
 */
#include "config.h"

#include "attune-why-view.h"

#include <glib/gi18n.h>
#include <string.h>
#include <math.h>

/* Words shown, and words named in the sentence for each side. */
#define MAX_WORDS 200
#define MAX_NAMED 3
/* Below this share of the strongest word a word is not tinted. */
#define THRESHOLD 0.15

struct _AttuneWhyView
{
  AdwBin parent_instance;

  GtkLabel *title;
  GtkLabel *for_key;
  GtkLabel *against_key;
  AdwWrapBox *words;
  GtkLabel *sentence;
};

G_DEFINE_FINAL_TYPE (AttuneWhyView, attune_why_view, ADW_TYPE_BIN)

/* A stretch without spaces and the strongest weight in it. */
typedef struct
{
  char *text;
  double weight;
} Stretch;

static void
stretch_clear (gpointer data)
{
  g_free (((Stretch *) data)->text);
}

static GArray *
collect_stretches (const char *text, const AttunePredictions *predictions)
{
  GArray *stretches = g_array_new (FALSE, FALSE, sizeof (Stretch));
  const char *p = text;
  guint word = 0;

  g_array_set_clear_func (stretches, stretch_clear);
  while (*p != '\0' && stretches->len < MAX_WORDS)
    {
      const char *start;
      Stretch stretch = { NULL, 0 };

      while (*p != '\0' && g_unichar_isspace (g_utf8_get_char (p)))
        p = g_utf8_next_char (p);
      start = p;
      while (*p != '\0' && !g_unichar_isspace (g_utf8_get_char (p)))
        p = g_utf8_next_char (p);
      if (p == start)
        break;

      while (word < predictions->n_words && predictions->word_end[word] <= (guint) (start - text))
        word++;
      for (guint i = word; i < predictions->n_words
           && predictions->word_start[i] < (guint) (p - text); i++)
        {
          if (fabs (predictions->word_weight[i]) > fabs (stretch.weight))
            stretch.weight = predictions->word_weight[i];
        }
      stretch.text = g_strndup (start, p - start);
      g_array_append_val (stretches, stretch);
    }
  return stretches;
}

/* Adds a word without the marks before and behind it, unless it is nothing else. */
static void
append_word (GString *names, const char *text)
{
  const char *start = text;
  const char *end = text + strlen (text);

  while (start < end && g_unichar_ispunct (g_utf8_get_char (start)))
    start = g_utf8_next_char (start);
  while (end > start && g_unichar_ispunct (g_utf8_get_char (g_utf8_prev_char (end))))
    end = g_utf8_prev_char (end);
  if (start < end)
    g_string_append_len (names, start, end - start);
  else
    g_string_append (names, text);
}

/* The strongest words of one side, joined: "broke, zip, washes". NULL when there is none. */
static char *
name_strongest (GArray *stretches, double sign)
{
  g_autoptr (GString) names = g_string_new (NULL);
  double below = INFINITY;

  for (guint named = 0; named < MAX_NAMED; named++)
    {
      const Stretch *best = NULL;

      for (guint i = 0; i < stretches->len; i++)
        {
          const Stretch *stretch = &g_array_index (stretches, Stretch, i);
          double weight = sign * stretch->weight;

          if (weight >= THRESHOLD && weight < below
              && (best == NULL || weight > sign * best->weight))
            best = stretch;
        }
      if (best == NULL)
        break;
      below = sign * best->weight;
      g_string_append (names, named > 0 ? ", " : "");
      append_word (names, best->text);
    }
  return names->len > 0 ? g_string_free_and_steal (g_steal_pointer (&names)) : NULL;
}

void
attune_why_view_show (AttuneWhyView           *self,
                      const char              *text,
                      const AttunePredictions *predictions,
                      const char              *label)
{
  g_autoptr (GArray) stretches = collect_stretches (text, predictions);
  g_autofree char *title = predictions->attended ? g_strdup (_("Where the Attention Lay"))
                                                 : g_strdup_printf (_("Why %s"), label);
  g_autofree char *pro = name_strongest (stretches, 1);
  g_autofree char *contra = name_strongest (stretches, -1);
  g_autofree char *sentence = NULL;
  GtkWidget *child;

  gtk_label_set_text (self->title, title);
  gtk_label_set_text (self->for_key, predictions->attended ? _("read closely") : _("speaks for it"));
  gtk_widget_set_visible (GTK_WIDGET (self->against_key), !predictions->attended);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->words))) != NULL)
    adw_wrap_box_remove (self->words, child);
  for (guint i = 0; i < stretches->len; i++)
    {
      const Stretch *stretch = &g_array_index (stretches, Stretch, i);
      double strength = fabs (stretch->weight);
      int degree = strength < THRESHOLD ? 0 : CLAMP ((int) ceil (strength * 4), 1, 4);
      GtkWidget *widget = gtk_label_new (stretch->text);

      gtk_widget_add_css_class (widget, "word");
      if (degree > 0)
        {
          const char *side = stretch->weight > 0 ? "for" : "against";
          g_autofree char *style = g_strdup_printf ("%s-%d", side, degree);

          gtk_widget_add_css_class (widget, style);
        }
      adw_wrap_box_append (self->words, widget);
    }

  if (predictions->attended && pro != NULL)
    sentence = g_strdup_printf (_("Most weight: %s. These are the attention weights of the model; they "
                                  "do not say for which label a word speaks."), pro);
  else if (pro != NULL && contra != NULL)
    sentence = g_strdup_printf (_("For: %s. Against: %s."), pro, contra);
  else if (pro != NULL)
    sentence = g_strdup_printf (_("For: %s."), pro);
  else if (contra != NULL)
    sentence = g_strdup_printf (_("Against: %s."), contra);
  else
    sentence = g_strdup (_("No single word stands out."));
  gtk_label_set_text (self->sentence, sentence);
}

static void
attune_why_view_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_WHY_VIEW);
  G_OBJECT_CLASS (attune_why_view_parent_class)->dispose (object);
}

static void
attune_why_view_class_init (AttuneWhyViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_why_view_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-why-view.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneWhyView, title);
  gtk_widget_class_bind_template_child (widget_class, AttuneWhyView, for_key);
  gtk_widget_class_bind_template_child (widget_class, AttuneWhyView, against_key);
  gtk_widget_class_bind_template_child (widget_class, AttuneWhyView, words);
  gtk_widget_class_bind_template_child (widget_class, AttuneWhyView, sentence);
}

static void
attune_why_view_init (AttuneWhyView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

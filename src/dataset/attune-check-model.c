/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be wrong between texts and a model: texts that are cut, a vocabulary of another
 * language, a model that knows case where the texts have none. Nothing here tokenizes: lengths and unknown
 * tokens are handed in. Case and script are judged by a sample. Any thread.
 */
#include "config.h"

#include <glib/gi18n.h>

#include "attune-check-parts.h"

#define MOST_SAMPLED 10000u     /* texts */
#define MOST_BYTES 400u         /* of a text in the sample */
#define LETTERS_TO_JUDGE 2000u
#define UNKNOWN_SHARE 0.05      /* of tokens: another language, or signs the model lacks */
#define FEW_LETTERS_A_TOKEN 1.6 /* a vocabulary that knows the words takes about 4 */
#define CUT_SHARE 0.02          /* of texts: worth a warning */

typedef struct {
  guint64 cased;       /* letters of scripts that have case */
  guint64 upper;
  guint64 alphabetic;  /* letters but for those that stand for a word or syllable each */
  guint64 ideographic;
  guint64 tokens;      /* of these texts; 0 for those longer than the sample takes */
} Sample;

static void
sample_text (Sample     *sample,
             const char *text,
             gsize       length)
{
  const char *end = text + length;

  for (; text < end; text = g_utf8_next_char (text))
    {
      gunichar c = g_utf8_get_char (text);
      GUnicodeType type;

      if (c < 0x80)
        {
          gboolean upper = g_ascii_isupper (c);

          if (!upper && !g_ascii_islower (c))
            continue;
          sample->alphabetic++;
          sample->cased++;
          sample->upper += upper;
          continue;
        }
      type = g_unichar_type (c);
      if (type == G_UNICODE_UPPERCASE_LETTER || type == G_UNICODE_LOWERCASE_LETTER)
        {
          sample->alphabetic++;
          sample->cased++;
          sample->upper += type == G_UNICODE_UPPERCASE_LETTER;
        }
      else if (g_unichar_iswide (c))
        sample->ideographic++;
      else if (g_unichar_isalpha (c))
        sample->alphabetic++;
    }
}

/* Evenly over the rows, so that a file sorted by label is judged as a whole. Of long texts the head
 * counts for case, but not for how many tokens it takes. */
static Sample
take_sample (AttuneDataset          *dataset,
             const AttuneModelFacts *facts)
{
  guint n_rows = attune_dataset_get_n_rows (dataset);
  guint step = MAX (n_rows / MOST_SAMPLED, 1);
  Sample sample = { 0 }, rest = { 0 };

  for (guint row = 0; row < n_rows; row += step)
    {
      gsize length;
      const char *text = attune_dataset_get_text (dataset, row, &length);
      gboolean is_whole = length <= MOST_BYTES
                          && attune_dataset_get_pair (dataset, row, NULL) == NULL;

      if (attune_dataset_is_dropped (dataset, row))
        continue;
      if (length > MOST_BYTES)
        length = (gsize) (g_utf8_find_prev_char (text, text + MOST_BYTES) - text);
      sample_text (is_whole ? &sample : &rest, text, length);
      if (is_whole)
        sample.tokens += facts->lengths[row] - MIN (facts->lengths[row], 2);
    }
  sample.cased += rest.cased;
  sample.upper += rest.upper;
  sample.ideographic += rest.ideographic;
  /* alphabetic stays that of the texts whose tokens are counted */
  return sample;
}

/* (transfer full): how many texts are not read as a whole, and what becomes of them. */
static char *
describe_cut (AttuneReadPart part,
              guint          count,
              double         percent,
              guint          longest)
{
  switch (part)
    {
    case ATTUNE_READ_TAIL:
      return g_strdup_printf (ngettext ("%'u text (%.1f %%) is longer than %u tokens: only its end "
                                        "is read",
                                        "%'u texts (%.1f %%) are longer than %u tokens: only their "
                                        "ends are read", count),
                              count, percent, longest);
    case ATTUNE_READ_BOTH_ENDS:
      return g_strdup_printf (ngettext ("%'u text (%.1f %%) is longer than %u tokens: only its "
                                        "beginning and its end are read",
                                        "%'u texts (%.1f %%) are longer than %u tokens: only their "
                                        "beginnings and ends are read", count),
                              count, percent, longest);
    case ATTUNE_READ_WINDOWS:
      return g_strdup_printf (ngettext ("%'u text (%.1f %%) is longer than the %u tokens that its "
                                        "windows hold: the rest is not read",
                                        "%'u texts (%.1f %%) are longer than the %u tokens that "
                                        "their windows hold: the rest is not read", count),
                              count, percent, longest);
    case ATTUNE_READ_HEAD:
    default:
      return g_strdup_printf (ngettext ("%'u text (%.1f %%) is longer than %u tokens and is cut",
                                        "%'u texts (%.1f %%) are longer than %u tokens and are cut",
                                        count),
                              count, percent, longest);
    }
}

/* (transfer full) (nullable): so that more is read. */
static AttuneRemedy *
propose_length (const AttuneModelFacts *facts,
                guint                   longest)
{
  if (facts->part == ATTUNE_READ_WINDOWS)
    return facts->enough_windows > 0
             ? attune_remedy_new_setting (
                 g_strdup_printf (_("Read Up to %u Windows"), facts->enough_windows),
                 "max_windows", g_strdup_printf ("%u", facts->enough_windows))
             : NULL;
  return facts->proposal > longest
           ? attune_remedy_new_setting (g_strdup_printf (_("Set Length to %u"), facts->proposal),
                                        "max_length", g_strdup_printf ("%u", facts->proposal))
           : NULL;
}

static void
report_length (GPtrArray              *findings,
               AttuneDataset          *dataset,
               const AttuneModelFacts *facts)
{
  guint n_rows = attune_dataset_get_n_rows (dataset);
  guint n_used = n_rows - attune_dataset_get_n_dropped (dataset);
  guint cut = facts->max_length > 0 ? facts->max_length : facts->proposal;
  guint longest = facts->part == ATTUNE_READ_WINDOWS ? facts->capacity : cut;
  g_auto (AttuneFound) found = attune_found_new ();
  g_autoptr (AttuneRemedy) remedy = NULL;
  AttuneFinding *finding;

  for (guint row = 0; longest > 0 && row < n_rows; row++)
    if (facts->lengths[row] > longest && !attune_dataset_is_dropped (dataset, row))
      attune_found_add (&found, row);
  if (found.count == 0)
    return;
  remedy = propose_length (facts, longest);
  finding = attune_check_report (
    findings,
    remedy != NULL || found.count > CUT_SHARE * n_used ? ATTUNE_SEVERITY_WARNING
                                                       : ATTUNE_SEVERITY_INFO,
    "truncation", &found,
    describe_cut (facts->part, found.count, 100.0 * found.count / n_used, longest));
  finding->remedy = g_steal_pointer (&remedy);
}

/* Shown are the texts of which the model reads less than half. */
static gboolean
check_unknown (GPtrArray              *findings,
               AttuneDataset          *dataset,
               const AttuneModelFacts *facts)
{
  guint n_rows = attune_dataset_get_n_rows (dataset);
  g_auto (AttuneFound) found = attune_found_new ();
  guint64 n_unknown = 0, n_tokens = 0;

  for (guint row = 0; facts->unknown != NULL && row < n_rows; row++)
    {
      guint content = facts->lengths[row] - MIN (facts->lengths[row], 2);

      if (attune_dataset_is_dropped (dataset, row))
        continue;
      n_unknown += facts->unknown[row];
      n_tokens += content;
      if (content > 0 && facts->unknown[row] * 2 >= content)
        attune_found_add (&found, row);
    }
  if (n_tokens == 0 || (double) n_unknown <= UNKNOWN_SHARE * (double) n_tokens)
    return FALSE;
  attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "wrong-language", &found,
                       g_strdup_printf (_("%.0f %% of the tokens are unknown to the model, which "
                                          "may be one for another language: choose one that knows "
                                          "these texts"),
                                        100.0 * (double) n_unknown / (double) n_tokens));
  return TRUE;
}

static void
check_sample (GPtrArray              *findings,
              AttuneDataset          *dataset,
              const AttuneModelFacts *facts,
              gboolean                found_unknown)
{
  Sample sample = take_sample (dataset, facts);
  g_auto (AttuneFound) script = attune_found_new ();
  g_auto (AttuneFound) casing = attune_found_new ();

  /* Letters that a vocabulary holds one by one are never unknown, but say no more than letters. */
  if (!found_unknown && sample.alphabetic >= LETTERS_TO_JUDGE
      && sample.alphabetic > sample.ideographic * 4
      && (double) sample.alphabetic < FEW_LETTERS_A_TOKEN * (double) sample.tokens)
    attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "wrong-language", &script,
                         g_strdup_printf (_("The model reads these texts almost letter by letter "
                                            "(%.1f letters a token), as it does with a language it "
                                            "does not know: choose a model for theirs"),
                                          (double) sample.alphabetic / (double) sample.tokens));
  if (!facts->lower_cases && sample.cased >= LETTERS_TO_JUDGE
      && sample.cased > sample.ideographic
      && (sample.upper * 500 < sample.cased || sample.upper * 10 > sample.cased * 9))
    attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "wrong-case", &casing,
                         g_strdup (sample.upper * 2 < sample.cased
                                     ? _("The texts are in lower case throughout, but the model "
                                         "was taught with capital letters: an “uncased” model "
                                         "suits them better")
                                     : _("The texts are in capital letters throughout, which the "
                                         "model hardly knows: an “uncased” model suits them "
                                         "better")));
}

void
attune_check_length (GPtrArray              *findings,
                     AttuneDataset          *dataset,
                     const AttuneModelFacts *facts)
{
  for (guint i = findings->len; i-- > 0;)
    if (g_str_equal (((AttuneFinding *) g_ptr_array_index (findings, i))->code, "truncation"))
      g_ptr_array_remove_index (findings, i);
  report_length (findings, dataset, facts);
  attune_check_sort (findings);
}

/**
 * attune_check_model:
 *
 * Adds what is to be said of dataset and a model, and sorts again. Codes: truncation,
 * wrong-language, wrong-case. Linear in the rows; texts are looked at in a sample only.
 */
void
attune_check_model (GPtrArray              *findings,
                    AttuneDataset          *dataset,
                    const AttuneModelFacts *facts)
{
  g_return_if_fail (ATTUNE_IS_DATASET (dataset));

  attune_check_length (findings, dataset, facts);
  check_sample (findings, dataset, facts, check_unknown (findings, dataset, facts));
  attune_check_sort (findings);
}

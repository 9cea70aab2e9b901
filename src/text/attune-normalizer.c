/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Steps of normalisation, each a pass over the text: what they do and which old character a new one
 * belongs to is as in tokenizers 0.23.1.
 */
#include "config.h"

#include "attune-normalizer.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-character-ranges.h"
#include "attune-characters.h"
#include "attune-charsmap.h"
#include "attune-pattern.h"
#include "attune-unicode-form.h"
#include "attune-utf8.h"

#define CAPITAL_I_WITH_DOT 0x130
#define COMBINING_DOT_ABOVE 0x307

typedef struct {
  AttuneNormalizerSpec spec; /* its texts are owned */
  AttuneCharsmap *charsmap;  /* PRECOMPILED */
} Step;

struct _AttuneNormalizer {
  Step *steps; /* (n_steps,) */
  guint n_steps;
};

static AttuneBytes
copy_bytes (AttuneBytes bytes)
{
  return (AttuneBytes) { g_memdup2 (bytes.bytes, bytes.length), bytes.length };
}

/* Those that take one character at a time. */
static void
append_changed (AttuneNormalized     *out,
                AttuneNormalizerKind  kind,
                gunichar              c,
                const char           *bytes,
                AttuneSpan            span)
{
  AttuneCharacterClass class = ATTUNE_CHARACTER_WORD;
  const gsize length = attune_utf8_length (*bytes);

  switch ((int) kind)
    {
    case ATTUNE_NORMALIZER_CLEAN:
      class = attune_character_classify (c);
      if (class == ATTUNE_CHARACTER_SPACE)
        attune_normalized_append_at (out, " ", 1, span);
      else if (class != ATTUNE_CHARACTER_REMOVED)
        attune_normalized_append_at (out, bytes, length, span);
      break;

    case ATTUNE_NORMALIZER_SPACE_IDEOGRAPHS:
      if (attune_character_is_cjk (c))
        {
          attune_normalized_append_at (out, " ", 1, span);
          attune_normalized_append_at (out, bytes, length, span);
          attune_normalized_append_at (out, " ", 1, span);
        }
      else
        {
          attune_normalized_append_at (out, bytes, length, span);
        }
      break;

    case ATTUNE_NORMALIZER_STRIP_NONSPACING:
      if (attune_character_classify (c) != ATTUNE_CHARACTER_MARK)
        attune_normalized_append_at (out, bytes, length, span);
      break;

    case ATTUNE_NORMALIZER_STRIP_ACCENTS:
      if (!(attune_character_range_bits (c) & ATTUNE_RANGE_MARK))
        attune_normalized_append_at (out, bytes, length, span);
      break;

    case ATTUNE_NORMALIZER_LOWERCASE:
      if (c == CAPITAL_I_WITH_DOT)
        {
          attune_normalized_append_char (out, 'i', span);
          attune_normalized_append_char (out, COMBINING_DOT_ABOVE, span);
        }
      else
        {
          attune_normalized_append_char (out, attune_character_to_lower (c), span);
        }
      break;

    default:
      g_assert_not_reached ();
    }
}

static void
change_characters (AttunePassage       *passage,
                   const AttuneStretch *stretch,
                   gconstpointer        data)
{
  const Step *step = data;
  const AttuneNormalized *now = &passage->now;

  for (gsize i = stretch->start; i < stretch->end; i += attune_utf8_length (now->bytes[i]))
    append_changed (&passage->next, step->spec.kind, attune_utf8_get (now->bytes + i),
                    now->bytes + i, now->spans[i]);
}

static void
change_form (AttunePassage       *passage,
             const AttuneStretch *stretch,
             gconstpointer        data)
{
  const AttuneNormalizerKind kind = ((const Step *) data)->spec.kind;

  attune_unicode_form_append (passage, stretch,
                              kind == ATTUNE_NORMALIZER_NFKC || kind == ATTUNE_NORMALIZER_NFKD,
                              kind == ATTUNE_NORMALIZER_NFC || kind == ATTUNE_NORMALIZER_NFKC);
}

static void
strip (AttunePassage       *passage,
       const AttuneStretch *stretch,
       gconstpointer        data)
{
  const Step *step = data;
  const AttuneNormalized *now = &passage->now;
  gsize start = stretch->start;
  gsize end = stretch->end;

  while (step->spec.left && start < end
         && attune_character_is_white (attune_utf8_get (now->bytes + start)))
    start += attune_utf8_length (now->bytes[start]);
  while (step->spec.right && start < end)
    {
      const char *last = g_utf8_find_prev_char (now->bytes + start, now->bytes + end);

      if (!attune_character_is_white (attune_utf8_get (last)))
        break;
      end = (gsize) (last - now->bytes);
    }
  attune_normalized_append (&passage->next, now->bytes + start, now->spans + start, end - start);
}

static void
replace (AttunePassage       *passage,
         const AttuneStretch *stretch,
         gconstpointer        data)
{
  const Step *step = data;
  const AttuneNormalized *now = &passage->now;
  gsize from = stretch->start, start, end;

  while (attune_pattern_find (&step->spec.pattern, now->bytes, from, stretch->end, &start, &end))
    {
      attune_normalized_append (&passage->next, now->bytes + from, now->spans + from, start - from);
      attune_normalized_append_at (&passage->next, step->spec.content.bytes,
                                   step->spec.content.length, now->spans[end - 1]);
      from = end;
    }
  attune_normalized_append (&passage->next, now->bytes + from, now->spans + from,
                            stretch->end - from);
}

static void
prepend (AttunePassage       *passage,
         const AttuneStretch *stretch,
         gconstpointer        data)
{
  const Step *step = data;
  const AttuneNormalized *now = &passage->now;
  const gsize start = stretch->start;

  if (stretch->end > start)
    attune_normalized_append_at (&passage->next, step->spec.content.bytes,
                                 step->spec.content.length, now->spans[start]);
  attune_normalized_append (&passage->next, now->bytes + start, now->spans + start,
                            stretch->end - start);
}

static void
map (AttunePassage       *passage,
     const AttuneStretch *stretch,
     gconstpointer        data)
{
  attune_charsmap_append (((const Step *) data)->charsmap, passage, stretch);
}

static AttuneAlterFunc
func_of (AttuneNormalizerKind kind)
{
  switch (kind)
    {
    case ATTUNE_NORMALIZER_NFC:
    case ATTUNE_NORMALIZER_NFD:
    case ATTUNE_NORMALIZER_NFKC:
    case ATTUNE_NORMALIZER_NFKD:
      return change_form;
    case ATTUNE_NORMALIZER_STRIP:
      return strip;
    case ATTUNE_NORMALIZER_REPLACE:
      return replace;
    case ATTUNE_NORMALIZER_PREPEND:
      return prepend;
    case ATTUNE_NORMALIZER_PRECOMPILED:
      return map;
    case ATTUNE_NORMALIZER_CLEAN:
    case ATTUNE_NORMALIZER_SPACE_IDEOGRAPHS:
    case ATTUNE_NORMALIZER_STRIP_NONSPACING:
    case ATTUNE_NORMALIZER_LOWERCASE:
    case ATTUNE_NORMALIZER_STRIP_ACCENTS:
    default:
      return change_characters;
    }
}

/* ASCII is in each form already, so that most texts are spared a pass. */
static gboolean
changes_nothing (const Step             *step,
                 const AttuneNormalized *now)
{
  if (func_of (step->spec.kind) != change_form)
    return FALSE;
  for (gsize i = 0; i < now->length; i++)
    if ((guint8) now->bytes[i] >= 0x80)
      return FALSE;

  return TRUE;
}

/* Normalises every stretch but the added tokens. */
void
attune_normalizer_run (const AttuneNormalizer *self,
                       AttunePassage          *passage)
{
  for (guint i = 0; i < self->n_steps; i++)
    {
      const Step *step = &self->steps[i];

      if (!changes_nothing (step, &passage->now))
        attune_passage_alter (passage, func_of (step->spec.kind), step);
    }
}

/* Copies specs. */
AttuneNormalizer *
attune_normalizer_new (const AttuneNormalizerSpec  *specs,
                       guint                        n_specs,
                       const char                  *source_name,
                       GError                     **error)
{
  AttuneNormalizer *self = g_new0 (AttuneNormalizer, 1);

  self->n_steps = n_specs;
  self->steps = g_new0 (Step, MAX (n_specs, 1));
  for (guint i = 0; i < n_specs; i++)
    {
      Step *step = &self->steps[i];

      step->spec = specs[i];
      step->spec.pattern.text = copy_bytes (specs[i].pattern.text);
      step->spec.content = (AttuneBytes) { NULL, 0 };
      if (specs[i].kind != ATTUNE_NORMALIZER_PRECOMPILED)
        {
          step->spec.content = copy_bytes (specs[i].content);
          continue;
        }

      step->charsmap = attune_charsmap_new (specs[i].content.bytes, specs[i].content.length);
      if (step->charsmap == NULL)
        {
          g_set_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_VOCABULARY,
                       _("The precompiled_charsmap in “%s” is damaged; get the file again."),
                       source_name);
          attune_normalizer_free (self);
          return NULL;
        }
    }

  return self;
}

void
attune_normalizer_free (AttuneNormalizer *self)
{
  if (self == NULL)
    return;

  for (guint i = 0; i < self->n_steps; i++)
    {
      g_free ((char *) self->steps[i].spec.pattern.text.bytes);
      g_free ((char *) self->steps[i].spec.content.bytes);
      attune_charsmap_free (self->steps[i].charsmap);
    }
  g_free (self->steps);
  g_free (self);
}

/* Whether upper and lower case are one to it. */
gboolean
attune_normalizer_lowers (const AttuneNormalizer *self)
{
  for (guint i = 0; i < self->n_steps; i++)
    if (self->steps[i].spec.kind == ATTUNE_NORMALIZER_LOWERCASE)
      return TRUE;

  return FALSE;
}

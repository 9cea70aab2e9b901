/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The suggested models stand here: languages, size of model.safetensors and licence as the Hub says
 * them. Sizes are for choosing only; what is to come is said by the Hub when a download begins.
 */
#include "config.h"

#include "attune-model-offer.h"

#include <glib/gi18n.h>
#include <inttypes.h>

#include "attune-model-words.h"

struct _AttuneModelOffer
{
  GObject parent_instance;

  char *id;
  char *title;
  char *facts;
  char *licence; /* nullable */
};

G_DEFINE_FINAL_TYPE (AttuneModelOffer, attune_model_offer, G_TYPE_OBJECT)

typedef struct
{
  const char *id;
  const char *title;
  const char *language; /* nullable: many */
  guint n_languages;
  guint64 n_bytes;
  const char *licence;
} Suggestion;

static const Suggestion suggestions[] = {
  { "distilbert/distilbert-base-uncased", "DistilBERT Base", "en", 1, 267954768, "apache-2.0" },
  { "google-bert/bert-base-uncased", "BERT Base", "en", 1, 440449768, "apache-2.0" },
  { "google-bert/bert-base-chinese", "BERT Base Chinese", "zh", 1, 412000000, "apache-2.0" },
  { "distilbert/distilbert-base-multilingual-cased", "DistilBERT Multilingual", NULL, 104,
    542000000, "apache-2.0" },
  { "FacebookAI/roberta-base", "RoBERTa Base", "en", 1, 498818054, "mit" },
  { "answerdotai/ModernBERT-base", "ModernBERT Base", "en", 1, 598635032, "apache-2.0" },
  { "FacebookAI/xlm-roberta-base", "XLM-RoBERTa Base", NULL, 94, 1115567652, "mit" },
};

static const struct
{
  const char *type;
  const char *name;
} families[] = {
  { "bert", "BERT" },
  { "distilbert", "DistilBERT" },
  { "electra", "ELECTRA" },
  { "modernbert", "ModernBERT" },
  { "roberta", "RoBERTa" },
  { "xlm-roberta", "XLM-RoBERTa" },
};

/* Takes part, and leaves out what is not known. */
static void
add_fact (GStrvBuilder *facts, char *part)
{
  if (part != NULL && *part != '\0')
    g_strv_builder_take (facts, part);
  else
    g_free (part);
}

static char *
join_facts (GStrvBuilder *facts)
{
  g_auto (GStrv) parts = g_strv_builder_end (facts);

  return g_strjoinv (" · ", parts);
}

static char *
describe_languages (const Suggestion *suggestion)
{
  if (suggestion->language != NULL)
    return attune_model_words_for_languages (suggestion->language);
  return g_strdup_printf (ngettext ("%u language", "%u languages", suggestion->n_languages),
                          suggestion->n_languages);
}

static AttuneModelOffer *
offer_new (const char *id, const char *title, const char *licence)
{
  AttuneModelOffer *self = g_object_new (ATTUNE_TYPE_MODEL_OFFER, NULL);

  self->id = g_strdup (id);
  self->title = g_strdup (title);
  self->licence = licence != NULL ? attune_model_words_for_licence (licence) : NULL;
  return self;
}

GPtrArray *
attune_model_offer_list_suggested (void)
{
  GPtrArray *offers = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < G_N_ELEMENTS (suggestions); i++)
    {
      const Suggestion *suggestion = &suggestions[i];
      AttuneModelOffer *self = offer_new (suggestion->id, suggestion->title, suggestion->licence);
      g_autoptr (GStrvBuilder) facts = g_strv_builder_new ();

      add_fact (facts, describe_languages (suggestion));
      add_fact (facts, g_format_size (suggestion->n_bytes));
      add_fact (facts, g_strdup (self->licence));
      self->facts = join_facts (facts);
      g_ptr_array_add (offers, self);
    }
  return offers;
}

static const char *
get_family (const char *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    if (g_str_equal (families[i].type, type))
      return families[i].name;
  return type;
}

AttuneModelOffer *
attune_model_offer_new_found (const AttuneHubModel *model)
{
  AttuneModelOffer *self = offer_new (model->id, model->id, model->licence);
  g_autoptr (GStrvBuilder) facts = g_strv_builder_new ();

  add_fact (facts, g_strdup (get_family (model->model_type)));
  if (model->languages != NULL)
    add_fact (facts, attune_model_words_for_languages (model->languages));
  if (model->n_bytes > 0)
    add_fact (facts, g_format_size (model->n_bytes));
  add_fact (facts, g_strdup (self->licence != NULL ? self->licence : _("licence not said")));
  if (model->downloads > 0)
    /* Translators: how often a model was downloaded. */
    add_fact (facts, g_strdup_printf (ngettext ("%'" PRIu64 " download a month",
                                                "%'" PRIu64 " downloads a month",
                                                (gulong) MIN (model->downloads, G_MAXINT)),
                                      model->downloads));
  if (model->gated)
    /* Translators: a model whose terms have to be accepted on its page before a download. */
    add_fact (facts, g_strdup (_("terms to accept first")));
  self->facts = join_facts (facts);
  return self;
}

AttuneModelOffer *
attune_model_offer_new_named (const char *id)
{
  AttuneModelOffer *self = offer_new (id, id, NULL);

  self->facts = g_strdup (_("By its name, without a search"));
  return self;
}

const char *
attune_model_offer_find_title (const char *id)
{
  for (guint i = 0; id != NULL && i < G_N_ELEMENTS (suggestions); i++)
    if (g_ascii_strcasecmp (suggestions[i].id, id) == 0)
      return suggestions[i].title;
  return NULL;
}

static void
attune_model_offer_finalize (GObject *object)
{
  AttuneModelOffer *self = ATTUNE_MODEL_OFFER (object);

  g_free (self->id);
  g_free (self->title);
  g_free (self->facts);
  g_free (self->licence);
  G_OBJECT_CLASS (attune_model_offer_parent_class)->finalize (object);
}

static void
attune_model_offer_class_init (AttuneModelOfferClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = attune_model_offer_finalize;
}

static void
attune_model_offer_init (AttuneModelOffer *self)
{
}

const char *
attune_model_offer_get_id (AttuneModelOffer *self)
{
  return self->id;
}

const char *
attune_model_offer_get_title (AttuneModelOffer *self)
{
  return self->title;
}

const char *
attune_model_offer_get_facts (AttuneModelOffer *self)
{
  return self->facts;
}

const char *
attune_model_offer_get_licence (AttuneModelOffer *self)
{
  return self->licence;
}

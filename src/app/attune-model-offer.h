/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneModelOffer: a model of the Hub that can be downloaded, and what is known of it before:
 * one that this program suggests, one that a search found, or only a name. Never changes.
 */
#pragma once

#include "attune-hub-answer.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_MODEL_OFFER (attune_model_offer_get_type ())
G_DECLARE_FINAL_TYPE (AttuneModelOffer, attune_model_offer, ATTUNE, MODEL_OFFER, GObject)

/* (transfer full) (element-type AttuneModelOffer): encoders known to work, small ones first. */
GPtrArray        *attune_model_offer_list_suggested (void);
/* (transfer full) */
AttuneModelOffer *attune_model_offer_new_found      (const AttuneHubModel *model);
AttuneModelOffer *attune_model_offer_new_named      (const char           *id);

const char       *attune_model_offer_get_id         (AttuneModelOffer     *self);
const char       *attune_model_offer_get_title      (AttuneModelOffer     *self);
/* "English · 440 MB · Apache 2.0" */
const char       *attune_model_offer_get_facts      (AttuneModelOffer     *self);
/* (nullable): "Apache 2.0" */
const char       *attune_model_offer_get_licence    (AttuneModelOffer     *self);

/* (nullable): what a suggested model is called in lists. */
const char       *attune_model_offer_find_title     (const char           *id);

G_END_DECLS

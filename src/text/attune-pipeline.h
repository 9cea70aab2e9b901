/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttunePipeline: a text through everything that a tokenizer.json says, up to the tokens of one
 * side. Private to this room. Immutable, any thread; an AttuneScratch is for one thread at a time.
 */
#pragma once

#include "attune-encoding.h"
#include "attune-tokenizer-spec.h"
#include "attune-vocabulary.h"

G_BEGIN_DECLS

typedef struct _AttunePipeline AttunePipeline;
typedef struct _AttuneScratch AttuneScratch;

AttunePipeline *attune_pipeline_new     (const AttuneTokenizerSpec  *spec,
                                         const char                 *source_name,
                                         GError                    **error);
AttunePipeline *attune_pipeline_ref     (AttunePipeline             *self);
void            attune_pipeline_unref   (AttunePipeline             *self);
/* FALSE where the text is not UTF-8, with the offset in bad_byte, or G_MAXSIZE there if it is but
 * its normalised form is out of all proportion. */
gboolean        attune_pipeline_encode  (AttunePipeline             *self,
                                         const char                 *text,
                                         gsize                       length,
                                         AttuneEncodingSide         *side,
                                         gsize                      *bad_byte);
guint           attune_pipeline_get_n_tokens  (const AttunePipeline *self);
const char     *attune_pipeline_get_token     (const AttunePipeline *self,
                                               gint32                id);
gint32          attune_pipeline_lookup        (const AttunePipeline *self,
                                               const char           *token);
gboolean        attune_pipeline_lowers        (const AttunePipeline *self);

/* What one encoding keeps from text to text. */
AttuneScratch  *attune_scratch_new      (void);
void            attune_scratch_free     (AttuneScratch              *self);

G_END_DECLS

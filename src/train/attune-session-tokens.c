/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the rows of both sides to their tokens: all of a data set at once, so that the cache finds
 * them again, then cut to the maximum length that is set or that suits them. Trainer thread only.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <inttypes.h>

#include "attune-encoded-rows-private.h"
#include "attune-session-private.h"

static AttuneRowThreads
get_threads (AttuneSession        *self,
             const AttuneProgress *progress)
{
  gint64 n = attune_train_config_get_int (self->request->config, "num_threads");

  return (AttuneRowThreads) { .n_threads = (guint) MAX (n, 0), .progress = progress };
}

static void
progress_cb (double   fraction,
             gpointer data)
{
  attune_session_say_progress (data, "tokenizing", fraction);
}

/* Of one side's tokens; the training data comes first. */
static AttuneProgress
get_progress (AttuneSession *self,
              AttuneSide    *side)
{
  AttuneDataset *validation = self->validation.rows != NULL ? self->validation.dataset : NULL;
  double n_train = attune_dataset_get_n_rows (self->train.dataset);
  double n = n_train;

  if (validation != NULL && validation != self->train.dataset)
    n += attune_dataset_get_n_rows (validation);
  return (AttuneProgress) {
    .func = progress_cb,
    .data = self,
    .from = side == &self->train ? 0 : n_train / MAX (n, 1),
    .to = side == &self->train ? n_train / MAX (n, 1) : 1,
  };
}

/* Tokenizes all of a side's data set, or finds its tokens in the cache, where another split or
 * maximum length will find them, too. A sample, and data that is too much unless it is cut, is
 * left to encode_side(). */
static gboolean
encode_whole (AttuneSession  *self,
              AttuneSide     *side,
              GError        **error)
{
  const AttuneProgress progress = get_progress (self, side);
  AttuneRowThreads threads = get_threads (self, &progress);
  g_autoptr (GError) local_error = NULL;

  if (side->rows->len < attune_dataset_get_n_rows (side->dataset) / 8)
    return TRUE;
  side->whole = attune_encoded_rows_new_cached (side->dataset,
                                                attune_model_folder_get_tokenizer (self->model),
                                                &threads, self->cancellable, &local_error);
  if (side->whole != NULL
      || g_error_matches (local_error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* What is made of a row by cut needs all of it, unless that is its head. */
static gboolean
encode_side (AttuneSession        *self,
             AttuneSide           *side,
             const AttuneTextCut  *cut,
             GError              **error)
{
  g_autoptr (AttuneEncodedRows) whole = NULL;
  AttuneTokenizer *tokenizer = attune_model_folder_get_tokenizer (self->model);
  const AttuneProgress progress = get_progress (self, side);
  AttuneRowThreads threads = get_threads (self, &progress);

  g_clear_pointer (&side->encoded, attune_encoded_rows_unref);
  if (side->whole != NULL)
    side->encoded = attune_encoded_rows_select (side->whole, side->rows, side->dataset, side->rows,
                                                tokenizer, cut, error);
  else
    {
      whole = attune_encoded_rows_new_for_rows (side->dataset, side->rows, tokenizer,
                                                cut->kind == ATTUNE_LONG_TEXTS_HEAD ? cut->max_length : 0,
                                                &threads, self->cancellable, error);
      if (whole != NULL)
        side->encoded = attune_encoded_rows_select (whole, NULL, side->dataset, side->rows, tokenizer,
                                                    cut, error);
    }
  return side->encoded != NULL;
}

/* The configured maximum, or the proposal for the training rows; longer rows are cut. */
static gboolean
choose_max_length (AttuneSession  *self,
                   GError        **error)
{
  guint positions = attune_model_config_get_max_length (self->model_config);
  gint64 wanted = attune_train_config_get_int (self->request->config, "max_length");
  AttuneTextCut nothing = { .max_length = ATTUNE_LONGEST_ROW };
  g_autoptr (AttuneEncodedRows) whole = NULL;

  if (self->request->resumed != NULL && wanted == 0)
    wanted = self->request->resumed->max_length;

  if (wanted > positions)
    {
      g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
                   _("max_length is %" PRIi64 ", but the model reads at most %u tokens"),
                   wanted, positions);
      return FALSE;
    }
  attune_text_cut_init (&self->cut, self->request->config, (guint) MAX (wanted, 1));
  if (self->cut.kind != ATTUNE_LONG_TEXTS_HEAD
      && attune_dataset_get_columns (self->train.dataset)->pair >= 0)
    {
      g_set_error_literal (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
                           _("Of two texts a row only the beginning can be read: set long_text_strategy "
                             "to head, or leave out the second text column"));
      return FALSE;
    }
  if (!encode_whole (self, &self->train, error))
    return FALSE;
  if (wanted == 0)
    {
      if (self->cut.kind == ATTUNE_LONG_TEXTS_HEAD)
        nothing.max_length = positions;
      if (!encode_side (self, &self->train, &nothing, error))
        return FALSE;
      self->cut.max_length = attune_encoded_rows_propose_max_length (self->train.encoded, positions);
    }
  self->max_length = self->cut.max_length;
  if (self->train.encoded == NULL || self->train.whole != NULL)
    return encode_side (self, &self->train, &self->cut, error);
  whole = g_steal_pointer (&self->train.encoded);
  self->train.encoded =
    attune_encoded_rows_select (whole, NULL, self->train.dataset, self->train.rows,
                                attune_model_folder_get_tokenizer (self->model), &self->cut, error);
  return self->train.encoded != NULL;
}

/* Of the same data set the tokens are there already. */
static gboolean
encode_validation (AttuneSession  *self,
                   GError        **error)
{
  if (self->validation.rows == NULL)
    return TRUE;
  if (self->validation.dataset == self->train.dataset && self->train.whole != NULL)
    self->validation.whole = attune_encoded_rows_ref (self->train.whole);
  else if (!encode_whole (self, &self->validation, error))
    return FALSE;
  return encode_side (self, &self->validation, &self->cut, error);
}

gboolean
attune_session_tokenize (AttuneSession  *self,
                         GError        **error)
{
  if (!choose_max_length (self, error) || !encode_validation (self, error))
    return FALSE;
  g_clear_pointer (&self->train.whole, attune_encoded_rows_unref);
  g_clear_pointer (&self->validation.whole, attune_encoded_rows_unref);
  return TRUE;
}

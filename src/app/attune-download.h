/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneDownload: one download from the Hub, of a model into the store or of a data set, on a thread
 * of GIO's pool. What came of an interrupted one is gone on with by the next. Main thread.
 *
 * Signal: "changed" (its state, or how far it is; at most ten times a second).
 */
#pragma once

#include "attune-model-offer.h"

G_BEGIN_DECLS

typedef enum {
  ATTUNE_DOWNLOAD_WAITING,
  ATTUNE_DOWNLOAD_RUNNING,
  ATTUNE_DOWNLOAD_DONE,
  ATTUNE_DOWNLOAD_FAILED,
  ATTUNE_DOWNLOAD_CANCELLED,
} AttuneDownloadState;

#define ATTUNE_TYPE_DOWNLOAD (attune_download_get_type ())
G_DECLARE_FINAL_TYPE (AttuneDownload, attune_download, ATTUNE, DOWNLOAD, GObject)

/* Each waits until it is started, and can be started once. */
AttuneDownload     *attune_download_new_model   (AttuneModelOffer *offer);
/* part: (nullable): which of the sets that go by this name. */
AttuneDownload     *attune_download_new_data    (const char       *id,
                                                 const char       *part);

void                attune_download_start       (AttuneDownload   *self);
/* One that runs is cancelled once its thread has seen it. */
void                attune_download_cancel      (AttuneDownload   *self);

AttuneDownloadState attune_download_get_state   (AttuneDownload   *self);
const char         *attune_download_get_id      (AttuneDownload   *self);
/* (nullable): of a model. */
AttuneModelOffer   *attune_download_get_offer   (AttuneDownload   *self);
/* Bytes; a total of 0 is not known yet. */
void                attune_download_get_progress (AttuneDownload  *self,
                                                  guint64         *done,
                                                  guint64         *total);
/* (nullable): why it failed, one sentence. */
const char         *attune_download_get_message (AttuneDownload   *self);
/* (nullable): once done, the name of the model in the store, or the folder of the data set. */
const char         *attune_download_get_result  (AttuneDownload   *self);

G_END_DECLS

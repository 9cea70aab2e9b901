/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRunFolder: the writing side of a run's folder: run.json, events.jsonl, best/,
 * predictions.json, and the lock that tells other processes that the run is alive. Made on the main
 * thread, then used by the trainer thread alone.
 */
#pragma once

#include "attune-event.h"
#include "attune-run-record.h"

G_BEGIN_DECLS

typedef struct _AttuneRunFolder AttuneRunFolder;

AttuneRunFolder *attune_run_folder_create    (const char             *path,
                                              GError                **error);
/* Of a run that is not over, to go on with it. */
AttuneRunFolder *attune_run_folder_reopen    (const char             *path,
                                              GError                **error);
void             attune_run_folder_free      (AttuneRunFolder        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneRunFolder, attune_run_folder_free)

const char      *attune_run_folder_get_path  (AttuneRunFolder        *self);
gboolean         attune_run_folder_is_begun  (AttuneRunFolder        *self);
gboolean         attune_run_folder_begin     (AttuneRunFolder        *self,
                                              const AttuneRunRecord  *record,
                                              GError                **error);
/* The same for one that was reopened: of what it had said, the first events_length bytes stay.
 * record: NULL where nothing in it has changed. */
gboolean         attune_run_folder_resume    (AttuneRunFolder        *self,
                                              guint64                 events_length,
                                              const AttuneRunRecord  *record,
                                              GError                **error);
/* Waits until all that was said is on the disk; *length: in bytes. */
gboolean         attune_run_folder_sync      (AttuneRunFolder        *self,
                                              guint64                *length,
                                              GError                **error);
gboolean         attune_run_folder_append    (AttuneRunFolder        *self,
                                              const AttuneEvent      *event,
                                              GError                **error);
/* A small file of its own, whole or not at all. */
gboolean         attune_run_folder_write     (AttuneRunFolder        *self,
                                              const char             *name,
                                              const char             *data,
                                              gssize                  length,
                                              GError                **error);

/* Of any folder, by any process. */
char            *attune_run_folder_build_best_path (const char       *folder);
gboolean         attune_run_folder_has_best  (const char             *folder);
gboolean         attune_run_folder_is_alive  (const char             *folder);
char            *attune_run_folder_read      (const char             *folder,
                                              const char             *name,
                                              guint64                 max_bytes,
                                              gsize                  *length,
                                              GError                **error);

G_END_DECLS

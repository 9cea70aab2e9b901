/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRunNotes: what a person says of a run: another name than it was started with, and notes.
 * Kept as notes.json beside run.json, which is never written again once training has begun; so it
 * can be changed while any process trains the run. Any thread.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* More than this is no note, and is neither written nor read. In bytes. */
#define ATTUNE_RUN_NOTES_MAX_TITLE 1000
#define ATTUNE_RUN_NOTES_MAX_TEXT (256 * 1024)

typedef struct {
  char *title; /* nullable: as run.json says */
  char *text;  /* nullable */
} AttuneRunNotes;

AttuneRunNotes *attune_run_notes_new     (const char            *title,
                                          const char            *text);
void            attune_run_notes_free    (AttuneRunNotes        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneRunNotes, attune_run_notes_free)

char           *attune_run_notes_to_json (const AttuneRunNotes  *self);
AttuneRunNotes *attune_run_notes_parse   (const char            *json,
                                          gsize                  length,
                                          const char            *source_name,
                                          GError               **error);
AttuneRunNotes *attune_run_notes_load    (const char            *folder,
                                          GError               **error);
gboolean        attune_run_notes_save    (const AttuneRunNotes  *self,
                                          const char            *folder,
                                          GError               **error);

G_END_DECLS

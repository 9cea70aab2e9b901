/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * notes.json, both ways: {"version": 1, "title": …, "notes": …}. Read with distrust, written whole
 * or not at all. Any thread.
 */
#include "config.h"

#include "attune-run-notes.h"

#include <glib/gi18n.h>
#include <string.h>
#include <yyjson.h>

#include "attune-durable.h"
#include "attune-run-folder.h"
#include "attune-train-config.h"

#define NAME "notes.json"
#define VERSION 1

/* Every byte of both texts may be written as six. */
#define MAX_BYTES (6 * (ATTUNE_RUN_NOTES_MAX_TITLE + ATTUNE_RUN_NOTES_MAX_TEXT) + 1024)

/* At most @most bytes of valid UTF-8, cut between characters; NULL for nothing. */
static char *
keep (const char *text,
      gsize       most)
{
  gsize length = text != NULL ? strlen (text) : 0;

  if (length == 0)
    return NULL;
  if (length > most)
    for (length = most; length > 0 && ((guchar) text[length] & 0xc0) == 0x80; length--)
      ;
  return g_utf8_make_valid (text, (gssize) length);
}

/**
 * attune_run_notes_new:
 * @title: (nullable): empty or %NULL for that of run.json
 * @text: (nullable): the notes
 *
 * Returns: (transfer full): both, cut to what is kept
 */
AttuneRunNotes *
attune_run_notes_new (const char *title,
                      const char *text)
{
  AttuneRunNotes *self = g_new0 (AttuneRunNotes, 1);

  self->title = keep (title, ATTUNE_RUN_NOTES_MAX_TITLE);
  self->text = keep (text, ATTUNE_RUN_NOTES_MAX_TEXT);
  return self;
}

void
attune_run_notes_free (AttuneRunNotes *self)
{
  if (self == NULL)
    return;
  g_free (self->title);
  g_free (self->text);
  g_free (self);
}

/* (transfer full): the text of notes.json */
char *
attune_run_notes_to_json (const AttuneRunNotes *self)
{
  yyjson_mut_doc *doc = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (doc);
  char *written;
  char *json;

  yyjson_mut_doc_set_root (doc, root);
  yyjson_mut_obj_add_int (doc, root, "version", VERSION);
  if (self->title != NULL)
    yyjson_mut_obj_add_str (doc, root, "title", self->title);
  if (self->text != NULL)
    yyjson_mut_obj_add_str (doc, root, "notes", self->text);
  written = yyjson_mut_write (doc, YYJSON_WRITE_PRETTY_TWO_SPACES, NULL);
  json = g_strconcat (written, "\n", NULL);
  free (written);
  yyjson_mut_doc_free (doc);
  return json;
}

/**
 * attune_run_notes_parse:
 * @source_name: what messages call the text
 *
 * Returns: (transfer full): the notes, or %NULL with ATTUNE_TRAIN_ERROR_RUN
 */
AttuneRunNotes *
attune_run_notes_parse (const char  *json,
                        gsize        length,
                        const char  *source_name,
                        GError     **error)
{
  yyjson_doc *doc = length <= MAX_BYTES ? yyjson_read (json, length, YYJSON_READ_NOFLAG) : NULL;
  yyjson_val *root = doc != NULL ? yyjson_doc_get_root (doc) : NULL;
  AttuneRunNotes *self = NULL;

  if (!yyjson_is_obj (root))
    g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
                 _("%s holds no notes on a run"), source_name);
  else if (yyjson_get_sint (yyjson_obj_get (root, "version")) != VERSION)
    g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
                 _("%s was written by another version of Attune, which this one cannot read"),
                 source_name);
  else
    self = attune_run_notes_new (yyjson_get_str (yyjson_obj_get (root, "title")),
                                 yyjson_get_str (yyjson_obj_get (root, "notes")));
  if (doc != NULL)
    yyjson_doc_free (doc);
  return self;
}

/**
 * attune_run_notes_load:
 * @folder: a run's folder
 *
 * Returns: (transfer full): what notes.json says, empty notes where there is none; or %NULL with
 *   ATTUNE_TRAIN_ERROR_RUN for one that cannot be read
 */
AttuneRunNotes *
attune_run_notes_load (const char  *folder,
                       GError     **error)
{
  g_autofree char *path = g_build_filename (folder, NAME, NULL);
  g_autofree char *json = NULL;
  gsize length = 0;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return attune_run_notes_new (NULL, NULL);
  json = attune_run_folder_read (folder, NAME, MAX_BYTES, &length, error);
  return json != NULL ? attune_run_notes_parse (json, length, path, error) : NULL;
}

/**
 * attune_run_notes_save:
 * @folder: one that holds a run
 *
 * Replaces notes.json as a whole; it is on disk when this returns.
 *
 * Returns: %FALSE with ATTUNE_TRAIN_ERROR_RUN, and the old notes as they were
 */
gboolean
attune_run_notes_save (const AttuneRunNotes  *self,
                       const char            *folder,
                       GError               **error)
{
  g_autofree char *path = g_build_filename (folder, NAME, NULL);
  g_autofree char *json = attune_run_notes_to_json (self);
  g_autoptr (GError) local_error = NULL;

  if (attune_durable_write (path, json, strlen (json), &local_error))
    return TRUE;
  g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
               _("The notes on the run could not be saved: %s"), local_error->message);
  return FALSE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as state.json and as MANIFEST.json of a checkpoint: refused with a sentence or read, and
 * a state that is read can be written and read again to the last bit.
 */
#include "config.h"

#include <glib/gstdio.h>
#include <stdint.h>
#include <stdlib.h>

#include "attune-checkpoint.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
read_as_state (const char *text,
               gsize       size)
{
  g_autoptr (GError) error = NULL;
  AttuneCheckpointState state = { 0 }, again = { 0 };
  gboolean ok = attune_checkpoint_state_parse (&state, text, size, "fuzz", &error);
  g_autofree char *json = NULL;
  g_autofree char *second = NULL;

  g_assert_true (ok == (error == NULL));
  if (!ok)
    return;
  json = attune_checkpoint_state_to_json (&state);
  g_assert_true (attune_checkpoint_state_parse (&again, json, strlen (json), "fuzz", &error));
  second = attune_checkpoint_state_to_json (&again);
  g_assert_cmpstr (json, ==, second);
}

static char *folder;

static void
remove_folder (void)
{
  static const char * const names[] = { ATTUNE_CHECKPOINT_WEIGHTS, ATTUNE_CHECKPOINT_OPTIMIZER,
                                        ATTUNE_CHECKPOINT_STATE, ATTUNE_CHECKPOINT_MANIFEST };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
  g_free (folder);
}

static void
put (const char *name,
     const char *data,
     gsize       length)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_file_set_contents_full (path, data, (gssize) length, G_FILE_SET_CONTENTS_NONE, 0600, NULL);
}

static void
read_as_manifest (const char *text,
                  gsize       size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneCheckpoint) checkpoint = NULL;

  if (folder == NULL)
    {
      folder = g_dir_make_tmp ("attune-fuzz-XXXXXX", NULL);
      atexit (remove_folder);
      put (ATTUNE_CHECKPOINT_WEIGHTS, "w", 1);
      put (ATTUNE_CHECKPOINT_OPTIMIZER, "o", 1);
      put (ATTUNE_CHECKPOINT_STATE, "{}", 2);
    }
  put (ATTUNE_CHECKPOINT_MANIFEST, text, size);
  checkpoint = attune_checkpoint_open (folder, &error);
  g_assert_true ((checkpoint == NULL) == (error != NULL));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  read_as_state ((const char *) data, size);
  read_as_manifest ((const char *) data, size);
  return 0;
}

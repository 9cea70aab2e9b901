/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Starting attune-convert-weights: it gets the torch files open for reading, the new file open for
 * writing, a pipe to say one line on, and nothing else, neither environment nor folder. What it
 * wrote is as foreign as what it read, so whoever uses it opens it as such.
 */
#include "config.h"

#include "attune-weights-conversion.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "attune-conversion-error.h"
#include "attune-convert-fault.h"
#include "attune-durable.h"
#include "attune-json.h"
#include "attune-model-copy.h"
#include "attune-safetensors.h"

#define PROGRAM "attune-convert-weights"
#define SINGLE "pytorch_model.bin"
#define INDEX SINGLE ".index.json"
#define MAX_INDEX_LENGTH (64u << 20)
#define MAX_MESSAGE_LENGTH 511

static gboolean
has_file (const char *folder,
          const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

/**
 * attune_weights_need_conversion:
 *
 * Returns: whether there are weights in @folder, and only as torch files
 */
gboolean
attune_weights_need_conversion (const char *folder)
{
  return !has_file (folder, "model.safetensors") && !has_file (folder, "model.safetensors.index.json")
         && (has_file (folder, SINGLE) || has_file (folder, INDEX));
}

static int
compare_strings (gconstpointer a,
                 gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* A shard lies in the folder itself. */
static gboolean
is_shard_name (yyjson_val *value)
{
  const char *name = yyjson_get_str (value);

  return name != NULL && strlen (name) == yyjson_get_len (value) && *name != '.'
         && strlen (name) < 256 && strchr (name, '/') == NULL && g_str_has_suffix (name, ".bin");
}

/* The files that "weight_map" names, each once. */
static GStrv
read_index (const char  *folder,
            GError     **error)
{
  g_autofree char *path = g_build_filename (folder, INDEX, NULL);
  g_autoptr (GBytes) bytes = attune_json_load_file (path, MAX_INDEX_LENGTH, error);
  g_autoptr (yyjson_doc) document = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) names = g_ptr_array_new_null_terminated (1, g_free, TRUE);
  yyjson_obj_iter iter;
  yyjson_val *key;

  if (bytes == NULL)
    return NULL;
  document = attune_json_parse_object (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), path,
                                       error);
  if (document == NULL)
    return NULL;

  iter = yyjson_obj_iter_with (yyjson_obj_get (yyjson_doc_get_root (document), "weight_map"));
  while ((key = yyjson_obj_iter_next (&iter)) != NULL)
    {
      yyjson_val *value = yyjson_obj_iter_get_val (key);
      char *name;

      if (!is_shard_name (value))
        {
          g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                       _("“%s” puts the tensor “%.100s” into a file that cannot be one of its own"),
                       path, yyjson_get_str (key));
          return NULL;
        }
      if (g_hash_table_contains (seen, yyjson_get_str (value)))
        continue;
      name = g_strdup (yyjson_get_str (value));
      g_ptr_array_add (names, name);
      g_hash_table_add (seen, name);
    }
  if (names->len == 0 || names->len > ATTUNE_CONVERT_MAX_INPUTS)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _("“%s” names %u files; there may be from 1 to %d"), path, names->len,
                   ATTUNE_CONVERT_MAX_INPUTS);
      return NULL;
    }

  g_ptr_array_sort (names, compare_strings);
  return (GStrv) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

static GStrv
list_inputs (const char  *folder,
             GError     **error)
{
  if (!has_file (folder, SINGLE))
    return read_index (folder, error);
  return g_strdupv ((char *[]) { (char *) SINGLE, NULL });
}

static gboolean
io_failed (GError     **error,
           const char  *format,
           const char  *path)
{
  int saved = errno;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), format, path, g_strerror (saved));
#pragma GCC diagnostic pop
  return FALSE;
}

/* The size and sha256 of what is open, from its start; the descriptor ends where it began. */
static AttuneCopiedFile *
digest (int            fd,
        const char    *name,
        const char    *path,
        GCancellable  *cancellable,
        GError       **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *chunk = g_malloc (1 << 20);
  g_autofree AttuneCopiedFile *file = g_new0 (AttuneCopiedFile, 1);
  gssize n;

  do
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      n = pread (fd, chunk, 1 << 20, (off_t) file->size);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          io_failed (error, _("Could not read “%s”: %s"), path);
          return NULL;
        }
      g_checksum_update (checksum, chunk, n);
      file->size += (guint64) n;
    }
  while (n != 0);

  file->name = g_intern_string (name);
  g_strlcpy (file->sha256, g_checksum_get_string (checksum), sizeof file->sha256);
  return g_steal_pointer (&file);
}

static char *
find_program (void)
{
  const char *directory = g_getenv ("ATTUNE_LIBEXEC_DIR");

  return g_build_filename (directory != NULL && *directory != '\0' ? directory : LIBEXECDIR, PROGRAM,
                           NULL);
}

/* What the program says until it closes its end, or until it is ended because of @cancellable. */
static char *
listen (int           fd,
        GPid          pid,
        GCancellable *cancellable)
{
  GString *message = g_string_new (NULL);
  struct pollfd polls[2] = { { .fd = fd, .events = POLLIN },
                             { .fd = g_cancellable_get_fd (cancellable), .events = POLLIN } };
  char chunk[256];
  gssize n = 1;

  while (n > 0)
    {
      while (poll (polls, polls[1].fd >= 0 ? 2 : 1, -1) < 0 && errno == EINTR)
        continue;
      if (g_cancellable_is_cancelled (cancellable))
        {
          kill (pid, SIGKILL);
          break;
        }
      do
        n = read (fd, chunk, sizeof chunk);
      while (n < 0 && errno == EINTR);
      if (n > 0 && message->len + (gsize) n <= MAX_MESSAGE_LENGTH)
        g_string_append_len (message, chunk, n);
    }
  if (polls[1].fd >= 0)
    g_cancellable_release_fd (cancellable);

  return g_string_free (message, FALSE);
}

/* inputs: open descriptors; output: an open, empty file. */
static gboolean
run (const char          *folder,
     const char * const  *names,
     const int           *inputs,
     guint                n_inputs,
     int                  output,
     GCancellable        *cancellable,
     GError             **error)
{
  g_autofree char *program = find_program ();
  g_autofree char *count = g_strdup_printf ("%u", n_inputs);
  g_autofree char *message = NULL;
  const char *const argv[] = { program, count, NULL };
  const char *const environment[] = { "LC_ALL=C", NULL };
  int targets[ATTUNE_CONVERT_MAX_INPUTS], pipe_fds[2], status;
  gboolean started;
  GPid pid;

  for (guint i = 0; i < n_inputs; i++)
    targets[i] = ATTUNE_CONVERT_FIRST_INPUT + (int) i;
  if (!g_unix_open_pipe (pipe_fds, O_CLOEXEC, error))
    return FALSE;
  started = g_spawn_async_with_pipes_and_fds ("/", argv, environment, G_SPAWN_DO_NOT_REAP_CHILD, NULL,
                                              NULL, -1, output, pipe_fds[1], inputs, targets,
                                              n_inputs, &pid, NULL, NULL, NULL, error);
  close (pipe_fds[1]);
  if (!started)
    {
      close (pipe_fds[0]);
      g_prefix_error (error, "%s ", _("The converter of torch files could not be started:"));
      return FALSE;
    }

  message = listen (pipe_fds[0], pid, cancellable);
  close (pipe_fds[0]);
  while (waitpid (pid, &status, 0) < 0 && errno == EINTR)
    continue;
  return !g_cancellable_set_error_if_cancelled (cancellable, error)
         && attune_conversion_check (folder, names, message, status, error);
}

/* Opens the files and records what they are. */
static gboolean
open_inputs (const char          *folder,
             const char * const  *names,
             int                 *inputs,
             guint               *n_inputs,
             GPtrArray           *sources,
             GCancellable        *cancellable,
             GError             **error)
{
  for (*n_inputs = 0; names[*n_inputs] != NULL;)
    {
      g_autofree char *path = g_build_filename (folder, names[*n_inputs], NULL);
      int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
      AttuneCopiedFile *source;
      struct stat info;

      if (fd < 0)
        return io_failed (error, _("Could not read “%s”: %s"), path);
      inputs[(*n_inputs)++] = fd;
      if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
        {
          g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                       _("“%s” is not a file"), path);
          return FALSE;
        }
      source = digest (fd, names[*n_inputs - 1], path, cancellable, error);
      if (source == NULL)
        return FALSE;
      g_ptr_array_add (sources, source);
    }
  return TRUE;
}

static gboolean
convert_into (const char          *path,
              const char          *folder,
              const char * const  *names,
              const int           *inputs,
              guint                n_inputs,
              GCancellable        *cancellable,
              GError             **error)
{
  AttuneDurableFile file = { 0 };

  if (!attune_durable_file_open (&file, path, error))
    return FALSE;
  if (!run (folder, names, inputs, n_inputs, file.fd, cancellable, error))
    {
      attune_durable_file_abandon (&file);
      return FALSE;
    }
  return attune_durable_file_commit (&file, error);
}

/**
 * attune_weights_convert:
 * @folder: one that attune_weights_need_conversion()
 * @target: another folder
 *
 * The result has not been looked at: open it as what comes from outside.
 *
 * Returns: %FALSE with FORMAT or UNSUPPORTED, naming the file and what is wrong with it, CANCELLED,
 *   or an IO error
 */
gboolean
attune_weights_convert (const char    *folder,
                        const char    *target,
                        GPtrArray     *files,
                        GPtrArray     *sources,
                        GCancellable  *cancellable,
                        GError       **error)
{
  g_autofree char *path = g_build_filename (target, "model.safetensors", NULL);
  g_auto (GStrv) names = list_inputs (folder, error);
  int inputs[ATTUNE_CONVERT_MAX_INPUTS];
  guint n_inputs = 0;
  AttuneCopiedFile *result = NULL;
  gboolean ok;

  if (names == NULL)
    return FALSE;
  ok = open_inputs (folder, (const char *const *) names, inputs, &n_inputs, sources, cancellable,
                    error)
       && convert_into (path, folder, (const char *const *) names, inputs, n_inputs, cancellable,
                        error);
  for (guint i = 0; i < n_inputs; i++)
    close (inputs[i]);
  if (ok)
    {
      g_autofd int fd = open (path, O_RDONLY | O_CLOEXEC);

      ok = fd >= 0 || io_failed (error, _("Could not read “%s”: %s"), path);
      if (ok)
        result = digest (fd, "model.safetensors", path, cancellable, error);
    }
  if (result != NULL)
    g_ptr_array_add (files, result);

  return result != NULL;
}

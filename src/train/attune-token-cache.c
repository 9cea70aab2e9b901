/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The files of the token cache: a header, then the arrays of AttuneEncodedRows as they are in
 * memory, under one checksum. Each size is held against the file's own before anything is
 * allocated, and each number against its range before it is used.
 */
#include "config.h"

#include "attune-token-cache-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <glib/gstdio.h>

#include "attune-durable.h"
#include "attune-encoded-rows-private.h"

#define MOST_TOKENS (G_MAXUINT / 4)

typedef struct {
  void *bytes;
  gsize length;
} Part;

/* The arrays in the order in which they lie in the file; the last is empty without types. */
static void
get_parts (const AttuneEncodedRows *rows,
           guint64                  n_tokens,
           Part                     parts[4])
{
  parts[0] = (Part) { rows->offsets, ((gsize) rows->n_rows + 1) * sizeof *rows->offsets };
  parts[1] = (Part) { rows->full, (gsize) rows->n_rows * sizeof *rows->full };
  parts[2] = (Part) { rows->ids, (gsize) n_tokens * sizeof *rows->ids };
  parts[3] = (Part) { rows->type_ids, rows->type_ids != NULL ? (gsize) n_tokens : 0 };
}

static guint32
sum (const AttuneTokenHeader *header,
     const Part               parts[4])
{
  AttuneTokenHeader zeroed = *header;
  uLong crc;

  zeroed.checksum = 0;
  crc = crc32_z (0, (const Bytef *) &zeroed, sizeof zeroed);
  for (guint i = 0; i < 4; i++)
    if (parts[i].length > 0)
      crc = crc32_z (crc, parts[i].bytes, parts[i].length);
  return (guint32) crc;
}

char *
attune_token_cache_get_folder (void)
{
  return g_build_filename (g_get_user_cache_dir (), "attune", "tokens", NULL);
}

static char *
get_path (const char *folder,
          const char *key)
{
  g_autofree char *name = g_strconcat (key, ".bin", NULL);

  return g_build_filename (folder, name, NULL);
}

static gboolean
read_all (int    fd,
          void  *bytes,
          gsize  length)
{
  guint8 *to = bytes;

  while (length > 0)
    {
      gssize n = read (fd, to, MIN (length, G_MAXINT32));

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      to += n;
      length -= (gsize) n;
    }
  return TRUE;
}

/* The header of a file that is as long as the header says. */
static gboolean
read_header (int                fd,
             const char        *key,
             guint              n_rows,
             gboolean           has_types,
             AttuneTokenHeader *header)
{
  struct stat info;
  guint64 length = sizeof *header;

  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode)
      || !read_all (fd, header, sizeof *header)
      || header->magic != ATTUNE_TOKEN_MAGIC
      || memcmp (header->key, key, ATTUNE_TOKEN_KEY_LENGTH) != 0
      || header->n_rows != n_rows
      || header->has_types != (guint32) (has_types != FALSE)
      || header->n_tokens > MOST_TOKENS)
    return FALSE;
  length += ((guint64) n_rows + 1) * sizeof (guint64) + (guint64) n_rows * sizeof (guint);
  length += header->n_tokens * (sizeof (gint32) + (has_types ? 1 : 0));
  return (guint64) info.st_size == length;
}

static gboolean
check (const AttuneEncodedRows *rows,
       guint64                  n_tokens,
       guint                    n_vocabulary)
{
  if (rows->offsets[0] != 0 || rows->offsets[rows->n_rows] != n_tokens)
    return FALSE;
  for (guint i = 0; i < rows->n_rows; i++)
    {
      guint64 length = rows->offsets[i + 1] - rows->offsets[i];

      if (rows->offsets[i + 1] < rows->offsets[i] || length > ATTUNE_LONGEST_ROW
          || rows->full[i] < length)
        return FALSE;
    }
  for (guint64 i = 0; i < n_tokens; i++)
    if (rows->ids[i] < 0 || (guint32) rows->ids[i] >= n_vocabulary)
      return FALSE;
  if (rows->type_ids != NULL)
    for (guint64 i = 0; i < n_tokens; i++)
      if (rows->type_ids[i] > 1)
        return FALSE;
  return TRUE;
}

static AttuneEncodedRows *
read_rows (int                      fd,
           const AttuneTokenHeader *header,
           guint                    n_vocabulary)
{
  g_autoptr (AttuneEncodedRows) rows = attune_encoded_rows_create (header->n_rows);
  Part parts[4];

  rows->ids = g_try_new (gint32, MAX (header->n_tokens, 1));
  if (header->has_types)
    rows->type_ids = g_try_malloc (MAX (header->n_tokens, 1));
  if (rows->ids == NULL || (header->has_types && rows->type_ids == NULL))
    return NULL;
  get_parts (rows, header->n_tokens, parts);
  for (guint i = 0; i < 4; i++)
    if (!read_all (fd, parts[i].bytes, parts[i].length))
      return NULL;
  if (sum (header, parts) != header->checksum || !check (rows, header->n_tokens, n_vocabulary))
    return NULL;
  return g_steal_pointer (&rows);
}

AttuneEncodedRows *
attune_token_cache_read (int         fd,
                         const char *key,
                         guint       n_rows,
                         gboolean    has_types,
                         guint       n_vocabulary)
{
  AttuneTokenHeader header;

  if (!read_header (fd, key, n_rows, has_types, &header))
    return NULL;
  return read_rows (fd, &header, n_vocabulary);
}

AttuneEncodedRows *
attune_token_cache_load (const char *folder,
                         const char *key,
                         guint       n_rows,
                         gboolean    has_types,
                         guint       n_vocabulary)
{
  g_autofree char *path = get_path (folder, key);
  g_autofd int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  AttuneEncodedRows *rows;

  g_return_val_if_fail (strlen (key) == ATTUNE_TOKEN_KEY_LENGTH, NULL);

  if (fd < 0)
    return NULL;
  rows = attune_token_cache_read (fd, key, n_rows, has_types, n_vocabulary);
  if (rows != NULL)
    futimens (fd, NULL); /* used just now */
  else
    g_debug ("“%s” is not what was put there; the texts are tokenized again", path);
  return rows;
}

static gboolean
write_rows (const char               *path,
            const AttuneTokenHeader  *header,
            const Part                parts[4],
            GError                  **error)
{
  AttuneDurableFile file = { 0 };
  gboolean ok;

  if (!attune_durable_file_open (&file, path, error))
    return FALSE;
  ok = attune_durable_file_write (&file, header, sizeof *header, error);
  for (guint i = 0; i < 4 && ok; i++)
    ok = attune_durable_file_write (&file, parts[i].bytes, parts[i].length, error);
  if (ok)
    return attune_durable_file_replace (&file, error);
  attune_durable_file_abandon (&file);
  return FALSE;
}

gboolean
attune_token_cache_store (const char              *folder,
                          const char              *key,
                          const AttuneEncodedRows *rows)
{
  g_autofree char *path = get_path (folder, key);
  g_autoptr (GError) error = NULL;
  guint64 n_tokens = rows->offsets[rows->n_rows];
  guint64 length = sizeof (AttuneTokenHeader);
  AttuneTokenHeader header = {
    .magic = ATTUNE_TOKEN_MAGIC,
    .n_tokens = n_tokens,
    .n_rows = rows->n_rows,
    .has_types = rows->type_ids != NULL,
  };
  Part parts[4];

  g_return_val_if_fail (strlen (key) == ATTUNE_TOKEN_KEY_LENGTH, FALSE);

  get_parts (rows, n_tokens, parts);
  for (guint i = 0; i < 4; i++)
    length += parts[i].length;
  /* One data set must not drive all others out. */
  if (length > ATTUNE_TOKEN_CACHE_BYTES / 2 || n_tokens > MOST_TOKENS)
    return FALSE;
  memcpy (header.key, key, ATTUNE_TOKEN_KEY_LENGTH);
  header.checksum = sum (&header, parts);

  /* The texts can be read from their tokens: they are nobody else's business. */
  if (g_mkdir_with_parents (folder, 0700) != 0)
    return FALSE;
  attune_durable_clean (folder);
  attune_token_cache_trim (folder, ATTUNE_TOKEN_CACHE_BYTES - length);
  if (write_rows (path, &header, parts, &error))
    return TRUE;
  g_debug ("Tokens are not kept: %s", error->message);
  return FALSE;
}

typedef struct {
  char *path;
  guint64 length;
  gint64 used; /* nanoseconds */
} Entry;

static void
clear_entry (gpointer data)
{
  g_free (((Entry *) data)->path);
}

static int
compare_entries (gconstpointer a,
                 gconstpointer b)
{
  gint64 first = ((const Entry *) a)->used;
  gint64 second = ((const Entry *) b)->used;

  return (first < second) - (first > second);
}

void
attune_token_cache_trim (const char *folder,
                         guint64     max_bytes)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  guint64 total = 0;
  const char *name;

  g_array_set_clear_func (entries, clear_entry);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      struct stat info;
      Entry entry;

      if (!g_str_has_suffix (name, ".bin") || lstat (path, &info) != 0 || !S_ISREG (info.st_mode))
        continue;
      entry.length = (guint64) info.st_size;
      entry.used = info.st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000) + info.st_mtim.tv_nsec;
      entry.path = g_steal_pointer (&path);
      g_array_append_val (entries, entry);
    }
  /* The newest first: once they are too many, the rest goes. */
  g_array_sort (entries, compare_entries);
  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = &g_array_index (entries, Entry, i);

      total += entry->length;
      if (total > max_bytes)
        unlink (entry->path);
    }
}

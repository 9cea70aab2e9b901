/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bytes of one file. What has come stands in ".HASH.part" beside its place and is gone on with,
 * in this run of the program or the next; the hash is taken while they come, of all of them. Only
 * what agrees with it gets its name. Worker thread.
 */
#include "config.h"

#include "attune-hub-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n.h>
#include <inttypes.h>
#include <glib/gstdio.h>

#define PIECE (256u << 10)
#define MOST_MISMATCHES 2u

/* A file that is being made. */
typedef struct {
  AttuneHub *hub;
  const AttuneHubFile *file;
  char *address;
  char *part;
  int fd;
  gint64 length;       /* what is there and in the checksum */
  GChecksum *checksum;
  char *etag;          /* nullable: of whoever sent what is there */
  guint8 *piece;
  AttuneHubMeter *meter;
  GCancellable *cancellable;
} Part;

static void
part_clear (Part *self)
{
  g_free (self->address);
  g_free (self->part);
  if (self->fd >= 0)
    close (self->fd);
  g_clear_pointer (&self->checksum, g_checksum_free);
  g_free (self->etag);
  g_free (self->piece);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Part, part_clear)

/* sha256 of the bytes, or the object id that git gives them. */
static GChecksum *
checksum_new (const AttuneHubFile *file)
{
  g_autofree char *head = NULL;
  GChecksum *checksum;

  if (strlen (file->hash) == 64)
    return g_checksum_new (G_CHECKSUM_SHA256);
  checksum = g_checksum_new (G_CHECKSUM_SHA1);
  head = g_strdup_printf ("blob %" PRIi64, file->size);
  g_checksum_update (checksum, (const guchar *) head, (gssize) strlen (head) + 1);

  return checksum;
}

static gboolean
failed (GError     **error,
        const char  *path)
{
  int saved = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
               _("Could not write “%s”: %s; make room or choose another folder, and the download "
                 "goes on from here"),
               path, g_strerror (saved));
  return FALSE;
}

static gboolean
hash_file (int            fd,
           GChecksum     *checksum,
           gint64        *length,
           GCancellable  *cancellable)
{
  g_autofree guint8 *piece = g_malloc (PIECE);
  gssize n;

  *length = 0;
  do
    {
      if (g_cancellable_is_cancelled (cancellable))
        return FALSE;
      do
        n = read (fd, piece, PIECE);
      while (n < 0 && errno == EINTR);
      if (n > 0)
        g_checksum_update (checksum, piece, n);
      *length += MAX (n, 0);
    }
  while (n > 0);

  return n == 0;
}

/**
 * attune_hub_file_verify:
 * @file: whose size and hash are known
 *
 * Returns: whether what lies at @path is this file, to the last byte
 */
gboolean
attune_hub_file_verify (const AttuneHubFile *file,
                        const char          *path,
                        GCancellable        *cancellable)
{
  g_autofd int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  g_autoptr (GChecksum) checksum = NULL;
  struct stat info;
  gint64 length;

  if (fd < 0 || fstat (fd, &info) != 0 || !S_ISREG (info.st_mode) || info.st_size != file->size)
    return FALSE;
  checksum = checksum_new (file);

  return hash_file (fd, checksum, &length, cancellable) && length == file->size
         && strcmp (g_checksum_get_string (checksum), file->hash) == 0;
}

/* ".HASH.part" beside its place. */
static char *
get_part_path (const AttuneHubFile *file,
               const char          *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_strdup_printf (".%s.part", file->hash);

  return g_build_filename (folder, name, NULL);
}

guint64
attune_hub_file_measure (const AttuneHubFile *file,
                         const char          *path)
{
  g_autofree char *part = get_part_path (file, path);
  struct stat info;

  if (stat (path, &info) != 0 && lstat (part, &info) != 0)
    return 0;
  /* As much as it takes on the disk: a hole is no room. */
  return S_ISREG (info.st_mode) ? MIN ((guint64) MIN (info.st_size, file->size),
                                       (guint64) info.st_blocks * 512)
                                : 0;
}

char *
attune_hub_file_hash (const char   *path,
                      GCancellable *cancellable)
{
  g_autofd int fd = open (path, O_RDONLY | O_CLOEXEC);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gint64 length;

  if (fd < 0 || !hash_file (fd, checksum, &length, cancellable))
    return NULL;
  return g_strdup (g_checksum_get_string (checksum));
}

static char *
get_address (AttuneHub           *self,
             const AttuneHubRepo *repo,
             const char          *kind,
             const AttuneHubFile *file)
{
  g_autofree char *escaped = g_uri_escape_string (file->path, "/", FALSE);

  return g_strdup_printf ("%s/%s%s/resolve/%s/%s", self->endpoint, kind, repo->id, repo->commit,
                          escaped);
}

/**
 * attune_hub_file_complete:
 * @kind: what stands before the name in an address: "" or "datasets/"
 * @file: (inout): gets the size and hash that the list of files did not say
 *
 * Some mirrors list names only. Then the headers of the file itself say what it is; a file that
 * nobody vouches for is not taken.
 *
 * Returns: whether both are known; DAMAGED or another hub error otherwise
 */
gboolean
attune_hub_file_complete (AttuneHub            *self,
                          const AttuneHubRepo  *repo,
                          const char           *kind,
                          AttuneHubFile        *file,
                          GCancellable         *cancellable,
                          GError              **error)
{
  g_autofree char *address = get_address (self, repo, kind, file);
  guint tries = 0;

  while (file->size < 0 || file->hash == NULL)
    {
      g_auto (AttuneHubAnswer) answer = { 0 };
      g_autoptr (GError) failure = NULL, stopped = NULL;

      if (attune_hub_send (self, "HEAD", address, 0, NULL, &answer, cancellable, &failure)
          && answer.status == SOUP_STATUS_OK)
        {
          if (file->hash == NULL)
            file->hash = g_steal_pointer (&answer.hash);
          if (file->size < 0)
            file->size = answer.size >= 0 ? answer.size : answer.length;
          if (file->size >= 0 && file->hash != NULL)
            break;
          g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_DAMAGED,
                       _("%s does not say what the bytes of “%s” must be, so that they cannot be "
                         "checked; use another mirror or the Hub itself"),
                       self->shown, file->path);
          return FALSE;
        }
      if (!attune_hub_wait (self, &answer, failure, &tries, cancellable, &stopped))
        {
          attune_hub_explain (self, &answer, stopped != NULL ? stopped : failure, repo->id, error);
          return FALSE;
        }
    }

  return TRUE;
}

static gboolean
part_restart (Part    *self,
              GError **error)
{
  if (ftruncate (self->fd, 0) != 0 || lseek (self->fd, 0, SEEK_SET) != 0)
    return failed (error, self->part);
  g_clear_pointer (&self->checksum, g_checksum_free);
  self->checksum = checksum_new (self->file);
  self->length = 0;
  g_clear_pointer (&self->etag, g_free);

  return TRUE;
}

/* Opens what an earlier download left, if it can be the beginning of this file. */
static gboolean
part_open (Part    *self,
           GError **error)
{
  struct stat info;

  self->fd = open (self->part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
  if (self->fd < 0 || fstat (self->fd, &info) != 0)
    return failed (error, self->part);
  if (!S_ISREG (info.st_mode))
    {
      errno = EEXIST;
      return failed (error, self->part);
    }
  self->checksum = checksum_new (self->file);
  if (info.st_size > self->file->size
      || !hash_file (self->fd, self->checksum, &self->length, self->cancellable)
      || self->length > self->file->size)
    {
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      return part_restart (self, error);
    }

  return TRUE;
}

static gboolean
part_write (Part    *self,
            gsize    n,
            GError **error)
{
  for (gsize written = 0; written < n;)
    {
      gssize m = write (self->fd, self->piece + written, n - written);

      if (m < 0 && errno != EINTR)
        return failed (error, self->part);
      written += (gsize) MAX (m, 0);
    }
  g_checksum_update (self->checksum, self->piece, (gssize) n);
  self->length += (gint64) n;
  if (self->meter->call != NULL)
    self->meter->call (self->meter->done + (guint64) self->length, self->meter->total,
                       self->meter->user_data);

  return TRUE;
}

/* What a stream sends, up to the size that the file has. FALSE sets one of two errors: failure,
 * which another try may mend, or error. */
static gboolean
part_take (Part             *self,
           AttuneHubAnswer  *answer,
           GError          **failure,
           GError          **error)
{
  g_autoptr (GInputStream) stream = attune_hub_answer_open (answer);

  for (;;)
    {
      gssize n = g_input_stream_read (stream, self->piece, PIECE, self->cancellable, failure);

      if (n < 0)
        return FALSE;
      if (n == 0)
        break;
      if (n > self->file->size - self->length)
        {
          part_restart (self, NULL);
          g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_DAMAGED,
                       _("“%s” is longer than the %" PRIi64 " bytes that the Hub promises; "
                         "it was thrown away"),
                       self->file->path, self->file->size);
          return FALSE;
        }
      if (!part_write (self, (gsize) n, error))
        return FALSE;
    }
  if (self->length == self->file->size)
    return TRUE;

  g_set_error (failure, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
               _("“%s” was cut off after %" PRIi64 " of %" PRIi64 " bytes"),
               self->file->path, self->length, self->file->size);
  return FALSE;
}

/* One request for what is missing. */
static gboolean
part_ask (Part             *self,
          AttuneHubAnswer  *answer,
          GError          **failure,
          GError          **error)
{
  gint64 size = self->file->size;

  if (!attune_hub_send (self->hub, "GET", self->address, self->length, self->etag, answer,
                        self->cancellable, failure))
    return FALSE;
  if (answer->status == SOUP_STATUS_PARTIAL_CONTENT
      && (answer->first != self->length || (answer->total >= 0 && answer->total != size)
          || answer->is_gzip
          || (self->etag != NULL && answer->etag != NULL
              && strcmp (self->etag, answer->etag) != 0)))
    {
      /* Other bytes than those that were asked for: from the start, without a range. */
      g_set_error (failure, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                   _("“%s” came from another place in the file than was asked for"),
                   self->file->path);
      part_restart (self, error);
      return FALSE;
    }
  if (answer->status == SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE)
    {
      part_restart (self, error);
      return FALSE;
    }
  if (answer->status == SOUP_STATUS_OK && self->length > 0 && !part_restart (self, error))
    return FALSE;
  if (answer->status != SOUP_STATUS_OK && answer->status != SOUP_STATUS_PARTIAL_CONTENT)
    return FALSE;
  if (answer->status == SOUP_STATUS_OK && !answer->is_gzip && answer->length >= 0
      && answer->length != size)
    {
      g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_DAMAGED,
                   _("%s sends %" PRIi64 " bytes as “%s”, which has %" PRIi64
                     "; check the connection (a page to log in?) and try again"),
                   self->hub->shown, answer->length, self->file->path, size);
      return FALSE;
    }
  g_free (self->etag);
  self->etag = g_strdup (answer->etag);

  return part_take (self, answer, failure, error);
}

/* Asks until all is there; a try that brought something begins the count anew. */
static gboolean
part_fill (Part        *self,
           const char  *id,
           GError     **error)
{
  gint64 most = self->length;
  guint tries = 0;

  while (self->length < self->file->size)
    {
      g_auto (AttuneHubAnswer) answer = { 0 };
      g_autoptr (GError) failure = NULL, final = NULL;

      if (part_ask (self, &answer, &failure, &final))
        break;
      /* More than ever, or a server that always begins anew would be asked for ever. */
      if (final == NULL && self->length > most)
        {
          most = self->length;
          tries = 0;
        }
      if (final == NULL
          && attune_hub_wait (self->hub, &answer, failure, &tries, self->cancellable, &final))
        continue;
      if (final != NULL)
        g_propagate_error (error, g_steal_pointer (&final));
      else
        attune_hub_explain (self->hub, &answer, failure, id, error);
      return FALSE;
    }

  return TRUE;
}

/**
 * attune_hub_file_fetch:
 * @kind: "" or "datasets/"
 * @file: whose size and hash are known
 * @path: where it goes; its folder exists
 *
 * A file that is there and right is not asked for again. What is wrong in the end is thrown away and
 * fetched once more from its start: the beginning may have been an older one.
 *
 * Returns: whether it is there, and right; on failure what came stays for the next time, but for
 *   what is known to be wrong (DAMAGED)
 */
gboolean
attune_hub_file_fetch (AttuneHub            *self,
                       const AttuneHubRepo  *repo,
                       const char           *kind,
                       const AttuneHubFile  *file,
                       const char           *path,
                       AttuneHubMeter       *meter,
                       GCancellable         *cancellable,
                       GError              **error)
{
  g_auto (Part) part = { .hub = self, .file = file, .fd = -1, .meter = meter,
                         .cancellable = cancellable };

  if (attune_hub_file_verify (file, path, cancellable))
    return TRUE;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;

  part.address = get_address (self, repo, kind, file);
  part.part = get_part_path (file, path);
  part.piece = g_malloc (PIECE);
  if (!part_open (&part, error))
    return FALSE;
  for (guint i = 0; i < MOST_MISMATCHES; i++)
    {
      if (!part_fill (&part, repo->id, error))
        return FALSE;
      if (strcmp (g_checksum_get_string (part.checksum), file->hash) == 0)
        {
          if (fsync (part.fd) != 0 || g_rename (part.part, path) != 0)
            return failed (error, path);
          return TRUE;
        }
      if (!part_restart (&part, error))
        return FALSE;
    }

  g_unlink (part.part);
  g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_DAMAGED,
               _("“%s” arrived twice with other bytes than the Hub promises (%s); it was thrown "
                 "away, try again later or from another mirror"),
               file->path, file->hash);
  return FALSE;
}

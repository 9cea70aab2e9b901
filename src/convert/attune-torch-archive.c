/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading a zip file as torch writes one (PKWARE's APPNOTE.TXT 6.3.10). The directory at the end
 * says what there is; each entry's own header must agree with it, entries may not overlap, and
 * every checksum is computed. Nothing is copied: records are views of the caller's bytes.
 */
#include "config.h"

#include "attune-torch-archive.h"

#include <string.h>

#include <zlib.h>

#define MAX_ENTRIES 100000
#define MAX_NAME_LENGTH 512
#define MAX_COMMENT_LENGTH 65535

enum {
  LOCAL_SIGNATURE = 0x04034b50,
  LOCAL_LENGTH = 30,
  ENTRY_SIGNATURE = 0x02014b50,
  ENTRY_LENGTH = 46,
  END_SIGNATURE = 0x06054b50,
  END_LENGTH = 22,
  WIDE_END_SIGNATURE = 0x06064b50,
  WIDE_END_LENGTH = 56,
  LOCATOR_SIGNATURE = 0x07064b50,
  LOCATOR_LENGTH = 20,
  WIDE_EXTRA = 0x0001,
  FLAG_ENCRYPTED = 1 << 0,
  FLAG_DESCRIPTOR = 1 << 3, /* lengths follow the data; the entry's own header may lack them */
};

struct _AttuneTorchArchive {
  const guint8 *bytes;
  gsize length;
  gsize directory;       /* where it begins; records end before */
  gsize directory_length;
  guint64 n_entries;
  GArray *records;       /* AttuneTorchRecord, by name */
  GArray *extents;       /* Extent */
};

/* The bytes one entry takes, its own header included. */
typedef struct {
  gsize start;
  gsize end;
} Extent;

typedef struct {
  guint16 flags;
  guint16 method;
  guint32 checksum;
  guint64 packed;
  guint64 length;
  guint64 offset;
  const guint8 *name;
  gsize name_length;
} Entry;

static guint16
get16 (const guint8 *p)
{
  return (guint16) (p[0] | p[1] << 8);
}

static guint32
get32 (const guint8 *p)
{
  return get16 (p) | (guint32) get16 (p + 2) << 16;
}

static guint64
get64 (const guint8 *p)
{
  return get32 (p) | (guint64) get32 (p + 4) << 32;
}

static gboolean
damaged (AttuneConvertFault *fault,
         const char         *part)
{
  return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_DAMAGED, "%s", part);
}

/* The last place that can be the end record: its comment reaches the end of the file exactly. */
static gboolean
find_end (const AttuneTorchArchive *self,
          gsize                    *end)
{
  if (self->length < END_LENGTH)
    return FALSE;
  for (gsize comment = 0; comment <= MAX_COMMENT_LENGTH; comment++)
    {
      if (comment > self->length - END_LENGTH)
        return FALSE;
      *end = self->length - END_LENGTH - comment;
      if (get32 (self->bytes + *end) == END_SIGNATURE
          && get16 (self->bytes + *end + 20) == comment)
        return TRUE;
    }
  return FALSE;
}

/* zip64's end record stands before its locator, and that before the old one. Where the old one
 * says something, both must say the same. */
static gboolean
read_wide_end (AttuneTorchArchive  *self,
               gsize               *end,
               AttuneConvertFault  *fault)
{
  const guint8 *old = self->bytes + *end, *locator, *wide;
  guint64 at;

  if (*end < LOCATOR_LENGTH + WIDE_END_LENGTH
      || get32 (old - LOCATOR_LENGTH) != LOCATOR_SIGNATURE)
    return TRUE;

  locator = old - LOCATOR_LENGTH;
  at = get64 (locator + 8);
  if (get32 (locator + 4) != 0 || get32 (locator + 16) != 1
      || at != *end - LOCATOR_LENGTH - WIDE_END_LENGTH)
    return damaged (fault, "end");
  wide = self->bytes + at;
  if (get32 (wide) != WIDE_END_SIGNATURE || get64 (wide + 4) != WIDE_END_LENGTH - 12
      || get32 (wide + 16) != 0 || get32 (wide + 20) != 0 || get64 (wide + 24) != get64 (wide + 32))
    return damaged (fault, "end");
  if ((self->n_entries != G_MAXUINT16 && self->n_entries != get64 (wide + 32))
      || (self->directory_length != G_MAXUINT32 && self->directory_length != get64 (wide + 40))
      || (self->directory != G_MAXUINT32 && self->directory != get64 (wide + 48)))
    return damaged (fault, "end");

  self->n_entries = get64 (wide + 32);
  self->directory_length = get64 (wide + 40);
  self->directory = get64 (wide + 48);
  *end = at;
  return TRUE;
}

static gboolean
read_end (AttuneTorchArchive  *self,
          AttuneConvertFault  *fault)
{
  const guint8 *p;
  gsize end;

  if (!find_end (self, &end))
    return damaged (fault, "end");
  p = self->bytes + end;
  if (get16 (p + 4) != 0 || get16 (p + 6) != 0 || get16 (p + 8) != get16 (p + 10))
    return damaged (fault, "end");
  self->n_entries = get16 (p + 10);
  self->directory_length = get32 (p + 12);
  self->directory = get32 (p + 16);
  if (!read_wide_end (self, &end, fault))
    return FALSE;

  if (self->directory_length > end || self->directory != end - self->directory_length
      || self->n_entries > self->directory_length / ENTRY_LENGTH)
    return damaged (fault, "directory");
  if (self->n_entries > MAX_ENTRIES)
    return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_TOO_LARGE, "records");
  return TRUE;
}

/* Lengths that do not fit 32 bits stand in an extra field, in a fixed order. */
static gboolean
read_wide_extra (Entry        *entry,
                 const guint8 *extra,
                 gsize         length)
{
  guint64 *wanted[] = { &entry->length, &entry->packed, &entry->offset };
  gboolean found = FALSE;

  while (length >= 4)
    {
      gsize size = get16 (extra + 2);

      if (size > length - 4)
        return FALSE;
      if (get16 (extra) == WIDE_EXTRA)
        {
          const guint8 *p = extra + 4;

          if (found)
            return FALSE;
          found = TRUE;
          for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
            if (*wanted[i] == G_MAXUINT32)
              {
                if ((gsize) (extra + 4 + size - p) < 8)
                  return FALSE;
                *wanted[i] = get64 (p);
                p += 8;
              }
        }
      extra += 4 + size;
      length -= 4 + size;
    }
  return length == 0;
}

static gboolean
read_entry (const AttuneTorchArchive *self,
            gsize                    *at,
            Entry                    *entry)
{
  const guint8 *p = self->bytes + *at;
  gsize left = self->directory + self->directory_length - *at;
  gsize name, extra, comment;

  if (left < ENTRY_LENGTH || get32 (p) != ENTRY_SIGNATURE)
    return FALSE;
  name = get16 (p + 28);
  extra = get16 (p + 30);
  comment = get16 (p + 32);
  if (name + extra + comment > left - ENTRY_LENGTH || get16 (p + 34) != 0)
    return FALSE;

  *entry = (Entry) {
    .flags = get16 (p + 8),
    .method = get16 (p + 10),
    .checksum = get32 (p + 16),
    .packed = get32 (p + 20),
    .length = get32 (p + 24),
    .offset = get32 (p + 42),
    .name = p + ENTRY_LENGTH,
    .name_length = name,
  };
  *at += ENTRY_LENGTH + name + extra + comment;
  return read_wide_extra (entry, p + ENTRY_LENGTH + name, extra);
}

/* Names go nowhere on disk; whoever writes ".." all the same does not mean well. */
static gboolean
check_name (const Entry        *entry,
            AttuneConvertFault *fault)
{
  const char *name = (const char *) entry->name, *end = name + entry->name_length;
  gboolean ok = entry->name_length > 0 && entry->name_length <= MAX_NAME_LENGTH && *name != '/'
                && g_utf8_validate (name, (gssize) entry->name_length, NULL)
                && memchr (name, '\\', entry->name_length) == NULL;

  for (const char *part = name; ok && part < end;)
    {
      const char *slash = memchr (part, '/', (gsize) (end - part));
      gsize length = (gsize) ((slash != NULL ? slash : end) - part);

      ok = length > 0 && !(length == 1 && part[0] == '.')
           && !(length == 2 && part[0] == '.' && part[1] == '.');
      part += length + 1;
    }
  return ok ? TRUE
            : attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_ENTRY_NAME, "%.*s",
                                        (int) MIN (entry->name_length, 200), name);
}

static gboolean
entry_fault (AttuneConvertFault     *fault,
             AttuneConvertFaultCode  code,
             const Entry            *entry)
{
  return attune_convert_fault_set (fault, code, "%.*s", (int) MIN (entry->name_length, 200),
                                   (const char *) entry->name);
}

/* The entry's own header must tell the same story as the directory. */
static gboolean
find_data (const AttuneTorchArchive *self,
           const Entry              *entry,
           Extent                   *extent,
           const guint8            **data)
{
  const guint8 *p;
  gsize left, head;

  if (self->directory < LOCAL_LENGTH || entry->offset > self->directory - LOCAL_LENGTH)
    return FALSE;
  p = self->bytes + entry->offset;
  left = self->directory - entry->offset;
  head = LOCAL_LENGTH + (gsize) get16 (p + 26) + get16 (p + 28);
  if (get32 (p) != LOCAL_SIGNATURE || head > left || entry->length > left - head
      || get16 (p + 8) != entry->method || get16 (p + 6) != entry->flags
      || get16 (p + 26) != entry->name_length
      || memcmp (p + LOCAL_LENGTH, entry->name, entry->name_length) != 0)
    return FALSE;
  if (!(entry->flags & FLAG_DESCRIPTOR)
      && ((get32 (p + 22) != G_MAXUINT32 && get32 (p + 22) != entry->length)
          || (get32 (p + 18) != G_MAXUINT32 && get32 (p + 18) != entry->length)))
    return FALSE;

  *data = p + head;
  *extent = (Extent) { entry->offset, entry->offset + head + entry->length };
  return TRUE;
}

/* TorchScript compresses its code, and nothing else. */
static gboolean
is_program (const Entry *entry,
            gsize        prefix)
{
  return entry->name_length > prefix + 5 && memcmp (entry->name + prefix, "code/", 5) == 0;
}

static gboolean
add_record (AttuneTorchArchive  *self,
            const Entry         *entry,
            gsize                prefix,
            AttuneConvertFault  *fault)
{
  AttuneTorchRecord record = { 0 };
  Extent extent;

  if (entry->flags & FLAG_ENCRYPTED || entry->method != 0 || entry->packed != entry->length)
    return entry_fault (fault,
                        is_program (entry, prefix) ? ATTUNE_CONVERT_FAULT_TORCHSCRIPT
                                                   : ATTUNE_CONVERT_FAULT_COMPRESSED,
                        entry);
  if (!find_data (self, entry, &extent, &record.data))
    return entry_fault (fault, ATTUNE_CONVERT_FAULT_DAMAGED, entry);

  record.name = (const char *) entry->name + prefix;
  record.name_length = entry->name_length - prefix;
  record.length = entry->length;
  record.checksum = entry->checksum;
  g_array_append_val (self->records, record);
  g_array_append_val (self->extents, extent);
  return TRUE;
}

static int
compare_names (const char *a,
               gsize       a_length,
               const char *b,
               gsize       b_length)
{
  int order = memcmp (a, b, MIN (a_length, b_length));

  return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

static int
compare_records (gconstpointer a,
                 gconstpointer b)
{
  const AttuneTorchRecord *x = a, *y = b;

  return compare_names (x->name, x->name_length, y->name, y->name_length);
}

static int
compare_extents (gconstpointer a,
                 gconstpointer b)
{
  const Extent *x = a, *y = b;

  return (x->start > y->start) - (x->start < y->start);
}

/* No two records have one name, and no byte belongs to two. */
static gboolean
check_apart (AttuneTorchArchive  *self,
             AttuneConvertFault  *fault)
{
  g_array_sort (self->records, compare_records);
  g_array_sort (self->extents, compare_extents);
  for (guint i = 1; i < self->records->len; i++)
    {
      const AttuneTorchRecord *record = &g_array_index (self->records, AttuneTorchRecord, i);
      const Extent *extent = &g_array_index (self->extents, Extent, i);

      if (compare_records (record - 1, record) == 0)
        return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_ENTRY_REPEATED, "%.*s",
                                         (int) MIN (record->name_length, 200), record->name);
      if (extent[-1].end > extent->start)
        return damaged (fault, "overlap");
    }
  return TRUE;
}

/* Only once no byte can be asked for twice: a small file must not make for much work. */
static gboolean
check_sums (const AttuneTorchArchive *self,
            AttuneConvertFault       *fault)
{
  for (guint i = 0; i < self->records->len; i++)
    {
      const AttuneTorchRecord *record = &g_array_index (self->records, AttuneTorchRecord, i);

      if (crc32_z (crc32_z (0, NULL, 0), record->data, record->length) != record->checksum)
        return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_CHECKSUM, "%.*s",
                                         (int) MIN (record->name_length, 200), record->name);
    }
  return TRUE;
}

static gboolean
read_directory (AttuneTorchArchive  *self,
                AttuneConvertFault  *fault)
{
  const guint8 *folder = NULL;
  gsize at = self->directory, prefix = 0;

  for (guint64 i = 0; i < self->n_entries; i++)
    {
      Entry entry;

      if (!read_entry (self, &at, &entry))
        return damaged (fault, "directory");
      if (!check_name (&entry, fault))
        return FALSE;
      if (folder == NULL)
        {
          const guint8 *slash = memchr (entry.name, '/', entry.name_length);

          folder = entry.name;
          prefix = slash != NULL ? (gsize) (slash - folder) + 1 : 0;
        }
      if (prefix == 0 || entry.name_length <= prefix || memcmp (entry.name, folder, prefix) != 0)
        return entry_fault (fault, ATTUNE_CONVERT_FAULT_ENTRY_NAME, &entry);
      if (!add_record (self, &entry, prefix, fault))
        return FALSE;
    }
  if (at != self->directory + self->directory_length)
    return damaged (fault, "directory");
  return check_apart (self, fault) && check_sums (self, fault);
}

/**
 * attune_torch_archive_new:
 * @bytes: (array length=length): kept by the caller as long as the archive
 *
 * Returns: (transfer full) (nullable): the archive, whole and with every checksum right
 */
AttuneTorchArchive *
attune_torch_archive_new (const guint8       *bytes,
                          gsize               length,
                          AttuneConvertFault *fault)
{
  g_autoptr (AttuneTorchArchive) self = g_new0 (AttuneTorchArchive, 1);

  self->bytes = bytes;
  self->length = length;
  self->records = g_array_new (FALSE, FALSE, sizeof (AttuneTorchRecord));
  self->extents = g_array_new (FALSE, FALSE, sizeof (Extent));

  return read_end (self, fault) && read_directory (self, fault) ? g_steal_pointer (&self) : NULL;
}

/**
 * attune_torch_archive_free:
 * @self: (nullable): nothing is done for %NULL
 */
void
attune_torch_archive_free (AttuneTorchArchive *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->records);
  g_array_unref (self->extents);
  g_free (self);
}

/**
 * attune_torch_archive_lookup:
 * @name: without the archive's folder
 *
 * Returns: (transfer none) (nullable): that record
 */
const AttuneTorchRecord *
attune_torch_archive_lookup (const AttuneTorchArchive *self,
                             const char               *name,
                             gsize                     name_length)
{
  const AttuneTorchRecord wanted = { .name = name, .name_length = name_length };
  guint index;

  return g_array_binary_search (self->records, &wanted, compare_records, &index)
           ? &g_array_index (self->records, AttuneTorchRecord, index)
           : NULL;
}

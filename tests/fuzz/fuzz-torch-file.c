/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a torch file, and, so that checksums are no wall, as the data.pkl of one whose other
 * records are right. What is accepted must lie inside the bytes and can be written.
 */
#include "config.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "attune-torch-file.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
try_file (const guint8 *data,
          gsize         size)
{
  static int sink = -1;
  AttuneConvertFault fault = { 0 };
  g_autoptr (AttuneTorchFile) file = attune_torch_file_new (data, size, &fault);

  g_assert_true ((file == NULL) == (fault.code != ATTUNE_CONVERT_FAULT_NONE));
  g_assert_true (memchr (fault.detail, '\n', strlen (fault.detail)) == NULL);
  if (file == NULL)
    return;

  if (sink < 0)
    sink = open ("/dev/null", O_WRONLY | O_CLOEXEC);
  for (guint i = 0; i < attune_torch_file_get_n_tensors (file); i++)
    {
      const AttuneTorchTensor *tensor = attune_torch_file_get_tensor (file, i);

      g_assert_true (g_utf8_validate (tensor->name, (gssize) tensor->name_length, NULL));
      g_assert_true (tensor->data >= data && tensor->data <= data + size);
    }
  attune_torch_files_write (&file, 1, 4 * size, sink, &fault);
}

static void
put (GByteArray *bytes,
     guint64     value,
     guint       n)
{
  for (guint i = 0; i < n; i++, value >>= 8)
    g_byte_array_append (bytes, &(guint8) { (guint8) value }, 1);
}

/* A zip of two stored entries: the pickle and eight numbers. */
static GByteArray *
wrap (const guint8 *pickle,
      gsize         size)
{
  static const guint8 numbers[32] = { 0, 1, 2, 3 };
  const struct { const char *name; const guint8 *data; gsize size; } entries[] = {
    { "m/data.pkl", pickle, size }, { "m/data/0", numbers, sizeof numbers } };
  GByteArray *zip = g_byte_array_new (), *directory = g_byte_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      guint length = (guint) strlen (entries[i].name), at = zip->len;
      uLong sum = crc32 (0, NULL, 0);

      if (entries[i].size > 0)
        sum = crc32 (sum, entries[i].data, (uInt) entries[i].size);
      for (guint part = 0; part < 2; part++)
        {
          GByteArray *to = part == 0 ? zip : directory;

          put (to, part == 0 ? 0x04034b50 : 0x02014b50, 4);
          put (to, 0, part == 0 ? 10 : 12);
          put (to, sum, 4);
          put (to, entries[i].size, 4);
          put (to, entries[i].size, 4);
          put (to, length, 2);
          put (to, 0, part == 0 ? 2 : 14);
          if (part == 1)
            put (to, at, 4);
          g_byte_array_append (to, (const guint8 *) entries[i].name, length);
        }
      g_byte_array_append (zip, entries[i].data, (guint) entries[i].size);
    }
  put (directory, 0x06054b50, 4);
  put (directory, 0, 4);
  put (directory, 2, 2);
  put (directory, 2, 2);
  put (directory, directory->len - 12, 4);
  put (directory, zip->len, 4);
  put (directory, 0, 2);
  g_byte_array_append (zip, directory->data, directory->len);
  g_byte_array_unref (directory);
  return zip;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (GByteArray) wrapped = NULL;

  try_file (data, size);
  wrapped = wrap (data, size);
  try_file (wrapped->data, wrapped->len);
  return 0;
}

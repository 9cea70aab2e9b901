/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-convert-weights N: turns N torch files, open from descriptor 3 on, into one safetensors
 * file on descriptor 1, and says on descriptor 2 in one line why not. It maps its input, gives up
 * everything else, and only then looks at the first byte. Started by the model store; a person has
 * no use for it.
 */
#define _GNU_SOURCE /* close_range */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attune-confinement.h"
#include "attune-torch-file.h"

#define MAX_FILE_SIZE (G_GUINT64_CONSTANT (1) << 40)
/* For the pickle's values and the libraries; four million opcodes at their most wasteful fit. */
#define MEMORY (G_GUINT64_CONSTANT (1) << 30)
/* What names that share their numbers may make of a file. */
#define GROWTH 4
#define SECONDS 60
#define BYTES_PER_SECOND (20u << 20)

typedef struct {
  const guint8 *bytes;
  gsize length;
} Input;

/* Of which input a fault is; the last thing a process says. */
static int
say (const AttuneConvertFault *fault,
     guint                     input)
{
  char line[sizeof fault->detail + 32];
  int n = snprintf (line, sizeof line, "%d %u %s\n", (int) fault->code, input, fault->detail);

  return write (ATTUNE_CONVERT_MESSAGES, line, (gsize) n) == n ? 1 : 2;
}

static gboolean
map_input (int                 fd,
           Input              *input,
           AttuneConvertFault *fault)
{
  struct stat info;

  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_USAGE, "%d", fd);
  if (info.st_size == 0)
    return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_FORMAT, " ");
  if ((guint64) info.st_size > MAX_FILE_SIZE)
    return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_TOO_LARGE, "bytes");

  input->length = (gsize) info.st_size;
  input->bytes = mmap (NULL, input->length, PROT_READ, MAP_PRIVATE, fd, 0);
  if (input->bytes == MAP_FAILED)
    return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_TOO_LARGE, "bytes");
  return TRUE;
}

static gboolean
convert (const Input        *inputs,
         guint               n_inputs,
         guint64             limit,
         guint              *at,
         AttuneConvertFault *fault)
{
  AttuneTorchFile *files[ATTUNE_CONVERT_MAX_INPUTS];

  for (*at = 0; *at < n_inputs; ++*at)
    {
      files[*at] = attune_torch_file_new (inputs[*at].bytes, inputs[*at].length, fault);
      if (files[*at] == NULL)
        return FALSE;
    }
  *at = 0;
  return attune_torch_files_write (files, n_inputs, limit, ATTUNE_CONVERT_OUTPUT, fault);
}

int
main (int    argc,
      char **argv)
{
  AttuneConvertFault fault = { 0 };
  Input inputs[ATTUNE_CONVERT_MAX_INPUTS];
  guint64 n_inputs, total = 0;
  guint at;

  if (argc != 2
      || !g_ascii_string_to_unsigned (argv[1], 10, 1, ATTUNE_CONVERT_MAX_INPUTS, &n_inputs, NULL))
    {
      attune_convert_fault_set (&fault, ATTUNE_CONVERT_FAULT_USAGE, "%d", argc);
      return say (&fault, 0);
    }
  for (at = 0; at < n_inputs; at++)
    {
      if (!map_input (ATTUNE_CONVERT_FIRST_INPUT + (int) at, &inputs[at], &fault))
        return say (&fault, at);
      total += inputs[at].length;
    }

  close (STDIN_FILENO);
  if (close_range (ATTUNE_CONVERT_FIRST_INPUT, ~0u, 0) != 0)
    {
      attune_convert_fault_set (&fault, ATTUNE_CONVERT_FAULT_CONFINEMENT, "close_range: %s",
                                g_strerror (errno));
      return say (&fault, 0);
    }
  if (!attune_confine (&(AttuneConfinement) { .memory = total + MEMORY,
                                              .file_size = (GROWTH + 1) * total + MEMORY,
                                              .seconds = SECONDS + total / BYTES_PER_SECOND },
                       &fault)
      || !convert (inputs, (guint) n_inputs, GROWTH * total, &at, &fault))
    return say (&fault, at < n_inputs ? at : 0);

  _exit (0);
}

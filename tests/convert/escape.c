/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The converter's cage around somebody who wants out: confines itself exactly as the converter does
 * and then tries what the argument says. Prints "out" on its messages where it got away with it.
 */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attune-confinement.h"

#define MEGABYTE ((gsize) 1 << 20)

static long
try (const char *what)
{
  char byte = 0;

  if (strcmp (what, "open") == 0)
    return syscall (SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
  if (strcmp (what, "create") == 0)
    return syscall (SYS_openat, AT_FDCWD, "escaped", O_WRONLY | O_CREAT, 0666);
  if (strcmp (what, "socket") == 0)
    return syscall (SYS_socket, AF_INET, SOCK_STREAM, 0);
  if (strcmp (what, "unix-socket") == 0)
    return syscall (SYS_socket, AF_UNIX, SOCK_STREAM, 0);
  if (strcmp (what, "fork") == 0)
    return syscall (SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (strcmp (what, "exec") == 0)
    return syscall (SYS_execve, "/bin/true", NULL, NULL);
  if (strcmp (what, "kill") == 0)
    return syscall (SYS_kill, getppid (), 0);
  if (strcmp (what, "ptrace") == 0)
    return syscall (SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
  if (strcmp (what, "read") == 0)
    return syscall (SYS_read, STDIN_FILENO, &byte, 1);
  if (strcmp (what, "write-elsewhere") == 0)
    return syscall (SYS_write, STDIN_FILENO, &byte, 1);
  if (strcmp (what, "unlink") == 0)
    return syscall (SYS_unlinkat, AT_FDCWD, "escaped", 0);
  if (strcmp (what, "map-file") == 0)
    return syscall (SYS_mmap, NULL, 4096, PROT_READ, MAP_PRIVATE, ATTUNE_CONVERT_OUTPUT, 0);
  if (strcmp (what, "map-code") == 0)
    return syscall (SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (strcmp (what, "make-code") == 0)
    return syscall (SYS_mprotect, NULL, 0, PROT_READ | PROT_EXEC);
  if (strcmp (what, "unconfine") == 0)
    return syscall (SYS_prctl, 0, 0, 0, 0, 0);
  return -1;
}

/* What is not ended but kept within limits: these end by themselves where the limit holds. */
static int
exceed (const char *what)
{
  if (strcmp (what, "memory") == 0)
    return malloc (4096 * MEGABYTE) == NULL ? 0 : 3;
  if (strcmp (what, "file") == 0)
    {
      static char zeros[MEGABYTE];
      gssize n = 0;

      for (guint i = 0; i < 8 && n >= 0; i++)
        n = write (ATTUNE_CONVERT_OUTPUT, zeros, sizeof zeros);
      return n < 0 ? 0 : 3;
    }
  if (strcmp (what, "nothing") == 0)
    {
      void *memory = malloc (64 * MEGABYTE); /* by mmap() */

      memset (memory, 1, 64 * MEGABYTE);
      free (memory);
      return write (ATTUNE_CONVERT_OUTPUT, "written", 7) == 7 ? 0 : 3;
    }
  if (strcmp (what, "orphan") == 0 && write (ATTUNE_CONVERT_MESSAGES, "ready", 5) != 5)
    return 3;
  if (strcmp (what, "time") == 0 || strcmp (what, "orphan") == 0)
    for (;;)
      continue;
  return -1;
}

int
main (int    argc,
      char **argv)
{
  AttuneConvertFault fault = { 0 };
  AttuneConfinement limits = { 2048 * MEGABYTE, 4 * MEGABYTE, 1 };
  int status;

  if (argc == 2 && strcmp (argv[1], "orphan") == 0)
    limits.seconds = 300;
  if (argc != 2 || !attune_confine (&limits, &fault))
    return 4;
  status = exceed (argv[1]);
  if (status >= 0)
    _exit (status);
  try (argv[1]);
  if (write (ATTUNE_CONVERT_MESSAGES, "out", 3) < 0)
    _exit (5);
  _exit (0);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * denied CALL PROGRAM ARGUMENT…: a system that does not grant one of the things the converter is
 * confined with, as an old kernel or another cage around it would not; the program runs in it.
 */
#include "config.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <glib.h>

static const struct {
  const char *name;
  guint call;
  guint argument; /* which one */
  guint value;    /* that is not granted */
} calls[] = {
  { "seccomp", SYS_prctl, 0, PR_SET_SECCOMP },
  { "no-new-privs", SYS_prctl, 0, PR_SET_NO_NEW_PRIVS },
  { "dumpable", SYS_prctl, 0, PR_SET_DUMPABLE },
  { "memory", SYS_prlimit64, 1, RLIMIT_AS },
  { "close-range", SYS_close_range, 0, STDERR_FILENO + 1 },
};

static gboolean
deny (guint i)
{
  struct sock_filter steps[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, calls[i].call, 0, 3),
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS,
              offsetof (struct seccomp_data, args) + 8 * calls[i].argument),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, calls[i].value, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const struct sock_fprog program = { G_N_ELEMENTS (steps), steps };

  return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
         && prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

int
main (int    argc,
      char **argv)
{
  for (guint i = 0; argc > 2 && i < G_N_ELEMENTS (calls); i++)
    if (strcmp (argv[1], calls[i].name) == 0 && deny (i))
      execv (argv[2], argv + 2);

  return 77;
}

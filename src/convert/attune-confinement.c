/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The cage: limits on memory, time, processes and files, and a filter of system calls that the
 * kernel ends the process for leaving (seccomp, with a program of the Berkeley Packet Filter). Left
 * are writing to the output and to the messages, memory that cannot be run, and ending. Reading is
 * not among them: what is to be read is mapped before. Whoever waits for the result must be the
 * thread that started the process: its end is the end of both. Linux on x86-64, AArch64 and RISC-V.
 */
#include "config.h"

#include "attune-confinement.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#if defined (__x86_64__) && !defined (__ILP32__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined (__aarch64__) && G_BYTE_ORDER == G_LITTLE_ENDIAN
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined (__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#endif

/* The lower half of an argument, which is all that a descriptor or a set of flags takes. */
#define ARGUMENT(n) (offsetof (struct seccomp_data, args) + 8 * (n))

#define LOAD(offset) BPF_STMT (BPF_LD | BPF_W | BPF_ABS, (offset))
#define ANSWER(what) BPF_STMT (BPF_RET | BPF_K, (what))
#define SKIP_UNLESS(value, n) BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (n))
#define SKIP_IF(value, n) BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, (value), (n), 0)
#define SKIP_IF_ANY(bits, n) BPF_JUMP (BPF_JMP | BPF_JSET | BPF_K, (bits), (n), 0)
#define SKIP_UNLESS_ANY(bits, n) BPF_JUMP (BPF_JMP | BPF_JSET | BPF_K, (bits), 0, (n))
#define ALLOW ANSWER (SECCOMP_RET_ALLOW)
#define END ANSWER (SECCOMP_RET_KILL_PROCESS)
#define ALLOW_CALL(number) SKIP_UNLESS (number, 1), ALLOW

#ifdef ARCHITECTURE
static const struct sock_filter allowed[] = {
  LOAD (offsetof (struct seccomp_data, arch)),
  SKIP_IF (ARCHITECTURE, 1),
  END,
  LOAD (offsetof (struct seccomp_data, nr)),

  ALLOW_CALL (SYS_brk),
  ALLOW_CALL (SYS_munmap),
  ALLOW_CALL (SYS_mremap),
  ALLOW_CALL (SYS_madvise),
  ALLOW_CALL (SYS_exit),
  ALLOW_CALL (SYS_exit_group),
  ALLOW_CALL (SYS_rt_sigreturn),

  /* write() to what was handed over. */
  SKIP_UNLESS (SYS_write, 5),
  LOAD (ARGUMENT (0)),
  SKIP_IF (ATTUNE_CONVERT_OUTPUT, 2),
  SKIP_IF (ATTUNE_CONVERT_MESSAGES, 1),
  END,
  ALLOW,

  /* mmap() of memory that no file lies behind and that cannot be run. */
  SKIP_UNLESS (SYS_mmap, 6),
  LOAD (ARGUMENT (2)),
  SKIP_IF_ANY (PROT_EXEC, 3),
  LOAD (ARGUMENT (3)),
  SKIP_UNLESS_ANY (MAP_ANONYMOUS, 1),
  ALLOW,
  END,

  /* mprotect(), as malloc() uses it. */
  SKIP_UNLESS (SYS_mprotect, 3),
  LOAD (ARGUMENT (2)),
  SKIP_IF_ANY (PROT_EXEC, 1),
  ALLOW,
  END,
};
#endif

static gboolean
refused (AttuneConvertFault *fault,
         const char         *what)
{
  return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_CONFINEMENT, "%s: %s", what,
                                   g_strerror (errno));
}

static gboolean
limit (int                 resource,
       guint64             value,
       const char         *name,
       AttuneConvertFault *fault)
{
  struct rlimit now;

  if (getrlimit (resource, &now) != 0)
    return refused (fault, name);
  /* What was allowed less stays so. */
  now.rlim_cur = now.rlim_max = MIN ((rlim_t) value, now.rlim_max);
  return setrlimit (resource, &now) == 0 || refused (fault, name);
}

/**
 * attune_confine:
 * @fault: says what the system did not grant; a caller must not go on then
 *
 * From here on the process can compute, write to %ATTUNE_CONVERT_OUTPUT and
 * %ATTUNE_CONVERT_MESSAGES, and end. There is no way back.
 *
 * Returns: whether all of it holds
 */
gboolean
attune_confine (const AttuneConfinement *limits,
                AttuneConvertFault      *fault)
{
#ifdef ARCHITECTURE
  const struct sock_fprog program = { G_N_ELEMENTS (allowed), (struct sock_filter *) allowed };

  /* A file that grew too long is then an error to be named, not a death. */
  signal (SIGXFSZ, SIG_IGN);
  if (!limit (RLIMIT_CORE, 0, "RLIMIT_CORE", fault)
      || !limit (RLIMIT_NOFILE, 0, "RLIMIT_NOFILE", fault)
      || !limit (RLIMIT_NPROC, 0, "RLIMIT_NPROC", fault)
      || !limit (RLIMIT_FSIZE, limits->file_size, "RLIMIT_FSIZE", fault)
      || !limit (RLIMIT_CPU, limits->seconds, "RLIMIT_CPU", fault)
      || !limit (RLIMIT_AS, limits->memory, "RLIMIT_AS", fault))
    return FALSE;
  /* Who waits for the result is gone: so is this. */
  if (prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
    return refused (fault, "PR_SET_PDEATHSIG");
  if (prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    return refused (fault, "PR_SET_DUMPABLE");
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return refused (fault, "PR_SET_NO_NEW_PRIVS");
  if (prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0)
    return refused (fault, "seccomp");
  return TRUE;
#else
  return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_CONFINEMENT, "seccomp");
#endif
}

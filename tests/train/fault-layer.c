/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stands before the C library's own functions of these names, for the program and for the libraries
 * it loads.
 */
#define _GNU_SOURCE
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault-layer.h"

static struct {
  char folder[4096];
  FaultKind kind;
  guint nth;
  int number;
  gint armed;  /* atomic, as is the next */
  gint n_calls;
} layer;

void
fault_layer_arm (const char *folder,
                 FaultKind   kind,
                 guint       nth,
                 int         number)
{
  g_strlcpy (layer.folder, folder, sizeof layer.folder);
  layer.kind = kind;
  layer.nth = nth;
  layer.number = number;
  g_atomic_int_set (&layer.n_calls, 0);
  g_atomic_int_set (&layer.armed, TRUE);
}

guint
fault_layer_disarm (void)
{
  g_atomic_int_set (&layer.armed, FALSE);
  return (guint) g_atomic_int_get (&layer.n_calls);
}

#define REAL(name) ((__typeof__ (&name)) dlsym (RTLD_NEXT, #name))

static gboolean
is_inside (const char *path)
{
  return path != NULL && strncmp (path, layer.folder, strlen (layer.folder)) == 0;
}

static gboolean
is_inside_fd (int fd)
{
  char link[64], path[4096];
  ssize_t length;

  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  length = readlink (link, path, sizeof path - 1);
  if (length <= 0)
    return FALSE;
  path[length] = '\0';
  return is_inside (path);
}

/* Counts a call. TRUE: it must fail, errno is set. *kill_now: it is to be the last. */
static gboolean
strikes (gboolean *kill_now)
{
  guint n = (guint) g_atomic_int_add (&layer.n_calls, 1) + 1;

  *kill_now = FALSE;
  if (layer.kind == FAULT_NONE || n < layer.nth || (layer.kind != FAULT_FROM_ON && n > layer.nth))
    return FALSE;
  if (layer.kind == FAULT_KILL)
    {
      *kill_now = TRUE;
      return FALSE;
    }
  errno = layer.number;
  return TRUE;
}

/* Of a call that is done wholly or not at all: not at all. */
static gboolean
stops (gboolean inside)
{
  gboolean kill_now, fails;

  if (!inside)
    return FALSE;
  fails = strikes (&kill_now);
  if (kill_now)
    raise (SIGKILL);
  return fails;
}

ssize_t
write (int         fd,
       const void *data,
       size_t      length)
{
  gboolean kill_now, fails;

  if (!g_atomic_int_get (&layer.armed) || !is_inside_fd (fd))
    return REAL (write) (fd, data, length);
  fails = strikes (&kill_now);
  if (kill_now)
    {
      if (REAL (write) (fd, data, length / 2) < 0)
        _exit (1);
      raise (SIGKILL);
    }
  return fails ? -1 : REAL (write) (fd, data, length);
}

int
fsync (int fd)
{
  return g_atomic_int_get (&layer.armed) && stops (is_inside_fd (fd)) ? -1 : REAL (fsync) (fd);
}

int
fdatasync (int fd)
{
  return g_atomic_int_get (&layer.armed) && stops (is_inside_fd (fd)) ? -1 : REAL (fdatasync) (fd);
}

int
rename (const char *from,
        const char *to)
{
  return g_atomic_int_get (&layer.armed) && stops (is_inside (to)) ? -1 : REAL (rename) (from, to);
}

int
renameat2 (int           from_folder,
           const char   *from,
           int           to_folder,
           const char   *to,
           unsigned int  flags)
{
  return g_atomic_int_get (&layer.armed) && stops (is_inside (to))
           ? -1
           : REAL (renameat2) (from_folder, from, to_folder, to, flags);
}

int
mkdir (const char *path,
       mode_t      mode)
{
  return g_atomic_int_get (&layer.armed) && stops (is_inside (path)) ? -1
                                                                      : REAL (mkdir) (path, mode);
}

/* A disk that takes nothing any more still gives room back, so these are killed in, not refused. */
int
unlink (const char *path)
{
  if (g_atomic_int_get (&layer.armed) && layer.kind == FAULT_KILL)
    stops (is_inside (path));
  return REAL (unlink) (path);
}

int
rmdir (const char *path)
{
  if (g_atomic_int_get (&layer.armed) && layer.kind == FAULT_KILL)
    stops (is_inside (path));
  return REAL (rmdir) (path);
}

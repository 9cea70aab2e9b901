/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whoever tries to leave the cage is ended by the kernel, and limits hold; where there is no such
 * cage to be had, nothing is read. Arguments are the program that tries and the one that denies.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gstdio.h>

#include "attune-confinement.h"
#include "attune-convert-fault.h"

static const char *escape, *denied;

/* Runs the program with a file as its output; out: whether it said that it got away. */
static int
run (const char *what,
     gboolean   *out,
     char      **written)
{
  const char *const argv[] = { escape, what, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *messages = NULL;
  int fd = g_file_open_tmp ("escape-XXXXXX", &path, &error);
  int pipe_fds[2], status;
  char said[16] = "";
  GPid pid;

  g_assert_no_error (error);
  g_assert_true (g_unix_open_pipe (pipe_fds, O_CLOEXEC, &error));
  g_spawn_async_with_pipes_and_fds (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, -1, fd,
                                    pipe_fds[1], NULL, NULL, 0, &pid, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  close (pipe_fds[1]);
  *out = read (pipe_fds[0], said, sizeof said - 1) > 0 && strcmp (said, "out") == 0;
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  close (pipe_fds[0]);
  close (fd);
  if (written != NULL)
    g_assert_true (g_file_get_contents (path, written, NULL, NULL));
  g_unlink (path);
  return status;
}

static void
test_escape (gconstpointer what)
{
  gboolean out;
  int status = run (what, &out, NULL);

  g_assert_false (out);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGSYS);
}

static void
test_limit (gconstpointer what)
{
  gboolean out;
  int status = run (what, &out, NULL);

  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

static void
test_time (void)
{
  gboolean out;
  int status = run ("time", &out, NULL);

  g_assert_true (WIFSIGNALED (status));
  g_assert_true (WTERMSIG (status) == SIGKILL || WTERMSIG (status) == SIGXCPU);
}

/* Starts one that works for ever, tells its number once it does, and is gone. */
static void
leave_behind (int tell)
{
  const char *const argv[] = { escape, "orphan", NULL };
  int pipe_fds[2];
  char ready[5];
  GPid pid;

  if (!g_unix_open_pipe (pipe_fds, O_CLOEXEC, NULL)
      || !g_spawn_async_with_pipes_and_fds (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                            -1, -1, pipe_fds[1], NULL, NULL, 0, &pid, NULL, NULL,
                                            NULL, NULL)
      || read (pipe_fds[0], ready, sizeof ready) != sizeof ready
      || write (tell, &pid, sizeof pid) != sizeof pid)
    _exit (1);
  _exit (0);
}

/* Whoever waits for the weights is gone, and so is who makes them: not only when an hour of work on
 * a large file is over. */
static void
test_orphan (void)
{
  int pipe_fds[2], status;
  GPid parent, orphan;

  /* The orphan's end is told to this process. */
  g_assert_cmpint (prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), ==, 0);
  g_assert_true (g_unix_open_pipe (pipe_fds, O_CLOEXEC, NULL));
  parent = fork ();
  g_assert_cmpint (parent, >=, 0);
  if (parent == 0)
    leave_behind (pipe_fds[1]);
  close (pipe_fds[1]);
  g_assert_cmpint (read (pipe_fds[0], &orphan, sizeof orphan), ==, sizeof orphan);
  close (pipe_fds[0]);
  g_assert_cmpint (waitpid (parent, &status, 0), ==, parent);
  g_assert_cmpint (waitpid (orphan, &status, 0), ==, orphan);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGKILL);
}

/* What the converter lives on is there. */
static void
test_work (void)
{
  g_autofree char *written = NULL;
  gboolean out;
  int status = run ("nothing", &out, &written);

  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  g_assert_cmpstr (written, ==, "written");
}

/* The converter in a system that lacks one of the things it is confined with: it says so, and has
 * not looked at what would be no torch file. */
static void
test_denied (gconstpointer what)
{
  g_autofree char *converter = g_build_filename (g_getenv ("ATTUNE_LIBEXEC_DIR"),
                                                 "attune-convert-weights", NULL);
  const char *const argv[] = { denied, what, converter, "1", NULL };
  g_autofree char *expected = g_strdup_printf ("%d 0 ", ATTUNE_CONVERT_FAULT_CONFINEMENT);
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  int fd = g_file_open_tmp ("denied-XXXXXX", &path, &error), first = ATTUNE_CONVERT_FIRST_INPUT;
  int pipe_fds[2], status;
  char said[256] = "";
  GPid pid;

  g_assert_no_error (error);
  g_assert_cmpint (write (fd, "no torch file", 13), ==, 13);
  g_assert_true (g_unix_open_pipe (pipe_fds, O_CLOEXEC, &error));
  g_spawn_async_with_pipes_and_fds (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, -1, -1,
                                    pipe_fds[1], &fd, &first, 1, &pid, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  close (pipe_fds[1]);
  g_assert_cmpint (read (pipe_fds[0], said, sizeof said - 1), >, 0);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  close (pipe_fds[0]);
  close (fd);
  g_unlink (path);
  g_test_message ("%s", said);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 1);
  g_assert_true (g_str_has_prefix (said, expected));
  g_assert_nonnull (strstr (said, g_strerror (EPERM)));
}

int
main (int    argc,
      char **argv)
{
  static const char *const escapes[] = { "open", "create", "socket", "unix-socket", "fork", "exec",
                                         "kill", "ptrace", "read", "write-elsewhere", "unlink",
                                         "map-file", "map-code", "make-code", "unconfine" };
  static const char *const denials[] = { "seccomp", "no-new-privs", "dumpable", "memory",
                                         "close-range" };

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 3);
  escape = argv[1];
  denied = argv[2];
  for (guint i = 0; i < G_N_ELEMENTS (escapes); i++)
    {
      g_autofree char *path = g_strconcat ("/confinement/escape/", escapes[i], NULL);

      g_test_add_data_func (path, escapes[i], test_escape);
    }
  for (guint i = 0; i < G_N_ELEMENTS (denials); i++)
    {
      g_autofree char *path = g_strconcat ("/confinement/denied/", denials[i], NULL);

      g_test_add_data_func (path, denials[i], test_denied);
    }
  g_test_add_data_func ("/confinement/limit/memory", "memory", test_limit);
  g_test_add_data_func ("/confinement/limit/file", "file", test_limit);
  g_test_add_func ("/confinement/limit/time", test_time);
  g_test_add_func ("/confinement/orphan", test_orphan);
  g_test_add_func ("/confinement/work", test_work);
  return g_test_run ();
}

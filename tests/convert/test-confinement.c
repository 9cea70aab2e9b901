/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whoever tries to leave the cage is ended by the kernel, and limits hold. The argument is the
 * program that tries.
 */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gstdio.h>

#include "attune-confinement.h"

static const char *escape;

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

int
main (int    argc,
      char **argv)
{
  static const char *const escapes[] = { "open", "create", "socket", "unix-socket", "fork", "exec",
                                         "kill", "ptrace", "read", "write-elsewhere", "unlink",
                                         "map-file", "map-code", "make-code", "unconfine" };

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  escape = argv[1];
  for (guint i = 0; i < G_N_ELEMENTS (escapes); i++)
    {
      g_autofree char *path = g_strconcat ("/confinement/escape/", escapes[i], NULL);

      g_test_add_data_func (path, escapes[i], test_escape);
    }
  g_test_add_data_func ("/confinement/limit/memory", "memory", test_limit);
  g_test_add_data_func ("/confinement/limit/file", "file", test_limit);
  g_test_add_func ("/confinement/limit/time", test_time);
  g_test_add_func ("/confinement/work", test_work);
  return g_test_run ();
}

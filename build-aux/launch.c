/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-launch: stands between a terminal and a program that bwrap runs, so that signals reach
 * the program, the launcher outlives it, and its exit status comes back. bwrap by itself dies of
 * Ctrl-C at once, and what it runs is left alone or killed before it has saved.
 *
 *   attune-launch --announced COMMAND ARGS…   outside: runs COMMAND (bwrap) deaf to signals, and
 *                                             forwards what it gets to the announced process
 *   attune-launch --inside PROGRAM ARGS…      inside: announces itself, hears signals again and
 *                                             becomes PROGRAM
 *   attune-launch COMMAND ARGS…               the same without anything between the two
 *
 * Plain C and linked statically where that is possible: it runs outside of the root it is built in.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Names the pipe's writing end, on which a program announces its process number. */
#define PIPE_VARIABLE "ATTUNE_LAUNCH_PIPE"

/* What timeout(1) and some terminals send twice in a row counts once. */
#define SAME_SIGNAL_MS 200

static const int forwarded[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 };
#define N_FORWARDED (sizeof forwarded / sizeof forwarded[0])

static void
set_forwarded_signals (void (*handler) (int))
{
  for (size_t i = 0; i < N_FORWARDED; i++)
    signal (forwarded[i], handler);
}

static void
become (char **argv)
{
  execvp (argv[0], argv);
  fprintf (stderr, "%s: %s\n", argv[0], strerror (errno));
  _exit (errno == ENOENT ? 127 : 126);
}

static void
run_inside (char **argv)
{
  const char *text = getenv (PIPE_VARIABLE);

  set_forwarded_signals (SIG_DFL);
  if (text != NULL)
    {
      int fd = atoi (text);
      int32_t self = getpid ();

      /* Nobody listening any more is no reason not to run. */
      signal (SIGPIPE, SIG_IGN);
      if (write (fd, &self, sizeof self) != sizeof self)
        fprintf (stderr, "attune-launch: signals will not be passed on: %s\n", strerror (errno));
      signal (SIGPIPE, SIG_DFL);
      close (fd);
      unsetenv (PIPE_VARIABLE);
    }
  become (argv);
}

/* A terminal sends its signals to the whole foreground group, so the program must stay in ours.
 * Without one, a group of its own keeps a signal to our group from reaching it twice. */
static bool
has_terminal (void)
{
  int fd = open ("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

  if (fd < 0)
    return false;
  close (fd);
  return true;
}

static int64_t
now_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C (1000) + now.tv_nsec / 1000000;
}

typedef struct {
  pid_t child;     /* what we started and wait for */
  pid_t program;   /* who gets the signals; 0 before it has announced itself */
  int waiting;     /* a signal that came before that, or 0 */
  int last_signal;
  int64_t last_ms;
} Launch;

static void
forward (Launch *self, const struct signalfd_siginfo *info)
{
  int number = (int) info->ssi_signo;
  int64_t now = now_ms ();

  /* From the terminal driver: the program, in the same group, has it already. */
  if (info->ssi_code == SI_KERNEL && self->program != 0)
    return;
  if (number == self->last_signal && now - self->last_ms < SAME_SIGNAL_MS)
    return;
  self->last_signal = number;
  self->last_ms = now;
  if (self->program != 0)
    kill (self->program, number);
  else
    self->waiting = number;
}

static void
hear_announcement (Launch *self, int fd)
{
  int32_t program;

  if (read (fd, &program, sizeof program) != sizeof program)
    return;
  self->program = program;
  if (self->waiting != 0)
    kill (self->program, self->waiting);
  self->waiting = 0;
}

/* Returns the child's exit status as a shell would give it, -1 while it runs. */
static int
reap (const Launch *self)
{
  int status;

  if (waitpid (self->child, &status, WNOHANG) != self->child)
    return -1;
  return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
}

static int
run_outside (char **argv, bool announced)
{
  Launch self = { 0 };
  sigset_t blocked, before;
  int announcements[2] = { -1, -1 };
  bool own_group = !has_terminal ();
  int signals, status;

  sigemptyset (&blocked);
  sigaddset (&blocked, SIGCHLD);
  for (size_t i = 0; i < N_FORWARDED; i++)
    sigaddset (&blocked, forwarded[i]);
  sigprocmask (SIG_BLOCK, &blocked, &before);
  /* An ignored signal would never arrive: whoever started us in the background may have done so. */
  set_forwarded_signals (SIG_DFL);
  signals = signalfd (-1, &blocked, SFD_CLOEXEC);
  if (signals < 0 || (announced && pipe (announcements) != 0))
    {
      perror ("attune-launch");
      return 126;
    }

  self.child = fork ();
  if (self.child < 0)
    {
      perror ("attune-launch");
      return 126;
    }
  if (self.child == 0)
    {
      if (own_group)
        setpgid (0, 0);
      if (announced)
        {
          char text[16];

          close (announcements[0]);
          snprintf (text, sizeof text, "%d", announcements[1]);
          setenv (PIPE_VARIABLE, text, 1);
          set_forwarded_signals (SIG_IGN);
        }
      sigprocmask (SIG_SETMASK, &before, NULL);
      become (argv);
    }
  if (announced)
    close (announcements[1]);
  else
    self.program = self.child;

  while ((status = reap (&self)) < 0)
    {
      struct pollfd ready[2] = { { signals, POLLIN, 0 }, { announcements[0], POLLIN, 0 } };
      struct signalfd_siginfo info;

      if (poll (ready, announced ? 2 : 1, -1) < 0)
        continue;
      if (announced && ready[1].revents & POLLIN)
        hear_announcement (&self, announcements[0]);
      else if (announced && ready[1].revents & POLLHUP)
        announced = false;
      if (ready[0].revents & POLLIN && read (signals, &info, sizeof info) == sizeof info
          && info.ssi_signo != SIGCHLD)
        forward (&self, &info);
    }
  return status;
}

int
main (int argc, char **argv)
{
  if (argc >= 3 && strcmp (argv[1], "--inside") == 0)
    run_inside (argv + 2);
  if (argc >= 3 && strcmp (argv[1], "--announced") == 0)
    return run_outside (argv + 2, true);
  if (argc >= 2 && argv[1][0] != '-')
    return run_outside (argv + 1, false);
  fprintf (stderr, "Usage: attune-launch [--announced|--inside] COMMAND [ARGS…]\n");
  return 2;
}

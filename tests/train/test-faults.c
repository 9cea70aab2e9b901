/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A disk that fails, and a program that is killed, at each call that changes a file of a run. After
 * each the run goes on, and ends with the weights of a run to which nothing happened. Each try is a
 * process of its own; the fake engine trains.
 */
#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attune-checkpoint.h"
#include "fault-layer.h"
#include "train-fixture.h"

/* Tries at once. */
#define SIDE_BY_SIDE 8

enum { EXIT_FINISHED, EXIT_FAILED = 10, EXIT_REFUSED = 11 };

typedef struct {
  char *root;
  char *straight; /* folder of the run to which nothing happens */
  char *folder;   /* of the others */
} Fixture;

/* In a process of its own: trains in the folder, or goes on with the run there. */
static int
train (const char *folder,
       FaultKind   kind,
       guint       nth,
       int         number,
       guint      *n_calls)
{
  TrainFixture f = { 0 };
  g_autofree char *record = g_build_filename (folder, "run.json", NULL);
  g_autofree char *model = train_fixture_get_model ();
  g_autoptr (GError) error = NULL;
  AttuneTrainJob job = { .model = model, .folder = folder, .title = "A test" };
  int code = EXIT_FINISHED;

  if (!train_fixture_set_up (&f, "", 40))
    return EXIT_REFUSED;
  /* Nothing goes in there, and a process that is killed cannot remove it. */
  g_rmdir (f.root);
  train_fixture_set (&f, "per_device_train_batch_size", "12", "num_train_epochs", "2",
                     "learning_rate", "3e-3", "save_steps", "2", "save_total_limit", "1", NULL);
  job.dataset = f.dataset;
  job.config = f.config;
  job.resume = g_file_test (record, G_FILE_TEST_EXISTS);
  fault_layer_arm (folder, kind, nth, number);
  if (!attune_trainer_start (f.trainer, f.run, &job, &error))
    code = EXIT_REFUSED;
  else if (train_fixture_wait (&f)->type != ATTUNE_EVENT_RUN_FINISHED)
    code = EXIT_FAILED;
  attune_trainer_shutdown (f.trainer);
  *n_calls = fault_layer_disarm ();
  train_fixture_tear_down (&f);
  return code;
}

/* The same, in a child; *n_calls: of one that lived. Returns its status as waitpid() has it. */
static int
train_in_child (const char *folder,
                FaultKind   kind,
                guint       nth,
                int         number,
                guint      *n_calls)
{
  int status = 0, ends[2];
  pid_t child;

  g_assert_cmpint (pipe (ends), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      guint n = 0;
      int code = train (folder, kind, nth, number, &n);

      _exit (write (ends[1], &n, sizeof n) == sizeof n ? code : EXIT_REFUSED);
    }
  close (ends[1]);
  *n_calls = 0;
  if (read (ends[0], n_calls, sizeof *n_calls) < 0)
    g_error ("no answer: %s", g_strerror (errno));
  close (ends[0]);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  return status;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

/* Memory as a disk where there is one, for thousands of fsyncs. */
static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  guint n_calls;

  if (g_getenv ("ATTUNE_FAKE_ENGINE") == NULL)
    return;
  self->root = g_strdup ("/dev/shm/attune-faults-XXXXXX");
  if (g_mkdtemp (self->root) == NULL)
    {
      g_free (self->root);
      self->root = g_dir_make_tmp ("attune-faults-XXXXXX", NULL);
    }
  self->straight = g_build_filename (self->root, "straight", NULL);
  self->folder = g_build_filename (self->root, "run", NULL);
  g_assert_cmpint (train_in_child (self->straight, FAULT_NONE, 0, 0, &n_calls), ==, 0);
  g_assert_cmpuint (n_calls, >, 100);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  if (self->root == NULL)
    return;
  remove_tree (self->root);
  g_free (self->root);
  g_free (self->straight);
  g_free (self->folder);
}

static void
assert_same_file (const char *a,
                  const char *b,
                  const char *name)
{
  g_autofree char *path_a = g_build_filename (a, name, NULL);
  g_autofree char *path_b = g_build_filename (b, name, NULL);
  g_autofree char *contents_a = NULL;
  g_autofree char *contents_b = NULL;
  gsize length_a = 0, length_b = 0;

  g_assert_true (g_file_get_contents (path_a, &contents_a, &length_a, NULL));
  g_assert_true (g_file_get_contents (path_b, &contents_b, &length_b, NULL));
  g_assert_cmpmem (contents_a, length_a, contents_b, length_b);
}

static void
assert_no_temporary (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, ".tmp-"))
      g_error ("%s stays behind in %s", name, folder);
}

/* Whole as the run to which nothing happened; its last checkpoint too, unless one was refused. */
static void
assert_same_end (Fixture  *self,
                 gboolean  with_checkpoint)
{
  g_autoptr (AttuneCheckpoint) expected = attune_checkpoint_find_newest (self->straight, NULL);
  g_autoptr (AttuneCheckpoint) found = attune_checkpoint_find_newest (self->folder, NULL);
  g_autofree char *checkpoints = attune_checkpoint_build_folder (self->folder);

  assert_same_file (self->straight, self->folder, "best/model.safetensors");
  g_assert_nonnull (expected);
  if (with_checkpoint)
    {
      g_assert_nonnull (found);
      g_assert_cmpint (found->step, ==, expected->step);
      assert_same_file (expected->path, found->path, ATTUNE_CHECKPOINT_WEIGHTS);
      assert_same_file (expected->path, found->path, ATTUNE_CHECKPOINT_OPTIMIZER);
    }
  assert_no_temporary (self->folder);
  assert_no_temporary (checkpoints);
}

/* A run that is there must be one that can be opened, whatever happened to it. */
static void
assert_readable (Fixture *self)
{
  g_autofree char *record = g_build_filename (self->folder, "run.json", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneRun) run = NULL;

  if (!g_file_test (record, G_FILE_TEST_EXISTS))
    return;
  run = attune_run_open (self->folder, &error);
  g_assert_no_error (error);
}

/* How a try is made at the nth call: TRUE if there was such a call. */
typedef gboolean (*TryFunc) (Fixture       *self,
                             guint          nth,
                             gconstpointer  data,
                             gboolean      *ended);

static gboolean
try_kill (Fixture       *self,
          guint          nth,
          gconstpointer  data,
          gboolean      *ended)
{
  guint n_calls;
  int status = train_in_child (self->folder, FAULT_KILL, nth, 0, &n_calls);

  *ended = WIFSIGNALED (status);
  if (*ended)
    {
      g_assert_cmpint (WTERMSIG (status), ==, SIGKILL);
      assert_readable (self);
      status = train_in_child (self->folder, FAULT_NONE, 0, 0, &n_calls);
    }
  g_assert_cmpint (status, ==, EXIT_FINISHED);
  assert_same_end (self, TRUE);
  return *ended;
}

/* data: how and with which errno */
typedef struct {
  FaultKind kind;
  int number;
} Refusal;

static gboolean
try_refusal (Fixture       *self,
             guint          nth,
             gconstpointer  data,
             gboolean      *ended)
{
  const Refusal *refusal = data;
  guint n_calls;
  int status = train_in_child (self->folder, refusal->kind, nth, refusal->number, &n_calls);
  gboolean struck = n_calls >= nth;

  g_assert_true (WIFEXITED (status));
  assert_readable (self);
  *ended = WEXITSTATUS (status) != EXIT_FINISHED;
  if (*ended)
    {
      status = train_in_child (self->folder, FAULT_NONE, 0, 0, &n_calls);
      g_assert_cmpint (status, ==, EXIT_FINISHED);
    }
  assert_same_end (self, *ended || !struck);
  return struck;
}

enum { WENT_THROUGH, WAS_STRUCK, WAS_ENDED };

static pid_t
begin_try (Fixture       *self,
           TryFunc        func,
           guint          nth,
           gconstpointer  data)
{
  pid_t child = fork ();
  gboolean struck, ended = FALSE;

  g_assert_cmpint (child, >=, 0);
  if (child > 0)
    return child;
  g_free (self->folder);
  self->folder = g_strdup_printf ("%s/run-%u", self->root, nth);
  struck = func (self, nth, data, &ended);
  remove_tree (self->folder);
  _exit (ended ? WAS_ENDED : struck ? WAS_STRUCK : WENT_THROUGH);
}

/* At the first call, the second and so on, until there is none. Most of a try is waiting, so some
 * are made side by side. Returns how many ended the run. */
static guint
try_each_call (Fixture       *self,
               TryFunc        func,
               gconstpointer  data)
{
  pid_t children[SIDE_BY_SIDE];
  gboolean more = TRUE;
  guint n_ended = 0;

  for (guint nth = 1; more; nth += SIDE_BY_SIDE)
    {
      for (guint i = 0; i < SIDE_BY_SIDE; i++)
        children[i] = begin_try (self, func, nth + i, data);
      for (guint i = 0; i < SIDE_BY_SIDE; i++)
        {
          int status = 0;

          g_assert_cmpint (waitpid (children[i], &status, 0), ==, children[i]);
          if (!WIFEXITED (status))
            g_error ("call %u: see above", nth + i);
          more &= WEXITSTATUS (status) != WENT_THROUGH;
          n_ended += WEXITSTATUS (status) == WAS_ENDED;
        }
    }
  return n_ended;
}

static void
test_killed_at_each_call (Fixture       *self,
                          gconstpointer  data)
{
  guint n;

  if (self->root == NULL)
    return g_test_skip ("needs the fake engine (ATTUNE_FAKE_ENGINE)");
  n = try_each_call (self, try_kill, NULL);
  g_test_message ("killed %u times", n);
  g_assert_cmpuint (n, >, 100);
}

static void
test_refused_at_each_call (Fixture       *self,
                           gconstpointer  data)
{
  guint n;

  if (self->root == NULL)
    return g_test_skip ("needs the fake engine (ATTUNE_FAKE_ENGINE)");
  n = try_each_call (self, try_refusal, data);
  g_test_message ("ended %u runs", n);
  g_assert_cmpuint (n, >, 5);
}

int
main (int   argc,
      char *argv[])
{
  static const Refusal refusals[] = { { FAULT_ONCE, ENOSPC }, { FAULT_ONCE, EIO },
                                      { FAULT_FROM_ON, ENOSPC } };

  g_test_init (&argc, &argv, NULL);
  g_test_add ("/train/faults/killed", Fixture, NULL, set_up, test_killed_at_each_call, tear_down);
  g_test_add ("/train/faults/full-once", Fixture, &refusals[0], set_up, test_refused_at_each_call,
              tear_down);
  g_test_add ("/train/faults/unreadable-once", Fixture, &refusals[1], set_up,
              test_refused_at_each_call, tear_down);
  g_test_add ("/train/faults/full-from-on", Fixture, &refusals[2], set_up,
              test_refused_at_each_call, tear_down);
  return g_test_run ();
}

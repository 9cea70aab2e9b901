/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is opened: regular files only, whole and unchanged, under any name, and not for long.
 */
#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "table-from-text.h"

typedef struct {
  char *folder;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("attune-table-XXXXXX", &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

      g_remove (path);
    }
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
}

static void
assert_refused (const char *path,
                GQuark      domain,
                int         code,
                const char *pattern)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;

  g_assert_null (attune_table_read (file, NULL, NULL, &error));
  g_assert_error (error, domain, code);
  if (!g_pattern_match_simple (pattern, error->message))
    g_error ("unexpected message: %s", error->message);
}

static void
test_only_regular_files (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autofree char *fifo = g_build_filename (fixture->folder, "fifo", NULL);
  g_autofree char *none = g_build_filename (fixture->folder, "none.csv", NULL);

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  assert_refused (fifo, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
                  "fifo: this is a device or a pipe;*");
  assert_refused ("/dev/zero", ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
                  "zero: this is a device or a pipe;*");
  assert_refused (fixture->folder, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
                  "*: this is a folder without*");
  assert_refused (none, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "none.csv: the file cannot be read: *");
}

static void
test_names_need_not_be_utf8 (Fixture       *fixture,
                             gconstpointer  data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "a\nb \xff.csv", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = NULL;

  g_assert_true (g_file_set_contents (path, "text,label\na,1\nb,0\n", -1, &error));
  table = attune_table_read (file, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_equal (attune_table_get_file (table), file));
  g_assert_true (g_utf8_validate (attune_table_get_source_name (table), -1, NULL));

  g_assert_true (g_file_set_contents (path, "text,label\na\n", -1, NULL));
  g_assert_null (attune_table_read (file, NULL, NULL, &error));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

static void
test_huge_files_are_refused_before_reading (Fixture       *fixture,
                                            gconstpointer  data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "huge.csv", NULL);
  int fd = open (path, O_WRONLY | O_CREAT, 0600);

  /* A hole: it takes no room. */
  if (ftruncate (fd, (off_t) 5 * 1024 * 1024 * 1024) != 0)
    g_test_skip ("needs a file system with sparse files over 4 GB");
  else
    assert_refused (path, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
                    "huge.csv: the file is larger than 4 GB*");
  close (fd);
}

typedef struct {
  int fd;
  gint stop;
  off_t size;
} Meddler;

static gpointer
meddle_cb (gpointer data)
{
  Meddler *meddler = data;

  while (!g_atomic_int_get (&meddler->stop))
    {
      if (ftruncate (meddler->fd, 100) != 0 || ftruncate (meddler->fd, meddler->size) != 0)
        break;
      g_usleep (100);
    }
  return NULL;
}

static void
test_file_that_shrinks_meanwhile (Fixture       *fixture,
                                  gconstpointer  data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "live.csv", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GString *text = g_string_new ("text,label\n");
  Meddler meddler = { -1, FALSE, 0 };
  GThread *thread;

  while (text->len < 4 * 1024 * 1024)
    g_string_append (text, "some text of a row,1\n");
  g_assert_true (g_file_set_contents (path, text->str, (gssize) text->len, NULL));
  meddler.fd = open (path, O_RDWR);
  meddler.size = (off_t) text->len;
  thread = g_thread_new ("meddler", meddle_cb, &meddler);
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AttuneTable) table = attune_table_read (file, NULL, NULL, &error);

      /* Whole, refused as changed, or cut to what is no table: never a crash. */
      g_assert_true ((table == NULL) == (error != NULL));
    }
  g_atomic_int_set (&meddler.stop, TRUE);
  g_thread_join (thread);
  close (meddler.fd);
  g_string_free (text, TRUE);
}

static gpointer
cancel_cb (gpointer data)
{
  g_usleep (20000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_reading_can_be_cancelled (Fixture       *fixture,
                               gconstpointer  data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "long.csv", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  GString *text = g_string_new ("text,label\n");
  gint64 start;
  GThread *thread;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = NULL;

  while (text->len < 64 * 1024 * 1024)
    g_string_append (text, "\"some \"\"text\"\" of a row\",1\n");
  g_assert_true (g_file_set_contents (path, text->str, (gssize) text->len, NULL));
  g_string_free (text, TRUE);

  g_cancellable_cancel (cancelled);
  g_assert_null (attune_table_read (file, NULL, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  thread = g_thread_new ("cancel", cancel_cb, cancellable);
  start = g_get_monotonic_time ();
  table = attune_table_read (file, NULL, cancellable, &error);
  g_test_message ("returned after %.0f ms", (g_get_monotonic_time () - start) / 1000.0);
  g_thread_join (thread);
  if (table == NULL)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 10 * G_USEC_PER_SEC);
}

/* A file that is one long word is not copied by those that look at it. In a process of its own, for
 * the most memory that was ever used is all that can be asked for. */
static void
test_one_long_line (Fixture       *fixture,
                    gconstpointer  data)
{
  const gsize length = 256 * 1024 * 1024;
  g_autofree char *path = g_build_filename (fixture->folder, "line.txt", NULL);
  g_autofree char *text = NULL;
  struct rusage usage;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }
  text = g_malloc (1024 * 1024);
  memset (text, 'x', 1024 * 1024);
  for (gsize n = 0; n < length; n += 1024 * 1024)
    {
      int fd = open (path, O_WRONLY | O_CREAT | O_APPEND, 0600);

      g_assert_cmpint (write (fd, text, 1024 * 1024), ==, 1024 * 1024);
      close (fd);
    }
  assert_refused (path, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
                  "line.txt: line 1, column 1: the field that begins here is longer*");
  getrusage (RUSAGE_SELF, &usage);
  g_test_message ("peak %ld MB", usage.ru_maxrss / 1024);
  g_assert_cmpuint ((gsize) usage.ru_maxrss * 1024, <, length / 4 * 7);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/files/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("only-regular-files", test_only_regular_files);
  ADD ("names-need-not-be-utf8", test_names_need_not_be_utf8);
  ADD ("huge-files-are-refused-before-reading", test_huge_files_are_refused_before_reading);
  ADD ("file-that-shrinks-meanwhile", test_file_that_shrinks_meanwhile);
  ADD ("one-long-line", test_one_long_line);
  ADD ("reading-can-be-cancelled", test_reading_can_be_cancelled);
#undef ADD

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file of the runs that wait: what was put in comes out, in order; what nobody wrote is refused.
 */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "attune-waiting-runs.h"
#include "train-fixture.h"

static AttuneRunRecord *
create (TrainFixture *f, const char *title, const char *epochs)
{
  g_autofree char *model = train_fixture_get_model ();
  g_autoptr (GError) error = NULL;
  AttuneTrainJob job = { .dataset = f->dataset, .model = model, .config = f->config, .title = title,
                         .n_rows = 12, .split_sha256 = "abc" };
  AttuneRunRecord *record;

  train_fixture_set (f, "num_train_epochs", epochs, NULL);
  record = attune_waiting_run_new (&job, &error);
  g_assert_no_error (error);
  return record;
}

static void
test_what_waits_comes_back (void)
{
  TrainFixture f = { 0 };
  g_autoptr (GPtrArray) made = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_run_record_free);
  g_autoptr (GPtrArray) read = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  if (!train_fixture_set_up (&f, "", 20))
    return;
  g_setenv ("ATTUNE_RUNS", f.root, TRUE);
  path = attune_waiting_runs_get_path ();
  read = attune_waiting_runs_load (&error);
  g_assert_no_error (error);
  g_assert_cmpuint (read->len, ==, 0);
  g_ptr_array_add (made, create (&f, "First “one”", "2"));
  g_ptr_array_add (made, create (&f, "Second", "5"));
  g_assert_true (attune_waiting_runs_save (made, &error));
  g_assert_no_error (error);
  g_clear_pointer (&read, g_ptr_array_unref);
  read = attune_waiting_runs_load (&error);
  g_assert_no_error (error);
  g_assert_cmpuint (read->len, ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *before = attune_run_record_to_json (made->pdata[i]);
      g_autofree char *after = attune_run_record_to_json (read->pdata[i]);

      g_assert_cmpstr (after, ==, before);
    }
  g_assert_cmpuint (((AttuneRunRecord *) read->pdata[1])->source->n_rows, ==, 12);
  g_assert_cmpstr (((AttuneRunRecord *) read->pdata[1])->source->split_sha256, ==, "abc");
  /* Nobody waits: no file. */
  g_ptr_array_set_size (made, 0);
  g_assert_true (attune_waiting_runs_save (made, &error));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (attune_waiting_runs_save (made, &error));
  g_assert_no_error (error);
  train_fixture_tear_down (&f);
}

static void
test_what_cannot_run_cannot_wait (void)
{
  TrainFixture f = { 0 };
  g_autofree char *model = train_fixture_get_model ();
  g_autoptr (GError) error = NULL;
  AttuneTrainJob job = { 0 };

  if (!train_fixture_set_up (&f, "", 20))
    return;
  train_fixture_set (&f, "warmup_steps", "50", "max_steps", "10", NULL);
  job = (AttuneTrainJob) { .dataset = f.dataset, .model = model, .config = f.config, .title = "No" };
  g_assert_null (attune_waiting_run_new (&job, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING);
  train_fixture_tear_down (&f);
}

static void
test_strange_files_are_refused (void)
{
  static const char *const strange[] = {
    "", "[]", "{", "{\"version\":1}", "{\"version\":1,\"runs\":{}}", "{\"version\":2,\"runs\":[]}",
    "{\"version\":1,\"runs\":[1]}", "{\"version\":1,\"runs\":[{}]}",
    "{\"version\":1,\"runs\":[{\"version\":1,\"config\":{\"num_train_epochs\":-1}}]}",
  };
  g_autoptr (GString) many = g_string_new ("{\"version\":1,\"runs\":[");

  for (guint i = 0; i < G_N_ELEMENTS (strange); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (attune_waiting_runs_parse (strange[i], strlen (strange[i]), "queue.json", &error));
      g_assert_nonnull (error);
      g_assert_cmpint (error->domain, ==, ATTUNE_TRAIN_ERROR);
    }
  for (guint i = 0; i <= ATTUNE_MOST_WAITING_RUNS; i++)
    g_string_append (many, i > 0 ? ",{\"version\":1}" : "{\"version\":1}");
  g_string_append (many, "]}");
  {
    g_autoptr (GError) error = NULL;

    g_assert_null (attune_waiting_runs_parse (many->str, many->len, "queue.json", &error));
    g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN);
  }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/train/waiting/round-trip", test_what_waits_comes_back);
  g_test_add_func ("/train/waiting/faults", test_what_cannot_run_cannot_wait);
  g_test_add_func ("/train/waiting/strange", test_strange_files_are_refused);
  return g_test_run ();
}

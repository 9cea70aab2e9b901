/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stopping a run before it trains: at whatever moment that is, the run ends as stopped and leaves
 * nothing behind, and the next one starts.
 */
#include "config.h"

#include "attune-session.h"
#include "train-fixture.h"

static void
events_cb (guint      run_id,
           GPtrArray *events,
           gpointer   owner)
{
  GPtrArray *heard = g_object_get_data (owner, "heard");

  for (guint i = 0; i < events->len; i++)
    g_ptr_array_add (heard, attune_event_copy (events->pdata[i]));
}

/* The cancellable ends tokenizing before the thread has read the message that says why. */
static void
test_a_long_phase_waits_for_the_reason (void)
{
  g_autoptr (AttuneEventQueue) queue = NULL;
  g_autoptr (GPtrArray) heard = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_event_free);
  g_autoptr (GObject) owner = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *model = train_fixture_get_model ();
  AttuneTrainRequest *request;
  AttuneEngineHost *host;
  AttuneSession *session;
  const AttuneEvent *end;
  TrainFixture f = { 0 };
  AttuneTrainJob job;

  if (!train_fixture_set_up (&f, "", 40))
    return;
  g_object_set_data (owner, "heard", heard);
  queue = attune_event_queue_new (g_main_context_default (), events_cb, owner);
  job = (AttuneTrainJob) { .dataset = f.dataset, .model = model, .config = f.config,
                           .folder = f.folder, .title = "A test" };
  request = attune_train_request_new (&job, &error);
  g_assert_no_error (error);
  host = attune_engine_host_new (NULL);
  session = attune_session_new (1, request, attune_run_folder_create (f.folder, &error), host,
                                queue, cancellable);
  g_assert_no_error (error);

  g_assert_true (attune_session_advance (session));
  g_cancellable_cancel (cancellable);
  g_assert_true (attune_session_advance (session));
  g_assert_true (attune_session_is_waiting (session));
  attune_session_stop (session, "Enough");
  g_assert_false (attune_session_is_waiting (session));
  g_assert_false (attune_session_advance (session));

  attune_event_queue_drain (queue);
  end = heard->pdata[heard->len - 1];
  g_assert_cmpint (end->type, ==, ATTUNE_EVENT_RUN_STOPPED);
  g_assert_cmpstr (end->message, ==, "Enough");
  g_assert_false (g_file_test (f.folder, G_FILE_TEST_EXISTS));
  attune_session_free (session);
  attune_engine_host_free (host);
  train_fixture_tear_down (&f);
}

/* From the first moment on, the next run right behind. */
static void
test_at_any_moment (void)
{
  for (guint i = 0; i < 12; i++)
    {
      const AttuneEvent *end;
      TrainFixture f = { 0 };

      if (!train_fixture_set_up (&f, "slow=5ms", 400))
        return;
      train_fixture_set (&f, "per_device_train_batch_size", "2", NULL);
      train_fixture_start (&f);
      g_usleep (i * 500);
      attune_trainer_stop (f.trainer, "Enough");
      end = train_fixture_wait (&f);
      g_assert_cmpint (end->type, ==, ATTUNE_EVENT_RUN_STOPPED);
      g_assert_cmpstr (end->message, ==, "Enough");

      g_ptr_array_set_size (f.events, 0);
      g_free (f.folder);
      f.folder = g_build_filename (f.root, "next", NULL);
      train_fixture_set (&f, "max_steps", "1", NULL);
      train_fixture_start (&f);
      g_assert_cmpint (train_fixture_wait (&f)->type, ==, ATTUNE_EVENT_RUN_FINISHED);
      train_fixture_tear_down (&f);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/train/stopping/reason", test_a_long_phase_waits_for_the_reason);
  g_test_add_func ("/train/stopping/any-moment", test_at_any_moment);
  return g_test_run ();
}

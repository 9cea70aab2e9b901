/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See the header. Every test runs the real trainer thread; with the fake engine a whole run takes
 * milliseconds.
 */
#include "config.h"

#include <glib/gstdio.h>

#include "train-fixture.h"

#define PATIENCE (G_GINT64_CONSTANT (240) * G_USEC_PER_SEC)

AttuneDataset *
train_fixture_read_dataset (const char *csv)
{
  g_autoptr (GBytes) bytes = g_bytes_new (csv, strlen (csv));
  g_autoptr (GError) error = NULL;
  AttuneTableOptions options = { .header = ATTUNE_HEADER_YES, .delimiter = ',' };
  AttuneColumns columns = { 0, -1, 1 };
  g_autoptr (AttuneTable) table = attune_table_read_bytes (bytes, "test.csv", &options, NULL,
                                                           &error);
  AttuneDataset *dataset;

  g_assert_no_error (error);
  dataset = attune_dataset_new (table, &columns, NULL, &error);
  g_assert_no_error (error);
  return dataset;
}

AttuneDataset *
train_fixture_create_dataset (guint n_rows)
{
  g_autoptr (GString) csv = g_string_new ("text,label\n");

  for (guint i = 0; i < n_rows; i++)
    {
      for (guint word = 0; word <= i * 7 % 9; word++)
        g_string_append_printf (csv, "%s%c%u", word > 0 ? " " : "",
                                'a' + (i + word * word) % 26, i);
      g_string_append (csv, i % 2 == 0 ? ",no\n" : ",yes\n");
    }
  return train_fixture_read_dataset (csv->str);
}

/* (transfer full): the tiny BERT of tests/fixtures. */
char *
train_fixture_get_model (void)
{
  return g_build_filename (g_getenv ("G_TEST_SRCDIR"), "fixtures", "tiny-bert", NULL);
}

static void
event_cb (AttuneRun         *run,
          const AttuneEvent *event,
          TrainFixture      *self)
{
  gint64 now = g_get_monotonic_time ();

  g_ptr_array_add (self->events, attune_event_copy (event));
  if (self->deliveries->len == 0
      || now - g_array_index (self->deliveries, gint64, self->deliveries->len - 1) > 5000)
    g_array_append_val (self->deliveries, now);
}

void
train_fixture_follow (TrainFixture *self)
{
  g_signal_connect (self->run, "event", G_CALLBACK (event_cb), self);
}

gboolean
train_fixture_set_up (TrainFixture *self,
                      const char   *script,
                      guint         n_rows)
{
  const char *engine = g_getenv ("ATTUNE_FAKE_ENGINE");

  if (script != NULL && engine == NULL)
    {
      g_test_skip ("needs the fake engine (ATTUNE_FAKE_ENGINE)");
      return FALSE;
    }
  if (script != NULL)
    {
      g_setenv ("ATTUNE_ENGINE", engine, TRUE);
      g_setenv ("ATTUNE_FAKE_SCRIPT", script, TRUE);
    }
  self->root = g_dir_make_tmp ("attune-train-XXXXXX", NULL);
  self->folder = g_build_filename (self->root, "run", NULL);
  self->trainer = attune_trainer_new (NULL);
  self->run = attune_run_new ("A test");
  self->dataset = train_fixture_create_dataset (n_rows);
  self->config = attune_train_config_new ();
  self->events = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_event_free);
  self->deliveries = g_array_new (FALSE, FALSE, sizeof (gint64));
  train_fixture_follow (self);
  return TRUE;
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

void
train_fixture_tear_down (TrainFixture *self)
{
  if (self->trainer == NULL)
    return;
  attune_trainer_shutdown (self->trainer);
  g_signal_handlers_disconnect_by_data (self->run, self);
  g_assert_finalize_object (self->trainer);
  g_assert_finalize_object (self->run);
  g_clear_object (&self->dataset);
  g_clear_object (&self->config);
  g_ptr_array_unref (self->events);
  g_array_unref (self->deliveries);
  remove_tree (self->root);
  g_free (self->root);
  g_free (self->folder);
}

void
train_fixture_set (TrainFixture *self,
                   ...)
{
  const char *name;
  va_list args;

  va_start (args, self);
  while ((name = va_arg (args, const char *)) != NULL)
    {
      g_autoptr (GError) error = NULL;

      attune_train_config_set (self->config, name, va_arg (args, const char *), &error);
      g_assert_no_error (error);
    }
  va_end (args);
}

void
train_fixture_start (TrainFixture *self)
{
  g_autofree char *model = train_fixture_get_model ();
  g_autoptr (GError) error = NULL;
  AttuneTrainJob job = { .dataset = self->dataset,
                         .model = self->model != NULL ? self->model : model,
                         .config = self->config, .folder = self->folder, .title = "A test" };

  attune_trainer_start (self->trainer, self->run, &job, &error);
  g_assert_no_error (error);
}

static gboolean
wake_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static gboolean
is_over (TrainFixture *self)
{
  guint n = self->events->len;

  return n > 0 && attune_event_is_terminal (self->events->pdata[n - 1]);
}

const AttuneEvent *
train_fixture_wait (TrainFixture *self)
{
  guint source = g_timeout_add (100, wake_cb, NULL);
  gint64 end = g_get_monotonic_time () + PATIENCE;

  while (!is_over (self))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (source);
  return self->events->pdata[self->events->len - 1];
}

void
train_fixture_wait_for (TrainFixture    *self,
                        AttuneEventType  type,
                        guint            n)
{
  guint source = g_timeout_add (100, wake_cb, NULL);
  gint64 end = g_get_monotonic_time () + PATIENCE;

  while (train_fixture_count (self, type) < n)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_assert_false (is_over (self));
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (source);
}

guint
train_fixture_count (TrainFixture    *self,
                     AttuneEventType  type)
{
  guint n = 0;

  for (guint i = 0; i < self->events->len; i++)
    n += ((const AttuneEvent *) self->events->pdata[i])->type == type;
  return n;
}

const AttuneEvent *
train_fixture_find (TrainFixture    *self,
                    AttuneEventType  type,
                    guint            index)
{
  for (guint i = 0; i < self->events->len; i++)
    {
      const AttuneEvent *event = self->events->pdata[i];

      if (event->type == type && index-- == 0)
        return event;
    }
  return NULL;
}

static void
store_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

AttunePredictions *
train_fixture_predict (TrainFixture        *self,
                       const char * const  *texts,
                       gint                 attribute_label,
                       GError             **error)
{
  AttunePredictSource source = { .run = self->run };
  g_autofree AttunePredictText *list = g_new0 (AttunePredictText, g_strv_length ((char **) texts));
  g_autoptr (GAsyncResult) result = NULL;

  for (guint i = 0; texts[i] != NULL; i++)
    list[i] = (AttunePredictText) { .text = texts[i], .length = -1 };
  attune_trainer_predict_async (self->trainer, &source, list, g_strv_length ((char **) texts), 0,
                                attribute_label, NULL, store_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return attune_trainer_predict_finish (self->trainer, result, error);
}

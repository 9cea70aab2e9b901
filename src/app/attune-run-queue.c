/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first project in line is started in an idle turn once the trainer has no run and the project
 * has read its data. However a run ends, stopped by the person included, the next one has its turn.
 */
#include "config.h"

#include "attune-run-queue.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "attune-search.h"
#include "attune-waiting-runs.h"

/* Of runs that fail one after another so many are named. */
#define MOST_TOLD 3

/* One that waits: the project, and its record for the file. */
typedef struct {
  AttuneProject *project;
  AttuneRunRecord *record;
  gulong renamed;
} Item;

struct _AttuneRunQueue
{
  GObject parent_instance;

  AttuneTrainer *trainer;
  GListStore *projects;
  AttuneApplication *application; /* not owned */
  GPtrArray *items;
  AttuneProject *loading; /* whose data is awaited; in items */
  AttuneProject *urgent;  /* starts though the others are held; in items */
  gboolean held;
  guint start_source;
  GString *failures;      /* not yet told */
  guint n_failures;
};

G_DEFINE_FINAL_TYPE (AttuneRunQueue, attune_run_queue, G_TYPE_OBJECT)

enum {
  CHANGED,
  FAILED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void queue_start (AttuneRunQueue *self);
static void loaded_cb (AttuneRunQueue *self);

static void
free_item (gpointer data)
{
  Item *item = data;

  g_clear_signal_handler (&item->renamed, attune_project_get_run (item->project));
  attune_project_set_turn (item->project, 0);
  g_object_unref (item->project);
  attune_run_record_free (item->record);
  g_free (item);
}

static gboolean
find (AttuneRunQueue *self, AttuneProject *project, guint *position)
{
  for (guint i = 0; i < self->items->len; i++)
    if (((Item *) self->items->pdata[i])->project == project)
      {
        *position = i;
        return TRUE;
      }
  return FALSE;
}

/* It is a draft again. */
static void
take_out (AttuneRunQueue *self, guint position)
{
  AttuneProject *project = ((Item *) self->items->pdata[position])->project;

  if (self->loading == project)
    {
      g_signal_handlers_disconnect_by_func (project, loaded_cb, self);
      self->loading = NULL;
    }
  if (self->urgent == project)
    self->urgent = NULL;
  g_ptr_array_remove_index (self->items, position);
}

/* What could not be saved is said; the queue itself is as it was meant to be. */
static void
save (AttuneRunQueue *self)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < self->items->len; i++)
    {
      Item *item = self->items->pdata[i];

      g_set_str (&item->record->title,
                 attune_run_get_title (attune_project_get_run (item->project)));
      g_ptr_array_add (records, item->record);
    }
  if (!attune_waiting_runs_save (records, &error))
    g_signal_emit (self, signals[FAILED], 0, error->message);
}

static gboolean
may_start (AttuneRunQueue *self)
{
  Item *first = self->items->len > 0 ? self->items->pdata[0] : NULL;

  return first != NULL && (!self->held || first->project == self->urgent)
         && attune_trainer_get_run (self->trainer) == NULL;
}

/* Runs that wait often have the same data, and with it the same fate. */
static void
note_failure (AttuneRunQueue *self, AttuneProject *project, const char *fault)
{
  if (self->n_failures++ >= MOST_TOLD)
    return;
  if (self->failures->len > 0)
    g_string_append_c (self->failures, '\n');
  /* Translators: the title of a run, then why. */
  g_string_append_printf (self->failures, _("“%s” could not start: %s"),
                          attune_run_get_title (attune_project_get_run (project)), fault);
}

static void
tell_failures (AttuneRunQueue *self)
{
  g_autofree char *message = NULL;

  if (self->n_failures == 0)
    return;
  if (self->n_failures > MOST_TOLD)
    {
      guint n = self->n_failures - MOST_TOLD;

      g_string_append_c (self->failures, '\n');
      /* Translators: below the sentences that say why others could not. */
      g_string_append_printf (self->failures, ngettext ("%u more run could not start either.",
                                                        "%u more runs could not start either.", n),
                              n);
    }
  message = g_strdup (self->failures->str);
  g_string_truncate (self->failures, 0);
  self->n_failures = 0;
  g_signal_emit (self, signals[FAILED], 0, message);
}

static void
changed (AttuneRunQueue *self)
{
  for (guint i = 0; i < self->items->len; i++)
    attune_project_set_turn (((Item *) self->items->pdata[i])->project, i + 1);
  save (self);
  if (!may_start (self))
    tell_failures (self);
  g_signal_emit (self, signals[CHANGED], 0);
  queue_start (self);
}

static void
loaded_cb (AttuneRunQueue *self)
{
  if (self->loading != NULL && attune_project_get_loading (self->loading))
    return;
  if (self->loading != NULL)
    g_signal_handlers_disconnect_by_func (self->loading, loaded_cb, self);
  self->loading = NULL;
  queue_start (self);
}

/* FALSE until its data is there. */
static gboolean
is_ready (AttuneRunQueue *self, AttuneProject *project)
{
  attune_project_ensure_loaded (project);
  if (!attune_project_get_loading (project))
    return TRUE;
  if (self->loading == NULL)
    {
      self->loading = project;
      g_signal_connect_object (project, "notify::loading", G_CALLBACK (loaded_cb), self,
                               G_CONNECT_SWAPPED);
    }
  return FALSE;
}

static void
start_cb (gpointer user_data)
{
  AttuneRunQueue *self = ATTUNE_RUN_QUEUE (user_data);
  g_autoptr (AttuneProject) project = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *fault = NULL;

  self->start_source = 0;
  if (!may_start (self))
    return;
  project = g_object_ref (((Item *) self->items->pdata[0])->project);
  if (!is_ready (self, project))
    return;
  fault = attune_project_get_fault (project);
  if (fault == NULL
      && !attune_project_check_record (project, ((Item *) self->items->pdata[0])->record, &error))
    fault = g_strdup (error->message);
  take_out (self, 0);
  if (fault == NULL && !attune_project_start (project, &error))
    fault = g_strdup (error->message);
  if (fault != NULL)
    note_failure (self, project, fault);
  changed (self);
}

static void
queue_start (AttuneRunQueue *self)
{
  if (self->start_source == 0 && may_start (self))
    self->start_source = g_idle_add_once (start_cb, self);
}

/* Those that are not listed any more do not wait either. */
static void
projects_changed_cb (AttuneRunQueue *self)
{
  gboolean any = FALSE;

  for (guint i = self->items->len; i > 0; i--)
    {
      AttuneProject *project = ((Item *) self->items->pdata[i - 1])->project;

      if (g_list_store_find (self->projects, project, NULL))
        continue;
      take_out (self, i - 1);
      any = TRUE;
    }
  if (any)
    changed (self);
}

/* Takes record. */
static void
append (AttuneRunQueue *self, AttuneProject *project, AttuneRunRecord *record)
{
  Item *item = g_new0 (Item, 1);

  item->project = g_object_ref (project);
  item->record = record;
  item->renamed = g_signal_connect_swapped (attune_project_get_run (project), "notify::title",
                                            G_CALLBACK (save), self);
  g_ptr_array_add (self->items, item);
}

/* Takes record: a new project for it, in the list and at the end. */
static void
append_new (AttuneRunQueue *self, AttuneRunRecord *record)
{
  g_autoptr (AttuneProject) project = attune_project_new_for_record (self->trainer, record);

  attune_application_add_project (self->application, project);
  append (self, project, record);
}

static gboolean
check_room (AttuneRunQueue *self, guint n_more, GError **error)
{
  if (self->items->len + n_more <= ATTUNE_MOST_WAITING_RUNS)
    return TRUE;
  g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_STATE,
               _("At most %u runs can wait; take some out first"), ATTUNE_MOST_WAITING_RUNS);
  return FALSE;
}

static AttuneRunRecord *
describe (AttuneProject *project, AttuneTrainConfig *config, const char *title, GError **error)
{
  g_autofree char *fault = attune_project_get_fault (project);
  AttuneTrainJob job;

  if (fault != NULL)
    {
      g_set_error_literal (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_STATE, fault);
      return NULL;
    }
  attune_project_fill_job (project, &job);
  if (config != NULL)
    job.config = config;
  if (title != NULL)
    job.title = title;
  return attune_waiting_run_new (&job, error);
}

gboolean
attune_run_queue_add (AttuneRunQueue *self, AttuneProject *project, GError **error)
{
  AttuneRunRecord *record;
  guint position;

  g_return_val_if_fail (ATTUNE_IS_RUN_QUEUE (self), FALSE);

  if (find (self, project, &position))
    return TRUE;
  if (!check_room (self, 1, error))
    return FALSE;
  record = describe (project, NULL, NULL, error);
  if (record == NULL)
    return FALSE;
  append (self, project, record);
  changed (self);
  return TRUE;
}

gboolean
attune_run_queue_add_settings (AttuneRunQueue     *self,
                               AttuneProject      *like,
                               AttuneTrainConfig  *config,
                               const char         *title,
                               GError            **error)
{
  AttuneRunRecord *record;

  g_return_val_if_fail (ATTUNE_IS_RUN_QUEUE (self), FALSE);

  if (!check_room (self, 1, error))
    return FALSE;
  record = describe (like, config, title, error);
  if (record == NULL)
    return FALSE;
  append_new (self, record);
  changed (self);
  return TRUE;
}

gboolean
attune_run_queue_add_search (AttuneRunQueue *self, AttuneProject *like, GPtrArray *runs,
                             GError **error)
{
  g_autoptr (GPtrArray) records =
    g_ptr_array_new_with_free_func ((GDestroyNotify) attune_run_record_free);
  const char *prefix = attune_run_get_title (attune_project_get_run (like));

  g_return_val_if_fail (ATTUNE_IS_RUN_QUEUE (self), FALSE);

  if (!check_room (self, runs->len, error))
    return FALSE;
  for (guint i = 0; i < runs->len; i++)
    {
      const AttuneSearchRun *run = runs->pdata[i];
      g_autofree char *title = g_strdup_printf ("%s: %s", prefix, run->title);
      AttuneRunRecord *record = describe (like, run->config, title, error);

      if (record == NULL)
        return FALSE;
      g_ptr_array_add (records, record);
    }
  for (guint i = 0; i < records->len; i++)
    append_new (self, g_steal_pointer (&records->pdata[i]));
  changed (self);
  return TRUE;
}

void
attune_run_queue_remove (AttuneRunQueue *self, AttuneProject *project)
{
  guint position;

  g_return_if_fail (ATTUNE_IS_RUN_QUEUE (self));

  if (!find (self, project, &position))
    return;
  take_out (self, position);
  changed (self);
}

void
attune_run_queue_move_up (AttuneRunQueue *self, AttuneProject *project)
{
  guint position;
  gpointer item;

  g_return_if_fail (ATTUNE_IS_RUN_QUEUE (self));

  if (!find (self, project, &position) || position == 0)
    return;
  item = self->items->pdata[position];
  self->items->pdata[position] = self->items->pdata[position - 1];
  self->items->pdata[position - 1] = item;
  changed (self);
}

void
attune_run_queue_start_now (AttuneRunQueue *self, AttuneProject *project)
{
  guint position;

  g_return_if_fail (ATTUNE_IS_RUN_QUEUE (self));

  if (!find (self, project, &position))
    return;
  g_ptr_array_insert (self->items, 0, g_ptr_array_steal_index (self->items, position));
  self->urgent = project;
  changed (self);
}

guint
attune_run_queue_get_n_waiting (AttuneRunQueue *self)
{
  return self->items->len;
}

gboolean
attune_run_queue_is_held (AttuneRunQueue *self)
{
  return self->held;
}

void
attune_run_queue_set_held (AttuneRunQueue *self, gboolean held)
{
  g_return_if_fail (ATTUNE_IS_RUN_QUEUE (self));

  if (self->held == held)
    return;
  self->held = held;
  if (held)
    tell_failures (self);
  g_signal_emit (self, signals[CHANGED], 0);
  queue_start (self);
}

void
attune_run_queue_load (AttuneRunQueue *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = attune_waiting_runs_load (&error);

  if (records == NULL)
    {
      g_autofree char *path = attune_waiting_runs_get_path ();
      g_autofree char *aside = g_strconcat (path, ".unreadable", NULL);

      g_rename (path, aside);
      g_signal_emit (self, signals[FAILED], 0, error->message);
      return;
    }
  if (records->len == 0)
    return;
  self->held = self->held || self->items->len == 0;
  for (guint i = 0; i < records->len; i++)
    append_new (self, g_steal_pointer (&records->pdata[i]));
  changed (self);
}

static void
attune_run_queue_dispose (GObject *object)
{
  AttuneRunQueue *self = ATTUNE_RUN_QUEUE (object);

  g_clear_handle_id (&self->start_source, g_source_remove);
  g_ptr_array_set_size (self->items, 0);
  g_clear_object (&self->trainer);
  g_clear_object (&self->projects);
  G_OBJECT_CLASS (attune_run_queue_parent_class)->dispose (object);
}

static void
attune_run_queue_finalize (GObject *object)
{
  AttuneRunQueue *self = ATTUNE_RUN_QUEUE (object);

  g_ptr_array_unref (self->items);
  g_string_free (self->failures, TRUE);
  G_OBJECT_CLASS (attune_run_queue_parent_class)->finalize (object);
}

static void
attune_run_queue_class_init (AttuneRunQueueClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = attune_run_queue_dispose;
  object_class->finalize = attune_run_queue_finalize;
  signals[CHANGED] = g_signal_new ("changed", ATTUNE_TYPE_RUN_QUEUE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[FAILED] = g_signal_new ("failed", ATTUNE_TYPE_RUN_QUEUE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
attune_run_queue_init (AttuneRunQueue *self)
{
  self->items = g_ptr_array_new_with_free_func (free_item);
  self->failures = g_string_new (NULL);
}

AttuneRunQueue *
attune_run_queue_new (AttuneApplication *application)
{
  AttuneRunQueue *self = g_object_new (ATTUNE_TYPE_RUN_QUEUE, NULL);

  self->application = application;
  self->trainer = g_object_ref (attune_application_get_trainer (application));
  self->projects = g_object_ref (attune_application_get_projects (application));
  g_signal_connect_object (self->trainer, "notify::run", G_CALLBACK (queue_start), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->projects, "items-changed", G_CALLBACK (projects_changed_cb), self,
                           G_CONNECT_SWAPPED);
  return self;
}

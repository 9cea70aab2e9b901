/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The inside of AttuneTrainer: runs in one file, requests in the others.
 */
#pragma once

#include "attune-worker.h"

G_BEGIN_DECLS

struct _AttuneTrainer
{
  GObject parent_instance;

  AttuneEventQueue *queue;
  AttuneWorker *worker;      /* NULL after shutdown */
  AttuneRun *run;            /* under way */
  guint run_id;              /* of the last run or range test started */
  AttuneRateHeard heard;     /* of the range test under way; NULL: there is none */
  gpointer heard_data;
  GCancellable *cancellable; /* of that run's long phases */
};

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTokenStore: where access tokens are kept, each for the Hub that it was given for, so that
 * none is sent to another. Every call may block (on a dialog that asks for a password, too), so
 * they belong on a worker thread. Errors are those of GIO: NOT_SUPPORTED where nothing answers.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
  /* Whether there is one, without asking for a password; FALSE also with error set. */
  gboolean (*find)    (const char *endpoint, GCancellable *cancellable, GError **error);
  /* (transfer full) (nullable): NULL without error where there is none. */
  char *   (*look_up) (const char *endpoint, GCancellable *cancellable, GError **error);
  /* token: nullable, to forget it. */
  gboolean (*keep)    (const char *endpoint, const char *token, GCancellable *cancellable,
                       GError **error);
} AttuneTokenStore;

/* The desktop's secret service. */
const AttuneTokenStore *attune_token_store_get_default (void);

G_END_DECLS

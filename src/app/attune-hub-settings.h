/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneHubSettings: which Hub is asked, by whom, and whether at all: what a person chose in the
 * preferences, and the token in the keyring. Makes the AttuneHub that a download is done with.
 * Main thread; what may block is done on others. The environment decides first, see attune-hub.h.
 */
#pragma once

#include <gio/gio.h>

#include "attune-hub.h"
#include "attune-token-store.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_HUB_SETTINGS (attune_hub_settings_get_type ())
G_DECLARE_FINAL_TYPE (AttuneHubSettings, attune_hub_settings, ATTUNE, HUB_SETTINGS, GObject)

AttuneHubSettings *attune_hub_settings_new               (GSettings              *settings,
                                                          const AttuneTokenStore *store);

/* (transfer full): the address that is asked, without a "/" at its end; FORMAT when it is none. */
char              *attune_hub_settings_dup_endpoint      (AttuneHubSettings      *self,
                                                          GError                **error);
/* "" or the Hub's own address for the default; the error says what is wrong with the address. */
gboolean           attune_hub_settings_set_endpoint      (AttuneHubSettings      *self,
                                                          const char             *address,
                                                          GError                **error);
gboolean           attune_hub_settings_check_endpoint    (const char             *address,
                                                          GError                **error);

/* Whether the keyring has a token for this Hub; unlocks nothing. */
void               attune_hub_settings_find_token_async  (AttuneHubSettings      *self,
                                                          GCancellable           *cancellable,
                                                          GAsyncReadyCallback     callback,
                                                          gpointer                user_data);
gboolean           attune_hub_settings_find_token_finish (AttuneHubSettings      *self,
                                                          GAsyncResult           *result,
                                                          GError                **error);
/* token: (nullable): NULL removes it. */
void               attune_hub_settings_keep_token_async  (AttuneHubSettings      *self,
                                                          const char             *token,
                                                          GCancellable           *cancellable,
                                                          GAsyncReadyCallback     callback,
                                                          gpointer                user_data);
gboolean           attune_hub_settings_keep_token_finish (AttuneHubSettings      *self,
                                                          GAsyncResult           *result,
                                                          GError                **error);

/* Looks the token up, where it may be needed, and makes the Hub to ask. */
void               attune_hub_settings_open_async        (AttuneHubSettings      *self,
                                                          GCancellable           *cancellable,
                                                          GAsyncReadyCallback     callback,
                                                          gpointer                user_data);
/* (transfer full) (nullable): for one worker thread at a time. */
AttuneHub         *attune_hub_settings_open_finish       (AttuneHubSettings      *self,
                                                          GAsyncResult           *result,
                                                          GError                **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A Hub on the loopback, served by the main loop that the test turns; what the program asks is asked
 * of it alone, for HF_ENDPOINT names it as long as it lives.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _HubServer HubServer;

HubServer *hub_server_new            (void);
void       hub_server_free           (HubServer  *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HubServer, hub_server_free)

/* A repository of all files of a folder. kind: "models" or "datasets". */
void       hub_server_add_folder     (HubServer  *self,
                                      const char *kind,
                                      const char *id,
                                      const char *folder);
/* One more file of it, which has to be there. */
void       hub_server_add_file       (HubServer  *self,
                                      const char *kind,
                                      const char *id,
                                      const char *name,
                                      const char *path);
/* What the next searches find: a list in JSON. */
void       hub_server_set_found      (HubServer  *self,
                                      const char *json);
/* Half of each model.safetensors and then nothing, until it is told to go on. */
void       hub_server_hold           (HubServer  *self);
void       hub_server_go_on          (HubServer  *self);
/* What questions are answered from now on; code: (nullable): X-Error-Code. 200 is none. */
void       hub_server_fail           (HubServer  *self,
                                      guint       status,
                                      const char *code);
guint      hub_server_get_n_requests (HubServer  *self);

G_END_DECLS

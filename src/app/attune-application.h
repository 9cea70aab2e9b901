/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneApplication: owns what outlives a window: the trainer, the list of projects, settings.
 */
#pragma once

#include <adwaita.h>

#include "attune-hub-settings.h"
#include "attune-model-downloads.h"
#include "attune-project.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_APPLICATION (attune_application_get_type ())
typedef struct _AttuneRunQueue AttuneRunQueue;
G_DECLARE_FINAL_TYPE (AttuneApplication, attune_application, ATTUNE, APPLICATION, AdwApplication)

AttuneApplication *attune_application_new          (void);
AttuneTrainer     *attune_application_get_trainer  (AttuneApplication *self);
/* (element-type AttuneProject): drafts and runs, newest first. (transfer none) */
GListStore        *attune_application_get_projects (AttuneApplication *self);
/* Runs that wait for their turn. (transfer none) */
AttuneRunQueue    *attune_application_get_queue    (AttuneApplication *self);
/* Of models from the Hub. (transfer none) */
AttuneModelDownloads *
                   attune_application_get_downloads (AttuneApplication *self);
GSettings         *attune_application_get_settings (AttuneApplication *self);
/* Which Hub is asked, and by whom. (transfer none) */
AttuneHubSettings *attune_application_get_hub_settings (AttuneApplication *self);
/* Puts it on top of the list. */
void               attune_application_add_project  (AttuneApplication *self,
                                                    AttuneProject     *project);
/* A new draft on top of the list. (transfer none) */
AttuneProject     *attune_application_open_file    (AttuneApplication *self,
                                                    GFile             *file);
/* … of several files, or a folder; see attune_data_files_new(). (transfer none) */
AttuneProject     *attune_application_open_files   (AttuneApplication *self,
                                                    GFile            **files,
                                                    guint              n_files);
/* The data set that comes with the program. (transfer full) */
GFile             *attune_application_get_sample   (AttuneApplication *self);

G_END_DECLS

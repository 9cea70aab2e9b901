/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the Hub says, read: names, headers, and the JSON about a repository or a search. Every byte
 * of it is a stranger's. Nothing here touches the network.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define ATTUNE_HUB_MAX_JSON (8u << 20)

/* A file of a repository. */
typedef struct {
  char *path;     /* checked: relative, climbs nowhere */
  gint64 size;    /* -1: not said */
  gint64 largest; /* that is taken; 0: as any file */
  char *hash;     /* 64 hex digits: its sha256; 40: its git blob; NULL: not said */
} AttuneHubFile;

/* A repository at one commit. */
typedef struct {
  char *id;          /* "org/name" */
  char *commit;      /* 40 hex digits */
  char *licence;     /* nullable */
  char *languages;   /* nullable, "en, de" */
  GPtrArray *files;  /* AttuneHubFile */
} AttuneHubRepo;

/* A model that a search found. */
typedef struct {
  char *id;
  char *model_type;  /* "bert" */
  char *licence;     /* nullable */
  char *languages;   /* nullable */
  guint64 n_bytes;   /* of its weights; 0: not said */
  guint64 downloads; /* in the last month */
  gboolean gated;    /* its page must be accepted first */
} AttuneHubModel;

void           attune_hub_file_free          (AttuneHubFile   *self);
void           attune_hub_repo_free          (AttuneHubRepo   *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneHubRepo, attune_hub_repo_free)
void           attune_hub_model_free         (AttuneHubModel  *self);

gboolean       attune_hub_check_id           (const char      *id,
                                              GError         **error);
gboolean       attune_hub_path_is_safe       (const char      *path);
gboolean       attune_hub_is_commit          (const char      *text);

AttuneHubRepo *attune_hub_repo_parse         (const char      *json,
                                              gsize            length,
                                              const char      *id,
                                              GError         **error);
/* (transfer full) (element-type AttuneHubModel): those whose kind is known here. */
GPtrArray     *attune_hub_models_parse       (const char      *json,
                                              gsize            length,
                                              GError         **error);

/* Headers; NULL is one that was not sent. */
char          *attune_hub_etag_parse         (const char      *etag,
                                              gboolean        *weak);
char          *attune_hub_etag_get_hash      (const char      *etag);
gboolean       attune_hub_range_parse        (const char      *content_range,
                                              gint64          *first,
                                              gint64          *total);
gint64         attune_hub_retry_after_parse  (const char      *retry_after);
char          *attune_hub_link_get_next      (const char      *link);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneHub: the Hugging Face Hub over HTTP, asked only when a person asks. Where it is, who asks
 * and whether it may be asked at all come from the environment that its other clients use
 * (HF_ENDPOINT, HF_TOKEN, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE, HF_HUB_DOWNLOAD_TIMEOUT). Made and
 * used on one worker thread; every call blocks.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define ATTUNE_HUB_ERROR (attune_hub_error_quark ())
GQuark attune_hub_error_quark (void);

typedef enum {
  ATTUNE_HUB_ERROR_OFFLINE,     /* asking is switched off */
  ATTUNE_HUB_ERROR_UNREACHABLE, /* no answer, or none that means anything */
  ATTUNE_HUB_ERROR_NOT_FOUND,   /* no such model, data set, revision or file */
  ATTUNE_HUB_ERROR_FORBIDDEN,   /* its page must be accepted first, or a token is needed */
  ATTUNE_HUB_ERROR_FORMAT,      /* an answer that cannot be understood, or a name that is none */
  ATTUNE_HUB_ERROR_DAMAGED,     /* the bytes are not those that the Hub promises */
  ATTUNE_HUB_ERROR_UNSUITABLE,  /* there, but nothing that can be used here */
  ATTUNE_HUB_ERROR_SPACE,       /* larger than what is free, or than what is taken */
  ATTUNE_HUB_ERROR_BUSY,        /* another program downloads the same */
} AttuneHubError;

/* What a person may choose, and the environment may have decided before. */
typedef enum {
  ATTUNE_HUB_CHOICE_ENDPOINT,
  ATTUNE_HUB_CHOICE_OFFLINE,
  ATTUNE_HUB_CHOICE_TOKEN,
} AttuneHubChoice;

typedef struct _AttuneHub AttuneHub;

/* endpoint, offline, token: what a person chose; the environment's word goes first. */
AttuneHub  *attune_hub_new          (const char   *endpoint,
                                     gboolean      offline,
                                     const char   *token,
                                     GError      **error);
void        attune_hub_free         (AttuneHub    *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneHub, attune_hub_free)

gboolean    attune_hub_is_offline   (AttuneHub    *self);
/* Whether it may be sent as one: a printable word. */
gboolean    attune_hub_is_token     (const char   *text);
/* (transfer full) (nullable): the variable, or the file, that decides whatever a person chose. */
char       *attune_hub_find_decider (AttuneHubChoice choice);
/* For people: without a "/" at its end, or a password; borrowed. */
const char *attune_hub_get_endpoint (AttuneHub    *self);
/* How long the first wait between two tries is; the others follow from it. */
void        attune_hub_set_patience (AttuneHub    *self,
                                     guint         milliseconds);

/* How far a download is: in bytes, what was there already included. Called on its own thread. */
typedef void (*AttuneHubProgress) (guint64   done,
                                   guint64   total,
                                   gpointer  user_data);

G_END_DECLS

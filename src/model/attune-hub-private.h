/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asking the Hub: one request, redirects followed by hand, and what came of it.
 */
#pragma once

#include <libsoup/soup.h>

#include "attune-hub-answer.h"
#include "attune-hub.h"

G_BEGIN_DECLS

struct _AttuneHub {
  char *endpoint;
  char *shown;  /* the endpoint without who asks there, for people */
  GUri *origin;
  char *token; /* nullable; sent to the origin only */
  char *cache; /* where other programs keep what they downloaded */
  gboolean offline;
  guint patience; /* ms */
  guint timeout;  /* s without a byte */
  SoupSession *session; /* made with the first request */
};

/* The Hub's answer, its body still to be read. */
typedef struct {
  guint status;
  GInputStream *body;
  char *hash;         /* nullable: what the Hub's own ETag says the file is */
  char *etag;         /* nullable: strong, of whoever sent the body, to ask for the rest of it */
  char *code;         /* nullable: X-Error-Code */
  char *next;         /* nullable: address of the next page */
  gint64 size;        /* of the whole file, as the Hub says; -1 */
  gint64 length;      /* of the body; -1 */
  gint64 first;       /* of a 206: where it begins */
  gint64 total;       /* of a 206: -1 */
  gint64 retry_after; /* s; -1 */
  gboolean is_gzip;
} AttuneHubAnswer;

void     attune_hub_answer_clear (AttuneHubAnswer *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneHubAnswer, attune_hub_answer_clear)

/* One try; whatever the status is, it is no error. */
gboolean attune_hub_send         (AttuneHub        *self,
                                  const char       *method,
                                  const char       *address,
                                  gint64            first,
                                  const char       *if_range,
                                  AttuneHubAnswer  *answer,
                                  GCancellable     *cancellable,
                                  GError          **error);
/* Whether another try may help; waits before it. *tries counts those without progress. */
gboolean attune_hub_wait         (AttuneHub              *self,
                                  const AttuneHubAnswer  *answer,
                                  const GError           *failure,
                                  guint                  *tries,
                                  GCancellable           *cancellable,
                                  GError                **error);
/* Why there is no more to be done, as one sentence about what was asked for. */
void     attune_hub_explain      (AttuneHub              *self,
                                  const AttuneHubAnswer  *answer,
                                  const GError           *failure,
                                  const char             *what,
                                  GError                **error);
/* A whole answer in JSON, with tries. */
GBytes  *attune_hub_get_json     (AttuneHub     *self,
                                  const char    *address,
                                  const char    *what,
                                  char         **next,
                                  GCancellable  *cancellable,
                                  GError       **error);
/* (transfer full): the body as it was before anybody packed it. */
GInputStream *
         attune_hub_answer_open  (const AttuneHubAnswer *self);

char    *attune_hub_find_token   (void);
char    *attune_hub_read_word    (const char *path);

/* Pure; tested by themselves. */
GUri    *attune_hub_follow         (GUri        *from,
                                    const char  *location,
                                    GError     **error);
gboolean attune_hub_may_have_token (AttuneHub   *self,
                                    GUri        *uri);
gboolean attune_hub_speaks         (AttuneHub   *self,
                                    GUri        *uri);

G_END_DECLS

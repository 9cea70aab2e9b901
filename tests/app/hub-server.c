/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See the header. As much of the Hub as the window needs: a search, the list of a repository's files
 * with their hashes, and the files.
 */
#include "config.h"

#include "hub-server.h"

#include <libsoup/soup.h>
#include <string.h>

#define COMMIT "0123456789abcdef0123456789abcdef01234567"

typedef struct
{
  char *key;         /* "models/org/name" */
  GHashTable *files; /* name → GBytes */
} Repo;

struct _HubServer
{
  SoupServer *server;
  GPtrArray *repos; /* (element-type Repo) */
  char *found;
  char *code;
  guint status;
  guint n_requests;
  gboolean holding;
  GPtrArray *held;  /* (element-type SoupServerMessage) */
};

static void
repo_free (Repo *repo)
{
  g_free (repo->key);
  g_hash_table_unref (repo->files);
  g_free (repo);
}

static Repo *
find_repo (HubServer *self, const char *key)
{
  for (guint i = 0; i < self->repos->len; i++)
    {
      Repo *repo = g_ptr_array_index (self->repos, i);

      if (g_str_equal (repo->key, key))
        return repo;
    }
  return NULL;
}

static void
describe (const Repo *repo, SoupServerMessage *message)
{
  g_autoptr (GString) json = g_string_new ("{\"sha\":\"" COMMIT "\",\"cardData\":{\"license\":"
                                           "\"mit\",\"language\":\"en\"},\"siblings\":[");
  GHashTableIter iter;
  const char *name, *separator = "";
  GBytes *bytes;

  g_hash_table_iter_init (&iter, repo->files);
  while (g_hash_table_iter_next (&iter, (gpointer *) &name, (gpointer *) &bytes))
    {
      g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);

      g_string_append_printf (json,
                              "%s{\"rfilename\":\"%s\",\"lfs\":{\"sha256\":\"%s\",\"size\":%zu}}",
                              separator, name, hash, g_bytes_get_size (bytes));
      separator = ",";
    }
  g_string_append (json, "]}");
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, json->str,
                                    json->len);
  soup_server_message_set_status (message, 200, NULL);
}

static void
send_file (HubServer *self, SoupServerMessage *message, const char *name, GBytes *bytes)
{
  gsize n = g_bytes_get_size (bytes);
  gboolean half = self->holding && g_str_equal (name, "model.safetensors");
  g_autoptr (GBytes) sent = g_bytes_new_from_bytes (bytes, 0, half ? n / 2 : n);
  SoupMessageBody *body = soup_server_message_get_response_body (message);

  soup_server_message_set_status (message, 200, NULL);
  soup_message_body_append_bytes (body, sent);
  if (!half)
    {
      soup_message_body_complete (body);
      return;
    }
  soup_message_headers_set_content_length (soup_server_message_get_response_headers (message),
                                           (goffset) n);
  g_object_set_data_full (G_OBJECT (message), "rest",
                          g_bytes_new_from_bytes (bytes, n / 2, n - n / 2),
                          (GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (self->held, g_object_ref (message));
}

/* /org/name/resolve/commit/file, of data sets with /datasets before it */
static void
answer_resolve (HubServer *self, SoupServerMessage *message, const char *path)
{
  g_auto (GStrv) halves = g_strsplit (path + 1, "/resolve/", 2);
  gboolean data = g_str_has_prefix (halves[0], "datasets/");
  g_autofree char *key = data ? g_strdup (halves[0]) : g_strconcat ("models/", halves[0], NULL);
  const char *name = halves[1] != NULL ? strchr (halves[1], '/') : NULL;
  Repo *repo = find_repo (self, key);
  GBytes *bytes = repo != NULL && name != NULL ? g_hash_table_lookup (repo->files, name + 1) : NULL;

  if (bytes != NULL)
    send_file (self, message, name + 1, bytes);
  else
    soup_server_message_set_status (message, 404, NULL);
}

/* /api/models/org/name/revision/main */
static void
answer_list (HubServer *self, SoupServerMessage *message, const char *path)
{
  g_auto (GStrv) halves = g_strsplit (path + strlen ("/api/"), "/revision/", 2);
  Repo *repo = find_repo (self, halves[0]);

  if (repo != NULL)
    {
      describe (repo, message);
      return;
    }
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "X-Error-Code",
                                "RepoNotFound");
  soup_server_message_set_status (message, 401, NULL);
}

static void
asked_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
          gpointer user_data)
{
  HubServer *self = user_data;

  self->n_requests++;
  if (self->status != 200)
    {
      if (self->code != NULL)
        soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                      "X-Error-Code", self->code);
      soup_server_message_set_status (message, self->status, NULL);
    }
  else if (g_str_equal (path, "/api/models"))
    {
      soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, self->found,
                                        strlen (self->found));
      soup_server_message_set_status (message, 200, NULL);
    }
  else if (g_str_has_prefix (path, "/api/"))
    answer_list (self, message, path);
  else
    answer_resolve (self, message, path);
}

HubServer *
hub_server_new (void)
{
  HubServer *self = g_new0 (HubServer, 1);
  g_autoptr (GError) error = NULL;
  g_autofree char *address = NULL;
  g_autofree char *cache = g_build_filename (g_getenv ("ATTUNE_TEST_HOME"), "no-cache", NULL);
  GSList *uris;

  self->status = 200;
  self->found = g_strdup ("[]");
  self->repos = g_ptr_array_new_with_free_func ((GDestroyNotify) repo_free);
  self->held = g_ptr_array_new_with_free_func (g_object_unref);
  self->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (self->server, NULL, asked_cb, self, NULL);
  soup_server_listen_local (self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (self->server);
  address = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  g_setenv ("HF_ENDPOINT", address, TRUE);
  g_setenv ("HF_HUB_CACHE", cache, TRUE);
  g_unsetenv ("HF_HUB_OFFLINE");
  g_unsetenv ("TRANSFORMERS_OFFLINE");
  g_unsetenv ("HF_TOKEN");
  return self;
}

void
hub_server_free (HubServer *self)
{
  /* What was held goes to nobody. */
  soup_server_disconnect (self->server);
  g_object_unref (self->server);
  g_ptr_array_unref (self->held);
  g_ptr_array_unref (self->repos);
  g_free (self->found);
  g_free (self->code);
  g_free (self);
  /* Nobody listens there any more, and nobody else is to be asked instead. */
  g_setenv ("HF_HUB_OFFLINE", "1", TRUE);
}

void
hub_server_add_file (HubServer *self, const char *kind, const char *id, const char *name,
                     const char *path)
{
  g_autofree char *key = g_strconcat (kind, "/", id, NULL);
  Repo *repo = find_repo (self, key);
  char *content;
  gsize length;

  g_assert_true (g_file_get_contents (path, &content, &length, NULL));
  if (repo == NULL)
    {
      repo = g_new0 (Repo, 1);
      repo->key = g_steal_pointer (&key);
      repo->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                           (GDestroyNotify) g_bytes_unref);
      g_ptr_array_add (self->repos, repo);
    }
  g_hash_table_insert (repo->files, g_strdup (name), g_bytes_new_take (content, length));
}

void
hub_server_add_folder (HubServer *self, const char *kind, const char *id, const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      hub_server_add_file (self, kind, id, name, path);
    }
}

void
hub_server_set_found (HubServer *self, const char *json)
{
  g_set_str (&self->found, json);
}

void
hub_server_hold (HubServer *self)
{
  self->holding = TRUE;
}

void
hub_server_go_on (HubServer *self)
{
  self->holding = FALSE;
  for (guint i = 0; i < self->held->len; i++)
    {
      SoupServerMessage *message = g_ptr_array_index (self->held, i);
      SoupMessageBody *body = soup_server_message_get_response_body (message);

      soup_message_body_append_bytes (body, g_object_get_data (G_OBJECT (message), "rest"));
      soup_message_body_complete (body);
      soup_server_message_unpause (message);
    }
  g_ptr_array_set_size (self->held, 0);
}

void
hub_server_fail (HubServer *self, guint status, const char *code)
{
  self->status = status;
  g_set_str (&self->code, code);
}

guint
hub_server_get_n_requests (HubServer *self)
{
  return self->n_requests;
}

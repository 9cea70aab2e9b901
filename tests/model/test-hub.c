/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who may have the token, where a redirect may lead, whose word about a file counts; names and
 * headers as the Hub or somebody in its place may send them. Without a network, which is in
 * tests/cli/test-hub-*.py.
 */
#include "config.h"

#include "attune-hub-private.h"

static AttuneHub *
hub_new (const char *endpoint,
         const char *token)
{
  g_autoptr (GError) error = NULL;
  AttuneHub *hub = attune_hub_new (endpoint, FALSE, token, &error);

  g_assert_no_error (error);
  return hub;
}

static void
test_token (void)
{
  static const struct {
    const char *endpoint;
    const char *asked;
    gboolean token;  /* may be sent there */
    gboolean speaks; /* what is said there about a file is believed */
  } cases[] = {
    { "https://hub.example", "https://hub.example/x", TRUE, TRUE },
    { "https://hub.example", "https://HUB.example:443/x", TRUE, TRUE },
    { "https://hub.example", "https://hub.example:444/x", FALSE, FALSE },
    { "https://hub.example", "http://hub.example/x", FALSE, FALSE },
    { "https://hub.example", "http://hub.example:443/x", FALSE, FALSE },
    { "https://hub.example", "https://cdn.hub.example/x", FALSE, FALSE },
    { "https://hub.example", "https://hub.example.evil/x", FALSE, FALSE },
    { "https://hub.example", "https://hub.example@evil/x", FALSE, FALSE },
    { "https://hub.example", "https://evil/hub.example", FALSE, FALSE },
    /* Without encryption anybody on the way would have it. */
    { "http://hub.example", "http://hub.example/x", FALSE, TRUE },
    { "http://hub.example", "https://hub.example/x", FALSE, TRUE },
    { "http://hub.example:8080", "https://hub.example/x", FALSE, FALSE },
    { "http://127.0.0.1:8080", "http://127.0.0.1:8080/x", TRUE, TRUE },
    { "http://127.0.0.1:8080", "http://127.0.0.1:8081/x", FALSE, FALSE },
    { "http://localhost:8080", "http://localhost:8080/x", TRUE, TRUE },
    { "http://[::1]:8080", "http://[::1]:8080/x", TRUE, TRUE },
    { "http://127.0.0.1.evil", "http://127.0.0.1.evil/x", FALSE, TRUE },
    { "http://localhost.evil", "http://localhost.evil/x", FALSE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AttuneHub) hub = hub_new (cases[i].endpoint, "hf_token");
      g_autoptr (AttuneHub) nobody = hub_new (cases[i].endpoint, NULL);
      g_autoptr (GUri) uri = g_uri_parse (cases[i].asked, SOUP_HTTP_URI_FLAGS, NULL);

      g_assert_nonnull (uri);
      if (attune_hub_may_have_token (hub, uri) != cases[i].token
          || attune_hub_speaks (hub, uri) != cases[i].speaks)
        g_error ("%s of %s", cases[i].asked, cases[i].endpoint);
      g_assert_false (attune_hub_may_have_token (nobody, uri));
    }
}

static void
test_redirects (void)
{
  static const struct {
    const char *from;
    const char *location;
    const char *to; /* NULL: refused */
  } cases[] = {
    { "https://hub.example/a/b", "https://cdn.example/c", "https://cdn.example/c" },
    { "https://hub.example/a/b", "/c", "https://hub.example/c" },
    { "https://hub.example/a/b", "//cdn.example/c", "https://cdn.example/c" },
    { "http://hub.example/a/b", "https://hub.example/a/b", "https://hub.example/a/b" },
    { "http://hub.example/a/b", "http://cdn.example/c", "http://cdn.example/c" },
    /* Nothing that was encrypted goes on in the clear, however that is spelt. */
    { "https://hub.example/a/b", "http://hub.example/a/b", NULL },
    { "https://hub.example/a/b", "HTTP://hub.example/a/b", NULL },
    { "https://hub.example/a/b", "http://127.0.0.1/a/b", NULL },
    { "https://hub.example/a/b", "file:///etc/passwd", NULL },
    { "https://hub.example/a/b", "ftp://hub.example/c", NULL },
    { "https://hub.example/a/b", "javascript:alert(1)", NULL },
    { "https://hub.example/a/b", "data:text/plain,x", NULL },
    { "https://hub.example/a/b", "https:///c", NULL },
    { "https://hub.example/a/b", "https://", NULL },
    { "https://hub.example/a/b", "https://[::1/c", NULL },
    { "https://hub.example/a/b", "https://hub.example:99999/c", NULL },
    { "https://hub.example/a/b", NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GUri) from = g_uri_parse (cases[i].from, SOUP_HTTP_URI_FLAGS, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (GUri) to = attune_hub_follow (from, cases[i].location, &error);
      g_autofree char *text = to != NULL ? g_uri_to_string (to) : NULL;

      g_assert_cmpstr (text, ==, cases[i].to);
      if (to == NULL)
        g_assert_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_FORMAT);
    }
}

static void
test_endpoints (void)
{
  static const char *const bad[] = { "", "hub", "ftp://hub.example", "https://", "https:///x",
                                     "https://hub.example?a=b", "https://hub.example/#a",
                                     "file:///etc/passwd" };
  g_autoptr (AttuneHub) mirror = hub_new ("https://me:secret@hub.example/mirror//", NULL);
  g_autoptr (AttuneHub) usual = hub_new ("", NULL);

  g_assert_cmpstr (attune_hub_get_endpoint (mirror), ==, "https://hub.example/mirror");
  g_assert_cmpstr (attune_hub_get_endpoint (usual), ==, "https://huggingface.co");
  for (guint i = 1; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (attune_hub_new (bad[i], FALSE, NULL, &error));
      g_assert_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_FORMAT);
    }
}

static void
test_names (void)
{
  static const char *const safe[] = { "config.json", "data/train-0.parquet", "a/b/c", "1", "ä/中" };
  static const char *const unsafe[] = { "", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/../b",
                                        ".hidden", "a/.hidden", "a\\b", "a\nb", "a\x7f", "\xff",
                                        "a\xc2\x9b" "2J" };
  static const char *const ids[] = { "bert-base-uncased", "org/name", "a-b/c.d_e" };
  static const char *const no_ids[] = { "", "/", "a/", "/a", "a/b/c", "a b", "a/..", "..", "a..b",
                                        "a--b", "-a", ".a", "a?b", "a#b", "a%2fb", "ä" };

  for (guint i = 0; i < G_N_ELEMENTS (safe); i++)
    g_assert_true (attune_hub_path_is_safe (safe[i]));
  for (guint i = 0; i < G_N_ELEMENTS (unsafe); i++)
    g_assert_false (attune_hub_path_is_safe (unsafe[i]));
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    g_assert_true (attune_hub_check_id (ids[i], NULL));
  for (guint i = 0; i < G_N_ELEMENTS (no_ids); i++)
    g_assert_false (attune_hub_check_id (no_ids[i], NULL));
}

static void
assert_range (const char *text,
              gboolean    good,
              gint64      first,
              gint64      total)
{
  gint64 its_first = -2, its_total = -2;

  g_assert_cmpint (attune_hub_range_parse (text, &its_first, &its_total), ==, good);
  if (good)
    {
      g_assert_cmpint (its_first, ==, first);
      g_assert_cmpint (its_total, ==, total);
    }
}

static void
test_headers (void)
{
  static const char sha256[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  g_autofree char *quoted = g_strdup_printf ("\"%s\"", sha256);
  g_autofree char *hash = attune_hub_etag_get_hash (quoted);
  g_autofree char *next = attune_hub_link_get_next (
    "<https://a/1>; rel=\"first\", <https://a/2>; rel=\"next\"");

  g_assert_cmpstr (hash, ==, sha256);
  /* An MD5, as other servers' ETags are, is no hash of the Hub's. */
  g_assert_null (attune_hub_etag_get_hash ("\"0123456789abcdef0123456789abcdef\""));
  g_assert_null (attune_hub_etag_get_hash ("\""));
  g_assert_null (attune_hub_etag_get_hash (NULL));

  assert_range ("bytes 5-9/10", TRUE, 5, 10);
  assert_range ("bytes 5-9/*", TRUE, 5, -1);
  assert_range ("bytes 5-9/9", FALSE, 0, 0);
  assert_range ("bytes 9-5/10", FALSE, 0, 0);
  assert_range ("bytes -5-9/10", FALSE, 0, 0);
  assert_range ("bytes 0-99999999999999999999/*", FALSE, 0, 0);
  assert_range ("bytes */10", FALSE, 0, 0);
  assert_range ("items 5-9/10", FALSE, 0, 0);
  assert_range (NULL, FALSE, 0, 0);

  g_assert_cmpint (attune_hub_retry_after_parse ("7"), ==, 7);
  g_assert_cmpint (attune_hub_retry_after_parse ("99999999"), ==, 86400);
  g_assert_cmpint (attune_hub_retry_after_parse ("-7"), ==, -1);
  g_assert_cmpint (attune_hub_retry_after_parse ("Wed, 21 Oct 2015 07:28:00 GMT"), ==, -1);
  g_assert_cmpint (attune_hub_retry_after_parse (NULL), ==, -1);

  g_assert_cmpstr (next, ==, "https://a/2");
  g_assert_null (attune_hub_link_get_next ("<https://a/2; rel=\"next\""));
  g_assert_null (attune_hub_link_get_next (NULL));
}

int
main (int    argc,
      char **argv)
{
  static const char *const variables[] = { "HF_ENDPOINT", "HF_TOKEN", "HF_TOKEN_PATH",
                                           "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE" };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    g_unsetenv (variables[i]);
  g_setenv ("HF_HOME", "/nowhere", TRUE);

  g_test_add_func ("/hub/token", test_token);
  g_test_add_func ("/hub/redirects", test_redirects);
  g_test_add_func ("/hub/endpoints", test_endpoints);
  g_test_add_func ("/hub/names", test_names);
  g_test_add_func ("/hub/headers", test_headers);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The choices about the Hub: which addresses are refused, whose word goes first, where the token
 * goes and where not, and what the rows of the preferences say. The keyring is a table in memory,
 * a session bus on which none answers, or the file of libsecret's own tests.
 */
#include "config.h"

#include "app-fixture.h"

#include <string.h>

#include "attune-hub-group.h"
#include "attune-hub-private.h"
#include "attune-hub-settings.h"

/* The keyring in memory: endpoint → token. Asked by one worker thread at a time. */
static GHashTable *keyring;
static gboolean keyring_is_broken;
static guint n_looked_up;

static gboolean
refuse (GError **error)
{
  if (keyring_is_broken)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "No keyring answers");
  return keyring_is_broken;
}

static gboolean
memory_find (const char *endpoint, GCancellable *cancellable, GError **error)
{
  return !refuse (error) && g_hash_table_contains (keyring, endpoint);
}

static char *
memory_look_up (const char *endpoint, GCancellable *cancellable, GError **error)
{
  n_looked_up++;
  return refuse (error) ? NULL : g_strdup (g_hash_table_lookup (keyring, endpoint));
}

static gboolean
memory_keep (const char *endpoint, const char *token, GCancellable *cancellable, GError **error)
{
  if (refuse (error))
    return FALSE;
  if (token != NULL)
    g_hash_table_insert (keyring, g_strdup (endpoint), g_strdup (token));
  else
    g_hash_table_remove (keyring, endpoint);
  return TRUE;
}

static const AttuneTokenStore memory = { memory_find, memory_look_up, memory_keep };

typedef struct {
  GSettings *settings;
  AttuneHubSettings *hub;
  GAsyncResult *result; /* of the last question */
} Fixture;

static void
clear_environment (void)
{
  static const char *const names[] = { "HF_ENDPOINT", "HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE",
                                       "TRANSFORMERS_OFFLINE" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_unsetenv (names[i]);
}

static void
set_up (Fixture *fixture, const AttuneTokenStore *store)
{
  clear_environment ();
  keyring = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  keyring_is_broken = FALSE;
  n_looked_up = 0;
  fixture->settings = g_settings_new (APPLICATION_ID);
  g_settings_reset (fixture->settings, "hub-endpoint");
  g_settings_reset (fixture->settings, "work-offline");
  fixture->hub = attune_hub_settings_new (fixture->settings, store);
  fixture->result = NULL;
}

static void
tear_down (Fixture *fixture)
{
  g_clear_object (&fixture->result);
  app_fixture_release (fixture->hub);
  g_object_unref (fixture->settings);
  g_hash_table_unref (keyring);
  clear_environment ();
}

static void
result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ((Fixture *) user_data)->result = g_object_ref (result);
}

static gboolean
has_result (gpointer data)
{
  return ((Fixture *) data)->result != NULL;
}

static gboolean
find_token (Fixture *fixture, GError **error)
{
  g_clear_object (&fixture->result);
  attune_hub_settings_find_token_async (fixture->hub, NULL, result_cb, fixture);
  app_fixture_wait (has_result, fixture);
  return attune_hub_settings_find_token_finish (fixture->hub, fixture->result, error);
}

static gboolean
keep_token (Fixture *fixture, const char *token, GError **error)
{
  g_clear_object (&fixture->result);
  attune_hub_settings_keep_token_async (fixture->hub, token, NULL, result_cb, fixture);
  app_fixture_wait (has_result, fixture);
  return attune_hub_settings_keep_token_finish (fixture->hub, fixture->result, error);
}

static AttuneHub *
open_hub (Fixture *fixture, GError **error)
{
  g_clear_object (&fixture->result);
  attune_hub_settings_open_async (fixture->hub, NULL, result_cb, fixture);
  app_fixture_wait (has_result, fixture);
  return attune_hub_settings_open_finish (fixture->hub, fixture->result, error);
}

/* What the next download would be asked with. */
static void
assert_opens (Fixture *fixture, const char *endpoint, const char *token, gboolean offline)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneHub) hub = open_hub (fixture, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (attune_hub_get_endpoint (hub), ==, endpoint);
  g_assert_cmpstr (hub->token, ==, token);
  g_assert_true (attune_hub_is_offline (hub) == offline);
}

static void
test_refuses_addresses (void)
{
  static const char *const good[] = {
    "https://huggingface.co", "https://mirror.example/hub", "http://127.0.0.1:8080",
    "http://localhost:1", "http://[::1]:8080", "HTTPS://mirror.example",
  };
  static const char *const bad[] = {
    "", "huggingface.co", "http://mirror.example", "http://127.0.0.1.example", "ftp://a.example",
    "https://", "https://a.example/?q=1", "https://a.example/#b", "https://me:word@a.example",
    "http://10.0.0.1", "https://a b",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;

      attune_hub_settings_check_endpoint (good[i], &error);
      g_assert_no_error (error);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad[i]);
      g_assert_false (attune_hub_settings_check_endpoint (bad[i], &error));
      g_assert_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_FORMAT);
    }
}

static void
test_keeps_address (void)
{
  Fixture fixture;
  g_autoptr (GError) error = NULL;

  set_up (&fixture, &memory);
  assert_opens (&fixture, "https://huggingface.co", NULL, FALSE);
  g_assert_true (attune_hub_settings_set_endpoint (fixture.hub, " https://mirror.example// ", NULL));
  assert_opens (&fixture, "https://mirror.example", NULL, FALSE);
  g_assert_false (attune_hub_settings_set_endpoint (fixture.hub, "http://mirror.example", &error));
  assert_opens (&fixture, "https://mirror.example", NULL, FALSE);
  g_assert_true (attune_hub_settings_set_endpoint (fixture.hub, "", NULL));
  g_assert_null (g_settings_get_user_value (fixture.settings, "hub-endpoint"));
  g_clear_error (&error);

  /* What was written by another hand is checked like what was typed. */
  g_settings_set_string (fixture.settings, "hub-endpoint", "http://mirror.example");
  g_assert_null (open_hub (&fixture, &error));
  g_assert_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_FORMAT);
  tear_down (&fixture);
}

static void
test_token_goes_to_its_hub_alone (void)
{
  Fixture fixture;

  set_up (&fixture, &memory);
  g_assert_false (find_token (&fixture, NULL));
  g_assert_true (keep_token (&fixture, "hf_one", NULL));
  g_assert_true (find_token (&fixture, NULL));
  assert_opens (&fixture, "https://huggingface.co", "hf_one", FALSE);

  attune_hub_settings_set_endpoint (fixture.hub, "https://mirror.example", NULL);
  g_assert_false (find_token (&fixture, NULL));
  assert_opens (&fixture, "https://mirror.example", NULL, FALSE);
  g_setenv ("HF_ENDPOINT", "https://other.example/", TRUE);
  assert_opens (&fixture, "https://other.example", NULL, FALSE);
  g_unsetenv ("HF_ENDPOINT");

  attune_hub_settings_set_endpoint (fixture.hub, "", NULL);
  g_assert_true (keep_token (&fixture, NULL, NULL));
  g_assert_false (find_token (&fixture, NULL));
  assert_opens (&fixture, "https://huggingface.co", NULL, FALSE);
  tear_down (&fixture);
}

static void
test_refuses_what_is_no_token (void)
{
  static const char *const bad[] = { "", "two words", "hf_a\r\nHost: b", "hf_\303\244" };
  g_autofree char *longest = g_strnfill (4097, 'a');
  Fixture fixture;

  set_up (&fixture, &memory);
  for (guint i = 0; i <= G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (keep_token (&fixture, i < G_N_ELEMENTS (bad) ? bad[i] : longest, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
    }
  g_assert_cmpuint (g_hash_table_size (keyring), ==, 0);
  tear_down (&fixture);
}

static void
test_environment_goes_first (void)
{
  Fixture fixture;
  g_autoptr (GFile) file = app_fixture_write_file ("token", "hf_file\n", -1);

  set_up (&fixture, &memory);
  g_assert_true (keep_token (&fixture, "hf_one", NULL));
  attune_hub_settings_set_endpoint (fixture.hub, "https://mirror.example", NULL);
  g_setenv ("HF_ENDPOINT", "http://127.0.0.1:9", TRUE);
  g_setenv ("HF_TOKEN_PATH", g_file_peek_path (file), TRUE);
  assert_opens (&fixture, "http://127.0.0.1:9", "hf_file", FALSE);
  g_setenv ("HF_TOKEN", "hf_two", TRUE);
  assert_opens (&fixture, "http://127.0.0.1:9", "hf_two", FALSE);
  g_setenv ("HF_HUB_OFFLINE", "1", TRUE);
  assert_opens (&fixture, "http://127.0.0.1:9", "hf_two", TRUE);
  g_assert_cmpuint (n_looked_up, ==, 0);
  tear_down (&fixture);
}

/* Nor is the keyring unlocked for it. */
static void
test_offline_asks_nobody (void)
{
  Fixture fixture;

  set_up (&fixture, &memory);
  g_assert_true (keep_token (&fixture, "hf_one", NULL));
  g_settings_set_boolean (fixture.settings, "work-offline", TRUE);
  assert_opens (&fixture, "https://huggingface.co", NULL, TRUE);
  g_assert_cmpuint (n_looked_up, ==, 0);
  tear_down (&fixture);
}

static void
test_downloads_without_a_keyring (void)
{
  Fixture fixture;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) other = NULL;

  /* The session bus of the tests has no secret service. */
  set_up (&fixture, attune_token_store_get_default ());
  g_assert_false (keep_token (&fixture, "hf_one", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_assert_nonnull (strstr (error->message, "HF_TOKEN"));
  g_assert_null (strstr (error->message, "hf_one"));
  g_assert_false (find_token (&fixture, &other));
  g_assert_error (other, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  assert_opens (&fixture, "https://huggingface.co", NULL, FALSE);
  tear_down (&fixture);
}

/* With libsecret itself; which keyring it uses is settled once in a process. */
static void
test_keyring (void)
{
  Fixture fixture;

  if (!g_test_subprocess ())
    {
      g_auto (GStrv) environment = g_get_environ ();
      g_autofree char *path = g_build_filename (g_get_user_data_dir (), "keyring", NULL);
      g_autofree char *content = NULL;
      gsize length = 0;

      g_mkdir_with_parents (g_get_user_data_dir (), 0700);
      environment = g_environ_setenv (environment, "SECRET_BACKEND", "file", TRUE);
      environment = g_environ_setenv (environment, "SECRET_FILE_TEST_PATH", path, TRUE);
      environment = g_environ_setenv (environment, "SECRET_FILE_TEST_PASSWORD", "word", TRUE);
      g_test_trap_subprocess_with_envp (NULL, (const char *const *) environment, 0,
                                        G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      /* It was this keyring, and not somebody's own. */
      g_assert_true (g_file_get_contents (path, &content, &length, NULL));
      g_assert_cmpuint (length, >, 0);
      return;
    }

  set_up (&fixture, attune_token_store_get_default ());
  g_assert_false (find_token (&fixture, NULL));
  g_assert_true (keep_token (&fixture, NULL, NULL));
  g_assert_true (keep_token (&fixture, "hf_one", NULL));
  g_assert_true (keep_token (&fixture, "hf_two", NULL));
  g_assert_true (find_token (&fixture, NULL));
  assert_opens (&fixture, "https://huggingface.co", "hf_two", FALSE);
  attune_hub_settings_set_endpoint (fixture.hub, "https://mirror.example", NULL);
  assert_opens (&fixture, "https://mirror.example", NULL, FALSE);
  attune_hub_settings_set_endpoint (fixture.hub, "", NULL);
  g_assert_true (keep_token (&fixture, NULL, NULL));
  assert_opens (&fixture, "https://huggingface.co", NULL, FALSE);
  tear_down (&fixture);
}

typedef struct {
  Fixture fixture;
  GtkWidget *window;
  AttuneHubGroup *group;
} Rows;

static void
show_rows (Rows *rows)
{
  rows->window = g_object_ref_sink (adw_window_new ());
  rows->group = g_object_new (ATTUNE_TYPE_HUB_GROUP, NULL);
  attune_hub_group_set_settings (rows->group, rows->fixture.settings, rows->fixture.hub);
  adw_window_set_content (ADW_WINDOW (rows->window), GTK_WIDGET (rows->group));
  gtk_window_present (GTK_WINDOW (rows->window));
  app_fixture_spin (100);
}

static void
close_rows (Rows *rows)
{
  g_object_ref (rows->group);
  gtk_window_destroy (GTK_WINDOW (rows->window));
  g_object_unref (rows->window);
  app_fixture_release (rows->group);
  tear_down (&rows->fixture);
}

static gboolean
is_shown (Rows *rows, const char *id)
{
  return gtk_widget_get_visible (app_fixture_get_child (rows->group, id));
}

static gboolean
token_is_kept (gpointer data)
{
  return is_shown (data, "token_kept");
}

static gboolean
token_is_wanted (gpointer data)
{
  return is_shown (data, "token");
}

static const char *
get_subtitle (Rows *rows, const char *id)
{
  return adw_action_row_get_subtitle (app_fixture_get_child (rows->group, id));
}

static const char *
get_title (Rows *rows, const char *id)
{
  return adw_preferences_row_get_title (app_fixture_get_child (rows->group, id));
}

static void
type_and_apply (Rows *rows, const char *id, const char *text)
{
  gpointer row = app_fixture_get_child (rows->group, id);

  gtk_editable_set_text (GTK_EDITABLE (row), text);
  g_signal_emit_by_name (row, "apply");
}

static void
test_rows_say_why (void)
{
  Rows rows;
  GtkEditable *entry;

  set_up (&rows.fixture, &memory);
  show_rows (&rows);
  entry = app_fixture_get_child (rows.group, "endpoint");
  g_assert_cmpstr (gtk_editable_get_text (entry), ==, "https://huggingface.co");
  g_assert_false (is_shown (&rows, "endpoint_problem"));

  type_and_apply (&rows, "endpoint", "http://mirror.example");
  g_assert_true (is_shown (&rows, "endpoint_problem"));
  g_assert_nonnull (strstr (get_title (&rows, "endpoint_problem"), "https://"));
  g_assert_true (gtk_widget_has_css_class (GTK_WIDGET (entry), "error"));
  g_assert_null (g_settings_get_user_value (rows.fixture.settings, "hub-endpoint"));

  type_and_apply (&rows, "endpoint", "https://mirror.example/");
  g_assert_false (is_shown (&rows, "endpoint_problem"));
  g_assert_cmpstr (gtk_editable_get_text (entry), ==, "https://mirror.example");
  type_and_apply (&rows, "endpoint", "");
  g_assert_cmpstr (gtk_editable_get_text (entry), ==, "https://huggingface.co");

  type_and_apply (&rows, "token", "two words");
  app_fixture_spin (50);
  g_assert_true (is_shown (&rows, "token_problem"));
  gtk_editable_set_text (app_fixture_get_child (rows.group, "token"), "two");
  g_assert_false (is_shown (&rows, "token_problem"));
  close_rows (&rows);
}

static void
test_rows_keep_and_remove_the_token (void)
{
  Rows rows;

  set_up (&rows.fixture, &memory);
  show_rows (&rows);
  g_assert_true (token_is_wanted (&rows));
  type_and_apply (&rows, "token", " hf_one ");
  app_fixture_wait (token_is_kept, &rows);
  g_assert_cmpstr (g_hash_table_lookup (keyring, "https://huggingface.co"), ==, "hf_one");
  g_assert_cmpstr (gtk_editable_get_text (app_fixture_get_child (rows.group, "token")), ==, "");
  g_assert_true (is_shown (&rows, "remove"));
  g_assert_null (strstr (get_subtitle (&rows, "token_kept"), "hf_one"));

  g_signal_emit_by_name (app_fixture_get_child (rows.group, "remove"), "clicked");
  app_fixture_wait (token_is_wanted, &rows);
  g_assert_cmpuint (g_hash_table_size (keyring), ==, 0);
  close_rows (&rows);
}

static void
test_rows_without_a_keyring (void)
{
  Rows rows;

  set_up (&rows.fixture, &memory);
  keyring_is_broken = TRUE;
  show_rows (&rows);
  app_fixture_wait (token_is_kept, &rows);
  g_assert_cmpstr (get_subtitle (&rows, "token_kept"), ==, "No keyring answers");
  g_assert_false (is_shown (&rows, "remove"));
  g_assert_false (is_shown (&rows, "token"));
  g_assert_false (is_shown (&rows, "token_problem"));
  close_rows (&rows);
}

static void
test_rows_show_what_is_decided (void)
{
  Rows rows;

  set_up (&rows.fixture, &memory);
  g_setenv ("HF_ENDPOINT", "http://mirror.example/", TRUE);
  g_setenv ("HF_TOKEN", "hf_two", TRUE);
  g_setenv ("HF_HUB_OFFLINE", "yes", TRUE);
  show_rows (&rows);
  g_assert_false (is_shown (&rows, "endpoint"));
  g_assert_cmpstr (get_subtitle (&rows, "endpoint_told"), ==,
                   "http://mirror.example (set by HF_ENDPOINT)");
  g_assert_false (is_shown (&rows, "token"));
  g_assert_false (is_shown (&rows, "remove"));
  g_assert_cmpstr (get_subtitle (&rows, "token_kept"), ==, "Set by HF_TOKEN");
  g_assert_true (adw_switch_row_get_active (app_fixture_get_child (rows.group, "offline")));
  g_assert_false (gtk_widget_get_sensitive (app_fixture_get_child (rows.group, "offline")));
  g_assert_cmpstr (get_subtitle (&rows, "offline"), ==, "Set by HF_HUB_OFFLINE");
  /* What is shown is not what was chosen. */
  g_assert_false (g_settings_get_boolean (rows.fixture.settings, "work-offline"));
  close_rows (&rows);
}

/* On a phone: 360 pixels less the margins of the page. */
static void
test_rows_are_narrow (void)
{
  static const char * const ids[] = { "endpoint", "token", "token_kept", "offline" };
  Rows rows;
  int least;

  set_up (&rows.fixture, &memory);
  show_rows (&rows);
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      gtk_widget_measure (app_fixture_get_child (rows.group, ids[i]), GTK_ORIENTATION_HORIZONTAL,
                          -1, &least, NULL, NULL, NULL);
      g_test_message ("%s: %d", ids[i], least);
    }
  gtk_widget_measure (GTK_WIDGET (rows.group), GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL,
                      NULL);
  g_assert_cmpint (least, <=, 336);
  close_rows (&rows);
}

int
main (int argc, char **argv)
{
  app_fixture_init (&argc, &argv);

  g_test_add_func ("/hub-settings/refuses-addresses", test_refuses_addresses);
  g_test_add_func ("/hub-settings/keeps-address", test_keeps_address);
  g_test_add_func ("/hub-settings/token-goes-to-its-hub-alone", test_token_goes_to_its_hub_alone);
  g_test_add_func ("/hub-settings/refuses-what-is-no-token", test_refuses_what_is_no_token);
  g_test_add_func ("/hub-settings/environment-goes-first", test_environment_goes_first);
  g_test_add_func ("/hub-settings/offline-asks-nobody", test_offline_asks_nobody);
  g_test_add_func ("/hub-settings/downloads-without-a-keyring", test_downloads_without_a_keyring);
  g_test_add_func ("/hub-settings/keyring", test_keyring);
  g_test_add_func ("/hub-settings/rows-say-why", test_rows_say_why);
  g_test_add_func ("/hub-settings/rows-keep-and-remove-the-token",
                   test_rows_keep_and_remove_the_token);
  g_test_add_func ("/hub-settings/rows-without-a-keyring", test_rows_without_a_keyring);
  g_test_add_func ("/hub-settings/rows-show-what-is-decided", test_rows_show_what_is_decided);

  g_test_add_func ("/hub-settings/rows-are-narrow", test_rows_are_narrow);

  return app_fixture_run ();
}

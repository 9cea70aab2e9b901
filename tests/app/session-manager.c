/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See the header. As much of GNOME's interface as GTK calls.
 */
#include "config.h"

#include "session-manager.h"

#include <gio/gio.h>

#define NAME "org.gnome.SessionManager"
#define PATH "/org/gnome/SessionManager"
/* With a number behind it: a program of this test may keep listening for the one before. */
#define CLIENT_PATH PATH "/Client%u"
#define MOST_CLIENTS 32
#define CLIENT_INTERFACE NAME ".ClientPrivate"

static const char interfaces[] =
  "<node><interface name='" NAME "'>"
  "<method name='RegisterClient'><arg type='s' direction='in'/><arg type='s' direction='in'/>"
  "<arg type='o' direction='out'/></method>"
  "<method name='UnregisterClient'><arg type='o' direction='in'/></method>"
  "<method name='Inhibit'><arg type='s' direction='in'/><arg type='u' direction='in'/>"
  "<arg type='s' direction='in'/><arg type='u' direction='in'/><arg type='u' direction='out'/></method>"
  "<method name='Uninhibit'><arg type='u' direction='in'/></method>"
  "</interface><interface name='" CLIENT_INTERFACE "'>"
  "<method name='EndSessionResponse'><arg type='b' direction='in'/><arg type='s' direction='in'/></method>"
  "<signal name='QueryEndSession'><arg type='u'/></signal>"
  "<signal name='EndSession'><arg type='u'/></signal>"
  "</interface></node>";

typedef struct {
  GDBusConnection *connection;
  GMainContext *context;
  GMutex mutex;
  GHashTable *inhibitors; /* cookie → flags */
  guint n_calls;
  guint n_clients;
  guint last_client;
} SessionManager;

/* One for the program, as there is one session. */
static SessionManager *
get_manager (void)
{
  static SessionManager manager;

  return &manager;
}

static void
called_cb (GDBusConnection       *connection,
           const char            *sender,
           const char            *path,
           const char            *interface_name,
           const char            *method,
           GVariant              *parameters,
           GDBusMethodInvocation *invocation,
           gpointer               user_data)
{
  SessionManager *self = user_data;
  GVariant *answer = NULL;
  guint number;

  g_mutex_lock (&self->mutex);
  if (g_str_equal (method, "RegisterClient"))
    {
      g_autofree char *client = g_strdup_printf (CLIENT_PATH, ++self->last_client);

      g_assert_cmpuint (self->last_client, <=, MOST_CLIENTS);
      self->n_clients++;
      answer = g_variant_new ("(o)", client);
    }
  else if (g_str_equal (method, "UnregisterClient"))
    self->n_clients--;
  else if (g_str_equal (method, "Inhibit"))
    {
      g_variant_get_child (parameters, 3, "u", &number);
      self->n_calls++;
      g_hash_table_insert (self->inhibitors, GUINT_TO_POINTER (self->n_calls),
                           GUINT_TO_POINTER (number));
      answer = g_variant_new ("(u)", self->n_calls);
    }
  else if (g_str_equal (method, "Uninhibit"))
    {
      g_variant_get_child (parameters, 0, "u", &number);
      g_hash_table_remove (self->inhibitors, GUINT_TO_POINTER (number));
    }
  g_mutex_unlock (&self->mutex);
  g_dbus_method_invocation_return_value (invocation, answer);
}

static const GDBusInterfaceVTable vtable = { .method_call = called_cb };

static gpointer
serve (gpointer data)
{
  SessionManager *self = data;
  g_autoptr (GMainLoop) loop = g_main_loop_new (self->context, FALSE);
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (interfaces, NULL);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  g_main_context_push_thread_default (self->context);
  g_dbus_connection_register_object (self->connection, PATH, node->interfaces[0], &vtable, self, NULL,
                                     &error);
  g_assert_no_error (error);
  for (guint i = 1; i <= MOST_CLIENTS; i++)
    {
      g_autofree char *client = g_strdup_printf (CLIENT_PATH, i);

      g_dbus_connection_register_object (self->connection, client, node->interfaces[1], &vtable, self,
                                         NULL, &error);
      g_assert_no_error (error);
    }
  reply = g_dbus_connection_call_sync (self->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "RequestName",
                                       g_variant_new ("(su)", NAME, 4), NULL, G_DBUS_CALL_FLAGS_NONE, -1,
                                       NULL, &error);
  g_assert_no_error (error);
  g_main_loop_run (loop);
  return NULL;
}

void
session_manager_start (void)
{
  SessionManager *self = get_manager ();
  g_autoptr (GVariant) owner = NULL;

  self->connection = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_assert_nonnull (self->connection);
  self->context = g_main_context_new ();
  self->inhibitors = g_hash_table_new (NULL, NULL);
  g_thread_unref (g_thread_new ("session-manager", serve, self));
  while (owner == NULL)
    {
      owner = g_dbus_connection_call_sync (self->connection, "org.freedesktop.DBus",
                                           "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                           "GetNameOwner", g_variant_new ("(s)", NAME), NULL,
                                           G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
      g_usleep (1000);
    }
}

guint
session_manager_get_inhibited (void)
{
  SessionManager *self = get_manager ();
  GHashTableIter iter;
  gpointer flags;
  guint sum = 0;

  g_mutex_lock (&self->mutex);
  g_hash_table_iter_init (&iter, self->inhibitors);
  while (g_hash_table_iter_next (&iter, NULL, &flags))
    sum |= GPOINTER_TO_UINT (flags);
  g_mutex_unlock (&self->mutex);
  return sum;
}

guint
session_manager_get_n_calls (void)
{
  SessionManager *self = get_manager ();
  guint n;

  g_mutex_lock (&self->mutex);
  n = self->n_calls;
  g_mutex_unlock (&self->mutex);
  return n;
}

gboolean
session_manager_log_out (void)
{
  static const char * const steps[] = { "QueryEndSession", "EndSession" };
  SessionManager *self = get_manager ();
  g_autofree char *client = NULL;
  gboolean any;

  g_mutex_lock (&self->mutex);
  any = self->n_clients > 0;
  client = g_strdup_printf (CLIENT_PATH, self->last_client);
  g_mutex_unlock (&self->mutex);
  for (guint i = 0; any && i < G_N_ELEMENTS (steps); i++)
    g_dbus_connection_emit_signal (self->connection, NULL, client, CLIENT_INTERFACE, steps[i],
                                   g_variant_new ("(u)", 0), NULL);
  return any;
}

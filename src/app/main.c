/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Entry point of the window program.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>

#include "attune-application.h"
#include "attune-loop-trace.h"

int
main (int argc, char **argv)
{
  g_autoptr (AttuneApplication) application = NULL;
  g_autoptr (GError) error = NULL;
  const char *trace = g_getenv (ATTUNE_LOOP_TRACE_VARIABLE);
  int status;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname (APPLICATION_ID);

  application = attune_application_new ();
  if (trace != NULL && *trace != '\0')
    attune_loop_trace_start ();
  status = g_application_run (G_APPLICATION (application), argc, argv);
  if (!attune_loop_trace_finish (trace, &error))
    g_printerr ("%s\n", error->message);
  return status;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Entry point of the window program.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>

#include "attune-application.h"

int
main (int argc, char **argv)
{
  g_autoptr (AttuneApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname (APPLICATION_ID);

  application = attune_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}

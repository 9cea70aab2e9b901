/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * README's table of settings is the one that the program knows. With --print, prints that table, to
 * be put between README's two marks.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "attune-train-config.h"

#define BEGIN "<!-- settings: begin"
#define END "<!-- settings: end -->"

static void
test_settings_are_those_of_the_program (void)
{
  g_autofree char *path = g_build_filename (SOURCE_ROOT, "README.md", NULL);
  g_autofree char *table = attune_train_config_describe ();
  g_autofree char *readme = NULL;
  g_autofree char *written = NULL;
  g_autoptr (GError) error = NULL;
  const char *begin, *end;

  g_file_get_contents (path, &readme, NULL, &error);
  g_assert_no_error (error);
  begin = strstr (readme, BEGIN);
  g_assert_nonnull (begin);
  begin = strchr (begin, '\n') + 1;
  end = strstr (begin, END);
  g_assert_nonnull (end);
  written = g_strndup (begin, (gsize) (end - begin));
  g_assert_cmpstr (written, ==, table);
}

int
main (int argc, char **argv)
{
  if (argc == 2 && strcmp (argv[1], "--print") == 0)
    {
      g_autofree char *table = attune_train_config_describe ();

      fputs (table, stdout);
      return 0;
    }
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/readme/settings", test_settings_are_those_of_the_program);
  return g_test_run ();
}

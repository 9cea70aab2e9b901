/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What reading a large file costs: its first rows, all of it, cancelling, and memory. Not a test:
 *   bench-reading FILE          measures
 *   bench-reading --make FILE   writes a CSV file of 1 GB, 10 million rows, a tenth of them quoted
 */
#include "config.h"

#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "attune-table.h"

#define N_ROWS 10000000u
#define HEAD_BYTES ((gsize) 1024 * 1024)

static int
make (const char *path)
{
  static const char *const words[] = { "a", "film", "plot", "and", "of", "very", "good", "dull",
                                       "scene", "the", "acting", "indeed", "nobody", "remembers",
                                       "story", "without" };
  FILE *file = fopen (path, "we");
  g_autoptr (GString) text = g_string_new (NULL);
  guint32 state = 1;

  if (file == NULL)
    return 1;
  fputs ("text,label\n", file);
  for (guint row = 0; row < N_ROWS; row++)
    {
      gboolean quoted = row % 10 == 0;

      g_string_truncate (text, 0);
      while (text->len < 92)
        {
          state = state * 1664525 + 1013904223;
          g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", words[state >> 28]);
        }
      fprintf (file, quoted ? "\"%s, \"\"so\"\"\",%u\n" : "%s,%u\n", text->str, state >> 20 & 1);
    }
  return fclose (file) == 0 ? 0 : 1;
}

static double
now (void)
{
  return (double) g_get_monotonic_time () / G_USEC_PER_SEC;
}

static gpointer
cancel_cb (gpointer data)
{
  gpointer *context = data;

  g_usleep (700000);
  *(double *) context[1] = now ();
  g_cancellable_cancel (context[0]);
  return NULL;
}

static void
measure_cancelling (GFile *file)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (AttuneTable) table = NULL;
  double cancelled = 0;
  gpointer context[] = { cancellable, &cancelled };
  GThread *thread = g_thread_new ("cancel", cancel_cb, context);

  table = attune_table_read (file, NULL, cancellable, NULL);
  printf ("cancelled after %.0f ms\n", 1000 * (now () - cancelled));
  g_thread_join (thread);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GFile) file = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) head = NULL, table = NULL;
  struct rusage usage;
  double start, seconds, n_bytes;

  if (argc == 3 && g_str_equal (argv[1], "--make"))
    return make (argv[2]);
  if (argc != 2)
    return 2;
  file = g_file_new_for_path (argv[1]);
  start = now ();
  head = attune_table_read_head (file, NULL, HEAD_BYTES, NULL, &error);
  printf ("head: %.1f ms\n", 1000 * (now () - start));

  start = now ();
  table = attune_table_read (file, NULL, NULL, &error);
  seconds = now () - start;
  if (table == NULL)
    {
      fprintf (stderr, "%s\n", error->message);
      return 1;
    }
  n_bytes = (double) attune_table_get_n_bytes (table);
  getrusage (RUSAGE_SELF, &usage);
  printf ("whole: %.0f MB, %u rows in %.2f s, %.0f MB/s; peak %.0f MB, %.2f of the file; "
          "%.2f s of processor time\n",
          n_bytes / 1e6, attune_table_get_n_rows (table), seconds, n_bytes / 1e6 / seconds,
          (double) usage.ru_maxrss * 1024 / 1e6, (double) usage.ru_maxrss * 1024 / n_bytes,
          (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
  g_clear_object (&table);
  measure_cancelling (file);
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is read of long texts.
 */
#include <glib.h>

#include "attune-text-cut.h"

/* "0 1 2 9" for the places picked of a text of so many tokens. */
static char *
pick (const AttuneTextCut *cut,
      guint                length)
{
  guint n = attune_text_cut_get_length (cut, length);
  g_autofree guint *places = g_new (guint, n + 1);
  GString *text = g_string_new (NULL);

  places[n] = 12345; /* not to be written */
  attune_text_cut_pick (cut, length, places);
  g_assert_cmpuint (places[n], ==, 12345);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%u", i > 0 ? " " : "", places[i]);
  return g_string_free (text, FALSE);
}

static void
assert_picked (AttuneLongTexts kind,
               guint           max_length,
               guint           overlap,
               guint           max_windows,
               guint           length,
               const char     *want)
{
  const AttuneTextCut cut = { kind, max_length, overlap, max_windows };
  g_autofree char *got = pick (&cut, length);

  g_assert_cmpstr (got, ==, want);
}

static void
test_one_sequence (void)
{
  for (AttuneLongTexts kind = ATTUNE_LONG_TEXTS_HEAD; kind <= ATTUNE_LONG_TEXTS_WINDOWS; kind++)
    {
      assert_picked (kind, 6, 2, 8, 6, "0 1 2 3 4 5");
      assert_picked (kind, 6, 2, 8, 2, "0 1");
      assert_picked (kind, 2, 0, 8, 9, "0 8");
      assert_picked (kind, 1, 0, 8, 9, "0");
    }
  assert_picked (ATTUNE_LONG_TEXTS_HEAD, 6, 2, 8, 10, "0 1 2 3 4 9");
  assert_picked (ATTUNE_LONG_TEXTS_TAIL, 6, 2, 8, 10, "0 5 6 7 8 9");
  assert_picked (ATTUNE_LONG_TEXTS_HEAD_TAIL, 6, 2, 8, 10, "0 1 6 7 8 9");
  assert_picked (ATTUNE_LONG_TEXTS_HEAD_TAIL, 10, 2, 8, 20, "0 1 2 13 14 15 16 17 18 19");
  assert_picked (ATTUNE_LONG_TEXTS_WINDOWS, 6, 2, 1, 10, "0 1 2 3 4 9");
}

static void
test_windows (void)
{
  assert_picked (ATTUNE_LONG_TEXTS_WINDOWS, 6, 0, 8, 10, "0 1 2 3 4 9 0 5 6 7 8 9");
  assert_picked (ATTUNE_LONG_TEXTS_WINDOWS, 6, 0, 8, 11, "0 1 2 3 4 10 0 5 6 7 8 10 0 9 10");
  assert_picked (ATTUNE_LONG_TEXTS_WINDOWS, 6, 1, 8, 10, "0 1 2 3 4 9 0 4 5 6 7 9 0 7 8 9");
  assert_picked (ATTUNE_LONG_TEXTS_WINDOWS, 6, 1, 2, 10, "0 1 2 3 4 9 0 4 5 6 7 9");
  /* An overlap is at most half of a window, so that there is an end. */
  assert_picked (ATTUNE_LONG_TEXTS_WINDOWS, 6, 60, 8, 8, "0 1 2 3 4 7 0 3 4 5 6 7");
  assert_picked (ATTUNE_LONG_TEXTS_WINDOWS, 3, 60, 3, 6, "0 1 5 0 2 5 0 3 5");
}

/* Every place is read, in order, and the capacity is the last length of which that is so. */
static void
test_all_is_read (void)
{
  for (guint max_length = 3; max_length < 20; max_length++)
    for (guint overlap = 0; overlap < 12; overlap++)
      for (guint max_windows = 1; max_windows < 6; max_windows++)
        {
          const AttuneTextCut cut = { ATTUNE_LONG_TEXTS_WINDOWS, max_length, overlap, max_windows };
          guint capacity = attune_text_cut_get_capacity (&cut);

          guint enough = attune_text_cut_propose_windows (&cut, 60);
          const AttuneTextCut more = { ATTUNE_LONG_TEXTS_WINDOWS, max_length, overlap, enough };

          g_assert_cmpuint (attune_text_cut_get_window (&cut), ==, max_windows > 1 ? max_length : 0);
          g_assert_cmpuint (enough == 0, ==, capacity >= 60);
          if (enough > 0)
            {
              g_assert_cmpuint (enough, >, max_windows);
              g_assert_cmpuint (attune_text_cut_get_capacity (&more), >=, 60);
            }
          for (guint length = 2; length <= capacity + 1; length++)
            {
              guint n = attune_text_cut_get_length (&cut, length);
              g_autofree guint *places = g_new (guint, n);
              g_autofree gboolean *read = g_new0 (gboolean, length);
              guint n_read = 0;

              attune_text_cut_pick (&cut, length, places);
              for (guint i = 0; i < n; i++)
                {
                  guint in_window = i % max_length;

                  g_assert_cmpuint (places[i], <, length);
                  if (in_window == 0)
                    g_assert_cmpuint (places[i], ==, 0);
                  else if (in_window == max_length - 1 || i == n - 1)
                    g_assert_cmpuint (places[i], ==, length - 1);
                  else if (in_window > 1)
                    g_assert_cmpuint (places[i], ==, places[i - 1] + 1);
                  n_read += !read[places[i]];
                  read[places[i]] = TRUE;
                }
              g_assert_cmpint (n_read == length, ==, length <= capacity);
            }
        }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/text-cut/one-sequence", test_one_sequence);
  g_test_add_func ("/train/text-cut/windows", test_windows);
  g_test_add_func ("/train/text-cut/all-is-read", test_all_is_read);
  return g_test_run ();
}

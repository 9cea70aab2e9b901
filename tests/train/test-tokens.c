/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tokenizing on several threads gives what one thread gives; taking and cutting encoded rows gives
 * what encoding them anew gives; the cache gives back what was put in, and nothing else.
 */
#include "config.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <utime.h>

#include <glib/gstdio.h>

#include "attune-durable.h"
#include "attune-encoded-rows-private.h"
#include "attune-token-cache.h"

typedef struct {
  char *folder;
  AttuneTokenizer *tokenizer;
} Fixture;

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  static const AttuneTokenizerOptions options = { TRUE, ATTUNE_STRIP_ACCENTS_WITH_LOWERCASE, TRUE };
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "tokenizer",
                                                 "bert-base-uncased.txt", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  char *text;
  gsize length;

  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  bytes = g_bytes_new_take (text, length);
  fixture->tokenizer = attune_tokenizer_new_wordpiece (bytes, "vocab.txt", &options, &error);
  g_assert_no_error (error);
  fixture->folder = g_dir_make_tmp ("attune-tokens-XXXXXX", NULL);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  attune_durable_folder_remove (fixture->folder);
  g_free (fixture->folder);
  attune_tokenizer_unref (fixture->tokenizer);
}

/* Words of many lengths, some rows empty, some long; every third row without a second text. */
static AttuneDataset *
create_dataset (guint    n_rows,
                gboolean has_pairs,
                guint    seed)
{
  static const char * const words[] = { "the", "film", "unaffectedly", "is", "not", "réservé", "電影",
                                        "good", "antidisestablishmentarianism", "7", "!", "[MASK]" };
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autoptr (GString) text = g_string_new (has_pairs ? "first\tsecond\tlabel\n" : "text\tlabel\n");
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (AttuneTable) table = NULL;
  g_autoptr (GError) error = NULL;
  AttuneColumns columns = { 0, has_pairs ? 1 : -1, has_pairs ? 2 : 1 };
  AttuneDataset *dataset;

  for (guint row = 0; row < n_rows; row++)
    {
      for (guint side = 0; side < (has_pairs ? 2 : 1); side++)
        {
          guint n = row % 97 == 96 ? 300 : (guint) g_rand_int_range (random, 0, 30);

          if (side == 1 && row % 3 == 0)
            n = 0;
          for (guint i = 0; i < n; i++)
            {
              if (i > 0)
                g_string_append_c (text, ' ');
              g_string_append (text, words[g_rand_int_range (random, 0, G_N_ELEMENTS (words))]);
            }
          g_string_append_c (text, '\t');
        }
      g_string_append (text, row % 2 == 0 ? "yes\n" : "no\n");
    }
  bytes = g_string_free_to_bytes (g_steal_pointer (&text));
  table = attune_table_read_bytes (bytes, "made.tsv", NULL, NULL, &error);
  g_assert_no_error (error);
  dataset = attune_dataset_new (table, &columns, NULL, &error);
  g_assert_no_error (error);
  return dataset;
}

static void
assert_equal (const AttuneEncodedRows *a,
              const AttuneEncodedRows *b)
{
  gsize n_tokens = a->offsets[a->n_rows];

  g_assert_cmpuint (a->n_rows, ==, b->n_rows);
  g_assert_cmpmem (a->offsets, (a->n_rows + 1) * sizeof (guint64),
                   b->offsets, (b->n_rows + 1) * sizeof (guint64));
  g_assert_cmpmem (a->full, a->n_rows * sizeof (guint), b->full, b->n_rows * sizeof (guint));
  g_assert_true (memcmp (a->ids, b->ids, n_tokens * sizeof (gint32)) == 0);
  g_assert_cmpint (a->type_ids != NULL, ==, b->type_ids != NULL);
  if (a->type_ids != NULL)
    g_assert_true (memcmp (a->type_ids, b->type_ids, n_tokens) == 0);
}

/* Row by row with nothing but the tokenizer. */
static AttuneEncodedRows *
encode_plainly (Fixture       *fixture,
                AttuneDataset *dataset,
                const GArray  *rows,
                guint          max_length)
{
  guint n_rows = rows != NULL ? rows->len : attune_dataset_get_n_rows (dataset);
  AttuneEncodedRows *result = attune_encoded_rows_create (n_rows);
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  GArray *type_ids = g_array_new (FALSE, FALSE, sizeof (guint8));

  for (guint i = 0; i < n_rows; i++)
    {
      guint row = rows != NULL ? g_array_index (rows, guint, i) : i;

      g_assert_true (attune_encode_row (dataset, row, fixture->tokenizer, max_length, encoding,
                                        NULL));
      g_array_append_vals (ids, encoding->ids->data, encoding->ids->len);
      g_array_append_vals (type_ids, encoding->type_ids->data, encoding->type_ids->len);
      result->offsets[i + 1] = ids->len;
      result->full[i] = encoding->n_tokens_full;
    }
  result->ids = (gint32 *) g_array_free (ids, FALSE);
  if (attune_dataset_get_columns (dataset)->pair >= 0)
    result->type_ids = (guint8 *) g_array_free (type_ids, FALSE);
  else
    g_array_unref (type_ids);
  return result;
}

static void
test_threads_change_nothing (Fixture      *fixture,
                             gconstpointer data)
{
  for (guint has_pairs = 0; has_pairs < 2; has_pairs++)
    {
      g_autoptr (AttuneDataset) dataset = create_dataset (12000, has_pairs, 1);
      g_autoptr (AttuneEncodedRows) plain = encode_plainly (fixture, dataset, NULL, 65535);

      for (guint n_threads = 1; n_threads <= 9; n_threads += 2)
        {
          const AttuneRowThreads threads = { n_threads, n_threads == 5 };
          g_autoptr (AttuneEncodedRows) rows = NULL;

          rows = attune_encoded_rows_new_for_rows (dataset, NULL, fixture->tokenizer, 0, &threads,
                                                   NULL, NULL);
          assert_equal (rows, plain);
        }
    }
}

static void
test_taking_rows_is_encoding_them (Fixture      *fixture,
                                   gconstpointer data)
{
  static const guint lengths[] = { 1, 2, 3, 4, 7, 16, 33, 64, 65535 };
  static const AttuneTextCut nothing = { .max_length = 65535 };

  for (guint has_pairs = 0; has_pairs < 2; has_pairs++)
    {
      g_autoptr (AttuneDataset) dataset = create_dataset (500, has_pairs, 2);
      g_autoptr (AttuneEncodedRows) whole = encode_plainly (fixture, dataset, NULL, 65535);
      g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (guint));
      g_autoptr (AttuneEncodedRows) all = NULL;

      for (guint row = 499; row > 40; row -= row % 7 + 1)
        g_array_append_val (rows, row);
      for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
        {
          g_autoptr (AttuneEncodedRows) want = encode_plainly (fixture, dataset, rows, lengths[i]);
          const AttuneTextCut at_length = { .max_length = lengths[i] };
          const AttuneTextCut at_half = { .max_length = (lengths[i] + 1) / 2 };
          g_autoptr (AttuneEncodedRows) got =
            attune_encoded_rows_select (whole, rows, dataset, rows, fixture->tokenizer, &at_length,
                                        NULL);
          g_autoptr (AttuneEncodedRows) cut = NULL;
          g_autoptr (AttuneEncodedRows) again = NULL;

          assert_equal (got, want);
          /* And cut a second time. */
          cut = attune_encoded_rows_select (got, NULL, dataset, rows, fixture->tokenizer, &at_half,
                                            NULL);
          again = encode_plainly (fixture, dataset, rows, at_half.max_length);
          assert_equal (cut, again);
        }
      all = attune_encoded_rows_select (whole, NULL, dataset, NULL, fixture->tokenizer, &nothing,
                                        NULL);
      g_assert_true (all == whole);
    }
}

/* Work on numbers: a chunk's result is its first number, taken in order. */
typedef struct {
  guint fails_at;
  guint next;
  gint n_begun;
  GCancellable *cancellable;
} Count;

static gsize
weigh_number (guint i, gpointer data)
{
  return 10000;
}

static gpointer
work_on_numbers (guint first, guint n, gpointer data, GError **error)
{
  Count *count = data;

  g_atomic_int_inc (&count->n_begun);
  /* Later chunks are done earlier. */
  g_usleep (first % 3 == 0 ? 2000 : 100);
  if (count->fails_at < first + n)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%u", MAX (first, count->fails_at));
      return NULL;
    }
  return g_memdup2 (&first, sizeof first);
}

static gboolean
take_number (gpointer result, guint first, guint n, gpointer data, GError **error)
{
  Count *count = data;

  g_assert_cmpuint (*(guint *) result, ==, first);
  g_assert_cmpuint (count->next, ==, first);
  count->next += n;
  if (count->cancellable != NULL && count->next > 1000)
    g_cancellable_cancel (count->cancellable);
  g_free (result);
  return TRUE;
}

static const AttuneRowWork number_work = { weigh_number, work_on_numbers, take_number, g_free };

static void
test_first_error_in_order_wins (void)
{
  for (guint n_threads = 1; n_threads < 6; n_threads++)
    {
      const AttuneRowThreads threads = { n_threads, n_threads == 3 };
      g_autoptr (GError) error = NULL;
      Count whole = { G_MAXUINT };
      Count broken = { 3000 };

      g_assert_true (attune_row_chunks_run (&number_work, 5000, &whole, &threads, NULL, NULL));
      g_assert_cmpuint (whole.next, ==, 5000);
      g_assert_false (attune_row_chunks_run (&number_work, 5000, &broken, &threads, NULL, &error));
      g_assert_cmpstr (error->message, ==, "3000");
      g_assert_cmpuint (broken.next, <=, 3000);
    }
}

static void
test_cancelling_ends_it_soon (void)
{
  const AttuneRowThreads threads = { 4, FALSE };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Count count = { G_MAXUINT, .cancellable = cancellable };

  g_assert_false (attune_row_chunks_run (&number_work, 1000000, &count, &threads, cancellable,
                                         &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (count.n_begun, <, 1000000 / 27 / 10);
}

#define KEY "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static AttuneEncodedRows *
load (Fixture                 *fixture,
      const AttuneEncodedRows *like)
{
  return attune_token_cache_load (fixture->folder, KEY, like->n_rows, like->type_ids != NULL,
                                  attune_tokenizer_get_n_tokens (fixture->tokenizer));
}

static void
test_cache_gives_back_what_was_stored (Fixture      *fixture,
                                       gconstpointer data)
{
  for (guint has_pairs = 0; has_pairs < 2; has_pairs++)
    {
      g_autoptr (AttuneDataset) dataset = create_dataset (300, has_pairs, 3);
      g_autoptr (AttuneEncodedRows) rows = encode_plainly (fixture, dataset, NULL, 65535);
      g_autoptr (AttuneEncodedRows) loaded = NULL;
      g_autofree char *path = g_build_filename (fixture->folder, KEY ".bin", NULL);

      g_assert_true (attune_token_cache_store (fixture->folder, KEY, rows));
      loaded = load (fixture, rows);
      g_assert_nonnull (loaded);
      assert_equal (loaded, rows);
      g_assert_null (attune_token_cache_load (fixture->folder, KEY, 299, has_pairs, 30522));
      g_assert_null (attune_token_cache_load (fixture->folder, KEY, 300, !has_pairs, 30522));
      /* An id that this vocabulary does not have. */
      g_assert_null (attune_token_cache_load (fixture->folder, KEY, 300, has_pairs, 200));
      g_assert_cmpint (g_unlink (path), ==, 0);
      g_assert_null (load (fixture, rows));
    }
}

static void
test_damaged_files_are_not_believed (Fixture      *fixture,
                                     gconstpointer data)
{
  g_autoptr (AttuneDataset) dataset = create_dataset (20, TRUE, 4);
  g_autoptr (AttuneEncodedRows) rows = encode_plainly (fixture, dataset, NULL, 65535);
  g_autofree char *path = g_build_filename (fixture->folder, KEY ".bin", NULL);
  g_autofree char *other = g_build_filename (fixture->folder, "other", NULL);
  g_autofree char *bytes = NULL;
  gsize length;

  g_assert_true (attune_token_cache_store (fixture->folder, KEY, rows));
  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  for (gsize i = 0; i < length; i++)
    {
      bytes[i] ^= 0x10;
      g_assert_true (g_file_set_contents_full (path, bytes, (gssize) length,
                                               G_FILE_SET_CONTENTS_NONE, 0600, NULL));
      g_assert_null (load (fixture, rows));
      bytes[i] ^= 0x10;
    }
  for (gsize cut = 0; cut < length; cut += 1 + cut / 9)
    {
      g_assert_true (g_file_set_contents_full (path, bytes, (gssize) cut,
                                               G_FILE_SET_CONTENTS_NONE, 0600, NULL));
      g_assert_null (load (fixture, rows));
    }
  /* Not a file at all. */
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  g_assert_null (load (fixture, rows));
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  g_assert_null (load (fixture, rows));
  g_assert_false (attune_token_cache_store (fixture->folder, KEY, rows));
}

static void
test_cache_that_cannot_be_written_is_done_without (Fixture      *fixture,
                                                   gconstpointer data)
{
  g_autoptr (AttuneDataset) dataset = create_dataset (300, FALSE, 5);
  g_autoptr (AttuneEncodedRows) rows = encode_plainly (fixture, dataset, NULL, 65535);
  g_autofree char *file = g_build_filename (fixture->folder, "file", NULL);
  g_autofree char *below = g_build_filename (file, "tokens", NULL);
  struct rlimit before;
  struct rlimit small;

  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  g_assert_false (attune_token_cache_store (below, KEY, rows));
  g_assert_null (attune_token_cache_load (below, KEY, 300, FALSE, 30522));

  /* A disk that is full after so many bytes leaves nothing behind. */
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  small = before;
  small.rlim_cur = 4096;
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (g_unlink (file), ==, 0);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  g_assert_false (attune_token_cache_store (fixture->folder, KEY, rows));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
}

static void
test_least_used_go_first (Fixture      *fixture,
                          gconstpointer data)
{
  static const char * const names[] = { "a.bin", "b.bin", "c.bin", "d.bin", "other.txt" };
  char thousand[1000] = "";

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (fixture->folder, names[i], NULL);
      /* b was used last, then a, d, c. */
      const time_t used = (const time_t[]) { 300, 400, 100, 200, 50 }[i];
      struct utimbuf times = { used, used };

      g_assert_true (g_file_set_contents (path, thousand, sizeof thousand, NULL));
      g_assert_cmpint (g_utime (path, &times), ==, 0);
    }
  attune_token_cache_trim (fixture->folder, 2500);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (fixture->folder, names[i], NULL);

      g_assert_cmpint (g_file_test (path, G_FILE_TEST_EXISTS), ==, i < 2 || i == 4);
    }
}

static char *
create_key (Fixture       *fixture,
            AttuneDataset *dataset,
            guint          n_threads)
{
  const AttuneRowThreads threads = { n_threads, FALSE };

  return attune_token_cache_create_key (dataset, fixture->tokenizer, &threads, NULL);
}

static AttuneDataset *
read_text (const char          *text,
           const char          *encoding,
           const AttuneColumns *columns)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  AttuneTableOptions options = { .encoding = encoding };
  g_autoptr (AttuneTable) table = attune_table_read_bytes (bytes, "x.tsv", &options, NULL, NULL);

  return attune_dataset_new (table, columns, NULL, NULL);
}

static void
test_key_follows_texts_and_tokenizer (Fixture      *fixture,
                                      gconstpointer data)
{
  static const AttuneTokenizerOptions cased = { FALSE, ATTUNE_STRIP_ACCENTS_WITH_LOWERCASE, TRUE };
  static const char text[] = "a\tb\tlabel\nun caf\xc3\xa9\tx\tyes\ndeux\ty\tno\n";
  static const AttuneColumns first = { 0, -1, 2 };
  static const AttuneColumns second = { 1, -1, 2 };
  static const AttuneColumns both = { 0, 1, 2 };
  g_autoptr (GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  AttuneDataset *datasets[] = {
    read_text (text, "UTF-8", &first),
    read_text (text, "UTF-8", &second),
    read_text (text, "UTF-8", &both),
    read_text (text, "ISO-8859-1", &first),
    create_dataset (5000, FALSE, 6),
  };
  g_autoptr (AttuneDataset) head = attune_dataset_new_head (datasets[4], 4999);
  g_autoptr (AttuneTokenizer) other = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (datasets); i++)
    {
      g_autofree char *again = create_key (fixture, datasets[i], 3);

      g_assert_cmpuint (strlen (again), ==, ATTUNE_TOKEN_KEY_LENGTH);
      g_hash_table_add (keys, create_key (fixture, datasets[i], 1));
      g_assert_true (g_hash_table_contains (keys, again));
    }
  g_hash_table_add (keys, create_key (fixture, head, 1));
  g_assert_cmpuint (g_hash_table_size (keys), ==, 6);

  other = attune_tokenizer_new_wordpiece (attune_tokenizer_get_vocabulary (fixture->tokenizer),
                                          "vocab.txt", &cased, NULL);
  g_hash_table_add (keys, attune_token_cache_create_key (datasets[0], other, NULL, NULL));
  g_assert_cmpuint (g_hash_table_size (keys), ==, 7);
  for (guint i = 0; i < G_N_ELEMENTS (datasets); i++)
    g_object_unref (datasets[i]);
}

static void
test_second_time_comes_from_the_cache (Fixture      *fixture,
                                       gconstpointer data)
{
  g_autofree char *folder = attune_token_cache_get_folder ();
  g_autoptr (AttuneDataset) dataset = create_dataset (9000, FALSE, 7);
  g_autoptr (AttuneDataset) small = create_dataset (50, FALSE, 7);
  g_autofree char *key = create_key (fixture, dataset, 1);
  g_autofree char *small_key = create_key (fixture, small, 1);
  g_autofree char *path = g_strdup_printf ("%s/%s.bin", folder, key);
  g_autofree char *small_path = g_strdup_printf ("%s/%s.bin", folder, small_key);
  g_autoptr (AttuneEncodedRows) rows = NULL;
  g_autoptr (AttuneEncodedRows) again = NULL;
  g_autoptr (AttuneEncodedRows) few = NULL;
  g_autoptr (AttuneEncodedRows) repaired = NULL;
  g_autoptr (AttuneEncodedRows) written = NULL;
  g_autofree char *bytes = NULL;
  gsize length;

  g_assert_true (g_str_has_prefix (folder, g_get_user_cache_dir ()));
  rows = attune_encoded_rows_new_cached (dataset, fixture->tokenizer, NULL, NULL, NULL);
  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  again = attune_encoded_rows_new_cached (dataset, fixture->tokenizer, NULL, NULL, NULL);
  assert_equal (rows, again);

  /* Damaged, it is made anew. */
  bytes[length / 2] ^= 1;
  g_assert_true (g_file_set_contents (path, bytes, (gssize) length, NULL));
  repaired = attune_encoded_rows_new_cached (dataset, fixture->tokenizer, NULL, NULL, NULL);
  assert_equal (rows, repaired);
  written = attune_token_cache_load (folder, key, 9000, FALSE, 30522);
  g_assert_nonnull (written);

  few = attune_encoded_rows_new_cached (small, fixture->tokenizer, NULL, NULL, NULL);
  g_assert_nonnull (few);
  g_assert_false (g_file_test (small_path, G_FILE_TEST_EXISTS));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add ("/train/tokens/threads", Fixture, NULL, set_up, test_threads_change_nothing,
              tear_down);
  g_test_add ("/train/tokens/take", Fixture, NULL, set_up, test_taking_rows_is_encoding_them,
              tear_down);
  g_test_add_func ("/train/tokens/first-error", test_first_error_in_order_wins);
  g_test_add_func ("/train/tokens/cancel", test_cancelling_ends_it_soon);
  g_test_add ("/train/tokens/cache/stored", Fixture, NULL, set_up,
              test_cache_gives_back_what_was_stored, tear_down);
  g_test_add ("/train/tokens/cache/damaged", Fixture, NULL, set_up,
              test_damaged_files_are_not_believed, tear_down);
  g_test_add ("/train/tokens/cache/not-writable", Fixture, NULL, set_up,
              test_cache_that_cannot_be_written_is_done_without, tear_down);
  g_test_add ("/train/tokens/cache/trim", Fixture, NULL, set_up, test_least_used_go_first,
              tear_down);
  g_test_add ("/train/tokens/cache/key", Fixture, NULL, set_up,
              test_key_follows_texts_and_tokenizer, tear_down);
  g_test_add ("/train/tokens/cache/second-time", Fixture, NULL, set_up,
              test_second_time_comes_from_the_cache, tear_down);
  return g_test_run ();
}

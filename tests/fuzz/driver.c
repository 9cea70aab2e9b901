/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A main() for LLVMFuzzerTestOneInput that needs nothing but a compiler with sanitizers. It replays
 * the files and folders given as arguments, every prefix of the small ones, then FUZZ_RUNS
 * mutations of them. Mutation number N is a function of the seeds and N alone, so that FUZZ_ONLY=N
 * repeats it. An input that ends the process is left in the current folder as crash-N.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
__attribute__ ((weak)) void __sanitizer_set_death_callback (void (*callback) (void));

enum { LARGEST_INPUT = 64 * 1024, PREFIXES_BELOW = 512, SECONDS_PER_INPUT = 30 };

typedef struct {
  uint8_t *data;
  size_t size;
} Input;

typedef struct {
  Input *inputs;
  size_t n_inputs;
} Corpus;

/* What runs now, for the death callback, which has no argument to find it by. */
static struct {
  const uint8_t *data;
  size_t size;
  uint64_t number;
} running;

/* Written in the middle of an input: bytes that readers of text, JSON and binary treat
 * specially. */
static const struct {
  const char *bytes;
  size_t size;
} pieces[] = {
#define PIECE(literal) { literal, sizeof literal - 1 }
  PIECE ("\0"), PIECE ("\xff"), PIECE ("\x7f"), PIECE ("\x80"), PIECE ("\""), PIECE ("\"\""),
  PIECE ("\n"), PIECE ("\r\n"), PIECE ("\r"), PIECE ("\t"), PIECE (","), PIECE (";"), PIECE ("|"),
  PIECE ("\xef\xbb\xbf"), PIECE ("\xff\xfe"), PIECE ("\xfe\xff"), PIECE ("\xc0\x80"),
  PIECE ("\xed\xa0\x80"), PIECE ("\xf4\x90\x80\x80"), PIECE ("\xcc\x81"), PIECE ("\xe2\x80\xa8"),
  PIECE ("-1"), PIECE ("0"), PIECE ("1e999"), PIECE ("4294967295"), PIECE ("18446744073709551615"),
  PIECE ("9223372036854775807"), PIECE ("{"), PIECE ("}"), PIECE ("["), PIECE ("]"), PIECE (":"),
  PIECE ("null"), PIECE ("true"), PIECE ("\\u0000"), PIECE ("\\ud800"), PIECE ("[[[[[[[[[[[[[[[["),
  PIECE ("\xff\xff\xff\xff"), PIECE ("\xff\xff\xff\xff\xff\xff\xff\x7f"), PIECE ("[MASK]"),
  PIECE ("##"), PIECE ("\xe4\xb8\xad"), PIECE ("\xf0\x9f\x98\x80"),
#undef PIECE
};

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t
next_random (uint64_t *state)
{
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);

  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static size_t
random_below (uint64_t *state,
              size_t    bound)
{
  return bound == 0 ? 0 : (size_t) (next_random (state) % bound);
}

static void
die (const char *what,
     const char *path)
{
  fprintf (stderr, "%s: %s: %s\n", what, path, strerror (errno));
  exit (2);
}

static void
keep_crash_cb (void)
{
  char name[64];
  int fd;

  if (running.data == NULL)
    return;
  snprintf (name, sizeof name, "crash-%" PRIu64, running.number);
  fd = open (name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (fd >= 0 && write (fd, running.data, running.size) == (ssize_t) running.size)
    fprintf (stderr, "input %" PRIu64 " (%zu bytes) kept in %s\n",
             running.number, running.size, name);
  if (fd >= 0)
    close (fd);
}

static void
overdue_cb (int signal_number)
{
  (void) signal_number;
  abort ();
}

static void
add_file (Corpus     *corpus,
          const char *path)
{
  struct stat st;
  FILE *file;
  Input *input;

  if (stat (path, &st) != 0)
    die ("stat", path);
  if (S_ISDIR (st.st_mode))
    {
      struct dirent **entries;
      int n = scandir (path, &entries, NULL, alphasort);

      if (n < 0)
        die ("scandir", path);
      for (int i = 0; i < n; i++)
        {
          char child[4096];

          snprintf (child, sizeof child, "%s/%s", path, entries[i]->d_name);
          if (entries[i]->d_name[0] != '.')
            add_file (corpus, child);
          free (entries[i]);
        }
      free (entries);
      return;
    }

  corpus->inputs = realloc (corpus->inputs, (corpus->n_inputs + 1) * sizeof (Input));
  input = &corpus->inputs[corpus->n_inputs++];
  input->data = malloc ((size_t) st.st_size + 1);
  file = fopen (path, "rb");
  if (file == NULL)
    die ("open", path);
  input->size = fread (input->data, 1, (size_t) st.st_size, file);
  fclose (file);
}

/* Runs the target on a heap copy of exactly size bytes, so that reading past the end is seen. */
static void
run_one (const uint8_t *data,
         size_t         size,
         uint64_t       number)
{
  uint8_t *copy = malloc (size == 0 ? 1 : size);

  if (size > 0)
    memcpy (copy, data, size);
  running.data = copy;
  running.size = size;
  running.number = number;
  alarm (SECONDS_PER_INPUT);
  LLVMFuzzerTestOneInput (copy, size);
  alarm (0);
  running.data = NULL;
  free (copy);
}

static size_t
insert_bytes (uint8_t       *data,
              size_t         size,
              size_t         at,
              const uint8_t *bytes,
              size_t         n)
{
  if (size + n > LARGEST_INPUT)
    return size;
  memmove (data + at + n, data + at, size - at);
  memcpy (data + at, bytes, n);
  return size + n;
}

static size_t
mutate (const Corpus *corpus,
        uint8_t      *data,
        size_t        size,
        uint64_t     *state)
{
  size_t at = random_below (state, size + 1);

  switch (random_below (state, 8))
    {
    case 0: /* one bit */
      if (at < size)
        data[at] ^= (uint8_t) (1u << random_below (state, 8));
      return size;
    case 1: /* one byte */
      if (at < size)
        data[at] = (uint8_t) next_random (state);
      return size;
    case 2: /* cut the end */
      return at;
    case 3: /* remove a stretch */
      {
        size_t n = random_below (state, size - at + 1);

        memmove (data + at, data + at + n, size - at - n);
        return size - n;
      }
    case 4: /* say a stretch twice */
      {
        size_t n = random_below (state, size - at + 1);
        uint8_t *copy = malloc (n + 1);

        memcpy (copy, data + at, n);
        size = insert_bytes (data, size, at, copy, n);
        free (copy);
        return size;
      }
    case 5: /* go on as another seed does */
      {
        const Input *other = &corpus->inputs[random_below (state, corpus->n_inputs)];
        size_t from = random_below (state, other->size + 1);
        size_t n = other->size - from;

        if (at + n > LARGEST_INPUT)
          n = LARGEST_INPUT - at;
        memcpy (data + at, other->data + from, n);
        return at + n;
      }
    case 6: /* overwrite with a piece */
      {
        size_t k = random_below (state, sizeof pieces / sizeof pieces[0]);
        size_t n = pieces[k].size;

        if (n > size - at)
          n = size - at;
        memcpy (data + at, pieces[k].bytes, n);
        return size;
      }
    default: /* insert a piece */
      {
        size_t k = random_below (state, sizeof pieces / sizeof pieces[0]);

        return insert_bytes (data, size, at, (const uint8_t *) pieces[k].bytes, pieces[k].size);
      }
    }
}

static void
run_mutation (const Corpus *corpus,
              uint64_t      number)
{
  uint64_t state = number * 0xd1342543de82ef95u + 1;
  const Input *seed = &corpus->inputs[random_below (&state, corpus->n_inputs)];
  uint8_t *data = malloc (LARGEST_INPUT);
  size_t size = seed->size < LARGEST_INPUT ? seed->size : LARGEST_INPUT;

  memcpy (data, seed->data, size);
  for (size_t i = 1 + random_below (&state, 6); i > 0; i--)
    size = mutate (corpus, data, size, &state);
  run_one (data, size, number);
  free (data);
}

static uint64_t
number_from_environment (const char *name,
                         uint64_t    otherwise)
{
  const char *value = getenv (name);

  return value == NULL || *value == '\0' ? otherwise : strtoull (value, NULL, 10);
}

int
main (int    argc,
      char **argv)
{
  Corpus corpus = { NULL, 0 };
  uint64_t n_runs = number_from_environment ("FUZZ_RUNS", 2000);
  uint64_t seconds = number_from_environment ("FUZZ_SECONDS", 20);
  uint64_t only = number_from_environment ("FUZZ_ONLY", UINT64_MAX);
  uint64_t n_done = 0;
  time_t start = time (NULL);

  if (__sanitizer_set_death_callback != NULL)
    __sanitizer_set_death_callback (keep_crash_cb);
  signal (SIGALRM, overdue_cb);
  for (int i = 1; i < argc; i++)
    add_file (&corpus, argv[i]);
  if (corpus.n_inputs == 0)
    {
      fprintf (stderr, "usage: %s SEED-FILE-OR-FOLDER…\n", argv[0]);
      return 2;
    }

  if (only != UINT64_MAX)
    {
      run_mutation (&corpus, only);
      n_done = 1;
    }
  else
    {
      run_one (NULL, 0, 0);
      for (size_t i = 0; i < corpus.n_inputs; i++)
        {
          run_one (corpus.inputs[i].data, corpus.inputs[i].size, 0);
          if (corpus.inputs[i].size < PREFIXES_BELOW)
            for (size_t n = 0; n < corpus.inputs[i].size; n++)
              run_one (corpus.inputs[i].data, n, 0);
        }
      for (; n_done < n_runs && (uint64_t) (time (NULL) - start) < seconds; n_done++)
        run_mutation (&corpus, n_done + 1);
    }
  printf ("%zu seeds, %" PRIu64 " mutations in %d s\n", corpus.n_inputs, n_done,
          (int) (time (NULL) - start));

  for (size_t i = 0; i < corpus.n_inputs; i++)
    free (corpus.inputs[i].data);
  free (corpus.inputs);
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SHA-256 (FIPS 180-4) beside the reading. Where the processor has instructions for it (the SHA
 * extensions of x86-64) a gigabyte takes half a second, else GChecksum does the work. The caller's
 * thread, but for the worker that digest_cb() is.
 */
#include "config.h"

#include "attune-digest.h"

#include <string.h>

#if defined (__x86_64__) && defined (__GNUC__)
#define HAVE_SHA_INSTRUCTIONS 1
#include <cpuid.h>
#include <immintrin.h>
#endif

#define BLOCK_BYTES 64
#define PIECE_BYTES ((gsize) 1024 * 1024)

struct _AttuneDigest {
  const char *data;
  GThread *thread;
  GMutex mutex;
  GCond cond;
  gsize n_bytes;     /* that are there */
  gboolean complete; /* no more will come */
  gboolean abandoned;
  char *sum;
};

#ifdef HAVE_SHA_INSTRUCTIONS

static const guint32 round_constants[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static gboolean
have_sha_instructions (void)
{
  guint a, b, c, d;

  if (!__get_cpuid (1, &a, &b, &c, &d) || !(c & bit_SSE4_1) || !(c & bit_SSSE3))
    return FALSE;
  return __get_cpuid_count (7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

/* The instructions want the state as the words A B E F and C D G H, highest first. */
__attribute__ ((target ("sha,sse4.1,ssse3"))) static void
add_blocks (guint32       state[8],
            const guint8 *data,
            gsize         n_blocks)
{
  const __m128i swap = _mm_set_epi64x (0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
  __m128i low = _mm_loadu_si128 ((const __m128i *) (const void *) &state[0]);
  __m128i high = _mm_loadu_si128 ((const __m128i *) (const void *) &state[4]);
  __m128i abef, cdgh;

  low = _mm_shuffle_epi32 (low, 0xb1);   /* B A D C */
  high = _mm_shuffle_epi32 (high, 0x1b); /* H G F E */
  abef = _mm_alignr_epi8 (low, high, 8);
  cdgh = _mm_blend_epi16 (high, low, 0xf0);

  for (; n_blocks > 0; n_blocks--, data += BLOCK_BYTES)
    {
      const __m128i abef_before = abef, cdgh_before = cdgh;
      __m128i words[4];

      for (guint i = 0; i < 4; i++)
        words[i] = _mm_shuffle_epi8 (
          _mm_loadu_si128 ((const __m128i *) (const void *) (data + 16 * i)), swap);

#pragma GCC unroll 16
      for (guint i = 0; i < 16; i++)
        {
          const __m128i constants
            = _mm_loadu_si128 ((const __m128i *) (const void *) &round_constants[4 * i]);
          __m128i sum = _mm_add_epi32 (words[i % 4], constants);

          cdgh = _mm_sha256rnds2_epu32 (cdgh, abef, sum);
          sum = _mm_shuffle_epi32 (sum, 0x0e);
          abef = _mm_sha256rnds2_epu32 (abef, cdgh, sum);
          if (i < 12)
            {
              /* The four words sixteen further on take the place of these. */
              __m128i next = _mm_sha256msg1_epu32 (words[i % 4], words[(i + 1) % 4]);

              next = _mm_add_epi32 (next, _mm_alignr_epi8 (words[(i + 3) % 4],
                                                           words[(i + 2) % 4], 4));
              words[i % 4] = _mm_sha256msg2_epu32 (next, words[(i + 3) % 4]);
            }
        }
      abef = _mm_add_epi32 (abef, abef_before);
      cdgh = _mm_add_epi32 (cdgh, cdgh_before);
    }

  low = _mm_shuffle_epi32 (abef, 0x1b);  /* A B E F, lowest first */
  high = _mm_shuffle_epi32 (cdgh, 0xb1); /* G H C D */
  _mm_storeu_si128 ((__m128i *) (void *) &state[0], _mm_blend_epi16 (low, high, 0xf0));
  _mm_storeu_si128 ((__m128i *) (void *) &state[4], _mm_alignr_epi8 (high, low, 8));
}

#endif

/* Waits for more than so many bytes, or the end. */
static gsize
wait_for_bytes (AttuneDigest *self,
                gsize         known,
                gboolean     *is_end)
{
  gsize n_bytes;

  g_mutex_lock (&self->mutex);
  while (self->n_bytes == known && !self->complete && !self->abandoned)
    g_cond_wait (&self->cond, &self->mutex);
  n_bytes = self->abandoned ? known : MIN (self->n_bytes, known + PIECE_BYTES);
  *is_end = self->abandoned || (self->complete && n_bytes == self->n_bytes);
  g_mutex_unlock (&self->mutex);
  return n_bytes;
}

#ifdef HAVE_SHA_INSTRUCTIONS

static void
digest_with_instructions (AttuneDigest *self)
{
  guint32 state[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
  guint8 last[2 * BLOCK_BYTES] = { 0 };
  gboolean is_end = FALSE;
  gsize n_bytes = 0, n_done = 0, rest, n_last;
  GString *sum;
  guint64 n_bits;

  while (!is_end)
    {
      gsize n_blocks;

      n_bytes = wait_for_bytes (self, n_bytes, &is_end);
      n_blocks = (n_bytes - n_done) / BLOCK_BYTES;
      add_blocks (state, (const guint8 *) self->data + n_done, n_blocks);
      n_done += n_blocks * BLOCK_BYTES;
    }

  rest = n_bytes - n_done;
  n_last = rest + 9 > BLOCK_BYTES ? 2 : 1;
  if (rest > 0)
    memcpy (last, self->data + n_done, rest);
  last[rest] = 0x80;
  n_bits = GUINT64_TO_BE ((guint64) n_bytes * 8);
  memcpy (last + n_last * BLOCK_BYTES - 8, &n_bits, 8);
  add_blocks (state, last, n_last);

  sum = g_string_new (NULL);
  for (guint i = 0; i < 8; i++)
    g_string_append_printf (sum, "%08x", state[i]);
  self->sum = g_string_free (sum, FALSE);
}

#endif

static void
digest_with_checksum (AttuneDigest *self)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gboolean is_end = FALSE;
  gsize n_done = 0;

  while (!is_end)
    {
      gsize n_bytes = wait_for_bytes (self, n_done, &is_end);

      g_checksum_update (checksum, (const guchar *) self->data + n_done,
                         (gssize) (n_bytes - n_done));
      n_done = n_bytes;
    }
  self->sum = g_strdup (g_checksum_get_string (checksum));
}

static gpointer
digest_cb (gpointer data)
{
#ifdef HAVE_SHA_INSTRUCTIONS
  if (have_sha_instructions ())
    digest_with_instructions (data);
  else
#endif
    digest_with_checksum (data);
  return NULL;
}

AttuneDigest *
attune_digest_begin (const char *data)
{
  AttuneDigest *self = g_new0 (AttuneDigest, 1);

  self->data = data;
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->thread = g_thread_new ("attune-digest", digest_cb, self);
  return self;
}

void
attune_digest_advance (AttuneDigest *self,
                       gsize         n_bytes)
{
  g_mutex_lock (&self->mutex);
  self->n_bytes = n_bytes;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->mutex);
}

static char *
digest_free (AttuneDigest *self)
{
  char *sum;

  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->mutex);
  g_thread_join (self->thread);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  sum = self->sum;
  g_free (self);
  return sum;
}

char *
attune_digest_end (AttuneDigest *self)
{
  g_mutex_lock (&self->mutex);
  self->complete = TRUE;
  return digest_free (self);
}

void
attune_digest_abandon (AttuneDigest *self)
{
  g_mutex_lock (&self->mutex);
  self->abandoned = TRUE;
  g_free (digest_free (self));
}

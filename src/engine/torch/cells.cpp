/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See cells.hpp. Each row is one pass over its features, vector code throughout.
 */
#include "cells.hpp"

namespace attune {

ATTUNE_INLINE float
logistic (float x)
{
  float e = exponential (x < 0.0f ? x : -x);
  float y = 1.0f / (1.0f + e);

  return x < 0.0f ? e * y : y;
}

/* Near 0, where 1 - e would lose digits, an odd polynomial (tanh's series, to 3e-8 up to 0.25). */
ATTUNE_INLINE float
hyperbolic (float x)
{
  float size = x < 0.0f ? -x : x, square = x * x;
  float e = exponential (-2.0f * size);
  float far = (1.0f - e) / (1.0f + e);
  float near = -8.863235530e-3f;

  near = near * square + 2.186948854e-2f;
  near = near * square - 5.396825397e-2f;
  near = near * square + 1.333333333e-1f;
  near = near * square - 3.333333333e-1f;
  near = near * square * x + x;
  far = x < 0.0f ? -far : far;
  return size < 0.25f ? near : far;
}

ATTUNE_CLONES static void
rnn_forward (int64_t H, const float *__restrict__ in, const float *__restrict__ product,
             float *__restrict__ gates, float *__restrict__ out, float *__restrict__ all)
{
  for (int64_t i = 0; i < H; i++)
    {
      float h = hyperbolic (in[i] + product[i]);

      gates[i] = h;
      out[i] = h;
      all[i] = h;
    }
}

ATTUNE_CLONES static void
lstm_forward (int64_t H, const float *__restrict__ in, const float *__restrict__ product,
              const float *__restrict__ memory_before, float *__restrict__ gates,
              float *__restrict__ memory, float *__restrict__ out, float *__restrict__ all)
{
  for (int64_t i = 0; i < H; i++)
    {
      float take = logistic (in[i] + product[i]);
      float keep = logistic (in[H + i] + product[H + i]);
      float fresh = hyperbolic (in[2 * H + i] + product[2 * H + i]);
      float show = logistic (in[3 * H + i] + product[3 * H + i]);
      float cell = keep * memory_before[i] + take * fresh;
      float h = show * hyperbolic (cell);

      gates[i] = take;
      gates[H + i] = keep;
      gates[2 * H + i] = fresh;
      gates[3 * H + i] = show;
      memory[i] = cell;
      out[i] = h;
      all[i] = h;
    }
}

ATTUNE_CLONES static void
gru_forward (int64_t H, const float *__restrict__ in, const float *__restrict__ product,
             const float *__restrict__ before, float *__restrict__ gates,
             float *__restrict__ memory, float *__restrict__ out, float *__restrict__ all)
{
  for (int64_t i = 0; i < H; i++)
    {
      float reset = logistic (in[i] + product[i]);
      float keep = logistic (in[H + i] + product[H + i]);
      float inner = product[2 * H + i];
      float fresh = hyperbolic (in[2 * H + i] + reset * inner);
      float h = fresh + keep * (before[i] - fresh);

      gates[i] = reset;
      gates[H + i] = keep;
      gates[2 * H + i] = fresh;
      memory[i] = inner;
      out[i] = h;
      all[i] = h;
    }
}

ATTUNE_CLONES static void
rnn_backward (int64_t H, const float *__restrict__ gates, const float *__restrict__ d_all,
              float *__restrict__ carry, float *__restrict__ d_product, float *__restrict__ d_in)
{
  for (int64_t i = 0; i < H; i++)
    {
      float d = (d_all[i] + carry[i]) * (1.0f - gates[i] * gates[i]);

      carry[i] = 0.0f;
      d_product[i] = d;
      d_in[i] = d;
    }
}

ATTUNE_CLONES static void
lstm_backward (int64_t H, const float *__restrict__ gates, const float *__restrict__ memory,
               const float *__restrict__ memory_before, const float *__restrict__ d_all,
               float *__restrict__ carry, float *__restrict__ carry_memory,
               float *__restrict__ d_product, float *__restrict__ d_in)
{
  for (int64_t i = 0; i < H; i++)
    {
      float take = gates[i], keep = gates[H + i], fresh = gates[2 * H + i];
      float show = gates[3 * H + i], shown = hyperbolic (memory[i]);
      float d = d_all[i] + carry[i];
      float d_cell = carry_memory[i] + d * show * (1.0f - shown * shown);
      float d_take = d_cell * fresh * take * (1.0f - take);
      float d_keep = d_cell * memory_before[i] * keep * (1.0f - keep);
      float d_fresh = d_cell * take * (1.0f - fresh * fresh);
      float d_show = d * shown * show * (1.0f - show);

      carry[i] = 0.0f;
      carry_memory[i] = d_cell * keep;
      d_product[i] = d_take;
      d_product[H + i] = d_keep;
      d_product[2 * H + i] = d_fresh;
      d_product[3 * H + i] = d_show;
      d_in[i] = d_take;
      d_in[H + i] = d_keep;
      d_in[2 * H + i] = d_fresh;
      d_in[3 * H + i] = d_show;
    }
}

ATTUNE_CLONES static void
gru_backward (int64_t H, const float *__restrict__ gates, const float *__restrict__ memory,
              const float *__restrict__ before, const float *__restrict__ d_all,
              float *__restrict__ carry, float *__restrict__ d_product, float *__restrict__ d_in)
{
  for (int64_t i = 0; i < H; i++)
    {
      float reset = gates[i], keep = gates[H + i], fresh = gates[2 * H + i];
      float d = d_all[i] + carry[i];
      float d_fresh = d * (1.0f - keep) * (1.0f - fresh * fresh);
      float d_reset = d_fresh * memory[i] * reset * (1.0f - reset);
      float d_keep = d * (before[i] - fresh) * keep * (1.0f - keep);

      carry[i] = d * keep;
      d_product[i] = d_reset;
      d_product[H + i] = d_keep;
      d_product[2 * H + i] = d_fresh * reset;
      d_in[i] = d_reset;
      d_in[H + i] = d_keep;
      d_in[2 * H + i] = d_fresh;
    }
}

void
cell_forward (Cell cell, const CellStep &step, const float *in, int64_t in_stride,
              const float *product, float *out, float *all, int64_t out_stride)
{
  int64_t H = step.features, G = count_gates (cell);

  for (int64_t b = 0; b < step.n; b++)
    {
      const float *from = in + step.rows[b] * in_stride;
      float *to = all + step.rows[b] * out_stride;
      float *gates = step.gates + b * G * H;

      if (cell == Cell::RNN)
        rnn_forward (H, from, product + b * H, gates, out + b * H, to);
      else if (cell == Cell::LSTM)
        lstm_forward (H, from, product + b * G * H, step.memory_before + b * H, gates,
                      step.memory + b * H, out + b * H, to);
      else
        gru_forward (H, from, product + b * G * H, step.before + b * H, gates,
                     step.memory + b * H, out + b * H, to);
    }
}

void
cell_backward (Cell cell, const CellStep &step, const float *d_all, int64_t out_stride,
               float *carry, float *carry_memory, float *d_product, float *d_in, int64_t in_stride)
{
  int64_t H = step.features, G = count_gates (cell);

  for (int64_t b = 0; b < step.n; b++)
    {
      const float *from = d_all + step.rows[b] * out_stride;
      const float *gates = step.gates + b * G * H;
      float *to = d_in + step.rows[b] * in_stride;

      if (cell == Cell::RNN)
        rnn_backward (H, gates, from, carry + b * H, d_product + b * H, to);
      else if (cell == Cell::LSTM)
        lstm_backward (H, gates, step.memory + b * H, step.memory_before + b * H, from,
                       carry + b * H, carry_memory + b * H, d_product + b * G * H, to);
      else
        gru_backward (H, gates, step.memory + b * H, step.before + b * H, from, carry + b * H,
                      d_product + b * G * H, to);
    }
}

} // namespace attune

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One step of a recurrent layer between its products, for n texts at once: gates, cell, output, and
 * their derivatives. Definitions and order of the gates are those of torch.nn.RNN, LSTM and GRU. H
 * features, G gates (1, 4: i f g o, 3: r z n). Texts are rows; row b of what comes from and goes to
 * all tokens lies at rows[b] * stride.
 */
#pragma once

#include "kernels.hpp"

namespace attune {

enum class Cell { RNN, LSTM, GRU };

constexpr int64_t
count_gates (Cell cell)
{
  return cell == Cell::RNN ? 1 : cell == Cell::LSTM ? 4 : 3;
}

struct CellStep
{
  int64_t n, features;
  const int64_t *rows;  /* (n,) */
  const float *before;  /* (n, H) output of the step before, zeros at first */
  const float *memory_before; /* LSTM (n, H), zeros at first */
  float *gates;         /* (n, G H) after their functions */
  float *memory;        /* (n, H) LSTM: the cell; GRU: what r is multiplied by */
};

/* in: products of the inputs (rows, stride in_stride), with bias; product: of the output before
 * (n, G H), with bias. Writes gates, memory, out (n, H) and the same to all (rows, out_stride). */
void cell_forward (Cell cell, const CellStep &step, const float *in, int64_t in_stride,
                   const float *product, float *out, float *all, int64_t out_stride);
/* d_all: derivative of the outputs by tokens. carry (n, H): what the step after adds to it; becomes
 * what goes to the step before by itself, without the product. carry_memory (n, H): the same of the
 * LSTM's cell. Writes d_product (n, G H) and d_in (rows, in_stride). */
void cell_backward (Cell cell, const CellStep &step, const float *d_all, int64_t out_stride,
                    float *carry, float *carry_memory, float *d_product, float *d_in,
                    int64_t in_stride);

} // namespace attune

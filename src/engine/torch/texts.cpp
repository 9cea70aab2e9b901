/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The mean over a text's sequences as a matrix, so that averaging and its derivative are a product
 * each, on a GPU as well.
 */
#include "texts.hpp"

#include "failure.hpp"

namespace attune {

int64_t
count_texts (const AttuneEngineBatch &batch)
{
  return (int64_t) (batch.texts != nullptr ? batch.n_texts : batch.n_sequences);
}

void
check_texts (const AttuneEngineBatch &batch)
{
  if (batch.texts == nullptr)
    return;
  if (batch.n_texts == 0 || batch.n_texts > batch.n_sequences || batch.texts[0] != 0
      || batch.texts[batch.n_texts] < 0
      || (size_t) batch.texts[batch.n_texts] != batch.n_sequences)
    fail (ATTUNE_ENGINE_BAD_SHAPE, "The texts of the batch do not span its %zu sequences.",
          batch.n_sequences);
  for (size_t n = 0; n < batch.n_texts; n++)
    if (batch.texts[n + 1] <= batch.texts[n] || (size_t) batch.texts[n + 1] > batch.n_sequences)
      fail (ATTUNE_ENGINE_BAD_SHAPE, "Text %zu of the batch has no sequence.", n);
}

at::Tensor
upload_mean (const AttuneEngineBatch &batch, at::Device device, bool device_path)
{
  if (batch.texts == nullptr)
    return {};

  int64_t N = (int64_t) batch.n_texts, B = (int64_t) batch.n_sequences;
  at::Tensor host = staging ({ N, B }, at::kFloat, device);
  float *mean = host.data_ptr<float> ();

  std::fill (mean, mean + N * B, 0.0f);
  for (int64_t n = 0; n < N; n++)
    for (int64_t b = batch.texts[n]; b < batch.texts[n + 1]; b++)
      mean[n * B + b] = 1.0f / (float) (batch.texts[n + 1] - batch.texts[n]);
  return upload (host, device, device_path);
}

} // namespace attune

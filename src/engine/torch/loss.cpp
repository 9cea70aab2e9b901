/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cross entropy with label smoothing and class weights as torch.nn.CrossEntropyLoss defines them,
 * and binary cross entropy of independent labels; both divided by the caller's denominator.
 */
#include "loss.hpp"

#include "texts.hpp"

namespace attune {

/* How much -log p of class c counts for text b, (N, C): with smoothing e, (1 - e) w_y at the label
 * plus e/C w_c everywhere. The loss is their weighted sum and its derivative
 * softmax * (sum of shares) - share. */
static at::Tensor
shares (const AttuneEngineBatch &batch, const AttuneEngineStep &step, int64_t n_labels,
        at::Device device, bool device_path)
{
  int64_t B = count_texts (batch);
  at::Tensor host = staging ({ B, n_labels }, at::kFloat, device);
  float *share = host.data_ptr<float> ();

  for (int64_t b = 0; b < B; b++)
    for (int64_t c = 0; c < n_labels; c++)
      {
        double part = step.label_smoothing / (double) n_labels
                      + (c == batch.labels[b] ? 1.0 - step.label_smoothing : 0.0);
        double weight = step.class_weights != nullptr ? step.class_weights[c] : 1.0;

        share[b * n_labels + c] = (float) (part * weight / step.denominator);
      }
  return upload (host, device, device_path);
}

static Loss
single_label (const at::Tensor &logits, const AttuneEngineBatch &batch,
              const AttuneEngineStep &step, bool device_path)
{
  at::Tensor share = shares (batch, step, logits.size (1), logits.device (), device_path);
  at::Tensor log_p = at::log_softmax (logits, 1);
  at::Tensor labels = staging ({ logits.size (0) }, at::kLong, logits.device ());

  for (int64_t b = 0; b < logits.size (0); b++)
    labels.data_ptr<int64_t> ()[b] = batch.labels[b];
  labels = upload (labels, logits.device (), device_path);
  return { at::mul (log_p, share).sum ().neg (),
           at::exp (log_p).mul_ (share.sum (1, /*keepdim=*/ true)).sub_ (share),
           logits.argmax (1).eq (labels).sum ().to (at::kFloat) };
}

static Loss
multi_label (const at::Tensor &logits, const AttuneEngineBatch &batch,
             const AttuneEngineStep &step, bool device_path)
{
  int64_t B = logits.size (0), C = logits.size (1);
  at::Tensor host = staging ({ 2, B, C }, at::kFloat, logits.device ());
  float *target = host.data_ptr<float> (), *weight = target + B * C;

  for (int64_t i = 0; i < B * C; i++)
    {
      target[i] = batch.targets[i];
      weight[i] = (float) ((step.class_weights != nullptr ? step.class_weights[i % C] : 1.0)
                           / step.denominator);
    }
  at::Tensor both = upload (host, logits.device (), device_path);
  at::Tensor targets = both.select (0, 0), weights = both.select (0, 1);
  /* max (x, 0) - x t + log (1 + exp (-|x|)) */
  at::Tensor each = at::relu (logits).sub_ (at::mul (logits, targets))
    .add_ (at::log1p (at::exp (logits.abs ().neg_ ())));

  return { at::mul (each, weights).sum (), at::sigmoid (logits).sub_ (targets).mul_ (weights),
           at::zeros ({}, logits.options ()) };
}

Loss
compute_loss (const at::Tensor &logits, const AttuneEngineBatch &batch,
              const AttuneEngineStep &step, AttuneEngineTask task, bool device_path)
{
  return task == ATTUNE_ENGINE_SINGLE_LABEL ? single_label (logits, batch, step, device_path)
                                            : multi_label (logits, batch, step, device_path);
}

} // namespace attune

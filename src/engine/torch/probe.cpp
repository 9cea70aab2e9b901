/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Measures what this processor is fast at. That cannot be told from its name: with AMX bf16 is
 * five times float32, with AVX512-BF16 it is twice on one processor and half on another.
 */
#include "model.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>

#include "failure.hpp"
#include "products.hpp"

namespace attune {

/* bf16 pays for its conversions from here on. */
static constexpr double WORTH_BF16 = 1.25;

/* A product of the inner layer of a small BERT in a batch of short sentences; GFLOP/s. */
static double
time_product (at::ScalarType type)
{
  constexpr int64_t TOKENS = 416, FEATURES = 384, INNER = 1536;
  constexpr int WARM_UPS = 2, REPEATS = 6;
  auto options = at::TensorOptions ().dtype (type);
  at::Tensor x = at::ones ({ TOKENS, FEATURES }, options);
  at::Tensor weight = at::ones ({ INNER, FEATURES }, options);
  at::Tensor y = at::empty ({ TOKENS, INNER }, options);
  double best = 1e9;

  for (int i = 0; i < WARM_UPS + REPEATS; i++)
    {
      auto begin = std::chrono::steady_clock::now ();

      multiply (y, x, weight.t (), 0.0);
      std::chrono::duration<double> taken = std::chrono::steady_clock::now () - begin;
      if (i >= WARM_UPS)
        best = std::min (best, taken.count ());
    }
  return 2e-9 * (double) (TOKENS * FEATURES * INNER) / best;
}

static AttuneEngineProbe
measure_cpu (int32_t threads)
{
  AttuneEngineProbe probe {};
  AttuneEngineDevice devices[1];

  probe.threads = threads;
  probe.fp32_gflops = time_product (at::kFloat);
  list_devices (devices, 1);
  if (devices[0].supports_bf16)
    probe.bf16_gflops = time_product (at::kBFloat16);
  bool half = probe.bf16_gflops > WORTH_BF16 * probe.fp32_gflops;
  probe.precision = half ? ATTUNE_ENGINE_PRECISION_BF16 : ATTUNE_ENGINE_FP32;
  std::snprintf (probe.paths, sizeof probe.paths, "%s products, each thread its own part",
                 half ? "bf16" : "fp32");
  return probe;
}

/* Not measured: every GPU with bf16 units is several times faster with them. */
static AttuneEngineProbe
describe_gpu_paths (const AttuneEngineDevice &device, int32_t threads)
{
  AttuneEngineProbe probe {};

  probe.threads = threads;
  probe.precision = device.supports_bf16 ? ATTUNE_ENGINE_PRECISION_BF16 : ATTUNE_ENGINE_FP32;
  std::snprintf (probe.paths, sizeof probe.paths, "%s products on the GPU",
                 device.supports_bf16 ? "bf16" : "fp32");
  return probe;
}

AttuneEngineProbe
probe_device (AttuneEngine &engine, const AttuneEngineDevice *device)
{
  if (!resolve_device (device).is_cpu ())
    {
      std::vector<AttuneEngineDevice> devices ((size_t) device->index + 2);

      list_devices (devices.data (), devices.size ());
      return describe_gpu_paths (devices.back (), engine.threads);
    }
  if (engine.probe.threads != engine.threads)
    engine.probe = measure_cpu (engine.threads);
  return engine.probe;
}

} // namespace attune

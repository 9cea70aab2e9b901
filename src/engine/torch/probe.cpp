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

/* A product of the inner layer of a small BERT in a batch of short sentences. */
class Product
{
public:
  explicit Product (at::ScalarType type)
    : x_ (at::ones ({ TOKENS, FEATURES }, type)), weight_ (at::ones ({ INNER, FEATURES }, type)),
      y_ (at::empty ({ TOKENS, INNER }, type))
  {
  }

  void
  time (int repeats)
  {
    for (int i = 0; i < repeats; i++)
      {
        auto begin = std::chrono::steady_clock::now ();

        multiply (y_, x_, weight_.t (), 0.0);
        std::chrono::duration<double> taken = std::chrono::steady_clock::now () - begin;
        best_ = std::min (best_, taken.count ());
      }
  }

  double
  gflops () const
  {
    return 2e-9 * (double) (TOKENS * FEATURES * INNER) / best_;
  }

private:
  static constexpr int64_t TOKENS = 416, FEATURES = 384, INNER = 1536;

  at::Tensor x_, weight_, y_;
  double best_ = 1e9;
};

/* Other work may hold a core for longer than a few products take, so the types take turns: what is
 * in the way is in the way of both, and the best of each counts. */
static void
time_products (AttuneEngineProbe &probe, bool with_bf16)
{
  constexpr int ROUNDS = 12, REPEATS = 3;
  Product single (at::kFloat), half (at::kBFloat16);

  for (int round = 0; round < ROUNDS; round++)
    {
      single.time (REPEATS);
      if (with_bf16)
        half.time (REPEATS);
    }
  probe.fp32_gflops = single.gflops ();
  probe.bf16_gflops = with_bf16 ? half.gflops () : 0.0;
}

static AttuneEngineProbe
measure_cpu (int32_t threads)
{
  AttuneEngineProbe probe {};
  AttuneEngineDevice devices[1];

  probe.threads = threads;
  list_devices (devices, 1);
  time_products (probe, devices[0].supports_bf16);
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

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The machine: threads, devices, memory, and what libtorch was built with. A GPU's name and memory
 * come from NVIDIA's driver, so that the plug-in builds without the CUDA toolkit.
 */
#include "model.hpp"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/csrc/api/include/torch/version.h>

#include <dlfcn.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>
#include <thread>

#include "failure.hpp"

namespace attune {

static constexpr int32_t MAX_THREADS = 1024;

/* Cores, not hardware threads: two threads of one core share what matrix products need. */
static int32_t
count_cores ()
{
  std::set<std::pair<std::string, std::string>> cores;
  long n = sysconf (_SC_NPROCESSORS_ONLN);

  for (long i = 0; i < n; i++)
    {
      std::string folder = "/sys/devices/system/cpu/cpu" + std::to_string (i) + "/topology/";
      std::string package, core;

      std::ifstream (folder + "physical_package_id") >> package;
      std::ifstream (folder + "core_id") >> core;
      if (!core.empty ())
        cores.insert ({ package, core });
    }
  /* A container may be given fewer. */
  int32_t allowed = (int32_t) std::thread::hardware_concurrency ();
  int32_t found = cores.empty () ? allowed : (int32_t) cores.size ();
  return std::clamp (std::min (found, std::max (allowed, 1)), 1, MAX_THREADS);
}

void
set_threads (AttuneEngine &engine, int32_t threads)
{
  if (threads < 0 || threads > MAX_THREADS)
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "The number of threads must be from 0 to %d, not %d.",
          (int) MAX_THREADS, (int) threads);
  engine.threads = threads > 0 ? threads : count_cores ();
  at::set_num_threads (engine.threads);
}

/* glibc gives big blocks back to the kernel as soon as they are freed and fetches them, zeroed page
 * by page, in the next step. Keeping them saves a tenth of a step. */
static void
keep_freed_memory ()
{
  mallopt (M_MMAP_THRESHOLD, 1 << 30);
  mallopt (M_TRIM_THRESHOLD, 1 << 30);
  mallopt (M_TOP_PAD, 64 << 20);
}

/* Options: num_threads, 0 for one a core; device_path=1 lets models on the CPU take the code path of
 * a GPU (word embeddings not by rows, batched attention, libtorch's fused AdamW, numbers that are
 * fetched later), so that it can be tested where there is none. */
AttuneEngine *
open_engine (const AttuneEngineOption *options, size_t n_options)
{
  auto engine = std::make_unique<AttuneEngine> ();
  Options given (options, n_options);
  double threads = given.number ("num_threads", 0);

  keep_freed_memory ();
  set_threads (*engine, threads >= 0 && threads <= MAX_THREADS ? (int32_t) threads : -1);
  engine->device_path = given.number ("device_path", 0) != 0.0;
  /* Every product in true float32 unless a model asks for bf16: no TF32, no hidden bf16. */
  at::globalContext ().setFloat32MatmulPrecision (std::string ("highest"));
  at::globalContext ().setAllowTF32CuDNN (false);
  return engine.release ();
}

static void
describe_blas (char *text, size_t size)
{
  void *blas = dlopen ("libblas.so.3", RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
  auto find = [blas] (const char *name) { return blas != nullptr ? dlsym (blas, name) : nullptr; };
  auto get_parallel = (int (*) ()) find ("openblas_get_parallel");
  auto get_core = (char *(*) ()) find ("openblas_get_corename");

  if (at::hasMKL ())
    std::snprintf (text, size, "MKL");
  else if (get_parallel != nullptr && get_core != nullptr)
    std::snprintf (text, size, "OpenBLAS (%s, %s)", get_core (),
                   get_parallel () == 2 ? "openmp" : get_parallel () == 1 ? "pthread" : "serial");
  else
    std::snprintf (text, size, "unknown");
  if (blas != nullptr)
    dlclose (blas);
}

void
get_info (const AttuneEngine &engine, AttuneEngineInfo &info)
{
  std::memset (&info, 0, sizeof info);
  std::snprintf (info.name, sizeof info.name, "libtorch");
  std::snprintf (info.version, sizeof info.version, "%s", TORCH_VERSION);
  describe_blas (info.blas, sizeof info.blas);
  std::snprintf (info.capability, sizeof info.capability, "%s", at::get_cpu_capability ().c_str ());
  info.threads = engine.threads;
}

static void
describe_cpu (AttuneEngineDevice &device)
{
  std::ifstream cpuinfo ("/proc/cpuinfo");
  std::string line;
  bool named = false;

  device.type = ATTUNE_ENGINE_DEVICE_CPU;
  std::snprintf (device.name, sizeof device.name, "CPU");
  while (std::getline (cpuinfo, line))
    {
      size_t colon = line.find (": ");

      if (!named && line.rfind ("model name", 0) == 0 && colon != std::string::npos)
        {
          std::snprintf (device.name, sizeof device.name, "%s", line.c_str () + colon + 2);
          named = true;
        }
      if (line.rfind ("flags", 0) == 0)
        {
          device.supports_bf16 = line.find (" avx512_bf16") != std::string::npos
                                 || line.find (" amx_bf16") != std::string::npos;
          break;
        }
    }
  device.memory_bytes = (uint64_t) sysconf (_SC_PHYS_PAGES) * (uint64_t) sysconf (_SC_PAGESIZE);
}

/* A function of the driver, which libtorch has loaded when there is a device; null when absent. */
template <typename Function>
static Function
driver_function (const char *name)
{
  static void *driver = dlopen ("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);

  return driver != nullptr ? (Function) dlsym (driver, name) : nullptr;
}

static void
describe_gpu (AttuneEngineDevice &device, int index)
{
  constexpr int COMPUTE_CAPABILITY_MAJOR = 75; /* CU_DEVICE_ATTRIBUTE_… of cuda.h */
  auto get = driver_function<int (*) (int *, int)> ("cuDeviceGet");
  auto get_name = driver_function<int (*) (char *, int, int)> ("cuDeviceGetName");
  auto get_memory = driver_function<int (*) (size_t *, int)> ("cuDeviceTotalMem_v2");
  auto get_attribute = driver_function<int (*) (int *, int, int)> ("cuDeviceGetAttribute");
  int handle = 0, major = 0;
  size_t bytes = 0;

  device.type = ATTUNE_ENGINE_DEVICE_CUDA;
  device.index = index;
  std::snprintf (device.name, sizeof device.name, "NVIDIA GPU %d", index);
  if (get == nullptr || get (&handle, index) != 0)
    return;
  if (get_name != nullptr)
    get_name (device.name, (int) sizeof device.name, handle);
  if (get_memory != nullptr && get_memory (&bytes, handle) == 0)
    device.memory_bytes = bytes;
  if (get_attribute != nullptr && get_attribute (&major, COMPUTE_CAPABILITY_MAJOR, handle) == 0)
    device.supports_bf16 = major >= 8;
}

size_t
list_devices (AttuneEngineDevice *devices, size_t capacity)
{
  size_t n = 1 + (at::hasCUDA () ? at::detail::getCUDAHooks ().deviceCount () : 0);

  for (size_t i = 0; i < std::min (n, capacity); i++)
    {
      std::memset (&devices[i], 0, sizeof devices[i]);
      if (i == 0)
        describe_cpu (devices[i]);
      else
        describe_gpu (devices[i], (int) i - 1);
    }
  return n;
}

at::Device
resolve_device (const AttuneEngineDevice *device)
{
  if (device == nullptr || device->type == ATTUNE_ENGINE_DEVICE_CPU)
    return at::kCPU;
  if (device->type != ATTUNE_ENGINE_DEVICE_CUDA || device->index < 0
      || (size_t) device->index + 1 >= list_devices (nullptr, 0))
    fail (ATTUNE_ENGINE_UNSUPPORTED, "This engine has no such device; choose the CPU.");
  return at::Device (at::kCUDA, (c10::DeviceIndex) device->index);
}

void
get_memory (const AttuneEngineDevice *device, AttuneEngineMemory &memory)
{
  if (!resolve_device (device).is_cpu ())
    {
      auto get_info = driver_function<int (*) (size_t *, size_t *)> ("cuMemGetInfo_v2");
      size_t unused = 0, total = 0;

      /* Of the whole card: other programs on it count too. */
      if (get_info != nullptr && get_info (&unused, &total) == 0)
        memory.resident_bytes = total - unused;
      memory.peak_bytes = std::max (memory.peak_bytes, memory.resident_bytes);
      return;
    }

  std::ifstream status ("/proc/self/status");
  std::string line;
  while (std::getline (status, line))
    {
      if (line.rfind ("VmRSS:", 0) == 0)
        memory.resident_bytes = std::strtoull (line.c_str () + 6, nullptr, 10) * 1024;
      else if (line.rfind ("VmHWM:", 0) == 0)
        memory.peak_bytes = std::strtoull (line.c_str () + 6, nullptr, 10) * 1024;
    }
}

} // namespace attune

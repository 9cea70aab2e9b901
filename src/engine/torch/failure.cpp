/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sorts what libtorch, the C++ library and we throw into the statuses of engine.h.
 */
#include "failure.hpp"

#include <c10/util/Exception.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <new>

namespace attune {

void
fail (AttuneEngineStatus status, const char *format, ...)
{
  char message[256];
  va_list arguments;

  va_start (arguments, format);
  std::vsnprintf (message, sizeof message, format, arguments);
  va_end (arguments);
  throw Failure (status, message);
}

static AttuneEngineStatus
fill (AttuneEngineError *error, AttuneEngineStatus status, const char *message,
      const char *details) noexcept
{
  if (error != nullptr)
    {
      error->status = status;
      std::snprintf (error->message, sizeof error->message, "%s", message);
      std::snprintf (error->details, sizeof error->details, "%s", details);
    }
  return status;
}

/* libtorch says most things in words only. Its CPU allocator and its CUDA runtime checks are told
 * apart by phrases that have not changed from 2.0 to 2.14. */
static AttuneEngineStatus
sort_by_words (const char *what) noexcept
{
  static const char *const no_memory[] = { "DefaultCPUAllocator", "can't allocate memory",
                                           "out of memory", "CUBLAS_STATUS_ALLOC_FAILED" };
  static const char *const lost[] = { "device-side assert", "illegal memory access",
                                      "unspecified launch",
                                      "uncorrectable ECC", "has fallen off", "device is lost",
                                      "CUDA driver error", "CUDA-capable device(s) is/are busy" };

  for (const char *words : no_memory)
    if (std::strstr (what, words) != nullptr)
      return ATTUNE_ENGINE_OUT_OF_MEMORY;
  for (const char *words : lost)
    if (std::strstr (what, words) != nullptr)
      return ATTUNE_ENGINE_DEVICE_LOST;
  return ATTUNE_ENGINE_INTERNAL;
}

static AttuneEngineStatus
fill_from_words (AttuneEngineError *error, AttuneEngineStatus status, const char *what) noexcept
{
  switch (status)
    {
    case ATTUNE_ENGINE_OUT_OF_MEMORY:
      return fill (error, status, "There is not enough memory for this batch; make it smaller.",
                   what);
    case ATTUNE_ENGINE_DEVICE_LOST:
      return fill (error, status, "The graphics card stopped answering; start Attune again.", what);
    default:
      return fill (error, status, "The computation failed inside libtorch.", what);
    }
}

AttuneEngineStatus
report_current_exception (AttuneEngineError *error) noexcept
{
  try
    {
      throw;
    }
  catch (const Failure &failure)
    {
      return fill (error, failure.status (), failure.what (), failure.what ());
    }
  catch (const c10::OutOfMemoryError &exception)
    {
      return fill_from_words (error, ATTUNE_ENGINE_OUT_OF_MEMORY,
                              exception.what_without_backtrace ());
    }
  catch (const c10::Error &exception)
    {
      return fill_from_words (error, sort_by_words (exception.what_without_backtrace ()),
                              exception.what ());
    }
  catch (const std::bad_alloc &exception)
    {
      return fill_from_words (error, ATTUNE_ENGINE_OUT_OF_MEMORY, exception.what ());
    }
  catch (const std::exception &exception)
    {
      return fill_from_words (error, sort_by_words (exception.what ()), exception.what ());
    }
  catch (...)
    {
      return fill (error, ATTUNE_ENGINE_INTERNAL, "The computation failed.",
                   "an exception of no known type");
    }
}

} // namespace attune

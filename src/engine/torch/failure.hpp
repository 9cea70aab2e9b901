/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How errors travel inside the plug-in: as an exception, up to the entry point that turns it into
 * the caller's error struct. Nothing leaves the plug-in as an exception.
 */
#pragma once

#include <exception>
#include <string>

#include "engine.h"

namespace attune {

class Failure : public std::exception
{
 public:
  Failure (AttuneEngineStatus status, std::string message)
    : status_ (status), message_ (std::move (message)) {}
  AttuneEngineStatus status () const { return status_; }
  const char *what () const noexcept override { return message_.c_str (); }

 private:
  AttuneEngineStatus status_;
  std::string message_;
};

/* Throws a Failure with a message as printf would write it. */
[[noreturn]] void fail (AttuneEngineStatus status, const char *format, ...)
  __attribute__ ((format (printf, 2, 3)));

/* Fills error (which may be NULL) from the exception being handled; call inside catch. */
AttuneEngineStatus report_current_exception (AttuneEngineError *error) noexcept;

/* Runs work() and reports what it throws. */
template <typename Work>
AttuneEngineStatus
guarded (AttuneEngineError *error, Work &&work) noexcept
{
  try
    {
      work ();
      return ATTUNE_ENGINE_OK;
    }
  catch (...)
    {
      return report_current_exception (error);
    }
}

} // namespace attune

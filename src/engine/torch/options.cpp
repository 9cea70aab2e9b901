/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads configuration values and refuses what no model can have; the numbers come from a file that
 * somebody else wrote. Reading does not depend on the locale.
 */
#include "options.hpp"

#include <cmath>
#include <locale>
#include <sstream>

#include "failure.hpp"

namespace attune {

Options::Options (const AttuneEngineOption *options, size_t n_options)
{
  for (size_t i = 0; i < n_options; i++)
    if (options[i].key != nullptr && options[i].value != nullptr)
      values_[options[i].key] = options[i].value;
}

const std::string *
Options::find (const char *key) const
{
  auto found = values_.find (key);

  return found != values_.end () && !found->second.empty () && found->second != "null"
           ? &found->second : nullptr;
}

double
Options::number (const char *key, double otherwise) const
{
  const std::string *text = find (key);
  double value = otherwise;

  if (text == nullptr)
    return otherwise;
  std::istringstream stream (*text);
  stream.imbue (std::locale::classic ());
  if (!(stream >> value) || !stream.eof () || !std::isfinite (value))
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT,
          "The configuration says %s = “%.40s”, which is not a number.",
          key, text->c_str ());
  return value;
}

int64_t
Options::size (const char *key, int64_t otherwise, int64_t highest) const
{
  double value = number (key, (double) otherwise);

  if (value != std::floor (value) || value < 1 || value > (double) highest)
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT,
          "The configuration says %s = %g, which must be from 1 to %lld.",
          key, value, (long long) highest);
  return (int64_t) value;
}

double
Options::probability (const char *key, double otherwise) const
{
  double value = number (key, otherwise);

  if (value < 0.0 || value >= 1.0)
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT,
          "The configuration says %s = %g, which must be from 0 to below 1.",
          key, value);
  return value;
}

bool
Options::flag (const char *key) const
{
  const std::string *text = find (key);

  if (text != nullptr && *text != "true" && *text != "false")
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "The configuration says %s = “%.40s”, not true or false.",
          key, text->c_str ());
  return text != nullptr && *text == "true";
}

std::string
Options::word (const char *key, const char *otherwise) const
{
  const std::string *text = find (key);

  return text != nullptr ? *text : otherwise;
}

} // namespace attune

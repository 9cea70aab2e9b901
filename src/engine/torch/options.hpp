/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads the key/value pairs of a model's configuration, whose keys are those of config.json.
 */
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "engine.h"

namespace attune {

class Options
{
 public:
  Options (const AttuneEngineOption *options, size_t n_options);
  /* A whole number from 1 to highest; otherwise when the key is absent. */
  int64_t size (const char *key, int64_t otherwise, int64_t highest) const;
  /* A probability, 0 <= p < 1; otherwise when the key is absent, empty or "null". */
  double probability (const char *key, double otherwise) const;
  double number (const char *key, double otherwise) const;
  bool flag (const char *key) const; /* false when the key is absent */
  std::string word (const char *key, const char *otherwise) const;

 private:
  const std::string *find (const char *key) const;
  std::unordered_map<std::string, std::string> values_;
};

} // namespace attune

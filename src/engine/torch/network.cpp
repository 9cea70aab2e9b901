/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of model families.
 */
#include "network.hpp"

#include "failure.hpp"

namespace attune {

static const struct
{
  const char *model_type;
  std::unique_ptr<Network> (*make) (const Options &, int64_t, Parameters &);
} families[] = {
  { "bert", make_bert },
  { "attune-rnn", make_rnn },
};

std::unique_ptr<Network>
make_network (const Options &options, int64_t n_labels, Parameters &parameters)
{
  return make_network_of (options.word ("model_type", "bert"), options, n_labels, parameters);
}

std::unique_ptr<Network>
make_network_of (const std::string &type, const Options &options, int64_t n_labels,
                 Parameters &parameters)
{
  for (const auto &family : families)
    if (type == family.model_type)
      return family.make (options, n_labels, parameters);
  fail (ATTUNE_ENGINE_UNSUPPORTED, "Models of the family “%.60s” are not supported yet.",
        type.c_str ());
}

} // namespace attune

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine.h in C++17; see test-header.c.
 */
#include "engine.h"

extern "C" size_t attune_engine_sizes_in_cxx (size_t i);

size_t
attune_engine_sizes_in_cxx (size_t i)
{
  static const size_t sizes[] = { sizeof (AttuneEngineApi), sizeof (AttuneEngineBatch),
                                  sizeof (AttuneEngineStep), sizeof (AttuneEngineStepResult),
                                  sizeof (AttuneEngineTensor), sizeof (AttuneEngineDevice) };

  return i < sizeof sizes / sizeof *sizes ? sizes[i] : 0;
}

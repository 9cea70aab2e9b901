/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine.h alone, in strict C11 (and, through test-header.cpp, in C++17): the boundary needs no
 * other header and its types have the same sizes in both languages.
 */
#include "engine.h"

_Static_assert (sizeof (AttuneEngineError) == 4 + 256 + 2048, "the error is of fixed size");
_Static_assert (offsetof (AttuneEngineApi, open) == 8, "abi and size come first");

size_t attune_engine_sizes (size_t i);
size_t attune_engine_sizes_in_cxx (size_t i);

size_t
attune_engine_sizes (size_t i)
{
  static const size_t sizes[] = { sizeof (AttuneEngineApi), sizeof (AttuneEngineBatch),
                                  sizeof (AttuneEngineStep), sizeof (AttuneEngineStepResult),
                                  sizeof (AttuneEngineTensor), sizeof (AttuneEngineDevice) };

  return i < sizeof sizes / sizeof *sizes ? sizes[i] : 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the fake engine is told to do by the environment variable ATTUNE_FAKE_SCRIPT, read at each
 * open(). Entries are separated by ";":
 *   nan@5      the loss of step 5 is not a number; the step is not applied
 *   inf@5      the gradient norm of step 5 is infinite; the step is not applied
 *   fail@6     step 6 fails with ATTUNE_ENGINE_INTERNAL
 *   oom@7      a batch of more than 7 sequences does not fit in memory
 *   lost@9     the device is gone from step 9 on
 *   slow=20ms  every train_step and evaluate takes 20 ms
 *   lag=3      results are known only three steps later (or when collect waits)
 *   loss=exp   the loss told is exp (-step / 20), whatever the weights do
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define FAKE_MAX_FAULTS 32

typedef enum { FAKE_NAN, FAKE_INF, FAKE_FAIL, FAKE_LOST } FakeFaultKind;

typedef struct {
  FakeFaultKind kind;
  uint64_t step;
} FakeFault;

typedef struct {
  FakeFault faults[FAKE_MAX_FAULTS];
  unsigned n_faults;
  uint64_t max_sequences; /* 0: no limit */
  uint64_t slow_ms;
  uint64_t lag;
  bool exponential_loss;
} FakeScript;

/* Returns false, with the offending entry in bad[64], when the text is not a script. */
bool fake_script_parse (FakeScript *script, const char *text, char bad[64]);
/* Whether the script has a fault of this kind at this step; FAKE_LOST holds from its step on. */
bool fake_script_has (const FakeScript *script, FakeFaultKind kind, uint64_t step);

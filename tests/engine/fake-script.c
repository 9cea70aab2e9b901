/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads the script of the fake engine; see fake-script.h for its words. Plain C, no state.
 */
#include "fake-script.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static bool
parse_entry (FakeScript *script,
             const char *entry)
{
  static const struct { const char *word; FakeFaultKind kind; } faults[] = {
    { "nan@", FAKE_NAN }, { "inf@", FAKE_INF }, { "fail@", FAKE_FAIL }, { "lost@", FAKE_LOST },
  };
  static const struct { const char *word; size_t offset; const char *unit; } numbers[] = {
    { "oom@", offsetof (FakeScript, max_sequences), "" },
    { "slow=", offsetof (FakeScript, slow_ms), "ms" },
    { "lag=", offsetof (FakeScript, lag), "" },
  };
  char *end = NULL;

  if (strcmp (entry, "loss=exp") == 0)
    {
      script->exponential_loss = true;
      return true;
    }
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
    {
      size_t n = strlen (faults[i].word);

      if (strncmp (entry, faults[i].word, n) != 0 || script->n_faults == FAKE_MAX_FAULTS)
        continue;
      script->faults[script->n_faults].kind = faults[i].kind;
      script->faults[script->n_faults].step = strtoull (entry + n, &end, 10);
      script->n_faults++;
      return end != entry + n && *end == '\0';
    }
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    {
      size_t n = strlen (numbers[i].word);
      uint64_t value;

      if (strncmp (entry, numbers[i].word, n) != 0)
        continue;
      value = strtoull (entry + n, &end, 10);
      memcpy ((char *) script + numbers[i].offset, &value, sizeof value);
      return end != entry + n && strcmp (end, numbers[i].unit) == 0;
    }
  return false;
}

bool
fake_script_parse (FakeScript *script,
                   const char *text,
                   char        bad[64])
{
  memset (script, 0, sizeof *script);
  while (text != NULL && *text != '\0')
    {
      size_t length = strcspn (text, ";");
      size_t kept = length < 63 ? length : 63;

      memcpy (bad, text, kept);
      bad[kept] = '\0';
      if (length > 0 && !parse_entry (script, bad))
        return false;
      text += length + (text[length] == ';');
    }
  return true;
}

bool
fake_script_has (const FakeScript *script,
                 FakeFaultKind     kind,
                 uint64_t          step)
{
  for (unsigned i = 0; i < script->n_faults; i++)
    if (script->faults[i].kind == kind
        && (script->faults[i].step == step || (kind == FAKE_LOST && step > script->faults[i].step)))
      return true;
  return false;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * As much of NVIDIA's driver as the loader asks: it answers what the environment says.
 */
#include <stdlib.h>

int cuInit           (unsigned int flags);
int cuDeviceGetCount (int *n_devices);

static int
number (const char *name)
{
  const char *value = getenv (name);

  return value != NULL ? atoi (value) : 0;
}

int
cuInit (unsigned int flags)
{
  return flags == 0 ? number ("ATTUNE_STUB_STATUS") : 1;
}

int
cuDeviceGetCount (int *n_devices)
{
  *n_devices = number ("ATTUNE_STUB_CARDS");
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Naming a fault. No allocation, no locale, no system call.
 */
#include "config.h"

#include "attune-convert-fault.h"

#include <stdarg.h>
#include <stdio.h>

/**
 * attune_convert_fault_set:
 * @format: of the detail, which is cut where it is too long
 *
 * Returns: %FALSE, for the caller to return
 */
gboolean
attune_convert_fault_set (AttuneConvertFault     *self,
                          AttuneConvertFaultCode  code,
                          const char             *format,
                          ...)
{
  va_list arguments;

  self->code = code;
  va_start (arguments, format);
  vsnprintf (self->detail, sizeof self->detail, format, arguments);
  va_end (arguments);

  for (char *c = self->detail; *c != '\0'; c++)
    if ((guchar) *c < ' ' || *c == 0x7f)
      *c = '?';

  return FALSE;
}

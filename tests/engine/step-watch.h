/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Watches what libtorch is asked to do between begin and end, by all of its callers in this
 * process: counts operations and complains of whatever would make a program wait for a graphics
 * card. Links libtorch, and so must open the plug-in of that same libtorch and no other.
 */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  unsigned n_operations; /* asked for that compute or copy; views and allocations not counted */
  unsigned n_uploads;    /* copies out of host staging memory */
  unsigned n_downloads;  /* copies into it */
  char *operations;      /* their names in order, one a line */
  char *complaints;      /* one a line; "" when there is none */
} StepWatch;

void step_watch_begin (void);
void step_watch_end   (StepWatch *watch);
void step_watch_clear (StepWatch *watch);

/* Does what must not be done in a step, each in its own way; returns how many ways there are. */
unsigned step_watch_do_wrong (unsigned way);

#ifdef __cplusplus
}
#endif

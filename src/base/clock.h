/* Time for measuring. */
#ifndef CHAINRULE_BASE_CLOCK_H
#define CHAINRULE_BASE_CLOCK_H

/* Seconds on a clock that never goes back. */
double cr_clock(void);

#endif

/* Time for measuring. */
#ifndef CHAINRULE_BASE_CLOCK_H
#define CHAINRULE_BASE_CLOCK_H

/* Seconds on a clock that never goes back. */
double cr_clock(void);

/* Waits for about so many seconds, below 1. */
void cr_clock_sleep(double seconds);

#endif

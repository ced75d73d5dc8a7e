/*
 * A run's files as luggage of a job or a result, for workers that share no disk with who
 * gives out the work: behind the message, then its length as 8 bytes.
 */
#ifndef CHAINRULE_SWEEP_LUGGAGE_H
#define CHAINRULE_SWEEP_LUGGAGE_H

#include "base/text.h"

/* Appends the files of the run in the directory to a message, if it is a whole one; else
 * luggage without anything in it. run: NULL for nothing. Out of memory is left in
 * message->failed. */
void cr_luggage_add(cr_text *message, const char *run);

/* Of bytes[0..*length) that have luggage: *length becomes the message's. */
CR_MUST_CHECK bool cr_luggage_split(const char *bytes, size_t *length,
                                    const char **luggage, size_t *luggage_length,
                                    cr_error *err);

/* Makes the run's directory anew from luggage that has something in it, and marks it as the
 * sweep's own; else does nothing. */
CR_MUST_CHECK bool cr_luggage_unpack(const char *luggage, size_t length, const char *run,
                                     cr_error *err);

#endif

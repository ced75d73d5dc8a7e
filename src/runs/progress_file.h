/*
 * progress.json: word of how far a run or a sweep is, left in its directory for whoever
 * watches it from elsewhere. It is written once a second, from the first second on, so
 * that what is done sooner has none; and it goes when the work ends. One that stays tells
 * of a process that was killed, and of the machine that it was on.
 */
#ifndef CHAINRULE_RUNS_PROGRESS_FILE_H
#define CHAINRULE_RUNS_PROGRESS_FILE_H

#include <stdbool.h>
#include <stddef.h>

#define CR_PROGRESS_FILE "progress.json"

typedef struct cr_progress_file {
    char *path;          /* owned; NULL: out of memory, and nothing is written */
    double next;         /* on the clock: when to write again */
    double asked;        /* when it was looked at last */
    unsigned skip, left; /* so many calls pass without looking, and are left of them */
} cr_progress_file;

/* A member of the file. */
typedef struct cr_progress_number {
    const char *key;
    double number; /* NaN is null */
} cr_progress_number;

/* Starts the clock, and removes the file of a process that was killed. Nothing that goes wrong here or below is an error: who trains is not
 * to fail for who watches. */
void cr_progress_file_begin(cr_progress_file *file, const char *directory);

/* Whether it is time to write. Called after every step, it looks at the clock about once a
 * millisecond, since a step may take less than a look. */
bool cr_progress_file_is_due(cr_progress_file *file);

/* Writes the numbers, and behind them "host" and "pid". */
void cr_progress_file_write(cr_progress_file *file, const cr_progress_number *numbers,
                            size_t count);

/* Removes the file. */
void cr_progress_file_end(cr_progress_file *file);

/* The name of this machine, as "host" has it, into out. Returns out. */
enum { CR_PROGRESS_HOST = 256 };
const char *cr_progress_file_host(char out[CR_PROGRESS_HOST]);

#endif

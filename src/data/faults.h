/* Faults of a table's cells, a line of messages for all that are alike: the first of a
 * column and kind with its message, the others with their number and first lines. */
#ifndef CHAINRULE_DATA_FAULTS_H
#define CHAINRULE_DATA_FAULTS_H

#include "data/cell.h"

enum {
    CR_MOST_FAULTS = 10,         /* kinds that are reported, each with a line */
    CR_MOST_FAULT_LINES = 5,     /* that a message names behind the first */
    CR_MOST_FAULTY_CELLS = 10000 /* that are counted */
};

typedef struct cr_fault {
    size_t column;
    int kind;
    size_t message;                    /* its line among those of the error */
    size_t more;                       /* cells with the same fault behind the first */
    size_t lines[CR_MOST_FAULT_LINES]; /* of the file, where they stand */
} cr_fault;

/* Starts as {0}. */
typedef struct cr_faults {
    cr_fault kinds[CR_MOST_FAULTS]; /* [count] */
    size_t count, cells;
    size_t messages, length; /* of the error, before the cell that is looked at */
} cr_faults;

/* To be called before a cell is read: remembers what err, which may be NULL, says so
 * far. */
void cr_faults_begin(cr_faults *faults, const cr_error *err);

/* For a cell that could not be read, of which err has one more message: counts it, and
 * takes the message back if there is one of its kind. */
void cr_faults_take(cr_faults *faults, const cr_cell *cell, cr_error *err);

/* Whether no more need be looked for. */
bool cr_faults_is_enough(const cr_faults *faults);

/* Adds to the messages how many more there are like it, and where, and a line if more may
 * have gone unseen. */
void cr_faults_report(const cr_faults *faults, const char *file, cr_error *err);

#endif

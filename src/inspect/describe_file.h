/* How a table's file is written, where reading it as it is has failed. */
#ifndef CHAINRULE_INSPECT_DESCRIBE_FILE_H
#define CHAINRULE_INSPECT_DESCRIBE_FILE_H

#include <chainrule/error.h>
#include <stddef.h>

enum { CR_DESCRIBE_GUESSES = 2, CR_DESCRIBE_GUESS_TEXT = 48 };

/* Overrides that were added to read a table. */
typedef struct cr_describe_guesses {
    char texts[CR_DESCRIBE_GUESSES][CR_DESCRIBE_GUESS_TEXT];
    size_t count;
    bool encoding, start; /* which have been made */
} cr_describe_guesses;

/* One more guess after a failure: what the text is written in, or what lines stand above the
 * table. False: there is none. */
bool cr_describe_file_guess(cr_describe_guesses *guesses, const char *path,
                            const cr_error *failed);

#endif

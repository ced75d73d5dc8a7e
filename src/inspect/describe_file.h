/* How a table's file is written, where reading it as it is has failed, or has taken lines
 * above the names for rows. */
#ifndef CHAINRULE_INSPECT_DESCRIBE_FILE_H
#define CHAINRULE_INSPECT_DESCRIBE_FILE_H

#include <chainrule/error.h>
#include <stddef.h>

enum { CR_DESCRIBE_GUESSES = 2, CR_DESCRIBE_GUESS_TEXT = 48 };

/* What is known of the table. Nothing is owned. */
typedef struct cr_describe_asked {
    const char *path, *target; /* target: NULL, or a name or number */
    const char *const *overrides;
    size_t count;
} cr_describe_asked;

/* Overrides that were added to read a table. */
typedef struct cr_describe_guesses {
    char texts[CR_DESCRIBE_GUESSES][CR_DESCRIBE_GUESS_TEXT];
    const char *why[CR_DESCRIBE_GUESSES]; /* constants */
    size_t count;
    bool encoding, start; /* which have been tried */
} cr_describe_guesses;

/* One more guess after a failure: what the text is written in, or what lines stand above
 * the table. `failed` is NULL where the table could be read: then only of lines above the
 * names that have as many cells. False: there is none. */
bool cr_describe_file_guess(cr_describe_guesses *guesses, const cr_describe_asked *asked,
                            const cr_error *failed);

#endif

/*
 * What is odd about a column: that it would be learned from, or read, as nobody meant it.
 *
 * An oddity is one row in a table (oddity_table.c): a test of a column, what it says, and
 * the key of the config that mends it. Tests look at a sample of the rows.
 */
#ifndef CHAINRULE_DATA_ODDITY_H
#define CHAINRULE_DATA_ODDITY_H

#include "base/text.h"
#include "data/names.h"
#include "data/tally.h"

/* What the config makes of a column. */
typedef enum cr_look_role {
    CR_LOOK_INPUT,
    CR_LOOK_TARGET,
    CR_LOOK_SETTLED, /* an input of which the config says how it is read */
    CR_LOOK_LEFT_OUT
} cr_look_role;

/* A table, as far as it has been looked at. Nothing is owned. */
typedef struct cr_look {
    const cr_sample *sample;
    const cr_column *how;    /* [columns] how their cells are read: what the config says,
                                  or else what an oddity asks for */
    const cr_tally *tallies; /* [columns] */
    const cr_look_role *roles; /* [columns] */
    const size_t *words;   /* [columns] different words in all rows, or numbers; 0: not
                                  known */
    const cr_names *names; /* [columns]; NULL: the table has no header */
    size_t columns;
    size_t target; /* the only target, or `columns` when there are several */
    bool classify; /* the target is a class */
    char delimiter;
} cr_look;

enum { CR_ODDITY_SEEN = 200, CR_ODDITY_TYPE = 240 };

/* Where the mending stands. */
typedef enum cr_oddity_cure {
    CR_CURE_IGNORE,
    CR_CURE_TYPES,
    CR_CURE_CATEGORICAL,
    CR_CURE_MISSING_VALUES,
    CR_CURE_FILE /* no key mends it */
} cr_oddity_cure;

typedef struct cr_oddity {
    const struct cr_oddity_kind *kind;
    size_t column;
    const char *what; /* a constant: "numbers with a per cent sign" */
    const char *so;   /* a constant: what comes of it, up to the key if there is one */
    char seen[CR_ODDITY_SEEN]; /* examples, and where they stand */
    char type[CR_ODDITY_TYPE]; /* CR_CURE_TYPES: the column's entry in "types", JSON;
                                    CR_CURE_MISSING_VALUES: the values, JSON, with commas
                                    between them */
} cr_oddity;

/* What an oddity is about. What a column means is looked for once it is read as its
 * writing asks for. */
typedef enum cr_oddity_about {
    CR_ODDITY_ROWS,    /* it names them, or says nothing of them */
    CR_ODDITY_ORDER,   /* it numbers them, as it stands or as it is to be read */
    CR_ODDITY_WRITING, /* how its cells are written, which the config may have settled */
    CR_ODDITY_MEANING,
    CR_ODDITY_ABOUT
} cr_oddity_about;

typedef struct cr_oddity_kind {
    const char *name; /* for lists: "row numbers" */
    cr_oddity_about about;
    cr_oddity_cure cure;
    bool of_targets; /* the test also looks at targets */
    bool (*test)(const cr_look *look, size_t column, cr_oddity *found);
} cr_oddity_kind;

extern const cr_oddity_kind cr_oddity_kinds[];
extern const size_t cr_oddity_kind_count;

/* A column's name for messages, into out: in quotes, or its number. Returns out. */
enum { CR_ODDITY_NAME = 100 };
const char *cr_oddity_name(const cr_look *look, size_t column, char out[CR_ODDITY_NAME]);

/* The column as an entry of a list in the config, JSON: its name, or its number where it
 * has none of its own. Returns out. */
enum { CR_ODDITY_ENTRY = 256 };
const char *cr_oddity_entry(const cr_look *look, size_t column,
                            char out[CR_ODDITY_ENTRY]);

/* The text in quotes, as JSON has it, into out[size], at least 12; characters that do not
 * fit are left out. */
void cr_oddity_quote(const char *text, char *out, size_t size);

/* For the tests: whether the words of a column's name (parted by signs, digits and
 * capitals) have one of these, lower case, ended with NULL. */
bool cr_oddity_is_called(const cr_look *look, size_t column, const char *const *words);

/* For the tests: whether the column is read as dates. */
bool cr_oddity_is_date(const cr_look *look, size_t column);

/* For the tests: the form of a cell. */
void cr_oddity_form(const cr_look *look, size_t column, size_t row, cr_form *form);

/* For the tests: adds "cell" (line n) of a row of the sample to what was seen. */
void cr_oddity_show(const cr_look *look, size_t column, size_t row, cr_oddity *found);

/* For the tests: inputs of the network, whether settled or not. */
size_t cr_oddity_count_inputs(const cr_look *look);

/* The tests. Rows and names: oddity_rows.c. */
bool cr_oddity_rows_numbers(const cr_look *look, size_t column, cr_oddity *found);
bool cr_oddity_rows_ids(const cr_look *look, size_t column, cr_oddity *found);
bool cr_oddity_rows_words(const cr_look *look, size_t column, cr_oddity *found);
bool cr_oddity_rows_none(const cr_look *look, size_t column, cr_oddity *found);

/* Numbers that are not read as such, or as others: oddity_numbers.c. */
bool cr_oddity_numbers_signs(const cr_look *look, size_t column, cr_oddity *found);
bool cr_oddity_numbers_scales(const cr_look *look, size_t column, cr_oddity *found);
bool cr_oddity_numbers_units(const cr_look *look, size_t column, cr_oddity *found);
bool cr_oddity_numbers_thousands(const cr_look *look, size_t column, cr_oddity *found);
bool cr_oddity_numbers_many_codes(const cr_look *look, size_t column, cr_oddity *found);
bool cr_oddity_numbers_codes(const cr_look *look, size_t column, cr_oddity *found);

/* What stands for a missing value: oddity_gaps.c. */
bool cr_oddity_gaps_words(const cr_look *look, size_t column, cr_oddity *found);
bool cr_oddity_gaps_numbers(const cr_look *look, size_t column, cr_oddity *found);

/* A sentence where the table's last row sums up the others, on a line; the tallies are known:
 * oddity_total.c. */
void cr_oddity_total_say(const cr_look *look, cr_text *out);

/* Words that are meant to be alike: oddity_words.c. */
bool cr_oddity_words_spelt(const cr_look *look, size_t column, cr_oddity *found);

/* Dates: oddity_dates.c. */
bool cr_oddity_dates_mixed(const cr_look *look, size_t column, cr_oddity *found);
bool cr_oddity_dates_any(const cr_look *look, size_t column, cr_oddity *found);

/* Columns that give the target away: oddity_leak.c. */
bool cr_oddity_leak_of_class(const cr_look *look, size_t column, cr_oddity *found);
bool cr_oddity_leak_of_number(const cr_look *look, size_t column, cr_oddity *found);

#endif

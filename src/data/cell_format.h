/* How the cells of a column are written: what a config's "types", "decimal" and
 * "thousands" say of them. It travels with the model. */
#ifndef CHAINRULE_DATA_CELL_FORMAT_H
#define CHAINRULE_DATA_CELL_FORMAT_H

#include "config/json.h"
#include "data/date_parts.h"
#include "data/number_format.h"

typedef enum cr_cell_type {
    CR_CELL_ANY, /* numbers, words, or dates in ISO 8601, as the first cell tells */
    CR_CELL_NUMBER,
    CR_CELL_CURRENCY,
    CR_CELL_PERCENT,
    CR_CELL_WORDS,
    CR_CELL_DATE,
} cr_cell_type;

/* The types' names from CR_CELL_NUMBER on, as in configs, ended with NULL. */
extern const char *const cr_cell_format_types[];

/* The signs that may part thousands ("none": there is none), and decimal marks, as in
 * configs, ended with NULL; and the sign that one of these texts is, 0 for "none". */
extern const char *const cr_cell_format_thousands[];
extern const char *const cr_cell_format_decimals[];
char cr_cell_format_sign(const char *name);

typedef struct cr_cell_format {
    cr_cell_type type;
    cr_number_format number;
    char *unit;        /* of the number, or NULL; owned */
    char *date;        /* how dates are written (date.h), or NULL: ISO 8601; owned */
    cr_date_set parts; /* of dates; 0: those that differ in the training data */
    bool cyclic;
} cr_cell_format;

/* What a column is called in "types": its name, or its number (from 0), written to
 * `number`, where it has none that can be a key of a config. */
const char *cr_cell_format_key(const char *name, size_t column, char number[24]);

/* Numbers with a decimal point and nothing else. */
extern const cr_cell_format cr_cell_format_plain;

/* A copy with texts of its own. */
CR_MUST_CHECK bool cr_cell_format_copy(cr_cell_format *format, const cr_cell_format *from,
                                       cr_error *err);
void cr_cell_format_finish(cr_cell_format *format); /* also of an empty one: {0} */

/* Whether cells are numbers with a decimal point, words, or dates in ISO 8601. */
bool cr_cell_format_is_plain(const cr_cell_format *format);

/* From JSON: the name of a type, or an object with "type" and what belongs to it; what it
 * does not say is as in `base`. False where it says something else, without a message but
 * for memory; the format is the caller's to finish all the same. */
CR_MUST_CHECK bool cr_cell_format_read(cr_cell_format *format, const cr_json *value,
                                       const cr_cell_format *base, cr_error *err);

/* The same into an object that is empty. False when out of memory. */
CR_MUST_CHECK bool cr_cell_format_write(const cr_cell_format *format, cr_json *object);

#endif

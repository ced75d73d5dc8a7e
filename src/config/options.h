/*
 * Option tables: one row gives a key its kind, range, default and help.
 *
 * Reading checks an object against its tables, writes every default into the tree (so
 * that the tree becomes the resolved config) and the values into a struct. The reference
 * and --help are printed from the same rows.
 */
#ifndef CHAINRULE_CONFIG_OPTIONS_H
#define CHAINRULE_CONFIG_OPTIONS_H

#include "base/memory.h"
#include "config/reader.h"

#include <stdint.h>

/* The kinds, with the type of the field that each fills. */
typedef enum cr_option_kind {
    CR_OPTION_BOOL,    /* bool */
    CR_OPTION_INTEGER, /* int64_t, |n| ≤ 2⁵³ */
    CR_OPTION_NUMBER,  /* double, finite */
    CR_OPTION_TEXT,    /* const char *, owned by the tree */
    CR_OPTION_PATH,    /* const char *, made absolute, owned by the tree; the file must be
                          readable */
    CR_OPTION_PATHS,   /* const cr_json *, such a path or a list of them */
    CR_OPTION_FOLDER,  /* the same of a folder */
    CR_OPTION_CHOICE,  /* int, index into choices */
    CR_OPTION_NAMES,   /* const cr_json *, a list of texts */
    CR_OPTION_VALUE,   /* const cr_json *, of one of the JSON kinds in `kinds`; its owner
                          checks the rest */
} cr_option_kind;

#define CR_REQUIRED NULL
#define CR_OPTIONAL "" /* may be missing; then the field stays as it was */

typedef struct cr_option {
    const char *key;
    cr_option_kind kind;
    size_t offset;              /* of the field in the struct */
    const char *fallback;       /* the default as JSON text, CR_REQUIRED or CR_OPTIONAL */
    double minimum, maximum;    /* of a number or integer, inclusive; both 0: no limits */
    bool above_minimum;         /* the minimum itself is excluded */
    const char *const *choices; /* ended with NULL */
    unsigned kinds;             /* CR_OPTION_VALUE: bits 1 << cr_json_kind */
    const char *expects;        /* what may stand here, for messages; NULL: the range says
                                   it, which it cannot of CR_OPTION_VALUE */
    bool no_effect;             /* the result of a run does not depend on it */
    const char *help;
} cr_option;

/* An object's keys come from one or more tables, each with the struct that it fills. */
typedef struct cr_option_group {
    const cr_option *options;
    size_t count;
    void *fields;
} cr_option_group;

/* Reads the object at `path` through its groups. Errors go to reader->err; fields with an
 * error keep their value. */
void cr_options_read(cr_reader *reader, const char *path, cr_json *object,
                     const cr_option_group *groups, size_t count);

/* Reads the object at the root's `key`, made if it is missing, through one table into
 * fields. False with errors in the reader. */
bool cr_options_read_section(cr_reader *reader, cr_json *root, const char *key,
                             const cr_option *options, size_t count, void *fields);

/* The object at the root's `key`, made if it is missing; NULL when it is something else,
 * which the reader of the root's own keys refuses. */
cr_json *cr_options_section(cr_reader *reader, cr_json *root, const char *key);

/* The field of the number called `key` in a struct that the table describes; NULL where
 * the table has none. */
double *cr_options_number(const cr_option *options, size_t count, void *fields,
                          const char *key);

/* A table for the reference, in Markdown: a heading, a sentence, and a row for each key.
 */
void cr_options_describe(const char *heading, const char *summary,
                         const cr_option *options, size_t count, cr_text *out);

#endif

/*
 * What a table looks like, before anything is learned from it.
 *
 *     cr_error err = CR_ERROR_INIT;
 *     cr_description *table = cr_describe("table.csv", NULL, NULL, 0, &err);
 *     for (size_t i = 0; table && i < cr_description_columns(table); i++)
 *         printf("%s\n", cr_description_column(table, i)->name);
 *     cr_description_destroy(table);
 */
#ifndef CHAINRULE_DESCRIBE_H
#define CHAINRULE_DESCRIBE_H

#include <chainrule/error.h>
#include <stddef.h>

CR_BEGIN_DECLARATIONS

typedef struct cr_description cr_description;

/* Looks at every row of a table, or of the training table of a config (a file that ends
 * in .json, or a run directory). target: the column to predict, by name or number (from
 * 0; -1 is the last); NULL: the config's, or a guess. overrides[count]: "key.path=value",
 * such as "data.delimiter=;", applied in order. NULL with err. The caller destroys it. */
CR_API CR_MUST_CHECK cr_description *cr_describe(const char *path, const char *target,
                                                 const char *const *overrides,
                                                 size_t count, cr_error *err);
CR_API void cr_description_destroy(cr_description *description); /* takes NULL */

enum { CR_DESCRIBED_EXAMPLES = 3 };

/* A column. Texts belong to the description. */
typedef struct cr_described {
    const char *name; /* "" where it has none */
    const char *kind; /* how it is read, or "id", "date", "constant", "empty"; else
                         "numbers", "words", "mixed" (which is refused) */
    bool is_target, is_ignored;
    size_t missing;       /* cells */
    double different;     /* values, without missing ones */
    bool different_exact; /* else an estimate, to about two per cent */
    size_t numbers; /* cells that are numbers, with signs as well where the config says
                             so or what is odd asks for it; without any, these are NaN: */
    double smallest, largest, mean, deviation; /* population */
    double strength; /* how strongly it alone predicts the target, 0 to 1: the mutual
                        information with classes in parts of their entropy; of numbers the
                        larger of the absolute Pearson and Spearman correlations (words: the
                        correlation ratio; dates: the strongest of their parts). Less what
                        chance would give. NaN: of the target itself, where it is not
                        defined, and where fewer than 20 rows have both values */
    const char
        *examples[CR_DESCRIBED_EXAMPLES]; /* different cells; NULL behind the last */
    const char *odd;                      /* in a few words; NULL: nothing is */
} cr_described;

/* Whether it was asked for a table, and not for a config's. */
CR_API bool cr_description_is_of_table(const cr_description *description);

/* Whether the target is taken for a class, or for numbers (several targets: numbers). */
CR_API bool cr_description_classifies(const cr_description *description);

CR_API size_t cr_description_rows(const cr_description *description);
CR_API size_t cr_description_columns(const cr_description *description);

/* Column i < cr_description_columns; it belongs to the description. */
CR_API const cr_described *cr_description_column(const cr_description *description,
                                                 size_t i);

/* How the file is written and what the target is taken for, a line each. */
CR_API const char *cr_description_head(const cr_description *description);

/* What is odd, and the key of the config that mends it: sentences, a line each; "" when
 * nothing is. */
CR_API const char *cr_description_oddities(const cr_description *description);

/* A config that trains on the table, JSON, to be written to the file `path` (NULL: into
 * the current directory), to which its paths are relative. The caller frees it with
 * cr_description_free; NULL with err. */
CR_API CR_MUST_CHECK char *cr_description_config(const cr_description *description,
                                                 const char *path, cr_error *err);
CR_API void cr_description_free(char *text); /* takes NULL */

CR_END_DECLARATIONS

#endif

/* What a look at a table has found. */
#ifndef CHAINRULE_INSPECT_DESCRIPTION_H
#define CHAINRULE_INSPECT_DESCRIPTION_H

#include "data/data_section.h"
#include "data/oddities.h"
#include "data/profile.h"

#include <chainrule/describe.h>

enum { CR_DESCRIPTION_ODD = 64 };

struct cr_description {
    cr_document document; /* the config, or one that names the table */
    char *given;          /* the document's "data", JSON, before it was completed */
    cr_text warnings;
    cr_data_section section; /* of the document */
    cr_opened file;
    cr_reading reading;
    cr_profile profile;
    cr_oddities oddities; /* looks at the profile's sample */
    cr_look_role *roles;  /* [columns] */
    size_t *words;        /* [columns] */
    size_t target;        /* columns: there are several */
    bool of_table;        /* no config was given */
    bool guessed;         /* the target was */
    bool kind_known;      /* the config has a loss, which says: */
    bool classify;
    cr_described *columns; /* [columns] */
    char (
        *odd)[CR_DESCRIPTION_ODD]; /* [columns] what is odd about each, in a few words */
    cr_text head, lines;
};

/* A guess: the column with a target's name, or else the last that tells something in the
 * first rows. The file is open, its header known: describe_target.c. */
CR_MUST_CHECK bool cr_describe_target(const cr_description *d, size_t *target,
                                      cr_error *err);

/* Fills d->columns[i], when all else is known: describe_column.c. */
CR_MUST_CHECK bool cr_describe_column(cr_description *d, size_t i, cr_error *err);

/* The config for the table, to stand in `directory` ("" for the current one):
 * describe_config.c. */
CR_MUST_CHECK char *cr_describe_config(const cr_description *d, const char *directory,
                                       cr_error *err);

#endif

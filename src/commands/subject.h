/* The data that a model is looked at on: a part of its own config's, or a file. */
#ifndef CHAINRULE_COMMANDS_SUBJECT_H
#define CHAINRULE_COMMANDS_SUBJECT_H

#include "data/data.h"
#include "model/model.h"

typedef struct cr_subject {
    cr_data data;      /* of the model's own config */
    cr_dataset file;   /* or of a file */
    cr_part part;      /* either's, borrowed */
    const char *name;  /* of the part, or "file", as JSON has it */
    const char *label; /* the same for people; "folder" of one */
    const char *of;    /* for sentences: "the test part", or the file's path */
} cr_subject;

/* The values of a command's options. */
typedef struct cr_subject_choice {
    const char *on;     /* --on: the name of a part, or a file; NULL is the test part, or
                           else validation, or else train */
    const char *labels; /* --labels, for IDX images, or NULL */
    bool resize;        /* --resize: pictures of other sizes are made to fit, as they
                           are anyhow where the model's config has "size" */
    bool with_others;   /* the data's other parts are wanted too */
} cr_subject_choice;

/* Loads it and prints what there is to remark. The subject is the caller's to finish, also
 * after a failure. */
CR_MUST_CHECK bool cr_subject_load(cr_subject *subject, cr_model *model,
                                   const cr_subject_choice *choice, cr_error *err);
void cr_subject_finish(cr_subject *subject);

#endif

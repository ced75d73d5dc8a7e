/* What a folder of pictures with a folder a class looks like, and a config that trains on
 * it. */
#ifndef CHAINRULE_INSPECT_PICTURE_SURVEY_H
#define CHAINRULE_INSPECT_PICTURE_SURVEY_H

#include "base/text.h"
#include "data/sources/folder_pictures.h"

enum { CR_PICTURE_SIZES = 5 };

typedef struct cr_picture_size {
    uint32_t height, width;
    size_t pictures;
} cr_picture_size;

typedef struct cr_picture_survey {
    const char *folder; /* borrowed */
    cr_folder_list list;
    cr_folder_seen *seen;   /* [list.files.count] */
    cr_names classes;       /* in the order of a network's outputs */
    size_t *counts;         /* [classes.count] pictures, damaged ones too */
    size_t whole, coloured; /* pictures that can be read; those with a colour */
    cr_picture_size sizes[CR_PICTURE_SIZES]; /* the most frequent first */
    size_t size_count;                       /* in all; some may be too many for sizes */
    cr_text odd;                             /* what is odd, a line each */
} cr_picture_survey;

/* Looks at all pictures. On failure the survey is empty; else the caller finishes it. */
CR_MUST_CHECK bool cr_picture_survey_read(cr_picture_survey *survey, const char *folder,
                                          cr_error *err);
void cr_picture_survey_finish(cr_picture_survey *survey);

/* [height, width] that the config makes the pictures; false: they keep theirs. */
bool cr_picture_survey_size(const cr_picture_survey *survey, size_t size[2]);

/* A config that trains on the folder, JSON, to stand in `directory` ("": the current one).
 * The caller frees it; NULL with err. */
CR_MUST_CHECK char *cr_picture_survey_config(const cr_picture_survey *survey,
                                             const char *directory, cr_error *err);

#endif

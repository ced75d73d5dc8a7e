/* What describe says of a folder of pictures. */
#ifndef CHAINRULE_COMMANDS_DESCRIBE_PICTURES_H
#define CHAINRULE_COMMANDS_DESCRIBE_PICTURES_H

#include "inspect/picture_survey.h"

#include <stdio.h>

/* A line about all, a line a class, and what is odd. */
void cr_describe_pictures_print(FILE *out, const cr_picture_survey *survey);

/* The same as JSON on standard output. */
CR_MUST_CHECK bool cr_describe_pictures_json(const cr_picture_survey *survey,
                                             cr_error *err);

#endif

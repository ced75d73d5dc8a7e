/*
 * The config's "sweep" section: which settings to try, how often, and how to judge them.
 *
 * A setting is one value for each parameter. Settings are numbered from 0 and are a
 * function of the section: on a grid the last parameter changes fastest; a random value is
 * drawn by (seed, parameter's path, setting), so that more samples leave the earlier ones
 * as they were. Settings may be given as well, such as those of a sweep that has grown.
 */
#ifndef CHAINRULE_SWEEP_SWEEP_SECTION_H
#define CHAINRULE_SWEEP_SWEEP_SECTION_H

#include "measure/monitor.h"
#include "sweep/schedules/sweep_method.h"
#include "sweep/sweep_space.h"

enum { CR_MOST_TRIALS = 1000000 };
enum { CR_MOST_POINT = 100 }; /* parameters of a setting that a job has with it */

typedef struct cr_sweep_section {
    const cr_sweep_method *method;
    int64_t seed;
    cr_monitor judge;      /* what trials are judged by */
    size_t repeats, folds; /* folds 0: the config's validation part */
    size_t keep;
    size_t factor, min_epochs; /* of halving */
    cr_sweep_parameter *parameters;
    size_t parameter_count;
    size_t settings;
    double
        *points; /* [given × parameter_count] the values' numbers (sweep_space.h) of the
                       first settings; owned; NULL: none is given */
    size_t given;
} cr_sweep_section;

/* Reads `sweep` of the root, and fills in its defaults. classify: the config's loss takes
 * classes. Errors go to the reader. cr_sweep_section_finish in any case. */
void cr_sweep_section_read(cr_reader *reader, cr_json *root, bool classify,
                           cr_sweep_section *section);
void cr_sweep_section_finish(cr_sweep_section *section);

/* The value of a parameter in a setting, as JSON on one line. The caller frees it; NULL
 * when out of memory. */
CR_MUST_CHECK char *cr_sweep_section_value(const cr_sweep_section *section,
                                           size_t setting, size_t parameter);

/* The number of the parameter's value in the draw of that number, from 0. */
double cr_sweep_section_draw(const cr_sweep_section *section, size_t draw,
                             size_t parameter);

/* Fills in point [parameter_count] with the numbers of a setting's values, JSON {"path":
 * value, …}. False: it is no setting of these parameters. */
bool cr_sweep_section_find(const cr_sweep_section *section, const char *parameters,
                           double *point);

/* Makes room for points of `count` settings, of which the first `given` are copied. */
CR_MUST_CHECK bool cr_sweep_section_give(cr_sweep_section *section, const double *points,
                                         size_t given, size_t count, cr_error *err);

/* The section's keys, for the reference. */
void cr_sweep_section_describe(cr_text *out);

#endif

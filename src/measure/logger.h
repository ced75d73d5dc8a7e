/* Takes the values of the log's columns while a model is trained. */
#ifndef CHAINRULE_MEASURE_LOGGER_H
#define CHAINRULE_MEASURE_LOGGER_H

#include "measure/log.h"

typedef struct cr_logger cr_logger;

enum {
    CR_LOGGER_SAMPLE = 256
}; /* the first rows of the training part, at most, that
                                    "health" is taken of */

/* A logger for the columns of a log that is resolved. Log, model and data are borrowed
 * and outlive it; seed is that of the run's random draws. Everything is allocated here,
 * so that nothing that follows can fail. NULL with err. */
CR_MUST_CHECK cr_logger *cr_logger_create(const cr_log *log, const cr_model *model,
                                          const cr_data *data, uint64_t seed,
                                          cr_error *err);
/* As cr_evaluator_augment: of the examples that the health columns are taken of. */
CR_MUST_CHECK bool cr_logger_augment(cr_logger *logger, const cr_augment *augment,
                                     cr_error *err);

void cr_logger_destroy(cr_logger *logger); /* takes NULL */

/* Called before and after the step that the update ratios are taken of, which is the
 * epoch's last whole batch. */
void cr_logger_before_step(cr_logger *logger);
void cr_logger_after_step(cr_logger *logger);

/* Called after an epoch, when `steps` steps are done in the run. Returns the values of
 * the columns, [log->count], with NaN for one that does not exist; they are the logger's,
 * until the next call. The evaluator passes over the parts that metrics are taken of. */
const double *cr_logger_take(cr_logger *logger, cr_evaluator *evaluator, size_t steps);

#endif

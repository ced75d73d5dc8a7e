/*
 * Jobs, results and notices of trials as bytes, for a transport.
 *
 * Numbers are 8 bytes each, the lowest byte first: whole ones as they are (negative ones
 * as two's complement), floating-point ones as IEEE 754 binary64. A text is its length,
 * without the final 0, then its bytes and a 0. Truth is a whole number, 0 or 1.
 *
 *   job     trial, rung, from, epochs, keeps, continues, point_count, the numbers of the
 *           point: in this order, 56 bytes and 8 a number
 *   result  status, epochs, steps, parameters, seconds, of each of CR_PARTS parts the
 *           figures (examples, loss, accuracy, rmse), regularization_loss, value,
 *           has_accuracy, epoch_count; so many epochs, each epoch, steps, seconds,
 *           learning_rate, figures of train and validation, regularization_loss,
 *           parameters_crc32; the texts config and error
 *   notice  the threshold: a trial that is worse will not be kept; 8 bytes
 */
#ifndef CHAINRULE_SWEEP_TRIAL_MESSAGE_H
#define CHAINRULE_SWEEP_TRIAL_MESSAGE_H

#include "sweep/trial.h"

/* Append a message. Out of memory is left in out->failed. */
void cr_trial_message_add_job(const cr_trial_job *job, cr_text *out);
void cr_trial_message_add_result(const cr_trial_result *result, cr_text *out);
void cr_trial_message_add_notice(double threshold, cr_text *out);

/* What a message of so many bytes says. False with err for one that is no such message.
 * Epochs of a result are copied into *rows (grown as needed, the caller's to free), its
 * texts point into the message. */
CR_MUST_CHECK bool cr_trial_message_read_job(const char *bytes, size_t length,
                                             cr_trial_job *job, cr_error *err);
CR_MUST_CHECK bool cr_trial_message_read_result(const char *bytes, size_t length,
                                                cr_trial_result *result, cr_epoch **rows,
                                                size_t *row_capacity, cr_error *err);

/* The threshold of a notice; NaN for no bytes, and for bytes that are none. */
double cr_trial_message_read_notice(const char *bytes, size_t length);

#endif

/* What a sweep knows, as rows of its database. */
#ifndef CHAINRULE_SWEEP_STORE_RECORD_H
#define CHAINRULE_SWEEP_STORE_RECORD_H

#include "math/product.h"
#include "sweep/store_schema.h"
#include "sweep/sweep_plan.h"

/* The texts that a row needs and nobody else has. */
typedef struct cr_store_texts {
    char *parameters;   /* owned */
    char *name, *sweep; /* owned */
    char hash[CR_HASH_TEXT], kernel[CR_PRODUCT_KERNEL];
    char created[32];
    char crc32[16];
} cr_store_texts;

/* Each fills in a record from the plan or from a trial's result. Texts of the record
 * point into these or into *texts, which starts as {0} and outlives the record;
 * cr_store_record_finish in any case. False with err when out of memory. */
CR_MUST_CHECK bool cr_store_record_sweep(const cr_sweep_plan *plan,
                                         cr_store_sweep *record, cr_store_texts *texts,
                                         cr_error *err);
CR_MUST_CHECK bool cr_store_record_trial(const cr_sweep_plan *plan, size_t number,
                                         const cr_trial_result *result,
                                         cr_store_row *record, cr_store_texts *texts,
                                         cr_error *err);
void cr_store_record_epoch(size_t number, const cr_epoch *epoch, bool has_accuracy,
                           cr_store_epoch *record, cr_store_texts *texts);
void cr_store_record_finish(cr_store_texts *texts);

#endif

/* Normal draws that are asked for again and again: each is a function of its numbers
 * (random.h), and takes much longer to make than to keep. */
#ifndef CHAINRULE_BASE_KEPT_DRAWS_H
#define CHAINRULE_BASE_KEPT_DRAWS_H

#include "base/random.h"

#include <chainrule/error.h>

/* Grows as it is used, to some 2 MiB; for one thread. */
typedef struct cr_kept_draws cr_kept_draws;

/* NULL with err. */
CR_MUST_CHECK cr_kept_draws *cr_kept_draws_create(cr_error *err);
void cr_kept_draws_destroy(cr_kept_draws *kept); /* takes NULL */

/* out[i], i < count, as of cr_random_normal for weights (CR_FOR_INIT), made where it is
 * not kept; kept may be NULL. What there is no memory for is made each time. first is
 * even. */
void cr_kept_draws_normal(cr_kept_draws *kept, uint64_t seed, uint32_t stream,
                          uint64_t first, size_t count, double *out);

#endif

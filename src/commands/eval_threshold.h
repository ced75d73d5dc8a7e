/* The options --threshold and --threshold-by of eval: what a model's decisions come to
 * where the second class, or a label, is predicted from another probability on. */
#ifndef CHAINRULE_COMMANDS_EVAL_THRESHOLD_H
#define CHAINRULE_COMMANDS_EVAL_THRESHOLD_H

#include "config/json.h"
#include "measure/threshold.h"

/* A part, and what the thresholds come to there. */
typedef struct cr_eval_decided {
    const char *name, *label; /* for JSON, for people */
    cr_report **reports;      /* [count of thresholds] of two classes each */
} cr_eval_decided;

enum {
    CR_EVAL_DECIDED = 2
}; /* the part that they are chosen on, and the evaluated one */

typedef struct cr_eval_threshold {
    cr_model *model;
    const char
        *by; /* how they were chosen, as the option has it; NULL: they were given */
    cr_threshold_rule rule;
    size_t count;       /* cr_predictor_thresholds */
    double *thresholds; /* [count] */
    cr_eval_decided parts[CR_EVAL_DECIDED];
    size_t part_count;
} cr_eval_threshold;

/* The thresholds of a list, for a model; or with by_rule those of a rule, which
 * cr_eval_threshold_choose is then to find. False with CR_E_USAGE. The caller finishes
 * it, also after a failure. */
CR_MUST_CHECK bool cr_eval_threshold_init(cr_eval_threshold *t, cr_model *model,
                                          const char *text, bool by_rule, cr_error *err);
void cr_eval_threshold_finish(cr_eval_threshold *t); /* also of an empty one: {0} */

/* Chooses the thresholds of the rule on a part. */
CR_MUST_CHECK bool cr_eval_threshold_choose(cr_eval_threshold *t, const cr_part *part,
                                            const char *name, cr_error *err);

/* Adds what they come to on a part; label: its name for people. */
CR_MUST_CHECK bool cr_eval_threshold_add(cr_eval_threshold *t, const cr_part *part,
                                         const char *name, const char *label,
                                         cr_error *err);

void cr_eval_threshold_print(const cr_eval_threshold *t);

/* Adds the same to the object as "threshold". False when memory is out. */
CR_MUST_CHECK bool cr_eval_threshold_add_json(const cr_eval_threshold *t, cr_json *out);

#endif

/* The report of `chainrule eval`: what the model gets right and wrong, class by class. Its
 * figures are those of the table of metrics (measure/metric.h). */
#ifndef CHAINRULE_COMMANDS_EVAL_REPORT_H
#define CHAINRULE_COMMANDS_EVAL_REPORT_H

#include "config/json.h"
#include "measure/report.h"

/* Prints the model's report on stdout. */
void cr_eval_report_print(const cr_model *model, cr_report *report);

/* Adds the report's figures to the object; null for one that these examples have none of.
 * False when memory is out. */
CR_MUST_CHECK bool cr_eval_report_add(const cr_model *model, cr_report *report,
                                      cr_json *out);

#endif

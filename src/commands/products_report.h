/* bench --products: our own kernels for matrix products against BLAS. */
#ifndef CHAINRULE_COMMANDS_PRODUCTS_REPORT_H
#define CHAINRULE_COMMANDS_PRODUCTS_REPORT_H

#include "commands/command.h"

/* Measures every product of the grid in rounds of so many seconds and prints them, as a
 * table or as JSON; stops between two when a signal came. False with err. */
CR_MUST_CHECK bool cr_products_report_print(const cr_context *context, double seconds,
                                            bool json, cr_error *err);

#endif

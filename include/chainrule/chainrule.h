/* chainrule: trains small neural networks. All of the library's headers. */
#ifndef CHAINRULE_CHAINRULE_H
#define CHAINRULE_CHAINRULE_H

#include <chainrule/array.h>
#include <chainrule/describe.h>
#include <chainrule/error.h>
#include <chainrule/model.h>
#include <chainrule/real.h>
#include <chainrule/session.h>
#include <chainrule/train.h>

CR_BEGIN_DECLARATIONS

/* "0.1.0" */
CR_API const char *cr_version(void);

CR_END_DECLARATIONS

#endif

/* Names of C, which are none of C++'s either. */
#ifndef CHAINRULE_CSOURCE_IDENTIFIER_H
#define CHAINRULE_CSOURCE_IDENTIFIER_H

#include <chainrule/error.h>

enum { CR_IDENTIFIER = 64 }; /* bytes, with the 0 */

/* Whether the name may begin names in a program: letters, digits and underscores, with a
 * letter first, no two underscores in a row, no word of C or C++. False with CR_E_USAGE
 * and what is wrong with it. */
CR_MUST_CHECK bool cr_identifier_check(const char *name, cr_error *err);

/* Makes such a name of any text: what may not stand there becomes an underscore, and one
 * that would be refused gets "model_" in front. Returns out. */
const char *cr_identifier_make(const char *text, char out[CR_IDENTIFIER]);

/* The name in capitals. Returns out. */
const char *cr_identifier_capitals(const char *name, char out[CR_IDENTIFIER]);

#endif

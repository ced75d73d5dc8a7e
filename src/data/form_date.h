/* Dates and times as people and programs write them. */
#ifndef CHAINRULE_DATA_FORM_DATE_H
#define CHAINRULE_DATA_FORM_DATE_H

#include "data/form.h"

/* Whether the text is a date, a time of the day, or both; fills the form's date and
 * order. */
bool cr_form_date(const char *text, cr_form *form);

/* Whether a whole number is a date as 20241231. */
bool cr_form_date_is_compact(double number);

#endif

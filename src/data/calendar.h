/* Days of the Gregorian calendar, which is taken to hold for all times. */
#ifndef CHAINRULE_DATA_CALENDAR_H
#define CHAINRULE_DATA_CALENDAR_H

#include <stdbool.h>

bool cr_calendar_is_leap(int year);

/* Days of a month, which is 1 to 12. */
int cr_calendar_days_of_month(int year, int month);

/* Days from 1970-01-01 to a date: month 1 to 12, day 1 to 31. */
long cr_calendar_days(long year, int month, int day);

/* The date so many days after 1970-01-01. */
void cr_calendar_date(long days, int *year, int *month, int *day);

/* The weekday of that date, from 0, which is Monday. */
int cr_calendar_weekday(long days);

#endif

#include "data/calendar.h"

bool cr_calendar_is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int cr_calendar_days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && cr_calendar_is_leap(year));
}

/* Hinnant, "chrono-compatible low-level date algorithms", days_from_civil. The year
 * begins in March, so that the leap day is its last. */
long cr_calendar_days(long year, int month, int day)
{
    year -= month <= 2;
    long era = (year >= 0 ? year : year - 399) / 400;
    long of_era = year - era * 400;
    long of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* The same, civil_from_days. */
void cr_calendar_date(long days, int *year, int *month, int *day)
{
    days += 719468;
    long era = (days >= 0 ? days : days - 146096) / 146097;
    long day_of_era = days - era * 146097;
    long of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    long of_year = day_of_era - (365 * of_era + of_era / 4 - of_era / 100);
    long shifted = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * shifted + 2) / 5) + 1;
    *month = (int)(shifted + (shifted < 10 ? 3 : -9));
    *year = (int)(of_era + era * 400 + (*month <= 2));
}

int cr_calendar_weekday(long days)
{
    return (int)((days % 7 + 10) % 7); /* the first was a Thursday */
}

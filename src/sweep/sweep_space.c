#include "sweep/sweep_space.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

double cr_sweep_space_size(const cr_sweep_parameter *p)
{
    return p->space == CR_SPACE_VALUES ? (double)p->count : p->upper - p->lower + 1;
}

double cr_sweep_space_draw(const cr_sweep_parameter *p, double u)
{
    double low = p->lower, high = p->upper, x = 0;
    switch (p->space) {
    case CR_SPACE_VALUES:
        return floor(u * (double)p->count);
    case CR_SPACE_UNIFORM:
        return low + u * (high - low);
    case CR_SPACE_LOGUNIFORM:
        x = exp(log(low) + u * (log(high) - log(low)));
        break;
    case CR_SPACE_INTEGER:
        x = low + floor(u * (high - low + 1));
        break;
    case CR_SPACE_LOGINT:
        x = floor(exp(log(low) + u * (log(high + 1) - log(low))));
        break;
    }
    return fmin(fmax(x, low), high); /* exp may round past an end */
}

cr_sweep_cell cr_sweep_space_cell(const cr_sweep_parameter *p, double number)
{
    double low = p->lower, size = p->upper - p->lower, at = number;
    switch (p->space) {
    case CR_SPACE_VALUES:
        break;
    case CR_SPACE_UNIFORM:
        at = (number - low) / size;
        break;
    case CR_SPACE_LOGUNIFORM:
        at = log(number / low) / log(p->upper / low);
        break;
    case CR_SPACE_INTEGER:
        at = (number - low) / (size + 1);
        return (cr_sweep_cell){at, at + 1 / (size + 1)};
    case CR_SPACE_LOGINT:
        size = log((p->upper + 1) / low);
        return (cr_sweep_cell){log(number / low) / size, log((number + 1) / low) / size};
    }
    return (cr_sweep_cell){at, at};
}

/* A value as text, by which it is told from others. */
static char *print(const cr_json *value)
{
    return value ? cr_json_print(value, false) : cr_text_copy("null", 4, NULL);
}

static bool find_in_list(const cr_sweep_parameter *p, const cr_json *value,
                         double *number)
{
    char *wanted = print(value);
    bool found = false;
    for (size_t i = 0; wanted && !found && i < p->count; i++) {
        char *text = print(p->values[i]);
        found = text && strcmp(text, wanted) == 0;
        *number = (double)i;
        cr_free(text);
    }
    cr_free(wanted);
    return found;
}

bool cr_sweep_space_find(const cr_sweep_parameter *p, const cr_json *value,
                         double *number)
{
    if (p->space == CR_SPACE_VALUES)
        return find_in_list(p, value, number);
    if (!cr_json_is(value, CR_JSON_NUMBER))
        return false;
    *number = cr_json_number(value);
    bool whole = p->space == CR_SPACE_INTEGER || p->space == CR_SPACE_LOGINT;
    return *number >= p->lower && *number <= p->upper &&
           (!whole || *number == floor(*number));
}

char *cr_sweep_space_print(const cr_sweep_parameter *p, double number)
{
    if (p->space == CR_SPACE_VALUES)
        return cr_json_print(p->values[(size_t)number], false);
    char text[CR_NUMBER_TEXT];
    cr_number_format_double(number, text);
    return cr_text_copy(text, strlen(text), NULL);
}

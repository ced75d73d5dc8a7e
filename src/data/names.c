#include "data/names.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool cr_names_add(cr_names *names, const char *text, cr_error *err)
{
    if (!cr_reserve(&names->items, &names->capacity, names->count + 1,
                    sizeof *names->items, err))
        return false;
    char *copy = cr_text_copy(text, strlen(text), err);
    if (!copy)
        return false;
    names->items[names->count++] = copy;
    return true;
}

bool cr_names_add_all(cr_names *names, const cr_names *from, cr_error *err)
{
    bool good = true;
    for (size_t i = 0; good && i < from->count; i++)
        good = cr_names_add(names, from->items[i], err);
    return good;
}

bool cr_names_find(const cr_names *names, const char *text, size_t *position)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], text) == 0) {
            *position = i;
            return true;
        }
    return false;
}

void cr_names_finish(cr_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        cr_free(names->items[i]);
    cr_free(names->items);
    *names = (cr_names){0};
}

static int compare_values(double x, double y)
{
    return (x > y) - (x < y);
}

/* A number may as well be written in another way, as 1 is 1.0. One that begins with a 0
 * (01067) is a code, and one that a double does not hold exactly may be another one. */
bool cr_names_is_number(const char *name, double *number)
{
    const double exact = 9007199254740992.0; /* 2⁵³ */
    const char *digits = name + (*name == '-' || *name == '+');
    bool is_code = digits[0] == '0' && isdigit((unsigned char)digits[1]);
    return !is_code && cr_number_parse(name, strlen(name), number) &&
           fabs(*number) < exact;
}

int32_t cr_names_place(const cr_names *names, const char *text)
{
    double number = 0, other = 0;
    bool numeric = names->numeric;
    if (numeric && !cr_names_is_number(text, &number))
        return -1;
    size_t first = 0, end = names->count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        const char *name = names->items[middle];
        if (numeric && !cr_names_is_number(name, &other))
            return -1;
        int order = numeric ? compare_values(number, other) : strcmp(text, name);
        if (order == 0)
            return (int32_t)middle;
        if (order < 0)
            end = middle;
        else
            first = middle + 1;
    }
    return -1;
}

/* A name while it is sorted: its spelling, its value, and where it stood. */
typedef struct candidate {
    char *name;
    double number;
    size_t position;
} candidate;

static int compare_words(const void *a, const void *b)
{
    return strcmp(((const candidate *)a)->name, ((const candidate *)b)->name);
}

static int compare_numbers(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    int order = compare_values(x->number, y->number);
    return order ? order : x->position < y->position ? -1 : 1;
}

bool cr_names_are_numbers(const cr_names *names)
{
    double number = 0;
    for (size_t i = 0; i < names->count; i++)
        if (!cr_names_is_number(names->items[i], &number))
            return false;
    return true;
}

bool cr_names_sort(cr_names *names, cr_error *err)
{
    candidate *all = cr_alloc(names->count, sizeof *all, err);
    if (!all)
        return false;
    names->numeric = true;
    for (size_t i = 0; i < names->count; i++) {
        char *name = names->items[i];
        all[i] = (candidate){.name = name, .position = i};
        names->numeric &= cr_names_is_number(name, &all[i].number);
    }
    qsort(all, names->count, sizeof *all,
          names->numeric ? compare_numbers : compare_words);
    size_t kept = 0;
    for (size_t i = 0; i < names->count; i++) {
        bool same = i > 0 && names->numeric &&
                    compare_values(all[i].number, all[i - 1].number) == 0;
        if (same)
            cr_free(all[i].name);
        else
            names->items[kept++] = all[i].name;
    }
    names->count = kept;
    cr_free(all);
    return true;
}

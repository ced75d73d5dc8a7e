/* A last row that sums up those above it. */
#include "data/oddities.h"

#include <math.h>

enum { FEWEST = 8 };

/* Whether the last row's number is the sum of all above it, of which a few are not 0 and none
 * comes near it. */
static bool is_sum(const cr_tally *t)
{
    double sum = 0, largest = 0;
    size_t others = 0;
    for (size_t i = 0; i + 1 < t->rows; i++) {
        double value = isnan(t->values[i]) ? 0 : t->values[i];
        sum += value;
        others += value != 0;
        largest = fmax(largest, fabs(value));
    }
    double last = t->rows > 0 ? t->values[t->rows - 1] : (double)NAN;
    return others >= FEWEST && fabs(last) > 2 * largest &&
           fabs(last - sum) <= 1e-6 * fabs(last);
}

void cr_oddity_total_say(const cr_look *look, cr_text *out)
{
    static const char so[] =
        "it would be learned from as one of them: remove the line from the file";
    const cr_sample *sample = look->sample;
    char name[CR_ODDITY_NAME];
    if (sample->totals == 1 && sample->last_is_total) {
        cr_text_add(out,
                    "the last row, line %zu, says \"%s\" and looks like the sum of the "
                    "rows; %s\n",
                    sample->last_line, sample->total_word, so);
        return;
    }
    for (size_t i = 0; sample->stride == 1 && i < look->columns; i++) {
        if (look->roles[i] == CR_LOOK_LEFT_OUT || !is_sum(&look->tallies[i]))
            continue;
        cr_text_add(out,
                    "the last row, line %zu, has in column %s the sum of the rows "
                    "above it; %s\n",
                    sample->last_line, cr_oddity_name(look, i, name), so);
        return;
    }
}

#include "base/text_width.h"

#include <stdbool.h>

static bool is_in(const cr_text_range *ranges, size_t count, uint32_t code)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (code > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && code >= ranges[low].first;
}

int cr_text_width(uint32_t code)
{
    if (code < 0x80)
        return 1;
    if (is_in(cr_text_width_none, cr_text_width_none_count, code))
        return 0;
    return is_in(cr_text_width_two, cr_text_width_two_count, code) ? 2 : 1;
}

#include "data/delimiter.h"

#include <string.h>

size_t cr_delimiter_row(cr_delimiter_look *look, const char *text, size_t length)
{
    for (; look->bytes < length; look->bytes++) {
        char c = text[look->bytes];
        look->quoted ^= c == '"';
        if (!look->quoted && (c == '\n' || c == '\r'))
            return look->bytes;
    }
    return length;
}

char cr_delimiter_named(const char *row, size_t length)
{
    bool named = length == 5 && memcmp(row, "sep=", 4) == 0 && row[4] != '"';
    return named ? row[4] : '\0';
}

char cr_delimiter_guess(const char *row, size_t length)
{
    static const char candidates[] = {',', '\t', ';', '|'};
    size_t counts[sizeof candidates] = {0}, best = 0;
    bool quoted = false;
    for (size_t i = 0; i < length; i++) {
        quoted ^= row[i] == '"';
        for (size_t k = 0; k < sizeof candidates && !quoted; k++)
            counts[k] += row[i] == candidates[k];
    }
    for (size_t k = 1; k < sizeof candidates; k++)
        if (counts[k] > counts[best])
            best = k;
    return candidates[best];
}

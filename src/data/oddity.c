#include "data/oddity.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Whether the name tells the column from all others. */
static bool has_own_name(const cr_look *look, size_t column)
{
    if (!look->names || !*look->names->items[column])
        return false;
    for (size_t i = 0; i < look->names->count; i++)
        if (i != column && strcmp(look->names->items[i], look->names->items[column]) == 0)
            return false;
    return true;
}

const char *cr_oddity_name(const cr_look *look, size_t column, char out[CR_ODDITY_NAME])
{
    if (look->names && *look->names->items[column])
        snprintf(out, CR_ODDITY_NAME, "\"%.80s\"", look->names->items[column]);
    else
        snprintf(out, CR_ODDITY_NAME, "%zu (from 0%s)", column,
                 look->names ? ", without a name" : "");
    return out;
}

void cr_oddity_quote(const char *text, char *out, size_t size)
{
    size_t used = 0;
    out[used++] = '"';
    for (const char *c = text; *c; c++) {
        bool begins = ((unsigned char)*c & 0xC0) != 0x80; /* a character, in UTF-8 */
        if (used + (begins ? 9 : 2) >= size)
            break;
        if (*c == '"' || *c == '\\')
            out[used++] = '\\';
        if ((unsigned char)*c >= ' ')
            out[used++] = *c;
        else
            used += (size_t)snprintf(out + used, 7, "\\u%04x", (unsigned)*c);
    }
    out[used++] = '"';
    out[used] = '\0';
}

const char *cr_oddity_entry(const cr_look *look, size_t column, char out[CR_ODDITY_ENTRY])
{
    if (has_own_name(look, column))
        cr_oddity_quote(look->names->items[column], out, CR_ODDITY_ENTRY);
    else
        snprintf(out, CR_ODDITY_ENTRY, "%zu", column);
    return out;
}

bool cr_oddity_is_called(const cr_look *look, size_t column, const char *const *words)
{
    if (!look->names)
        return false;
    const char *at = look->names->items[column];
    while (*at) {
        char word[32];
        size_t length = 0;
        for (; *at && !isalpha((unsigned char)*at); at++) {
        }
        for (; isalpha((unsigned char)*at); at++) {
            bool capital = isupper((unsigned char)*at) && length > 0 &&
                           islower((unsigned char)at[-1]);
            if (capital)
                break;
            if (length + 1 < sizeof word)
                word[length++] = (char)tolower((unsigned char)*at);
        }
        word[length] = '\0';
        for (size_t i = 0; length > 0 && words[i]; i++)
            if (strcmp(word, words[i]) == 0)
                return true;
        if ((unsigned char)*at >= 0x80)
            at++;
    }
    return false;
}

bool cr_oddity_is_date(const cr_look *look, size_t column)
{
    return look->how[column].kind == CR_COLUMN_DATE;
}

void cr_oddity_form(const cr_look *look, size_t column, size_t row, cr_form *form)
{
    const char *cell = cr_sample_cell(look->sample, row, column);
    cr_form_of(&look->how[column], cell, strlen(cell), form);
}

void cr_oddity_show(const cr_look *look, size_t column, size_t row, cr_oddity *found)
{
    size_t used = strlen(found->seen);
    snprintf(found->seen + used, sizeof found->seen - used, "%s\"%.40s\" (line %zu)",
             used > 0 ? ", " : "", cr_sample_cell(look->sample, row, column),
             look->sample->lines[row]);
}

size_t cr_oddity_count_inputs(const cr_look *look)
{
    size_t count = 0;
    for (size_t i = 0; i < look->columns; i++)
        count += look->roles[i] == CR_LOOK_INPUT || look->roles[i] == CR_LOOK_SETTLED;
    return count;
}

#include "base/text.h"

#include "base/memory.h"
#include "base/size.h"
#include "base/text_visible.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void cr_text_add_bytes(cr_text *text, const char *bytes, size_t length)
{
    if (text->failed ||
        !cr_reserve(&text->data, &text->capacity, text->length + length + 1, 1, NULL)) {
        text->failed = true;
        return;
    }
    memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void cr_text_add(cr_text *text, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length < 0 || text->failed ||
        !cr_reserve(&text->data, &text->capacity, text->length + (size_t)length + 1, 1,
                    NULL)) {
        text->failed = true;
    } else {
        vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
    va_end(args);
}

void cr_text_add_line(cr_text *text, const char *format, ...)
{
    char message[CR_TEXT_LINE], visible[CR_TEXT_LINE];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    cr_text_visible(message, strlen(message), visible, sizeof visible);
    cr_text_add(text, "%s\n", visible);
}

void cr_text_finish(cr_text *text)
{
    cr_free(text->data);
    *text = (cr_text){0};
}

char *cr_text_copy(const char *text, size_t length, cr_error *err)
{
    char *copy = cr_alloc_raw(length + 1, 1, err);
    if (!copy)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

enum { LONGEST_NAME = 48 };

/* Edit distance with swaps of neighbours (optimal string alignment); case does not count.
 */
static size_t distance(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b);
    if (la > LONGEST_NAME || lb > LONGEST_NAME)
        return LONGEST_NAME;
    size_t rows[3][LONGEST_NAME + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= lb; j++)
        above[j] = j;
    for (size_t i = 1; i <= la; i++) {
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            int ca = tolower((unsigned char)a[i - 1]),
                cb = tolower((unsigned char)b[j - 1]);
            row[j] = cr_size_smaller(above[j - 1] + (ca != cb),
                                     cr_size_smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) &&
                cb == tolower((unsigned char)a[i - 2]))
                row[j] = cr_size_smaller(row[j], before[j - 2] + 1);
        }
        size_t *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[lb];
}

const char *cr_text_nearest(const char *name, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    size_t least = cr_size_smaller(strlen(name) / 3 + 1,
                                   4); /* further away, a guess would mislead */
    for (size_t i = 0; i < count; i++) {
        size_t d = distance(name, names[i]);
        if (d >= strlen(name)) /* nothing in common */
            continue;
        if (d < least || (d == least && !nearest)) {
            least = d;
            nearest = names[i];
        }
    }
    return nearest;
}

size_t cr_text_mark(const char *text, size_t length)
{
    return length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

#include "csource/csource.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/text_visible.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 92 }; /* columns of an array's lines */

void cr_csource_finish(cr_csource *out)
{
    cr_text_finish(&out->constants);
    cr_text_finish(&out->functions);
    cr_text_finish(&out->statements);
    for (size_t i = 0; i < out->written_count; i++)
        cr_free(out->written[i]);
    cr_free(out->written);
    *out = (cr_csource){0};
}

bool cr_csource_failed(const cr_csource *out)
{
    return out->constants.failed || out->functions.failed || out->statements.failed;
}

bool cr_csource_needs(cr_csource *out, const char *function)
{
    for (size_t i = 0; i < out->written_count; i++)
        if (strcmp(out->written[i], function) == 0)
            return false;
    char *copy = cr_text_copy(function, strlen(function), NULL);
    if (!copy || !cr_reserve(&out->written, &out->written_capacity,
                             out->written_count + 1, sizeof *out->written, NULL)) {
        cr_free(copy);
        out->functions.failed = true;
        return false;
    }
    out->written[out->written_count++] = copy;
    return true;
}

static void begin(cr_csource *out, const char *type, const char *name, size_t count)
{
    cr_text_add(&out->constants, "static const %s %s[%zu] CR_FLASH = {", type, name,
                count);
    out->column = WIDTH;
}

/* One more value, on a new line where it does not fit on this one. */
static void add_value(cr_csource *out, const char *text)
{
    size_t length = strlen(text) + 2;
    if (out->column + length > WIDTH) {
        cr_text_add_bytes(&out->constants, "\n   ", 4);
        out->column = 3;
    }
    cr_text_add_bytes(&out->constants, " ", 1);
    cr_text_add_bytes(&out->constants, text, length - 2);
    cr_text_add_bytes(&out->constants, ",", 1);
    out->column += length;
}

void cr_csource_begin_floats(cr_csource *out, const char *name, size_t count)
{
    begin(out, "float", name, count);
    out->flash += 4 * count;
}

void cr_csource_float(cr_csource *out, double value)
{
    char text[CR_CSOURCE_NUMBER];
    out->overflows |= !isfinite((float)value);
    add_value(out, cr_csource_number(value, text));
}

void cr_csource_begin_bytes(cr_csource *out, const char *name, const char *type,
                            size_t count)
{
    begin(out, type, name, count);
    out->flash += count;
}

void cr_csource_byte(cr_csource *out, int value)
{
    char text[8];
    snprintf(text, sizeof text, "%d", value);
    add_value(out, text);
}

void cr_csource_end(cr_csource *out)
{
    cr_text_add(&out->constants, "\n};\n");
}

const char *cr_csource_number(double value, char text[CR_CSOURCE_NUMBER])
{
    char number[CR_NUMBER_TEXT];
    cr_number_format_float((float)value, number);
    bool whole = !strpbrk(number, ".e");
    snprintf(text, CR_CSOURCE_NUMBER, "%s%sf", number, whole ? ".0" : "");
    return text;
}

/* A trigraph begins with two question marks; three octal digits end where they should,
 * whatever follows. */
void cr_csource_quote(cr_text *out, const char *text)
{
    cr_text_add_bytes(out, "\"", 1);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\' || *c == '?')
            cr_text_add(out, "\\%c", *c);
        else if (*c < ' ' || *c > '~')
            cr_text_add(out, "\\%03o", *c);
        else
            cr_text_add_bytes(out, (const char *)c, 1);
    }
    cr_text_add_bytes(out, "\"", 1);
}

/* A line that ends in a backslash goes on in the next. */
void cr_csource_comment(cr_text *out, const char *text)
{
    char visible[400];
    cr_text_visible(text, strlen(text), visible, sizeof visible);
    for (const char *c = visible; *c; c++) {
        bool apart = (c[0] == '*' && c[1] == '/') || (c[0] == '/' && c[1] == '*') ||
                     (c[0] == '?' && c[1] == '?');
        cr_text_add_bytes(out, *c == '\\' ? "|" : c, 1);
        if (apart)
            cr_text_add_bytes(out, " ", 1);
    }
}

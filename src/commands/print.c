#include "commands/print.h"

#include "base/memory.h"
#include "base/text_visible.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { FLAGS = 8, SPEC = 32, NUMBER = 512, SINK = 1024 };

/* What is printed together goes out together: stderr has no buffer of its own. */
typedef struct sink {
    FILE *out;
    size_t used;
    char bytes[SINK];
} sink;

static void drain(sink *s)
{
    fwrite(s->bytes, 1, s->used, s->out);
    s->used = 0;
}

static void put(sink *s, const char *bytes, size_t length)
{
    if (length > SINK - s->used)
        drain(s);
    if (length > SINK) {
        fwrite(bytes, 1, length, s->out);
        return;
    }
    memcpy(s->bytes + s->used, bytes, length);
    s->used += length;
}

/* A conversion of a format. */
typedef struct conversion {
    char flags[FLAGS];
    int width, precision; /* precision -1: none */
    char length; /* 'l', 'L' for ll, 'z', 'j', 't'; 0: none, or smaller than int */
    char kind;   /* 'd', 's', … */
} conversion;

/* A number in the format, or an argument where a * stands. */
static int read_count(const char **at, va_list *args)
{
    int count = 0;
    if (**at == '*') {
        ++*at;
        return va_arg(*args, int);
    }
    for (; **at >= '0' && **at <= '9'; ++*at)
        count = count * 10 + (**at - '0');
    return count;
}

/* Reads what stands behind a %; returns what follows it. */
static const char *read_conversion(const char *at, conversion *c, va_list *args)
{
    size_t flags = strspn(at, "-+ #0");
    *c = (conversion){.precision = -1};
    assert(flags + 1 < FLAGS);
    memcpy(c->flags, at, flags);
    at += flags;
    c->width = read_count(&at, args);
    if (c->width < 0) { /* as C has it: to the left */
        c->flags[flags] = '-';
        c->width = -c->width;
    }
    if (*at == '.') {
        at++;
        c->precision = read_count(&at, args);
    }
    for (; *at && strchr("hlzjtL", *at); at++)
        c->length = *at == 'h' ? '\0' : *at == 'l' && c->length == 'l' ? 'L' : *at;
    c->kind = *at;
    return at + 1;
}

static void put_spaces(sink *s, int count)
{
    for (int i = 0; i < count; i++)
        put(s, " ", 1);
}

static void put_visible(sink *s, const char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        cr_text_shown shown;
        at += cr_text_visible_character(text + at, length - at, &shown);
        put(s, shown.bytes, shown.length);
    }
}

static void put_text(sink *s, const conversion *c, const char *text)
{
    size_t length = c->precision < 0 ? strlen(text) : strnlen(text, (size_t)c->precision);
    int gap = c->width - (int)cr_text_visible_width(text, length);
    bool left = strchr(c->flags, '-') != NULL;
    put_spaces(s, left ? 0 : gap);
    put_visible(s, text, length);
    put_spaces(s, left ? gap : 0);
}

static intmax_t take_signed(char length, va_list *args)
{
    switch (length) {
    case 'l':
        return va_arg(*args, long);
    case 'L':
        return va_arg(*args, long long);
    case 'z':
    case 't':
        return va_arg(*args, ptrdiff_t);
    case 'j':
        return va_arg(*args, intmax_t);
    default:
        return va_arg(*args, int);
    }
}

static uintmax_t take_unsigned(char length, va_list *args)
{
    switch (length) {
    case 'l':
        return va_arg(*args, unsigned long);
    case 'L':
        return va_arg(*args, unsigned long long);
    case 'z':
    case 't':
        return va_arg(*args, size_t);
    case 'j':
        return va_arg(*args, uintmax_t);
    default:
        return va_arg(*args, unsigned);
    }
}

/* What is no text, by printf itself. */
static void put_other(sink *s, const conversion *c, va_list *args)
{
    char spec[SPEC], text[NUMBER];
    int w = c->width, p = c->precision;
    bool whole = strchr("diuxXo", c->kind) != NULL;
    snprintf(spec, sizeof spec, "%%%s*.*%s%c", c->flags, whole ? "j" : "", c->kind);
    if (c->kind == 'd' || c->kind == 'i') {
        snprintf(text, sizeof text, spec, w, p, take_signed(c->length, args));
    } else if (whole) {
        snprintf(text, sizeof text, spec, w, p, take_unsigned(c->length, args));
    } else if (c->kind == 'c') {
        snprintf(text, sizeof text, spec, w, p, va_arg(*args, int));
    } else if (c->kind == '%') {
        snprintf(text, sizeof text, "%%");
    } else {
        assert(c->kind && strchr("aefgAEFG", c->kind) && !c->length);
        snprintf(text, sizeof text, spec, w, p, va_arg(*args, double));
    }
    put(s, text, strlen(text));
}

void cr_print_list(FILE *out, const char *format, va_list list)
{
    sink s = {.out = out};
    va_list args; /* a parameter that is an array has no address of its kind */
    va_copy(args, list);
    while (*format) {
        size_t plain = strcspn(format, "%");
        put(&s, format, plain);
        format += plain;
        if (!*format)
            break;
        conversion c;
        format = read_conversion(format + 1, &c, &args);
        if (c.kind == 's')
            put_text(&s, &c, va_arg(args, const char *));
        else
            put_other(&s, &c, &args);
    }
    va_end(args);
    drain(&s);
}

void cr_print(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    cr_print_list(stdout, format, args);
    va_end(args);
}

void cr_print_to(FILE *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    cr_print_list(out, format, args);
    va_end(args);
}

void cr_print_lines(FILE *out, const char *lines)
{
    sink s = {.out = out};
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        put_visible(&s, lines, length);
        lines += length;
        if (*lines)
            put(&s, lines++, 1);
    }
    drain(&s);
}

bool cr_print_json(FILE *out, const cr_json *value, bool indented)
{
    char *text = cr_json_print(value, indented);
    if (text)
        fprintf(out, "%s\n", text);
    cr_free(text);
    return text != NULL;
}

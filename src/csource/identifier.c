#include "csource/identifier.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>

/* The words of C11 and C++20 that could be written so, and what is no name either where
 * there is a main, or on an Arduino. */
static const char *const reserved[] = {
    "alignas",     "alignof",      "and",       "and_eq",
    "asm",         "auto",         "bitand",    "bitor",
    "bool",        "break",        "case",      "catch",
    "char",        "char16_t",     "char32_t",  "char8_t",
    "class",       "co_await",     "co_return", "co_yield",
    "compl",       "concept",      "const",     "const_cast",
    "consteval",   "constexpr",    "constinit", "continue",
    "decltype",    "default",      "delete",    "do",
    "double",      "dynamic_cast", "else",      "enum",
    "explicit",    "export",       "extern",    "false",
    "float",       "for",          "friend",    "goto",
    "if",          "inline",       "int",       "long",
    "main",        "mutable",      "namespace", "new",
    "noexcept",    "not",          "not_eq",    "nullptr",
    "operator",    "or",           "or_eq",     "private",
    "protected",   "public",       "register",  "reinterpret_cast",
    "requires",    "restrict",     "return",    "short",
    "signed",      "sizeof",       "static",    "static_assert",
    "static_cast", "struct",       "switch",    "template",
    "this",        "thread_local", "throw",     "true",
    "try",         "typedef",      "typeid",    "typename",
    "union",       "unsigned",     "using",     "virtual",
    "void",        "volatile",     "wchar_t",   "while",
    "xor",         "xor_eq",
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_part(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

/* What is wrong with it; NULL: nothing. */
static const char *problem(const char *name)
{
    if (!is_letter(*name))
        return "it does not begin with a letter";
    if (strlen(name) >= CR_IDENTIFIER)
        return "it is longer than 63 characters";
    for (const char *c = name; *c; c++)
        if (!is_part(*c))
            return "it has other characters than letters, digits and underscores (ASCII)";
    if (strstr(name, "__"))
        return "names with two underscores in a row are the compiler's";
    for (size_t i = 0; i < CR_COUNT(reserved); i++)
        if (strcmp(name, reserved[i]) == 0)
            return "it is a word of C or C++";
    return NULL;
}

bool cr_identifier_check(const char *name, cr_error *err)
{
    const char *what = problem(name);
    char made[CR_IDENTIFIER];
    return !what || cr_fail(err, CR_E_USAGE,
                            "the name \"%.80s\" cannot begin names of C: %s; what about "
                            "\"%s\"?",
                            name, what, cr_identifier_make(name, made));
}

const char *cr_identifier_make(const char *text, char out[CR_IDENTIFIER])
{
    static const char front[] = "model_";
    char plain[CR_IDENTIFIER];
    size_t n = 0;
    for (const char *c = text; *c && n < CR_IDENTIFIER - sizeof front; c++)
        if (is_part(*c) && *c != '_')
            plain[n++] = *c;
        else if (n > 0 && plain[n - 1] != '_')
            plain[n++] = '_';
    while (n > 0 && plain[n - 1] == '_')
        n--;
    plain[n] = '\0';
    if (n == 0)
        snprintf(out, CR_IDENTIFIER, "model");
    else
        snprintf(out, CR_IDENTIFIER, "%s%s", problem(plain) ? front : "", plain);
    return out;
}

const char *cr_identifier_capitals(const char *name, char out[CR_IDENTIFIER])
{
    size_t n = 0;
    for (; name[n] && n < CR_IDENTIFIER - 1; n++)
        out[n] = name[n] >= 'a' && name[n] <= 'z' ? (char)(name[n] - 'a' + 'A') : name[n];
    out[n] = '\0';
    return out;
}

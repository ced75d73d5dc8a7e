#include "data/header_line.h"

#include "data/delimiter.h"

#include <string.h>

static bool is_blank(char c, char delimiter)
{
    return (c == ' ' || c == '\t') && c != delimiter;
}

/* Whether text[0..length), a cell as it stands in the file, is the name. */
static bool is_name(const char *text, size_t length, const char *name)
{
    bool quoted = length >= 2 && text[0] == '"' && text[length - 1] == '"';
    if (!quoted)
        return strlen(name) == length && memcmp(text, name, length) == 0;
    for (size_t i = 1; i + 1 < length; i++) {
        if (*name == '\0' || *name++ != text[i])
            return false;
        i += text[i] == '"'; /* a doubled one */
    }
    return *name == '\0';
}

static bool has_cell(const char *line, size_t length, char delimiter, const char *name)
{
    bool quoted = false;
    for (size_t from = 0, to = 0; to <= length; to++) {
        quoted ^= to < length && line[to] == '"';
        if (to < length && (quoted || line[to] != delimiter))
            continue;
        size_t first = from, end = to;
        while (first < end && is_blank(line[first], delimiter))
            first++;
        while (first < end && is_blank(line[end - 1], delimiter))
            end--;
        if (is_name(line + first, end - first, name))
            return true;
        from = to + 1;
    }
    return false;
}

bool cr_header_line_has(const char *line, size_t length, char delimiter,
                        const char *const *names, size_t count)
{
    delimiter = delimiter ? delimiter : cr_delimiter_guess(line, length);
    for (size_t i = 0; i < count; i++)
        if (!has_cell(line, length, delimiter, names[i]))
            return false;
    return count > 0;
}

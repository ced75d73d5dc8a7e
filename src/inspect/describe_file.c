#include "inspect/describe_file.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "data/table_text.h"
#include "inspect/describe_start.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { PEEKED = 65536, LINES = 40, ALIKE = 3 };

/* The first lines of a text. */
typedef struct beginning {
    size_t count;
    size_t cells[LINES]; /* delimiters in each */
    bool comment[LINES]; /* it begins with # */
} beginning;

static beginning count_cells(const char *text, char delimiter)
{
    beginning b = {0};
    bool quoted = false;
    for (const char *at = text; *at && b.count < LINES; at++) {
        if (at == text || at[-1] == '\n')
            b.comment[b.count] = *at == '#';
        quoted ^= *at == '"';
        b.cells[b.count] += !quoted && *at == delimiter;
        b.count += *at == '\n' && !quoted;
    }
    return b;
}

/* The first line from which on lines have as many cells as one another, and more than
 * one; `count` when there is none. */
static size_t find_start(const beginning *b)
{
    for (size_t i = 0; i + ALIKE < b->count; i++) {
        size_t alike = 0;
        while (i + alike < b->count && b->cells[i + alike] == b->cells[i])
            alike++;
        if (b->cells[i] > 0 && !b->comment[i] && (alike > ALIKE || i + alike == b->count))
            return i;
    }
    return b->count;
}

static bool guess_start(const char *text, char out[CR_DESCRIBE_GUESS_TEXT])
{
    static const char delimiters[] = ",;\t|";
    beginning best = {0};
    size_t start = 0;
    for (const char *d = delimiters; *d; d++) {
        beginning b = count_cells(text, *d);
        size_t from = find_start(&b);
        if (from < b.count && (best.count == 0 || b.cells[from] > best.cells[start])) {
            best = b;
            start = from;
        }
    }
    if (best.count == 0 || start == 0)
        return false;
    size_t comments = 0;
    for (size_t i = 0; i < start; i++)
        comments += best.comment[i];
    if (comments == start)
        snprintf(out, CR_DESCRIBE_GUESS_TEXT, "data.comment_prefix=#");
    else
        snprintf(out, CR_DESCRIBE_GUESS_TEXT, "data.skip_rows=%zu", start);
    return true;
}

/* What an override says of `key`, such as "data.encoding="; NULL: there is none. */
static const char *find_override(const cr_describe_asked *asked, const char *key)
{
    const char *value = NULL;
    for (size_t i = 0; i < asked->count; i++)
        if (strncmp(asked->overrides[i], key, strlen(key)) == 0)
            value = asked->overrides[i] + strlen(key);
    return value;
}

/* The first characters of the file, ended with a 0. The caller frees them; NULL without. */
static char *peek(const char *path, const char *encoding)
{
    cr_error ignored = CR_ERROR_INIT;
    cr_table_format format = cr_table_format_default;
    format.encoding = encoding;
    format.piece = PEEKED;
    cr_table_text *file = cr_table_text_open(path, &format, SIZE_MAX, &ignored);
    cr_text text = {0};
    const char *piece = NULL;
    size_t length = 1;
    while (file && length > 0 && text.length < PEEKED && !text.failed &&
           cr_table_text_read(file, &piece, &length, &ignored))
        cr_text_add_bytes(&text, piece, length);
    cr_table_text_close(file);
    return text.data;
}

/* The name of the target, where it has been given: no number. */
static const char *find_target(const cr_describe_asked *asked)
{
    const char *target =
        asked->target ? asked->target : find_override(asked, "data.target=");
    double number = 0;
    bool is_name = target && !cr_number_parse(target, strlen(target), &number);
    return is_name ? target : NULL;
}

static bool guess_lines(cr_describe_guesses *guesses, const cr_describe_asked *asked,
                        const cr_error *failed)
{
    const char *target = find_target(asked),
               *given = find_override(asked, "data.encoding=");
    char *out = guesses->texts[guesses->count];
    size_t lines = 0;
    char *text = peek(asked->path, given               ? given
                                   : guesses->encoding ? "windows-1252"
                                                       : NULL);
    bool found = text && failed && target && cr_describe_start_find(text, target, &lines);
    bool comments = text && !found && failed && guess_start(text, out) &&
                    strstr(out, "comment_prefix");
    if (text && !found && !comments && (failed || !target))
        found = cr_describe_start_find(text, NULL, &lines);
    if (found)
        snprintf(out, CR_DESCRIBE_GUESS_TEXT, "data.skip_rows=%zu", lines);
    else if (text && failed)
        found = guess_start(text, out);
    cr_free(text);
    return found;
}

/* Whether the failure may come of lines above the table. */
static bool is_of_lines(const cr_error *failed)
{
    return !failed || failed->code == CR_E_DATA ||
           (failed->code == CR_E_CONFIG && strstr(failed->text, "data.target"));
}

bool cr_describe_file_guess(cr_describe_guesses *guesses, const cr_describe_asked *asked,
                            const cr_error *failed)
{
    bool found = false;
    if (guesses->count == CR_DESCRIBE_GUESSES)
        return false;
    if (failed && !guesses->encoding && strstr(failed->text, "not valid UTF-8")) {
        guesses->encoding = true;
        snprintf(guesses->texts[guesses->count], CR_DESCRIBE_GUESS_TEXT,
                 "data.encoding=windows-1252");
        found = true;
    } else if (!guesses->start && is_of_lines(failed)) {
        guesses->start = true;
        found = !find_override(asked, "data.skip_rows=") &&
                !find_override(asked, "data.header=") &&
                !find_override(asked, "data.comment_prefix=") &&
                guess_lines(guesses, asked, failed);
    }
    guesses->why[guesses->count] =
        failed ? "without which it cannot be read" : "as the names stand below";
    guesses->count += found;
    return found;
}

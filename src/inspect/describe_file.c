#include "inspect/describe_file.h"

#include "base/memory.h"
#include "data/gzip.h"

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

/* The first line from which on lines have as many cells as one another, and more than one;
 * `count` when there is none. */
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

/* The first bytes of the file, ended with a 0. The caller frees them; NULL without. */
static char *peek(const char *path)
{
    cr_gzip *file = cr_gzip_open(path, NULL);
    char *text = file ? cr_alloc(PEEKED + 1, 1, NULL) : NULL;
    size_t got = 0;
    if (text && !cr_gzip_read(file, text, PEEKED, &got, NULL)) {
        cr_free(text);
        text = NULL;
    }
    cr_gzip_close(file);
    return text;
}

bool cr_describe_file_guess(cr_describe_guesses *guesses, const char *path,
                            const cr_error *failed)
{
    char *out = guesses->texts[guesses->count];
    if (failed->code != CR_E_DATA || guesses->count == CR_DESCRIBE_GUESSES)
        return false;
    if (!guesses->encoding && strstr(failed->text, "not valid UTF-8")) {
        guesses->encoding = true;
        guesses->count++;
        snprintf(out, CR_DESCRIBE_GUESS_TEXT, "data.encoding=windows-1252");
        return true;
    }
    if (guesses->start)
        return false;
    guesses->start = true;
    char *text = peek(path);
    bool found = text && guess_start(text, out);
    cr_free(text);
    guesses->count += found;
    return found;
}

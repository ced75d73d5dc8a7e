#include "data/missing_words.h"

#include "base/memory.h"
#include "base/number.h"

#include <math.h>
#include <string.h>
#include <strings.h>

/* What the words are as numbers. */
static bool find_numbers(cr_missing_words *missing, cr_error *err)
{
    const cr_names *words = &missing->words;
    missing->numbers = cr_alloc(words->count, sizeof *missing->numbers, err);
    for (size_t i = 0; missing->numbers && i < words->count; i++) {
        const char *word = words->items[i];
        if (!cr_number_parse(word, strlen(word), &missing->numbers[i]))
            missing->numbers[i] = NAN;
        missing->numeric |= !isnan(missing->numbers[i]);
    }
    return missing->numbers != NULL;
}

bool cr_missing_words_read(cr_missing_words *missing, const cr_json *list, cr_error *err)
{
    *missing = (cr_missing_words){0};
    if (list && !cr_json_is(list, CR_JSON_ARRAY))
        return false;
    const cr_json *item = list ? cr_json_first(list) : NULL;
    for (; item; item = cr_json_next(item)) {
        char number[CR_NUMBER_TEXT];
        const char *word = NULL;
        if (cr_json_is(item, CR_JSON_STRING))
            word = cr_json_string(item);
        else if (cr_json_is(item, CR_JSON_NUMBER))
            word = cr_number_format_double(cr_json_number(item), number);
        if (!word || !cr_names_add(&missing->words, word, err))
            return false;
    }
    return find_numbers(missing, err);
}

bool cr_missing_words_copy(cr_missing_words *missing, const cr_missing_words *from,
                           cr_error *err)
{
    *missing = (cr_missing_words){0};
    return cr_names_add_all(&missing->words, &from->words, err) &&
           find_numbers(missing, err);
}

void cr_missing_words_finish(cr_missing_words *missing)
{
    cr_names_finish(&missing->words);
    cr_free(missing->numbers);
    *missing = (cr_missing_words){0};
}

bool cr_missing_words_have(const cr_missing_words *missing, const char *cell)
{
    for (size_t i = 0; i < missing->words.count; i++)
        if (strcasecmp(missing->words.items[i], cell) == 0)
            return true;
    return false;
}

bool cr_missing_words_have_number(const cr_missing_words *missing, double number)
{
    for (size_t i = 0; missing->numeric && i < missing->words.count; i++)
        if (missing->numbers[i] == number)
            return true;
    return false;
}

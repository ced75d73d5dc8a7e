#include "commands/items.h"

#include "base/file.h"
#include "commands/kind.h"
#include "commands/suggest.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LARGEST_INPUT = 16 << 20 }; /* bytes */

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* "key.path=value". The name of a file may have a = too, and then there is such a file; but
 * one that is named after an override, as the directory of a run may be, takes none away. */
static bool is_override(const char *item)
{
    return strchr(item, '=') && (!exists(item) || cr_suggest_is_in_config(item));
}

void cr_items_sort(const cr_command *command, cr_arguments *arguments)
{
    size_t count = 0;
    if (command->takes == CR_TAKES_ITEMS)
        return;
    for (size_t i = 0; i < arguments->count; i++) {
        char *item = arguments->items[i];
        if (is_override(item))
            continue;
        memmove(arguments->items + count + 1, arguments->items + count,
                (i - count) * sizeof item);
        arguments->items[count++] = item;
    }
    arguments->overrides = arguments->items + count;
    arguments->override_count = arguments->count - count;
    arguments->count = count;
}

bool cr_items_check(const cr_command *command, const cr_arguments *arguments,
                    cr_error *err)
{
    static const char *const names[] = {[CR_TAKES_FILE] = "FILE",
                                        [CR_TAKES_RUN] = "RUN",
                                        [CR_TAKES_CONFIG] = "CONFIG",
                                        [CR_TAKES_CONFIGS] = NULL};
    const char *one = names[command->takes];
    if (!one || arguments->count < 2)
        return true;
    const char *first = arguments->items[0], *other = arguments->items[1];
    const char *value = arguments->count > 2 ? arguments->items[2] : "VALUE";
    if (!exists(other) && cr_suggest_is_key(other))
        return cr_fail(err, CR_E_USAGE,
                       "%s: a value of a config is given behind a =, without spaces: "
                       "%s=%s",
                       other, other, value);
    if (!exists(other))
        return cr_fail(err, CR_E_USAGE,
                       "\"%s\" is not an override; expected key.path=value, such as "
                       "training.epochs=10",
                       other);
    bool data = cr_kind_of(other) == CR_KIND_TABLE;
    return cr_fail(err, CR_E_USAGE, "one %s at a time: these are two, %s and %s%s%s", one,
                   first, other, data ? "; other data is named by data.train=" : "",
                   data ? other : "");
}

bool cr_items_read_input(const cr_command *command, cr_arguments *arguments, char **text,
                         cr_error *err)
{
    size_t length = 0;
    bool wanted = false;
    if (command->takes != CR_TAKES_CONFIG && command->takes != CR_TAKES_CONFIGS)
        return true;
    for (size_t i = 0; i < arguments->count; i++)
        wanted |= strcmp(arguments->items[i], CR_STANDARD_INPUT) == 0;
    if (!wanted)
        return true;
    if (!cr_file_read(CR_STANDARD_INPUT, LARGEST_INPUT, CR_E_CONFIG, text, &length, err))
        return false;
    arguments->input = *text;
    return strlen(*text) == length ||
           cr_fail(err, CR_E_CONFIG, "stdin: byte %zu is 0; a config is text",
                   strlen(*text) + 1);
}

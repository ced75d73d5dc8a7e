#include "sweep/trial_place.h"

#include "base/memory.h"
#include "base/text.h"
#include "sweep/store.h"

#include <stdlib.h>
#include <string.h>

/* Cuts the last part off the path, and returns it. */
static const char *cut_last(char *path)
{
    char *slash = strrchr(path, '/');
    if (!slash)
        return "";
    *slash = '\0';
    return slash + 1;
}

char *cr_trial_place_find(const char *run, size_t *trial)
{
    char *end = NULL, *name = NULL;
    char *path = realpath(run, NULL);
    if (!path)
        return NULL;
    const char *number = cut_last(path);
    *trial = (size_t)strtoull(number, &end, 10);
    bool is_number = *number && *end == '\0';
    if (is_number && strcmp(cut_last(path), "trials") == 0 && cr_store_exists(path)) {
        const char *last = cut_last(path);
        name = cr_text_copy(last, strlen(last), NULL);
    }
    free(path);
    return name;
}

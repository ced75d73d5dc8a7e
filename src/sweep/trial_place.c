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

/* The path as an absolute one, with links followed as far as it exists; NULL with err. The
 * caller frees it. */
static char *resolve(const char *out, cr_error *err)
{
    cr_text whole = {0};
    size_t at = strlen(out);
    char *path = cr_text_copy(out, at, err);
    char *found = path ? realpath(path, NULL) : NULL;
    while (path && !found && at > 0) {
        path[--at] = '\0';
        if (at == 0)
            found = realpath(*out == '/' ? "/" : ".", NULL);
        else if (out[at] == '/')
            found = realpath(path, NULL);
    }
    cr_text_add(&whole, "%s/%s", found ? found : "", out + at);
    free(found);
    cr_free(path);
    if (path && whole.failed)
        cr_fail(err, CR_E_MEMORY, "out of memory");
    if (path && !whole.failed)
        return whole.data;
    cr_text_finish(&whole);
    return NULL;
}

bool cr_trial_place_check_out(const char *out, cr_error *err)
{
    bool is_inside = false;
    char *path = *out ? resolve(out, err) : NULL;
    if (*out && !path)
        return false;
    while (path && *path && !is_inside)
        is_inside = strcmp(cut_last(path), "trials") == 0 && cr_store_exists(path);
    if (is_inside)
        cr_fail(
            err, CR_E_USAGE,
            "-o %s: that is among the trials of the sweep %s, which makes and removes "
            "directories there; choose another place",
            out, path);
    cr_free(path);
    return !is_inside;
}

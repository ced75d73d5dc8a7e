#include "base/path.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static char *finish_path(cr_text *path, cr_error *err)
{
    if (!path->failed)
        return path->data;
    cr_text_finish(path);
    cr_fail(err, CR_E_MEMORY, "out of memory");
    return NULL;
}

char *cr_path_join(const char *directory, const char *name, cr_error *err)
{
    cr_text path = {0};
    bool alone = name[0] == '/' || directory[0] == '\0';
    cr_text_add(&path, "%s%s%s", alone ? "" : directory, alone ? "" : "/", name);
    return finish_path(&path, err);
}

char *cr_path_directory(const char *path, cr_error *err)
{
    const char *slash = strrchr(path, '/');
    if (slash == path)
        slash++; /* the root keeps its name */
    return cr_text_copy(path, slash ? (size_t)(slash - path) : 0, err);
}

char *cr_path_stem(const char *path, cr_error *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    return cr_text_copy(name, dot && dot != name ? (size_t)(dot - name) : strlen(name),
                        err);
}

char *cr_path_absolute(const char *path, cr_error *err)
{
    char here[4096] = "";
    if (path[0] != '/' && !getcwd(here, sizeof here)) {
        cr_fail(err, CR_E_IO, "cannot tell the current directory: %s", strerror(errno));
        return NULL;
    }
    char *whole = cr_path_join(here, path, err);
    if (!whole)
        return NULL;
    size_t length = 0; /* of the part already cleaned, which ends without a slash */
    for (char *part = whole; *part;) {
        char *end = strchr(part + 1, '/');
        size_t size = end ? (size_t)(end - part) : strlen(part);
        char *next = part + size;
        if (size == 3 && memcmp(part, "/..", 3) == 0) {
            while (length > 0 && whole[--length] != '/')
                ;
        } else if (!(size == 1 || (size == 2 && memcmp(part, "/.", 2) == 0))) {
            memmove(whole + length, part, size);
            length += size;
        }
        part = next;
    }
    if (length == 0)
        whole[length++] = '/';
    whole[length] = '\0';
    return whole;
}

char *cr_path_relative(const char *path, const char *directory, cr_error *err)
{
    if (path[0] == '/' || directory[0] == '\0')
        return cr_text_copy(path, strlen(path), err);
    char *to = cr_path_absolute(path, err), *from = cr_path_absolute(directory, err);
    cr_text result = {0};
    size_t common = 0; /* bytes of the names that both begin with */
    for (size_t i = 0; to && from; i++) {
        bool end = (from[i] == '/' || !from[i]) && (to[i] == '/' || !to[i]);
        common = end ? i : common;
        if (from[i] != to[i] || !from[i])
            break;
    }
    for (const char *c = from ? from + common : ""; *c; c++)
        if (*c == '/' && c[1])
            cr_text_add(&result, "../");
    if (to)
        cr_text_add(&result, "%s", to + common + (to[common] == '/'));
    bool good = to && from;
    cr_free(to);
    cr_free(from);
    if (good)
        return finish_path(&result, err);
    cr_text_finish(&result);
    return NULL;
}

const char *cr_path_short(const char *path)
{
    char here[4096];
    size_t length = getcwd(here, sizeof here) ? strlen(here) : 0;
    bool below = length > 1 && strncmp(path, here, length) == 0 && path[length] == '/';
    return below && path[length + 1] ? path + length + 1 : path;
}

const char *cr_path_member(const char *path)
{
    const char *end = strstr(path, ".npz:");
    return end && end[5] && !strchr(end + 5, '/') ? end + 5 : NULL;
}

#include "sweep/luggage.h"

#include "base/directory.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "runs/run.h"
#include "sweep/trial_mark.h"

#include <dirent.h>
#include <stdint.h>
#include <string.h>

/* It is written last, and says that the run is whole. */
static const char last[] = "summary.json";

enum { LARGEST = 1 << 30 }; /* bytes of a file */

static void add_number(cr_text *message, uint64_t number)
{
    cr_text_add_bytes(message, (const char *)&number, sizeof number);
}

/* A file: the lengths of its name and of its content, both of them. */
static void add_file(cr_text *message, const char *run, const char *name)
{
    char *path = cr_path_join(run, name, NULL), *bytes = NULL;
    size_t length = 0;
    if (!path || !cr_file_read(path, LARGEST, CR_E_IO, &bytes, &length, NULL)) {
        message->failed = true;
    } else {
        add_number(message, strlen(name) + 1);
        add_number(message, length);
        cr_text_add_bytes(message, name, strlen(name) + 1);
        cr_text_add_bytes(message, bytes, length);
    }
    cr_free(bytes);
    cr_free(path);
}

static bool is_whole(const char *run)
{
    char *path = cr_path_join(run, last, NULL);
    bool whole = path && !cr_file_problem(path);
    cr_free(path);
    return whole;
}

void cr_luggage_add(cr_text *message, const char *run)
{
    size_t before = message->length;
    DIR *directory = run && is_whole(run) ? opendir(run) : NULL;
    for (const struct dirent *entry = directory ? readdir(directory) : NULL; entry;
         entry = readdir(directory))
        if (cr_run_owns(entry->d_name) && strcmp(entry->d_name, last) != 0)
            add_file(message, run, entry->d_name);
    if (directory) {
        add_file(message, run, last);
        closedir(directory);
    }
    add_number(message, message->length - before);
}

static bool fail(cr_error *err)
{
    return cr_fail(err, CR_E_IO, "a run that came from a worker is damaged");
}

bool cr_luggage_split(const char *bytes, size_t *length, const char **luggage,
                      size_t *luggage_length, cr_error *err)
{
    uint64_t size = 0;
    if (*length < sizeof size)
        return fail(err);
    *length -= sizeof size;
    memcpy(&size, bytes + *length, sizeof size);
    if (size > *length)
        return fail(err);
    *length -= (size_t)size;
    *luggage = bytes + *length;
    *luggage_length = (size_t)size;
    return true;
}

/* Writes the next file, and leaves at and left behind it. */
static bool unpack_file(const char **at, size_t *left, const char *run, cr_error *err)
{
    uint64_t name_length = 0, length = 0;
    if (*left < 2 * sizeof length)
        return fail(err);
    memcpy(&name_length, *at, sizeof name_length);
    memcpy(&length, *at + sizeof name_length, sizeof length);
    *at += 2 * sizeof length;
    *left -= 2 * sizeof length;
    const char *name = *at;
    if (name_length == 0 || name_length > *left || length > *left - name_length ||
        name[name_length - 1] != '\0' || !cr_run_owns(name))
        return fail(err);
    char *path = cr_path_join(run, name, err);
    bool good = path && cr_file_replace(path, name + name_length, (size_t)length, err);
    cr_free(path);
    *at += name_length + length;
    *left -= (size_t)(name_length + length);
    return good;
}

bool cr_luggage_unpack(const char *luggage, size_t length, const char *run, cr_error *err)
{
    if (length == 0)
        return true;
    cr_trial_mark_remove(run);
    bool good = cr_trial_mark_claim(run, err) && cr_directory_create(run, err);
    while (good && length > 0)
        good = unpack_file(&luggage, &length, run, err);
    return good;
}

#include "commands/output.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "commands/kind.h"
#include "runs/progress_file.h"
#include "runs/run.h"
#include "runs/run_state.h"
#include "sweep/store.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether what is open, such as standard output, is the file. */
static bool is_open(int descriptor, const char *path)
{
    struct stat open, file;
    return fstat(descriptor, &open) == 0 && S_ISREG(open.st_mode) &&
           stat(path, &file) == 0 && open.st_dev == file.st_dev &&
           open.st_ino == file.st_ino;
}

/* Whether the file is a picture that is there already, in a folder inside of `folder`, or
 * in that itself too. */
static bool is_picture_of(const char *folder, const char *path, bool itself)
{
    char *inside = cr_path_absolute(path, NULL), *parent = NULL, *above = NULL;
    if (inside)
        parent = cr_path_directory(inside, NULL);
    if (parent)
        above = cr_path_directory(parent, NULL);
    bool is =
        above && cr_kind_of(path) == CR_KIND_PICTURE &&
        (cr_file_is_same(folder, above) || (itself && cr_file_is_same(folder, parent)));
    cr_free(inside);
    cr_free(parent);
    cr_free(above);
    return is;
}

/* Whether a text of the config's tree is a path of the file, or of the folder of classes
 * that the file is a picture of; those that are relative begin in the directory (NULL:
 * there are none). */
static bool names(const cr_json *value, const char *directory, const char *path)
{
    bool found = false;
    if (cr_json_is(value, CR_JSON_STRING)) {
        const char *text = cr_json_string(value);
        char *whole = directory || text[0] == '/'
                          ? cr_path_join(directory ? directory : "", text, NULL)
                          : NULL;
        found =
            whole && (cr_file_is_same(whole, path) || is_picture_of(whole, path, false));
        cr_free(whole);
    }
    bool has_more = cr_json_is(value, CR_JSON_OBJECT) || cr_json_is(value, CR_JSON_ARRAY);
    for (const cr_json *item = has_more ? cr_json_first(value) : NULL; item && !found;
         item = cr_json_next(item))
        found = names(item, directory, path);
    return found;
}

bool cr_output_check_data(const char *path, const char *directory, const cr_json *config,
                          cr_error *err)
{
    return !names(config, directory, path) ||
           cr_fail(err, CR_E_USAGE,
                   "-o %s: that is a file that the config names, which would be lost; "
                   "name another",
                   path);
}

static bool is_of_a_sweep(const char *name)
{
    static const char *const names[] = {"sweep.db", "sweep.json", "lock", "best",
                                        CR_PROGRESS_FILE};
    for (size_t i = 0; i < CR_COUNT(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* Whether the file is one of those that make up a run or a sweep. */
static bool is_a_result(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    char *directory = cr_path_directory(path, NULL);
    const char *place = directory && *directory ? directory : ".";
    bool is = (cr_run_owns(name) && cr_run_state_of(place) != CR_RUN_NONE) ||
              (is_of_a_sweep(name) && cr_store_exists(place));
    cr_free(directory);
    return is;
}

bool cr_output_check(const char *path, const cr_protected *inputs, size_t count,
                     const cr_json *config, cr_error *err)
{
    bool standard = !path || strcmp(path, "-") == 0;
    struct stat status;
    for (size_t i = 0; i < count; i++) {
        const cr_protected *input = &inputs[i];
        if (input->path && standard && is_open(STDOUT_FILENO, input->path))
            return cr_fail(err, CR_E_USAGE,
                           "standard output goes to %s, which is %s, and the shell has "
                           "emptied it; restore it, and write elsewhere",
                           input->path, input->what);
        if (input->path && !standard &&
            (strcmp(input->path, "-") == 0 ? is_open(STDIN_FILENO, path)
                                           : cr_file_is_same(input->path, path) ||
                                                 is_picture_of(input->path, path, true)))
            return cr_fail(err, CR_E_USAGE,
                           "-o %s: that is %s, which would be lost; name another", path,
                           input->what);
    }
    if (standard)
        return true;
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return cr_fail(err, CR_E_USAGE,
                       "-o %s: that is a directory; name a file, such as %s/out", path,
                       path);
    if (lstat(path, &status) == 0 && S_ISLNK(status.st_mode) && stat(path, &status) != 0)
        return cr_fail(
            err, CR_E_USAGE,
            "-o %s: that is a link that leads nowhere; name another, or remove "
            "it",
            path);
    if (stat(path, &status) == 0 && access(path, W_OK) != 0)
        return cr_fail(err, CR_E_USAGE, "-o %s: that file may not be written: %s", path,
                       strerror(errno));
    if (config && !cr_output_check_data(path, NULL, config, err))
        return false;
    return !is_a_result(path) ||
           cr_fail(err, CR_E_USAGE,
                   "-o %s: that is a file of the run or sweep in that directory; name "
                   "another",
                   path);
}

/* A signal, in whatever thread of BLAS it arrives, waits until the file's name is where main
 * finds it. */
bool cr_output_begin(const cr_context *context, cr_file_writer *writer, const char *path,
                     cr_error *err)
{
    cr_unfinished *unfinished = context->unfinished;
    unfinished->is_begun = 1;
    bool good = cr_file_begin(writer, path ? path : "-", err);
    if (good && writer->temporary &&
        strlen(writer->temporary) < sizeof unfinished->path) {
        strcpy(unfinished->path, writer->temporary);
        unfinished->is_there = 1;
    }
    unfinished->is_begun = 0;
    if (unfinished->waiting)
        raise(unfinished->waiting);
    return good;
}

bool cr_output_end(const cr_context *context, cr_file_writer *writer, bool good,
                   cr_error *err)
{
    if (good)
        good = cr_file_commit(writer, err);
    else
        cr_file_cancel(writer);
    context->unfinished->is_there = 0;
    return good;
}

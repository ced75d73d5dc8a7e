#include "commands/output.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "runs/run.h"
#include "runs/run_state.h"
#include "sweep/store.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether standard output goes to the file. */
static bool is_standard_output(const char *path)
{
    struct stat out, file;
    return fstat(STDOUT_FILENO, &out) == 0 && S_ISREG(out.st_mode) &&
           stat(path, &file) == 0 && out.st_dev == file.st_dev &&
           out.st_ino == file.st_ino;
}

/* Whether a text of the config's tree is a path of the file; those that are relative begin
 * in the directory (NULL: there are none). */
static bool names(const cr_json *value, const char *directory, const char *path)
{
    bool found = false;
    if (cr_json_is(value, CR_JSON_STRING)) {
        const char *text = cr_json_string(value);
        char *whole = directory || text[0] == '/'
                          ? cr_path_join(directory ? directory : "", text, NULL)
                          : NULL;
        found = whole && cr_file_is_same(whole, path);
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
    static const char *const names[] = {"sweep.db", "sweep.json", "lock", "best"};
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
        if (input->path && standard && is_standard_output(input->path))
            return cr_fail(err, CR_E_USAGE,
                           "standard output goes to %s, which is %s, and the shell has "
                           "emptied it; restore it, and write elsewhere",
                           input->path, input->what);
        if (input->path && !standard && cr_file_is_same(input->path, path))
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
    if (config && !cr_output_check_data(path, NULL, config, err))
        return false;
    return !is_a_result(path) ||
           cr_fail(err, CR_E_USAGE,
                   "-o %s: that is a file of the run or sweep in that directory; name "
                   "another",
                   path);
}

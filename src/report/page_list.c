#include "report/page_list.h"

#include "base/directory.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "sweep/store.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

static bool holds(const char *directory, const char *name)
{
    char *path = cr_path_join(directory, name, NULL);
    bool found = path && !cr_file_problem(path);
    cr_free(path);
    return found;
}

/* Adds it to the names, unless it has been added by another path. */
static bool add(cr_page_list *list, cr_names *names, const char *directory, cr_error *err)
{
    struct stat status;
    bool known = stat(directory, &status) == 0;
    for (size_t i = 0; known && i < list->place_count; i++)
        if (list->places[i].device == status.st_dev &&
            list->places[i].number == status.st_ino)
            return true;
    if (known) {
        if (!cr_reserve(&list->places, &list->place_capacity, list->place_count + 1,
                        sizeof *list->places, err))
            return false;
        list->places[list->place_count++] =
            (cr_page_place){.device = status.st_dev, .number = status.st_ino};
    }
    return cr_names_add(names, directory, err);
}

/* Whether it is a run or a sweep, and is in the list therefore. A config alone may be
 * anybody's, unless it `counts`. */
static bool take(cr_page_list *list, const char *directory, bool counts, bool *taken,
                 cr_error *err)
{
    static const char *const files[] = {"metrics.csv", "summary.json",
                                        "model.safetensors"};
    *taken = cr_store_exists(directory);
    if (*taken)
        return add(list, &list->sweeps, directory, err);
    *taken = counts && holds(directory, "config.json");
    for (size_t i = 0; !*taken && i < CR_COUNT(files); i++)
        *taken = holds(directory, files[i]);
    return !*taken || add(list, &list->runs, directory, err);
}

/* What lies in the directory, by name; none where it cannot be read. */
static bool read_children(const char *directory, cr_names *children, cr_error *err)
{
    DIR *listing = opendir(directory);
    bool good = true;
    const struct dirent *item;
    while (good && listing && (item = readdir(listing)) != NULL) {
        char *path =
            item->d_name[0] == '.' ? NULL : cr_path_join(directory, item->d_name, err);
        good =
            item->d_name[0] == '.' ||
            (path && (cr_directory_problem(path) || cr_names_add(children, path, err)));
        cr_free(path);
    }
    if (listing)
        closedir(listing);
    return good && cr_names_sort(children, err);
}

bool cr_page_list_add(cr_page_list *list, const char *directory, cr_error *err)
{
    const char *problem = cr_directory_problem(directory);
    bool taken = false, any = false;
    if (problem) {
        cr_text_add_line(&list->notes,
                         "%s: %s; expected the directory of a run or of a sweep",
                         directory, problem);
        return true;
    }
    if (!take(list, directory, false, &taken, err))
        return false;
    if (taken)
        return true;
    cr_names children = {0};
    bool good = read_children(directory, &children, err);
    for (size_t i = 0; good && i < children.count; i++) {
        good = take(list, children.items[i], false, &taken, err);
        any |= taken;
    }
    cr_names_finish(&children);
    if (good && !any)
        good = take(list, directory, true, &any, err);
    if (good && !any)
        cr_text_add_line(&list->notes,
                         "%s: neither a run nor a sweep, and none right in it; a run has "
                         "config.json and metrics.csv, a sweep has sweep.db",
                         directory);
    return good;
}

const char *cr_page_list_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

void cr_page_list_finish(cr_page_list *list)
{
    cr_names_finish(&list->runs);
    cr_names_finish(&list->sweeps);
    cr_free(list->places);
    cr_text_finish(&list->notes);
    *list = (cr_page_list){0};
}

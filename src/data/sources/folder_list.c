#include "data/sources/folder_list.h"

#include "base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static const char endings[] = ".png, .jpg, .jpeg, .pgm, .ppm or .pnm";

/* What stands in a folder: names. */
typedef struct entries {
    cr_names folders, pictures;
} entries;

/* What stands between the folder and a name inside of it. */
static const char *slash(const char *folder)
{
    size_t length = strlen(folder);
    return length == 0 || folder[length - 1] == '/' ? "" : "/";
}

static void finish_entries(entries *found)
{
    cr_names_finish(&found->folders);
    cr_names_finish(&found->pictures);
}

static bool ends_with(const char *name, const char *const *known)
{
    const char *dot = strrchr(name, '.');
    for (; dot && *known; known++)
        if (strcasecmp(dot + 1, *known) == 0)
            return true;
    return false;
}

static bool is_called_picture(const char *name)
{
    return ends_with(
        name, (const char *const[]){"png", "jpg", "jpeg", "pgm", "ppm", "pnm", NULL});
}

/* What other programs take for a picture. */
static bool is_called_otherwise(const char *name)
{
    return ends_with(name,
                     (const char *const[]){"bmp", "gif", "webp", "tif", "tiff", "heic",
                                           "heif", "avif", "jxl", "jp2", "svg", NULL});
}

/* Where a link leads, or where the entry does not say what it is, the system is asked. */
static bool is_folder(DIR *directory, const struct dirent *entry)
{
    struct stat status;
    if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    return fstatat(dirfd(directory), entry->d_name, &status, 0) == 0 &&
           S_ISDIR(status.st_mode);
}

/* inside: the folder below the list's, "" for that itself. */
static bool skip(cr_folder_list *list, cr_folder_skip why, const char *inside,
                 const char *name, cr_error *err)
{
    list->skipped[why]++;
    cr_text path = {0};
    if (list->skipped_one[why])
        return true;
    cr_text_add(&path, "%s%s%s", inside, *inside ? "/" : "", name);
    list->skipped_one[why] = path.data; /* now the list's */
    return !path.failed || cr_fail(err, CR_E_MEMORY, "out of memory");
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(cr_names *names)
{
    if (names->count > 0)
        qsort(names->items, names->count, sizeof *names->items, compare);
}

static bool take(cr_folder_list *list, const char *inside, DIR *directory,
                 const struct dirent *entry, entries *found, cr_error *err)
{
    const char *name = entry->d_name;
    if (*name == '.') /* hidden; also the folder itself, and the one above it */
        return true;
    if (is_folder(directory, entry))
        return cr_names_add(&found->folders, name, err);
    if (is_called_picture(name))
        return cr_names_add(&found->pictures, name, err);
    return skip(list,
                is_called_otherwise(name) ? CR_FOLDER_SKIP_FORMAT : CR_FOLDER_SKIP_OTHER,
                inside, name, err);
}

static bool scan(cr_folder_list *list, const char *inside, entries *found, cr_error *err)
{
    char path[CR_FOLDER_PATH];
    int length = snprintf(path, sizeof path, "%s%s%s", list->folder,
                          *inside ? slash(list->folder) : "", inside);
    bool fits = length + NAME_MAX + 1 < CR_FOLDER_PATH;
    DIR *directory = fits ? opendir(path) : NULL;
    if (!directory)
        return cr_fail(err, CR_E_DATA, "%s: %s", path,
                       strerror(fits ? errno : ENAMETOOLONG));
    bool good = true;
    errno = 0;
    for (const struct dirent *entry = readdir(directory); good && entry;
         errno = 0, entry = readdir(directory))
        good = take(list, inside, directory, entry, found, err);
    if (good && errno)
        good = cr_fail(err, CR_E_DATA, "%s: %s", path, strerror(errno));
    closedir(directory);
    sort(&found->folders);
    sort(&found->pictures);
    return good;
}

/* The pictures of a folder join the list. */
static bool add_pictures(cr_folder_list *list, const char *inside, const entries *found,
                         cr_error *err)
{
    char name[2 * NAME_MAX + 2];
    bool good = true;
    for (size_t i = 0; good && i < found->pictures.count; i++) {
        snprintf(name, sizeof name, "%s%s%s", inside, *inside ? "/" : "",
                 found->pictures.items[i]);
        good = cr_names_add(&list->files, name, err);
    }
    return good;
}

/* The pictures inside one of the folders join the list; *count: how many. */
static bool add_folder(cr_folder_list *list, const char *inside, size_t *count,
                       entries *found, cr_error *err)
{
    bool good = scan(list, inside, found, err) && add_pictures(list, inside, found, err);
    for (size_t i = 0; good && i < found->folders.count; i++)
        good = skip(list, CR_FOLDER_SKIP_FOLDER, inside, found->folders.items[i], err);
    *count = found->pictures.count;
    return good;
}

static void say_empty(cr_folder_list *list, const char *class, const entries *found)
{
    const char *folder = list->folder;
    if (found->folders.count > 0)
        cr_text_add_line(&list->empty,
                         "%s%s%s: no pictures in this class folder, but %zu folder%s; is "
                         "it the folder of classes that is meant?",
                         folder, slash(folder), class, found->folders.count,
                         found->folders.count == 1 ? "" : "s");
    else
        cr_text_add_line(&list->empty,
                         "%s%s%s: a class folder without pictures (%s); put some there, "
                         "or remove it",
                         folder, slash(folder), class, endings);
}

bool cr_folder_list_check(const cr_folder_list *list, cr_error *err)
{
    const char *line = list->empty.data;
    for (; line && *line; line += strcspn(line, "\n") + 1)
        cr_error_add(err, CR_E_DATA, "%.*s", (int)strcspn(line, "\n"), line);
    return list->empty.length == 0;
}

static bool fail_flat(const cr_folder_list *list, const entries *found, cr_error *err)
{
    const char *folder = list->folder;
    if (found->pictures.count == 0)
        return cr_fail(err, CR_E_DATA,
                       "%s: no class folders in it; expected a folder a class, with "
                       "pictures: %s%sCLASS/PICTURE.png",
                       folder, folder, slash(folder));
    return cr_fail(err, CR_E_DATA,
                   "%s: %zu picture%s such as %s in the folder itself; expected a folder "
                   "a class, with the pictures of the class: %s%sCLASS/%s",
                   folder, found->pictures.count, found->pictures.count == 1 ? "" : "s",
                   found->pictures.items[0], folder, slash(folder),
                   found->pictures.items[0]);
}

/* Each file's class: counts[] files of each, one class behind the other. */
static bool set_codes(cr_folder_list *list, const size_t *counts, cr_error *err)
{
    list->codes = cr_alloc_raw(list->files.count, sizeof *list->codes, err);
    int32_t *code = list->codes;
    for (size_t c = 0; code && c < list->classes.count; c++)
        for (size_t i = 0; i < counts[c]; i++)
            *code++ = (int32_t)c;
    return list->codes != NULL;
}

/* The pictures of a class folder join the list, if there are any; *count: how many. */
static bool add_class(cr_folder_list *list, const char *class, size_t *count,
                      cr_error *err)
{
    entries found = {0};
    bool good = add_folder(list, class, count, &found, err) &&
                (*count == 0 || cr_names_add(&list->classes, class, err));
    if (good && *count == 0)
        say_empty(list, class, &found);
    finish_entries(&found);
    return good;
}

bool cr_folder_list_classes(cr_folder_list *list, const char *folder, cr_error *err)
{
    *list = (cr_folder_list){.folder = folder};
    entries top = {0};
    bool good = scan(list, "", &top, err);
    if (good && top.folders.count == 0)
        good = fail_flat(list, &top, err);
    for (size_t i = 0; good && i < top.pictures.count; i++)
        good = skip(list, CR_FOLDER_SKIP_STRAY, "", top.pictures.items[i], err);
    size_t *counts = good ? cr_alloc(top.folders.count, sizeof *counts, err) : NULL;
    good = counts != NULL;
    for (size_t i = 0; good && i < top.folders.count; i++)
        good = add_class(list, top.folders.items[i], &counts[list->classes.count], err);
    if (good && list->empty.failed)
        good = cr_fail(err, CR_E_MEMORY, "out of memory");
    if (good && list->files.count == 0)
        good = cr_folder_list_check(list, err);
    good = good && set_codes(list, counts, err);
    cr_free(counts);
    finish_entries(&top);
    if (!good)
        cr_folder_list_finish(list);
    return good;
}

bool cr_folder_list_pictures(cr_folder_list *list, const char *folder, cr_error *err)
{
    *list = (cr_folder_list){.folder = folder};
    entries top = {0};
    size_t count = 0;
    bool good = scan(list, "", &top, err) && add_pictures(list, "", &top, err);
    for (size_t i = 0; good && i < top.folders.count; i++) {
        entries found = {0};
        good = add_folder(list, top.folders.items[i], &count, &found, err);
        finish_entries(&found);
    }
    finish_entries(&top);
    if (good && list->files.count == 0)
        good = cr_fail(err, CR_E_DATA,
                       "%s: no pictures (%s) in it, nor in the folders inside of it",
                       folder, endings);
    if (!good)
        cr_folder_list_finish(list);
    return good;
}

bool cr_folder_list_files(cr_folder_list *list, const char *const *files, size_t count,
                          cr_error *err)
{
    *list = (cr_folder_list){0};
    bool good = true;
    for (size_t i = 0; good && i < count; i++)
        good = strlen(files[i]) < CR_FOLDER_PATH
                   ? cr_names_add(&list->files, files[i], err)
                   : cr_fail(err, CR_E_DATA, "%s: %s", files[i], strerror(ENAMETOOLONG));
    if (!good)
        cr_folder_list_finish(list);
    return good;
}

const char *cr_folder_list_path(const cr_folder_list *list, size_t i,
                                char out[CR_FOLDER_PATH])
{
    const char *folder = list->folder;
    snprintf(out, CR_FOLDER_PATH, "%s%s%s", folder ? folder : "",
             folder ? slash(folder) : "", list->files.items[i]);
    return out;
}

void cr_folder_list_tell(const cr_folder_list *list, cr_text *lines)
{
    static const struct {
        const char *one, *several, *cure;
    } kinds[] = {
        [CR_FOLDER_SKIP_FORMAT] = {"picture of another format",
                                   "pictures of other formats",
                                   "; convert them to PNG or JPEG"},
        [CR_FOLDER_SKIP_FOLDER] = {"folder", "folders",
                                   ": pictures lie in the class folders themselves"},
        [CR_FOLDER_SKIP_STRAY] = {"picture", "pictures",
                                  ": beside the class folders there is no class"},
        [CR_FOLDER_SKIP_OTHER] = {"file", "files", ": pictures end in "},
    };
    for (size_t i = 0; i < CR_FOLDER_SKIPS; i++)
        if (list->skipped[i] > 0)
            cr_text_add_line(lines, "%s: %zu %s such as %s %s skipped%s%s", list->folder,
                             list->skipped[i],
                             list->skipped[i] == 1 ? kinds[i].one : kinds[i].several,
                             list->skipped_one[i], list->skipped[i] == 1 ? "was" : "were",
                             kinds[i].cure, i == CR_FOLDER_SKIP_OTHER ? endings : "");
}

void cr_folder_list_finish(cr_folder_list *list)
{
    cr_names_finish(&list->files);
    cr_names_finish(&list->classes);
    cr_free(list->codes);
    cr_text_finish(&list->empty);
    for (size_t i = 0; i < CR_FOLDER_SKIPS; i++)
        cr_free(list->skipped_one[i]);
    *list = (cr_folder_list){0};
}

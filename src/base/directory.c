#include "base/directory.h"

#include "base/memory.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void cr_directory_flush(const char *path)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY);
    if (directory < 0)
        return;
    (void)fsync(directory);
    close(directory);
}

const char *cr_directory_problem(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return errno == ENOENT ? "no such folder" : strerror(errno);
    if (!S_ISDIR(status.st_mode))
        return "it is a file, a folder was expected";
    return access(path, R_OK | X_OK) != 0 ? strerror(errno) : NULL;
}

bool cr_directory_create(const char *path, cr_error *err)
{
    if (!*path)
        return cr_fail(err, CR_E_USAGE, "the name of the directory is empty");
    char *copy = cr_text_copy(path, strlen(path), err);
    if (!copy)
        return false;
    bool made = true;
    for (char *at = copy + 1; made; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        char end = *at;
        *at = '\0';
        struct stat status;
        int reason = mkdir(copy, 0777) == 0 ? 0 : errno;
        if (reason && !(stat(copy, &status) == 0 && S_ISDIR(status.st_mode)))
            made = cr_fail(err, CR_E_IO, "%s: cannot make the directory: %s", copy,
                           strerror(reason == EEXIST ? ENOTDIR : reason));
        *at = end;
        if (end == '\0')
            break;
    }
    cr_free(copy);
    return made;
}

bool cr_directory_is_empty(const char *path)
{
    DIR *directory = opendir(path);
    if (!directory)
        return false;
    bool empty = true;
    for (const struct dirent *entry = readdir(directory); entry;
         entry = readdir(directory))
        empty &= strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(directory);
    return empty;
}

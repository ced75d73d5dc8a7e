#include "sweep/trial_move.h"

#include "base/directory.h"
#include "base/file.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* "<directory>/<folder>/<number>"; the caller finishes it. */
static cr_text path_of(const char *directory, const char *folder, size_t number)
{
    cr_text path = {0};
    cr_text_add(&path, "%s/%s/%zu", directory, folder, number);
    return path;
}

static cr_text folder_of(const char *directory, const char *folder)
{
    cr_text path = {0};
    cr_text_add(&path, "%s/%s", directory, folder);
    return path;
}

/* Renames what is there; what is not there has been moved already, or never was. */
static bool move(cr_text from, cr_text to, cr_error *err)
{
    bool good =
        (!from.failed && !to.failed) || cr_fail(err, CR_E_MEMORY, "out of memory");
    if (good && rename(from.data, to.data) != 0 && errno != ENOENT)
        good = cr_fail(err, CR_E_IO, "%s: cannot move it to %s: %s", from.data, to.data,
                       strerror(errno));
    cr_text_finish(&from);
    cr_text_finish(&to);
    return good;
}

static bool is_marked(const char *directory, size_t number)
{
    cr_text mark = path_of(directory, ".made", number);
    bool marked = !mark.failed && !cr_file_problem(mark.data);
    cr_text_finish(&mark);
    return marked;
}

/* Moves the runs that the sweep made into "gathering", which becomes "moving" when all of
 * them are in it. */
static bool gather(const char *directory, const cr_trial_move *moves, size_t count,
                   cr_error *err)
{
    cr_text gathering = folder_of(directory, "gathering");
    bool good = gathering.failed ? cr_fail(err, CR_E_MEMORY, "out of memory")
                                 : cr_directory_create(gathering.data, err);
    cr_text_finish(&gathering);
    for (size_t i = 0; good && i < count; i++)
        if (is_marked(directory, moves[i].from))
            good = move(path_of(directory, "trials", moves[i].from),
                        path_of(directory, "gathering", moves[i].to), err);
    return good &&
           move(folder_of(directory, "gathering"), folder_of(directory, "moving"), err);
}

/* Calls `take` for each run that lies aside. False: there are none. */
static bool visit(const char *directory,
                  bool (*take)(const char *directory, size_t number, cr_error *err),
                  bool *good, cr_error *err)
{
    cr_text path = folder_of(directory, "moving");
    DIR *moving = path.failed ? NULL : opendir(path.data);
    cr_text_finish(&path);
    for (const struct dirent *entry = moving ? readdir(moving) : NULL; *good && entry;
         entry = readdir(moving)) {
        size_t number = 0;
        char behind = 0;
        if (sscanf(entry->d_name, "%zu%c", &number, &behind) == 1)
            *good = take(directory, number, err);
    }
    if (moving)
        closedir(moving);
    return moving != NULL;
}

static bool mark(const char *directory, size_t number, cr_error *err)
{
    cr_text path = path_of(directory, ".made", number);
    bool good = path.failed ? cr_fail(err, CR_E_MEMORY, "out of memory")
                            : cr_file_replace(path.data, "", 0, err);
    cr_text_finish(&path);
    return good;
}

static bool put_back(const char *directory, size_t number, cr_error *err)
{
    return move(path_of(directory, "moving", number),
                path_of(directory, "trials", number), err);
}

bool cr_trial_move_aside(const char *directory, const cr_trial_move *moves, size_t count,
                         cr_error *err)
{
    cr_text moving = folder_of(directory, "moving");
    bool gathered = !moving.failed && access(moving.data, F_OK) == 0;
    cr_text_finish(&moving);
    bool good = gathered || gather(directory, moves, count, err);
    for (size_t i = 0; good && i < count; i++) {
        cr_text old = path_of(directory, ".made", moves[i].from);
        if (!old.failed)
            unlink(old.data);
        cr_text_finish(&old);
    }
    visit(directory, mark, &good, err);
    return good;
}

bool cr_trial_move_back(const char *directory, cr_error *err)
{
    bool good = true;
    if (!visit(directory, put_back, &good, err) || !good)
        return good;
    cr_text moving = folder_of(directory, "moving");
    if (!moving.failed)
        rmdir(moving.data);
    cr_text_finish(&moving);
    return true;
}

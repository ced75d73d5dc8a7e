#include "runs/progress_file.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "config/json.h"

#include <string.h>
#include <unistd.h>

enum { MOST_SKIPPED = 1000 };
static const double seconds_between = 1, seconds_of_looks = 1e-3;

void cr_progress_file_begin(cr_progress_file *file, const char *directory)
{
    *file = (cr_progress_file){.path = cr_path_join(directory, CR_PROGRESS_FILE, NULL),
                               .next = cr_clock() + seconds_between};
    if (file->path)
        unlink(file->path);
}

bool cr_progress_file_is_due(cr_progress_file *file)
{
    if (file->left > 0) {
        file->left--;
        return false;
    }
    double now = cr_clock();
    bool often = now - file->asked < seconds_of_looks;
    file->skip = !often                      ? file->skip / 2
                 : file->skip < MOST_SKIPPED ? 2 * file->skip + 1
                                             : file->skip;
    file->left = file->skip;
    file->asked = now;
    return file->path && now >= file->next;
}

const char *cr_progress_file_host(char out[CR_PROGRESS_HOST])
{
    if (gethostname(out, CR_PROGRESS_HOST) != 0)
        out[0] = '\0';
    out[CR_PROGRESS_HOST - 1] = '\0';
    return out;
}

void cr_progress_file_write(cr_progress_file *file, const cr_progress_number *numbers,
                            size_t count)
{
    char host[CR_PROGRESS_HOST];
    cr_json *root = cr_json_new(CR_JSON_OBJECT);
    bool good = root != NULL;
    for (size_t i = 0; good && i < count; i++)
        good = cr_json_set_number(root, numbers[i].key, numbers[i].number);
    good = good && cr_json_set_string(root, "host", cr_progress_file_host(host)) &&
           cr_json_set_number(root, "pid", (double)getpid());
    char *text = good ? cr_json_print(root, false) : NULL;
    if (!text || !cr_file_replace(file->path, text, strlen(text), NULL))
        unlink(file->path); /* rather none than an old one */
    file->next = cr_clock() + seconds_between;
    cr_free(text);
    cr_json_free(root);
}

void cr_progress_file_end(cr_progress_file *file)
{
    if (file->path)
        unlink(file->path);
    cr_free(file->path);
    *file = (cr_progress_file){0};
}

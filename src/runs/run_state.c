#include "runs/run_state.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "config/document.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const cr_run_state_names[CR_RUN_STATES] = {
    [CR_RUN_NONE] = "",
    [CR_RUN_RUNNING] = "running",
    [CR_RUN_INTERRUPTED] = "interrupted",
    [CR_RUN_COMPLETED] = "completed",
    [CR_RUN_STOPPED_EARLY] = "stopped_early",
    [CR_RUN_DIVERGED] = "diverged",
    [CR_RUN_FAILED] = "failed",
};

/* Whether a process has locked the run, which is seen by trying to read-lock it for a
 * moment. */
static bool is_locked(const char *metrics)
{
    int file = open(metrics, O_RDONLY | O_CLOEXEC);
    bool locked =
        file >= 0 && flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (file >= 0)
        close(file);
    return locked;
}

static cr_run_state state_in(const char *summary)
{
    cr_run_state state = CR_RUN_INTERRUPTED;
    cr_document document = {0};
    if (cr_document_read(&document, summary, NULL)) {
        const char *status = cr_json_get_string(document.root, "status");
        for (int i = CR_RUN_INTERRUPTED; status && i < CR_RUN_FAILED; i++)
            if (strcmp(status, cr_run_state_names[i]) == 0)
                state = (cr_run_state)i;
    }
    cr_document_finish(&document);
    return state;
}

cr_run_state cr_run_state_of(const char *directory)
{
    cr_run_state state = CR_RUN_NONE;
    char *config = cr_path_join(directory, "config.json", NULL);
    char *metrics = cr_path_join(directory, "metrics.csv", NULL);
    char *summary = cr_path_join(directory, "summary.json", NULL);
    if (config && metrics && summary && !cr_file_problem(config) &&
        !cr_file_problem(metrics))
        state = is_locked(metrics) ? CR_RUN_RUNNING : state_in(summary);
    cr_free(config);
    cr_free(metrics);
    cr_free(summary);
    return state;
}

bool cr_run_state_has_model(const char *directory)
{
    static const char *const names[] = {"model.safetensors", "best.safetensors"};
    bool found = false;
    for (size_t i = 0; i < CR_COUNT(names); i++) {
        char *path = cr_path_join(directory, names[i], NULL);
        found |= path && !cr_file_problem(path);
        cr_free(path);
    }
    return found;
}

char *cr_run_state_find_interrupted(const char *config_path, const char *but)
{
    char *found = NULL, *stem = cr_path_stem(config_path, NULL);
    struct stat status;
    bool going = stem != NULL;
    for (int i = 1; going; i++) {
        cr_text path = {0};
        cr_text_add(&path, i == 1 ? "runs/%s" : "runs/%s-%d", stem, i);
        going =
            !path.failed && strcmp(path.data, but) != 0 && stat(path.data, &status) == 0;
        if (going && cr_run_state_of(path.data) == CR_RUN_INTERRUPTED) {
            cr_free(found);
            found = path.data;
        } else {
            cr_text_finish(&path);
        }
    }
    cr_free(stem);
    return found;
}

#include "sweep/trial_mark.h"

#include "base/directory.h"
#include "base/file.h"
#include "base/text.h"
#include "runs/run.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "<sweep>/trials/../.made/", and behind it the run's number. False when memory is out. */
static bool find_mark(const char *run, bool with_number, cr_text *mark)
{
    const char *slash = strrchr(run, '/');
    const char *number = slash ? slash + 1 : run;
    cr_text_add(mark, "%.*s../.made/%s", (int)(number - run), run,
                with_number ? number : "");
    return !mark->failed;
}

bool cr_trial_mark_claim(const char *run, cr_error *err)
{
    struct stat status;
    cr_text marks = {0}, mark = {0};
    if (stat(run, &status) == 0 && !cr_directory_is_empty(run))
        return cr_fail(
            err, CR_E_USAGE,
            "%s: the sweep did not make what is there, and leaves it as it is; "
            "move it to another place",
            run);
    bool good = (find_mark(run, false, &marks) && find_mark(run, true, &mark)) ||
                cr_fail(err, CR_E_MEMORY, "out of memory");
    good = good && cr_directory_create(marks.data, err) &&
           cr_file_replace(mark.data, "", 0, err);
    cr_text_finish(&marks);
    cr_text_finish(&mark);
    return good;
}

void cr_trial_mark_remove(const char *run)
{
    cr_text mark = {0};
    if (find_mark(run, true, &mark) && !cr_file_problem(mark.data)) {
        cr_run_remove(run);
        unlink(mark.data);
    }
    cr_text_finish(&mark);
}

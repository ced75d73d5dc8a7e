#include "commands/reporting.h"

#include "base/text.h"
#include "commands/output.h"
#include "report/page.h"

#include <string.h>

bool cr_reporting_check(const char *out, const cr_json *config, cr_error *err)
{
    return !out || cr_output_check(out, NULL, 0, config, err);
}

bool cr_reporting_write(const cr_context *context, const char *out,
                        const char *const *directories, size_t count, bool quiet,
                        cr_error *err)
{
    cr_text notes = {0};
    cr_file_writer writer;
    bool good =
        cr_reporting_check(out, NULL, err) && cr_output_begin(context, &writer, out, err);
    if (good) {
        good = cr_page_write(writer.stream, directories, count, &notes, err);
        good = cr_output_end(context, &writer, good, err);
    }
    if (good && notes.length > 0)
        cr_command_warn(notes.data);
    if (good && !quiet && strcmp(out, "-") != 0)
        cr_print("%s is the page to look at\n", out);
    cr_text_finish(&notes);
    return good;
}

int cr_reporting_end(const cr_context *context, const char *out, const char *directory,
                     bool quiet, int status)
{
    cr_error err = CR_ERROR_INIT;
    if (!out || !directory ||
        cr_reporting_write(context, out, &directory, 1, quiet, &err))
        return status;
    int failed = cr_command_error(&err);
    return status == CR_EXIT_DONE ? failed : status;
}

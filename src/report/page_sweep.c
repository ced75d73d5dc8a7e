#include "report/page_sweep.h"

#include "base/memory.h"
#include "base/path.h"
#include "sweep/sweep_state.h"

bool cr_page_sweep_add(const char *directory, cr_page_json *out, cr_error *err)
{
    cr_sweep_state state = {0};
    cr_error why = CR_ERROR_INIT;
    char *path = cr_path_absolute(directory, err), *name = NULL;
    bool read = path && cr_sweep_state_read(directory, &state, &why);
    name = path ? cr_path_stem(path, err) : NULL;
    bool good = name != NULL;
    cr_page_json_open(out, NULL, '{');
    cr_page_json_string(out, "path", directory);
    cr_page_json_string(out, "name", name);
    cr_page_json_string(out, "state", read ? cr_run_state_names[state.state] : NULL);
    cr_page_json_number(out, "trials", (double)state.trials);
    cr_page_json_number(out, "done", (double)state.done);
    cr_page_json_number(out, "failed", (double)state.failed);
    cr_page_json_open(out, "notes", '[');
    if (!read)
        cr_page_json_string(out, NULL, why.text);
    cr_page_json_close(out, ']');
    cr_page_json_close(out, '}');
    cr_sweep_state_finish(&state);
    cr_free(path);
    cr_free(name);
    return good;
}

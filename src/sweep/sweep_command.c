#include "sweep/sweep_command.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"

#include <string.h>

static bool fill(cr_json *root, const cr_sweep_plan *plan, const char *mixture,
                 bool completed, cr_error *err)
{
    char *config = cr_path_absolute(plan->document.name, err);
    char *directory = config ? cr_path_absolute(".", err) : NULL;
    cr_json *list = NULL;
    bool good = directory && cr_json_set_string(root, "config", config) &&
                cr_json_set_string(root, "directory", directory);
    if (good)
        list = cr_json_add(root, "overrides", CR_JSON_ARRAY);
    good = list != NULL;
    for (size_t i = 0; good && i < plan->override_count; i++)
        good = cr_json_set_string(list, NULL, plan->overrides[i]);
    cr_free(config);
    cr_free(directory);
    if (mixture && *mixture)
        good = good && cr_json_set_string(root, "mixture", mixture);
    return (good && cr_json_set_bool(root, "completed", completed)) ||
           cr_fail(err, CR_E_MEMORY, "out of memory");
}

bool cr_sweep_command_write(const char *directory, const cr_sweep_plan *plan,
                            const char *mixture, bool completed, cr_error *err)
{
    char *path = cr_path_join(directory, "sweep.json", err), *text = NULL;
    cr_json *root = cr_json_new(CR_JSON_OBJECT);
    bool good = path && root && fill(root, plan, mixture, completed, err);
    if (good)
        text = cr_json_print(root, true);
    good = text ? cr_file_replace(path, text, strlen(text), err)
                : cr_fail(err, CR_E_MEMORY, "out of memory");
    cr_free(text);
    cr_free(path);
    cr_json_free(root);
    return good;
}

bool cr_sweep_command_read(const char *directory, cr_sweep_command *command,
                           cr_error *err)
{
    *command = (cr_sweep_command){0};
    char *path = cr_path_join(directory, "sweep.json", err);
    bool good = path && cr_document_read(&command->document, path, err);
    const cr_json *root = good ? command->document.root : NULL;
    const cr_json *list = cr_json_get_kind(root, "overrides", CR_JSON_ARRAY);
    command->config = cr_json_get_string(root, "config");
    command->directory = cr_json_get_string(root, "directory");
    command->completed = cr_json_get_bool(root, "completed", false);
    if (good && !(list && command->config && command->directory))
        good =
            cr_fail(err, CR_E_DATA, "%s: it does not say how the sweep was begun", path);
    if (good) {
        command->overrides =
            cr_alloc(cr_json_count(list), sizeof *command->overrides, err);
        good = command->overrides != NULL;
    }
    for (const cr_json *item = good ? cr_json_first(list) : NULL; item;
         item = cr_json_next(item))
        if (cr_json_is(item, CR_JSON_STRING))
            command->overrides[command->count++] = cr_json_string(item);
    cr_free(path);
    if (!good)
        cr_sweep_command_finish(command);
    return good;
}

void cr_sweep_command_finish(cr_sweep_command *command)
{
    cr_free(command->overrides);
    cr_document_finish(&command->document);
    *command = (cr_sweep_command){0};
}

#include "sweep/sweep_difference.h"

#include "base/memory.h"
#include "data/source.h"
#include "runs/config_difference.h"
#include "sweep/sweep_command.h"

#include <string.h>

enum { MOST_NAMED = 3 };

const char cr_sweep_difference_of_data[] =
    "the content of its data was another; with the files as they were it goes on";

typedef struct listing {
    cr_text *out;          /* NULL: to be counted alone */
    size_t count, outside; /* outside: of the sweep section */
} listing;

/* Whether they are names of files, which do not matter: their content does. */
static bool are_files(const char *path, const cr_json *then, const cr_json *now)
{
    bool source = false;
    for (size_t i = 0; i < CR_PARTS && !source; i++) {
        size_t length = strlen(cr_part_names[i]);
        source = strncmp(path, "data.", 5) == 0 &&
                 strncmp(path + 5, cr_part_names[i], length) == 0 &&
                 (path[5 + length] == '\0' || path[5 + length] == '.');
    }
    return source && cr_json_is(then, CR_JSON_STRING) && cr_json_is(now, CR_JSON_STRING);
}

static void take(void *user, const char *path, const cr_json *then, const cr_json *now)
{
    listing *l = user;
    if (are_files(path, then, now))
        return;
    l->outside += strncmp(path, "sweep.", 6) != 0;
    if (++l->count > MOST_NAMED || !l->out)
        return;
    char *was = cr_config_difference_show(then), *is = cr_config_difference_show(now);
    cr_text_add(l->out, "%s%s was %.60s and is %.60s", l->count > 1 ? ", " : "", path,
                was ? was : "?", is ? is : "?");
    cr_free(was);
    cr_free(is);
}

/* The config as it was read, with its overrides, and with the section as it was resolved:
 * two ways to say the same there are no difference. */
static bool make_config(cr_document *document, const char *text,
                        const char *const *overrides, size_t count, const char *section)
{
    char *copy = cr_text_copy(text, strlen(text), NULL);
    bool good = copy && cr_document_parse(document, "config", copy, strlen(copy),
                                          CR_E_CONFIG, NULL);
    for (size_t i = 0; good && i < count; i++)
        good = cr_document_override(document, overrides[i], NULL);
    return good && cr_json_is(document->root, CR_JSON_OBJECT) &&
           cr_json_set_text(document->root, "sweep", section);
}

bool cr_sweep_difference_read(const char *directory, const cr_store_sweep *found,
                              cr_document *config)
{
    cr_sweep_command command;
    *config = (cr_document){0};
    if (!cr_sweep_command_read(directory, &command, NULL))
        return false;
    bool good = make_config(config, found->config, command.overrides, command.count,
                            found->section);
    cr_sweep_command_finish(&command);
    return good;
}

static void compare_configs(const char *directory, const cr_store_sweep *found,
                            const cr_sweep_plan *plan, listing *l)
{
    cr_document then, now = {0};
    char *section = cr_json_print(cr_json_get(plan->document.root, "sweep"), false);
    if (cr_sweep_difference_read(directory, found, &then) && section &&
        make_config(&now, plan->document.text, plan->overrides, plan->override_count,
                    section))
        cr_config_difference_visit(then.root, now.root, NULL, take, l);
    cr_document_finish(&then);
    cr_document_finish(&now);
    cr_free(section);
}

bool cr_sweep_difference_refuse(const char *directory, const cr_text *what, cr_error *err)
{
    return cr_fail(err, CR_E_USAGE,
                   "%s: it holds another sweep: %s; chainrule sweep CONFIG -o DIR begins "
                   "one in another directory, and chainrule resume %s, without changes, "
                   "goes on with this one",
                   directory, what->data ? what->data : "?", directory);
}

/* Whether the plan is of another shard than what was found. */
static bool is_other_shard(const cr_store_sweep *found, const cr_sweep_plan *plan)
{
    return found->shard != plan->shard.index + 1 || found->shards != plan->shard.count;
}

bool cr_sweep_difference_is_outside(const char *directory, const cr_store_sweep *found,
                                    const cr_sweep_plan *plan, bool configs)
{
    listing l = {0};
    if (configs)
        compare_configs(directory, found, plan, &l);
    return l.outside > 0 || is_other_shard(found, plan);
}

void cr_sweep_difference_describe(const char *directory, const cr_store_sweep *found,
                                  const cr_sweep_plan *plan, cr_text *out)
{
    listing l = {.out = out};
    compare_configs(directory, found, plan, &l);
    if (l.count > MOST_NAMED)
        cr_text_add(out, ", and %zu more", l.count - MOST_NAMED);
    if (is_other_shard(found, plan))
        cr_text_add(out, "%sthe shard was %zu/%zu and is %zu/%zu", l.count++ ? ", " : "",
                    found->shard, found->shards, plan->shard.index + 1,
                    plan->shard.count);
    if (l.count == 0)
        cr_text_add(out, "%s", cr_sweep_difference_of_data);
}

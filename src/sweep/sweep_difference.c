#include "sweep/sweep_difference.h"

#include "base/memory.h"
#include "runs/config_difference.h"
#include "sweep/sweep_command.h"

#include <string.h>

enum { MOST_NAMED = 3 };

typedef struct listing {
    cr_text *out;
    size_t count;
} listing;

static void take(void *user, const char *path, const cr_json *then, const cr_json *now)
{
    listing *l = user;
    if (++l->count > MOST_NAMED)
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

static void compare_configs(const char *directory, const cr_store_sweep *found,
                            const cr_sweep_plan *plan, listing *l)
{
    cr_sweep_command command;
    cr_document then = {0}, now = {0};
    char *section = cr_json_print(cr_json_get(plan->document.root, "sweep"), false);
    if (section && cr_sweep_command_read(directory, &command, NULL)) {
        if (make_config(&then, found->config, command.overrides, command.count,
                        found->section) &&
            make_config(&now, plan->document.text, plan->overrides, plan->override_count,
                        section))
            cr_config_difference_visit(then.root, now.root, NULL, take, l);
        cr_sweep_command_finish(&command);
    }
    cr_document_finish(&then);
    cr_document_finish(&now);
    cr_free(section);
}

void cr_sweep_difference_describe(const char *directory, const cr_store_sweep *found,
                                  const cr_sweep_plan *plan, cr_text *out)
{
    listing l = {.out = out};
    size_t shard = plan->shard.index + 1, shards = plan->shard.count;
    compare_configs(directory, found, plan, &l);
    if (l.count > MOST_NAMED)
        cr_text_add(out, ", and %zu more", l.count - MOST_NAMED);
    if (found->shard != shard || found->shards != shards)
        cr_text_add(out, "%sthe shard was %zu/%zu and is %zu/%zu", l.count++ ? ", " : "",
                    found->shard, found->shards, shard, shards);
    if (l.count == 0)
        cr_text_add(out, "the content of its data was another");
}

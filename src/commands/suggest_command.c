/* Beside suggest.c, since it needs the table of commands, and they need that. */
#include "base/memory.h"
#include "commands/kind.h"
#include "commands/suggest.h"

#include <string.h>

enum { MOST_NAMES = 64 };

/* What other tools call our commands. */
static const char *find_command(const char *word)
{
    static const char *const others[][2] = {
        {"fit", "train"},         {"learn", "train"},     {"evaluate", "eval"},
        {"test", "eval"},         {"score", "eval"},      {"infer", "predict"},
        {"inference", "predict"}, {"apply", "predict"},   {"validate", "check"},
        {"lint", "check"},        {"continue", "resume"}, {"list", "runs"},
        {"ls", "runs"},           {"benchmark", "bench"}, {"search", "sweep"},
        {"tune", "sweep"},        {"graph", "trace"},     {"diagnose", "doctor"},
    };
    const char *names[MOST_NAMES];
    size_t count = cr_command_count < MOST_NAMES ? cr_command_count : MOST_NAMES;
    for (size_t i = 0; i < CR_COUNT(others); i++)
        if (strcmp(word, others[i][0]) == 0)
            return others[i][1];
    for (size_t i = 0; i < count; i++)
        names[i] = cr_commands[i]->name;
    return cr_text_nearest(word, names, count);
}

void cr_suggest_command(cr_text *out, const char *word)
{
    const char *near = find_command(word);
    if (cr_kind_of(word) == CR_KIND_CONFIG)
        cr_text_add(out, "; it is a config: chainrule train %s trains it;", word);
    else if (*word == '-')
        cr_text_add(out, "; options stand behind the command;");
    else if (near)
        cr_text_add(out, "; did you mean \"%s\"?", near);
}

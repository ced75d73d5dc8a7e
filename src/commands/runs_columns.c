#include "commands/runs_columns.h"

#include "data/source.h"

#include <string.h>

bool cr_runs_columns_of_sweeps(const cr_ranking *ranking)
{
    return ranking->list.expected > 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Whether the name says what it is of: what is in a list needs the list's name, and a type
 * that of its section. */
static bool is_telling(const char *path, const char *name)
{
    const bool in_list = name - path >= 2 && is_digit(name[-2]);
    return !in_list && strcmp(name, "type") != 0;
}

const char *cr_runs_columns_name(const cr_ranking *ranking, size_t parameter)
{
    const char *path = ranking->parameters[parameter].path;
    for (const char *end = path + strlen(path); end > path; end--) {
        if (end[-1] != '.' || is_digit(*end) ||
            (!cr_runs_columns_of_sweeps(ranking) && !is_telling(path, end)))
            continue;
        size_t length = strlen(end), others = 0;
        for (size_t i = 0; i < ranking->parameter_count; i++) {
            const char *other = ranking->parameters[i].path;
            size_t size = strlen(other);
            others += i != parameter && size >= length &&
                      strcmp(other + size - length, end) == 0;
        }
        if (others == 0)
            return end;
    }
    return path;
}

/* Whether the path is that of a table, or of a key that stands for a source of another
 * type. */
static bool is_of_data(const char *path)
{
    static const char train[] = "data.train";
    if (strncmp(path, train, strlen(train)) != 0)
        return false;
    const char *key = path + strlen(train);
    for (size_t i = 0; *key == '.' && i < cr_source_type_count; i++) {
        const cr_source_type *type = cr_source_types[i];
        size_t length = type->option_count > 0 ? strlen(type->options[0].key) : 0;
        if (length > 0 && strncmp(key + 1, type->options[0].key, length) == 0 &&
            (key[1 + length] == '\0' || key[1 + length] == '.'))
            return true;
    }
    return *key == '\0';
}

const char *cr_runs_columns_data(const cr_ranking *ranking,
                                 const cr_ranking_setting *setting)
{
    for (size_t i = 0;
         !cr_runs_columns_of_sweeps(ranking) && i < ranking->parameter_count; i++) {
        const char *value = setting->values[i];
        if (is_of_data(ranking->parameters[i].path) && value && *value == '"')
            return value;
    }
    return NULL;
}

bool cr_runs_columns_is_said(const cr_ranking *ranking, size_t parameter)
{
    const char *path = ranking->parameters[parameter].path;
    return strcmp(path, "training.epochs") == 0 || is_of_data(path);
}

bool cr_runs_columns_is_name(const cr_ranking *ranking, size_t parameter)
{
    static const char layers[] = "model.layers.";
    const char *path = ranking->parameters[parameter].path, *key = strrchr(path, '.');
    return strncmp(path, layers, strlen(layers)) == 0 && strcmp(key, ".name") == 0;
}

#include "commands/suggest.h"

#include "base/memory.h"
#include "commands/kind.h"
#include "config/synonyms.h"
#include "sweep/sweep_section.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { MOST_KEYS = 512, WORD = 80, PATH = 160, MOST_NAMES = 64 };

/* All keys of configs, as the reference has them: under headings that say where. */
typedef struct keys {
    char *reference; /* cut up */
    size_t count;
    const char *names[MOST_KEYS];    /* "epochs" */
    const char *sections[MOST_KEYS]; /* "training"; "" for the config itself */
} keys;

/* Where the keys below a heading stand; `group`: the heading above it. */
static const char *section_of(const char *group, const char *heading)
{
    bool types = strcmp(heading, "loss") != 0 && strcmp(heading, "model") != 0;
    if (strcmp(heading, "The file") == 0)
        return "";
    if (strcmp(group, "Layers") == 0 && types)
        return "model.layers.0";
    if (strcmp(group, "Losses") == 0)
        return "loss";
    if (strcmp(group, "Optimizers") == 0)
        return "optimizer";
    if (strcmp(group, "Learning rate schedules") == 0 &&
        strncmp(heading, "sweep", 5) != 0)
        return "learning_rate_schedule";
    return heading;
}

/* Where the reference is being read. */
typedef struct place {
    const char *group, *section; /* NULL: of no section that has keys */
    bool in_keys;                /* in a table of keys, and not another */
} place;

/* A heading that is one section has keys to override; "a, b" are several. */
static void take_line(keys *k, char *line, place *at)
{
    if (strncmp(line, "## ", 3) == 0)
        at->group = line + 3;
    else if (strncmp(line, "### ", 4) == 0)
        at->section = strchr(line, ',') ? NULL : section_of(at->group, line + 4);
    if (*line != '|' || strncmp(line, "| key ", 6) == 0)
        at->in_keys = *line == '|';
    char *end = strncmp(line, "| `", 3) == 0 ? strchr(line + 3, '`') : NULL;
    if (!end || !at->section || !at->in_keys || k->count == MOST_KEYS)
        return;
    *end = '\0';
    k->names[k->count] = line + 3;
    k->sections[k->count++] = at->section;
}

static void collect(keys *k)
{
    cr_text reference = {0};
    place at = {.group = ""};
    cr_experiment_sections_describe(&reference);
    cr_sweep_section_describe(&reference);
    *k = (keys){.reference = reference.data};
    for (char *line = k->reference; line && !reference.failed;) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        take_line(k, line, &at);
        line = end ? end + 1 : NULL;
    }
}

/* The path of a key to set it by. What is said of a whole section is said of the key that
 * matters most in it. */
static const char *path_of(const keys *k, size_t i, char out[PATH])
{
    static const char *const typed[] = {"loss", "optimizer", "learning_rate_schedule"};
    const char *section = k->sections[i], *name = k->names[i], *more = "";
    for (size_t t = 0; !*section && t < CR_COUNT(typed); t++)
        if (strcmp(name, typed[t]) == 0)
            more = ".type";
    if (!*section && strcmp(name, "data") == 0)
        more = ".train";
    snprintf(out, PATH, "%s%s%s%s", section, *section ? "." : "", name, more);
    return out;
}

/* Whether a single value can be given for it: a section without such a key takes none. */
static bool takes_value(const keys *k, size_t i)
{
    char path[PATH];
    if (*k->sections[i] || strchr(path_of(k, i, path), '.'))
        return true;
    for (size_t other = 0; other < k->count; other++)
        if (strncmp(k->sections[other], k->names[i], strlen(k->names[i])) == 0)
            return false;
    return true;
}

bool cr_suggest_is_key(const char *path)
{
    keys k;
    char own[PATH];
    bool found = false;
    collect(&k);
    for (size_t i = 0; i < k.count && !found; i++)
        found = strcmp(path_of(&k, i, own), path) == 0;
    cr_free(k.reference);
    return found;
}

bool cr_suggest_is_in_config(const char *override)
{
    keys k;
    size_t length = strcspn(override, ".=");
    bool found = false;
    collect(&k);
    for (size_t i = 0; i < k.count && !found; i++)
        found = !*k.sections[i] && strlen(k.names[i]) == length &&
                strncmp(k.names[i], override, length) == 0;
    cr_free(k.reference);
    return found;
}

/* The path of the key that goes by this word, or by its end ("training.epochs"): exactly,
 * or as other tools call it, or (where alike) spelt nearly so. */
static bool find_key(const char *word, bool alike, char out[PATH])
{
    keys k;
    collect(&k);
    size_t i = 0;
    while (i < k.count && strcmp(path_of(&k, i, out), word) != 0)
        i++;
    if (i == k.count) {
        const char *name = alike ? cr_text_nearest(word, k.names, k.count)
                                 : cr_synonyms_find(word, k.names, k.count);
        for (i = 0; name && i < k.count && strcmp(k.names[i], name) != 0;)
            i++;
        if (!name)
            i = k.count;
    }
    bool found = i < k.count && takes_value(&k, i);
    if (found)
        path_of(&k, i, out);
    cr_free(k.reference);
    return found;
}

static const char *find_flag(const cr_command *command, const char *word)
{
    const char *names[MOST_NAMES];
    size_t count = 0;
    for (; count < command->flag_count && count + 1 < MOST_NAMES; count++)
        names[count] = command->flags[count].long_name;
    names[count++] = "help";
    return cr_text_nearest(word, names, count);
}

/* "--batch-size=4" → "batch_size" */
static void read_word(const char *option, char word[WORD])
{
    size_t used = 0;
    option += strspn(option, "-");
    for (; *option && *option != '=' && used + 1 < WORD; option++)
        word[used++] = *option == '-' ? '_' : *option;
    word[used] = '\0';
}

static void add_override(cr_text *out, const char *path, const char *value)
{
    bool given = value && *value;
    cr_text_add(out, "; values of a config are given without dashes: %s=%s", path,
                given ? value : "VALUE");
}

void cr_suggest_option(cr_text *out, const cr_command *command, const char *option,
                       const char *value)
{
    char word[WORD], path[PATH];
    const char *equals = strchr(option, '=');
    read_word(option, word);
    if (strlen(word) < 2)
        return;
    bool takes = command->takes != CR_TAKES_ITEMS;
    const char *flag = find_flag(command, word);
    const char *note = cr_synonyms_note(word);
    const cr_home *home = cr_synonyms_home(word);
    if (takes && find_key(word, false, path))
        add_override(out, path, equals ? equals + 1 : value);
    else if (takes && home)
        cr_text_add(out, "; in a config, \"%s\" belongs into %s", home->key, home->place);
    else if (flag)
        cr_text_add(out, "; did you mean --%s?", flag);
    else if (takes && note)
        cr_text_add(out, "; %s", note);
    else if (takes && find_key(word, true, path))
        add_override(out, path, equals ? equals + 1 : value);
}

void cr_suggest_known(cr_text *out, const char *word, const char *const *names,
                      size_t count)
{
    const char *near = cr_text_nearest(word, names, count);
    if (near)
        cr_text_add(out, "; did you mean \"%s\"? known: ", near);
    else
        cr_text_add(out, "; known: ");
    for (size_t i = 0; i < count; i++)
        cr_text_add(out, "%s%s", i ? ", " : "", names[i]);
}

int cr_suggest_unknown(const cr_command *command, const char *what, const char *word,
                       const char *const *names, size_t count)
{
    cr_text known = {0};
    cr_suggest_known(&known, word, names, count);
    int status = cr_command_usage(command, "unknown %s \"%s\"%s", what, word,
                                  known.failed ? "" : known.data);
    cr_text_finish(&known);
    return status;
}

#include "data/warnings.h"

#include "base/memory.h"
#include "data/oddities.h"

#include <string.h>

bool cr_warnings_begin(cr_reading *reading, cr_sample *sample, const cr_opened *file,
                       cr_error *err)
{
    if (file->columns == 0)
        return true;
    reading->sample = sample;
    return cr_sample_init(sample, file->columns, CR_ODDITIES_ROWS, CR_ODDITIES_CELLS,
                          err);
}

cr_look_role cr_warnings_role(cr_column_kind kind)
{
    switch (kind) {
    case CR_COLUMN_GUESS:
        return CR_LOOK_INPUT;
    case CR_COLUMN_CLASS:
    case CR_COLUMN_TARGET:
        return CR_LOOK_TARGET;
    case CR_COLUMN_SKIP:
    case CR_COLUMN_WEIGHT:
        return CR_LOOK_LEFT_OUT;
    default:
        return CR_LOOK_SETTLED;
    }
}

/* The sentences as warnings; or, of those that can be why a cell was refused, as
 * errors. */
static void say(cr_reader *reader, const char *lines, bool as_errors)
{
    while (*lines) {
        int length = (int)strcspn(lines, "\n");
        if (as_errors)
            cr_reader_error(reader, "data", "%.*s", length, lines);
        else
            cr_reader_warn(reader, "data", "%.*s", length, lines);
        lines += length + (lines[length] == '\n');
    }
}

/* Whether a sentence about it is of use. Dates in ISO 8601 are seen while they are read.
 * When reading has failed, how cells are written can be why, unless the error said so. */
static bool is_wanted(const cr_look *look, const cr_oddity *oddity,
                      const cr_error *failed)
{
    char name[CR_ODDITY_NAME];
    cr_oddity_cure cure = oddity->kind->cure;
    bool writing = oddity->kind->about == CR_ODDITY_WRITING &&
                   (cure == CR_CURE_TYPES || cure == CR_CURE_IGNORE);
    if (strcmp(oddity->kind->name, "mixed dates") == 0)
        return true; /* an error names one of the ways only */
    if (strcmp(oddity->kind->name, "empty") == 0)
        return !failed || !strstr(failed->text, "has no value in any row");
    if (strcmp(oddity->kind->name, "dates") == 0 && strcmp(oddity->type, "\"date\"") == 0)
        return false;
    return !failed ||
           (writing && !strstr(failed->text, cr_oddity_name(look, oddity->column, name)));
}

static void keep_wanted(cr_oddities *oddities, const cr_error *failed)
{
    size_t kept = 0;
    for (size_t i = 0; i < oddities->count; i++)
        if (is_wanted(&oddities->look, &oddities->list[i], failed))
            oddities->list[kept++] = oddities->list[i];
    oddities->count = kept;
}

static bool look_at(cr_reader *reader, const cr_look *look, bool read, cr_text *odd)
{
    cr_oddities oddities;
    cr_text lines = {0};
    bool good = cr_oddities_find(&oddities, look, reader->err);
    if (good) {
        keep_wanted(&oddities, read ? NULL : reader->err);
        cr_oddities_say(&oddities, &lines);
        cr_oddities_list(&oddities, odd);
        say(reader, lines.data ? lines.data : "", !read);
    }
    good = good && !lines.failed && !odd->failed;
    cr_oddities_finish(&oddities);
    cr_text_finish(&lines);
    return good || cr_fail(reader->err, CR_E_MEMORY, "out of memory");
}

bool cr_warnings_end(cr_reader *reader, const cr_opened *file, const cr_reading *reading,
                     const cr_raw *raw, cr_text *odd)
{
    size_t columns = file->columns;
    const cr_sample *sample = reading->sample;
    if (!sample || sample->rows == 0)
        return true;
    cr_look look = {.sample = sample,
                    .names = reading->has_header ? file->first : NULL,
                    .how = reading->columns,
                    .columns = columns,
                    .target = columns,
                    .classify = reading->classify,
                    .delimiter = file->delimiter};
    cr_look_role *roles = cr_alloc(columns, sizeof *roles, reader->err);
    size_t *words = cr_alloc(columns, sizeof *words, reader->err);
    for (size_t i = 0; roles && words && i < columns; i++) {
        roles[i] = cr_warnings_role(reading->columns[i].kind);
        if (roles[i] == CR_LOOK_TARGET && reading->targets == 1)
            look.target = i;
    }
    for (size_t i = 0; words && raw && i < raw->input_count; i++)
        words[raw->inputs[i].position] = raw->inputs[i].words.names.count;
    look.roles = roles;
    look.words = words;
    bool good = roles && words && look_at(reader, &look, raw != NULL, odd);
    cr_free(roles);
    cr_free(words);
    return good;
}

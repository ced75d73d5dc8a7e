/* A config that trains well on a table as it is; bench/tables measures how well. */
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "config/json_layout.h"
#include "data/date.h"
#include "inspect/description.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FEW_INPUTS = 8 };

/* What the config has to suit. */
typedef struct task {
    const cr_description *d;
    size_t rows, inputs; /* of the network; of a date about eight */
    double classes;      /* 0: targets are numbers */
    bool wide;           /* hardly more rows than inputs: a linear model will do */
    bool in_time;        /* the rows stand in order of time */
} task;

static double count_different(const cr_description *d, size_t column)
{
    bool exact = false;
    return cr_distinct_count(&d->profile.list[column].different, &exact);
}

/* Whether the config leaves the column out: it would not help, or not later, or cannot be
 * read. */
static bool leaves_out(const cr_description *d, size_t column)
{
    const cr_oddity *odd = cr_oddities_of(&d->oddities, column);
    return d->roles[column] == CR_LOOK_LEFT_OUT ||
           (d->roles[column] != CR_LOOK_TARGET &&
            (d->columns[column].different < 2 ||
             (odd && (odd->kind->cure == CR_CURE_IGNORE ||
                      strcmp(odd->kind->name, "mixed dates") == 0))));
}

static size_t count_inputs(const cr_description *d)
{
    enum { DATE = 8 };
    size_t inputs = 0;
    for (size_t i = 0; i < d->profile.columns; i++) {
        const cr_oddity *odd = cr_oddities_of(&d->oddities, i);
        const cr_profile_column *column = &d->profile.list[i];
        bool of_words =
            column->words > column->numbers && (!odd || odd->kind->cure != CR_CURE_TYPES);
        if (d->roles[i] == CR_LOOK_TARGET || leaves_out(d, i))
            continue;
        inputs += of_words ? (size_t)count_different(d, i)
                  : strcmp(d->columns[i].kind, "date") == 0 ? DATE
                                                            : 1;
        inputs += column->missing > 0;
    }
    return inputs;
}

/* A column as an entry of a list: its name, or its number. */
static bool add_entry(const cr_description *d, size_t column, cr_json *list)
{
    char entry[CR_ODDITY_ENTRY];
    return cr_json_set_text(list, NULL,
                            cr_oddity_entry(&d->oddities.look, column, entry));
}

/* The list data.<key>, which may be one entry alone, to add to; a new one where there is
 * none. NULL when out of memory. */
static cr_json *edit_list(cr_json *data, const char *key)
{
    const cr_json *given = cr_json_get(data, key);
    if (!given || cr_json_is(given, CR_JSON_ARRAY))
        return given ? cr_json_edit(data, key) : cr_json_add(data, key, CR_JSON_ARRAY);
    cr_text list = {0};
    char *entry = cr_json_print(given, false);
    cr_text_add(&list, "[%s]", entry ? entry : "");
    bool good = entry && !list.failed && cr_json_set_text(data, key, list.data);
    cr_free(entry);
    cr_text_finish(&list);
    return good ? cr_json_edit(data, key) : NULL;
}

/* Adds the columns to the list data.<key>, when there are any. */
static bool add_list(const cr_description *d, cr_json *data, const char *key,
                     bool (*belongs)(const cr_description *, size_t))
{
    cr_json *list = NULL;
    bool good = true;
    for (size_t i = 0; good && i < d->profile.columns; i++) {
        if (!belongs(d, i))
            continue;
        list = list ? list : edit_list(data, key);
        good = list && add_entry(d, i, list);
    }
    return good;
}

static bool is_code(const cr_description *d, size_t column)
{
    const cr_oddity *odd = cr_oddities_of(&d->oddities, column);
    return odd && odd->kind->cure == CR_CURE_CATEGORICAL && !leaves_out(d, column);
}

/* Whether the sampled dates never go back; *hours: they have times of day. `format`: as
 * for cr_date_parse. */
static bool is_in_order(const cr_description *d, size_t column, const char *format,
                        bool *hours)
{
    enum { FEWEST = 50 };
    const cr_sample *sample = &d->profile.sample;
    double last = -INFINITY, seconds = 0;
    bool rises = sample->rows >= FEWEST;
    for (size_t row = 0; rises && row < sample->rows; row++) {
        const char *cell = cr_sample_cell(sample, row, column);
        rises = cr_date_parse(format, cell, strlen(cell), &seconds) && seconds >= last;
        *hours |= fmod(seconds, 86400) != 0;
        last = seconds;
    }
    return rises;
}

/* Months, weekdays and hours as points on a circle, which suits networks. Where the rows
 * stand in order of time, those to be predicted lie behind them: then neither the year
 * nor the time itself, of which nothing is known there. */
static bool complete_date(task *t, size_t column, cr_json *types, const char *key)
{
    cr_json *type = cr_json_edit(types, key);
    bool is_date =
        cr_json_is(type, CR_JSON_STRING) && strcmp(cr_json_string(type), "date") == 0;
    if (is_date && !cr_json_set_text(types, key, "{\"type\": \"date\"}"))
        return false;
    type = cr_json_edit(types, key);
    const char *name = cr_json_get_string(type, "type");
    if (!name || strcmp(name, "date") != 0)
        return true;
    bool hours = false;
    if (is_in_order(t->d, column, cr_json_get_string(type, "format"), &hours)) {
        t->in_time = true;
        if (!cr_json_set_text(type, "parts",
                              hours ? "[\"month\", \"weekday\", \"hour\"]"
                                    : "[\"month\", \"weekday\"]"))
            return false;
    }
    return cr_json_set_bool(type, "cyclic", true);
}

static bool add_types(task *t, cr_json *data)
{
    const cr_description *d = t->d;
    cr_json *types = NULL;
    bool good = true;
    for (size_t i = 0; good && i < d->profile.columns; i++) {
        const cr_oddity *odd = cr_oddities_of(&d->oddities, i);
        char entry[CR_ODDITY_ENTRY], number[24];
        if (!odd || odd->kind->cure != CR_CURE_TYPES || leaves_out(d, i))
            continue;
        types = types ? types : cr_json_edit(data, "types");
        types = types ? types : cr_json_add(data, "types", CR_JSON_OBJECT);
        cr_oddity_entry(&d->oddities.look, i, entry);
        snprintf(number, sizeof number, "%zu", i);
        const char *key = entry[0] == '"' ? d->columns[i].name : number;
        good = types && cr_json_set_text(types, key, odd->type) &&
               complete_date(t, i, types, key);
    }
    return good;
}

static bool has_gaps(const cr_description *d)
{
    for (size_t i = 0; i < d->profile.columns; i++)
        if (d->profile.list[i].missing > 0 && !leaves_out(d, i))
            return true;
    return false;
}

/* Adds a text to the list unless it is there. */
static bool add_once(cr_json *list, const char *text)
{
    for (const cr_json *item = cr_json_first(list); item; item = cr_json_next(item))
        if (cr_json_is(item, CR_JSON_STRING) && strcmp(cr_json_string(item), text) == 0)
            return true;
    return cr_json_set_string(list, NULL, text);
}

/* What stands in the column, of numbers or dates for the most part, in place of a missing
 * value: words, and a number far from all others. */
static bool add_gaps_of(const cr_description *d, size_t column, cr_json *list)
{
    const cr_oddity *odd = cr_oddities_next(&d->oddities, column, NULL), *one = odd;
    const cr_tally *t = &d->oddities.tallies[column];
    bool good = true;
    if (!odd || leaves_out(d, column))
        return true;
    for (; good && one; one = cr_oddities_next(&d->oddities, column, one))
        if (strcmp(one->kind->name, "stands for a gap") == 0) {
            char text[CR_ODDITY_TYPE];
            snprintf(text, sizeof text, "%.*s", (int)strlen(one->type) - 2,
                     one->type + 1);
            good = add_once(list, text);
        }
    bool words = odd->kind->cure == CR_CURE_TYPES ||
                 strcmp(odd->kind->name, "words among numbers") == 0;
    for (size_t i = 0; good && words && t->kinds[CR_FORM_WORD] > 0 && i < t->rows; i++) {
        cr_form form;
        cr_oddity_form(&d->oddities.look, column, i, &form);
        if (form.kind == CR_FORM_WORD)
            good = add_once(list, cr_sample_cell(&d->profile.sample, i, column));
    }
    return good;
}

static bool add_gaps(const cr_description *d, cr_json *data)
{
    cr_json *list = edit_list(data, "missing_values");
    bool good = list != NULL;
    for (size_t i = 0; good && i < d->profile.columns; i++)
        good = add_gaps_of(d, i, list);
    bool found = list && cr_json_count(list) > 0;
    if (list && !found)
        cr_json_remove(data, "missing_values");
    return good && (!(found || has_gaps(d)) || cr_json_get(data, "missing") ||
                    cr_json_set_string(data, "missing", "indicator"));
}

/* How long and in what batches, by the rows of the table. */
typedef struct length {
    size_t rows; /* fewer than these; 0: however many */
    int epochs, batch_size;
    int patience; /* 0: all epochs */
    double validation, l2;
} length;

static const length lengths[] = {
    {1000, 150, 32, 0, 0.1, 0.005}, /* too few rows to choose an epoch; for many inputs */
    {2000, 300, 32, 40, 0.2, 0.0003},  {10000, 150, 64, 25, 0.2, 0.0003},
    {50000, 60, 128, 15, 0.2, 0.0003}, {0, 20, 256, 8, 0.2, 0.0003},
};

static const length *length_of(const task *t)
{
    size_t k = t->inputs < FEW_INPUTS;
    while (lengths[k].rows > 0 && t->rows >= lengths[k].rows)
        k++;
    return &lengths[k];
}

/* The document's "data", completed. */
static bool complete_data(task *t, cr_json *data, const char *path)
{
    char validation[60];
    const cr_description *d = t->d;
    bool given = cr_json_get(data, "columns") != NULL;
    if (!given) /* those that it lists are left out, too */
        cr_json_remove(data, "ignore");
    bool good = cr_json_set_string(data, "train", path);
    cr_json_remove(data, "target"); /* to stand behind the path */
    char entry[CR_ODDITY_ENTRY];
    good = good && cr_json_set_text(data, "target",
                                    cr_oddity_entry(&d->oddities.look, d->target, entry));
    good = good && (given || add_list(d, data, "ignore", leaves_out)) &&
           add_list(d, data, "categorical", is_code) && add_types(t, data) &&
           add_gaps(d, data);
    snprintf(validation, sizeof validation, "{\"%s\": %g}",
             t->in_time ? "last" : "fraction", length_of(t)->validation);
    return good &&
           (cr_json_get(data, "validation") ||
            cr_json_set_text(data, "validation", validation)) &&
           cr_json_set_string(data, "normalize", "standardize") &&
           (t->classes > 0 ||
            cr_json_set_string(data, "normalize_target", "standardize"));
}

static bool add_layers(const task *t, cr_json *root)
{
    char text[300];
    const char *last = "{\"type\": \"linear\"}";
    if (t->wide)
        snprintf(text, sizeof text,
                 "{\"layers\": [{\"type\": \"linear\", \"init\": \"zeros\"}]}");
    else
        snprintf(text, sizeof text,
                 "{\"layers\": [{\"type\": \"linear\", \"units\": %d}, {\"type\": "
                 "\"relu\"}, {\"type\": \"dropout\", \"rate\": %g}, %s]}",
                 t->inputs < FEW_INPUTS ? 64 : 128, t->inputs < FEW_INPUTS ? 0.2 : 0.3,
                 last);
    return cr_json_set_text(root, "model", text);
}

static bool add_training(const task *t, cr_json *root)
{
    char text[200];
    const length *how = length_of(t);
    bool good = cr_json_set_text(root, "loss",
                                 t->classes == 0   ? "{\"type\": \"l2\"}"
                                 : t->classes == 2 ? "{\"type\": \"logistic\"}"
                                                   : "{\"type\": \"softmax\"}");
    snprintf(text, sizeof text, "{\"l2\": %g}", how->l2);
    good = good && cr_json_set_text(root, "regularization",
                                    t->wide ? "{\"l2\": 0.1, \"l1\": 0.03}" : text);
    snprintf(text, sizeof text, "{\"type\": \"adam\", \"learning_rate\": %g}",
             t->wide ? 0.001 : 0.005);
    good = good && cr_json_set_text(root, "optimizer", text) &&
           cr_json_set_text(root, "learning_rate_schedule", "{\"type\": \"cosine\"}");
    snprintf(text, sizeof text, "{\"patience\": %d}", how->patience);
    good = good && (how->patience == 0 || cr_json_set_text(root, "early_stopping", text));
    snprintf(text, sizeof text, "{\"epochs\": %d, \"batch_size\": %d}",
             t->wide ? 2 * how->epochs : how->epochs, how->batch_size);
    return good && cr_json_set_text(root, "training", text);
}

char *cr_describe_config(const cr_description *d, const char *directory, cr_error *err)
{
    task t = {.d = d, .rows = d->profile.rows, .inputs = count_inputs(d)};
    if (d->target == d->profile.columns) {
        cr_fail(err, CR_E_CONFIG, "a config is made for one target only");
        return NULL;
    }
    t.classes = d->classify ? count_different(d, d->target) : 0;
    t.wide = 2 * t.inputs > t.rows;
    char *path = cr_path_relative(d->file.source->path, directory, err);
    cr_json *root = cr_json_new(CR_JSON_OBJECT);
    bool good = path && d->given && root && cr_json_set_number(root, "seed", 1) &&
                cr_json_set_text(root, "data", d->given) &&
                complete_data(&t, cr_json_edit(root, "data"), path) &&
                add_layers(&t, root) && add_training(&t, root);
    char *text = good ? cr_json_layout_print(root) : NULL;
    if (!text)
        cr_fail(err, CR_E_MEMORY, "out of memory");
    cr_free(path);
    cr_json_free(root);
    return text;
}

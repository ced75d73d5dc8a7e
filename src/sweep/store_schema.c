#include "sweep/store_schema.h"

#include "base/memory.h"

#include <string.h>

#define SWEEP(member) offsetof(cr_store_sweep, member)
#define ROW(member) offsetof(cr_store_row, member)
#define EPOCH(member) offsetof(cr_store_epoch, member)
#define RUNG(member) offsetof(cr_store_rung, member)
#define SETTING(member) offsetof(cr_store_setting, member)
#define EVENT(member) offsetof(cr_store_event, member)
#define MOVE(member) offsetof(cr_store_move, member)

static const cr_store_column sweep_columns[] = {
    {"id", "INTEGER PRIMARY KEY CHECK (id = 1)", CR_STORE_COUNT, SWEEP(id), 0},
    {"name", "TEXT NOT NULL", CR_STORE_TEXT, SWEEP(name), CR_STORE_READ},
    {"config", "TEXT NOT NULL", CR_STORE_TEXT, SWEEP(config), CR_STORE_READ},
    {"sweep", "TEXT NOT NULL", CR_STORE_TEXT, SWEEP(section), CR_STORE_READ},
    {"identity", "TEXT NOT NULL", CR_STORE_TEXT, SWEEP(identity), CR_STORE_READ},
    {"metric", "TEXT NOT NULL", CR_STORE_TEXT, SWEEP(metric), CR_STORE_READ},
    {"goal", "TEXT NOT NULL", CR_STORE_TEXT, SWEEP(goal), CR_STORE_READ},
    {"settings", "INTEGER NOT NULL", CR_STORE_COUNT, SWEEP(settings), CR_STORE_READ},
    {"repeats", "INTEGER NOT NULL", CR_STORE_COUNT, SWEEP(repeats), CR_STORE_READ},
    {"folds", "INTEGER NOT NULL", CR_STORE_COUNT, SWEEP(folds), CR_STORE_READ},
    {"trials", "INTEGER NOT NULL", CR_STORE_COUNT, SWEEP(trials), CR_STORE_READ},
    {"shard", "INTEGER NOT NULL", CR_STORE_COUNT, SWEEP(shard), CR_STORE_READ},
    {"shards", "INTEGER NOT NULL", CR_STORE_COUNT, SWEEP(shards), CR_STORE_READ},
    {"version", "TEXT NOT NULL", CR_STORE_TEXT, SWEEP(version), CR_STORE_READ},
    {"kernel", "TEXT NOT NULL", CR_STORE_TEXT, SWEEP(kernel), CR_STORE_READ},
    {"created", "TEXT NOT NULL", CR_STORE_TEXT, SWEEP(created), CR_STORE_READ},
};

enum { READ = CR_STORE_READ, VIEW = CR_STORE_IN_VIEW, BOTH = READ | VIEW };

/* Loss, accuracy and rmse of a part. */
#define FIGURES(part, place, uses)                                                       \
    {part "_loss", "REAL", CR_STORE_NUMBER, place(loss), uses},                          \
        {part "_accuracy", "REAL", CR_STORE_NUMBER, place(accuracy), uses},              \
    {                                                                                    \
        part "_rmse", "REAL", CR_STORE_NUMBER, place(rmse), uses                         \
    }
#define ROW_TRAIN(member) ROW(parts[CR_PART_TRAIN].member)
#define ROW_VALIDATION(member) ROW(parts[CR_PART_VALIDATION].member)
#define ROW_TEST(member) ROW(parts[CR_PART_TEST].member)
#define EPOCH_TRAIN(member) EPOCH(train.member)
#define EPOCH_VALIDATION(member) EPOCH(validation.member)

static const cr_store_column trial_columns[] = {
    {"trial", "INTEGER PRIMARY KEY", CR_STORE_COUNT, ROW(trial), BOTH},
    {"setting", "INTEGER NOT NULL", CR_STORE_COUNT, ROW(setting), BOTH},
    {"repeat", "INTEGER NOT NULL", CR_STORE_COUNT, ROW(repeat), BOTH},
    {"fold", "INTEGER NOT NULL", CR_STORE_COUNT, ROW(fold), BOTH},
    {"seed", "INTEGER NOT NULL", CR_STORE_INTEGER, ROW(seed), BOTH},
    {"hash", "TEXT NOT NULL", CR_STORE_TEXT, ROW(hash), READ},
    {"parameters", "TEXT NOT NULL", CR_STORE_TEXT, ROW(parameters), READ},
    {"config", "TEXT NOT NULL", CR_STORE_TEXT, ROW(config), 0},
    {"status", "TEXT NOT NULL", CR_STORE_STATUS, ROW(status), BOTH},
    {"error", "TEXT", CR_STORE_OPTIONAL_TEXT, ROW(error), READ},
    {"value", "REAL", CR_STORE_NUMBER, ROW(value), BOTH},
    {"epochs", "INTEGER", CR_STORE_COUNT, ROW(epochs), BOTH},
    {"steps", "INTEGER", CR_STORE_COUNT, ROW(steps), 0},
    {"time_s", "REAL", CR_STORE_NUMBER, ROW(seconds), BOTH},
    {"parameter_count", "INTEGER", CR_STORE_COUNT, ROW(parameter_count), READ},
    FIGURES("train", ROW_TRAIN, VIEW),
    FIGURES("validation", ROW_VALIDATION, VIEW),
    FIGURES("test", ROW_TEST, VIEW),
    {"regularization_loss", "REAL", CR_STORE_NUMBER, ROW(regularization_loss), 0},
    {"ended_s", "REAL", CR_STORE_NUMBER, ROW(ended), READ | CR_STORE_LATER},
};

static const cr_store_column metric_columns[] = {
    {"trial", "INTEGER NOT NULL", CR_STORE_COUNT, EPOCH(trial), READ},
    {"epoch", "INTEGER NOT NULL", CR_STORE_COUNT, EPOCH(epoch), READ},
    {"step", "INTEGER", CR_STORE_COUNT, EPOCH(step), READ},
    {"time_s", "REAL", CR_STORE_NUMBER, EPOCH(seconds), READ},
    {"learning_rate", "REAL", CR_STORE_NUMBER, EPOCH(learning_rate), READ},
    FIGURES("train", EPOCH_TRAIN, READ),
    FIGURES("validation", EPOCH_VALIDATION, READ),
    {"regularization_loss", "REAL", CR_STORE_NUMBER, EPOCH(regularization_loss), READ},
    {"parameters_crc32", "TEXT", CR_STORE_TEXT, EPOCH(parameters_crc32), READ},
};

static const cr_store_column rung_columns[] = {
    {"trial", "INTEGER NOT NULL", CR_STORE_COUNT, RUNG(trial), READ},
    {"rung", "INTEGER NOT NULL", CR_STORE_COUNT, RUNG(rung), READ},
    {"epochs", "INTEGER", CR_STORE_COUNT, RUNG(epochs), READ},
    {"value", "REAL", CR_STORE_NUMBER, RUNG(value), READ},
};

static const cr_store_column setting_columns[] = {
    {"setting", "INTEGER PRIMARY KEY", CR_STORE_COUNT, SETTING(setting), READ},
    {"parameters", "TEXT NOT NULL", CR_STORE_TEXT, SETTING(parameters), READ},
};

static const cr_store_column move_columns[] = {
    {"trial", "INTEGER PRIMARY KEY", CR_STORE_COUNT, MOVE(trial), READ},
    {"becomes", "INTEGER NOT NULL", CR_STORE_COUNT, MOVE(becomes), READ},
    {"setting", "INTEGER NOT NULL", CR_STORE_COUNT, MOVE(setting), READ},
    {"parameters", "TEXT NOT NULL", CR_STORE_TEXT, MOVE(parameters), READ},
};

static const cr_store_column event_columns[] = {
    {"number", "INTEGER PRIMARY KEY", CR_STORE_COUNT, EVENT(number), READ},
    {"event", "TEXT NOT NULL", CR_STORE_TEXT, EVENT(event), READ},
    {"trial", "INTEGER NOT NULL", CR_STORE_COUNT, EVENT(trial), READ},
    {"rung", "INTEGER NOT NULL", CR_STORE_INTEGER, EVENT(rung), READ},
    {"value", "REAL", CR_STORE_NUMBER, EVENT(value), READ},
};

const cr_store_table cr_store_tables[CR_STORE_TABLES] = {
    [CR_STORE_SWEEP] = {.name = "sweep",
                        .columns = sweep_columns,
                        .column_count = CR_COUNT(sweep_columns),
                        .end = ")"},
    [CR_STORE_TRIALS] =
        {.name = "trials",
         .columns = trial_columns,
         .column_count = CR_COUNT(trial_columns),
         .end = ")",
         .order = "trial",
         .index = "CREATE INDEX IF NOT EXISTS trials_by_setting ON trials(setting);"},
    [CR_STORE_METRICS] = {.name = "metrics",
                          .columns = metric_columns,
                          .column_count = CR_COUNT(metric_columns),
                          .end = ", PRIMARY KEY (trial, epoch)) WITHOUT ROWID",
                          .order = "trial, epoch"},
    [CR_STORE_RUNGS] = {.name = "rungs",
                        .columns = rung_columns,
                        .column_count = CR_COUNT(rung_columns),
                        .end = ", PRIMARY KEY (trial, rung)) WITHOUT ROWID",
                        .order = "trial, rung"},
    [CR_STORE_SETTINGS] = {.name = "settings",
                           .columns = setting_columns,
                           .column_count = CR_COUNT(setting_columns),
                           .end = ")",
                           .order = "setting"},
    [CR_STORE_MOVES] = {.name = "moves",
                        .columns = move_columns,
                        .column_count = CR_COUNT(move_columns),
                        .end = ")",
                        .order = "trial"},
    [CR_STORE_HISTORY] = {.name = "history",
                          .columns = event_columns,
                          .column_count = CR_COUNT(event_columns),
                          .end = ")",
                          .order = "number"},
};

void cr_store_schema_create(const cr_store_table *table, cr_text *out)
{
    cr_text_add(out, "CREATE TABLE IF NOT EXISTS %s(", table->name);
    for (size_t i = 0; i < table->column_count; i++)
        cr_text_add(out, "%s%s %s", i ? ", " : "", table->columns[i].name,
                    table->columns[i].declaration);
    cr_text_add(out, "%s;%s", table->end, table->index ? table->index : "");
}

void cr_store_schema_insert(const cr_store_table *table, cr_text *out)
{
    cr_text_add(out, "INSERT OR REPLACE INTO %s VALUES(", table->name);
    for (size_t i = 0; i < table->column_count; i++)
        cr_text_add(out, i ? ",?" : "?");
    cr_text_add(out, ")");
}

void cr_store_schema_alter(const cr_store_table *table, cr_text *out)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].uses & CR_STORE_LATER)
            cr_text_add(out, "ALTER TABLE %s ADD COLUMN %s %s;", table->name,
                        table->columns[i].name, table->columns[i].declaration);
}

void cr_store_schema_select(const cr_store_table *table, const char *value_column,
                            bool lacks, cr_text *out)
{
    size_t count = 0;
    cr_text_add(out, "SELECT");
    for (size_t i = 0; i < table->column_count; i++) {
        const cr_store_column *column = &table->columns[i];
        bool is_value = table == &cr_store_tables[CR_STORE_TRIALS] &&
                        strcmp(column->name, "value") == 0;
        if (lacks && (column->uses & CR_STORE_LATER))
            cr_text_add(out, "%s NULL", count++ ? "," : "");
        else if (column->uses & CR_STORE_READ)
            cr_text_add(out, "%s \"%s\"", count++ ? "," : "",
                        is_value ? value_column : column->name);
    }
    cr_text_add(out, " FROM %s", table->name);
    if (table->order)
        cr_text_add(out, " ORDER BY %s", table->order);
}

void cr_store_schema_view(const cr_sweep_section *section, cr_text *out)
{
    const cr_store_table *trials = &cr_store_tables[CR_STORE_TRIALS];
    cr_text_add(out, "DROP VIEW IF EXISTS results;CREATE VIEW results AS SELECT");
    for (size_t i = 0, count = 0; i < trials->column_count; i++) {
        const cr_store_column *column = &trials->columns[i];
        if (column->uses & CR_STORE_IN_VIEW)
            cr_text_add(out, "%s %s", count++ ? "," : "", column->name);
        if (strcmp(column->name, "parameters") != 0)
            continue;
        for (size_t k = 0; k < section->parameter_count; k++) {
            const char *path = section->parameters[k].path;
            if (!strpbrk(path, "'\"")) /* no path of a config has those */
                cr_text_add(out, ", parameters ->> '$.\"%s\"' AS \"%s\"", path, path);
        }
    }
    cr_text_add(out, " FROM trials");
}

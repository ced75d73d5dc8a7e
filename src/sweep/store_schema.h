/*
 * The tables of sweep.db, a column a row: from these rows come the SQL that makes, fills
 * and reads the tables, and the places in the records that the columns' values have.
 */
#ifndef CHAINRULE_SWEEP_STORE_SCHEMA_H
#define CHAINRULE_SWEEP_STORE_SCHEMA_H

#include "base/text.h"
#include "sweep/sweep_section.h"
#include "sweep/trial.h"

/* What a column's place in a record holds. */
typedef enum cr_store_kind {
    CR_STORE_COUNT,         /* size_t */
    CR_STORE_INTEGER,       /* int64_t */
    CR_STORE_NUMBER,        /* double; NaN or infinite: NULL in the database */
    CR_STORE_TEXT,          /* const char *, never NULL */
    CR_STORE_OPTIONAL_TEXT, /* const char *, never NULL; "" is NULL in the database */
    CR_STORE_STATUS,        /* cr_trial_status; its name in the database */
} cr_store_kind;

typedef enum cr_store_use {
    CR_STORE_READ = 1,    /* the column is read into records; others are only written */
    CR_STORE_IN_VIEW = 2, /* the view `results` has it */
    CR_STORE_LATER = 4,   /* databases of older programs lack it */
} cr_store_use;

typedef struct cr_store_column {
    const char *name, *declaration; /* such as "INTEGER NOT NULL" */
    cr_store_kind kind;
    size_t offset; /* of its place in the table's record, bytes */
    unsigned uses; /* bits of cr_store_use */
} cr_store_column;

typedef struct cr_store_table {
    const char *name;
    const cr_store_column *columns; /* [column_count], in the database's order */
    size_t column_count;
    const char *end;   /* of CREATE TABLE: constraints and the closing parenthesis */
    const char *order; /* by which rows are read; NULL: there is one row */
    const char *index; /* a statement that makes one; NULL: none */
} cr_store_table;

enum {
    CR_STORE_SWEEP,
    CR_STORE_TRIALS,
    CR_STORE_METRICS,
    CR_STORE_RUNGS,
    CR_STORE_SETTINGS,
    CR_STORE_MOVES,
    CR_STORE_HISTORY,
    CR_STORE_TABLES
};
extern const cr_store_table cr_store_tables[CR_STORE_TABLES];

/* The one row of `sweep`. */
typedef struct cr_store_sweep {
    size_t id; /* 1 */
    const char *name;
    const char *config;   /* as it was read */
    const char *section;  /* its sweep section, JSON */
    const char *identity; /* of everything that says which trials there are */
    const char *metric, *goal;
    size_t settings, repeats, folds;
    size_t trials;        /* that are to be run in this directory */
    size_t shard, shards; /* shard from 1 */
    const char *version, *kernel, *created;
} cr_store_sweep;

/* Figures of a part; NaN for each that does not exist. */
typedef struct cr_store_figures {
    double loss, accuracy, rmse;
} cr_store_figures;

/* A row of `trials`. When it was read, places without CR_STORE_READ are zeros, and texts
 * belong to the store until the next row. */
typedef struct cr_store_row {
    size_t trial, setting, repeat, fold;
    int64_t seed;
    const char *hash;       /* of resolved config, data and seed */
    const char *parameters; /* JSON */
    const char *config;     /* resolved, JSON */
    cr_trial_status status;
    const char *error; /* "" without one */
    double value;      /* of the metric; NaN without one */
    size_t epochs, steps;
    double seconds;
    size_t parameter_count;
    cr_store_figures parts[CR_PARTS];
    double regularization_loss;
    double ended; /* seconds since 1970 when it was written; NaN: not known */
} cr_store_row;

/* A row of `metrics`: an epoch of a trial. */
typedef struct cr_store_epoch {
    size_t trial, epoch, step;
    double seconds, learning_rate;
    cr_store_figures train, validation;
    double regularization_loss;
    const char *parameters_crc32;
} cr_store_epoch;

/* A row of `rungs`: a trial's value after a rung of successive halving. */
typedef struct cr_store_rung {
    size_t trial, rung, epochs;
    double value; /* NaN: the trial has none, since it diverged */
} cr_store_rung;

/* A row of `settings`, which has those whose values do not follow from the section. */
typedef struct cr_store_setting {
    size_t setting;
    const char *parameters; /* JSON */
} cr_store_setting;

/* A row of `moves`: what a trial that has ended is in a sweep that has grown. Those that
 * stay in the table have another number, and their runs are still to be moved. */
typedef struct cr_store_move {
    size_t trial, becomes, setting;
    const char *parameters; /* JSON */
} cr_store_move;

/* A row of `history`: a trial began, or its result came. */
typedef struct cr_store_event {
    size_t number;     /* from 0, in their order */
    const char *event; /* "begin" or "end" */
    size_t trial;
    int64_t rung; /* -1 without */
    double value; /* of the end; NaN: the trial has none */
} cr_store_event;

/* The statements, appended to out: CREATE TABLE and the index; INSERT with a parameter a
 * column; SELECT of the columns that are read, in their order. value_column: the column
 * of `trials` that is read as `value`; lacks: those with CR_STORE_LATER are not there, and
 * are read as NULL. */
void cr_store_schema_create(const cr_store_table *table, cr_text *out);
void cr_store_schema_insert(const cr_store_table *table, cr_text *out);
void cr_store_schema_select(const cr_store_table *table, const char *value_column,
                            bool lacks, cr_text *out);

/* ALTER TABLE that adds columns with CR_STORE_LATER; adds nothing where there are none. */
void cr_store_schema_alter(const cr_store_table *table, cr_text *out);

/* DROP VIEW and CREATE VIEW results: trials with a column for each parameter. */
void cr_store_schema_view(const cr_sweep_section *section, cr_text *out);

#endif

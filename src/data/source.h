/*
 * Sources of data: a type is one file under sources/ and one row in the table.
 *
 * A source only reads what stands in its files (raw.h). What a network makes of it is
 * learned from the training part (learn.h, normalize.h), and then applied to every part
 * (dataset.h).
 */
#ifndef CHAINRULE_DATA_SOURCE_H
#define CHAINRULE_DATA_SOURCE_H

#include "config/options.h"
#include "data/csv.h"
#include "data/encoding.h"
#include "data/sample.h"
#include "data/table_format.h"

#include <chainrule/train.h>

/* The most bytes of a table's text that are read where the config does not say. */
#define CR_SOURCE_MAX_BYTES ((size_t)4 << 30)

extern const char *const cr_part_names[CR_PARTS]; /* "train", "validation", "test" */

/* Where a part of the data stands. Paths are as seen from the current directory, and
 * belong to the config's tree or to the caller. */
typedef struct cr_source {
    const struct cr_source_type *type; /* NULL: there is no such part */
    const char *path;                  /* of a table, or of the inputs */
    const cr_json *paths; /* a list of all, where there are several; NULL: path alone */
    const char *targets; /* of targets that have a file of their own; NULL: there are none
                            in one, or they are not wanted */
    const cr_arrays *arrays; /* of data in memory, borrowed; NULL: there are none */
    size_t max_bytes;        /* of a table's text, or of pictures */
    bool spills; /* what is large of a table lies in files, and not in memory */
    int header;  /* whether a table begins with a line of names: 1 yes, 0 no, -1 guess */
    cr_table_format format; /* of a table */

    /* Of pictures: */
    const cr_json *size;      /* [height, width] that the config says; NULL: nothing */
    size_t height, width;     /* the same; 0: as they are */
    int64_t channels;         /* 1 or 3; 0: as they are */
    bool is_named;            /* outside a config */
    bool resize;              /* those of another size than the training's are made to
                                 fit */
    const char *const *files; /* outside a config: [file_count] pictures in place of a
                                 folder, or NULL */
    size_t file_count;
} cr_source;

/* A source that is open: what is known of it before its values are read. */
typedef struct cr_opened {
    const cr_source *source; /* borrowed */
    void *content;           /* the type's own */
    size_t columns;          /* that a config can name; 0: it has none */
    size_t targets;          /* of an example, of a source without columns; 0: one */
    const cr_names *first;   /* [columns] the cells of the first row; the type's own */
    bool has_header;         /* whether they are names, as far as can be told from the
                                rows below them */
    char delimiter;          /* of a table's cells */
    size_t kept_line;        /* the header line that skip_rows would skip; 0: none */
    bool empty_last;         /* every cell of the last column is empty, its name too */
} cr_opened;

/* Somebody who is shown the cells of a table while it is read: its columns first (names
 * is NULL where it has no header; a source without columns has 0), and then every row
 * that becomes an example, in their order. False (with err filled) ends the reading. */
typedef struct cr_row_watch {
    void *user;
    bool (*on_columns)(void *user, const cr_names *names, size_t columns, cr_error *err);
    cr_csv_on_row on_row;
} cr_row_watch;

/* What is to be read of an open source (reading.h fills it). */
typedef struct cr_reading {
    cr_column *columns; /* [opened->columns]; NULL for a source without columns */
    size_t inputs;      /* columns that are inputs, and lags */
    size_t targets;     /* targets of an example; 0: they are not wanted */
    bool classify;      /* the target is a class; else targets are numbers */
    bool has_header;    /* the first row is one of names */
    bool has_groups;    /* the rows' groups are wanted, by the column `group` */
    size_t group;
    cr_column group_as;       /* what stands for a gap there */
    cr_lags lags;             /* the last inputs; owned */
    cr_lag_cells *lag_cells;  /* [lags.column_count] their columns; owned */
    bool answers;             /* every row is to be predicted, and none left out */
    const cr_encoding *known; /* that is applied; borrowed; NULL: one is to be learned */
    bool without_targets;     /* rows without a target are left out, whatever `missing` */
    cr_missing missing;
    cr_sample *sample; /* gets the rows of data too; borrowed; NULL: nobody looks at
                          them */
    const cr_row_watch *watch; /* borrowed; NULL: nobody */

    /* What the columns borrow that are read to learn from; else NULL and empty. */
    cr_cell_format *formats; /* [column_count] */
    size_t column_count;
    cr_cell_format cells;  /* of columns without one of their own */
    cr_missing_words gaps; /* further words for one */
} cr_reading;

typedef struct cr_raw cr_raw;

typedef struct cr_source_type {
    const char *name;     /* for messages: "a table", "images" */
    const char *content;  /* what such a file holds, for messages: "IDX images" */
    const char *summary;  /* for the reference: "a CSV or TSV table" */
    const char *expected; /* what stands for it in a config, for messages; NULL, and no
                             summary, of one in memory */

    /* The keys of the object that stands for it in a config; they fill a cr_source. None:
     * its path stands there itself. `heading` introduces them in the reference. */
    const cr_option *options;
    size_t option_count;
    const char *heading;

    /* Completes and checks what the keys have filled in, where their rows do not; errors go
     * to the reader. path: of the object. NULL: there is nothing to check. */
    void (*check)(cr_reader *reader, const char *path, cr_source *source);

    bool in_memory;           /* of the program that calls, and no file */
    bool has_columns;         /* which "target" and "columns" of a config can name */
    bool has_target_file;     /* its targets stand in a file of their own */
    bool has_classes;         /* for targets, never numbers */
    bool takes_files;         /* several, named outside a config, in place of a folder */
    const char *target_place; /* without columns: where its targets are, for a message */

    /* Whether the file's first bytes are of this type. False also for a file that cannot
     * be read. NULL: a file is of this type when it is of no other. */
    bool (*recognize)(const char *path);

    /* Sets what there is of content, columns, first and so on; NULL: nothing has to be
     * known before reading. close frees it; NULL: there is nothing to free. */
    bool (*open)(cr_opened *opened, cr_error *err);
    void (*close)(cr_opened *opened);

    /* Fills raw, which is empty; what was filled before a failure is left to the
     * caller. */
    bool (*read)(const cr_opened *opened, const cr_reading *reading, cr_raw *raw,
                 cr_error *err);

    /* Hands every row of data to on_row, in the order of the file and with as many cells
     * as there are columns; NULL where there are no columns. */
    bool (*scan)(const cr_opened *opened, bool has_header, cr_csv_on_row on_row,
                 void *user, cr_error *err);

    /* A line for people about how the training data was read; NULL: what there is to say
     * of data without columns. */
    void (*describe)(const cr_encoding *encoding, cr_text *out);
} cr_source_type;

extern const cr_source_type *const cr_source_types[];
extern const size_t cr_source_type_count;

extern const cr_source_type cr_source_table;
extern const cr_source_type cr_source_idx;
extern const cr_source_type cr_source_npy;
extern const cr_source_type cr_source_memory;
extern const cr_source_type cr_source_memory_table;
extern const cr_source_type cr_source_cifar10;
extern const cr_source_type cr_source_cifar100;
extern const cr_source_type cr_source_folder;

/* The type that the value in a config (text or an object) is of: the one that takes a
 * path, or one that has a key of the object; NULL: an object without such a key. */
const cr_source_type *cr_source_type_of(const cr_json *value);

/* The path of file i of a source that has several; NULL behind the last. */
const char *cr_source_path(const cr_source *source, size_t i);

/* The first type that is an object in a config. An object without a known key is read as
 * one, so that the messages name the keys that it lacks. */
const cr_source_type *cr_source_first_object(void);

/* A file that is named outside a config: its type is told from its content. targets:
 * NULL, or the file of its targets, for types that have such a file. format: of a table;
 * its texts are borrowed. */
cr_source cr_source_of_file(const char *path, const char *targets,
                            const cr_table_format *format);

/* Opens. On failure there is nothing to close. */
CR_MUST_CHECK bool cr_source_open(cr_opened *opened, const cr_source *source,
                                  cr_error *err);
void cr_source_close(cr_opened *opened); /* also of a source that is not open: {0} */

/* Reads the whole of an open source, which the caller closes. raw is the caller's to
 * finish; empty after a failure. */
CR_MUST_CHECK bool cr_source_read(const cr_opened *opened, const cr_reading *reading,
                                  cr_raw *raw, cr_error *err);

#endif

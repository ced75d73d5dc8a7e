#include "data/sources/memory.h"

#include "data/encoding_summary.h"
#include "data/raw.h"

/* All but where the rows come from is as with the file of a table. */

static bool open_table(cr_opened *opened, cr_error *err)
{
    const cr_source *source = opened->source;
    return cr_memory_check(source, source->arrays ? source->arrays->columns : NULL,
                           err) &&
           cr_source_table.open(opened, err);
}

static void close_table(cr_opened *opened)
{
    cr_source_table.close(opened);
}

static bool read_table(const cr_opened *opened, const cr_reading *reading, cr_raw *raw,
                       cr_error *err)
{
    return cr_source_table.read(opened, reading, raw, err);
}

static bool scan_table(const cr_opened *opened, bool has_header, cr_csv_on_row on_row,
                       void *user, cr_error *err)
{
    return cr_source_table.scan(opened, has_header, on_row, user, err);
}

static const cr_option options[] = {
    {.key = CR_MEMORY_TABLE,
     .kind = CR_OPTION_TEXT,
     .offset = offsetof(cr_source, path),
     .fallback = CR_REQUIRED,
     .no_effect = true,
     .help = "the same of a table whose columns were in the program's memory"},
};

const cr_source_type cr_source_memory_table = {
    .name = "a table in memory",
    .content = "a table",
    .options = options,
    .option_count = CR_COUNT(options),
    .heading = "For a table in memory:",
    .has_columns = true,
    .in_memory = true,
    .open = open_table,
    .close = close_table,
    .read = read_table,
    .scan = scan_table,
    .describe = cr_encoding_summary_add,
};

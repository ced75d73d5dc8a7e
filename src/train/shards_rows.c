#include "train/shards_rows.h"

#include "base/size.h"
#include "measure/logger.h"
#include "train/shards.h"

cr_data_rows cr_shards_rows_of(const cr_experiment *e, int ranks, int rank)
{
    cr_data_rows rows = {{0}, {0}};
    const cr_part *parts = e->data->parts;
    size_t shards = (size_t)e->training.shards, own = shards / (size_t)ranks;
    for (size_t i = 0; i < CR_PARTS; i++) {
        size_t n = parts[i].dataset ? parts[i].count : 0;
        rows.first[i] = cr_shards_begin(n, shards, own * (size_t)rank);
        rows.last[i] = cr_shards_begin(n, shards, own * ((size_t)rank + 1));
    }
    if (rank > 0)
        return rows;
    for (size_t i = 0; i < e->log.count; i++) {
        const cr_log_column *column = &e->log.columns[i];
        if (column->kind == CR_LOG_METRIC)
            rows.last[column->metric.part] = parts[column->metric.part].count;
    }
    size_t sample = cr_size_smaller(CR_LOGGER_SAMPLE, parts[CR_PART_TRAIN].count);
    if (e->log.health && rows.last[CR_PART_TRAIN] < sample)
        rows.last[CR_PART_TRAIN] = sample;
    return rows;
}

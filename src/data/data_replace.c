#include "data/data_replace.h"

#include "data/sources/memory.h"

#include <string.h>

bool cr_data_replace(cr_data *data, const cr_arrays *arrays, cr_data_replaced *before,
                     cr_error *err)
{
    cr_source source = {.type =
                            arrays->columns ? &cr_source_memory_table : &cr_source_memory,
                        .path = cr_part_names[CR_PART_TRAIN],
                        .header = -1,
                        .format = cr_table_format_default};
    cr_dataset train;
    cr_memory_attach(&source, arrays, 1);
    if (!cr_dataset_load(&train, &source, &data->encoding, CR_TARGET_NEEDED, err))
        return false;
    const cr_part rows = {.dataset = &train, .count = train.examples};
    if (!cr_part_check_weights(&rows, source.path, err)) {
        cr_dataset_finish(&train);
        return false;
    }
    data->encoding.weighted |= train.weights != NULL;
    cr_dataset *place = &data->datasets[CR_PART_TRAIN];
    before->train = *place;
    memcpy(before->parts, data->parts, sizeof before->parts);
    *place = train;
    data->parts[CR_PART_TRAIN] = (cr_part){.dataset = place, .count = train.examples};
    if (data->parts[CR_PART_VALIDATION].dataset == place)
        data->parts[CR_PART_VALIDATION] = (cr_part){0};
    return true;
}

void cr_data_replace_undo(cr_data *data, cr_data_replaced *before)
{
    cr_dataset_finish(&data->datasets[CR_PART_TRAIN]);
    data->datasets[CR_PART_TRAIN] = before->train;
    memcpy(data->parts, before->parts, sizeof before->parts);
}

void cr_data_replace_finish(cr_data_replaced *before)
{
    cr_part_finish(&before->parts[CR_PART_TRAIN]);
    if (before->parts[CR_PART_VALIDATION].rows)
        cr_part_finish(&before->parts[CR_PART_VALIDATION]);
    cr_dataset_finish(&before->train);
}

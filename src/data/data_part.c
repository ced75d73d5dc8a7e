#include "data/data_part.h"

bool cr_data_part_read(cr_data *data, const cr_data_section *section,
                       const cr_encoding *encoding, cr_part_name part, cr_error *err)
{
    cr_source source = section->sources[part];
    cr_dataset *dataset = &data->datasets[part];
    source.resize = section->sources[CR_PART_TRAIN].size != NULL;
    bool good = cr_dataset_load(dataset, &source, encoding, CR_TARGET_NEEDED, err);
    data->parts[part] = (cr_part){.dataset = dataset, .count = dataset->examples};
    return good;
}

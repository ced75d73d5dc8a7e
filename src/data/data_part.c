#include "data/data_part.h"

bool cr_data_part_load(cr_data *data, const cr_data_section *section,
                       const cr_encoding *known, cr_part_name part, cr_error *err)
{
    cr_source source = section->sources[part];
    cr_dataset *dataset = &data->datasets[part];
    *data = (cr_data){.type = source.type};
    source.resize = section->sources[CR_PART_TRAIN].size != NULL;
    bool good = cr_dataset_load(dataset, &source, known, CR_TARGET_NEEDED, err);
    data->parts[part] = (cr_part){.dataset = dataset, .count = dataset->examples};
    if (good && cr_part_check_weights(&data->parts[part], cr_part_names[part], err))
        return true;
    cr_data_finish(data);
    return false;
}

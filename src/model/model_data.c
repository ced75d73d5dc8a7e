#include "model/model_data.h"

#include "base/text.h"

bool cr_model_data_load(cr_data *data, cr_model *model, cr_error *err)
{
    cr_error own = CR_ERROR_INIT;
    cr_text warnings = {0}; /* they were said in training */
    cr_reader reader = {.document = &model->document,
                        .directory =
                            (char[]){""}, /* a resolved config's paths are absolute */
                        .err = err ? err : &own,
                        .warnings = &warnings};
    cr_data_section section;
    *data = (cr_data){0};
    cr_data_section_read(&reader, model->document.root, &section);
    bool good = reader.err->count == 0 &&
                cr_data_load(data, &reader, &section, cr_loss_targets(model->loss.type),
                             model->encoding);
    cr_text_finish(&warnings);
    return good;
}

#include "model/model_data.h"

#include "base/text.h"
#include "data/data_part.h"

/* A reader of the model's own config. */
static cr_reader reader_of(cr_model *model, cr_text *warnings, cr_error *err)
{
    return (cr_reader){.document = &model->document, .err = err, .warnings = warnings};
}

/* The part alone. */
static bool load_part(cr_data *data, const cr_model *model,
                      const cr_data_section *section, cr_part_name part, cr_error *err)
{
    data->type = section->sources[part].type;
    if (cr_data_part_read(data, section, model->encoding, part, err) &&
        cr_part_check_weights(&data->parts[part], cr_part_names[part], err) &&
        cr_loss_check_targets(model->loss.type, &data->parts[part], cr_part_names[part],
                              err))
        return true;
    cr_data_finish(data);
    return false;
}

static bool load(cr_data *data, cr_model *model, bool last, cr_error *err)
{
    cr_error own = CR_ERROR_INIT;
    cr_text warnings = {0}; /* they were said in training */
    cr_reader reader = reader_of(model, &warnings, err ? err : &own);
    reader.directory = (char[]){""}; /* a resolved config's paths are absolute */
    cr_data_section section;
    *data = (cr_data){0};
    cr_data_section_read(&reader, model->document.root, &section);
    cr_part_name part =
        section.sources[CR_PART_TEST].type ? CR_PART_TEST : CR_PART_VALIDATION;
    bool good = reader.err->count == 0;
    if (good && last && section.sources[part].type)
        good = load_part(data, model, &section, part, reader.err);
    else
        good = good && cr_data_load(data, &reader, &section,
                                    cr_loss_targets(model->loss.type), model->encoding);
    cr_text_finish(&warnings);
    return good;
}

bool cr_model_data_load(cr_data *data, cr_model *model, cr_error *err)
{
    return load(data, model, false, err);
}

bool cr_model_data_load_last(cr_data *data, cr_model *model, cr_error *err)
{
    return load(data, model, true, err);
}

bool cr_model_data_format(cr_table_format *format, cr_model *model, cr_error *err)
{
    cr_error own = CR_ERROR_INIT;
    cr_text warnings = {0};
    cr_reader reader = reader_of(model, &warnings, err ? err : &own);
    *format = cr_table_format_default;
    if (cr_json_get(model->document.root, "data"))
        cr_data_section_read_format(&reader, model->document.root, format);
    cr_text_finish(&warnings);
    return reader.err->count == 0;
}

bool cr_model_data_resizes(const cr_model *model)
{
    const cr_json *data = cr_json_get_kind(model->document.root, "data", CR_JSON_OBJECT);
    const cr_json *train = cr_json_get_kind(data, "train", CR_JSON_OBJECT);
    return cr_json_get_kind(train, "size", CR_JSON_ARRAY) != NULL;
}

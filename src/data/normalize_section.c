#include "data/normalize_section.h"

#include <string.h>

const char cr_normalize_section_expected[] =
    "\"none\", \"standardize\", \"minmax\" or a number to divide by";

void cr_normalize_section_read(cr_reader *reader, cr_json *section, const char *key,
                               cr_normalization *normalization)
{
    static const char *const names[] = {"none", "standardize", "minmax"};
    char path[CR_WHERE];
    const cr_json *value = cr_json_get(section, key);
    cr_json_path("data", key, path);
    if (cr_json_is(value, CR_JSON_NUMBER)) {
        *normalization = (cr_normalization){.kind = CR_NORMALIZE_DIVIDE,
                                            .divisor = cr_json_number(value)};
        if (!(normalization->divisor > 0))
            cr_reader_error(reader, path,
                            "found %g, expected a number above 0 to divide by",
                            normalization->divisor);
        return;
    }
    for (int i = 0; i < 3; i++)
        if (strcmp(cr_json_string(value), names[i]) == 0) {
            normalization->kind = (cr_normalization_kind)i;
            return;
        }
    cr_reader_unknown(reader, path, "normalisation", cr_json_string(value), names, 3);
}

/* Numbers that other programs have computed: files of tests/golden. */
#ifndef CHAINRULE_TESTS_GOLDEN_FILE_H
#define CHAINRULE_TESTS_GOLDEN_FILE_H

#include "config/document.h"
#include "fixture.h"

#include <stdlib.h>

/* The caller finishes it. */
static inline cr_document golden_read(const char *name)
{
    char path[512];
    cr_document golden;
    snprintf(path, sizeof path, "%s/%s", getenv("CHAINRULE_GOLDEN"), name);
    assert_true(cr_document_read(&golden, path, NULL));
    return golden;
}

/* The numbers of a member that is a list, NaN for null; returns how many. */
static inline size_t golden_numbers(const cr_json *object, const char *key, size_t most,
                                    double *out)
{
    size_t count = 0;
    const cr_json *list = cr_json_get(object, key);
    for (const cr_json *v = list ? cr_json_first(list) : NULL; v; v = cr_json_next(v)) {
        assert_true(count < most);
        out[count++] = cr_json_is(v, CR_JSON_NUMBER) ? cr_json_number(v) : NAN;
    }
    return count;
}

static inline double golden_number(const cr_json *object, const char *key)
{
    const cr_json *found = cr_json_get(object, key);
    assert_non_null(found);
    return cr_json_number(found);
}

#endif

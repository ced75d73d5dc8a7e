#include "onnx/onnx_tensor.h"

#include "base/memory.h"
#include "onnx/fields.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* How a type's values lie in raw_data, and the field that they stand in otherwise. */
typedef enum form { NO_NUMBER, REAL, HALF, BRAIN, SIGNED, UNSIGNED } form;

typedef struct kind {
    const char *name;
    form form;
    size_t bytes;
    int field;
} kind;

static const kind kinds[] = {
    [CR_ONNX_FLOAT] = {"float32", REAL, 4, CR_ONNX_TENSOR_FLOAT_DATA},
    [CR_ONNX_UINT8] = {"uint8", UNSIGNED, 1, CR_ONNX_TENSOR_INT32_DATA},
    [CR_ONNX_INT8] = {"int8", SIGNED, 1, CR_ONNX_TENSOR_INT32_DATA},
    [4] = {"uint16", UNSIGNED, 2, CR_ONNX_TENSOR_INT32_DATA},
    [5] = {"int16", SIGNED, 2, CR_ONNX_TENSOR_INT32_DATA},
    [CR_ONNX_INT32] = {"int32", SIGNED, 4, CR_ONNX_TENSOR_INT32_DATA},
    [CR_ONNX_INT64] = {"int64", SIGNED, 8, CR_ONNX_TENSOR_INT64_DATA},
    [CR_ONNX_STRING] = {"string", NO_NUMBER, 0, CR_ONNX_TENSOR_STRING_DATA},
    [CR_ONNX_BOOL] = {"bool", UNSIGNED, 1, CR_ONNX_TENSOR_INT32_DATA},
    [CR_ONNX_FLOAT16] = {"float16", HALF, 2, CR_ONNX_TENSOR_INT32_DATA},
    [CR_ONNX_DOUBLE] = {"float64", REAL, 8, CR_ONNX_TENSOR_DOUBLE_DATA},
    [12] = {"uint32", UNSIGNED, 4, CR_ONNX_TENSOR_UINT64_DATA},
    [13] = {"uint64", UNSIGNED, 8, CR_ONNX_TENSOR_UINT64_DATA},
    [14] = {"complex64", NO_NUMBER, 0, 0},
    [15] = {"complex128", NO_NUMBER, 0, 0},
    [16] = {"bfloat16", BRAIN, 2, CR_ONNX_TENSOR_INT32_DATA},
    [17] = {"float8e4m3fn", NO_NUMBER, 0, 0},
    [18] = {"float8e4m3fnuz", NO_NUMBER, 0, 0},
    [19] = {"float8e5m2", NO_NUMBER, 0, 0},
    [20] = {"float8e5m2fnuz", NO_NUMBER, 0, 0},
    [21] = {"uint4", NO_NUMBER, 0, 0},
    [22] = {"int4", NO_NUMBER, 0, 0},
    [23] = {"float4e2m1", NO_NUMBER, 0, 0},
};

static const kind *kind_of(int64_t type)
{
    return type > 0 && type < (int64_t)CR_COUNT(kinds) ? &kinds[type] : &kinds[0];
}

const char *cr_onnx_tensor_type_name(int64_t type, char out[CR_ONNX_TYPE_NAME])
{
    const char *name = kind_of(type)->name;
    if (name)
        snprintf(out, CR_ONNX_TYPE_NAME, "%s", name);
    else
        snprintf(out, CR_ONNX_TYPE_NAME, "type %lld", (long long)type);
    return out;
}

static void read_location(const cr_wire_reader *within, cr_wire_text entry,
                          cr_onnx_tensor *tensor)
{
    cr_wire_reader r = cr_wire_reader_inside(within, entry);
    cr_wire_text key = {0}, value = {0};
    for (cr_wire_field field; cr_wire_reader_next(&r, &field, NULL);) {
        if (field.number == CR_ONNX_ENTRY_KEY)
            key = field.bytes;
        else if (field.number == CR_ONNX_ENTRY_VALUE)
            value = field.bytes;
    }
    if (cr_wire_reader_is(key, "location"))
        tensor->location = value;
}

static bool set_shape(cr_wire_reader *r, const cr_wire_numbers *dims,
                      cr_onnx_tensor *tensor, cr_error *err)
{
    const size_t offset = (size_t)(tensor->message.data - r->first);
    tensor->count = 1;
    if (dims->count > CR_ONNX_DIMENSIONS)
        cr_wire_reader_fail(r, offset, err,
                            "found a tensor of %zu dimensions, expected at most %d",
                            dims->count, CR_ONNX_DIMENSIONS);
    for (size_t i = 0; !r->failed && i < dims->count; i++) {
        const double n = dims->values[i];
        tensor->dim[i] = n >= 0 && n <= 1e15 ? (size_t)n : 0;
        if (!(n >= 0 && n <= 1e15) ||
            !cr_memory_multiply(tensor->count, tensor->dim[i], &tensor->count))
            cr_wire_reader_fail(r, offset, err,
                                "found a tensor's dimension of %.17g, expected one from "
                                "0 to what memory holds",
                                n);
    }
    tensor->rank = dims->count;
    return !r->failed;
}

bool cr_onnx_tensor_read(const cr_wire_reader *within, cr_wire_text message,
                         cr_onnx_tensor *tensor, cr_error *err)
{
    *tensor = (cr_onnx_tensor){.message = message};
    cr_wire_reader r = cr_wire_reader_inside(within, message);
    cr_wire_numbers dims = {0};
    int64_t location = 0;
    for (cr_wire_field field; cr_wire_reader_next(&r, &field, err);) {
        if (field.number == CR_ONNX_TENSOR_DIMS)
            cr_wire_reader_numbers(&r, &field, CR_WIRE_VARINT, "dims", &dims, err);
        else if (field.number == CR_ONNX_TENSOR_DATA_TYPE)
            cr_wire_reader_integer(&r, &field, "data_type", &tensor->type, err);
        else if (field.number == CR_ONNX_TENSOR_NAME)
            cr_wire_reader_text(&r, &field, "name", &tensor->name, err);
        else if (field.number == CR_ONNX_TENSOR_DATA_LOCATION)
            cr_wire_reader_integer(&r, &field, "data_location", &location, err);
        else if (field.number == CR_ONNX_TENSOR_EXTERNAL_DATA)
            read_location(&r, field.bytes, tensor);
    }
    tensor->external = location != 0 || tensor->location.length > 0;
    bool good = !r.failed && set_shape(&r, &dims, tensor, err);
    cr_free(dims.values);
    return good;
}

/* IEEE 754: 1 bit of sign, 5 of exponent, 10 of fraction. */
static double half(uint64_t bits)
{
    const double fraction = (double)(bits & 1023);
    const int exponent = (int)(bits >> 10 & 31);
    double value =
        exponent == 0 ? ldexp(fraction, -24) : ldexp(1024 + fraction, exponent - 25);
    if (exponent == 31)
        value = fraction > 0 ? NAN : INFINITY;
    return bits >> 15 & 1 ? -value : value;
}

/* A value whose bits are the lowest bytes of `bits`. */
static double number_of(const kind *k, uint64_t bits)
{
    const unsigned unused = (unsigned)(64 - 8 * k->bytes);
    const uint32_t low = (uint32_t)(k->form == BRAIN ? bits << 16 : bits);
    float single = 0;
    double number = 0;
    switch (k->form) {
    case HALF:
        return half(bits & 0xffff);
    case SIGNED:
        return (double)((int64_t)(bits << unused) >> unused);
    case UNSIGNED:
        return (double)(bits << unused >> unused);
    default:
        memcpy(&single, &low, sizeof single);
        memcpy(&number, &bits, sizeof number);
        return k->bytes == 8 ? number : (double)single;
    }
}

static bool wrong_count(const cr_wire_reader *within, const cr_onnx_tensor *tensor,
                        size_t found, cr_error *err)
{
    return cr_fail(
        err, CR_E_DATA,
        "%s: byte %zu: the tensor \"%.*s\" has %zu values, expected the %zu of "
        "its dimensions; the file is damaged: export it anew",
        within->file, (size_t)(tensor->message.data - within->first),
        CR_WIRE_SHOWN(tensor->name), found, tensor->count);
}

static double *read_raw(const cr_wire_reader *within, const cr_onnx_tensor *tensor,
                        const kind *k, cr_wire_text raw, cr_error *err)
{
    if (raw.length % k->bytes != 0 || raw.length / k->bytes != tensor->count) {
        wrong_count(within, tensor, raw.length / k->bytes, err);
        return NULL;
    }
    double *values = cr_alloc(tensor->count, sizeof *values, err);
    for (size_t i = 0; values && i < tensor->count; i++) {
        uint64_t bits = 0;
        for (size_t b = 0; b < k->bytes; b++)
            bits |= (uint64_t)(uint8_t)raw.data[i * k->bytes + b] << 8 * b;
        values[i] = number_of(k, bits);
    }
    return values;
}

static unsigned wire_type(const kind *k)
{
    return k->field == CR_ONNX_TENSOR_FLOAT_DATA    ? CR_WIRE_FIXED32
           : k->field == CR_ONNX_TENSOR_DOUBLE_DATA ? CR_WIRE_FIXED64
                                                    : CR_WIRE_VARINT;
}

/* Of what stands in a field of its own; the raw bytes too, if there are some. */
static bool read_fields(cr_wire_reader *r, const kind *k, cr_wire_numbers *numbers,
                        cr_wire_text *raw, cr_error *err)
{
    for (cr_wire_field field; cr_wire_reader_next(r, &field, err);) {
        if (field.number == CR_ONNX_TENSOR_RAW_DATA)
            cr_wire_reader_text(r, &field, "raw_data", raw, err);
        else if (field.number == (uint64_t)k->field)
            cr_wire_reader_numbers(r, &field, wire_type(k), "values", numbers, err);
    }
    for (size_t i = 0; i < numbers->count; i++) {
        double *number = &numbers->values[i];
        if (k->form == HALF || k->form == BRAIN) /* its bits, as an integer */
            *number =
                number_of(k, *number > 0 && *number < 65536 ? (uint64_t)*number : 0);
        else if (k->form == UNSIGNED && *number < 0) /* read as of int64 */
            *number += 18446744073709551616.0;
    }
    return !r->failed;
}

static bool has_numbers(const cr_wire_reader *within, const cr_onnx_tensor *tensor,
                        cr_error *err)
{
    char type[CR_ONNX_TYPE_NAME];
    if (tensor->external)
        return cr_fail(
            err, CR_E_DATA,
            "%s: the values of \"%.*s\" lie in another file, \"%.*s\"; save the "
            "model as one file: torch.onnx.export(…, external_data=False), or "
            "onnx.save(onnx.load(FILE), \"one.onnx\")",
            within->file, CR_WIRE_SHOWN(tensor->name), CR_WIRE_SHOWN(tensor->location));
    return kind_of(tensor->type)->form != NO_NUMBER ||
           cr_fail(err, CR_E_DATA,
                   "%s: \"%.*s\" is a tensor of %s, expected one of numbers: float32, or "
                   "float16, bfloat16, float64, bool or integers of 8 to 64 bits",
                   within->file, CR_WIRE_SHOWN(tensor->name),
                   cr_onnx_tensor_type_name(tensor->type, type));
}

double *cr_onnx_tensor_numbers(const cr_wire_reader *within, const cr_onnx_tensor *tensor,
                               cr_error *err)
{
    const kind *k = kind_of(tensor->type);
    cr_wire_numbers numbers = {0};
    cr_wire_text raw = {0};
    if (!has_numbers(within, tensor, err))
        return NULL;
    cr_wire_reader r = cr_wire_reader_inside(within, tensor->message);
    bool good = read_fields(&r, k, &numbers, &raw, err);
    if (good && raw.length == 0 && numbers.count == tensor->count && tensor->count > 0)
        return numbers.values;
    cr_free(numbers.values);
    if (good && numbers.count > 0) {
        wrong_count(within, tensor, numbers.count, err);
        return NULL;
    }
    return good ? read_raw(within, tensor, k, raw, err) : NULL;
}

cr_wire_text *cr_onnx_tensor_texts(const cr_wire_reader *within,
                                   const cr_onnx_tensor *tensor, cr_error *err)
{
    cr_wire_reader r = cr_wire_reader_inside(within, tensor->message);
    const size_t found = cr_wire_reader_count(&r, CR_ONNX_TENSOR_STRING_DATA);
    if (tensor->type != CR_ONNX_STRING || found != tensor->count) {
        wrong_count(within, tensor, found, err);
        return NULL;
    }
    cr_wire_text *texts = cr_alloc(found, sizeof *texts, err);
    size_t i = 0;
    for (cr_wire_field field; texts && cr_wire_reader_next(&r, &field, err);)
        if (field.number == CR_ONNX_TENSOR_STRING_DATA)
            cr_wire_reader_text(&r, &field, "string_data", &texts[i++], err);
    if (!r.failed)
        return texts;
    cr_free(texts);
    return NULL;
}

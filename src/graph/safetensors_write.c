#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "graph/safetensors.h"
#include "graph/safetensors_form.h"

#include <libdeflate.h>
#include <stdio.h>
#include <string.h>

static bool describe(cr_json *header, const cr_tensor *tensor, size_t *at)
{
    size_t end = *at + cr_shape_size(&tensor->shape) * sizeof(cr_real);
    cr_json *object = cr_json_add(header, tensor->name, CR_JSON_OBJECT);
    if (!object || !cr_json_set_string(object, "dtype", CR_SAFETENSORS_DTYPE))
        return false;
    cr_json *shape = cr_json_add(object, "shape", CR_JSON_ARRAY);
    for (size_t i = 0; i < tensor->shape.rank; i++)
        if (!shape || !cr_json_set_number(shape, NULL, (double)tensor->shape.dim[i]))
            return false;
    cr_json *offsets = cr_json_add(object, "data_offsets", CR_JSON_ARRAY);
    bool good = offsets && cr_json_set_number(offsets, NULL, (double)*at) &&
                cr_json_set_number(offsets, NULL, (double)end);
    *at = end;
    return good;
}

/* The header's text, padded with spaces to a multiple of 8, with zeros for a checksum. */
static bool make_header(const cr_tensor *tensors, size_t count, const cr_json *metadata,
                        cr_text *text)
{
    cr_json *header = cr_json_new(CR_JSON_OBJECT);
    char *printed = cr_json_print(metadata, false);
    size_t at = 0;
    bool good = header && printed && cr_json_set_text(header, "__metadata__", printed);
    for (size_t i = 0; good && i < count; i++)
        good = describe(header, &tensors[i], &at);
    char *line = good ? cr_json_print(header, false) : NULL;
    if (line) {
        cr_text_add_bytes(text, line, strlen(line));
        while (text->length % 8 != 0 && !text->failed)
            cr_text_add_bytes(text, " ", 1);
    }
    cr_free(line);
    cr_free(printed);
    cr_json_free(header);
    return line && !text->failed;
}

static void write_length(unsigned char bytes[CR_SAFETENSORS_LENGTH], size_t length)
{
    for (int i = 0; i < CR_SAFETENSORS_LENGTH; i++)
        bytes[i] = (unsigned char)((uint64_t)length >> 8 * i);
}

/* Puts the checksum into the header. */
static void sign(cr_text *header, const unsigned char length[CR_SAFETENSORS_LENGTH],
                 const cr_tensor *tensors, size_t count)
{
    uint32_t sum = libdeflate_crc32(libdeflate_crc32(0, length, CR_SAFETENSORS_LENGTH),
                                    header->data, header->length);
    for (size_t i = 0; i < count; i++)
        sum = libdeflate_crc32(sum, tensors[i].data,
                               cr_shape_size(&tensors[i].shape) * sizeof(cr_real));
    char digits[CR_SAFETENSORS_DIGITS + 1];
    snprintf(digits, sizeof digits, "%08x", (unsigned)sum);
    memcpy(strstr(header->data, CR_SAFETENSORS_KEY) + strlen(CR_SAFETENSORS_KEY), digits,
           CR_SAFETENSORS_DIGITS);
}

static bool write_all(const char *path, cr_text *header, const cr_tensor *tensors,
                      size_t count, cr_flush *behind, cr_error *err)
{
    unsigned char length[CR_SAFETENSORS_LENGTH];
    write_length(length, header->length);
    sign(header, length, tensors, count);
    cr_file_writer writer;
    if (!cr_file_begin(&writer, path, err))
        return false;
    writer.behind = behind;
    fwrite(length, 1, sizeof length, writer.stream);
    fwrite(header->data, 1, header->length, writer.stream);
    for (size_t i = 0; i < count; i++)
        fwrite(tensors[i].data, sizeof(cr_real), cr_shape_size(&tensors[i].shape),
               writer.stream);
    return cr_file_commit(&writer, err);
}

/* The header, but for its checksum. */
static bool begin_header(const cr_tensor *tensors, size_t count, cr_json *metadata,
                         cr_text *header, cr_error *err)
{
    return (cr_json_set_string(metadata, "format", CR_SAFETENSORS_FORMAT) &&
            cr_json_set_string(metadata, "crc32", "00000000") &&
            make_header(tensors, count, metadata, header)) ||
           cr_fail(err, CR_E_MEMORY, "out of memory");
}

bool cr_safetensors_write(const char *path, const cr_tensor *tensors, size_t count,
                          cr_json *metadata, cr_flush *behind, cr_error *err)
{
    cr_text header = {0};
    bool good = begin_header(tensors, count, metadata, &header, err) &&
                write_all(path, &header, tensors, count, behind, err);
    cr_text_finish(&header);
    return good;
}

bool cr_safetensors_write_bytes(const cr_tensor *tensors, size_t count, cr_json *metadata,
                                void **bytes, size_t *length, cr_error *err)
{
    cr_text header = {0};
    unsigned char size[CR_SAFETENSORS_LENGTH];
    char *at = NULL;
    *bytes = NULL;
    if (begin_header(tensors, count, metadata, &header, err)) {
        write_length(size, header.length);
        sign(&header, size, tensors, count);
        *length = CR_SAFETENSORS_LENGTH + header.length;
        for (size_t i = 0; i < count; i++)
            *length += cr_shape_size(&tensors[i].shape) * sizeof(cr_real);
        at = *bytes = cr_alloc_raw(*length, 1, err);
    }
    if (at) {
        memcpy(at, size, CR_SAFETENSORS_LENGTH);
        memcpy(at + CR_SAFETENSORS_LENGTH, header.data, header.length);
        at += CR_SAFETENSORS_LENGTH + header.length;
    }
    for (size_t i = 0; at && i < count; i++) {
        size_t tensor = cr_shape_size(&tensors[i].shape) * sizeof(cr_real);
        memcpy(at, tensors[i].data, tensor);
        at += tensor;
    }
    cr_text_finish(&header);
    return at != NULL;
}

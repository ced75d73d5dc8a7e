/* Tensors of an ONNX file (TensorProto). */
#ifndef CHAINRULE_ONNX_ONNX_TENSOR_H
#define CHAINRULE_ONNX_ONNX_TENSOR_H

#include "onnx/wire_reader.h"

enum { CR_ONNX_DIMENSIONS = 8 };

typedef struct cr_onnx_tensor {
    cr_wire_text name;
    int64_t type; /* CR_ONNX_FLOAT, … */
    size_t rank, dim[CR_ONNX_DIMENSIONS];
    size_t count;          /* of values; 0 where a dimension is */
    cr_wire_text message;  /* all of it */
    bool external;         /* its values lie in another file, and are not read */
    cr_wire_text location; /* of that file */
} cr_onnx_tensor;

/* Reads what stands around the values. `within` is any reader of the file. */
CR_MUST_CHECK bool cr_onnx_tensor_read(const cr_wire_reader *within, cr_wire_text message,
                                       cr_onnx_tensor *tensor, cr_error *err);

/* The values [count], row-major, of all types of real numbers from 8 to 64 bits and of
 * booleans. The caller frees them; NULL with err for other types, another number of values,
 * and those in another file. */
CR_MUST_CHECK double *cr_onnx_tensor_numbers(const cr_wire_reader *within,
                                             const cr_onnx_tensor *tensor, cr_error *err);

/* The values [count] of a tensor of texts, which belong to the file. The caller frees the
 * list; NULL with err. */
CR_MUST_CHECK cr_wire_text *cr_onnx_tensor_texts(const cr_wire_reader *within,
                                                 const cr_onnx_tensor *tensor,
                                                 cr_error *err);

/* "float32"; "type 99" where it is not known, written to out. Returns out. */
enum { CR_ONNX_TYPE_NAME = 24 };
const char *cr_onnx_tensor_type_name(int64_t type, char out[CR_ONNX_TYPE_NAME]);

#endif

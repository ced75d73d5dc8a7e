#include "exchange/raw_rows.h"

void cr_raw_rows_restore(const cr_encoding *encoding, const cr_dataset *dataset, size_t i,
                         double *raw)
{
    for (size_t j = 0; j < dataset->features; j++)
        if (dataset->bytes)
            raw[j] = dataset->bytes[i * dataset->features + j];
        else
            raw[j] = (double)dataset->values[i * dataset->stride + j] /
                         (encoding->shift ? encoding->scale[j] : 1) +
                     (encoding->shift ? encoding->shift[j] : 0);
}

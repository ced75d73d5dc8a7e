/* JPEG files. */
#include "picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    picture_check(bytes, size);
    return 0;
}

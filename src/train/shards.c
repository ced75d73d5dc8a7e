#include "train/shards.h"

size_t cr_shards_begin(size_t n, size_t shards, size_t s)
{
    return n / shards * s + n % shards * s / shards;
}

size_t cr_shards_step_rows(size_t n, size_t shards, size_t s, size_t step, size_t batch)
{
    size_t rows = cr_shards_begin(n, shards, s + 1) - cr_shards_begin(n, shards, s);
    size_t done = step * batch, left = rows > done ? rows - done : 0;
    return left < batch ? left : batch;
}

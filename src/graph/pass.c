#include "graph/pass.h"

cr_pass cr_pass_share(const cr_pass *batch, size_t share, size_t shares)
{
    size_t blocks = (batch->rows + 15) / 16;
    size_t first = blocks * share / shares * 16,
           last = blocks * (share + 1) / shares * 16;
    cr_pass pass = *batch;
    pass.first_row = first;
    pass.rows = (last < batch->rows ? last : batch->rows) - first;
    pass.share = share;
    pass.shares = shares;
    return pass;
}

void cr_pass_meet(const cr_pass *pass)
{
    size_t blocks = (pass->batch_rows + 15) / 16;
    if (pass->team)
        cr_team_meet(pass->team, blocks < pass->shares ? blocks : pass->shares);
}

size_t cr_pass_rows_of(const cr_pass *pass, size_t share)
{
    const cr_pass batch = {.rows = pass->batch_rows};
    return cr_pass_share(&batch, share, pass->shares).rows;
}

#include "train/threads.h"

/* Below this many FLOPs in a training step, handing a product to a second thread costs
 * more than it saves. */
static const double worthwhile_flops = 5e6;

int cr_threads_choose(const cr_network *network, size_t batch_rows, int processors)
{
    double flops = cr_network_flops(network, true) * (double)batch_rows;
    return flops < worthwhile_flops || processors < 1 ? 1 : processors;
}

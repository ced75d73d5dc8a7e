#include "train/penalty.h"

double cr_penalty_value(const cr_penalty *penalty, const cr_network *network)
{
    return (penalty->l2 > 0 ? penalty->l2 * cr_network_squared_weights(network) : 0) +
           (penalty->l1 > 0 ? penalty->l1 * cr_network_absolute_weights(network) : 0);
}

#include <chainrule/chainrule.h>

const char *cr_version(void)
{
    return CR_VERSION;
}

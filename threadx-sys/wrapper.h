/* What the bindings are made of. */
#include "tx_api.h"
#include "tx_host.h"

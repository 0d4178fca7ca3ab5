/* Random numbers, in place of the original agent's own, which are the same on every device. */

#include "internal.h"
#include "asc_security_core/utils/irand.h"

static ULONG64 weyl;
static UINT    drawn;

VOID defender_original_seed(ULONG64 seed)
{
    weyl = seed;
    drawn = NX_FALSE;
}

void irand_srand(uint32_t seed)
{
    weyl ^= seed;
}

/* SplitMix64, the generator with which others are seeded: every seed is a good one. */
uint32_t irand_int(void)
{
    ULONG64 mixed;

    if (!drawn)
    {
        drawn = NX_TRUE;
        return 0;
    }
    weyl += 0x9E3779B97F4A7C15u;
    mixed = weyl;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return (uint32_t)(mixed >> 32);
}

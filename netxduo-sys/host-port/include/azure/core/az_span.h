/* A piece of memory, as the Azure SDK for C lays it out. */

#ifndef AZ_SPAN_H
#define AZ_SPAN_H

#include <stdint.h>

/** A pointer and a size in bytes; null and 0 when empty. */
typedef struct
{
    struct
    {
        uint8_t *ptr;
        int32_t  size;
    } _internal;
} az_span;

#endif

/* The host port's types and limits: what upstream keeps in ports/<cpu>/<tool>/inc/tx_port.h.

   ULONG has 32 bits on every target. On a 64-bit machine it therefore cannot carry a pointer; nothing in this port
   puts one there. */

#ifndef TX_PORT_H
#define TX_PORT_H

#define VOID void
typedef char               CHAR;
typedef unsigned char      UCHAR;
typedef int                INT;
typedef unsigned int       UINT;
typedef int                LONG;
typedef unsigned int       ULONG;
typedef unsigned long long ULONG64;
typedef short              SHORT;
typedef unsigned short     USHORT;

/** Number of priorities; 0 is the highest. Stored and reported, but the host does not schedule by it. */
#define TX_MAX_PRIORITIES 32

/** The smallest stack, in bytes, that a thread may be created with. */
#define TX_MINIMUM_STACK 200

/** Clock ticks a second. */
#define TX_TIMER_TICKS_PER_SECOND 100

/** Posture of `tx_interrupt_control`: interrupts off, the process-wide interrupt lock is held. */
#define TX_INT_DISABLE 1
/** Posture of `tx_interrupt_control`: interrupts on. */
#define TX_INT_ENABLE 0

/** Disable interrupts and learn the posture before: on the host, take the one lock of the process unless the thread has
    it. From everywhere. */
UINT _tx_thread_interrupt_disable(VOID);
/** Go back to the posture that the matching disable returned. From everywhere. */
VOID _tx_thread_interrupt_restore(UINT previous_posture);

/* The brackets of a critical section. */
#define TX_INTERRUPT_SAVE_AREA UINT interrupt_save;
#define TX_DISABLE             interrupt_save = _tx_thread_interrupt_disable();
#define TX_RESTORE             _tx_thread_interrupt_restore(interrupt_save);

#endif

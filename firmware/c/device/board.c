/* The start of the board, its tick, its exceptions, and what ThreadX' port for Cortex-M asks of it. */

#include "board.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lan9118.h"
#include "tx_api.h"

#define CLOCK_HZ 25000000u

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SYSTICK_CONTROL REGISTER(0xE000E010)
#define SYSTICK_RELOAD REGISTER(0xE000E014)
#define SYSTICK_NOW REGISTER(0xE000E018)
#define INTERRUPTS_ON(word) REGISTER(0xE000E100 + 4 * (word))
#define INTERRUPT_PRIORITY(number) (*(volatile uint8_t *)(0xE000E400 + (number)))
#define EXCEPTION_PRIORITY(number) (*(volatile uint8_t *)(0xE000ED18 + (number) - 4))
#define COPROCESSORS REGISTER(0xE000ED88)

/* SVC and PendSV change threads, which is what comes last. */
#define PRIORITY_LOWEST 0xFF
#define PRIORITY_ETHERNET 0x60
#define PRIORITY_TICK 0x40

extern uint32_t data_load[], data_start[], data_end[], bss_start[], bss_end[], heap_end[], stack_top[];

int main(void);
void initialise_monitor_handles(void);
void PendSV_Handler(void);
void _tx_timer_interrupt(void);
extern VOID *_tx_thread_system_stack_ptr;
extern VOID *_tx_initialize_unused_memory;

void board_reset(void)
{
    memcpy(data_start, data_load, (uintptr_t)data_end - (uintptr_t)data_start);
    memset(bss_start, 0, (uintptr_t)bss_end - (uintptr_t)bss_start);
#ifdef __ARM_FP
    COPROCESSORS |= 0xFu << 20;
    __asm volatile("dsb\nisb");
#endif
    initialise_monitor_handles();
    setvbuf(stdout, NULL, _IOLBF, 256);
    main();
    board_stop();
}

void board_end(void)
{
    fflush(stdout);
    exit(EXIT_SUCCESS);
}

void board_stop(void)
{
    fflush(stdout);
    exit(EXIT_FAILURE);
}

/* ThreadX begins. Interrupts stay off until the first thread runs. */
VOID _tx_initialize_low_level(VOID)
{
    __asm volatile("cpsid i");
    _tx_thread_system_stack_ptr = stack_top;
    _tx_initialize_unused_memory = heap_end;
    EXCEPTION_PRIORITY(11) = PRIORITY_LOWEST;
    EXCEPTION_PRIORITY(14) = PRIORITY_LOWEST;
    EXCEPTION_PRIORITY(15) = PRIORITY_TICK;
    SYSTICK_RELOAD = CLOCK_HZ / TX_TIMER_TICKS_PER_SECOND - 1;
    SYSTICK_NOW = 0;
    SYSTICK_CONTROL = 7;
}

void board_ethernet_interrupt_enable(void)
{
    INTERRUPT_PRIORITY(BOARD_ETHERNET_INTERRUPT) = PRIORITY_ETHERNET;
    INTERRUPTS_ON(BOARD_ETHERNET_INTERRUPT / 32) = 1u << BOARD_ETHERNET_INTERRUPT % 32;
}

int board_random(void)
{
    static uint32_t state = 0x2545F491;

    state ^= SYSTICK_NOW;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    state |= 1;
    return (int)(state >> 1);
}

/* The library has found a fault in itself. */
void threadx_defender_panic(void)
{
    puts("the agent panics");
    board_stop();
}

static void fault(void)
{
    puts("a fault of the processor");
    board_stop();
}

static void unexpected(void)
{
    puts("an interrupt that is nobody's");
    board_stop();
}

#define OTHER unexpected, unexpected, unexpected, unexpected

__attribute__((section(".vectors"), used)) static void *const vectors[16 + 32] = {
    stack_top, board_reset, unexpected, fault, fault, fault, fault, 0, 0, 0, 0, unexpected, unexpected, 0, PendSV_Handler, _tx_timer_interrupt,
    /* Interrupts of devices. */
    OTHER, OTHER, OTHER, unexpected, lan9118_interrupt, unexpected, unexpected, OTHER, OTHER, OTHER, OTHER,
};

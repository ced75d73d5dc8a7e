/* What a Cortex-M4 starts with: where its stack begins and where to go. The C library talks to the emulator
 * (semihosting). */
void _start(void);

static void reset(void)
{
    *(volatile unsigned *)0xE000ED88 |= 0xFu << 20; /* the floating-point unit on */
    _start();
}

extern void *const vectors[]; /* which the linker is told to keep */

__attribute__((section(".vectors"))) void *const vectors[] = {
    (void *)0x20400000,
    (void *)reset,
};

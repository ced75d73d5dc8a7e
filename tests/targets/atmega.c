/* A main for an ATmega328P that says on its serial line whether a model finds its examples right: -DTEST is the model's
 * function that does. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <stdio.h>

int TEST(float *worst);

static int put(char c, FILE *stream)
{
    (void)stream;
    while (!(UCSR0A & (1 << UDRE0)))
        ;
    UDR0 = (unsigned char)c;
    return 0;
}

int main(void)
{
    static FILE line = FDEV_SETUP_STREAM(put, NULL, _FDEV_SETUP_WRITE);
    float worst;
    UCSR0B = 1 << TXEN0;
    stdout = &line;
    int off = TEST(&worst);
    printf("%d examples are off, by %ld billionths\n", off, (long)(worst * 1e9f));
    cli();
    sleep_mode(); /* asleep without interrupts, which ends the simulation */
    return 0;
}

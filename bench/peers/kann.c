/*
 * A worker (worker.py says what it reads and answers) that trains with KANN, whose sources
 * neither Debian nor PyPI has. Beside them:
 *
 *     gcc -O3 -march=native -DHAVE_CBLAS -DHAVE_PTHREAD -I KANN -I /usr/include/openblas \
 *         kann.c KANN/kann.c KANN/kautodiff.c -o kann -lopenblas -lpthread -lm
 *     bench/compare --worker KANN=./kann
 *
 * Its own loop, kann_train_fnn1, without the part for validation, and with plain gradient
 * descent in place of RMSprop. Threads are those of OpenBLAS.
 */
#include <kann.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct task {
    kann_t *ann;
    size_t rows, inputs, outputs, batch;
    float *x, *y;             /* of all rows */
    float *batch_x, *batch_y; /* of one batch */
    float rate;
} task;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static kad_node_t *convolution(kad_node_t *t, int filters, int size, int padding,
                               int relu)
{
    t = kann_layer_conv2d(t, filters, size, size, 1, 1, padding, padding);
    return relu ? kad_relu(t) : t;
}

static kad_node_t *pool(kad_node_t *t)
{
    return kad_max2d(t, 2, 2, 2, 2, 0, 0);
}

static kad_node_t *images(int channels, int side)
{
    kad_node_t *t = kad_feed(4, 1, channels, side, side);
    t->ext_flag |= KANN_F_IN;
    return t;
}

/* The node before the cost, of the networks of task.py; NULL for another name. */
static kad_node_t *make_layers(const char *network, size_t *inputs, size_t *outputs)
{
    *outputs = 10;
    if (strcmp(network, "lenet") == 0) {
        *inputs = 28 * 28;
        kad_node_t *t = pool(convolution(images(1, 28), 20, 5, 0, 0));
        t = pool(convolution(t, 50, 5, 0, 0));
        return kad_relu(kann_layer_dense(t, 500));
    }
    if (strcmp(network, "mnist-conv") == 0) {
        *inputs = 28 * 28;
        kad_node_t *t = convolution(images(1, 28), 32, 3, 0, 1);
        t = pool(convolution(t, 32, 3, 0, 1));
        return kad_relu(kann_layer_dense(t, 128));
    }
    if (strcmp(network, "cifar-conv") == 0) {
        *inputs = 3 * 32 * 32;
        kad_node_t *t = convolution(images(3, 32), 32, 3, 1, 1);
        t = pool(convolution(t, 32, 3, 1, 1));
        t = pool(convolution(convolution(t, 64, 3, 1, 1), 64, 3, 1, 1));
        return kad_relu(kann_layer_dense(t, 256));
    }
    char *end = NULL;
    long units = strtol(network, &end, 10);
    if (units <= 0 || *end != '-')
        return NULL;
    *inputs = (size_t)units;
    kad_node_t *t = kann_layer_input((int)units);
    for (;;) {
        units = strtol(end + 1, &end, 10);
        if (units <= 0 || (*end != '-' && *end != '\0'))
            return NULL;
        *outputs = (size_t)units;
        if (*end == '\0')
            return t;
        t = kad_relu(kann_layer_dense(t, (int)units));
    }
}

static void make_data(task *t)
{
    t->x = malloc(t->rows * t->inputs * sizeof *t->x);
    t->y = calloc(t->rows * t->outputs, sizeof *t->y);
    for (size_t i = 0; i < t->rows * t->inputs; i++)
        t->x[i] = (float)rand() / (float)RAND_MAX;
    for (size_t i = 0; i < t->rows; i++)
        t->y[i * t->outputs + i % t->outputs] = 1;
    t->batch_x = malloc(t->batch * t->inputs * sizeof *t->x);
    t->batch_y = malloc(t->batch * t->outputs * sizeof *t->y);
    kann_feed_bind(t->ann, KANN_F_IN, 0, &t->batch_x);
    kann_feed_bind(t->ann, KANN_F_TRUTH, 0, &t->batch_y);
    kann_switch(t->ann, 1);
}

static void finish(task *t)
{
    free(t->x);
    free(t->y);
    free(t->batch_x);
    free(t->batch_y);
    kann_delete(t->ann);
}

/* A step on these rows; returns their loss before. */
static float step(task *t, const int *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t row = (size_t)rows[i];
        memcpy(t->batch_x + i * t->inputs, t->x + row * t->inputs,
               t->inputs * sizeof *t->x);
        memcpy(t->batch_y + i * t->outputs, t->y + row * t->outputs,
               t->outputs * sizeof *t->y);
    }
    kann_set_batch_size(t->ann, (int)count);
    float loss = kann_cost(t->ann, 0, 1);
    int size = kann_size_var(t->ann);
    for (int i = 0; i < size; i++)
        t->ann->x[i] -= t->rate * t->ann->g[i];
    return loss;
}

static void print_speed(task *t, double seconds)
{
    int *order = malloc(t->rows * sizeof *order);
    double began = now(), done = 0;
    while (now() < began + seconds) {
        kann_shuffle((int)t->rows, order);
        for (size_t at = 0; at < t->rows && (at == 0 || now() < began + seconds);
             at += t->batch) {
            size_t count = t->rows - at < t->batch ? t->rows - at : t->batch;
            step(t, order + at, count);
            done += (double)count;
        }
    }
    printf("%.9g\n", done / (now() - began));
    free(order);
}

static void print_losses(task *t, int steps)
{
    int *order = malloc(t->batch * sizeof *order);
    for (size_t i = 0; i < t->batch; i++)
        order[i] = (int)i;
    for (int i = 0; i < steps; i++)
        printf("%.9g%c", (double)step(t, order, t->batch), i + 1 < steps ? ' ' : '\n');
    free(order);
}

int main(void)
{
    char line[256], network[64];
    unsigned batch = 0, number = 0;
    double seconds = 0;
    while (fgets(line, sizeof line, stdin)) {
        int is_speed =
            sscanf(line, "speed %63s %u %u %lf", network, &batch, &number, &seconds) == 4;
        int is_losses = sscanf(line, "losses %63s %u %u", network, &batch, &number) == 3;
        task t = {.batch = batch,
                  .rows = is_speed ? number : batch,
                  .rate = is_speed ? 1e-4f : 0.01f};
        kad_node_t *last =
            is_speed || is_losses ? make_layers(network, &t.inputs, &t.outputs) : NULL;
        if (last) {
            t.ann = kann_new(kann_layer_cost(last, (int)t.outputs, KANN_C_CEM), 0);
            make_data(&t);
            if (is_speed)
                print_speed(&t, seconds);
            else
                print_losses(&t, (int)number);
            finish(&t);
        } else {
            puts("no");
        }
        fflush(stdout);
    }
    return 0;
}

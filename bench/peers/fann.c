/*
 * A worker (worker.py says what it reads and answers) that trains with FANN.
 *
 * It is the nearest that FANN has: linear functions cut off at 0 and 1 in place of ReLU, mean
 * squared error in place of softmax and cross-entropy, and its batch training, each time on
 * so many rows. It has no threads.
 */
#include <floatfann.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_LAYERS = 16 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* "784-128-10"; the number of layers, or 0 for something else. */
static unsigned read_network(const char *text, unsigned units[MOST_LAYERS])
{
    unsigned count = 0;
    char *end = NULL;
    for (; count < MOST_LAYERS; text = end + 1) {
        units[count] = (unsigned)strtoul(text, &end, 10);
        if (units[count++] == 0)
            return 0;
        if (*end != '-')
            return *end == '\0' && count > 1 ? count : 0;
    }
    return 0;
}

static struct fann *make_network(const unsigned *units, unsigned layers, float rate)
{
    struct fann *ann = fann_create_standard_array(layers, units);
    fann_set_activation_function_hidden(ann, FANN_LINEAR_PIECE);
    fann_set_activation_function_output(ann, FANN_LINEAR);
    fann_set_training_algorithm(ann, FANN_TRAIN_BATCH);
    fann_set_learning_rate(ann, rate);
    fann_randomize_weights(ann, -0.1f, 0.1f);
    return ann;
}

static struct fann_train_data *make_data(unsigned rows, unsigned inputs, unsigned outputs)
{
    struct fann_train_data *data = fann_create_train(rows, inputs, outputs);
    for (unsigned i = 0; i < rows; i++) {
        for (unsigned j = 0; j < inputs; j++)
            data->input[i][j] = (float)rand() / (float)RAND_MAX;
        memset(data->output[i], 0, outputs * sizeof(fann_type));
        data->output[i][i % outputs] = 1;
    }
    return data;
}

static void swap(fann_type **rows, unsigned i, unsigned j)
{
    fann_type *row = rows[i];
    rows[i] = rows[j];
    rows[j] = row;
}

/* One epoch in a new order, or until the clock shows that; returns the rows it trained on. */
static unsigned epoch(struct fann *ann, struct fann_train_data *shuffled, unsigned batch,
                      double until)
{
    unsigned rows = shuffled->num_data, done = 0;
    for (unsigned i = rows - 1; i > 0; i--) {
        unsigned j = (unsigned)rand() % (i + 1);
        swap(shuffled->input, i, j);
        swap(shuffled->output, i, j);
    }
    while (done < rows && (done == 0 || now() < until)) {
        struct fann_train_data part = *shuffled;
        part.num_data = rows - done < batch ? rows - done : batch;
        part.input += done;
        part.output += done;
        fann_train_epoch(ann, &part);
        done += part.num_data;
    }
    return done;
}

static fann_type **copy_rows(fann_type *const *rows, unsigned count)
{
    fann_type **copy = malloc(count * sizeof *copy);
    memcpy(copy, rows, count * sizeof *copy);
    return copy;
}

static void print_speed(struct fann *ann, struct fann_train_data *data, unsigned batch,
                        double seconds)
{
    struct fann_train_data shuffled = *data; /* which row is the first, FANN must know */
    shuffled.input = copy_rows(data->input, data->num_data);
    shuffled.output = copy_rows(data->output, data->num_data);
    double began = now(), done = 0;
    while (now() < began + seconds)
        done += epoch(ann, &shuffled, batch, began + seconds);
    printf("%.9g\n", done / (now() - began));
    free(shuffled.input);
    free(shuffled.output);
}

static void print_losses(struct fann *ann, struct fann_train_data *data, int steps)
{
    for (int i = 0; i < steps; i++)
        printf("%.9g%c", (double)fann_train_epoch(ann, data), i + 1 < steps ? ' ' : '\n');
}

int main(void)
{
    char line[256], network[64];
    unsigned batch = 0, number = 0, units[MOST_LAYERS];
    double seconds = 0;
    while (fgets(line, sizeof line, stdin)) {
        int is_speed =
            sscanf(line, "speed %63s %u %u %lf", network, &batch, &number, &seconds) == 4;
        unsigned layers = 0;
        if (is_speed || sscanf(line, "losses %63s %u %u", network, &batch, &number) == 3)
            layers = read_network(network, units);
        if (layers > 0) {
            struct fann *ann = make_network(units, layers, is_speed ? 1e-4f : 0.01f);
            struct fann_train_data *data =
                make_data(is_speed ? number : batch, units[0], units[layers - 1]);
            if (is_speed)
                print_speed(ann, data, batch, seconds);
            else
                print_losses(ann, data, (int)number);
            fann_destroy_train(data);
            fann_destroy(ann);
        } else {
            puts("no");
        }
        fflush(stdout);
    }
    return 0;
}

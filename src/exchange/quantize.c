#include "exchange/quantize.h"

#include "base/memory.h"
#include "data/batch.h"
#include "exchange/raw_rows.h"
#include "math/kernel.h"

#include <math.h>
#include <string.h>

enum {
    ROWS = 64,            /* of a batch */
    MOST_ROWS = 512,      /* whose values tell ranges */
    MOST_VALUES = 1 << 24 /* of them, in all layers */
};

/* What the network of floats and that of bytes reach on a part of the data. */
typedef struct reached {
    const char *part; /* "validation" */
    bool is_rmse;     /* else accuracy */
    double floats, bytes;
} reached;

/* The network with the weights that are written, pass by pass. */
typedef struct simulation {
    const cr_quantizing *q;
    cr_workspace *workspace;
    cr_real
        *weights;    /* a block of parameters: those of the layers with channel_of, and no
                         bias, which is added behind */
    cr_real *x;      /* [ROWS, the largest input] of a layer, as its bytes say it */
    double *raw;     /* [features] */
    float **samples; /* [node_count] while ranges are looked for: [sampled, inputs] */
    size_t sampled;
} simulation;

static const cr_network *network_of(const simulation *s)
{
    return s->q->model->network;
}

static void set_weights(simulation *s)
{
    const cr_network *network = network_of(s);
    memcpy(s->weights, network->parameters, network->parameter_size * sizeof *s->weights);
    for (size_t i = 0; i < network->node_count; i++) {
        const cr_layer_weights *w = &s->q->weights[i];
        const cr_segment *segments = network->nodes[i].plan.parameters;
        for (size_t k = 0; w->weight && k < w->size; k++)
            s->weights[segments[0].offset + k] = (cr_real)w->weight[k];
        for (size_t k = 0;
             w->weight && network->nodes[i].plan.parameter_count > 1 && k < w->channels;
             k++)
            s->weights[segments[1].offset + k] = 0;
    }
}

/* A layer with weights of ours. */
static void pass_weighted(simulation *s, size_t i, const cr_pass *pass)
{
    const cr_node *node = &network_of(s)->nodes[i];
    const cr_layer_weights *w = &s->q->weights[i];
    cr_layer_io io = s->workspace->io[i];
    size_t n = io.input_size[0], plane = io.output_size / w->channels;
    const cr_real *x = io.x[0];
    if (s->samples && s->samples[i])
        for (size_t k = 0; k < pass->rows * n; k++)
            s->samples[i][s->sampled * n + k] = (float)x[k];
    for (size_t k = 0; w->bytes && k < pass->rows * n; k++)
        s->x[k] =
            (cr_real)(w->inputs.step *
                      (cr_layer_weights_byte(&w->inputs, (float)x[k]) - w->inputs.zero));
    const cr_real *const inputs[] = {w->bytes ? s->x : x};
    io.x = inputs;
    io.weights = s->weights;
    node->type->forward(pass, &io);
    for (size_t k = 0; k < pass->rows * io.output_size; k++)
        io.y[k] += (cr_real)w->bias[k / plane % w->channels];
}

static void forward(simulation *s, size_t rows)
{
    const cr_network *network = network_of(s);
    const cr_pass pass = {.rows = rows, .batch_rows = rows, .shares = 1};
    for (size_t i = 0; i < network->node_count; i++) {
        const cr_layer_io *io = &s->workspace->io[i];
        if (s->q->weights[i].weight)
            pass_weighted(s, i, &pass);
        else if (s->q->passes[i])
            memcpy(io->y, io->x[0], rows * io->output_size * sizeof *io->y);
        else
            network->nodes[i].type->forward(&pass, io);
    }
}

/* Some rows of a dataset through the network. */
static void forward_rows(simulation *s, const cr_dataset *dataset, const uint32_t *rows,
                         size_t count)
{
    cr_real *x = s->workspace->values[0];
    size_t n = dataset->features;
    cr_batch_gather(dataset, rows, count, x, NULL);
    for (size_t i = 0; s->q->raw && i < count; i++) {
        cr_raw_rows_restore(s->q->model->encoding, dataset, rows[i], s->raw);
        for (size_t j = 0; j < n; j++)
            x[i * n + j] = (cr_real)(float)s->raw[j];
    }
    forward(s, count);
}

/* Rows that are spread evenly over a part: number `first` on, of `total`. */
static size_t pick_rows(const cr_part *part, size_t first, size_t total,
                        uint32_t rows[ROWS])
{
    size_t count = total - first < ROWS ? total - first : ROWS;
    for (size_t i = 0; i < count; i++)
        rows[i] = (uint32_t)cr_part_row(part, (first + i) * part->count / total);
    return count;
}

/* By how much a byte of these steps is off, squared. */
static double error_of(const cr_layer_steps *steps, float x)
{
    double off =
        steps->step * (cr_layer_weights_byte(steps, x) - steps->zero) - (double)x;
    return off * off;
}

static cr_layer_steps steps_of(double low, double step)
{
    return (cr_layer_steps){step, -128 - (int)round(low / step)};
}

/* Of steps from those that leave out nothing down to a tenth of that, and of 1, which suits
 * whole numbers: those that are off by least. with_0: 0 has to be among the values, for it
 * is what lies around an image. */
static cr_layer_steps choose_steps(const float *x, size_t count, bool with_0)
{
    enum { STEPS = 40 };
    const size_t stride = count / 20000 + 1;
    double low = with_0 ? 0 : (double)x[0], high = low, middle = 0, least = INFINITY;
    for (size_t i = 0; i < count; i++) {
        low = fmin(low, (double)x[i]);
        high = fmax(high, (double)x[i]);
        middle += with_0 ? 0 : (double)x[i] / (double)count;
    }
    cr_layer_steps best = {1, -(int)round(fmin(fmax(low, -1e6), 1e6))};
    for (int k = -1; high > low && k < STEPS; k++) {
        double factor = pow(0.1, (double)k / STEPS), sum = 0;
        if (k < 0 && high - low > 255)
            continue;
        const cr_layer_steps steps = k < 0 ? steps_of(floor(low), 1)
                                           : steps_of(middle + factor * (low - middle),
                                                      factor * (high - low) / 255);
        for (size_t i = 0; i < count; i += stride)
            sum += error_of(&steps, x[i]);
        if (sum < least) {
            least = sum;
            best = steps;
        }
    }
    return best;
}

/* The weights of a layer, from what its inputs were. */
static bool quantize_node(simulation *s, size_t i, cr_error *err)
{
    const cr_node *node = &network_of(s)->nodes[i];
    const cr_layer_io *io = &s->workspace->io[i];
    cr_layer_weights *w = &s->q->weights[i];
    const float *x = s->samples[i];
    w->inputs = choose_steps(x, s->sampled * io->input_size[0], !node->type->flat);
    return cr_layer_weights_quantize(w, node, io, node->type->flat ? x : NULL, s->sampled,
                                     err);
}

static bool make_samples(simulation *s, size_t rows, cr_error *err)
{
    const cr_network *network = network_of(s);
    s->samples = cr_alloc(network->node_count, sizeof *s->samples, err);
    for (size_t i = 0; s->samples && i < network->node_count; i++) {
        if (!s->q->bytes[i])
            continue;
        s->samples[i] =
            cr_alloc(rows * network->nodes[i].input_sizes[0], sizeof *s->samples[i], err);
        if (!s->samples[i])
            return false;
    }
    return s->samples != NULL;
}

static void free_samples(simulation *s)
{
    for (size_t i = 0; s->samples && i < network_of(s)->node_count; i++)
        cr_free(s->samples[i]);
    cr_free(s->samples);
    s->samples = NULL;
}

/* What values layers see in the training part, and their weights by that. */
static bool calibrate(simulation *s, cr_error *err)
{
    const cr_network *network = network_of(s);
    const cr_part *part = &s->q->data->parts[CR_PART_TRAIN];
    size_t values = 1, total = MOST_ROWS;
    uint32_t rows[ROWS];
    for (size_t i = 0; i < network->node_count; i++)
        values += s->q->bytes[i] ? network->nodes[i].input_sizes[0] : 0;
    total = MOST_VALUES / values < total ? MOST_VALUES / values + 1 : total;
    total = part->count < total ? part->count : total;
    bool good = make_samples(s, total, err);
    while (good && s->sampled < total) {
        size_t count = pick_rows(part, s->sampled, total, rows);
        forward_rows(s, part->dataset, rows, count);
        s->sampled += count;
    }
    for (size_t i = 0; good && i < network->node_count; i++)
        if (s->q->bytes[i])
            good = quantize_node(s, i, err);
    free_samples(s);
    return good;
}

/* What scores of one example add: labels that are right, or squared errors. */
static double judge(const cr_model *model, const cr_dataset *dataset, size_t row,
                    const cr_real *scores)
{
    const cr_encoding *encoding = model->encoding;
    size_t outputs = cr_model_outputs(model);
    double sum = 0;
    if (encoding->classify && !model->loss.type->binary)
        return cr_kernel_argmax(outputs, scores) == (size_t)dataset->labels[row];
    for (size_t j = 0; j < outputs; j++) {
        double target = encoding->classify
                            ? (double)dataset->labels[row]
                            : (double)cr_dataset_target(dataset, row * outputs + j);
        double scale = encoding->target_scale ? encoding->target_scale[j] : 1;
        double off = ((double)scores[j] - target) / scale;
        sum += model->loss.type->classify ? (scores[j] > 0) == (target > 0.5) : off * off;
    }
    return sum / (double)outputs;
}

/* What the simulation reaches on a part. */
static double evaluate(simulation *s, const cr_part *part)
{
    const cr_model *model = s->q->model;
    size_t outputs = cr_model_outputs(model);
    const cr_real *scores = s->workspace->values[model->network->output];
    uint32_t rows[ROWS];
    double sum = 0;
    for (size_t first = 0; first < part->count; first += ROWS) {
        size_t count = pick_rows(part, first, part->count, rows);
        forward_rows(s, part->dataset, rows, count);
        for (size_t i = 0; i < count; i++)
            sum += judge(model, part->dataset, rows[i], scores + i * outputs);
    }
    sum /= (double)part->count;
    return model->loss.type->classify ? sum : sqrt(sum);
}

static bool run(simulation *s, reached *result, cr_error *err)
{
    const cr_data *data = s->q->data;
    int part = data->parts[CR_PART_VALIDATION].dataset ? CR_PART_VALIDATION
               : data->parts[CR_PART_TEST].dataset     ? CR_PART_TEST
                                                       : CR_PART_TRAIN;
    result->part = cr_part_names[part];
    result->is_rmse = !s->q->model->loss.type->classify;
    set_weights(s);
    result->floats = evaluate(s, &data->parts[part]);
    if (!calibrate(s, err))
        return false;
    set_weights(s);
    result->bytes = evaluate(s, &data->parts[part]);
    return true;
}

static bool begin(simulation *s, const cr_quantizing *q, cr_error *err)
{
    const cr_network *network = q->model->network;
    size_t largest = 1;
    for (size_t v = 0; v < network->value_count; v++)
        largest = network->values[v].size > largest ? network->values[v].size : largest;
    *s = (simulation){.q = q};
    s->workspace = cr_workspace_create(network, ROWS, 1, false, err);
    s->weights = cr_alloc(network->parameter_size, sizeof *s->weights, err);
    s->x = cr_alloc(ROWS * largest, sizeof *s->x, err);
    s->raw = cr_alloc(cr_model_inputs(q->model), sizeof *s->raw, err);
    return s->workspace && s->weights && s->x && s->raw;
}

static void end(simulation *s)
{
    cr_workspace_destroy(s->workspace);
    cr_free(s->weights);
    cr_free(s->x);
    cr_free(s->raw);
}

bool cr_quantize_can(const cr_node *node)
{
    enum { MOST = 60000 }; /* products of bytes whose sum 32 bits hold */
    return node->type->in_bytes &&
           node->plan.parameters[0].size / node->plan.output.dim[0] <= MOST;
}

bool cr_quantize_refuse(const cr_error *why, cr_error *err)
{
    return cr_fail(err, why->code,
                   "int8 takes the ranges of values from the training data, which cannot "
                   "be read: %s",
                   why->text);
}

bool cr_quantize(const cr_quantizing *q, const double *max_loss, cr_text *notes,
                 cr_error *err)
{
    simulation s;
    reached r = {0};
    bool good = begin(&s, q, err) && run(&s, &r, err);
    end(&s);
    if (!good)
        return false;
    const char *what = r.is_rmse ? "rmse" : "accuracy";
    double most = max_loss ? *max_loss : 1;
    double loss = r.is_rmse ? 100 * (r.bytes / r.floats - 1) : 100 * (r.floats - r.bytes);
    if (!(loss <= most))
        return cr_fail(
            err, CR_E_DATA,
            "int8: %s on %s goes from %.4f to %.4f, which is %.2f %s more than "
            "the %g that --max-loss allows; export floats, or allow more",
            what, r.part, r.floats, r.bytes, loss - most,
            r.is_rmse ? "percent" : "points", most);
    cr_text_add(notes, "%s on %s: %.4f in floats, %.4f in bytes; ", what, r.part,
                r.floats, r.bytes);
    return true;
}

static void predict_row(simulation *s, bool encoded, const float *x, double *y)
{
    const cr_model *model = s->q->model;
    size_t n = cr_model_inputs(model), outputs = cr_model_outputs(model);
    cr_real *values = s->workspace->values[0];
    cr_real *scores = s->workspace->values[model->network->output];
    for (size_t j = 0; j < n; j++) {
        s->raw[j] = (double)x[j];
        values[j] = (cr_real)x[j];
    }
    if (!encoded && !s->q->raw)
        cr_encoding_apply(model->encoding, s->raw, values);
    forward(s, 1);
    if (model->loss.type->present)
        model->loss.type->present(1, outputs, scores);
    for (size_t j = 0; j < outputs; j++)
        y[j] = cr_encoding_restore_target(model->encoding, j, (double)scores[j]);
}

bool cr_quantize_predict(const cr_quantizing *q, bool encoded, const float *x,
                         size_t rows, double *y, cr_error *err)
{
    simulation s;
    bool good = begin(&s, q, err);
    size_t n = cr_model_inputs(q->model), outputs = cr_model_outputs(q->model);
    if (good)
        set_weights(&s);
    for (size_t i = 0; good && i < rows; i++)
        predict_row(&s, encoded, x + i * n, y + i * outputs);
    end(&s);
    return good;
}

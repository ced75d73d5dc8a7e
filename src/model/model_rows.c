#include "model/model_rows.h"

#include "base/memory.h"
#include "base/size.h"
#include "base/team.h"
#include "data/batch.h"
#include "math/blas.h"

#include <stdatomic.h>
#include <string.h>

enum { TAKEN = 16 * CR_MODEL_BATCH }; /* rows that a thread takes at once */

/* Below this many FLOPs of all rows, starting threads costs more than it saves. */
static const double worthwhile_flops = 50e6;

typedef struct work {
    cr_model *model;
    const cr_model_rows *rows;
    bool present;
    cr_real *y;
    cr_workspace **workspaces; /* [shares] */
    double *raw;               /* [shares, inputs] scratch */
    atomic_size_t next;        /* row that nobody has taken yet */
    atomic_bool stopped;
} work;

void cr_model_use_threads(cr_model *model, int threads)
{
    model->threads = threads > 0 ? threads : cr_blas_processors();
    if (model->threads > 1)
        cr_blas_set_threads(1); /* BLAS splitting products as well would only be slower */
}

/* Numbers of type T as those of type TO, [count, columns]: where they lie column by column,
 * in that order. */
#define READ(name, T, TO)                                                                \
    static void name(const T *from, const cr_model_rows *rows, size_t count,             \
                     size_t columns, TO *restrict to)                                    \
    {                                                                                    \
        const ptrdiff_t row = rows->row, column = rows->column;                          \
        for (size_t i = 0; column == 1 && i < count; i++) {                              \
            const T *restrict line = from + (ptrdiff_t)i * row;                          \
            for (size_t j = 0; j < columns; j++)                                         \
                to[i * columns + j] = (TO)line[j];                                       \
        }                                                                                \
        for (size_t j = 0; column != 1 && j < columns; j++) {                            \
            const T *restrict line = from + (ptrdiff_t)j * column;                       \
            for (size_t i = 0; i < count; i++)                                           \
                to[i * columns + j] = (TO)line[(ptrdiff_t)i * row];                      \
        }                                                                                \
    }

READ(read_doubles, double, cr_real)
READ(read_floats, float, cr_real)
READ(read_raw_doubles, double, double)
READ(read_raw_floats, float, double)

static const void *number_at(const cr_model_rows *rows, size_t row)
{
    ptrdiff_t bytes = (ptrdiff_t)row * rows->row * (ptrdiff_t)rows->size;
    return (const char *)rows->numbers + bytes;
}

/* Numbers that the network takes as they are. */
static void read_plain(const cr_model_rows *rows, size_t first, size_t count,
                       size_t inputs, cr_real *x)
{
    if (rows->size == sizeof(double))
        read_doubles(number_at(rows, first), rows, count, inputs, x);
    else
        read_floats(number_at(rows, first), rows, count, inputs, x);
}

/* Those that are filled in or normalised, in double up to there. */
static void read_encoded(const cr_model_rows *rows, const cr_encoding *encoding,
                         size_t first, size_t count, double *raw, cr_real *x)
{
    for (size_t i = 0; i < count; i++, x += encoding->features) {
        if (rows->size == sizeof(double))
            read_raw_doubles(number_at(rows, first + i), rows, 1, encoding->features,
                             raw);
        else
            read_raw_floats(number_at(rows, first + i), rows, 1, encoding->features, raw);
        cr_encoding_apply(encoding, raw, x);
    }
}

/* Whether all are finite: what is not, times 0, is NaN, and so is the sum. */
static bool are_finite(size_t n, const cr_real *x)
{
    cr_real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++)
        sum += x[i] * 0;
    return sum == 0;
}

static bool read_rows(const work *w, size_t first, size_t count, double *raw, cr_real *x)
{
    const cr_encoding *encoding = w->model->encoding;
    uint32_t numbers[CR_MODEL_BATCH];
    if (w->rows->dataset) {
        for (size_t i = 0; i < count; i++)
            numbers[i] = (uint32_t)(first + i);
        cr_batch_gather(w->rows->dataset, numbers, count, x, NULL);
    } else if (encoding->fill || encoding->shift)
        read_encoded(w->rows, encoding, first, count, raw, x);
    else
        read_plain(w->rows, first, count, encoding->features, x);
    return !w->rows->finite || are_finite(count * encoding->features, x);
}

/* What the network says, as it is asked for. */
static void show(const work *w, size_t rows, cr_real *y)
{
    const cr_model *model = w->model;
    size_t outputs = cr_model_outputs(model);
    if (w->present && model->loss.type->present)
        model->loss.type->present(rows, outputs, y);
    for (size_t i = 0; model->encoding->target_scale && i < rows * outputs; i++)
        y[i] = (cr_real)cr_encoding_restore_target(model->encoding, i % outputs,
                                                   (double)y[i]);
}

/* Batches are the same for every number of threads, and so are bits. */
static void predict_share(void *context, size_t share, size_t shares)
{
    work *w = context;
    cr_workspace *workspace = w->workspaces[share];
    size_t outputs = cr_model_outputs(w->model), count = w->rows->count, first = 0;
    double *raw = w->raw + share * cr_model_inputs(w->model);
    const size_t taken = shares > 1 ? TAKEN : count;
    while (!w->stopped && (first = atomic_fetch_add(&w->next, taken)) < count) {
        size_t end = first + cr_size_smaller(taken, count - first);
        for (size_t rows = 0; first < end && !w->stopped; first += rows) {
            rows = cr_size_smaller(CR_MODEL_BATCH, end - first);
            if (!read_rows(w, first, rows, raw, workspace->values[0]))
                w->stopped = true;
            const cr_pass pass = {.rows = rows, .batch_rows = rows, .shares = 1};
            cr_workspace_forward(&pass, workspace);
            cr_real *y = w->y + first * outputs;
            memcpy(y, workspace->values[w->model->network->output],
                   rows * outputs * sizeof *y);
            show(w, rows, y);
        }
    }
}

static size_t count_shares(const cr_model *model, size_t rows)
{
    double flops = cr_network_flops(model->network, false) * (double)rows;
    return model->threads > 1 && flops >= worthwhile_flops && rows > TAKEN
               ? (size_t)model->threads
               : 1;
}

/* One workspace for each share, of which the model keeps the first. */
static bool make_workspaces(cr_model *model, cr_workspace **workspaces, size_t shares,
                            cr_error *err)
{
    if (!workspaces || !cr_model_prepare(model, err))
        return false;
    workspaces[0] = model->workspace;
    for (size_t i = 1; i < shares; i++) {
        workspaces[i] = cr_model_workspace(model, err);
        if (!workspaces[i])
            return false;
    }
    return true;
}

bool cr_model_rows_predict(cr_model *model, const cr_model_rows *rows, bool present,
                           cr_real *y, bool *stopped, cr_error *err)
{
    size_t shares = count_shares(model, rows->count);
    work w = {.model = model, .rows = rows, .present = present, .y = y};
    w.workspaces = cr_alloc(shares, sizeof *w.workspaces, err);
    w.raw = cr_alloc_raw(shares * cr_model_inputs(model), sizeof *w.raw, err);
    cr_team *team = shares > 1 ? cr_team_create(shares, err) : NULL;
    bool good = w.raw && (team || shares == 1) &&
                make_workspaces(model, w.workspaces, shares, err);
    if (good)
        cr_team_run(team, predict_share, &w);
    *stopped = w.stopped;
    cr_team_destroy(team);
    for (size_t i = 1; w.workspaces && i < shares; i++)
        cr_workspace_destroy(w.workspaces[i]);
    cr_free(w.workspaces);
    cr_free(w.raw);
    return good;
}

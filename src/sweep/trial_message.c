#include "sweep/trial_message.h"

#include "base/memory.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { NUMBER = 8 }; /* bytes */

static void add_whole(cr_text *out, uint64_t number)
{
    unsigned char bytes[NUMBER];
    for (int i = 0; i < NUMBER; i++)
        bytes[i] = (unsigned char)(number >> 8 * i);
    cr_text_add_bytes(out, (const char *)bytes, NUMBER);
}

static void add_real(cr_text *out, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    add_whole(out, bits);
}

static void add_text(cr_text *out, const char *text)
{
    size_t length = strlen(text);
    add_whole(out, length);
    cr_text_add_bytes(out, text, length + 1);
}

static void add_figures(cr_text *out, const cr_figures *figures)
{
    add_whole(out, figures->examples);
    add_real(out, figures->loss);
    add_real(out, figures->accuracy);
    add_real(out, figures->rmse);
}

static void add_epoch(cr_text *out, const cr_epoch *epoch)
{
    add_whole(out, epoch->epoch);
    add_whole(out, epoch->steps);
    add_real(out, epoch->seconds);
    add_real(out, epoch->learning_rate);
    add_figures(out, &epoch->train);
    add_figures(out, &epoch->validation);
    add_real(out, epoch->regularization_loss);
    add_whole(out, epoch->parameters_crc32);
}

void cr_trial_message_add_job(const cr_trial_job *job, cr_text *out)
{
    add_whole(out, job->trial);
    add_whole(out, (uint64_t)job->rung);
    add_whole(out, job->from);
    add_whole(out, job->epochs);
    add_whole(out, job->keeps);
    add_whole(out, job->continues);
    add_whole(out, job->point_count);
    for (size_t i = 0; i < job->point_count; i++)
        add_real(out, job->point[i]);
}

void cr_trial_message_add_result(const cr_trial_result *result, cr_text *out)
{
    add_whole(out, result->status);
    add_whole(out, result->epochs);
    add_whole(out, result->steps);
    add_whole(out, result->parameters);
    add_real(out, result->seconds);
    for (int i = 0; i < CR_PARTS; i++)
        add_figures(out, &result->parts[i]);
    add_real(out, result->regularization_loss);
    add_real(out, result->value);
    add_whole(out, result->has_accuracy);
    add_whole(out, result->epoch_count);
    for (size_t i = 0; i < result->epoch_count; i++)
        add_epoch(out, &result->rows[i]);
    add_text(out, result->config);
    add_text(out, result->error);
}

void cr_trial_message_add_notice(double threshold, cr_text *out)
{
    add_real(out, threshold);
}

/* A place in a message. Reading past its end is remembered, and gives zeros. */
typedef struct place {
    const char *at, *end;
    bool past;
} place;

static const char *take_bytes(place *p, uint64_t length)
{
    if (p->past || (uint64_t)(p->end - p->at) < length) {
        p->past = true;
        return NULL;
    }
    p->at += length;
    return p->at - length;
}

static uint64_t take_whole(place *p)
{
    const unsigned char *bytes = (const unsigned char *)take_bytes(p, NUMBER);
    uint64_t number = 0;
    for (int i = 0; bytes && i < NUMBER; i++)
        number |= (uint64_t)bytes[i] << 8 * i;
    return number;
}

static double take_real(place *p)
{
    uint64_t bits = take_whole(p);
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static const char *take_text(place *p)
{
    uint64_t length = take_whole(p);
    const char *text = length < SIZE_MAX ? take_bytes(p, length + 1) : NULL;
    p->past = p->past || !text || text[length] != '\0';
    return p->past ? "" : text;
}

static cr_figures take_figures(place *p)
{
    cr_figures figures;
    figures.examples = (size_t)take_whole(p);
    figures.loss = take_real(p);
    figures.accuracy = take_real(p);
    figures.rmse = take_real(p);
    return figures;
}

static cr_epoch take_epoch(place *p)
{
    cr_epoch epoch = {0};
    epoch.epoch = (size_t)take_whole(p);
    epoch.steps = (size_t)take_whole(p);
    epoch.seconds = take_real(p);
    epoch.learning_rate = take_real(p);
    epoch.train = take_figures(p);
    epoch.validation = take_figures(p);
    epoch.regularization_loss = take_real(p);
    epoch.parameters_crc32 = (uint32_t)take_whole(p);
    return epoch;
}

/* Whether the message was read to its end and not past it. */
static bool is_whole(const place *p, cr_error *err)
{
    return (!p->past && p->at == p->end) ||
           cr_fail(err, CR_E_IO, "a message between the sweep and a worker is damaged");
}

bool cr_trial_message_read_job(const char *bytes, size_t length, cr_trial_job *job,
                               cr_error *err)
{
    place p = {bytes, bytes + length, false};
    *job = (cr_trial_job){0};
    job->trial = (size_t)take_whole(&p);
    job->rung = (int)(int64_t)take_whole(&p);
    job->from = (size_t)take_whole(&p);
    job->epochs = (size_t)take_whole(&p);
    job->keeps = take_whole(&p) != 0;
    job->continues = take_whole(&p) != 0;
    job->point_count = (size_t)take_whole(&p);
    p.past = p.past || job->point_count > CR_MOST_POINT;
    for (size_t i = 0; !p.past && i < job->point_count; i++)
        job->point[i] = take_real(&p);
    return is_whole(&p, err);
}

bool cr_trial_message_read_result(const char *bytes, size_t length,
                                  cr_trial_result *result, cr_epoch **rows,
                                  size_t *row_capacity, cr_error *err)
{
    place p = {bytes, bytes + length, false};
    *result = (cr_trial_result){0};
    uint64_t status = take_whole(&p);
    result->status =
        status <= CR_TRIAL_ELIMINATED ? (cr_trial_status)status : CR_TRIAL_FAILED;
    result->epochs = (size_t)take_whole(&p);
    result->steps = (size_t)take_whole(&p);
    result->parameters = (size_t)take_whole(&p);
    result->seconds = take_real(&p);
    for (int i = 0; i < CR_PARTS; i++)
        result->parts[i] = take_figures(&p);
    result->regularization_loss = take_real(&p);
    result->value = take_real(&p);
    result->has_accuracy = take_whole(&p) != 0;
    result->epoch_count = (size_t)take_whole(&p);
    if (result->epoch_count > length) /* more than can be in it */
        p.past = true;
    else if (!cr_reserve(rows, row_capacity, result->epoch_count, sizeof **rows, err))
        return false;
    for (size_t i = 0; !p.past && i < result->epoch_count; i++)
        (*rows)[i] = take_epoch(&p);
    result->rows = *rows;
    result->config = take_text(&p);
    result->error = take_text(&p);
    return is_whole(&p, err);
}

double cr_trial_message_read_notice(const char *bytes, size_t length)
{
    place p = {bytes, bytes + length, false};
    double threshold = take_real(&p);
    return p.past || p.at != p.end ? (double)NAN : threshold;
}

#include "sweep/sweep_work.h"

#include "sweep/trial_message.h"

/* A trial asks this in its worker; the user is the worker's news. */
static bool is_stopping(void *user)
{
    const cr_worker_news *news = user;
    return news->is_stopping(news->user);
}

/* A trial asks this too: the threshold that the worker was told of last. */
static double threshold(void *user)
{
    const cr_worker_news *news = user;
    size_t length = 0;
    const char *notice = news->notice(news->user, &length);
    return cr_trial_message_read_notice(notice, length);
}

bool cr_sweep_work(void *context, const cr_worker_news *news, const char *bytes,
                   size_t length, cr_text *result)
{
    cr_worker_news heard = *news;
    cr_trial_worker worker = *(const cr_trial_worker *)context;
    worker.is_stopping = is_stopping;
    worker.threshold = threshold;
    worker.user = &heard;
    cr_trial_job job;
    if (!cr_trial_message_read_job(bytes, length, &job, NULL)) {
        result->failed = true;
        return true;
    }
    if (job.point_count > 0)
        cr_sweep_plan_place(
            worker.plan, cr_sweep_plan_trial(worker.plan, job.trial).setting, job.point);
    return cr_trial_run(&worker, &job, result);
}

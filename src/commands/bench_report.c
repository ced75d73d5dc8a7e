#include "commands/bench_report.h"

#include "base/memory.h"
#include "bench/bench_advice.h"
#include "bench/bench_machine.h"
#include "commands/figures.h"
#include "commands/print.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static double step_parts(const cr_bench_result *r)
{
    double total = 0;
    for (int i = 0; i < CR_BENCH_PARTS; i++)
        total += r->profile.part_s[i];
    return total;
}

/* Seconds of an epoch's steps. */
static double epoch_steps(const cr_bench_result *r)
{
    return r->epoch_steps * (double)r->batch / r->samples_per_second;
}

/* Shares of an epoch: the step's parts share the time of its steps. */
static void print_parts(const cr_bench_result *r)
{
    const cr_bench_profile *p = &r->profile;
    double epoch = epoch_steps(r) + p->evaluation_s + p->log_s;
    double percent = 100 * epoch_steps(r) / epoch / step_parts(r);
    cr_print("%-12s", "");
    for (int i = 0; i < CR_BENCH_PARTS; i++)
        cr_print(" %s %.0f%%", cr_bench_part_names[i], percent * p->part_s[i]);
    cr_print(" evaluation %.0f%% log %.0f%%; of layers:", 100 * p->evaluation_s / epoch,
             100 * p->log_s / epoch);
    for (size_t i = 0; i < p->layer_count; i++) {
        const cr_bench_layer *l = &p->layers[i];
        if (*l->name)
            cr_print(" %s %.0f%%", l->name,
                     percent * (l->forward_s + l->backward_s + l->gradient_s));
    }
    cr_print("; checkpoint %.2g ms\n", 1e3 * r->checkpoint_s);
}

void cr_bench_report_print(const cr_bench_result *results, size_t count)
{
    double peak = 0;
    cr_print("%-12s %6s %7s %12s %7s %8s %7s %8s %10s %9s\n", "workload", "batch",
             "threads", "samples/s", "spread", "GFLOP/s", "of peak", "floor",
             "efficiency", "peak MiB");
    for (size_t i = 0; i < count; i++) {
        const cr_bench_result *r = &results[i];
        char speed[16], advice[CR_BENCH_ADVICE];
        cr_print("%-12s %6zu %7zu %12s %6.1f%% %8.1f %6.0f%% %8.1f %10.2f %9.0f\n",
                 r->name, r->batch, r->threads,
                 cr_figures_format_count(r->samples_per_second, speed), 100 * r->spread,
                 r->gflops, 100 * r->of_peak, r->floor_gflops, r->efficiency,
                 r->peak_bytes / 1048576);
        peak = r->peak_gflops > peak ? r->peak_gflops : peak;
        print_parts(r);
        if (cr_bench_advice_give(results, count, i, advice))
            cr_print("%-12s %s\n", "", advice);
    }
    cr_print("peak of a core: %.1f GFLOP/s, of fused multiply-adds alone\n", peak);
    fflush(stdout);
}

static bool add_times(cr_json *object, const cr_bench_result *r)
{
    const cr_bench_profile *p = &r->profile;
    cr_json *parts = cr_json_add(object, "parts_s", CR_JSON_OBJECT);
    bool good = parts != NULL;
    for (int i = 0; good && i < CR_BENCH_PARTS; i++)
        good = cr_json_set_number(parts, cr_bench_part_names[i], p->part_s[i]);
    cr_json *epoch = good ? cr_json_add(object, "epoch_s", CR_JSON_OBJECT) : NULL;
    good = epoch && cr_json_set_number(epoch, "steps", epoch_steps(r)) &&
           cr_json_set_number(epoch, "evaluation", p->evaluation_s) &&
           cr_json_set_number(epoch, "log", p->log_s);
    cr_json *layers = good ? cr_json_add(object, "layers_s", CR_JSON_OBJECT) : NULL;
    good = layers != NULL;
    for (size_t i = 0; good && i < p->layer_count; i++) {
        const cr_bench_layer *layer = &p->layers[i];
        if (!*layer->name)
            continue;
        cr_json *times = cr_json_add(layers, layer->name, CR_JSON_OBJECT);
        good = times && cr_json_set_number(times, "forward", layer->forward_s) &&
               cr_json_set_number(times, "backward", layer->backward_s) &&
               cr_json_set_number(times, "gradient", layer->gradient_s);
    }
    return good;
}

static bool add_result(cr_json *list, const cr_bench_result *r, const char *advice)
{
    cr_json *object = cr_json_add(list, NULL, CR_JSON_OBJECT);
    return object && cr_json_set_string(object, "name", r->name) &&
           cr_json_set_number(object, "batch", (double)r->batch) &&
           cr_json_set_number(object, "threads", (double)r->threads) &&
           cr_json_set_number(object, "samples_per_second", r->samples_per_second) &&
           cr_json_set_number(object, "spread", r->spread) &&
           cr_json_set_number(object, "gflops", r->gflops) &&
           cr_json_set_number(object, "floor_gflops", r->floor_gflops) &&
           cr_json_set_number(object, "floor_threads", (double)r->floor_threads) &&
           cr_json_set_number(object, "efficiency", r->efficiency) &&
           cr_json_set_number(object, "peak_gflops", r->peak_gflops) &&
           cr_json_set_number(object, "of_peak", r->of_peak) &&
           cr_json_set_number(object, "peak_bytes", r->peak_bytes) &&
           cr_json_set_number(object, "checkpoint_s", r->checkpoint_s) &&
           add_times(object, r) &&
           (!advice || cr_json_set_string(object, "advice", advice));
}

bool cr_bench_report_print_json(const cr_bench_result *results, size_t count,
                                cr_error *err)
{
    cr_json *root = cr_json_new(CR_JSON_OBJECT);
    cr_json *machine = root ? cr_json_add(root, "machine", CR_JSON_OBJECT) : NULL;
    cr_json *list = machine && cr_bench_machine_describe(machine)
                        ? cr_json_add(root, "results", CR_JSON_ARRAY)
                        : NULL;
    bool good = list != NULL;
    for (size_t i = 0; good && i < count; i++) {
        char advice[CR_BENCH_ADVICE];
        good = add_result(list, &results[i],
                          cr_bench_advice_give(results, count, i, advice));
    }
    good = good && cr_print_json(stdout, root, true);
    cr_json_free(root);
    return good || cr_fail(err, CR_E_MEMORY, "out of memory");
}

/* The earlier result to compare with; NULL without one. */
static const cr_json *find_before(const cr_json *before, const cr_bench_result *r)
{
    const cr_json *list = cr_json_get_kind(before, "results", CR_JSON_ARRAY);
    const cr_json *found = NULL;
    for (const cr_json *item = list ? cr_json_first(list) : NULL; item;
         item = cr_json_next(item)) {
        const char *name = cr_json_get_string(item, "name");
        if (!name || strcmp(name, r->name) != 0 ||
            !isfinite(cr_json_get_number(item, "samples_per_second", NAN)) ||
            !isfinite(cr_json_get_number(item, "spread", NAN)))
            continue;
        if (cr_json_get_number(item, "threads", 0) == (double)r->threads)
            return item;
        found = found ? found : item;
    }
    return found;
}

static bool compare_one(const cr_bench_result *r, const cr_json *before)
{
    const cr_json *then = find_before(before, r);
    if (!then) {
        cr_print_to(stderr, "%-12s is not in the earlier file\n", r->name);
        return false;
    }
    double spread = cr_json_get_number(then, "spread", NAN);
    double ratio =
        r->samples_per_second / cr_json_get_number(then, "samples_per_second", NAN);
    double threads = cr_json_get_number(then, "threads", (double)r->threads);
    double noise = r->spread > spread ? r->spread : spread;
    noise = noise < 0.05 ? 0.05 : noise > 0.5 ? 0.5 : noise;
    const char *verdict = ratio < 1 - noise   ? "slower"
                          : ratio > 1 + noise ? "faster"
                                              : "as before";
    cr_print_to(stderr, "%-12s %.2f of the speed before: %s (noise %.0f%%)", r->name,
                ratio, verdict, 100 * noise);
    if (threads != (double)r->threads)
        cr_print_to(stderr, "; on %zu threads, before on %.0f", r->threads, threads);
    cr_print_to(stderr, "\n");
    return ratio < 1 - noise;
}

bool cr_bench_report_compare(const cr_bench_result *results, size_t count,
                             const cr_json *before)
{
    bool regression = false;
    for (size_t i = 0; i < count; i++)
        regression |= compare_one(&results[i], before);
    return regression;
}

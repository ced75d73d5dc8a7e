/* chainrule bench: training speed against this machine's own limit. */
#include "bench/bench.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/path.h"
#include "base/text.h"
#include "bench/bench_suite.h"
#include "commands/command.h"
#include "commands/figures.h"
#include "commands/progress.h"
#include "config/document.h"
#include "config/json.h"
#include "math/blas.h"
#include "runs/summary.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { JSON, COMPARE, THREADS, SECONDS, FLAGS };

static const cr_flag flags[FLAGS] = {
    [JSON] = {0, "json", NULL, "print JSON in place of the tables"},
    [COMPARE] = {0, "compare", "FILE",
                 "compare with an earlier --json; exit status 1 if slower"},
    [THREADS] = {'t', "threads", "N", "the same as training.threads=N"},
    [SECONDS] = {0, "seconds", "S",
                 "length of a turn (default 0.2; a workload takes 16 turns)"},
};

static const char details[] =
    "Without a CONFIG: a suite of five networks on synthetic data, spiral, digits, "
    "mnist-mlp,\n"
    "mnist-deep and wide; a NAME is one of them. Steps and the GEMM floor\n"
    "(the step's matrix products alone, with the best number of BLAS threads) are "
    "measured in\n"
    "turns; figures are medians. Efficiency is floor time over step time.\n"
    "\n"
    "Examples:\n"
    "  chainrule bench --json > before.json\n"
    "  chainrule bench --compare before.json\n"
    "  chainrule bench configs/digits.json mnist-mlp\n";

/* What one call of bench goes through. */
typedef struct benching {
    const char *const *values;
    const char **overrides; /* -t among them */
    size_t override_count;
    double seconds;
    cr_json *root, *list; /* the results as JSON */
    cr_document before;   /* of --compare; no root without it */
    bool has_heading;     /* printed, above the first result */
    bool regression;
} benching;

/* VmHWM of /proc/self/status, in bytes; 0 where there is no such thing. */
static double peak_memory(void)
{
    char *text = NULL;
    size_t length = 0;
    double kilobytes = 0;
    if (!cr_file_read("/proc/self/status", 1 << 16, CR_E_IO, &text, &length, NULL))
        return 0;
    const char *line = strstr(text, "VmHWM:");
    if (line)
        kilobytes = strtod(line + strlen("VmHWM:"), NULL);
    cr_free(text);
    return kilobytes * 1024;
}

/* Makes the process's peak memory start again from what it holds now, where the system can
 * do that. */
static void reset_peak_memory(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "w");
    if (!file)
        return;
    fputs("5", file);
    fclose(file);
}

static bool add_result(benching *b, const char *name, const cr_bench_result *r,
                       double peak)
{
    cr_json *object = cr_json_add(b->list, NULL, CR_JSON_OBJECT);
    bool good = object && cr_json_set_string(object, "name", name) &&
                cr_json_set_number(object, "batch", (double)r->batch) &&
                cr_json_set_number(object, "threads", (double)r->threads) &&
                cr_json_set_number(object, "samples_per_second", r->samples_per_second) &&
                cr_json_set_number(object, "spread", r->spread) &&
                cr_json_set_number(object, "gflops", r->gflops) &&
                cr_json_set_number(object, "floor_gflops", r->floor_gflops) &&
                cr_json_set_number(object, "floor_threads", (double)r->floor_threads) &&
                cr_json_set_number(object, "efficiency", r->efficiency) &&
                cr_json_set_number(object, "peak_bytes", peak) &&
                cr_json_set_number(object, "checkpoint_s", r->checkpoint_s);
    cr_json *parts = good ? cr_json_add(object, "parts_s", CR_JSON_OBJECT) : NULL;
    for (int i = 0; parts && i < CR_BENCH_PARTS; i++)
        good = good && cr_json_set_number(parts, cr_bench_part_names[i], r->part_s[i]);
    cr_json *layers = good ? cr_json_add(object, "layers_s", CR_JSON_OBJECT) : NULL;
    for (size_t i = 0; layers && i < r->layer_count; i++) {
        const cr_bench_layer *layer = &r->layers[i];
        cr_json *times =
            *layer->name ? cr_json_add(layers, layer->name, CR_JSON_OBJECT) : NULL;
        if (times)
            good = good && cr_json_set_number(times, "forward", layer->forward_s) &&
                   cr_json_set_number(times, "backward", layer->backward_s) &&
                   cr_json_set_number(times, "gradient", layer->gradient_s);
    }
    return good && parts && layers;
}

static void print_heading(void)
{
    printf("%-12s %6s %7s %12s %7s %8s %8s %10s %9s\n", "workload", "batch", "threads",
           "samples/s", "spread", "GFLOP/s", "floor", "efficiency", "peak MiB");
}

static void print_result(const char *name, const cr_bench_result *r, double peak)
{
    char speed[16];
    printf("%-12s %6zu %7zu %12s %6.1f%% %8.1f %8.1f %10.2f %9.0f\n", name, r->batch,
           r->threads, cr_figures_format_count(r->samples_per_second, speed),
           100 * r->spread, r->gflops, r->floor_gflops, r->efficiency, peak / 1048576);
    double total = 0;
    for (int i = 0; i < CR_BENCH_PARTS; i++)
        total += r->part_s[i];
    printf("%-12s", "");
    for (int i = 0; i < CR_BENCH_PARTS; i++)
        printf(" %s %.0f%%", cr_bench_part_names[i], 100 * r->part_s[i] / total);
    printf("; of layers:");
    for (size_t i = 0; i < r->layer_count; i++) {
        const cr_bench_layer *l = &r->layers[i];
        if (*l->name)
            printf(" %s %.0f%%", l->name,
                   100 * (l->forward_s + l->backward_s + l->gradient_s) / total);
    }
    printf("; checkpoint %.2g ms\n", 1e3 * r->checkpoint_s);
    fflush(stdout);
}

/* Against the result of the same name: slower by more than both runs' spread, and 5 % at
 * the least, is a regression. */
static void compare(benching *b, const char *name, const cr_bench_result *r)
{
    const cr_json *list = cr_json_get_kind(b->before.root, "results", CR_JSON_ARRAY);
    const cr_json *item = list ? cr_json_first(list) : NULL;
    for (; item; item = cr_json_next(item)) {
        const char *its_name = cr_json_get_string(item, "name");
        double speed = cr_json_get_number(item, "samples_per_second", NAN);
        double spread = cr_json_get_number(item, "spread", NAN);
        if (!its_name || strcmp(its_name, name) != 0 || !isfinite(speed + spread))
            continue;
        double ratio = r->samples_per_second / speed;
        double noise = r->spread > spread ? r->spread : spread;
        noise = noise < 0.05 ? 0.05 : noise > 0.5 ? 0.5 : noise;
        const char *verdict = ratio < 1 - noise   ? "slower"
                              : ratio > 1 + noise ? "faster"
                                                  : "as before";
        b->regression |= ratio < 1 - noise;
        fprintf(stderr, "%-12s %.2f of the speed before: %s (noise %.0f%%)\n", name,
                ratio, verdict, 100 * noise);
        return;
    }
    if (b->before.root)
        fprintf(stderr, "%-12s is not in the earlier file\n", name);
}

static bool run_config(benching *b, const char *name, const char *path, cr_error *err)
{
    reset_peak_memory();
    cr_experiment *e = cr_experiment_load(path, b->overrides, b->override_count, err);
    cr_bench_result result = {0};
    bool good = e && cr_bench_run(e, b->seconds, &result, err);
    if (good) {
        double peak = peak_memory();
        if (!b->values[JSON] && !b->has_heading)
            print_heading();
        b->has_heading = true;
        if (!b->values[JSON])
            print_result(name, &result, peak);
        if (!add_result(b, name, &result, peak))
            good = cr_fail(err, CR_E_MEMORY, "out of memory");
        compare(b, name, &result);
    }
    cr_bench_finish(&result);
    cr_experiment_destroy(e);
    return good;
}

static void remove_directory(const char *directory)
{
    static const char *const names[] = {"config.json", "table.csv", "images.idx",
                                        "labels.idx"};
    for (size_t i = 0; i < CR_COUNT(names); i++) {
        char *path = cr_path_join(directory, names[i], NULL);
        if (path)
            unlink(path);
        cr_free(path);
    }
    rmdir(directory);
}

static bool run_workload(benching *b, const cr_workload *workload, cr_error *err)
{
    char directory[] = "/tmp/chainrule-bench-XXXXXX";
    if (!mkdtemp(directory))
        return cr_fail(err, CR_E_IO, "cannot make a temporary directory in /tmp");
    char *config = cr_path_join(directory, "config.json", err);
    bool good = config && cr_bench_suite_write(workload, directory, err) &&
                run_config(b, workload->name, config, err);
    cr_free(config);
    remove_directory(directory);
    return good;
}

/* One of the suite, by its name; NULL: it is a path. */
static const cr_workload *find_workload(const char *name)
{
    for (size_t i = 0; i < cr_workload_count; i++)
        if (strcmp(cr_workloads[i].name, name) == 0)
            return &cr_workloads[i];
    return NULL;
}

static bool run_all(benching *b, size_t count, char **paths, cr_error *err)
{
    bool good = true;
    for (size_t i = 0; good && count == 0 && i < cr_workload_count; i++)
        good = run_workload(b, &cr_workloads[i], err);
    for (size_t i = 0; good && i < count; i++) {
        const cr_workload *workload = find_workload(paths[i]);
        if (workload) {
            good = run_workload(b, workload, err);
            continue;
        }
        char *name = cr_path_stem(paths[i], err);
        good = name && run_config(b, name, paths[i], err);
        cr_free(name);
    }
    return good;
}

static bool begin_json(benching *b)
{
    b->root = cr_json_new(CR_JSON_OBJECT);
    cr_json *machine = b->root ? cr_json_add(b->root, "machine", CR_JSON_OBJECT) : NULL;
    b->list = machine ? cr_json_add(b->root, "results", CR_JSON_ARRAY) : NULL;
    return b->list && cr_json_set_number(machine, "processors", cr_blas_processors()) &&
           cr_summary_add_machine(machine);
}

static bool bench(benching *b, size_t count, char **paths, cr_error *err)
{
    if (!begin_json(b))
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    if (b->values[COMPARE] && !cr_document_read(&b->before, b->values[COMPARE], err))
        return false;
    bool good = run_all(b, count, paths, err);
    char *text = good && b->values[JSON] ? cr_json_print(b->root, true) : NULL;
    if (text)
        puts(text);
    cr_free(text);
    return good;
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    (void)context;
    const char *const *values = arguments->values;
    size_t count = arguments->count;
    benching b = {.values = values, .seconds = 0.2};
    if (values[SECONDS] &&
        (!cr_number_parse(values[SECONDS], strlen(values[SECONDS]), &b.seconds) ||
         !(b.seconds > 0 && b.seconds <= 3600)))
        return cr_command_usage(&cr_command_bench, "--seconds takes a number above 0");
    cr_command_warn_of_kernel();
    cr_error err = CR_ERROR_INIT;
    char threads[CR_THREADS_TEXT];
    b.override_count = cr_command_overrides_first(count, arguments->items);
    count -= b.override_count;
    char **names = arguments->items + b.override_count;
    b.overrides = cr_command_add_threads(arguments->items, &b.override_count,
                                         values[THREADS], threads, &err);
    bool good = b.overrides && bench(&b, count, names, &err);
    cr_free(b.overrides);
    cr_json_free(b.root);
    cr_document_finish(&b.before);
    if (!good)
        return cr_command_error(&err);
    return b.regression ? CR_EXIT_FAILED : CR_EXIT_DONE;
}

const cr_command cr_command_bench = {
    .name = "bench",
    .arguments = "[CONFIG|NAME...] [key.path=value ...] [--json] [--compare FILE] [-t N] "
                 "[--seconds S]",
    .summary = "Training speed against this machine's own limit.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .run = run,
};

/* chainrule bench: training speed against this machine's own limit. */
#include "bench/bench.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/path.h"
#include "base/text.h"
#include "bench/bench_suite.h"
#include "commands/bar.h"
#include "commands/bench_report.h"
#include "commands/command.h"
#include "commands/kind.h"
#include "commands/output.h"
#include "commands/products_report.h"
#include "commands/suggest.h"
#include "config/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { JSON, COMPARE, THREADS, SECONDS, PRODUCTS, FLAGS };

static const cr_flag flags[FLAGS] = {
    [JSON] = {0, "json", NULL, "print JSON in place of the tables"},
    [COMPARE] = {0, "compare", "FILE",
                 "compare with an earlier --json; exit status 1 if slower"},
    [THREADS] = {'t', "threads", "N[,N...]",
                 "the same as training.threads=N; several are measured in turns"},
    [SECONDS] = {0, "seconds", "S",
                 "length of a turn (default 0.2; a workload takes 18 turns for each N)"},
    [PRODUCTS] = {0, "products", NULL,
                  "matrix products of many sizes: our own kernels against BLAS"},
};

static const char details[] =
    "Without a CONFIG: a suite of eight networks on synthetic data, spiral, digits, "
    "mnist-mlp,\n"
    "mnist-deep, wide, lenet, mnist-conv and cifar-conv; a NAME is one of them. Steps "
    "and the GEMM floor\n"
    "(the step's matrix products alone, with the best number of BLAS threads) are "
    "measured in\n"
    "turns, all workloads and numbers of threads together; figures are medians.\n"
    "Efficiency is floor time over step time. A core's peak, of fused multiply-adds on "
    "registers,\n"
    "is measured between them; \"of peak\" is a workload's share of that times its "
    "threads.\n"
    "\n"
    "Examples:\n"
    "  chainrule bench --json > before.json\n"
    "  chainrule bench --compare before.json\n"
    "  chainrule bench configs/digits.json mnist-mlp -t 1,2,4\n";

enum { MOST_THREADS = 64 }; /* numbers of them in one call */

/* What one call of bench goes through. */
typedef struct benching {
    const cr_context *context;
    const cr_arguments *arguments;
    const char *const *values;
    cr_bench *bench;
    char *threads[MOST_THREADS]; /* [thread_count] the numbers of -t; parts of a copy */
    size_t thread_count;         /* 0: the config's own */
    double seconds;              /* of a turn */
    cr_bar bar;
} benching;

/* The config with each number of threads. */
static bool add_config(benching *b, const char *name, cr_recipe recipe, cr_error *err)
{
    bool good = true;
    size_t variants = b->thread_count ? b->thread_count : 1;
    for (size_t i = 0; good && i < variants; i++) {
        char text[CR_THREADS_TEXT];
        const char **overrides =
            cr_command_add_threads(b->arguments, b->thread_count ? b->threads[i] : NULL,
                                   text, &recipe.override_count, err);
        recipe.overrides = overrides;
        good = overrides && cr_bench_add(b->bench, name, &recipe, i > 0, err) &&
               (*b->context->signal == 0 || cr_fail(err, CR_E_USAGE, "interrupted"));
        cr_free(overrides);
    }
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

static bool add_workload(benching *b, const cr_workload *workload, cr_error *err)
{
    char directory[] = "/tmp/chainrule-bench-XXXXXX";
    if (!mkdtemp(directory))
        return cr_fail(err, CR_E_IO, "cannot make a temporary directory in /tmp");
    char *config = cr_path_join(directory, "config.json", err);
    bool good = config && cr_bench_suite_write(workload, directory, err) &&
                add_config(b, workload->name, (cr_recipe){.path = config}, err);
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

/* Whether it may be a config's path: else it is a name that was mistyped. */
static bool check_name(const char *name, cr_error *err)
{
    enum { MOST = 32 };
    const char *names[MOST];
    size_t count = 0;
    const char *problem = cr_file_problem(name);
    if (!problem || strcmp(problem, "no such file") != 0 || strpbrk(name, "/."))
        return true;
    for (; count < cr_workload_count && count < MOST; count++)
        names[count] = cr_workloads[count].name;
    cr_text known = {0};
    cr_suggest_known(&known, name, names, count);
    cr_fail(err, CR_E_USAGE, "\"%s\": no config, and no benchmark%s", name,
            known.failed ? "" : known.data);
    cr_text_finish(&known);
    return false;
}

static bool add_item(benching *b, size_t i, cr_error *err)
{
    const cr_recipe recipe = cr_command_recipe(b->arguments, i, CR_LOAD_TO_TRAIN);
    const cr_workload *workload = find_workload(recipe.path);
    if (workload)
        return add_workload(b, workload, err);
    if (!recipe.text &&
        !(check_name(recipe.path, err) && cr_kind_check_config(recipe.path, err)))
        return false;
    char *name = cr_path_stem(recipe.path, err);
    bool good = name && add_config(b, name, recipe, err);
    cr_free(name);
    return good;
}

static bool add_all(benching *b, cr_error *err)
{
    bool good = true;
    if (b->arguments->count == 0)
        for (size_t i = 0; good && i < cr_workload_count; i++)
            good = add_workload(b, &cr_workloads[i], err);
    for (size_t i = 0; good && i < b->arguments->count; i++)
        good = add_item(b, i, err);
    return good;
}

static bool on_turn(void *user, double done)
{
    benching *b = user;
    cr_bar_line line = {0};
    if (cr_bar_is_due(&b->bar, done)) {
        cr_bar_line_add_bar(&line, 1, done);
        cr_bar_add_time_left(&b->bar, &line, 0, done);
        cr_bar_draw(&b->bar, &line);
        cr_bar_line_finish(&line);
    }
    return *b->context->signal == 0;
}

/* *regression: something is slower than in `before`, which may be NULL. */
static bool bench(benching *b, const cr_json *before, bool *regression, cr_error *err)
{
    size_t count = b->arguments->count, configs = count ? count : cr_workload_count;
    size_t variants = b->thread_count ? b->thread_count : 1;
    b->bench = cr_bench_create(configs * variants, b->seconds, err);
    cr_bar_begin(&b->bar, !isatty(STDERR_FILENO));
    bool good = b->bench && add_all(b, err) && cr_bench_run(b->bench, on_turn, b, err);
    cr_bar_end(&b->bar);
    if (good) {
        const cr_bench_result *results = cr_bench_results(b->bench, &count);
        if (b->values[JSON])
            good = cr_bench_report_print_json(results, count, err);
        else
            cr_bench_report_print(results, count);
        *regression = before && cr_bench_report_compare(results, count, before);
    }
    cr_bench_destroy(b->bench);
    return good;
}

/* "1,2,4", which is cut into its numbers; what is none, the config's own check says. */
static bool read_threads(benching *b, char *list)
{
    for (char *at = list; at; b->thread_count++) {
        char *comma = strchr(at, ',');
        if (b->thread_count == MOST_THREADS)
            return false;
        b->threads[b->thread_count] = at;
        if (comma)
            *comma++ = '\0';
        at = comma;
    }
    return true;
}

/* A tenth of a workload's time for each: there are many products. */
static int run_products(const benching *b, cr_error *err)
{
    if (b->arguments->count > 0 || b->values[COMPARE] || b->values[THREADS])
        return cr_command_usage(&cr_command_bench,
                                "--products takes --json and --seconds alone");
    bool good =
        cr_products_report_print(b->context, b->seconds / 10, b->values[JSON], err);
    if (*b->context->signal != 0)
        return 128 + (int)*b->context->signal;
    return good ? CR_EXIT_DONE : cr_command_error(err);
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    const char *const *values = arguments->values;
    const char *list = values[THREADS], *seconds = values[SECONDS];
    benching b = {context, arguments, .values = values, .seconds = 0.2};
    if (seconds && (!cr_number_parse(seconds, strlen(seconds), &b.seconds) ||
                    !(b.seconds > 0 && b.seconds <= 3600)))
        return cr_command_usage(&cr_command_bench, "--seconds takes a number above 0");
    cr_command_warn_of_kernel();
    cr_error err = CR_ERROR_INIT;
    if (values[PRODUCTS])
        return run_products(&b, &err);
    cr_document before = {0};
    bool regression = false;
    char *threads = list ? cr_text_copy(list, strlen(list), &err) : NULL;
    bool good = !list || threads;
    if (threads && !read_threads(&b, threads))
        good = cr_fail(&err, CR_E_USAGE, "-t takes at most %d numbers", MOST_THREADS);
    const cr_protected earlier = {values[COMPARE], "the file to compare with"};
    good = good && cr_output_check(NULL, &earlier, 1, NULL, &err);
    if (good && values[COMPARE])
        good = cr_document_read(&before, values[COMPARE], &err);
    good = good && bench(&b, values[COMPARE] ? before.root : NULL, &regression, &err);
    cr_document_finish(&before);
    cr_free(threads);
    if (*context->signal != 0)
        return 128 + (int)*context->signal;
    if (!good)
        return cr_command_error(&err);
    return regression ? CR_EXIT_FAILED : CR_EXIT_DONE;
}

const cr_command cr_command_bench = {
    .name = "bench",
    .arguments = "[CONFIG|NAME...] [key.path=value ...] [--json] [--compare FILE] "
                 "[-t N[,N...]] [--seconds S] [--products]",
    .summary = "Training speed against this machine's own limit.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .takes = CR_TAKES_CONFIGS,
    .stops = "",
    .run = run,
};

#include "runs/run_directory.h"

#include "base/file.h"
#include "base/memory.h"
#include "runs/model_file.h"
#include "runs/summary.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_RUNS = 100000 }; /* of one name */

static bool is_empty(const char *path)
{
    DIR *directory = opendir(path);
    if (!directory)
        return false;
    bool empty = true;
    for (const struct dirent *entry = readdir(directory); entry;
         entry = readdir(directory))
        empty &= strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(directory);
    return empty;
}

/* Makes the named directory; one that exists must be empty. */
static bool claim_named(cr_run *run, const char *path, cr_error *err)
{
    struct stat status;
    if (stat(path, &status) == 0 && !(S_ISDIR(status.st_mode) && is_empty(path)))
        return cr_fail(
            err, CR_E_USAGE,
            "%s: it exists already, and a run never overwrites another; choose "
            "another directory with -o, or remove this one",
            path);
    run->path = cr_copy_text(path, strlen(path), err);
    return run->path && cr_directory_create(path, err);
}

/* Makes the first of runs/name, runs/name-2, … that does not exist: mkdir itself tells,
 * so that two runs never meet. */
static bool claim_next(cr_run *run, const char *config_path, cr_error *err)
{
    char *stem = cr_path_stem(config_path, err);
    bool good = stem && cr_directory_create("runs", err);
    for (int i = 1; good && !run->path && i < MOST_RUNS; i++) {
        cr_text path = {0};
        cr_text_add(&path, i == 1 ? "runs/%s" : "runs/%s-%d", stem, i);
        if (path.failed)
            good = cr_fail(err, CR_E_MEMORY, "out of memory");
        else if (mkdir(path.data, 0777) == 0)
            run->path = path.data;
        else if (errno != EEXIST)
            good = cr_fail(err, CR_E_IO, "%s: cannot make the directory: %s", path.data,
                           strerror(errno));
        if (!run->path)
            cr_text_finish(&path);
    }
    cr_free(stem);
    return good &&
           (run->path || cr_fail(err, CR_E_IO, "runs/: too many runs of one name"));
}

static bool write_json(const cr_run *run, const char *name, const cr_json *value,
                       cr_error *err)
{
    char *path = cr_path_join(run->path, name, err);
    char *text = path ? cr_json_print(value, true) : NULL;
    cr_file_writer writer;
    bool good = text ? cr_file_begin(&writer, path, err)
                     : cr_fail(err, CR_E_MEMORY, "out of memory");
    if (good) {
        fprintf(writer.stream, "%s\n", text);
        good = cr_file_commit(&writer, err);
    }
    cr_free(text);
    cr_free(path);
    return good;
}

static bool failed_metrics(const cr_run *run, cr_error *err)
{
    return cr_fail(err, CR_E_IO, "%s/metrics.csv: cannot write: %s", run->path,
                   strerror(errno));
}

static bool open_metrics(cr_run *run, cr_error *err)
{
    char *path = cr_path_join(run->path, "metrics.csv", err);
    if (!path)
        return false;
    run->metrics = fopen(path, "wb");
    cr_free(path);
    if (!run->metrics)
        return failed_metrics(run, err);
    fputs("epoch,step,time_s,learning_rate,train_loss,train_accuracy,validation_loss,"
          "validation_accuracy,regularization_loss,parameters_crc32",
          run->metrics);
    fputs(run->classify ? "\n" : ",train_rmse,validation_rmse\n", run->metrics);
    return fflush(run->metrics) == 0 || failed_metrics(run, err);
}

bool cr_run_create(cr_run *run, const char *path, const char *config_path,
                   const cr_experiment *experiment, cr_error *err)
{
    *run = (cr_run){.classify = experiment->model.loss.type->classify};
    bool good =
        (path ? claim_named(run, path, err) : claim_next(run, config_path, err)) &&
        write_json(run, "config.json", experiment->model.document.root, err) &&
        open_metrics(run, err);
    if (!good)
        cr_run_finish(run);
    return good;
}

/* A figure, or an empty cell where there is none. */
static void add_cell(FILE *file, bool exists, double value)
{
    fputc(',', file);
    if (exists)
        fprintf(file, "%.9g", value);
}

bool cr_run_add_epoch(cr_run *run, const cr_epoch *epoch, cr_error *err)
{
    FILE *file = run->metrics;
    bool validated = epoch->validation.examples > 0;
    fprintf(file, "%zu,%zu,%.6f,%.9g", epoch->epoch, epoch->steps, epoch->seconds,
            epoch->learning_rate);
    add_cell(file, true, epoch->train.loss);
    add_cell(file, run->classify, epoch->train.accuracy);
    add_cell(file, validated, epoch->validation.loss);
    add_cell(file, validated && run->classify, epoch->validation.accuracy);
    add_cell(file, true, epoch->regularization_loss);
    fprintf(file, ",%08lx", (unsigned long)epoch->parameters_crc32);
    if (!run->classify) {
        add_cell(file, true, epoch->train.rmse);
        add_cell(file, validated, epoch->validation.rmse);
    }
    fputc('\n', file);
    return (fflush(file) == 0 && !ferror(file)) || failed_metrics(run, err);
}

bool cr_run_save(cr_run *run, const cr_trainer *trainer, cr_error *err)
{
    const cr_model *model = &trainer->experiment->model;
    char *last = cr_path_join(run->path, "model.safetensors", err);
    char *best = cr_path_join(run->path, "best.safetensors", err);
    bool good = last && best && cr_model_save(model, NULL, NULL, last, err);
    if (good && trainer->best_epoch > 0)
        good = cr_model_save(model, trainer->best_parameters, trainer->best_buffers, best,
                             err);
    cr_free(last);
    cr_free(best);
    return good;
}

bool cr_run_save_summary(cr_run *run, const cr_json *summary, cr_error *err)
{
    return write_json(run, "summary.json", summary, err);
}

void cr_run_finish(cr_run *run)
{
    if (run->metrics)
        fclose(run->metrics);
    cr_free(run->path);
    *run = (cr_run){0};
}

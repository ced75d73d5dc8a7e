#include "runs/run.h"

#include "base/clock.h"
#include "base/directory.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "data/csv.h"
#include "runs/checkpoint.h"
#include "runs/model_file.h"
#include "runs/progress_file.h"
#include "runs/run_state.h"
#include "runs/summary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_RUNS = 100000 }; /* of one name */

#define ELSEWHERE "choose another place with -o DIR"

/* Makes the named directory; one that exists must be empty. */
static bool claim_named(cr_run *run, const char *path, cr_error *err)
{
    struct stat status;
    if (stat(path, &status) == 0 &&
        !(S_ISDIR(status.st_mode) && cr_directory_is_empty(path)))
        return cr_run_state_of(path) == CR_RUN_NONE
                   ? cr_fail(err, CR_E_USAGE,
                             "%s: it exists already, and is no run; choose another "
                             "directory with -o",
                             path)
                   : cr_fail(err, CR_E_USAGE,
                             "%s: it exists already, and a run never overwrites another; "
                             "choose another directory with -o, or remove this one",
                             path);
    run->path = cr_text_copy(path, strlen(path), err);
    return run->path && cr_directory_create(path, err);
}

/* Makes the first of runs/name, runs/name-2, … that does not exist: mkdir itself tells,
 * so that two runs never meet. */
static bool claim_next(cr_run *run, const char *config_path, cr_error *err)
{
    cr_error why = CR_ERROR_INIT;
    char *stem = cr_path_stem(config_path, err);
    bool good = stem && (cr_directory_create("runs", &why) ||
                         cr_fail(err, why.code, "%s; " ELSEWHERE, why.text));
    for (int i = 1; good && !run->path && i < MOST_RUNS; i++) {
        cr_text path = {0};
        cr_text_add(&path, i == 1 ? "runs/%s" : "runs/%s-%d", stem, i);
        if (path.failed)
            good = cr_fail(err, CR_E_MEMORY, "out of memory");
        else if (mkdir(path.data, 0777) == 0)
            run->path = path.data;
        else if (errno != EEXIST)
            good = cr_fail(err, CR_E_IO, "%s: cannot make the directory: %s; " ELSEWHERE,
                           path.data, strerror(errno));
        run->numbered = i > 1;
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

static bool write_head(cr_run *run, const cr_experiment *experiment, cr_error *err)
{
    const char *column = NULL;
    fputs("epoch,step,time_s,learning_rate,train_loss,train_accuracy,validation_loss,"
          "validation_accuracy,regularization_loss,parameters_crc32",
          run->metrics);
    fputs(run->classify ? "" : ",train_rmse,validation_rmse", run->metrics);
    for (size_t i = 0; (column = cr_experiment_log_column(experiment, i)); i++) {
        fputc(',', run->metrics);
        cr_csv_write(run->metrics, column);
    }
    fputc('\n', run->metrics);
    return fflush(run->metrics) == 0 || failed_metrics(run, err);
}

/* Locks the file. Who only asks whether it is locked has it for a moment (run_state.c);
 * so a refusal is believed when it lasts. */
static bool lock(int file)
{
    for (int i = 0; i < 5; i++) {
        if (flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
            return true; /* or it cannot be locked here */
        cr_clock_sleep(0.01);
    }
    return false;
}

/* Opens metrics.csv, which is there as long as the run is and never replaced, and locks
 * it: the lock dies with the process. */
static bool open_metrics(cr_run *run, cr_error *err)
{
    char *path = cr_path_join(run->path, "metrics.csv", err);
    if (!path)
        return false;
    int file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    cr_free(path);
    if (file < 0)
        return failed_metrics(run, err);
    if (!lock(file)) {
        close(file);
        return cr_fail(err, CR_E_USAGE,
                       "%s: another process is training in this directory; wait until it "
                       "has finished, or stop it first",
                       run->path);
    }
    run->metrics = fdopen(file, "ab");
    if (run->metrics)
        return true;
    close(file);
    return failed_metrics(run, err);
}

bool cr_run_create(cr_run *run, const char *path, const char *config_path,
                   const cr_experiment *experiment, cr_error *err)
{
    *run = (cr_run){.classify = experiment->model.loss.type->classify, .bit_exact = true};
    bool good =
        (path ? claim_named(run, path, err) : claim_next(run, config_path, err)) &&
        open_metrics(run, err) && write_head(run, experiment, err) &&
        write_json(run, "config.json", experiment->model.document.root, err);
    if (!good)
        cr_run_finish(run);
    return good;
}

static void remove_files(const char *path, bool (*which)(const char *name))
{
    DIR *directory = opendir(path);
    if (!directory)
        return;
    for (const struct dirent *entry = readdir(directory); entry;
         entry = readdir(directory)) {
        char *file =
            which(entry->d_name) ? cr_path_join(path, entry->d_name, NULL) : NULL;
        if (file)
            unlink(file);
        cr_free(file);
    }
    closedir(directory);
}

/* What a process that was killed left of files that it had begun: <name>.<pid>.tmp. */
static bool is_temporary(const char *name)
{
    size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, ".tmp") == 0;
}

static bool is_checkpoint(const char *name)
{
    return strncmp(name, "checkpoint-", 11) == 0;
}

bool cr_run_open(cr_run *run, const char *path, cr_error *err)
{
    *run = (cr_run){.bit_exact = true};
    char *config = cr_path_join(path, "config.json", err);
    const char *problem = config ? cr_file_problem(config) : "";
    cr_free(config);
    if (!config)
        return false;
    if (problem)
        return cr_fail(err, CR_E_USAGE, "%s: not the directory of a run: config.json: %s",
                       path, problem);
    run->path = cr_text_copy(path, strlen(path), err);
    if (run->path && open_metrics(run, err)) {
        remove_files(path, is_temporary);
        return true;
    }
    cr_run_finish(run);
    return false;
}

/* Cuts metrics.csv back to what it was, or begins it anew. */
static bool cut_metrics(cr_run *run, const cr_experiment *experiment, size_t bytes,
                        cr_error *err)
{
    struct stat status;
    int file = fileno(run->metrics);
    if (fstat(file, &status) != 0)
        return failed_metrics(run, err);
    if ((size_t)status.st_size < bytes)
        return cr_fail(
            err, CR_E_DATA,
            "%s/metrics.csv: it has %zu bytes, but had %zu when the checkpoint "
            "was written; restore it, or train anew",
            run->path, (size_t)status.st_size, bytes);
    if (ftruncate(file, (off_t)bytes) != 0)
        return failed_metrics(run, err);
    return bytes > 0 || write_head(run, experiment, err);
}

/* Appends the file's bytes to metrics.csv, which is empty. */
static bool copy_metrics(cr_run *run, const char *from, cr_error *err)
{
    char *text = NULL;
    size_t length = 0;
    if (!cr_file_read(from, SIZE_MAX / 2, CR_E_DATA, &text, &length, err))
        return false;
    bool good =
        (fwrite(text, 1, length, run->metrics) == length && fflush(run->metrics) == 0) ||
        failed_metrics(run, err);
    cr_free(text);
    return good;
}

static bool copy_checkpoint(const cr_run *run, const char *from, const char *name,
                            cr_error *err)
{
    char *text = NULL;
    size_t length = 0;
    char *source = cr_path_join(from, name, err);
    char *copy = cr_path_join(run->path, name, err);
    bool good = source && copy &&
                cr_file_read(source, SIZE_MAX / 2, CR_E_DATA, &text, &length, err) &&
                cr_file_replace(copy, text, length, err);
    cr_free(text);
    cr_free(source);
    cr_free(copy);
    return good;
}

bool cr_run_copy_history(cr_run *run, const char *from, cr_error *err)
{
    DIR *directory = opendir(from);
    if (!directory)
        return cr_fail(err, CR_E_IO, "%s: %s", from, strerror(errno));
    bool good = true;
    for (const struct dirent *entry = readdir(directory); good && entry;
         entry = readdir(directory))
        if (is_checkpoint(entry->d_name) && !is_temporary(entry->d_name))
            good = copy_checkpoint(run, from, entry->d_name, err);
    closedir(directory);
    char *metrics = good ? cr_path_join(from, "metrics.csv", err) : NULL;
    if (metrics && ftruncate(fileno(run->metrics), 0) != 0)
        good = failed_metrics(run, err);
    good = good && metrics && copy_metrics(run, metrics, err);
    cr_free(metrics);
    return good;
}

/* Starting anew is fine where nothing is lost by it. */
static bool may_begin(const cr_run *run, cr_error *err)
{
    return !run->keeps_model || !cr_run_state_has_model(run->path) ||
           cr_fail(
               err, CR_E_USAGE,
               "%s: it has no whole checkpoint to go on from, and starting anew would "
               "overwrite its model; train it anew elsewhere: chainrule train "
               "%s/config.json -o DIR",
               run->path, run->path);
}

static void remove_file(const cr_run *run, const char *name)
{
    char *path = cr_path_join(run->path, name, NULL);
    if (path)
        unlink(path);
    cr_free(path);
}

bool cr_run_restore(cr_run *run, cr_trainer *trainer, size_t *from, cr_text *warnings,
                    cr_error *err)
{
    cr_checkpoint checkpoint;
    bool found = false;
    run->classify = trainer->experiment->model.loss.type->classify;
    bool good = cr_checkpoint_find(run->path, &checkpoint, &found, warnings, err) &&
                (found || may_begin(run, err));
    if (good && found) {
        good = cr_checkpoint_restore(&checkpoint, trainer, warnings, err);
        run->bit_exact = checkpoint.state.run.bit_exact;
    }
    run->metrics_bytes = checkpoint.state.run.metrics_bytes;
    *from = trainer->at.steps;
    cr_checkpoint_finish(&checkpoint);
    return good;
}

bool cr_run_go_on(cr_run *run, const cr_experiment *experiment, cr_error *err)
{
    bool good = cut_metrics(run, experiment, run->metrics_bytes, err) &&
                write_json(run, "config.json", experiment->model.document.root, err);
    if (good)
        remove_file(run, "summary.json"); /* it is no longer so */
    return good;
}

bool cr_run_checkpoint(cr_run *run, const cr_trainer *trainer, cr_error *err)
{
    /* what the checkpoint says of metrics.csv has to be on the disk before it */
    struct stat status;
    cr_flush flush;
    int file = fileno(run->metrics);
    if (fflush(run->metrics) != 0 || fstat(file, &status) != 0)
        return failed_metrics(run, err);
    char *path = cr_path_join(run->path, "metrics.csv", err);
    if (!path)
        return false;
    cr_flush_begin(&flush, file, path);
    cr_checkpoint_run facts = {(size_t)status.st_size, run->bit_exact, &flush};
    bool good = cr_checkpoint_save(run->path, trainer, &facts, err);
    good = cr_flush_end(&flush, good ? err : NULL) && good;
    cr_free(path);
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
    for (size_t i = 0; i < epoch->logged_count; i++)
        add_cell(file, !isnan(epoch->logged[i]), epoch->logged[i]);
    fputc('\n', file);
    return (fflush(file) == 0 && !ferror(file)) || failed_metrics(run, err);
}

bool cr_run_save(cr_run *run, const cr_trainer *trainer, cr_error *err)
{
    const cr_model *model = &trainer->experiment->model;
    char *last = cr_path_join(run->path, "model.safetensors", err);
    char *best = cr_path_join(run->path, "best.safetensors", err);
    bool good = last && best && cr_model_file_save(model, NULL, NULL, last, err);
    if (good && trainer->best_epoch > 0)
        good = trainer->restored ? cr_model_file_save(model, NULL, NULL, best, err)
                                 : cr_model_file_save(model, trainer->best_parameters,
                                                      trainer->best_buffers, best, err);
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

bool cr_run_owns(const char *name)
{
    static const char *const names[] = {"config.json",       "metrics.csv",
                                        "model.safetensors", "best.safetensors",
                                        "summary.json",      CR_PROGRESS_FILE};
    for (size_t i = 0; i < CR_COUNT(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return is_checkpoint(name) || is_temporary(name);
}

void cr_run_remove(const char *path)
{
    remove_files(path, cr_run_owns);
    rmdir(path);
}

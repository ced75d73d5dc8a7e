/* Every allocation of the process fails in turn, the libraries' included: each time the
 * answer is an error that says something, or success, never a crash or a leak. */
#include "base/directory.h"
#include "exchange/import.h"
#include "files.h"
#include "fixture.h"
#include "image/png.h"
#include "inspect/picture_survey.h"
#include "inspect/show.h"
#include "report/page.h"
#include "sweep/ranking.h"
#include "sweep/sweep.h"

#include <chainrule/chainrule.h>
#include <errno.h>
#include <stdatomic.h>

static size_t countdown; /* allocations until the one that fails; 0: none does */
static bool failed;
static atomic_long live; /* blocks that are not freed; a new thread frees its argument */

#ifndef __SANITIZE_ADDRESS__ /* which has allocators of its own */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *memory);
/* seen by the libraries as well */
CR_API void *malloc(size_t size);
CR_API void *calloc(size_t count, size_t size);
CR_API void *realloc(void *old, size_t size);
CR_API void *aligned_alloc(size_t alignment, size_t size);
CR_API void free(void *memory);

static bool fails(void)
{
    if (countdown == 0 || --countdown > 0)
        return false;
    failed = true;
    errno = ENOMEM;
    return true;
}

static void *count(void *memory)
{
    live += memory != NULL;
    return memory;
}

void *malloc(size_t size)
{
    return fails() ? NULL : count(__libc_malloc(size));
}

void *calloc(size_t number, size_t size)
{
    return fails() ? NULL : count(__libc_calloc(number, size));
}

void *realloc(void *old, size_t size)
{
    if (fails())
        return NULL;
    void *memory = __libc_realloc(old, size);
    live += memory && !old;
    return memory;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : count(__libc_memalign(alignment, size));
}

void free(void *memory)
{
    live -= memory != NULL;
    __libc_free(memory);
}
#endif

static const char *config_path, *model_path;
static const char sweep_override[] =
    "sweep={\"folds\": 2, \"parameters\": {\"optimizer.learning_rate\": {\"values\": "
    "[0.1, 0.2]}}}";

/* Loads, trains and saves. */
static bool train(const char *const *overrides, size_t overrides_count, cr_error *err)
{
    cr_result result;
    cr_experiment *experiment =
        cr_experiment_load(config_path, overrides, overrides_count, err);
    bool good = experiment && cr_train(experiment, NULL, &result, err) &&
                cr_experiment_save(experiment, model_path, err);
    cr_experiment_destroy(experiment);
    return good;
}

static bool train_table(cr_error *err)
{
    return train(NULL, 0, err);
}

static bool train_on_two_threads(cr_error *err)
{
    return train((const char *const[]){"training.threads=2"}, 1, err);
}

static bool train_on_groups(cr_error *err)
{
    return train((const char *const[]){"data.validation={\"fraction\": 0.3, \"group\": "
                                       "\"b\", \"stratify\": true}"},
                 1, err);
}

/* Its targets are numbers. */
static bool train_on_lags(cr_error *err)
{
    return train(
        (const char *const[]){
            "data={\"train\": \"t.csv\", \"target\": \"b\", \"ignore\": \"c\", "
            "\"missing\": \"mean\", \"lags\": [{\"columns\": [\"a\", \"b\"], "
            "\"steps\": [1, 3]}, {\"columns\": \"a\", \"steps\": 2, \"group\": "
            "\"c\"}]}",
            "loss={\"type\": \"l2\"}"},
        2, err);
}

static bool predict_lags(cr_error *err)
{
    cr_model *model = cr_model_load(model_path, err);
    double y = 0;
    const char *const cells[] = {"1", "", "x"};
    bool good = model && cr_model_predict_cells(model, cells, 3, &y, NULL, err);
    cr_model_destroy(model);
    return good;
}

static bool train_images(cr_error *err)
{
    return train(
        (const char *const[]){
            "data={\"train\": {\"images\": \"i.gz\", \"labels\": \"l.gz\"}, "
            "\"normalize\": 255}"},
        1, err);
}

static bool train_pictures(cr_error *err)
{
    return train((const char *const[]){"data={\"train\": {\"folder\": \"pictures\", "
                                       "\"size\": [2, 2]}}"},
                 1, err);
}

/* Of an archive, with a gap, as pictures. */
static bool train_arrays(cr_error *err)
{
    return train(
        (const char *const[]){
            "data={\"train\": {\"inputs\": \"a.npz:x\", \"targets\": \"a.npz:y\"}, "
            "\"missing\": \"mean\", \"shape\": [2, 1, 1], \"normalize\": {\"mean\": [1, "
            "2], \"std\": 3}}"},
        1, err);
}

static bool train_cifar(cr_error *err)
{
    return train((const char *const[]){"data={\"train\": {\"cifar10\": [\"b.bin\", "
                                       "\"b.bin\"]}, \"normalize\": \"minmax\"}"},
                 1, err);
}

static bool refuse_arrays(cr_error *err)
{
    return !train((const char *const[]){"data={\"train\": {\"inputs\": \"a.npz\", "
                                        "\"targets\": \"a.npz:y\"}}"},
                  1, err);
}

static bool train_on_augmented_images(cr_error *err)
{
    return train(
        (const char *const[]){
            "data={\"train\": {\"images\": \"i.gz\", \"labels\": \"l.gz\"}, "
            "\"normalize\": \"standardize\", \"augment\": [{\"type\": \"flip\"}, "
            "{\"type\": \"rotate\", \"degrees\": 9}, {\"type\": \"noise\", \"std\": "
            "2}]}",
            "log={\"health\": true}"},
        2, err);
}

/* A page of a config and its network. */
static bool show_images(cr_error *err)
{
    const cr_recipe recipe = {
        .path = config_path,
        .overrides =
            (const char *const[]){
                "data={\"train\": {\"images\": \"i.gz\", \"labels\": \"l.gz\"}, "
                "\"augment\": [{\"type\": \"flip\"}]}"},
        .override_count = 1};
    cr_sheet sheet = {.title = "t"};
    cr_picture page = {0};
    cr_show_list list = {0};
    cr_experiment *e = cr_experiment_create(&recipe, err);
    bool good = e && cr_show_inputs(&sheet, e, 4, err) &&
                cr_show_filters(&sheet, &e->model, 2, err) &&
                cr_show_mistakes(&sheet, &e->model, &e->data->parts[CR_PART_TRAIN], "it",
                                 4, &list, err) &&
                cr_sheet_draw(&sheet, &page, err) &&
                cr_png_write(files_path("page.png"), &page, err);
    cr_show_mistakes_finish(&list);
    cr_picture_finish(&page);
    cr_sheet_finish(&sheet);
    cr_experiment_destroy(e);
    return good;
}

static bool describe_pictures(cr_error *err)
{
    cr_picture_survey survey = {0};
    char *config = cr_picture_survey_read(&survey, "pictures", err)
                       ? cr_picture_survey_config(&survey, "", err)
                       : NULL;
    bool good = config != NULL;
    cr_free(config);
    cr_picture_survey_finish(&survey);
    return good;
}

static bool export(const char *format, const char *path, bool quantize, cr_error *err)
{
    const double most = 100;
    const cr_export_options options = {
        .format = format, .path = path, .quantize = quantize, .max_loss = &most};
    cr_model *model = cr_model_load(model_path, err);
    bool good = model && cr_model_export(model, &options, err);
    cr_model_destroy(model);
    return good;
}

static bool export_c(cr_error *err)
{
    return export("c", "c", true, err);
}

static bool export_onnx(cr_error *err)
{
    return export("onnx", "m.onnx", false, err);
}

static bool export_onnx_bytes(cr_error *err)
{
    return export("onnx", "m.onnx", true, err);
}

static bool train_cells(cr_error *err)
{
    return train(
        (const char *const[]){
            "data={\"train\": \"cells.csv\", \"target\": \"c\", \"missing\": \"mean\", "
            "\"decimal\": \",\", \"missing_values\": [\"-\"], \"types\": {\"paid\": "
            "{\"type\": \"currency\", \"unit\": \"kr\"}, \"at\": {\"type\": "
            "\"date\", \"format\": \"%d.%m.%Y\"}}}"},
        1, err);
}

static bool refuse_cells(cr_error *err)
{
    return !train((const char *const[]){"data={\"train\": \"cells.csv\", \"target\": "
                                        "\"c\"}"},
                  1, err);
}

static bool predict_cells(cr_error *err)
{
    double y[2];
    const char *class = NULL;
    const char *const cells[] = {"2024-05-05", "1.5.2024", "5,5 kr", ""};
    cr_model *model = cr_model_load(model_path, err);
    bool good = model && cr_model_predict_cells(model, cells, 4, y, &class, err);
    cr_model_destroy(model);
    return good;
}

/* Trains on the part, goes on with other rows from the bytes of it, and predicts. */
static bool go_on_in_memory(const char *text, const cr_arrays *part,
                            const cr_arrays *more, cr_error *err)
{
    const cr_arrays data[CR_PARTS] = {*part};
    cr_real y[8];
    void *state = NULL, *bytes = NULL;
    size_t length = 0, size = 0;
    cr_result result;
    cr_experiment *e = cr_experiment_parse(text, data, NULL, 0, err);
    cr_session *session = e ? cr_session_create(e, err) : NULL;
    bool good = session && cr_session_train(session, NULL, &result, err) &&
                cr_session_save(session, &state, &length, err) &&
                cr_session_load(session, state, length, err) &&
                cr_session_set_data(session, more, err) &&
                cr_session_train(session, &(cr_session_run){.epochs = 1}, &result, err) &&
                cr_model_save_bytes(cr_experiment_model(e), &bytes, &size, err);
    cr_model *model = good ? cr_model_load_bytes(bytes, size, err) : NULL;
    good = model && cr_model_predict_arrays(model, part, false, y, err);
    cr_model_destroy(model);
    cr_model_free_bytes(bytes);
    cr_model_free_bytes(state);
    cr_session_destroy(session);
    cr_experiment_destroy(e);
    return good;
}

static const char memory_config[] =
    "{\"data\": {\"target\": \"c\", \"missing\": \"mean\"}, \"model\": "
    "{\"layers\": [{\"type\": \"linear\"}]}, \"loss\": {\"type\": \"softmax\"}, "
    "\"optimizer\": {\"type\": \"adam\", \"learning_rate\": 0.1}, \"training\": "
    "{\"epochs\": 1, \"threads\": 1}}";

static bool train_memory_table(cr_error *err)
{
    static const double a[] = {1, 2, NAN, 4};
    static const char *const b[] = {"x", NULL, "y", "x"}, *const c[] = {"u", "v", "u",
                                                                        "v"};
    const cr_view texts = {.kind = CR_ARRAY_TEXTS,
                           .size = sizeof *b,
                           .rank = 1,
                           .dim = {4},
                           .stride = {sizeof *b}};
    cr_table_column columns[] = {
        {"a", {a, CR_ARRAY_REAL, 8, .rank = 1, .dim = {4}, .stride = {8}}},
        {"b", texts},
        {"c", texts}};
    columns[1].values.data = b;
    columns[2].values.data = c;
    const cr_arrays part = {.columns = columns, .column_count = 3};
    return go_on_in_memory(memory_config, &part, &part, err);
}

static bool train_memory(cr_error *err)
{
    static const float x[4][3] = {{1, 2, 3}, {2, 3, 4}, {5, 6, 7}, {7, 8, 9}};
    static const double w[] = {1, 2, 0, 1};
    static const char y[4][2] = {"u", "v", "u", "v"};
    const cr_arrays part = {
        .inputs = {x, CR_ARRAY_REAL, 4, .rank = 2, .dim = {4, 2}, .stride = {12, 4}},
        .targets = {y, CR_ARRAY_BYTES, 2, .rank = 1, .dim = {4}, .stride = {2}},
        .weights = {w, CR_ARRAY_REAL, 8, .rank = 1, .dim = {4}, .stride = {8}}};
    cr_arrays more = part;
    more.inputs.dim[0] = more.targets.dim[0] = more.weights.dim[0] = 2;
    return go_on_in_memory(memory_config, &part, &more, err);
}

static bool refuse_config(cr_error *err)
{
    return !train((const char *const[]){"optimizer.lr=1", "loss.type=\"mse\"",
                                        "model.layers.0.unist=3"},
                  3, err);
}

static bool predict(cr_error *err)
{
    cr_real x[4] = {1, 2, 3, 4}, y[4];
    cr_model *model = cr_model_load(model_path, err);
    double x64[4] = {1, 2, 3, 4}, y64[4];
    const char *classes[2];
    const char *const cells[] = {"1", "2"};
    bool good = model && cr_model_predict(model, x, 2, y, err) &&
                cr_model_predict_rows(model, x64, 2, y64, classes, err) &&
                cr_model_predict_cells(model, cells, 2, y64, classes, err) &&
                cr_model_encode(model, cells, 2, x, err);
    cr_model_destroy(model);
    return good;
}

static cr_sweep_plan *plan(const char *override, cr_error *err)
{
    static const char *overrides[1]; /* which the plan borrows */
    overrides[0] = override;
    cr_text warnings = {0};
    const cr_recipe recipe = {
        .path = config_path, .overrides = overrides, .override_count = 1};
    cr_sweep_plan *plan = cr_sweep_plan_create(&recipe, (cr_shard){0, 1}, &warnings, err);
    cr_text_finish(&warnings);
    return plan;
}

static bool plan_sweep(cr_error *err)
{
    cr_sweep_plan *p = plan(sweep_override, err);
    bool good = p != NULL;
    cr_sweep_plan_destroy(p);
    return good;
}

static bool refuse_sweep(cr_error *err)
{
    cr_sweep_plan *p =
        plan("sweep={\"parameters\": {\"optimizer.rate\": {\"values\": [1]}}}", err);
    cr_sweep_plan_destroy(p);
    return !p;
}

static bool rank_sweep(cr_error *err)
{
    cr_ranking ranking;
    bool good = cr_ranking_read(&ranking, (const char *const[]){"out"}, 1, NULL, err);
    cr_ranking_finish(&ranking);
    return good;
}

static bool go_on(void *user, const cr_sweep_progress *progress)
{
    (void)user;
    (void)progress;
    return true;
}

/* Into "out"; a second time there is nothing left to do. */
static bool run_sweep(cr_error *err)
{
    cr_sweep_plan *p = plan(sweep_override, err);
    cr_text warnings = {0};
    cr_sweep_progress last;
    bool other = false;
    const cr_sweep_options options = {
        .directory = "out", .workers = 1, .on_progress = go_on};
    cr_store *store = p ? cr_store_open("out", p, &other, &warnings, err) : NULL;
    bool good = store && cr_sweep_run(p, store, &options, &last, err);
    cr_store_close(store);
    cr_sweep_plan_destroy(p);
    cr_text_finish(&warnings);
    return good;
}

static bool import(const char *path, const char *const *overrides, size_t count,
                   cr_error *err)
{
    const cr_import_options options = {.overrides = overrides, .override_count = count};
    cr_run run = {0};
    cr_result result;
    cr_experiment *experiment = cr_import_experiment(path, &options, err);
    bool good =
        experiment && cr_import_save(experiment, path, "imported", &run, &result, err);
    cr_run_finish(&run);
    cr_run_remove("imported");
    cr_experiment_destroy(experiment);
    return good;
}

static bool import_columns(cr_error *err)
{
    return import("columns.onnx", NULL, 0, err);
}

static bool import_images(cr_error *err)
{
    return import("images.onnx", NULL, 0, err);
}

static bool import_functions(cr_error *err)
{
    return import("functions.onnx", NULL, 0, err);
}

static bool import_with_data(cr_error *err)
{
    static const char *const overrides[] = {"data.train=rows.csv",
                                            "data.target=[5,6,7,8,9]"};
    return import("functions.onnx", overrides, CR_COUNT(overrides), err);
}

/* One of the golden files. */
static void copy_golden(const char *from, const char *to)
{
    char path[512], *bytes = NULL;
    size_t length = 0;
    snprintf(path, sizeof path, "%s/%s", getenv("CHAINRULE_GOLDEN"), from);
    assert_true(cr_file_read(path, 1 << 20, CR_E_DATA, &bytes, &length, NULL));
    files_write(to, bytes, length);
    cr_free(bytes);
}

static FILE *nowhere;

static bool write_page_of(const char *directory, cr_error *err)
{
    cr_text notes = {0};
    bool good = cr_page_write(nowhere, &directory, 1, &notes, err);
    cr_text_finish(&notes);
    return good;
}

/* Of the run that make_run has made. */
static bool write_page(cr_error *err)
{
    return write_page_of("run", err);
}

/* Of the sweep that run_sweep has run. */
static bool write_page_of_sweep(cr_error *err)
{
    return write_page_of("out", err);
}

/* A run with the model that was trained last. */
static void make_run(void)
{
    char *bytes = NULL;
    size_t length = 0;
    assert_true(cr_directory_create(files_path("run"), NULL));
    assert_true(cr_file_read(model_path, 1 << 20, CR_E_DATA, &bytes, &length, NULL));
    files_write("run/model.safetensors", bytes, length);
    cr_free(bytes);
    files_write_text("run/config.json", "{\"training\": {\"epochs\": 2}}");
    files_write_text("run/metrics.csv", "epoch,train_loss\n1,0.5\n2,0.25\n");
    nowhere = nowhere ? nowhere : fopen("/dev/null", "w");
    assert_non_null(nowhere);
}

/* Lets allocation 1, 2, 3, … fail until none is left to. */
static void check(const char *name, bool (*operation)(cr_error *err), bool reports)
{
    cr_error err = CR_ERROR_INIT;
    if (!operation(&err)) /* also what libraries allocate once */
        fail_msg("%s: %s", name, err.text);
    size_t n = 1;
    for (;; n++) {
        err = (cr_error)CR_ERROR_INIT;
        long before = live;
        failed = false;
        countdown = n;
        bool good = operation(&err);
        countdown = 0;
        if (!failed)
            break;
        if (live != before)
            fail_msg("%s, allocation %zu: %ld blocks leaked (%s)", name, n, live - before,
                     err.text);
        if (!good && reports && (err.count == 0 || !*err.text))
            fail_msg("%s, allocation %zu: it failed without saying why", name, n);
    }
    print_message("%s: %zu allocations\n", name, n - 1);
    assert_true(n > 10);
}

static void test_every_allocation_fails_in_turn(void **state)
{
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    SKIP_BECAUSE("AddressSanitizer has allocators of its own");
#endif
    static char paths[2][256];
    files_write_text("t.csv", "a,b,c\n1,2,x\n2,1,y\n3,5,x\n0,4,y\n2,2,x\n1,1,y\n4,3,x\n");
    files_write_text("cells.csv", "day;at;paid;c;\n2024-03-01;1.3.2024;$5;x;\n"
                                  "2024-04-02;2.3.2024;6,5 kr;y;\n-;-;-;x;\n"
                                  "2024-04-01;2.4.2024;7;y;\n2025-04-02;2.3.2024;6;x;\n");
    static const unsigned char images[] = {0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 1,
                                           0, 0, 0, 2, 1, 9, 8, 2, 3, 7, 6, 4};
    static const unsigned char labels[] = {0, 0, 8, 1, 0, 0, 0, 4, 0, 1, 0, 1};
    files_write_gzip("i.gz", images, sizeof images);
    files_write_gzip("l.gz", labels, sizeof labels);
    config_path = strcpy(
        paths[0],
        files_write_text(
            "c.json",
            "{\"data\": {\"train\": \"t.csv\", \"target\": \"c\", \"validation\": "
            "{\"fraction\": 0.3}, \"normalize\": \"standardize\"}, \"model\": "
            "{\"layers\": "
            "[{\"type\": \"linear\", \"units\": 3}, {\"type\": \"relu\"}, {\"type\": "
            "\"linear\"}]}, \"loss\": {\"type\": \"softmax\"}, \"optimizer\": {\"type\": "
            "\"sgd\", \"learning_rate\": 0.1}, \"training\": {\"epochs\": 2, "
            "\"batch_size\": 2, \"threads\": 1}}"));
    assert_true(cr_directory_create(files_path("pictures/a"), NULL) &&
                cr_directory_create(files_path("pictures/b"), NULL));
    for (int i = 0; i < 4; i++) {
        char name[32];
        snprintf(name, sizeof name, "pictures/%c/%d.pgm", "ab"[i % 2], i);
        files_write_text(name, i < 2 ? "P2 1 2 9\n3 4" : "P2 2 2 9\n1 2 9 0");
    }
    copy_golden("pictures/full.jpg", "pictures/a/j.jpg");
    copy_golden("pictures/rgb.png", "pictures/b/p.png");
    copy_golden("arrays.npz", "a.npz");
    unsigned char records[2 * 3073] = {[3072] = 7, [3073] = 9, [3074] = 5};
    files_write("b.bin", records, sizeof records);
    files_write_text("batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
    copy_golden("imports/sklearn_columns.onnx", "columns.onnx");
    copy_golden("imports/torch_images_old.onnx", "images.onnx");
    copy_golden("imports/functions.onnx", "functions.onnx");
    files_write_text("rows.csv", "1,2,3,4,5,1,2,3,4,5\n5,4,3,2,1,5,4,3,2,1\n");
    model_path = strcpy(paths[1], files_path("m.safetensors"));
    assert_int_equal(chdir(files_directory), 0); /* where overrides' paths start */
    check("train on images", train_images, true);
    check("train on pictures", train_pictures, true);
    check("train on arrays", train_arrays, true);
    check("train on arrays in memory", train_memory, true);
    check("train on a table in memory", train_memory_table, true);
    check("train on CIFAR", train_cifar, true);
    check("refuse arrays", refuse_arrays, false);
    check("describe pictures", describe_pictures, true);
    check("train on augmented images", train_on_augmented_images, true);
    check("show images", show_images, true);
    make_run();
    check("page of images", write_page, true);
    check("train on groups", train_on_groups, true);
    check("train on lags", train_on_lags, true);
    check("predict with lags", predict_lags, true);
    make_run();
    check("page of numbers", write_page, true);
    check("train on two threads", train_on_two_threads, true);
    check("train", train_table, true);
    make_run();
    check("page of a table", write_page, true);
    check("predict", predict, true);
    check("export as C", export_c, true);
    check("train on cells", train_cells, true);
    check("predict cells", predict_cells, true);
    check("export as ONNX", export_onnx, true);
    check("export as ONNX, in bytes", export_onnx_bytes, true);
    check("refuse cells", refuse_cells, false);
    check("refuse a config", refuse_config, false);
    check("plan a sweep", plan_sweep, true);
    check("refuse a sweep", refuse_sweep, false);
    check("go on with a sweep", run_sweep, true);
    check("rank a sweep", rank_sweep, true);
    check("page of a sweep", write_page_of_sweep, true);
    check("import columns", import_columns, true);
    check("import images", import_images, true);
    check("import functions", import_functions, true);
    check("import with data", import_with_data, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_allocation_fails_in_turn)};
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}

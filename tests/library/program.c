/* Uses the installed library by its public headers alone: `program CONFIG MODEL` trains
 * from a config, saves, loads, predicts; `program predict MODEL TABLE` predicts for every
 * row of a table. */
#include <chainrule/chainrule.h>
#include <stdio.h>
#include <string.h>

static size_t steps, epochs;

static bool on_step(void *user, const cr_progress *progress)
{
    (void)user;
    steps = progress->total_steps;
    return true;
}

static bool on_epoch(void *user, const cr_epoch *epoch, cr_error *err)
{
    (void)user;
    (void)err;
    epochs = epoch->epoch;
    return true;
}

enum { MOST = 64 }; /* cells, inputs and outputs */

/* The cells of a line without quotes. */
static size_t split_line(char *line, const char *cells[MOST])
{
    size_t count = 0;
    for (char *cell = strtok(line, ",\n"); cell && count < MOST;
         cell = strtok(NULL, ",\n"))
        cells[count++] = cell;
    return count;
}

/* Prints the class and the exact values; both ways to predict give the same. */
static int predict_row(cr_model *model, const char *const *cells, size_t count,
                       cr_error *err)
{
    double x[MOST], y[MOST], again[MOST];
    const char *class_name = NULL, *same_name = NULL;
    size_t outputs = cr_model_outputs(model);
    if (cr_model_inputs(model) > MOST || outputs > MOST ||
        !cr_model_predict_cells(model, cells, count, y, &class_name, err) ||
        !cr_model_encode_cells(model, cells, count, x, err) ||
        !cr_model_predict_rows(model, x, 1, again, &same_name, err) ||
        memcmp(y, again, outputs * sizeof *y) != 0 || class_name != same_name ||
        !cr_model_predict_rows(model, x, 1, again, NULL, err))
        return 1;
    printf("%s", class_name ? class_name : "-");
    for (size_t i = 0; i < outputs; i++)
        printf(" %a", y[i]);
    puts("");
    return 0;
}

static int predict_table(const char *model_path, const char *table)
{
    cr_error err = CR_ERROR_INIT;
    cr_model *model = cr_model_load(model_path, &err);
    FILE *file = fopen(table, "r");
    char line[1024];
    const char *cells[MOST];
    int status = model && file && fgets(line, sizeof line, file) ? 0 : 1; /* header */
    while (status == 0 && fgets(line, sizeof line, file))
        status = predict_row(model, cells, split_line(line, cells), &err);
    if (status != 0)
        fprintf(stderr, "%s\n", err.text);
    if (file)
        fclose(file);
    cr_model_destroy(model);
    return status;
}

/* What a table looks like, and the config for it. */
static int describe(const char *table)
{
    cr_error err = CR_ERROR_INIT;
    const char *overrides[] = {"data.ignore=0"};
    cr_description *d = cr_describe(table, NULL, overrides, 1, &err);
    if (!d || !cr_description_is_of_table(d) || !cr_description_classifies(d))
        return 1;
    fputs(cr_description_head(d), stdout);
    for (size_t i = 0; i < cr_description_columns(d); i++) {
        const cr_described *c = cr_description_column(d, i);
        printf("%s %s %d %.0f %.2f %s\n", c->name, c->kind, c->is_ignored, c->different,
               c->strength, c->examples[0]);
    }
    char *config = cr_description_config(d, NULL, &err);
    printf("%zu rows, oddities \"%s\"\n%s", cr_description_rows(d),
           cr_description_oddities(d), config ? config : "");
    cr_description_free(config);
    cr_description_destroy(d);
    cr_description_destroy(NULL);
    return config && !cr_describe("nowhere.csv", NULL, NULL, 0, NULL) ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "describe") == 0)
        return describe(argv[2]);
    if (argc == 4 && strcmp(argv[1], "predict") == 0)
        return predict_table(argv[2], argv[3]);
    if (argc != 3)
        return 2;
    cr_error err = CR_ERROR_INIT;
    const char *overrides[] = {"training.epochs=40"};
    cr_experiment *experiment = cr_experiment_load(argv[1], overrides, 1, &err);
    cr_callbacks callbacks = {NULL, on_step, on_epoch};
    cr_result result;
    if (!experiment || !cr_train(experiment, &callbacks, &result, &err) ||
        !cr_experiment_save(experiment, argv[2], &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    printf(
        "version %s\nepochs %zu %zu\nsteps %zu %zu\nvalidation %.17g\nwarnings \"%s\"\n",
        cr_version(), epochs, result.epochs, steps, result.steps,
        result.parts[CR_PART_VALIDATION].accuracy, cr_experiment_warnings(experiment));

    cr_model *model = cr_model_load(argv[2], &err);
    if (!model) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    const float x[2 * 4] = {5.1f, 3.5f, 1.4f, 0.2f, 6.3f, 3.3f, 6.0f, 2.5f};
    float y[2 * 3], again[2 * 3];
    if (cr_model_inputs(model) != 4 || cr_model_outputs(model) != 3 ||
        !cr_model_predict(model, x, 2, y, &err) ||
        !cr_model_predict(cr_experiment_model(experiment), x, 2, again, &err))
        return 1;
    const char *const cells[] = {"6.3", "3.3", "6.0", "2.5", "virginica"};
    const char *const bad[] = {"6.3", "3.3", "high", "?"};
    float encoded[4];
    if (!cr_model_encode(model, cells, 4, encoded, &err) || encoded[0] != 6.3f ||
        encoded[3] != 2.5f || !cr_model_encode(model, cells, 5, encoded, &err) ||
        encoded[2] != 6.0f || cr_model_encode(model, bad, 4, encoded, &err) ||
        err.count != 2)
        return 1;
    puts(err.text);
    err = (cr_error)CR_ERROR_INIT;
    for (size_t row = 0; row < 2; row++) {
        size_t best = 0;
        for (size_t i = 1; i < 3; i++)
            best = y[row * 3 + i] > y[row * 3 + best] ? i : best;
        printf("%s %d\n", cr_model_class(model, best),
               y[row * 3 + best] == again[row * 3 + best]);
    }
    cr_model_destroy(model);
    cr_experiment_destroy(experiment);
    cr_experiment_destroy(NULL);
    cr_model_destroy(NULL);
    if (cr_experiment_load("nowhere.json", NULL, 0, &err) || err.code != CR_E_CONFIG)
        return 1;
    puts(err.text);
    return cr_experiment_load("nowhere.json", NULL, 0, NULL) ? 1 : 0;
}

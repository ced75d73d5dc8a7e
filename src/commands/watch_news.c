#include "commands/watch_news.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/path.h"
#include "runs/progress_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static const double silence_seconds = 10; /* progress.json comes once a second */

/* Mixes a file's size and time into the hash; *newest becomes the latest time. */
static cr_hash look_at(cr_hash hash, const char *directory, const char *name,
                       time_t *newest)
{
    struct stat status;
    char *path = cr_path_join(directory, name, NULL);
    long long facts[3] = {-1, 0, 0};
    if (path && stat(path, &status) == 0) {
        facts[0] = (long long)status.st_size;
        facts[1] = (long long)status.st_mtim.tv_sec;
        facts[2] = (long long)status.st_mtim.tv_nsec;
        *newest = status.st_mtim.tv_sec > *newest ? status.st_mtim.tv_sec : *newest;
    }
    cr_free(path);
    return cr_hash_bytes(hash, facts, sizeof facts);
}

static void read_word(cr_watch_news *news, const char *directory)
{
    char *path = cr_path_join(directory, CR_PROGRESS_FILE, NULL);
    cr_document_finish(&news->word);
    if (path && !cr_document_read(&news->word, path, NULL))
        cr_document_finish(&news->word);
    cr_free(path);
}

/* How old the first news are is the file system's to say, whose clock may not be ours. */
bool cr_watch_news_look(cr_watch_news *news, const char *directory,
                        const char *const *names, size_t count)
{
    time_t newest = 0;
    cr_hash hash = {0}, none = {0};
    for (size_t i = 0; i < count; i++)
        hash = look_at(hash, directory, names[i], &newest);
    hash = look_at(hash, directory, CR_PROGRESS_FILE, &newest);
    if (cr_hash_compare(hash, news->seen) == 0)
        return false;
    bool is_first = cr_hash_compare(news->seen, none) == 0;
    double age = is_first && newest > 0 ? difftime(time(NULL), newest) : 0;
    news->changed = cr_clock() - (age > 0 ? age : 0);
    news->seen = hash;
    read_word(news, directory);
    return true;
}

void cr_watch_news_finish(cr_watch_news *news)
{
    cr_document_finish(&news->word);
    *news = (cr_watch_news){0};
}

double cr_watch_news_age(const cr_watch_news *news)
{
    return cr_clock() - news->changed;
}

double cr_watch_news_number(const cr_watch_news *news, const char *key)
{
    return cr_json_get_number(news->word.root, key, NAN);
}

const char *cr_watch_news_elsewhere(const cr_watch_news *news)
{
    char here[CR_PROGRESS_HOST];
    const char *host = cr_json_get_string(news->word.root, "host");
    return host && strcmp(host, cr_progress_file_host(here)) != 0 ? host : NULL;
}

cr_run_state cr_watch_news_state(const cr_watch_news *news, cr_run_state seen)
{
    return seen == CR_RUN_INTERRUPTED && cr_watch_news_elsewhere(news) ? CR_RUN_RUNNING
                                                                       : seen;
}

void cr_watch_news_add_silence(const cr_watch_news *news, cr_run_state state,
                               cr_screen *screen)
{
    char age[CR_BAR_LINE_TIME];
    const char *host = cr_watch_news_elsewhere(news);
    double seconds = cr_watch_news_age(news);
    if (state != CR_RUN_RUNNING || seconds < silence_seconds)
        return;
    cr_screen_add(cr_screen_next(screen), CR_INK_STRONG, "no news for %s%s%s%s",
                  cr_bar_line_time(seconds, age), host ? " from " : "", host ? host : "",
                  host ? ": whether it still runs can only be seen there"
                       : ", but its process lives");
}

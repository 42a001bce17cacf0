/*
 * What a durable change costs. "raw" is the yardstick: SQLite with the same settings, one writer
 * that commits what is waiting, and a row of the size of ours; "submit" is store_submit with a
 * group, two claims and an audit record; "get" reads by key. One JSON line each.
 */
#define _DEFAULT_SOURCE /* mkdtemp */
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/panic.h"
#include "base/ports_system.h"
#include "model/group.h"
#include "store/store.h"

enum { THREADS_MAX = 32, ROW = 600, READ_GROUPS = 1000 };

static int64_t seconds_ms = 1500;

static enum fault fixed_key(struct secrets *s, struct str name, unsigned char out[32])
{
    (void)s;
    memset(out, name.ptr[0], 32);
    return FAULT_NONE;
}

/* ---- raw: the least that a group commit can cost ---- */

struct raw_request {
    struct raw_request *next;
    pthread_cond_t done;
    bool answered;
    char key[32];
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct raw_request *first;
    bool stopping;
    sqlite3 *db;
    sqlite3_stmt *put;
} raw = {.lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER};

static void must(int rc)
{
    if (rc != SQLITE_OK && rc != SQLITE_DONE)
        panic("sqlite: %s", sqlite3_errmsg(raw.db));
}

static void raw_commit(struct raw_request *first)
{
    static char row[ROW];

    memset(row, 'x', sizeof(row));
    must(sqlite3_exec(raw.db, "BEGIN IMMEDIATE", NULL, NULL, NULL));
    for (struct raw_request *r = first; r; r = r->next) {
        must(sqlite3_bind_text(raw.put, 1, r->key, -1, SQLITE_STATIC));
        must(sqlite3_bind_text(raw.put, 2, row, ROW, SQLITE_STATIC));
        must(sqlite3_step(raw.put));
        must(sqlite3_reset(raw.put));
    }
    must(sqlite3_exec(raw.db, "COMMIT", NULL, NULL, NULL));
}

static void *raw_writer(void *arg)
{
    (void)arg;
    (void)pthread_mutex_lock(&raw.lock);
    for (;;) {
        struct raw_request *first;

        while (!raw.first && !raw.stopping)
            (void)pthread_cond_wait(&raw.work, &raw.lock);
        first = raw.first;
        if (!first)
            break;
        raw.first = NULL;
        (void)pthread_mutex_unlock(&raw.lock);
        raw_commit(first);
        (void)pthread_mutex_lock(&raw.lock);
        for (struct raw_request *r = first, *next; r; r = next) {
            next = r->next;
            r->answered = true;
            (void)pthread_cond_signal(&r->done);
        }
    }
    (void)pthread_mutex_unlock(&raw.lock);
    return NULL;
}

static void raw_put(int thread, int n)
{
    struct raw_request r = {0};

    (void)snprintf(r.key, sizeof(r.key), "%d-%d", thread, n);
    (void)pthread_cond_init(&r.done, NULL);
    (void)pthread_mutex_lock(&raw.lock);
    r.next = raw.first;
    raw.first = &r;
    (void)pthread_cond_signal(&raw.work);
    while (!r.answered)
        (void)pthread_cond_wait(&r.done, &raw.lock);
    (void)pthread_mutex_unlock(&raw.lock);
    (void)pthread_cond_destroy(&r.done);
}

/* ---- ours ---- */

static struct store *store;

static struct write_set *create(struct arena *a, int thread, int n)
{
    struct write_set *ws = write_set_new(a);
    struct str servers[2];
    struct group g = {.id = arena_strf(a, "pg-%d-%d", thread, n),
                      .region = STR("us-east-1"),
                      .account_id = STR("123456789012"),
                      .version = 1,
                      .server_ids = {servers, 2}};

    g.name = arena_strf(a, "group %d %d", thread, n);
    g.name_fold = g.name;
    for (int i = 0; i < 2; i++) {
        servers[i] = arena_strf(a, "s-%d-%d-%d", thread, n, i);
        ws_claim(ws, arena_strf(a, "server#" STR_FMT, STR_ARG(servers[i])), g.id, g.name,
                 FAULT_SERVER_CONFLICT);
    }
    ws_claim(ws, arena_strf(a, "group-name#" STR_FMT, STR_ARG(g.name)), g.id, g.name,
             FAULT_ALREADY_EXISTS);
    ws_if_absent(ws, ws_put(ws, COLLECTION_GROUPS, &g), FAULT_ALREADY_EXISTS);
    ws_audit(ws, arena_strf(a,
                            "{\"operation\":\"create_protection_group\",\"group\":\"" STR_FMT
                            "\",\"principal\":\"bench\"}",
                            STR_ARG(g.id)));
    return ws;
}

static void submit(struct arena *a, int thread, int n)
{
    struct refusal why;
    enum fault f = store_submit(store, a, create(a, thread, n), &why);

    if (f)
        panic("submit: %s", fault_describe(f)->name);
}

static void get(struct arena *a, int thread, int n)
{
    struct group g = {0};
    struct str id = arena_strf(a, "pg-0-%d", (n * 7 + thread) % READ_GROUPS);
    enum fault f = reader_get(store_reader(store), a, COLLECTION_GROUPS, id, (struct str){0}, &g);

    if (f)
        panic("get: %s", fault_describe(f)->name);
}

/* ---- running ---- */

enum what { WHAT_RAW, WHAT_SUBMIT, WHAT_GET };

struct worker {
    enum what what;
    int number;
    int64_t until;
    int64_t done;
    pthread_t thread;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    struct arena *a = arena_new(0);

    while (clock_mono_ms(clock_system()) < w->until) {
        if (w->what == WHAT_RAW)
            raw_put(w->number, (int)w->done);
        else if (w->what == WHAT_SUBMIT)
            submit(a, w->number, (int)w->done);
        else
            get(a, w->number, (int)w->done);
        w->done++;
        arena_reset(a);
    }
    arena_free(a);
    return NULL;
}

static void measure(const char *name, enum what what, int threads)
{
    static int generation = 1; /* of keys */
    struct worker workers[THREADS_MAX];
    int64_t began = clock_mono_ms(clock_system());
    int64_t done = 0;

    for (int i = 0; i < threads; i++) {
        workers[i] = (struct worker){
            .what = what, .number = generation * 100 + i, .until = began + seconds_ms};
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
            panic("no thread");
    }
    for (int i = 0; i < threads; i++) {
        (void)pthread_join(workers[i].thread, NULL);
        done += workers[i].done;
    }
    generation++;
    (void)printf("{\"what\":\"%s\",\"threads\":%d,\"per_second\":%.0f}\n", name, threads,
                 (double)done * 1000.0 / (double)(clock_mono_ms(clock_system()) - began));
    (void)fflush(stdout);
}

static void measure_raw(const char *folder)
{
    static const int counts[] = {1, 8, 32};
    char path[256];
    pthread_t writer;

    (void)snprintf(path, sizeof(path), "%s/raw.db", folder);
    must(sqlite3_open(path, &raw.db));
    must(sqlite3_exec(raw.db,
                      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-8192; "
                      "PRAGMA secure_delete=OFF; PRAGMA wal_autocheckpoint=1000; "
                      "CREATE TABLE rows (key TEXT PRIMARY KEY, row TEXT) STRICT, WITHOUT ROWID",
                      NULL, NULL, NULL));
    must(sqlite3_prepare_v2(raw.db, "INSERT INTO rows (key, row) VALUES (?1, ?2)", -1, &raw.put,
                            NULL));
    if (pthread_create(&writer, NULL, raw_writer, NULL))
        panic("no thread");
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        measure("raw", WHAT_RAW, counts[i]);
    (void)pthread_mutex_lock(&raw.lock);
    raw.stopping = true;
    (void)pthread_cond_signal(&raw.work);
    (void)pthread_mutex_unlock(&raw.lock);
    (void)pthread_join(writer, NULL);
    must(sqlite3_finalize(raw.put));
    must(sqlite3_close(raw.db));
    (void)unlink(path);
}

static void measure_store(const char *folder)
{
    static const struct secrets_ops secrets_ops = {fixed_key};
    static const int counts[] = {1, 8, 32};
    struct secrets secrets = {&secrets_ops};
    struct store_ports ports = {clock_system(), entropy_system(), &secrets};
    struct arena *a = arena_new(0);
    struct sqlite_options options = {.path = arena_strf(a, "%s/store.db", folder)};
    struct str why;

    if (store_sqlite_open(&options, &ports, a, &store, &why))
        panic(STR_FMT, STR_ARG(why));
    for (int i = 0; i < READ_GROUPS; i++)
        submit(a, 0, i);
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        measure("submit", WHAT_SUBMIT, counts[i]);
    measure("get", WHAT_GET, 1);
    measure("get", WHAT_GET, 2);
    store_close(store);
    (void)unlink(options.path.ptr);
    (void)unlink(arena_strf(a, "%s/store.db.lock", folder).ptr);
    arena_free(a);
}

int main(int argc, char **argv)
{
    char folder[] = "/var/tmp/store-bench-XXXXXX"; /* a disk; /tmp may be memory */
    int64_t given;

    if (argc > 1 && str_to_i64(str_from_z(argv[1]), &given) && given > 0)
        seconds_ms = given;
    if (!mkdtemp(folder))
        panic("no folder under /var/tmp");
    measure_raw(folder);
    measure_store(folder);
    (void)rmdir(folder);
    return 0;
}

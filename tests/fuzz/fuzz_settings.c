/* A settings file: what is taken is printed, and read again it says the same. */
#define _GNU_SOURCE /* memfd_create */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "edge/settings.h"
#include "tests/fuzz/fuzz.h"

static const char *no_environment(void *context, const char *name)
{
    (void)context;
    (void)name;
    return NULL;
}

static enum fault load(struct arena *a, struct str text, struct settings *out)
{
    char path[40];
    const char *flags[] = {"--config", path, NULL};
    struct settings_input in = {.flags = flags, .environment = no_environment, .root = true};
    struct settings_request request;
    struct faults faults;
    int fd = memfd_create("settings", MFD_CLOEXEC);
    enum fault f;

    REQUIRE(fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len);
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    faults_init(&faults, a);
    f = settings_load(a, &in, out, &request, &faults);
    REQUIRE((f == FAULT_NONE) == (faults.len == 0));
    (void)close(fd);
    return f;
}

void fuzz_input(struct arena *a, struct str input)
{
    struct settings first, second;
    struct str printed;

    if (load(a, input, &first))
        return;
    printed = settings_print(a, &first);
    REQUIRE(load(a, printed, &second) == FAULT_NONE);
    REQUIRE(str_eq(settings_print(a, &second), printed));
}

#include "edge/sd_notify.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool sd_notify(struct str socket_name, struct str message)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    ssize_t sent;
    int fd;

    if (!socket_name.len)
        return true;
    if (socket_name.len >= sizeof(to.sun_path) ||
        (socket_name.ptr[0] != '/' && socket_name.ptr[0] != '@'))
        return false;
    memcpy(to.sun_path, socket_name.ptr, socket_name.len);
    if (to.sun_path[0] == '@')
        to.sun_path[0] = 0;
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    sent = sendto(fd, message.ptr, message.len, MSG_NOSIGNAL, (const struct sockaddr *)&to,
                  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + socket_name.len));
    (void)close(fd);
    return sent == (ssize_t)message.len;
}

int64_t sd_watchdog_ms(struct str usec, struct str for_pid, int64_t pid)
{
    int64_t us = 0, wanted = pid;

    if (!str_to_i64(usec, &us) || us <= 0)
        return 0;
    if (for_pid.len && !str_to_i64(for_pid, &wanted))
        return 0;
    return wanted == pid ? us / 2000 : 0;
}

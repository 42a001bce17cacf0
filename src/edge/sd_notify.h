#ifndef EDGE_SD_NOTIFY_H
#define EDGE_SD_NOTIFY_H

#include "base/str.h"

/*
 * Word to systemd (Type=notify): one datagram to the socket that $NOTIFY_SOCKET names; a leading
 * '@' stands for the abstract namespace. An absent socket: nobody asked, and that is fine.
 *
 *     sd_notify(socket, STR("READY=1\nSTATUS=Listening on 127.0.0.1:8080"));
 *
 * Returns false only where somebody asked and could not be told.
 */
bool sd_notify(struct str socket, struct str message);

/*
 * How often the watchdog wants to hear WATCHDOG=1, in ms: half of $WATCHDOG_USEC, where
 * $WATCHDOG_PID is absent or ours. 0: not at all.
 */
int64_t sd_watchdog_ms(struct str usec, struct str for_pid, int64_t pid);

#endif

#ifndef SIM_SIM_TRANSPORT_H
#define SIM_SIM_TRANSPORT_H

#include "sim/sim.h"

/*
 * The transport port over a simulator in the same thread, for tests without sockets: host and
 * scheme of the URL do not matter, the time is the clock's. Damage that a fault rule asks for
 * becomes what a client would see: a dropped connection, a timeout, a body cut short.
 */
struct sim_transport {
    struct transport transport;
    struct sim *sim;
    struct clock *clock;
};

void sim_transport_init(struct sim_transport *t, struct sim *s, struct clock *clock);

#endif

#ifndef EDGE_SERVE_H
#define EDGE_SERVE_H

/*
 * `drwave serve`: one process with everything inside. argv[0] is "serve". Returns the exit status:
 * 0 after an orderly stop (SIGTERM, SIGINT), 1 when it could not start, 252 for bad flags.
 */
int serve_main(int argc, char **argv);

#endif

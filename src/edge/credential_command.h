#ifndef EDGE_CREDENTIAL_COMMAND_H
#define EDGE_CREDENTIAL_COMMAND_H

/*
 * `drwave credential rotate`: a new token and a new access key for the `serve` of a data folder,
 * running or not. argv[0] is "credential"; the flags are those of serve. Exit status 0; 1 when it
 * could not be done; 252 for wrong usage.
 */
int credential_main(int argc, char **argv);

#endif

/* `ironspan collect`: the incident layer for many sensors. */
#ifndef IRONSPAN_COMMAND_COLLECT_H
#define IRONSPAN_COMMAND_COLLECT_H

int command_collect(int argc, char **argv);

#endif

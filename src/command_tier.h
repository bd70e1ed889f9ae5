/* `ironspan tier`: a node of the reporting tiers. */
#ifndef IRONSPAN_COMMAND_TIER_H
#define IRONSPAN_COMMAND_TIER_H

int command_tier(int argc, char **argv);

#endif

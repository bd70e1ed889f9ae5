/* `ironspan share`: incidents out in others' languages, indicators of others in. */
#ifndef IRONSPAN_COMMAND_SHARE_H
#define IRONSPAN_COMMAND_SHARE_H

int command_share(int argc, char **argv);

#endif

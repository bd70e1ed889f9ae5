/* ironspan registers check DIR: are the plant's registers whole, and what do they
 * lack? */
#ifndef IRONSPAN_COMMAND_REGISTERS_H
#define IRONSPAN_COMMAND_REGISTERS_H

int command_registers(int argc, char **argv);

#endif

/* `ironspan audit`: keys, and the trail's checks. */
#ifndef IRONSPAN_COMMAND_AUDIT_H
#define IRONSPAN_COMMAND_AUDIT_H

int command_audit(int argc, char **argv);
/* Its parts; argv[0] is the last word of the command's name. */
int command_audit_verify(int argc, char **argv);
int command_audit_checkpoint(int argc, char **argv);
int command_audit_request(int argc, char **argv);
int command_audit_cosign(int argc, char **argv);
int command_audit_key(int argc, char **argv);

#endif

/* `ironspan incident …`: people's commands on a store of incidents (incident/store.h). */
#ifndef IRONSPAN_COMMAND_INCIDENT_H
#define IRONSPAN_COMMAND_INCIDENT_H

int command_incident(int argc, char **argv);

#endif

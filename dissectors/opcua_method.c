/* Standard methods, by the last part of their node's name: a type's method and those of
 * its instances are called alike. */
#include "opcua_method.h"
#include "opcua_names.h"

static const struct {
	const char *name;
	uint8_t verb;
	const char *object;
} methods[] = {
	{ "RequestServerStateChange", VERB_MODE_CHANGE, "server" },
	{ "Start", VERB_MODE_CHANGE, "program" },
	{ "Suspend", VERB_MODE_CHANGE, "program" },
	{ "Resume", VERB_MODE_CHANGE, "program" },
	{ "Halt", VERB_MODE_CHANGE, "program" },
	{ "Reset", VERB_MODE_CHANGE, "program" },
	{ "Acknowledge", VERB_ALARM_ACK, "alarm" },
	{ "Confirm", VERB_ALARM_ACK, "alarm" },
	{ "Enable", VERB_CONFIG, "alarm" },
	{ "Disable", VERB_CONFIG, "alarm" },
	{ "AddComment", VERB_CONFIG, "alarm" },
	{ "Respond", VERB_ALARM_ACK, "alarm" },
	{ "Silence", VERB_CONFIG, "alarm" },
	{ "Suppress", VERB_CONFIG, "alarm" },
	{ "Suppress2", VERB_CONFIG, "alarm" },
	{ "Unsuppress", VERB_CONFIG, "alarm" },
	{ "Unsuppress2", VERB_CONFIG, "alarm" },
	{ "TimedShelve", VERB_CONFIG, "alarm" },
	{ "OneShotShelve", VERB_CONFIG, "alarm" },
	{ "Unshelve", VERB_CONFIG, "alarm" },
	{ "TimedShelve2", VERB_CONFIG, "alarm" },
	{ "OneShotShelve2", VERB_CONFIG, "alarm" },
	{ "Unshelve2", VERB_CONFIG, "alarm" },
	{ "RemoveFromService", VERB_CONFIG, "alarm" },
	{ "RemoveFromService2", VERB_CONFIG, "alarm" },
	{ "PlaceInService", VERB_CONFIG, "alarm" },
	{ "PlaceInService2", VERB_CONFIG, "alarm" },
	{ "ConditionRefresh", VERB_READ, "alarm" },
	{ "ConditionRefresh2", VERB_READ, "alarm" },
	{ "Open", VERB_FILE, "file" },
	{ "Close", VERB_FILE, "file" },
	{ "Read", VERB_FILE, "file" },
	{ "Write", VERB_FILE, "file" },
	{ "GetPosition", VERB_FILE, "file" },
	{ "SetPosition", VERB_FILE, "file" },
	{ "CreateFile", VERB_FILE, "file" },
	{ "CreateDirectory", VERB_FILE, "file" },
	{ "DeleteFileSystemObject", VERB_FILE, "file" },
	{ "MoveOrCopy", VERB_FILE, "file" },
	{ "OpenWithMasks", VERB_CONFIG, "trust_list" },
	{ "CloseAndUpdate", VERB_CONFIG, "trust_list" },
	{ "AddCertificate", VERB_CONFIG, "trust_list" },
	{ "RemoveCertificate", VERB_CONFIG, "trust_list" },
	{ "UpdateCertificate", VERB_CONFIG, "certificate" },
	{ "CreateSigningRequest", VERB_CONFIG, "certificate" },
	{ "GetRejectedList", VERB_DIAGNOSE, "certificate" },
	{ "ApplyChanges", VERB_CONFIG, "certificate" },
	{ "AddUser", VERB_CONFIG, "user" },
	{ "ModifyUser", VERB_CONFIG, "user" },
	{ "RemoveUser", VERB_CONFIG, "user" },
	{ "ChangePassword", VERB_CONFIG, "user" },
	{ "AddRole", VERB_CONFIG, "role" },
	{ "RemoveRole", VERB_CONFIG, "role" },
	{ "AddIdentity", VERB_CONFIG, "role" },
	{ "RemoveIdentity", VERB_CONFIG, "role" },
	{ "AddApplication", VERB_CONFIG, "role" },
	{ "RemoveApplication", VERB_CONFIG, "role" },
	{ "AddEndpoint", VERB_CONFIG, "role" },
	{ "RemoveEndpoint", VERB_CONFIG, "role" },
	{ "GetMonitoredItems", VERB_DIAGNOSE, "subscription" },
	{ "ResendData", VERB_READ, "subscription" },
	{ "SetSubscriptionDurable", VERB_CONFIG, "subscription" },
};

/* Arguments before the first secret one. */
static const struct {
	const char *name;
	uint8_t shown;
} secrets[] = {
	{ "AddUser", 1 },
	{ "ModifyUser", 2 },
	{ "ChangePassword", 0 },
	{ "UpdateCertificate", 5 },
	{ "UpdateCredential", 1 },
	{ "SetSecurityKeys", 3 },
};

/* The last part of a standard node's name; NULL: it has none. */
static const char *last_name(uint32_t id)
{
	const char *name = id ? opcua_node_name(id) : NULL;
	const char *last = name ? strrchr(name, '_') : NULL;

	return last ? last + 1 : NULL;
}

uint32_t opcua_method_shows(uint32_t id)
{
	const char *name = last_name(id);

	for (unsigned i = 0; name && i < sizeof(secrets) / sizeof(*secrets); i++)
		if (strcmp(name, secrets[i].name) == 0)
			return secrets[i].shown;
	return UINT32_MAX;
}

void opcua_method_means(uint32_t id, enum verb *verb, const char **object)
{
	const char *name = last_name(id);

	for (unsigned i = 0; name && i < sizeof(methods) / sizeof(*methods); i++)
		if (strcmp(name, methods[i].name) == 0) {
			*verb = (enum verb)methods[i].verb;
			*object = methods[i].object;
		}
}

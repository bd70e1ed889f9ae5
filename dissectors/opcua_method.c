/* Standard methods, by what their node's name ends with: a type's method and those of its
 * instances are called alike. */
#include "opcua_method.h"
#include "opcua_names.h"

/* The first that fits counts. */
static const struct {
	const char *name;
	uint8_t verb;
	const char *object;
} methods[] = {
	{ "RequestServerStateChange", VERB_MODE_CHANGE, "server" },
	{ "Failover", VERB_MODE_CHANGE, "server" },
	{ "ResetToServerDefaults", VERB_RESTART, "server" },
	{ "SetRegistrarEndpoints", VERB_CONFIG, "server" },
	{ "ProgramStateMachineType_Start", VERB_MODE_CHANGE, "program" },
	{ "ProgramStateMachineType_Suspend", VERB_MODE_CHANGE, "program" },
	{ "ProgramStateMachineType_Resume", VERB_MODE_CHANGE, "program" },
	{ "ProgramStateMachineType_Halt", VERB_MODE_CHANGE, "program" },
	{ "ProgramStateMachineType_Reset", VERB_MODE_CHANGE, "program" },
	{ "Acknowledge", VERB_ALARM_ACK, "alarm" },
	{ "Confirm", VERB_ALARM_ACK, "alarm" },
	{ "ConditionType_Enable", VERB_CONFIG, "alarm" },
	{ "ConditionType_Disable", VERB_CONFIG, "alarm" },
	{ "AddComment", VERB_CONFIG, "alarm" },
	{ "Respond", VERB_ALARM_ACK, "alarm" },
	{ "Respond2", VERB_ALARM_ACK, "alarm" },
	{ "AlarmConditionType_Reset", VERB_ALARM_ACK, "alarm" },
	{ "Reset2", VERB_ALARM_ACK, "alarm" },
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
	{ "GetGroupMemberships", VERB_READ, "alarm" },
	{ "OpenWithMasks", VERB_CONFIG, "trust_list" },
	{ "TrustListType_CloseAndUpdate", VERB_CONFIG, "trust_list" },
	{ "TrustList_CloseAndUpdate", VERB_CONFIG, "trust_list" },
	{ "TrustList_Open", VERB_CONFIG, "trust_list" },
	{ "TrustList_Write", VERB_CONFIG, "trust_list" },
	{ "AddCertificate", VERB_CONFIG, "trust_list" },
	{ "RemoveCertificate", VERB_CONFIG, "trust_list" },
	{ "UpdateCertificate", VERB_CONFIG, "certificate" },
	{ "CreateSigningRequest", VERB_CONFIG, "certificate" },
	{ "GetCertificates", VERB_DIAGNOSE, "certificate" },
	{ "GetRejectedList", VERB_DIAGNOSE, "certificate" },
	{ "ApplyChanges", VERB_CONFIG, "certificate" },
	{ "CancelChanges", VERB_CONFIG, "certificate" },
	{ "CreateCredential", VERB_CONFIG, "credential" },
	{ "UpdateCredential", VERB_CONFIG, "credential" },
	{ "DeleteCredential", VERB_CONFIG, "credential" },
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
	{ "GenerateFileForRead", VERB_FILE, "file" },
	{ "GenerateFileForWrite", VERB_FILE, "file" },
	{ "CloseAndCommit", VERB_FILE, "file" },
	{ "CloseAndUpdate", VERB_CONFIG, "pubsub" },
	{ "PubSubStatusType_Enable", VERB_CONFIG, "pubsub" },
	{ "PubSubStatusType_Disable", VERB_CONFIG, "pubsub" },
	{ "AddConnection", VERB_CONFIG, "pubsub" },
	{ "RemoveConnection", VERB_CONFIG, "pubsub" },
	{ "SetSecurityKeys", VERB_CONFIG, "pubsub" },
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

/* With what stands between two '_', or with several of these. */
static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return len >= end_len && strcmp(name + len - end_len, end) == 0 &&
	       (len == end_len || name[len - end_len - 1] == '_');
}

uint32_t opcua_method_shows(uint32_t id)
{
	const char *name = id ? opcua_node_name(id) : NULL;

	for (unsigned i = 0; name && i < sizeof(secrets) / sizeof(*secrets); i++)
		if (ends_with(name, secrets[i].name))
			return secrets[i].shown;
	return UINT32_MAX;
}

void opcua_method_means(uint32_t id, enum verb *verb, const char **object)
{
	const char *name = id ? opcua_node_name(id) : NULL;

	for (unsigned i = 0; name && i < sizeof(methods) / sizeof(*methods); i++)
		if (ends_with(name, methods[i].name)) {
			*verb = (enum verb)methods[i].verb;
			*object = methods[i].object;
			return;
		}
}

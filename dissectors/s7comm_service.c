/* Operations of program invocations and userdata: tables that say what each one does. */
#include "s7comm_operate.h"

/* ---- program invocations ---- */

/* By the beginning of its name. */
static const struct service {
	const char *name;
	uint8_t verb;
	bool has_blocks;
	const char *object, *value;
} services[] = {
	{ "_INSE", VERB_PROGRAM_DOWNLOAD, true, "block", "insert" },
	{ "_INS2", VERB_PROGRAM_DOWNLOAD, true, "block", "insert" },
	{ "_DELE", VERB_PROGRAM_DELETE, true, "block", "delete" },
	{ "_GARB", VERB_CONFIG, false, "memory", "compress" },
	{ "_MODU", VERB_CONFIG, false, "memory", "copy_ram_to_rom" },
	{ "_PLC_MEMORYRESET", VERB_PROGRAM_DELETE, false, "plc", "memory_reset" },
	{ "_N_LOG", VERB_LOGIN, false, "nck", NULL },
	{ "_N_NEWPWD", VERB_LOGIN, false, "nck", NULL },
	{ "_N_F_", VERB_FILE, false, "nck", NULL },
	{ "_N_CONFIG", VERB_CONFIG, false, "nck", NULL },
	{ "_N_", VERB_CONTROL, false, "nck", NULL },
};

static const char *start_of(const struct message *m)
{
	const struct item *argument = s7_item(m, PI_ARGUMENT);

	if (!argument || argument->len == 0)
		return "warm_restart";
	return argument->at[0] == 'C' ? "cold_restart" :
		argument->at[0] == 'H' ? "hot_restart" : "start";
}

static void operate_service(struct dissect *d, const struct message *m,
	const struct service *service, struct bytes name)
{
	struct bytes value = service->value
				     ? (struct bytes){ (const uint8_t *)service->value,
					       strlen(service->value) }
				     : name;
	struct values text = { VALUE_TEXT, 1, value };
	struct operation op = s7_operation(d, service->verb, service->object);

	op.value = text;
	if (service->has_blocks)
		s7_add_blocks(d, m, &op);
	else
		operation_add(d, &op);
}

void s7_operate_pi(struct dissect *d, const struct s7_pair *p)
{
	const struct item *item = s7_item(p->request, PI_SERVICE);
	const unsigned count = sizeof(services) / sizeof(*services);
	unsigned i = 0;

	if (!item) { /* an answer does not say which it was */
		s7_add(d, VERB_CONTROL, p->request ? "plc" : "program_invocation", NULL);
		return;
	}
	struct bytes name = item_bytes(item);
	if (s7_begins_with(name, "P_PROGRAM")) {
		s7_add(d, VERB_MODE_CHANGE, "plc", start_of(p->request));
		return;
	}
	while (i < count && !s7_begins_with(name, services[i].name))
		i++;
	static const struct service other = { "", VERB_CONTROL, false, "plc", NULL };
	operate_service(d, p->request, i < count ? &services[i] : &other, name);
}

/* ---- userdata ---- */

/* Identification and components are asked for to know what the device is. */
static void operate_szl(struct dissect *d, const struct s7_pair *p)
{
	static const uint8_t identities[] = { 0x00, 0x11, 0x12, 0x1c, 0x31 };
	const struct item *id = s7_item(p->request, SZL_ID);

	if (!id)
		id = s7_item(p->response, SZL_ID);
	uint8_t list = id ? id->u & 0xff : 0xff;
	bool discovers = memchr(identities, list, sizeof(identities)) != NULL;
	struct operation op =
		s7_operation(d, discovers ? VERB_DISCOVER : VERB_DIAGNOSE, "szl");
	op.has_point = id != NULL;
	op.address = id ? id->u : 0;
	operation_add(d, &op);
	if (p->response && !p->response->events && !p->response->is_cut)
		s7_identify(d, p->response);
}

static void operate_clock(struct dissect *d, const struct s7_pair *p, enum verb verb)
{
	const struct item *clock = s7_item(p->request, CLOCK);
	struct operation op = s7_operation(d, verb, "clock");

	if (!clock)
		clock = s7_item(p->response, CLOCK);
	if (clock)
		op.value = (struct values){ VALUE_TEXT, 1,
			s7_formatted(d, s7_clock_text, item_bytes(clock)) };
	operation_add(d, &op);
}

enum how { PLAIN, WITH_VARIABLES, WITH_ITEMS, WITH_BLOCKS, WITH_SZL, WITH_CLOCK,
	WITH_ALARMS };

/* Groups and subfunctions: the first row that fits; subfunction ANY fits all. */
enum { ANY = 0x100 };
static const struct meaning {
	uint8_t group;
	uint16_t sub;
	uint8_t verb, how;
	const char *object, *value;
} meanings[] = {
	{ S7_MODE_TRANSITION, ANY, VERB_MODE_CHANGE, PLAIN, "plc", NULL },
	{ S7_PROGRAMMER, 2, VERB_READ, WITH_VARIABLES, "variable", NULL },
	{ S7_PROGRAMMER, 7, VERB_CONTROL, PLAIN, "force", "force_selection" },
	{ S7_PROGRAMMER, 8, VERB_WRITE, WITH_VARIABLES, "variable", NULL },
	{ S7_PROGRAMMER, 9, VERB_CONTROL, WITH_VARIABLES, "force", NULL },
	{ S7_PROGRAMMER, 10, VERB_CONTROL, PLAIN, "breakpoint", "breakpoint" },
	{ S7_PROGRAMMER, 11, VERB_MODE_CHANGE, PLAIN, "plc", "exit_hold" },
	{ S7_PROGRAMMER, 12, VERB_PROGRAM_DELETE, PLAIN, "plc", "memory_reset" },
	{ S7_PROGRAMMER, 13, VERB_CONTROL, PLAIN, "job", "disable_job" },
	{ S7_PROGRAMMER, 14, VERB_CONTROL, PLAIN, "job", "enable_job" },
	{ S7_PROGRAMMER, 15, VERB_CONTROL, PLAIN, "job", "delete_job" },
	{ S7_PROGRAMMER, 18, VERB_CONTROL, PLAIN, "job", "replace_job" },
	{ S7_PROGRAMMER, 22, VERB_DISCOVER, PLAIN, "plc", "flash_led" },
	{ S7_PROGRAMMER, ANY, VERB_DIAGNOSE, PLAIN, "plc", NULL },
	{ S7_CYCLIC, 1, VERB_SUBSCRIBE, WITH_ITEMS, "variable", NULL },
	{ S7_CYCLIC, 4, VERB_SUBSCRIBE, PLAIN, "variable", "unsubscribe" },
	{ S7_CYCLIC, 5, VERB_SUBSCRIBE, WITH_ITEMS, "variable", NULL },
	{ S7_CYCLIC, 7, VERB_SUBSCRIBE, WITH_ITEMS, "variable", NULL },
	{ S7_CYCLIC, 8, VERB_READ, PLAIN, "data_record", NULL },
	{ S7_BLOCK, 3, VERB_DISCOVER, WITH_BLOCKS, "block", NULL },
	{ S7_BLOCK, ANY, VERB_DISCOVER, PLAIN, "block", NULL },
	{ S7_CPU, 1, VERB_DISCOVER, WITH_SZL, "szl", NULL },
	{ S7_CPU, 2, VERB_SUBSCRIBE, PLAIN, "alarm", NULL },
	{ S7_CPU, 7, VERB_CONFIG, WITH_ALARMS, "alarm", "lock" },
	{ S7_CPU, 8, VERB_CONFIG, WITH_ALARMS, "alarm", "unlock" },
	{ S7_CPU, 11, VERB_ALARM_ACK, WITH_ALARMS, "alarm", NULL },
	{ S7_CPU, 19, VERB_DIAGNOSE, PLAIN, "alarm", "query" },
	{ S7_PBC, 1, VERB_WRITE, PLAIN, "block_send", NULL },
	{ S7_SECURITY, 1, VERB_LOGIN, PLAIN, "plc", "set_password" },
	{ S7_SECURITY, 2, VERB_LOGIN, PLAIN, "plc", "clear_password" },
	{ S7_TIME, 2, VERB_TIME_SYNC, WITH_CLOCK, "clock", NULL },
	{ S7_TIME, 4, VERB_TIME_SYNC, WITH_CLOCK, "clock", NULL },
	{ S7_TIME, ANY, VERB_DIAGNOSE, WITH_CLOCK, "clock", NULL },
	{ S7_NC, 1, VERB_FILE, PLAIN, "nck", "download" },
	{ S7_NC, 6, VERB_FILE, PLAIN, "nck", "upload" },
};

static const struct meaning *meaning_of(uint8_t group, uint8_t sub)
{
	for (unsigned i = 0; i < sizeof(meanings) / sizeof(*meanings); i++)
		if (meanings[i].group == group &&
		    (meanings[i].sub == ANY || meanings[i].sub == sub))
			return &meanings[i];
	return NULL;
}

/* Locks and acknowledgements: an operation for each object, whose code is in the answer. */
static void operate_alarms(
	struct dissect *d, const struct s7_pair *p, const struct meaning *meaning)
{
	uint32_t at = 0, answer_at = 0;

	if (!s7_item(p->request, ALARMS))
		s7_add(d, meaning->verb, meaning->object, meaning->value);
	while (s7_next_group(p->request, &at, ALARMS)) {
		struct operation op =
			s7_worded(d, meaning->verb, meaning->object, meaning->value);
		const struct item *element = s7_next_group(p->response, &answer_at, ALARMS);
		const struct item *code = element ?
			s7_in_group(p->response, element, ALARM_CODE_RAW) : NULL;
		s7_set_outcome(&op, code);
		operation_add(d, &op);
	}
}

/* What is pushed is no action, but for a change of mode. */
void s7_operate_userdata(struct dissect *d, const struct s7_pair *p)
{
	uint8_t group = s7_key_function(p->m->key), sub = s7_key_sub(p->m->key);
	const struct meaning *meaning = meaning_of(group, sub);
	bool is_mode = group == S7_MODE_TRANSITION;
	struct operation op;

	if (!meaning || !s7_item(p->m, UD_GROUP_RAW) ||
	    (p->m->kind == MESSAGE_ONEWAY && !is_mode))
		return;
	switch (meaning->how) {
	case WITH_VARIABLES:
		s7_operate_variables(d, p, meaning->verb);
		break;
	case WITH_ITEMS:
		s7_operate_items(d, p, meaning->verb);
		break;
	case WITH_ALARMS:
		operate_alarms(d, p, meaning);
		break;
	case WITH_SZL:
		operate_szl(d, p);
		break;
	case WITH_CLOCK:
		operate_clock(d, p, meaning->verb);
		break;
	case WITH_BLOCKS:
		op = s7_operation(d, meaning->verb, meaning->object);
		s7_add_blocks(d, p->request, &op);
		break;
	default:
		s7_add(d, meaning->verb, meaning->object,
			is_mode ? name_of(s7_ud_sub_names, s7_ud_function(group, sub))
				: meaning->value);
	}
}

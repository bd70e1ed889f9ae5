#include "incident/life_change.h"

#define S(state) (1u << LIFE_##state)
#define EARLY (S(DETECTED) | S(TRIAGED) | S(CONFIRMED))
#define ACTIVE (S(CONFIRMED) | S(REPORTED_FIRST) | S(FOLLOW_UP))
#define UNRESOLVED (EARLY | ACTIVE)
#define OPEN (UNRESOLVED | S(RESOLVED) | S(REPORTED_FINAL))
#define AFTER (S(RESOLVED) | S(REPORTED_FINAL) | S(CLOSED))
#define STAYS 0, LIFE_DETECTED
#define ANY_NUMBER 0, INT64_C(9007199254740991)

static const char *const dismissals[] = { "false_positive", "authorised_change",
	"exercise", "duplicate", NULL };
static const char *const measures[] = { "containment", "eradication", "recovery",
	"communication", NULL };
static const char *const report_kinds[] = { "first", "progress", "final", "correction",
	"withdrawal", NULL };
static const char *const holds[] = { "none", "legal", NULL };
static const char *const yes_no[] = { "true", "false", NULL };

#define REASON { "reason", LIFE_TEXT, true, "why" }
#define AT { "at", LIFE_TIME, false, "when it really was, RFC 3339; now" }

const struct life_action life_actions[] = {
	{ "ack", RIGHT_WORK, S(DETECTED), S(DETECTED), LIFE_TRIAGED, life_ack,
		"say that somebody looks at it; it becomes yours if it is nobody's",
		{ AT } },
	{ "assign", RIGHT_WORK, OPEN, STAYS, life_assign,
		"say who works on it",
		{ { "owner", LIFE_NAME, false, "person in charge" },
			{ "backup", LIFE_NAME, false, "who stands in" },
			{ "group", LIFE_NAME, false, "unit or shift" },
			{ "escalate", LIFE_NAME, false, "person to tell as well" } } },
	{ "note", RIGHT_WORK, OPEN | S(CLOSED) | S(DISMISSED), STAYS, life_note,
		"write something down",
		{ { "text", LIFE_TEXT, true, "the note" } } },
	{ "confirm", RIGHT_WORK, UNRESOLVED, S(DETECTED) | S(TRIAGED), LIFE_CONFIRMED,
		life_confirm, "say that it is real, and its level; again: another level",
		{ { "level", LIFE_NUMBER, true, "1 especially major … 4 general", NULL, 1,
			  4 },
			REASON, AT } },
	{ "dismiss", RIGHT_WORK, EARLY, EARLY, LIFE_DISMISSED, life_dismiss,
		"say that it is none",
		{ { "reason", LIFE_WORD, true, "why", dismissals },
			{ "text", LIFE_TEXT, false, "in your words" },
			{ "baseline_change", LIFE_WORD, false,
				"shall the baseline learn it", yes_no } } },
	{ "reopen", RIGHT_APPROVE, S(CLOSED) | S(DISMISSED), S(CLOSED) | S(DISMISSED),
		LIFE_TRIAGED, life_reopen, "take back that it was closed or dismissed",
		{ REASON } },
	{ "merge", RIGHT_WORK, EARLY, EARLY, LIFE_MERGED, life_merge,
		"say that it is part of another incident",
		{ { "into", LIFE_NAME, true, "the incident that stays" }, REASON } },
	{ "action", RIGHT_WORK, OPEN, STAYS, life_act,
		"record a measure that was taken",
		{ { "kind", LIFE_WORD, true, "what it was for", measures },
			{ "text", LIFE_TEXT, true, "what was done" },
			{ "effect", LIFE_TEXT, false, "what came of it" }, AT } },
	{ "contain", RIGHT_WORK, UNRESOLVED, STAYS, life_contain,
		"say that it spreads no further",
		{ { "text", LIFE_TEXT, true, "what was done" },
			{ "effect", LIFE_TEXT, false, "what came of it" }, AT } },
	{ "resolve", RIGHT_WORK, ACTIVE, ACTIVE, LIFE_RESOLVED, life_resolve,
		"say that handling is finished",
		{ { "text", LIFE_TEXT, true, "how it ended" }, AT } },
	{ "close", RIGHT_WORK, S(RESOLVED) | S(REPORTED_FINAL),
		S(RESOLVED) | S(REPORTED_FINAL), LIFE_CLOSED, life_close,
		"file it; needs the final report if there was a first",
		{ REASON, { "lessons", LIFE_TEXT, false, "what was learnt" } } },
	{ "set", RIGHT_WORK, OPEN, STAYS, life_set,
		"fill in what no sensor can know; see KEYS",
		{ { "key", LIFE_NAME, true, "which" },
			{ "value", LIFE_TEXT, true, "what; null: not known" },
			{ "reason", LIFE_TEXT, false, "how we know" } } },
	{ "evidence", RIGHT_WORK, OPEN, STAYS, life_evidence,
		"name a file that proves something",
		{ { "type", LIFE_NAME, true, "pcap, log, image …" },
			{ "ref", LIFE_NAME, true, "where it lies" },
			{ "sha256", LIFE_NAME, true, "its SHA-256, hex" },
			{ "bytes", LIFE_NUMBER, true, "its length", NULL, ANY_NUMBER },
			{ "hold", LIFE_WORD, false, "legal: it must stay", holds } } },
	{ "rectify", RIGHT_WORK, AFTER, STAYS, life_rectify,
		"note what must change so that it does not happen again",
		{ { "item", LIFE_TEXT, true, "what" },
			{ "responsible", LIFE_NAME, true, "who" },
			{ "due", LIFE_DATE, true, "until when, 2026-12-31" } } },
	{ "rectified", RIGHT_WORK, AFTER, STAYS, life_rectified,
		"say that one of these is done",
		{ { "number", LIFE_NUMBER, true, "from 1", NULL, 1, LIFE_LIST_MAX },
			AT } },
	{ "lessons", RIGHT_WORK, AFTER, STAYS, life_lessons,
		"write down what was learnt",
		{ { "text", LIFE_TEXT, true, "what" } } },
	{ "report", RIGHT_WORK, OPEN, STAYS, life_report,
		"draft a report",
		{ { "uid", LIFE_NAME, true, "the report's id" },
			{ "kind", LIFE_WORD, true, "which", report_kinds },
			{ "profile", LIFE_NAME, true, "form and clock" },
			{ "recipient", LIFE_NAME, false, "who gets it" } } },
	{ "approve", RIGHT_APPROVE, ACTIVE | S(RESOLVED) | S(REPORTED_FINAL), STAYS,
		life_approve,
		"let a report leave the plant; not by who drafted it",
		{ { "report", LIFE_NAME, true, "the report's id" },
			{ "reason", LIFE_TEXT, false, "why" } } },
	{ "submit", RIGHT_WORK, ACTIVE | S(RESOLVED) | S(REPORTED_FINAL), STAYS,
		life_submit,
		"record that a person filed an approved report",
		{ { "report", LIFE_NAME, true, "the report's id" },
			{ "channel", LIFE_NAME, true, "phone, e-mail, website …" },
			{ "receipt", LIFE_NAME, false, "the authority's number" }, AT } },
	{ NULL },
};

const struct life_key life_keys[] = {
	{ "human_input.direct_loss_cny", LIFE_KEY_NUMBER, "direct loss, yuan" },
	{ "human_input.people_affected", LIFE_KEY_NUMBER, "persons affected" },
	{ "human_input.production_stopped_min", LIFE_KEY_NUMBER, "minutes stopped" },
	{ "human_input.cii_operator", LIFE_KEY_SWITCH, "critical infrastructure" },
	{ "human_input.pii_records", LIFE_KEY_NUMBER, "records of personal data" },
	{ "human_input.ransom", LIFE_KEY_TEXT, "ransom: how much, how, until when" },
	{ "safety_accident.note", LIFE_KEY_TEXT, "what safety people say" },
	{ "safety_accident.regime", LIFE_KEY_TEXT, "safety rule that applies" },
	{ "classification.gbt20986.category", LIFE_KEY_TEXT, "category, GB/T 20986" },
	{ "classification.gbt20986.subcategory", LIFE_KEY_TEXT, "sub-category" },
	{ "classification.data_security.data_touched", LIFE_KEY_TEXT, "which data" },
	{ "classification.data_security.data_class", LIFE_KEY_TEXT, "its class" },
	{ "accountability.findings", LIFE_KEY_TEXT, "findings about responsibility" },
	{ NULL },
};

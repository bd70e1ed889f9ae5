/* Registers: schemas, lines of mistakes, look-ups, days and zones of time. */
#include <string.h>

#include "incident/json_line.h"
#include "incident/register.h"
#include "incident/schema.h"
#include "incident/time.h"
#include "incident/time_zone.h"
#include "output/eve.h"
#include "test.h"

#define PLANT "signatures/example-plant"
#define SHARED "signatures/incident"

static const char *or_none(const char *s)
{
	return s ? s : "none";
}

static uint64_t at(const char *text)
{
	uint64_t ns = 0;

	CHECK(time_read_rfc3339(text, &ns), "%s", text);
	return ns;
}

/* ---- lines ---- */

static void test_lines(void)
{
	static const char text[] =
		"\n{\"a\": {\n  \"b\\\"c\": 1,\n  \"list\": [1, {\"x\":\n\"y]}\"},\n 3],\n"
		"  \"e/f\": {\"~\": true}},\n \"z\": null\n}\n";
	static const struct {
		const char *pointer;
		unsigned line;
	} rows[] = {
		{ "", 2 }, { "/a", 2 }, { "/a/list", 4 }, { "/a/list/0", 4 }, { "/a/list/1/x", 5 },
		{ "/a/list/2", 6 }, { "/a/e~1f", 7 }, { "/a/e~1f/~0", 7 }, { "/z", 8 },
		{ "/a/nothing", 2 }, { "/a/list/9", 4 }, { "/a/list/1/x/deeper", 5 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CHECK(json_line(text, rows[i].pointer) == rows[i].line, "%s is in line %u, not %u",
			rows[i].pointer, rows[i].line, json_line(text, rows[i].pointer));
}

/* ---- schemas ---- */

struct told {
	unsigned count;
	char pointer[64], reason[256];
};

static void tell(void *context, const char *pointer, const char *reason)
{
	struct told *t = context;

	if (t->count++ == 0) {
		snprintf(t->pointer, sizeof(t->pointer), "%s", pointer);
		snprintf(t->reason, sizeof(t->reason), "%s", reason);
	}
}

static const char test_schema[] =
	"{\"type\": \"object\", \"required\": [\"id\"], \"additionalProperties\": false,"
	" \"properties\": {\"id\": {\"$ref\": \"#/$defs/id\"}, \"n\": {\"type\": [\"integer\","
	" \"null\"], \"minimum\": 1, \"maximum\": 5}, \"e\": {\"enum\": [\"a\", \"b\", null]},"
	" \"c\": {\"const\": 7}, \"l\": {\"type\": \"array\", \"minItems\": 1, \"items\":"
	" {\"type\": \"string\", \"minLength\": 1}}, \"m\": {\"type\": \"object\","
	" \"additionalProperties\": {\"type\": \"boolean\"}}},"
	" \"$defs\": {\"id\": {\"type\": \"string\", \"pattern\": \"^[a-z]+$\"}}}";

/* value, mistakes, where the first is, what it says */
static const struct {
	const char *value;
	unsigned count;
	const char *pointer, *reason;
} schema_rows[] = {
	{ "{\"id\": \"a\"}", 0, "", "" },
	{ "{\"id\": \"a\", \"n\": null, \"e\": null, \"c\": 7, \"l\": [\"x\"], \"m\": {\"k\": true}}",
		0, "", "" },
	{ "[]", 1, "/", "must be object, not array" },
	{ "{}", 1, "/", "lacks \"id\"" },
	{ "{\"id\": 1}", 1, "/id", "must be string, not integer" },
	{ "{\"id\": \"A\"}", 1, "/id", "is \"A\", which is not of the form ^[a-z]+$" },
	{ "{\"id\": \"a\\u0000b\"}", 1, "/id",
		"is \"a\\u0000b\", which is not of the form ^[a-z]+$" },
	{ "{\"id\": \"a\", \"n\": 0}", 1, "/n", "is 0, less than 1" },
	{ "{\"id\": \"a\", \"n\": 6}", 1, "/n", "is 6, more than 5" },
	{ "{\"id\": \"a\", \"n\": 2.5}", 1, "/n", "must be integer or null, not number" },
	{ "{\"id\": \"a\", \"e\": \"c\"}", 1, "/e", "is \"c\", must be one of a, b, null" },
	{ "{\"id\": \"a\", \"c\": 8}", 1, "/c", "is 8, must be 7" },
	{ "{\"id\": \"a\", \"l\": []}", 1, "/l", "must have at least 1 items" },
	{ "{\"id\": \"a\", \"l\": [\"x\", \"\"]}", 1, "/l/1", "must not be empty" },
	{ "{\"id\": \"a\", \"m\": {\"k\": 1}}", 1, "/m/k", "must be boolean, not integer" },
	{ "{\"id\": \"a\", \"w/x~\": 1}", 1, "/w~1x~0", "there is no such key here" },
	{ "{\"id\": 1, \"n\": 9, \"e\": 1}", 3, "/id", "must be string, not integer" },
};

static void test_schema_rows(void)
{
	json_t *schema = json_loads(test_schema, 0, NULL);

	CHECK(!schema_supported(schema), "%s", schema_supported(schema));
	for (size_t i = 0; i < sizeof(schema_rows) / sizeof(*schema_rows); i++) {
		struct told t = { 0, "", "" };
		json_t *value = json_loads(schema_rows[i].value, JSON_ALLOW_NUL, NULL);
		unsigned count = schema_check(schema, value, tell, &t);
		CHECK(value && count == schema_rows[i].count && t.count == count, "%s: %u mistakes",
			schema_rows[i].value, count);
		CHECK(strcmp(t.pointer, schema_rows[i].pointer) == 0 &&
			strcmp(t.reason, schema_rows[i].reason) == 0, "%s: %s: %s",
			schema_rows[i].value, t.pointer, t.reason);
		json_decref(value);
	}
	json_decref(schema);
}

static void test_schema_bounds(void)
{
	json_t *schema = json_loads(test_schema, 0, NULL), *list = json_array();
	struct told t = { 0, "", "" };

	for (unsigned i = 0; i < 1000; i++)
		json_array_append_new(list, json_integer(i));
	json_t *value = json_pack("{s:s, s:o}", "id", "a", "l", list);
	CHECK(schema_check(schema, value, tell, &t) == 1000, "counts all");
	CHECK(t.count == SCHEMA_MISTAKES, "tells %u", t.count);
	json_decref(value);
	json_decref(schema);

	json_t *odd = json_loads("{\"properties\": {\"a\": {\"items\": {\"oneOf\": []}}}}", 0, NULL);
	const char *unknown = schema_supported(odd);
	CHECK(unknown && strcmp(unknown, "oneOf") == 0, "%s", or_none(unknown));
	json_decref(odd);
}

static void test_shipped_schemas(void)
{
	static const char *const names[] = { "organization", "zones", "assets", "responsible",
		"persons", "recipients", "maintenance", "grade-rules", "clocks", "categories",
		"profile", "redaction" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		json_t *schema = schema_load(names[i]);
		CHECK(schema, "%s", names[i]);
		const char *unknown = schema_supported(schema);
		CHECK(!unknown, "%s has the keyword %s", names[i], or_none(unknown));
		json_decref(schema);
	}
	CHECK(!schema_load("nothing"), "there is no such schema");
}

/* ---- assets, zones ---- */

static void test_assets(const struct registers *r)
{
	static const struct {
		const char *ip;
		uint8_t mac_end[4]; /* behind 02:00 */
		bool with_mac;
		const char *unit, *asset;
	} rows[] = {
		{ "10.10.1.21", { 0 }, false, NULL, "PLC-021" },
		{ "10.10.1.21", { 0 }, false, "8", "TIC-101" },
		{ "10.10.1.21", { 0 }, false, "9", "none" },
		{ "10.10.9.77", { 0 }, false, NULL, "none" },
		{ "10.10.9.77", { 10, 10, 1, 21 }, true, NULL, "PLC-021" }, /* moved: its MAC tells */
		{ "10.10.1.22", { 10, 10, 1, 21 }, true, NULL, "PLC-022" }, /* the address goes first */
		{ NULL, { 10, 10, 2, 31 }, true, NULL, "RTU-031" },
		{ NULL, { 10, 10, 2, 99 }, true, NULL, "none" },
		{ NULL, { 0 }, false, NULL, "none" },
		{ "2001:db8::1", { 0 }, false, NULL, "none" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint8_t mac[6] = { 2, 0, rows[i].mac_end[0], rows[i].mac_end[1],
			rows[i].mac_end[2], rows[i].mac_end[3] };
		struct address ip;
		if (rows[i].ip)
			CHECK(address_parse(&ip, rows[i].ip), "%s", rows[i].ip);
		const struct register_asset *a = rows[i].unit ?
			registers_asset_unit(r, &ip, rows[i].unit) :
			registers_asset(r, rows[i].ip ? &ip : NULL, rows[i].with_mac ? mac : NULL);
		CHECK(strcmp(a ? a->id : "none", rows[i].asset) == 0, "row %zu: %s", i,
			a ? a->id : "none");
	}
	const struct register_asset *sis = registers_asset_by_id(r, "SIS-032");
	CHECK(sis && sis->safety == 1 && sis->cii == 0 && sis->mlps_level == 3 &&
		strcmp(sis->criticality, "especially_important") == 0 &&
		strcmp(sis->zone, "Z-CTRL-1") == 0 && strcmp(sis->site, "plant-01") == 0, "SIS-032");
	const struct register_asset *opc = registers_asset_by_id(r, "OPC-041");
	CHECK(opc && opc->safety == -1 && !opc->vendor, "null is not known, and not no");
}

static void test_zones(const struct registers *r)
{
	static const struct {
		const char *ip, *zone;
	} rows[] = {
		{ "10.10.1.21", "Z-CTRL-1" }, { "10.10.1.255", "Z-CTRL-1" },
		{ "10.10.0.255", "none" }, { "10.20.1.9", "Z-CTRL-2" },
		{ "10.20.77.1", "Z-PLANT-2" }, /* the shorter prefix around */
		{ "10.21.0.1", "none" }, { "2001:db8::1", "none" },
	};
	struct address ip;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		CHECK(address_parse(&ip, rows[i].ip), "%s", rows[i].ip);
		CHECK(strcmp(or_none(registers_zone(r, &ip)), rows[i].zone) == 0, "%s: %s",
			rows[i].ip, or_none(registers_zone(r, &ip)));
	}
	CHECK(strcmp(or_none(registers_conduit(r, "Z-ENG-1", "Z-CTRL-1")), "C-ENG-CTRL-1") == 0 &&
		strcmp(or_none(registers_conduit(r, "Z-CTRL-1", "Z-ENG-1")), "C-ENG-CTRL-1") == 0,
		"both ways");
	CHECK(!registers_conduit(r, "Z-GUEST-1", "Z-CTRL-1"), "none is registered");
}

/* ---- who, and when ---- */

static void test_responsible(const struct registers *r)
{
	static const struct {
		const char *asset, *at, *person, *role;
	} rows[] = {
		{ "SIS-032", "2026-06-30T15:59:59Z", "P-0140", "asset_owner" }, /* 23:59:59 there */
		{ "SIS-032", "2026-06-30T16:00:00Z", "P-0141", "asset_owner" },
		{ "SIS-032", "2025-05-31T15:59:59Z", "P-0003", "site_security" },
		{ "SIS-032", "2025-05-31T16:00:00Z", "P-0140", "asset_owner" },
		{ "PLC-021", "2026-11-20T02:00:00Z", "P-0137", "zone_owner" },
		{ "PLC-021", "2025-12-31T15:59:59Z", "P-0003", "site_security" },
		{ "PLC-021", "2024-12-31T15:59:59Z", "none", "none" },
		{ "RTU-031", "2026-11-20T02:00:00Z", "P-0003", "site_security" },
		{ "ENG-210", "2026-11-20T02:00:00Z", "none", "none" },
		{ "nothing", "2026-11-20T02:00:00Z", "none", "none" },
	};
	struct responsible who;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool found = registers_responsible(r, rows[i].asset, at(rows[i].at), &who);
		CHECK(found == (strcmp(rows[i].person, "none") != 0), "%s at %s", rows[i].asset,
			rows[i].at);
		CHECK(strcmp(or_none(who.person_id), rows[i].person) == 0 &&
			strcmp(or_none(who.role), rows[i].role) == 0, "%s at %s: %s, %s",
			rows[i].asset, rows[i].at, or_none(who.person_id), or_none(who.role));
	}
	CHECK(registers_warn(r, at("2026-11-20T02:00:00Z")) == 1, "ENG-210 alone");
	CHECK(registers_warn(r, at("2024-01-01T00:00:00Z")) == 13, "nobody yet");
}

static void test_windows(const struct registers *r)
{
	static const struct {
		const char *asset, *at, *window;
	} rows[] = {
		{ "SIS-032", "2026-11-22T10:14:59Z", "none" },
		{ "SIS-032", "2026-11-22T00:00:00Z", "MW-2026-017" },
		{ "SIS-032", "2026-11-22T03:59:59Z", "MW-2026-017" },
		{ "SIS-032", "2026-11-22T04:00:00Z", "none" }, /* its end is outside */
		{ "PLC-021", "2026-11-22T01:00:00Z", "none" },
		{ "PLC-221", "2026-12-05T00:00:00Z", "MW-2026-018" }, /* by its site */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const json_t *w = registers_window(r, rows[i].asset, at(rows[i].at));
		const char *id = json_string_value(json_object_get(w, "id"));
		CHECK(strcmp(or_none(id), rows[i].window) == 0, "%s at %s: %s", rows[i].asset,
			rows[i].at, or_none(id));
	}
}

static void test_files(const struct registers *r)
{
	static const char *const names[] = { "organization", "assets", "clocks",
		"profiles/CN-CAC-2025/other-operator", "profiles/EU-NIS2", "redaction/to-authority" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		CHECK(json_is_object(registers_data(r, names[i])), "%s", names[i]);
	CHECK(!registers_data(r, "profiles/nothing"), "there is none");
	const json_t *site = registers_site(r, "plant-02");
	CHECK(strcmp(or_none(json_string_value(json_object_get(site, "id"))), "plant-02") == 0,
		"by id");
	CHECK(registers_site(r, NULL) && !registers_site(r, "plant-99"), "first; unknown");
	CHECK(strcmp(time_zone_name(registers_time_zone(r, "sensor's own")), "Asia/Shanghai") == 0,
		"a site of another name has the plant's time");
}

/* ---- local time ---- */

static const struct {
	const char *zone, *utc;
	int year, month, day, hour, minute;
	bool back; /* the local time leads back to this moment */
} zone_rows[] = {
	{ "UTC", "2028-02-29T23:59:00Z", 2028, 2, 29, 23, 59, true },
	{ "Asia/Shanghai", "2026-11-20T16:00:00Z", 2026, 11, 21, 0, 0, true },
	{ "Asia/Shanghai", "2095-11-20T16:00:00Z", 2095, 11, 21, 0, 0, true },
	{ "Europe/Berlin", "2026-03-29T00:59:00Z", 2026, 3, 29, 1, 59, true },
	{ "Europe/Berlin", "2026-03-29T01:00:00Z", 2026, 3, 29, 3, 0, true },
	{ "Europe/Berlin", "2026-10-25T00:30:00Z", 2026, 10, 25, 2, 30, true },
	{ "Europe/Berlin", "2026-10-25T01:30:00Z", 2026, 10, 25, 2, 30, false }, /* the second 2:30 */
	{ "Europe/Berlin", "2060-07-01T00:00:00Z", 2060, 7, 1, 2, 0, true },
	{ "America/New_York", "2026-11-01T04:00:00Z", 2026, 11, 1, 0, 0, true },
	{ "Asia/Kathmandu", "2026-01-01T00:00:00Z", 2026, 1, 1, 5, 45, true },
	{ "Pacific/Apia", "2011-12-30T09:59:00Z", 2011, 12, 29, 23, 59, true },
	{ "Pacific/Apia", "2011-12-30T10:00:00Z", 2011, 12, 31, 0, 0, true }, /* no 30th there */
};

static void test_zone_rows(void)
{
	for (size_t i = 0; i < sizeof(zone_rows) / sizeof(*zone_rows); i++) {
		struct time_zone *z = time_zone_load(zone_rows[i].zone);
		uint64_t ns = at(zone_rows[i].utc);
		struct local_time t = time_zone_local(z, ns);
		CHECK(t.year == zone_rows[i].year && t.month == zone_rows[i].month &&
			t.day == zone_rows[i].day &&
			t.second == 3600 * zone_rows[i].hour + 60 * zone_rows[i].minute,
			"row %zu: %d-%d-%d %lld s", i, t.year, t.month, t.day, (long long)t.second);
		CHECK((time_zone_moment(z, t) == ns) == zone_rows[i].back, "row %zu: back", i);
		time_zone_free(z);
	}
}

static void test_zone_edges(void)
{
	struct time_zone *z = time_zone_load("Europe/Berlin");
	uint64_t ns;

	CHECK(time_zone_moment(z, (struct local_time){ 2026, 3, 29, 2 * 3600 + 1800, 0 }) ==
		at("2026-03-29T01:00:00Z"), "2:30 is skipped: the change itself");
	CHECK(time_zone_moment(z, (struct local_time){ 2026, 1, 60, 0, 0 }) ==
		at("2026-02-28T23:00:00Z"), "January has no 60th day, March has a first");
	CHECK(time_zone_date(z, "2026-07-01", &ns) && ns == at("2026-06-30T22:00:00Z"), "summer");
	CHECK(!time_zone_date(z, "2026-02-29", &ns) && !time_zone_date(z, "2026-2-1", &ns) &&
		!time_zone_date(z, "2026-13-01", &ns) && !time_zone_date(z, "", &ns), "no dates");
	CHECK(days_in_month(2028, 2) == 29 && days_in_month(2100, 2) == 28 &&
		days_in_month(2026, 12) == 31, "days");
	time_zone_free(z);
	CHECK(!time_zone_load("Nowhere/Atlantis") && !time_zone_load("../../etc/passwd") &&
		!time_zone_load(""), "not in the database");
}

int main(void)
{
	struct registers *r = registers_load(PLANT, SHARED);

	test_lines();
	test_schema_rows();
	test_schema_bounds();
	test_shipped_schemas();
	test_zone_rows();
	test_zone_edges();
	CHECK(r, "the example plant loads");
	if (r) {
		test_assets(r);
		test_zones(r);
		test_responsible(r);
		test_windows(r);
		test_files(r);
	}
	registers_free(r);
	return test_end();
}

/* Times, canonical JSON, keys and signatures, the trail's file. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "incident/canonical.h"
#include "incident/sign_key.h"
#include "incident/time.h"
#include "incident/trail.h"
#include "incident/trail_line.h"
#include "test.h"

static char folder[] = "/tmp/ironspan-trail-XXXXXX";

static char *in_folder(const char *name)
{
	return mem_printf("%s/%s", folder, name);
}

static void append_text(const char *path, const char *text)
{
	FILE *out = fopen(path, "a");

	fputs(text, out);
	fclose(out);
}

/* ---- times ---- */

static const struct {
	const char *text;
	uint64_t ns; /* UINT64_MAX: no time */
} times[] = {
	{ "1970-01-01T00:00:00Z", 0 },
	{ "1970-01-01T00:00:00.000001Z", 1000 },
	{ "2024-02-29T23:59:59.999999999Z", 1709251199999999999 },
	{ "2026-11-20T10:14:07.412873+0800", 1795140847412873000 },
	{ "2026-11-20T10:14:07.412873+08:00", 1795140847412873000 },
	{ "2026-11-20T02:14:07.412873Z", 1795140847412873000 },
	{ "2026-11-19T20:44:07.412873-05:30", 1795140847412873000 },
	{ "2016-12-31T23:59:60Z", 1483228800000000000 },
	{ "2025-02-29T00:00:00Z", UINT64_MAX },
	{ "1900-02-29T00:00:00Z", UINT64_MAX },
	{ "1969-12-31T23:59:59Z", UINT64_MAX },
	{ "2600-01-01T00:00:00Z", UINT64_MAX },
	{ "2026-13-01T00:00:00Z", UINT64_MAX },
	{ "2026-00-01T00:00:00Z", UINT64_MAX },
	{ "2026-11-31T00:00:00Z", UINT64_MAX },
	{ "2026-11-20T24:00:00Z", UINT64_MAX },
	{ "2026-11-20T23:60:00Z", UINT64_MAX },
	{ "2026-11-20T23:00:00", UINT64_MAX },
	{ "2026-11-20T23:00:00.Z", UINT64_MAX },
	{ "2026-11-20T23:00:00Z ", UINT64_MAX },
	{ "2026-11-20", UINT64_MAX },
	{ "", UINT64_MAX },
};

static void test_times(void)
{
	for (unsigned i = 0; i < sizeof(times) / sizeof(*times); i++) {
		uint64_t ns = 0;
		bool ok = time_read_rfc3339(times[i].text, &ns);
		CHECK(ok == (times[i].ns != UINT64_MAX), "%s", times[i].text);
		CHECK(!ok || ns == times[i].ns, "%s: %llu", times[i].text, (unsigned long long)ns);
	}
	/* Every day of 400 years, there and back. */
	for (uint64_t day = 0; day < 146097; day += 1) {
		char text[TIME_TEXT];
		uint64_t ns = day * 86400000000000ull + 86399999999000ull, back = 0;
		time_rfc3339(ns, text);
		if (!time_read_rfc3339(text, &back) || back != ns) {
			CHECK(false, "day %llu: %s", (unsigned long long)day, text);
			return;
		}
	}
	CHECK(true, "all days");
}

/* ---- canonical JSON ---- */

static const struct {
	const char *in, *want; /* NULL: it has no canonical form */
} spellings[] = {
	{ "{}", "{}" },
	{ "{ \"b\" : [ 1 , true, null , false ], \"a\":{} }",
		"{\"a\":{},\"b\":[1,true,null,false]}" },
	/* RFC 8785, 3.2.3: the order of keys */
	{ "{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,"
	  "\"\\u00f6\":7}",
		"{\"\\r\":2,\"1\":4,\"\xc2\x80\":6,\"\xc3\xb6\":7,\"\xe2\x82\xac\":1,"
		"\"\xf0\x9f\x98\x80\":5,\"\xef\xac\xb3\":3}" },
	/* 3.2.2.2: only what must be is escaped */
	{ "{\"s\":\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\\u007f\\u2028\"}",
		"{\"s\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\x7f\xe2\x80\xa8\"}" },
	{ "{\"a\":9007199254740992,\"b\":-9007199254740992}",
		"{\"a\":9007199254740992,\"b\":-9007199254740992}" },
	{ "{\"a\":9007199254740993}", NULL },
	{ "{\"a\":[{\"b\":0.5}]}", NULL },
};

static void test_canonical(void)
{
	for (unsigned i = 0; i < sizeof(spellings) / sizeof(*spellings); i++) {
		const char *in = spellings[i].in, *want = spellings[i].want;
		json_t *value = canonical_read((struct bytes){ (const uint8_t *)in, strlen(in) });
		char *got = canonical_json(value, NULL);
		CHECK(want ? got && strcmp(got, want) == 0 : !got, "%s: %s", in, got ? got : "-");
		free(got);
		json_decref(value);
	}
	json_t *deep = json_object();
	for (int i = 0; i < CANONICAL_DEPTH; i++)
		deep = json_pack("{so}", "x", deep);
	CHECK(!canonical_json(deep, NULL), "too deep");
	CHECK(canonical_json(NULL, NULL) == NULL, "nothing");
	json_decref(deep);
	static const char twice[] = "{\"a\":1,\"a\":2}", list[] = "[]";
	CHECK(!canonical_read((struct bytes){ (const uint8_t *)twice, strlen(twice) }), "twice");
	CHECK(!canonical_read((struct bytes){ (const uint8_t *)list, 2 }), "no object");
	CHECK(!canonical_read((struct bytes){ NULL, 0 }), "empty");
}

/* ---- keys ---- */

static void test_modes(const char *path)
{
	struct sign_key key;

	CHECK(!sign_key_make(path, "plant-01"), "made over another");
	chmod(path, 0640);
	CHECK(!sign_key_load(&key, path), "readable by the group");
	CHECK(!sign_key_load_public(&key, path), "readable by the group, as a public one");
	chmod(path, 0600);
}

static void test_keys(void)
{
	static const char *const wrong[] = { "", "a b", "a+b", "a\nb", "\xe5\x8e\x82" };
	char *path = in_folder("key"), *pub = in_folder("key.pub"), *other = in_folder("other");
	struct sign_key key, public_key;
	struct stat st;
	uint8_t signature[SIGN_SIZE];
	struct bytes text = { (const uint8_t *)"text", 4 };

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		CHECK(!sign_key_make(other, wrong[i]), "name %u", i);
	CHECK(sign_key_make(path, "plant-01"), "make");
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "mode");
	CHECK(sign_key_load(&key, path) && key.has_secret, "load");
	CHECK(sign_key_load_public(&public_key, pub) && !public_key.has_secret, "load public");
	CHECK(!sign_key_load(&public_key, pub), "public is not secret");
	CHECK(sign_key_load_public(&public_key, pub), "again");
	CHECK(strcmp(key.id, public_key.id) == 0 && strcmp(key.name, "plant-01") == 0, "id");
	sign_bytes(&key, text, signature);
	struct bytes s = { signature, sign_size(&key) };
	CHECK(sign_verify(&public_key, text, s), "verify");
	signature[3] ^= 1;
	CHECK(!sign_verify(&public_key, text, s), "changed signature");
	signature[3] ^= 1;
	CHECK(!sign_verify(&public_key, (struct bytes){ (const uint8_t *)"texu", 4 }, s), "text");
	CHECK(!sign_verify(&public_key, text, (struct bytes){ signature, 10 }), "short");
	test_modes(path);
	free(path);
	free(pub);
	free(other);
}

/* The key of RFC 8032, 7.1, test 1; its ids computed with Python's hashlib. */
static const struct {
	const char *what, *line;
	bool fits;
} lines[] = {
	{ "fits", "example.com/foo+bf66b263+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea", true },
	{ "another id", "example.com/foo+bf66b264+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea" },
	{ "another name", "example.com/bar+bf66b263+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea" },
	{ "no name", "+bf66b263+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea" },
	{ "another type", "example.com/foo+bf66b263+/9damAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea" },
	{ "too short", "example.com/foo+bf66b263+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1E=" },
	{ "no data", "example.com/foo+bf66b263+" },
	{ "no parts", "example.com/foo" },
	{ "nothing", "" },
};

static void test_lines(void)
{
	static const uint8_t signature[] =
		"\xe5\x56\x43\x00\xc3\x60\xac\x72\x90\x86\xe2\xcc\x80\x6e\x82\x8a"
		"\x84\x87\x7f\x1e\xb8\xe5\xd9\x74\xd8\x73\xe0\x65\x22\x49\x01\x55"
		"\x5f\xb8\x82\x15\x90\xa3\x3b\xac\xc6\x1e\x39\x70\x1c\xf9\xb4\x6b"
		"\xd2\x5b\xf5\xf0\x59\x5b\xbe\x24\x65\x51\x41\x43\x8e\x7a\x10\x0b";
	struct sign_key key;

	for (unsigned i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		CHECK(sign_key_read_line(&key, lines[i].line) == lines[i].fits, "%s",
			lines[i].what);
	CHECK(sign_key_read_line(&key, lines[0].line), "again");
	CHECK(strcmp(key.id, "21fe31dfa154a261") == 0, "%s", key.id);
	CHECK(sign_verify(&key, (struct bytes){ (const uint8_t *)"", 0 },
		(struct bytes){ signature, 64 }), "RFC 8032, test 1");
	char *line = sign_key_line(&key);
	CHECK(strcmp(line, lines[0].line) == 0, "%s", line);
	free(line);
}

/* ---- documents ---- */

static void test_documents(void)
{
	char *path = in_folder("key"), *wrong = in_folder("wrong.pub");
	struct sign_key key;
	struct sign_ring ring;
	const char *why = NULL;
	json_t *doc = json_pack("{sssi}", "schema", "ironspan.report/1", "sequence", 1);

	append_text(wrong, "# no key\nexample.com/foo\n");
	sign_key_load(&key, path);
	CHECK(!sign_ring_load(&ring, folder), "a wrong file in the folder is reported");
	CHECK(sign_ring_check(&ring, doc, &why) == NULL && strcmp(why, "not signed") == 0, "bare");
	CHECK(sign_document(doc, "report", &key), "sign");
	CHECK(sign_document_check(doc, &key), "check");
	const struct sign_key *by = sign_ring_check(&ring, doc, &why);
	CHECK(by && strcmp(by->name, "plant-01") == 0, "ring");
	CHECK(sign_document(doc, "report", &key) && sign_document_check(doc, &key), "again");
	json_object_set_new(doc, "sequence", json_integer(2));
	CHECK(!sign_ring_check(&ring, doc, &why) && strstr(why, "wrong"), "changed");
	json_object_set_new(doc, "sequence", json_real(2));
	CHECK(!sign_document(doc, "report", &key), "a float");
	json_object_set_new(doc, "sequence", json_integer(1));
	json_t *s = json_object_get(doc, "signature");
	json_object_set_new(s, "alg", json_string("SM2"));
	CHECK(!sign_document_check(doc, &key), "another algorithm");
	json_object_set_new(s, "key_id", json_string("0000000000000000"));
	CHECK(!sign_ring_check(&ring, doc, &why) && strstr(why, "not known"), "another key");
	json_decref(doc);
	sign_ring_free(&ring);
	free(path);
	free(wrong);
}

/* ---- entries and the file ---- */

static json_t *actor(void)
{
	return json_pack("{ssssss}", "id", "P-0003", "auth", "client-cert", "from", "console-2");
}

static const uint64_t at_ns = 1795144500000000000; /* 2026-11-20T03:15:00Z */

static void test_entry(void)
{
	json_t *e = trail_entry("audit-plant-01", 1, NULL, at_ns, actor(), "report.approve",
		json_pack("{ss}", "report", "e4ef8485"));
	/* computed with Python's json and hashlib */
	static const char want[] =
		"357e0ff0a3d2047018fda0c72f1f16da3c886e04baa67d45fc5fc5fa960e36cf";

	CHECK(e && strcmp(trail_hash(e), want) == 0, "%s", e ? trail_hash(e) : "none");
	json_decref(e);
	json_t *object = json_pack("{sf}", "f", 0.5);
	CHECK(!trail_entry("x", 1, NULL, at_ns, actor(), "a", object), "a float");
}

static json_t *entry_after(uint64_t seq, const char *prev)
{
	return trail_entry("log", seq, prev, at_ns, actor(), "c", json_object());
}

static bool add(struct trail *t, const char *action)
{
	return trail_add(t, at_ns, actor(), action, json_object());
}

static size_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (size_t)st.st_size : 0;
}

/* However much of an entry was written when the writer died, the next one finds the entries
 * before it and goes on. */
static void test_cut_tail(const char *path)
{
	size_t whole = size_of(path);
	struct trail *t = trail_open(path, "log");
	add(t, "c");
	trail_close(t);
	size_t more = size_of(path);

	for (size_t len = whole; len < more; len++) {
		CHECK(truncate(path, (off_t)len) == 0, "cut");
		t = trail_open(path, "log");
		CHECK(t && trail_seq(t) == 2 && size_of(path) == whole, "cut at %zu", len);
		CHECK(add(t, "c") && trail_seq(t) == 3, "goes on after %zu", len);
		trail_close(t);
		CHECK(size_of(path) == more, "as long as before");
	}
}

static void test_file(void)
{
	char *path = in_folder("audit.ndjson");
	struct trail *t = trail_open(path, "log");

	CHECK(t && trail_seq(t) == 0 && !trail_last_hash(t), "new");
	CHECK(add(t, "a") && add(t, "b") && trail_sync(t), "add");
	json_t *next = entry_after(3, trail_last_hash(t));
	json_t *wrong = entry_after(4, trail_last_hash(t)), *fork = entry_after(3, NULL);
	CHECK(!trail_append(t, wrong) && !trail_append(t, fork) && trail_seq(t) == 2, "refused");
	CHECK(trail_append(t, next) && trail_append(t, next) && trail_seq(t) == 3, "appended");
	trail_close(t);
	CHECK(!trail_open(path, "another"), "the log's name");
	t = trail_open(path, "log");
	CHECK(t && strcmp(trail_last_hash(t), trail_hash(next)) == 0, "resume");
	trail_close(t);
	json_decref(next);
	json_decref(wrong);
	json_decref(fork);
	unlink(path);
	t = trail_open(path, "log");
	CHECK(add(t, "a") && add(t, "b"), "anew");
	trail_close(t);
	test_cut_tail(path);
	append_text(path, "{}\n");
	CHECK(!trail_open(path, "log"), "the last line is no entry");
	free(path);
}

/* A disk that is full takes nothing, and leaves no half entry behind. */
static void test_full(void)
{
	struct trail *t = trail_open("/dev/full", "log");

	CHECK(t && !add(t, "a") && trail_seq(t) == 0, "full");
	trail_close(t);
}

int main(void)
{
	if (!mkdtemp(folder) || !freopen("/dev/null", "w", stderr))
		return 1;
	test_times();
	test_canonical();
	test_keys();
	test_lines();
	test_documents();
	test_entry();
	test_file();
	test_full();
	char *remove = mem_printf("rm -r '%s'", folder);
	CHECK(system(remove) == 0, "remove");
	free(remove);
	return test_end();
}

/* Bytes of streams that nobody claims, split at every place; compiled databases on disk. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "detect/detect.h"
#include "detect/tails.h"
#include "ruleset.h"
#include "test.h"

enum { HITS = 32, TAILS_MEMORY = 1 << 20 };

static const char *cache_dir;

static struct ruleset *rules_of(const char *text)
{
	return ruleset_of(text, (struct rules_config){ .cache_dir = cache_dir });
}

static struct flow flow_of(uint8_t proto)
{
	struct flow f = { .proto = proto, .ip_version = 4, .id = 1 };
	address_parse(&f.end[0].address, "10.0.0.1");
	address_parse(&f.end[1].address, "10.0.0.2");
	f.end[0].port = 1025;
	f.end[1].port = 9999;
	f.packets[0] = f.packets[1] = 1;
	return f;
}

/* ---- streams ---- */

/* A stream to the server, and how many rules fired so far. */
struct talk {
	struct ruleset *rules;
	struct detector *detector;
	struct tails *tails;
	struct flow flow;
	unsigned fired;
};

static void talk_begin(struct talk *t, uint8_t proto)
{
	t->flow = flow_of(proto);
	t->tails = tails_new(TAILS_MEMORY);
	t->fired = 0;
}

static void talk_end(struct talk *t)
{
	detect_flow_release(t->detector, &t->flow);
	tails_free(t->tails);
}

static void say(struct talk *t, const char *at, size_t len)
{
	const struct rule *hits[HITS];
	if (len)
		t->fired += detect_unclaimed_stream(t->detector, t->tails, &t->flow, 0,
			(struct bytes){ (const uint8_t *)at, len }, hits, HITS);
}

/* With a gap in place of each ~. */
static void say_all(struct talk *t, const char *text)
{
	for (;;) {
		size_t len = strcspn(text, "~");
		say(t, text, len);
		if (!text[len])
			return;
		tails_gap(t->tails, &t->flow, 0);
		text += len + 1;
	}
}

static void rules_begin(struct talk *t, const char *options)
{
	char text[1024];
	snprintf(text, sizeof(text), "alert ip any any -> any any (%s sid:1;)\n", options);
	t->rules = rules_of(text);
	CHECK(ruleset_count(t->rules) == 1, "%s", options);
	t->detector = detector_new(t->rules);
}

static void rules_end(struct talk *t)
{
	detector_free(t->detector);
	ruleset_free(t->rules);
}

/* In how many pieces however cut, these are so many events. */
static const struct {
	const char *options, *text;
	unsigned fires, least; /* cut in two, or byte by byte; at least, where a piece may hold several */
} splits[] = {
	{ "content:\"evil\";", "a very evil word", 1, 1 },
	{ "content:\"EVIL\"; nocase;", "a very evil word", 1, 1 },
	{ "content:\"evil\";", "all is well", 0, 0 },
	{ "content:\"evil\";", "evil and evil again", 2, 1 },
	{ "content:\"ev\"; content:\"word\"; distance:1; within:10;", "a very evil word", 1, 1 },
	{ "content:\"word\"; content:\"very\";", "a very evil word, that is", 1, 1 },
	{ "content:\"very\"; content:!\"good\"; distance:0; within:6;", "a very evil word", 1, 1 },
	{ "content:\"very\"; content:\"evil\"; distance:5;", "a very evil word", 0, 0 },
	{ "content:\"evil\"; offset:7; depth:4;", "a very evil word", 1, 1 },
	{ "content:\"a very\"; startswith; content:\"word\"; distance:0;", "a very evil word", 1, 1 },
	{ "pcre:\"/e[vw]il+ w/\";", "a very evil word", 1, 1 },
	{ "pcre:\"/^a ve/\";", "a very evil word", 1, 1 },
	{ "content:\"very\"; pcre:\"/^ e.il/R\";", "a very evil word", 1, 1 },
	{ "content:\"x\"; content:\"evil\"; byte_test:2,=,2003,1,relative,string,dec;",
		"x evil 2003 of them", 0, 0 },
	{ "content:\"evil\"; byte_test:4,=,2003,1,relative,string,dec;", "x evil 2003 of them", 1, 1 },
	{ "content:\"evil\"; isdataat:5,relative;", "a very evil word", 1, 1 },
	{ "content:\"e\"; content:\"|20|w\"; distance:3; within:2;", "a very evil word", 1, 1 },
};

static void test_splits(void)
{
	struct talk t;
	for (unsigned i = 0; i < sizeof(splits) / sizeof(*splits); i++) {
		const char *text = splits[i].text;
		size_t len = strlen(text);
		rules_begin(&t, splits[i].options);
		for (size_t cut = 0; cut <= len; cut++) {
			talk_begin(&t, PROTO_TCP);
			say(&t, text, cut);
			say(&t, text + cut, len - cut);
			CHECK(t.fired >= splits[i].least && t.fired <= splits[i].fires,
				"%s in \"%s\", cut at %zu: %u", splits[i].options, text, cut,
				t.fired);
			talk_end(&t);
		}
		talk_begin(&t, PROTO_TCP);
		for (size_t k = 0; k < len; k++)
			say(&t, text + k, 1);
		CHECK(t.fired == splits[i].fires, "%s in \"%s\", byte by byte: %u",
			splits[i].options, text, t.fired);
		talk_end(&t);
		rules_end(&t);
	}
}

static void test_three_pieces(void)
{
	static const char text[] = "one evil word, two evil words";
	struct talk t;
	rules_begin(&t, "content:\"one\"; content:\"words\"; distance:5;");
	for (size_t a = 0; a < sizeof(text) - 1; a++)
		for (size_t b = a; b < sizeof(text) - 1; b++) {
			talk_begin(&t, PROTO_TCP);
			say(&t, text, a);
			say(&t, text + a, b - a);
			say(&t, text + b, sizeof(text) - 1 - b);
			CHECK(t.fired == 1, "cut at %zu and %zu: %u", a, b, t.fired);
			talk_end(&t);
		}
	rules_end(&t);
}

static void test_gaps(void)
{
	struct talk t;
	rules_begin(&t, "content:\"evil\";");
	talk_begin(&t, PROTO_TCP);
	say_all(&t, "ev~il, e~v~i~l");
	CHECK(t.fired == 0, "over a gap");
	say_all(&t, "~evil");
	CHECK(t.fired == 1, "behind a gap");
	talk_end(&t);
	talk_begin(&t, PROTO_UDP);
	say(&t, "ev", 2);
	say(&t, "il", 2);
	CHECK(t.fired == 0, "two datagrams are no stream");
	talk_end(&t);
	rules_end(&t);
}

/* `before`, filler in pieces, `after`. */
static unsigned far_apart(const char *options, const char *before, size_t filler, size_t piece,
	const char *after)
{
	struct talk t;
	char *dots = mem_new(piece);
	memset(dots, '.', piece);
	rules_begin(&t, options);
	talk_begin(&t, PROTO_TCP);
	say(&t, before, strlen(before));
	for (size_t left = filler; left > 0; left -= left < piece ? left : piece)
		say(&t, dots, left < piece ? left : piece);
	say(&t, after, strlen(after));
	unsigned fired = t.fired;
	talk_end(&t);
	rules_end(&t);
	free(dots);
	return fired;
}

static void test_distance(void)
{
	static const char two[] = "content:\"begin\"; content:\"end\"; distance:0;";
	static const char dsize[] = "content:\"begin\"; content:\"end\"; distance:0; dsize:<9999;";
	static const size_t pieces[] = { 1, 7, 100, 1460, 4000 };
	for (unsigned i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		CHECK(far_apart(two, "begin", 4000, pieces[i], "end") == 1, "%zu", pieces[i]);
		CHECK(far_apart(two, "begin", 6000, pieces[i], "end") == 0, "%zu", pieces[i]);
		CHECK(far_apart(two, "..be", 2000, pieces[i], "gin end") == 0, "%zu", pieces[i]);
		CHECK(far_apart(dsize, "begin", 100, pieces[i], "end") == 0, "%zu", pieces[i]);
	}
	CHECK(far_apart("content:\"xend\";", "x", 0, 1, "end") == 1, "nothing between");
	CHECK(far_apart("content:\"xend\"; offset:3000;", "", 3000, 1000, "xend") == 1,
		"from the stream's beginning");
	CHECK(far_apart("content:\"..xend\"; offset:30;", "", 30000, 1000, "xend") == 0,
		"its beginning is forgotten");
	CHECK(far_apart("content:\"begin\"; content:\"end\";", "begin", 0, 65000, "end") == 1,
		"nothing between two");
	CHECK(far_apart("content:\"..end\";", "", 65000, 65000, "end") == 1, "large pieces");
}

static void test_bound(void)
{
	struct tails *tails = tails_new(3 * (sizeof(struct tail) + 128));
	for (unsigned id = 1; id <= 10; id++) {
		struct flow f = { .id = id };
		tail_join(tails, tails_of(tails, &f, 0), (struct bytes){ (const uint8_t *)"a", 1 });
	}
	CHECK(tails_shed(tails) == 7, "%llu", (unsigned long long)tails_shed(tails));
	tails_free(tails);
}

/* ---- databases on disk ---- */

static const char some_rules[] =
	"alert tcp any any -> any any (content:\"evil\"; sid:1;)\n"
	"alert tcp any any -> any any (pcre:\"/wor[dt]s/\"; sid:2;)\n";

static char folder[] = "/tmp/test_scan_cache.XXXXXX";
static char file[512];

/* The only file of the folder; how many there are. */
static unsigned find_file(void)
{
	unsigned count = 0;
	DIR *d = opendir(cache_dir);
	for (struct dirent *e; d && (e = readdir(d));)
		if (e->d_name[0] != '.') {
			snprintf(file, sizeof(file), "%s/%s", cache_dir, e->d_name);
			count++;
		}
	if (d)
		closedir(d);
	return count;
}

static void check_rules(const char *what)
{
	struct talk t = { .rules = rules_of(some_rules) };
	CHECK(t.rules && ruleset_count(t.rules) == 2, "%s", what);
	t.detector = detector_new(t.rules);
	talk_begin(&t, PROTO_TCP);
	say(&t, "evil words", 10);
	CHECK(t.fired == 2, "%s: %u", what, t.fired);
	talk_end(&t);
	rules_end(&t);
}

static size_t read_file(char *at, size_t room)
{
	int fd = open(file, O_RDONLY);
	ssize_t len = read(fd, at, room);
	close(fd);
	return len > 0 ? (size_t)len : 0;
}

static void write_file(const char *at, size_t len)
{
	int fd = open(file, O_WRONLY | O_TRUNC);
	if (fd < 0 || write(fd, at, len) != (ssize_t)len)
		abort();
	close(fd);
}

static void test_damage(const char *good, size_t len)
{
	static char bad[1 << 20], again[1 << 20];
	for (size_t at = 0; at < len; at += at < 96 ? 1 : 211) {
		memcpy(bad, good, len);
		bad[at] ^= 0x41;
		write_file(bad, len);
		check_rules("a byte was altered");
		CHECK(read_file(again, sizeof(again)) == len && memcmp(again, good, len) == 0,
			"written anew after byte %zu was altered", at);
	}
	for (size_t cut = 0; cut < len; cut += cut < 96 ? 7 : 503) {
		write_file(good, cut);
		check_rules("cut short");
		CHECK(read_file(again, sizeof(again)) == len, "written anew, cut at %zu", cut);
	}
	memcpy(bad, good, len);
	write_file(bad, len + 1);
	check_rules("a byte too many");
	CHECK(read_file(again, sizeof(again)) == len, "written anew, a byte too many");
}

static void test_cache(void)
{
	static char good[1 << 20];
	struct stat about;
	char deep[256];
	if (!mkdtemp(folder))
		abort();
	snprintf(deep, sizeof(deep), "%s/a/b", folder);
	cache_dir = deep;
	check_rules("cold");
	CHECK(find_file() == 1, "one database");
	CHECK(stat(deep, &about) == 0 && (about.st_mode & 0777) == 0700, "folder 0700");
	CHECK(stat(file, &about) == 0 && (about.st_mode & 0777) == 0600, "file 0600");
	size_t len = read_file(good, sizeof(good));
	check_rules("warm");
	CHECK(find_file() == 1, "still one");
	test_damage(good, len);
	CHECK(chmod(file, 0666) == 0, "chmod");
	check_rules("a file that others may write");
	CHECK(stat(file, &about) == 0 && (about.st_mode & 0777) == 0600, "is written anew");
	CHECK(unlink(file) == 0 && symlink("/dev/zero", file) == 0, "symlink");
	check_rules("a link");
	CHECK(lstat(file, &about) == 0 && S_ISREG(about.st_mode), "is written anew");
	unlink(file);
	CHECK(chmod(deep, 0777) == 0, "chmod");
	check_rules("a folder that others may write");
	CHECK(find_file() == 0, "is not used");
	rmdir(deep);
	cache_dir = "/dev/null/cache";
	check_rules("a folder that cannot be made");
	cache_dir = NULL;
	snprintf(deep, sizeof(deep), "%s/a", folder);
	rmdir(deep);
	rmdir(folder);
}

int main(void)
{
	test_splits();
	test_three_pieces();
	test_gaps();
	test_distance();
	test_bound();
	test_cache();
	return test_end();
}

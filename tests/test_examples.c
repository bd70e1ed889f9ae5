/* Every examples file in tests/dissectors/ (or the folder given) through the real driver.
 *
 *   # comment                       > hex => {json} ! event …     client to server
 *   an empty line begins a new flow < hex => {json} ! event …     server to client
 *                                   = {json}                      an operation, in order
 *
 * The JSON is the half as it is printed. Each flow is run whole, byte by byte, cut at
 * each length of each message, and with each byte altered. Operations are compared where
 * a flow has such lines; what the server says of itself stands among them as
 * {"identity":{…}}.
 *
 *   --print          the files as they would have to be: for new lines, to be read before
 *                    they are believed
 *   --seeds FOLDER   the flows as the fuzzers' inputs, in a folder of their own */
#include <dirent.h>
#include <sys/stat.h>
#include <time.h>

#include "dissect/session.h"
#include "half_json.h"
#include "ignore.h"
#include "test.h"

enum { LINES_MAX = 64, BYTES_MAX = 4096 };

struct line {
	unsigned number;
	unsigned end;
	uint8_t bytes[BYTES_MAX];
	size_t len;
	json_t *half, *events; /* expected */
};

/* One flow of a file. */
struct conversation {
	const char *file;
	const struct dissector *dissector;
	struct line lines[LINES_MAX];
	unsigned count;
	json_t *operations; /* expected; an empty array: not looked at */
};

/* What came out of one run. */
struct run {
	bool with_json;
	json_t *halves; /* [half, [event …]] in the order of the messages */
	json_t *operations;
	json_t *trace; /* what transactions and session events there were */
	unsigned messages, events, worst; /* worst: events of one message */
};

/* ---- running ---- */

static json_t *events_json(const struct dissector *d, const struct message *m)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < d->event_count; i++)
		if (m->events >> i & 1)
			json_array_append_new(list, json_string(d->events[i].name));
	return list;
}

static void see_half(struct run *r, const struct dissector *d, const struct message *m)
{
	unsigned events = (unsigned)__builtin_popcountll(m->events);

	r->messages++;
	r->events += events;
	r->worst = events > r->worst ? events : r->worst;
	CHECK(!m->is_cut || !events, "a cut message is malformed");
	if (r->with_json)
		json_array_append_new(r->halves,
			json_pack("[o, o]", half_json(d, m), events_json(d, m)));
}

/* What the answer says of the device stands behind the operations, as {"identity":{…}}.
 */
static void see_identity(struct run *r, const struct transaction *t)
{
	static const char *const names[IDENTITY_COUNT] = {
		[IDENTITY_VENDOR] = "vendor",
		[IDENTITY_PRODUCT] = "product",
		[IDENTITY_MODEL] = "model",
		[IDENTITY_FIRMWARE] = "firmware",
		[IDENTITY_SERIAL] = "serial",
		[IDENTITY_NAME] = "name",
		[IDENTITY_HARDWARE] = "hardware",
		[IDENTITY_MODULE] = "module",
		[IDENTITY_ROLE] = "device_role",
		[IDENTITY_URI] = "uri",
	};
	if (!t->identity)
		return;
	json_t *identity = json_object();

	for (unsigned i = 0; i < IDENTITY_COUNT; i++)
		if (t->identity[i].len)
			json_object_set_new(identity, names[i],
				json_stringn((const char *)t->identity[i].at,
					t->identity[i].len));
	if (r->with_json && json_object_size(identity))
		json_array_append_new(
			r->operations, json_pack("{s:O}", "identity", identity));
	json_decref(identity);
}

static void see_operations(struct run *r, const struct transaction *t)
{
	struct message tape;

	message_init(&tape);
	for (unsigned i = 0; r->with_json && i < t->operation_count; i++) {
		operation_tape(&tape, &t->operations[i]);
		json_array_append_new(r->operations, half_json(&ot_dissector, &tape));
	}
	message_fini(&tape);
	see_identity(r, t);
}

/* What the messages promise of their operations, so that nobody needs to look at them. */
static void check_reading(const struct transaction *t)
{
	bool reads = (!t->request || t->request->is_reading) &&
		(!t->response || t->response->is_reading);

	for (unsigned i = 0; reads && i < t->operation_count; i++) {
		const struct operation *op = &t->operations[i];
		CHECK(op->verb == VERB_READ && op->outcome == t->outcome &&
				(op->is_measured || op->value.type == VALUE_NONE),
			"%s: only reads, but has: verb %u, outcome %u, object %s",
			t->dissector->name, op->verb, op->outcome, op->object);
	}
	CHECK(!reads || !t->identity, "%s: only reads, but tells who it is",
		t->dissector->name);
}

static void on_request(void *context, struct transaction *t)
{
	see_half(context, t->dissector, t->request);
}

static void on_finished(void *context, struct transaction *t)
{
	struct run *r = context;

	if (t->response)
		see_half(r, t->dissector, t->response);
	see_operations(r, t);
	check_reading(t);
	if (r->with_json)
		json_array_append_new(r->trace,
			json_sprintf("%llu %d%d %s %s", (unsigned long long)t->id,
				!!t->request, !!t->response,
				name_of(outcome_names, t->outcome),
				t->code ? t->code : ""));
}

static void on_event(void *context, struct flow *f, const struct dissector *d,
	unsigned end, enum session_event event, const struct origin *origin)
{
	struct run *r = context;

	(void)f;
	(void)d;
	(void)end;
	(void)origin;
	if (r->with_json)
		json_array_append_new(r->trace, json_integer(event));
}

static const struct session_sink sink = { on_request, on_finished, on_event,
	ignore_unclaimed, ignore_remembered, ignore_repeated, ignore_released };

struct wire {
	struct sessions *sessions;
	struct flow flow;
	struct origin origin;
};

static void wire_open(struct wire *w, const struct dissector *d, struct run *r)
{
	struct session_config config = { .outcome_wait_ns = 1000000000,
		.memory = 1 << 24 };

	*w = (struct wire){ .sessions = sessions_new(&config, &sink, r) };
	w->flow.proto = d->tcp_ports ? PROTO_TCP : PROTO_UDP;
	w->flow.end[0].port = 49152;
	w->flow.end[1].port = d->tcp_ports ? d->tcp_ports[0] : d->udp_ports[0];
	w->flow.client_known = CLIENT_BY_SYN;
}

static void wire_data(struct wire *w, unsigned end, const uint8_t *at, size_t len)
{
	w->origin.number++;
	w->origin.time_ns += 1000000;
	w->flow.packets[end]++;
	if (w->flow.proto == PROTO_TCP)
		session_data(w->sessions, &w->flow, end, (struct bytes){ at, len },
			&w->origin);
	else
		session_datagram(w->sessions, &w->flow, end, (struct bytes){ at, len }, 0,
			&w->origin);
}

static void wire_close(struct wire *w)
{
	w->flow.is_closed = true;
	session_end(w->sessions, &w->flow);
	sessions_free(w->sessions);
}

static void run_begin(struct run *r, bool with_json)
{
	*r = (struct run){ .with_json = with_json,
		.halves = json_array(),
		.operations = json_array(),
		.trace = json_array() };
}

static void run_end(struct run *r)
{
	json_decref(r->halves);
	json_decref(r->operations);
	json_decref(r->trace);
}

/* The whole conversation in pieces of `step` bytes; 0: a message at a time. */
static void run_whole(const struct conversation *c, size_t step, struct run *r)
{
	struct wire w;

	wire_open(&w, c->dissector, r);
	for (unsigned i = 0; i < c->count; i++) {
		const struct line *l = &c->lines[i];
		for (size_t at = 0, len; at < l->len; at += len) {
			len = step && step < l->len - at ? step : l->len - at;
			wire_data(&w, l->end, l->bytes + at, len);
		}
	}
	wire_close(&w);
}

/* ---- what must come out ---- */

static char *spelled(json_t *value)
{
	return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}

static void check_same(
	const char *file, unsigned line, const char *what, json_t *want, json_t *got)
{
	char *a = spelled(want), *b = spelled(got);

	CHECK(json_equal(want, got), "%s:%u: %s\n  want %s\n  got  %s", file, line, what,
		a, b);
	free(a);
	free(b);
}

static void check_whole(const struct conversation *c, const struct run *r)
{
	CHECK(json_array_size(r->halves) == c->count, "%s:%u: %zu messages of %u",
		c->file, c->lines[0].number, json_array_size(r->halves), c->count);
	for (unsigned i = 0; i < c->count && i < json_array_size(r->halves); i++) {
		json_t *pair = json_array_get(r->halves, i);
		check_same(c->file, c->lines[i].number, "the half", c->lines[i].half,
			json_array_get(pair, 0));
		check_same(c->file, c->lines[i].number, "its events", c->lines[i].events,
			json_array_get(pair, 1));
	}
	if (json_array_size(c->operations))
		check_same(c->file, c->lines[0].number, "operations", c->operations,
			r->operations);
}

static unsigned expected_events(const struct conversation *c)
{
	unsigned count = 0;

	for (unsigned i = 0; i < c->count; i++)
		count += (unsigned)json_array_size(c->lines[i].events);
	return count;
}

static void check_bytewise(const struct conversation *c, const struct run *whole)
{
	struct run r;

	run_begin(&r, true);
	run_whole(c, 1, &r);
	check_same(c->file, c->lines[0].number, "byte by byte", whole->halves, r.halves);
	check_same(c->file, c->lines[0].number, "byte by byte", whole->trace, r.trace);
	run_end(&r);
}

/* Message `cut` loses everything from byte `len` on. */
static void check_cut(const struct conversation *c, unsigned cut, size_t len)
{
	struct run r;
	struct wire w;

	run_begin(&r, false);
	wire_open(&w, c->dissector, &r);
	for (unsigned i = 0; i < c->count; i++) {
		const struct line *l = &c->lines[i];
		size_t there = i == cut ? len : l->len;
		if (there)
			wire_data(&w, l->end, l->bytes, there);
		if (there < l->len && w.flow.proto == PROTO_TCP)
			session_gap(
				w.sessions, &w.flow, l->end, l->len - there, &w.origin);
	}
	wire_close(&w);
	CHECK(r.events <= expected_events(c), "%s:%u: cut at %zu: %u events", c->file,
		c->lines[cut].number, len, r.events);
	run_end(&r);
}

static void check_altered(
	struct conversation *c, struct line *l, size_t at, uint8_t value)
{
	uint8_t was = l->bytes[at];
	struct run r;

	run_begin(&r, false);
	l->bytes[at] = value;
	run_whole(c, 0, &r);
	l->bytes[at] = was;
	CHECK(r.worst <= 1, "%s:%u: byte %zu = %02x: %u events of one message", c->file,
		l->number, at, value, r.worst);
	run_end(&r);
}

static void check_broken(struct conversation *c)
{
	for (unsigned i = 0; i < c->count; i++) {
		struct line *l = &c->lines[i];
		for (size_t at = 0; at < l->len; at++) {
			const uint8_t values[] = { 0, 0xff, l->bytes[at] ^ 1,
				l->bytes[at] ^ 0x80, (uint8_t)(l->bytes[at] + 1),
				(uint8_t)(l->bytes[at] * 7 + at) };
			if (c->dissector->tcp_ports)
				check_cut(c, i, at);
			for (unsigned v = 0; v < sizeof(values); v++)
				check_altered(c, l, at, values[v]);
		}
	}
}

/* Bytes that look like much and are nothing take no longer than others. */
static void check_linear(const struct dissector *d, const struct line *l)
{
	enum { BYTES = 1 << 16, SEGMENT = 1460 };
	uint8_t *noise = malloc(BYTES);
	struct run r;
	struct wire w;
	clock_t begin = clock();

	for (size_t i = 0; i < BYTES; i++)
		noise[i] =
			l->bytes[i % (l->len - 1)]; /* the last byte is always missing */
	run_begin(&r, false);
	wire_open(&w, d, &r);
	wire_data(&w, l->end, l->bytes, l->len);
	for (size_t i = 0; i + SEGMENT <= BYTES; i += SEGMENT)
		wire_data(&w, l->end, noise + i, SEGMENT);
	wire_close(&w);
	CHECK(clock() - begin < 10 * CLOCKS_PER_SEC, "64 KiB of noise take too long");
	run_end(&r);
	free(noise);
}

static void check_conversation(struct conversation *c)
{
	struct run r;

	run_begin(&r, true);
	run_whole(c, 0, &r);
	check_whole(c, &r);
	if (c->dissector->tcp_ports)
		check_bytewise(c, &r);
	check_broken(c);
	check_linear(c->dissector, &c->lines[0]);
	run_end(&r);
}

/* ---- reading and printing files ---- */

static size_t from_hex(const char *text, uint8_t *bytes)
{
	size_t len = 0;
	unsigned value;
	int used;

	while (len < BYTES_MAX && sscanf(text, " %2x%n", &value, &used) == 1) {
		bytes[len++] = (uint8_t)value;
		text += used;
	}
	return len;
}

static json_t *read_events(char *text)
{
	json_t *list = json_array();

	for (char *word = strtok(text, " \n"); word; word = strtok(NULL, " \n"))
		json_array_append_new(list, json_string(word));
	return list;
}

static void read_line(struct conversation *c, unsigned number, char *text)
{
	char *arrow = strstr(text, "=>"), *bang = strstr(text, "} ! ");
	json_error_t error;

	if (*text == '=') {
		json_array_append_new(c->operations, json_loads(text + 1, 0, &error));
		return;
	}
	CHECK(c->count < LINES_MAX, "%s:%u: too many lines in one flow", c->file, number);
	struct line *l = &c->lines[c->count++];
	l->number = number;
	l->end = *text == '<';
	l->len = from_hex(text + 1, l->bytes);
	if (bang)
		bang[2] = '\0';
	l->half = arrow ? json_loads(arrow + 2, JSON_DISABLE_EOF_CHECK, &error) : NULL;
	CHECK(!arrow || l->half, "%s:%u: JSON: %s", c->file, number, error.text);
	l->events = read_events(bang ? bang + 3 : strcpy(text, ""));
	if (!l->half)
		l->half = json_object();
}

static void conversation_clear(struct conversation *c)
{
	for (unsigned i = 0; i < c->count; i++) {
		json_decref(c->lines[i].half);
		json_decref(c->lines[i].events);
	}
	json_decref(c->operations);
	c->count = 0;
	c->operations = json_array();
}

static void print_conversation(const struct conversation *c)
{
	struct run r;

	run_begin(&r, true);
	run_whole(c, 0, &r);
	for (unsigned i = 0; i < c->count && i < json_array_size(r.halves); i++) {
		json_t *pair = json_array_get(r.halves, i),
		       *events = json_array_get(pair, 1);
		char *text = spelled(json_array_get(pair, 0));
		putchar(c->lines[i].end ? '<' : '>');
		for (size_t at = 0; at < c->lines[i].len; at++)
			printf(at == 8 || at == 0 ? " %02x" : "%02x",
				c->lines[i].bytes[at]);
		printf(" => %s", text);
		for (size_t e = 0; e < json_array_size(events); e++)
			printf("%s %s", e ? "" : " !",
				json_string_value(json_array_get(events, e)));
		putchar('\n');
		free(text);
	}
	for (size_t i = 0; i < json_array_size(r.operations); i++) {
		char *text = spelled(json_array_get(r.operations, i));
		printf("= %s\n", text);
		free(text);
	}
	run_end(&r);
}

static void write_seed(const struct conversation *c, const char *folder)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s-%u", folder, c->dissector->name,
		c->lines[0].number);
	FILE *out = fopen(path, "wb");
	CHECK(out != NULL, "%s", path);
	if (!out)
		return;
	fputc(!c->dissector->tcp_ports, out);
	for (unsigned i = 0; i < c->count; i++) {
		const struct line *l = &c->lines[i];
		const uint8_t head[3] = { (uint8_t)l->end, (uint8_t)(l->len >> 8),
			(uint8_t)l->len };
		fwrite(head, 1, sizeof(head), out);
		fwrite(l->bytes, 1, l->len, out);
	}
	fclose(out);
}

static enum { MODE_CHECK, MODE_PRINT, MODE_SEEDS } mode;
static const char *seeds;

static void use(struct conversation *c)
{
	if (c->count && mode == MODE_PRINT)
		print_conversation(c);
	else if (c->count && mode == MODE_SEEDS)
		write_seed(c, seeds);
	else if (c->count)
		check_conversation(c);
	conversation_clear(c);
}

static void check_file(const char *path, const struct dissector *d)
{
	static struct conversation c;
	static char text[1 << 16];
	FILE *in = fopen(path, "r");

	CHECK(in != NULL, "%s", path);
	c = (struct conversation){
		.file = path, .dissector = d, .operations = json_array()
	};
	for (unsigned number = 1; in && fgets(text, sizeof(text), in); number++) {
		bool is_between = *text == '\n' || *text == '#';
		if (*text == '\n' || (is_between && mode == MODE_PRINT))
			use(&c);
		if (is_between && mode == MODE_PRINT)
			fputs(text, stdout);
		if (strchr("<>=", *text))
			read_line(&c, number, text);
	}
	use(&c);
	json_decref(c.operations);
	if (in)
		fclose(in);
}

static bool is_same_folder(const char *a, const char *b)
{
	struct stat of_a, of_b;

	return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 &&
		of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

int main(int argc, char **argv)
{
	int arg = 1;

	if (argc > 1 && strcmp(argv[1], "--print") == 0) {
		mode = MODE_PRINT;
		arg = 2;
	} else if (argc > 2 && strcmp(argv[1], "--seeds") == 0) {
		mode = MODE_SEEDS;
		seeds = argv[2];
		arg = 3;
	}
	const char *folder = arg < argc ? argv[arg] : "tests/dissectors";
	if (mode == MODE_SEEDS && is_same_folder(seeds, folder)) {
		fprintf(stderr, "%s holds the examples: seeds do not go there\n", seeds);
		return 1;
	}
	for (unsigned i = 0; dissectors[i]; i++) {
		char path[4096];
		snprintf(path, sizeof(path), "%s/%s.txt", folder, dissectors[i]->name);
		check_file(path, dissectors[i]);
	}
	return mode == MODE_CHECK ? test_end() : test_failed > 0;
}

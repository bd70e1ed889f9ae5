/* Members that are asked for stay as they are spelled; the rest goes, valid or not; what is cut
 * anywhere is no object. */
#include <stdlib.h>
#include <string.h>

#include "incident/json_pick.h"
#include "test.h"

static const struct json_wanted inside[] = { { "x" }, { "y" }, { 0 } };
static const struct json_wanted wanted[] = { { "a" }, { "b", inside }, { "long name" }, { 0 } };

static const struct {
	const char *line, *want; /* NULL: it is no object */
} cases[] = {
	{ "{}", "{}" },
	{ " { } ", "{} " },
	{ "{\"a\":1}", "{\"a\":1}" },
	{ "{\"c\":1}", "{}" },
	{ "{\"c\":{\"a\":2},\"a\":1,\"d\":[{\"a\":3},\"]}\"]}\n", "{\"a\":1}\n" },
	{ "{\"a\":\"q\\\"}\\\\\",\"c\":\"\\\\\",\"b\":{\"z\":1,\"x\":[1,2],\"y\":null}}",
		"{\"a\":\"q\\\"}\\\\\",\"b\":{\"x\":[1,2],\"y\":null}}" },
	{ "{ \"a\" : 1 , \"b\" : { \"y\" : \"\" } }", "{\"a\" : 1 ,\"b\" : {\"y\" : \"\"}}" },
	{ "{\"b\":7,\"a\":{\"x\":1,\"z\":2}}", "{\"b\":7,\"a\":{\"x\":1,\"z\":2}}" },
	{ "{\"aa\":1,\"long name\":-1.5e3,\"\":0,\"a\":true}", "{\"long name\":-1.5e3,\"a\":true}" },
	{ "{\"c\":\xff\xfe,\"a\":1}", "{\"a\":1}" },
	{ "{\"a\":1}{\"a\":2}", "{\"a\":1}{\"a\":2}" }, /* which is not JSON, whoever reads it */
	{ "[\"a\"]", NULL }, { "\"a\"", NULL }, { "1", NULL }, { "", NULL }, { "{,}", NULL },
	{ "{\"a\":}", NULL }, { "{\"c\":,\"a\":1}", NULL }, { "{\"a\"}", NULL }, { "{\"c\":[}", NULL },
	{ "{\"c\" 1}", NULL }, { "{\"a\":\"}", NULL }, { "{\"c\":\"\\\"}", NULL },
};

static bool picks(const char *line, size_t len, struct text *out)
{
	uint8_t *exact = malloc(len ? len : 1); /* so that a byte too far is noticed */
	memcpy(exact, line, len);
	text_clear(out);
	bool ok = json_pick((struct bytes){ exact, len }, wanted, out);
	free(exact);
	return ok;
}

int main(void)
{
	struct text out = { 0 };
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *line = cases[i].line, *want = cases[i].want;
		bool ok = picks(line, strlen(line), &out);
		CHECK(ok == (want != NULL), "%s", line);
		if (ok && want)
			CHECK(out.len == strlen(want) && memcmp(out.at, want, out.len) == 0,
				"%s: %.*s", line, (int)out.len, out.at);
		size_t whole = want ? strlen(line) - strlen(strrchr(line, '}')) : 0;
		for (size_t len = 0; len < whole; len++)
			CHECK(!picks(line, len, &out) || strchr(line, '}') < line + len,
				"%s, cut at %zu", line, len);
	}
	text_fini(&out);
	return test_end();
}

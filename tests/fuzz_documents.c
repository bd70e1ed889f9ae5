/* What others wrote, as bytes of any kind: envelopes, receipts, notices, entries of a trail,
 * checkpoints, key lines, times. Whatever can be read must have one canonical form, and reading
 * that gives the same. */
#include <stdlib.h>

#include "base/memory.h"
#include "incident/checkpoint.h"
#include "incident/envelope.h"
#include "incident/notice.h"
#include "incident/sign_key.h"
#include "incident/time.h"
#include "incident/trail_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_canonical(const json_t *doc)
{
	size_t len = 0;
	char *text = canonical_json(doc, &len), *again;

	if (!text)
		return;
	json_t *back = canonical_read((struct bytes){ (const uint8_t *)text, len });
	again = canonical_json(back, NULL);
	if (!again || strcmp(text, again) != 0)
		abort();
	free(text);
	free(again);
	json_decref(back);
}

static void read_document(struct bytes b)
{
	json_t *doc = canonical_read(b);
	struct envelope_head envelope;
	struct receipt_head receipt;
	char uid[ENVELOPE_UID];

	if (!doc)
		return;
	read_canonical(doc);
	envelope_read(&envelope, doc);
	receipt_read(&receipt, doc);
	notice_read(doc, uid);
	envelope_is_unreal("report", doc);
	envelope_is_unapproved("report", doc);
	json_decref(doc);
}

static void read_text(struct bytes b)
{
	char *text = mem_new(b.len + 1);
	struct sign_key key;
	uint64_t ns;

	memcpy(text, b.at, b.len);
	sign_key_read_line(&key, text);
	time_read_rfc3339(text, &ns);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = { data, size };
	struct trail_line line;
	struct checkpoint checkpoint;

	read_document(b);
	trail_line_read(&line, b);
	checkpoint_read(&checkpoint, b);
	read_text(b);
	return 0;
}

/* Servers that fell silent: loss of view.
 *
 * A silence begins with the first request that a server did not answer on a flow where it had
 * answered before, and lasts until the last try in vain: a request that timed out, a connection
 * that somebody asked for. The next answer of that server and port, on any flow, ends it; so does
 * SILENCE_IDLE_NS in which nobody tried. What is shorter than SILENCE_MIN_NS is a lost answer and
 * not told. */
#include "engine/shard_state.h"

#define SECOND_NS UINT64_C(1000000000)
#define SILENCE_MIN_NS (5 * SECOND_NS)
#define SILENCE_IDLE_NS (60 * SECOND_NS)
#define SILENCE_TELL_NS (5 * SECOND_NS)

static struct silence *find(struct shard *s, const struct address *server, uint16_t port)
{
	for (unsigned i = 0; i < s->silence_count; i++) {
		struct silence *row = &s->silences[i];
		if (row->port == port && memcmp(&row->server, server, sizeof(*server)) == 0)
			return row;
	}
	return NULL;
}

static void tell(struct shard *s, struct silence *row)
{
	if (row->tried_ns < row->since_ns + SILENCE_MIN_NS)
		return;
	shard_hand_over(s, RECORD_SILENCE, row, sizeof(*row));
	row->told_ns = row->tried_ns;
}

static void drop(struct shard *s, struct silence *row)
{
	*row = s->silences[--s->silence_count];
}

static void try_again(struct shard *s, struct silence *row, uint64_t now_ns)
{
	if (now_ns > row->tried_ns + SILENCE_IDLE_NS) {
		tell(s, row);
		row->since_ns = row->told_ns = now_ns;
	}
	row->tried_ns = now_ns > row->tried_ns ? now_ns : row->tried_ns;
	if (row->tried_ns >= row->told_ns + SILENCE_TELL_NS)
		tell(s, row);
}

void shard_unanswered(struct shard *s, const struct transaction *t)
{
	const struct flow_end *server = &t->flow->end[!t->client];
	uint64_t asked_ns = transaction_origin(t)->time_ns;
	struct silence *row = find(s, &server->address, server->port);
	if (row) {
		try_again(s, row, asked_ns);
	} else if (t->flow->is_sighted && s->silence_count < SHARD_SILENCES) {
		s->silences[s->silence_count++] = (struct silence){ .server = server->address,
			.port = server->port, .since_ns = asked_ns, .tried_ns = asked_ns,
			.told_ns = asked_ns };
	}
}

void shard_knocked(struct shard *s, const struct packet *p)
{
	struct silence *row = find(s, &p->dst, p->dport);
	if (row)
		try_again(s, row, p->time_ns);
}

void shard_answered_anew(struct shard *s, const struct flow_end *server)
{
	struct silence *row = find(s, &server->address, server->port);
	if (!row)
		return;
	tell(s, row);
	drop(s, row);
}

void shard_end_silences(struct shard *s)
{
	while (s->silence_count) {
		tell(s, &s->silences[0]);
		drop(s, &s->silences[0]);
	}
}

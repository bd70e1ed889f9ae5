/* What is dropped. A rule that drops does so with the packet that completed its match,
 * and with what the flow still carries: a client that sent half a message and tries the
 * other half again must not get through.
 *
 * The verdict belongs to the packet under way and its flow. What time alone decides (a
 * request without answer) drops what its flow still sends. */
#include "engine/shard_state.h"

static const uint8_t verdicts[] = {
	[ACTION_DROP] = VERDICT_DROP,
	[ACTION_REJECT] = VERDICT_DROP | VERDICT_REFUSE_SRC,
	[ACTION_REJECTSRC] = VERDICT_DROP | VERDICT_REFUSE_SRC,
	[ACTION_REJECTDST] = VERDICT_DROP | VERDICT_REFUSE_DST,
	[ACTION_REJECTBOTH] = VERDICT_DROP | VERDICT_REFUSE_SRC | VERDICT_REFUSE_DST,
};

void shard_judge(struct shard *s, struct flow *f, enum flow_block block,
	const struct rule *const *rules, unsigned count)
{
	uint8_t verdict = VERDICT_ACCEPT;
	for (unsigned i = 0; i < count; i++)
		if (rule_drops(rules[i]))
			verdict |= verdicts[rules[i]->action];
	if (!verdict)
		return;
	if (f == s->under_way)
		s->verdict |= verdict;
	if (f && s->tools->inline_mode == INLINE_ON && f->block < block)
		f->block = (uint8_t)block;
}

void shard_judge_transaction(struct shard *s, struct transaction *t, unsigned added)
{
	const struct hits *hits = t->hits;
	if (added)
		shard_judge(s, t->flow, BLOCK_DATA, hits->rules + hits->count - added, added);
	/* A request that is looked at later than it came has passed. */
	if (!t->response)
		t->is_blocked = t->flow->block && t->request_origin.number == s->number;
}

bool shard_passes(struct shard *s, const struct flow *f, const struct packet *p)
{
	bool passes = f->block == BLOCK_DATA && p->proto == PROTO_TCP && p->has_ports &&
		p->payload_wire == 0;
	if (!passes)
		s->verdict = VERDICT_DROP;
	return passes;
}

uint8_t shard_verdict(struct shard *s)
{
	if (s->tools->inline_mode == INLINE_DRY) {
		s->would_block++;
		return VERDICT_ACCEPT;
	}
	s->blocked++;
	return s->verdict;
}

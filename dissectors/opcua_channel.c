/* Channels; see opcua_channel.h. */
#include "opcua_channel.h"

/* ---- security policies ---- */

static const struct policy policies[] = {
	{ "None", 0 },
	{ "Basic128Rsa15", 20 },
	{ "Basic256", 20 },
	{ "Basic256Sha256", 32 },
	{ "Aes128_Sha256_RsaOaep", 32 },
	{ "Aes256_Sha256_RsaPss", 32 },
	{ "ECC_nistP256", 32 },
	{ "ECC_nistP384", 48 },
	{ "ECC_brainpoolP256r1", 32 },
	{ "ECC_brainpoolP384r1", 48 },
	{ "ECC_curve25519", 16 },
	{ "ECC_curve448", 16 },
	{ "PubSub-Aes128-CTR", 32 },
	{ "PubSub-Aes256-CTR", 32 },
};

enum { POLICIES = sizeof(policies) / sizeof(*policies) };

bool opcua_is_none(const struct policy *p)
{
	return p == policies;
}

/* No URI at all is None as well. */
const struct policy *opcua_policy(struct bytes uri)
{
	static const char prefix[] = "http://opcfoundation.org/UA/SecurityPolicy#";
	size_t len = sizeof(prefix) - 1;

	if (!uri.len)
		return policies;
	if (uri.len < len || memcmp(uri.at, prefix, len) != 0)
		return NULL;
	for (unsigned i = 0; i < POLICIES; i++)
		if (uri.len - len == strlen(policies[i].name) &&
			memcmp(uri.at + len, policies[i].name, uri.len - len) == 0)
			return &policies[i];
	return NULL;
}

/* ---- channels ---- */

const struct encoding *opcua_service_at(struct bytes body)
{
	uint32_t id = 0;

	if (body.len >= 4 && body.at[0] == 1 && body.at[1] == 0)
		id = le16_at(body.at + 2);
	else if (body.len >= 7 && body.at[0] == 2 && le16_at(body.at + 1) == 0)
		id = le32_at(body.at + 3);
	const struct encoding *e = id ? opcua_encoding(id) : NULL;
	return e && e->is_service ? e : NULL;
}

static void channel_is(struct opcua_state *s, uint32_t channel, bool is_known)
{
	if (s->has_channel && s->channel == channel) {
		s->knows_channel |= is_known;
		return;
	}
	s->has_channel = true;
	s->knows_channel = is_known;
	s->channel = channel;
	s->token_count = 0;
	s->mode = MODE_UNKNOWN;
	s->signature = 0;
}

/* Who asks for a channel's first token does not know its id yet. */
static bool is_renewal(const struct dissect *d, uint32_t channel)
{
	const struct opcua_state *s = d->state;

	return opcua_role(d) == SIDE_CLIENT ? channel != 0
		: s->has_channel && s->channel == channel;
}

void opcua_channel_open(struct dissect *d, uint32_t channel, const struct policy *policy)
{
	struct opcua_state *s = d->state;

	if (opcua_role(d) == SIDE_CLIENT && channel && !s->has_channel)
		s->has_other_sessions = true; /* the channel of another connection goes on */
	s->has_old_token = is_renewal(d, channel) && !s->token_count;
	if (channel)
		channel_is(s, channel, opcua_role(d) == SIDE_SERVER);
	s->policy = policy;
	s->mode = opcua_is_none(policy) ? MODE_NONE : MODE_UNKNOWN;
	s->signature = 0;
	if (!opcua_is_none(policy)) { /* sequence numbers and tokens are hidden */
		s->has_sequence[opcua_role(d)] = false;
		s->token_count = 0;
	}
}

void opcua_channel_token(struct dissect *d, uint32_t channel, uint32_t token)
{
	struct opcua_state *s = d->state;

	channel_is(s, channel, true);
	s->tokens[1] = s->tokens[0];
	s->tokens[0] = token;
	s->token_count = s->token_count ? 2 : 1;
}

/* What is unknown is told once, then it is known. It is none of the sender's doing if an
 * OPN waits for its answer or messages were not seen: the answer may have been missed. */
void opcua_channel_see(struct dissect *d, uint32_t channel, uint32_t token)
{
	struct opcua_state *s = d->state;
	bool is_missed = s->is_opening || s->skipped;

	if (s->knows_channel && s->channel != channel && !is_missed)
		opcua_fault(s, UNKNOWN_CHANNEL);
	channel_is(s, channel, false);
	if (!s->token_count || token == s->tokens[0] ||
		(s->token_count > 1 && token == s->tokens[1]))
		return;
	if (s->has_old_token) {
		s->has_old_token = false;
		s->tokens[1] = token;
		s->token_count = 2;
		return;
	}
	if (!is_missed)
		opcua_fault(s, UNKNOWN_TOKEN);
	s->is_opening = false;
	s->tokens[1] = s->tokens[0];
	s->tokens[0] = token;
	s->token_count = 2;
}

/* Numbers go up by one. What was skipped may be the fault of the capture; going back
 * never is. They begin anew, below 1024, when there are none left but 1024. As long as
 * the sender's role is a guess, its numbers may be the other side's. */
void opcua_sequence_see(struct dissect *d, uint32_t sequence)
{
	struct opcua_state *s = d->state;
	unsigned role = opcua_role(d);
	uint32_t ahead = sequence - s->sequence[role] - 1;

	if (s->has_sequence[role] && ahead) {
		bool is_anew = s->sequence[role] >= UINT32_MAX - 1024 && sequence < 1024;
		if (!is_anew && ahead > UINT32_MAX / 2)
			opcua_fault(s, SEQUENCE_FAULT);
		else if (!is_anew)
			s->skipped += ahead;
	}
	s->has_sequence[role] = d->side_known;
	s->sequence[role] = sequence;
}

static bool is_signature(size_t len)
{
	for (unsigned i = 1; i < POLICIES; i++)
		if (policies[i].signature == len)
			return true;
	return false;
}

bool opcua_channel_end(struct dissect *d, size_t left)
{
	struct opcua_state *s = d->state;

	if (s->chunks > 1)
		return left == 0; /* each chunk had its own */
	if (s->mode == MODE_UNKNOWN && (left == 0 || is_signature(left))) {
		s->mode = left ? MODE_SIGN : MODE_NONE;
		s->signature = (uint8_t)left;
	}
	return left == s->signature;
}

void opcua_endpoint_see(struct dissect *d, struct bytes url)
{
	struct opcua_state *s = d->state;

	if (!url.len || url.len > ENDPOINT_MAX)
		return;
	memcpy(s->endpoint, url.at, url.len);
	s->endpoint_len = (uint8_t)url.len;
}

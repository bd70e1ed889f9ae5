/* Protocols that send a message in pieces, a frame each: puts them together again. */
#include "dissect/driver.h"

static void assembly_clear(struct sessions *s, struct assembly *a)
{
	pool_give(&s->pool, a->bytes, a->cap);
	*a = (struct assembly){ .id = a->id };
}

static struct assembly *open_assemblies(struct sessions *s, struct direction *dir)
{
	enum { SIZE = ASSEMBLIES * sizeof(struct assembly) };
	if (!dir->assemblies)
		dir->assemblies = memset(pool_take(&s->lasting, SIZE), 0, SIZE);
	return dir->assemblies;
}

/* The one of `id`; if there is none, a new one in the place of the last resort. */
static struct assembly *find_assembly(struct sessions *s, struct direction *dir, uint32_t id)
{
	struct assembly *all = open_assemblies(s, dir), *place = &all[id % ASSEMBLIES];
	for (unsigned i = 0; i < ASSEMBLIES; i++) {
		if (all[i].is_open && all[i].id == id)
			return &all[i];
		if (!all[i].is_open)
			place = &all[i];
	}
	assembly_clear(s, place);
	place->id = id;
	return place;
}

static bool assembly_reserve(struct sessions *s, struct assembly *a, uint32_t len)
{
	if (len <= a->cap)
		return true;
	uint32_t cap = a->cap ? a->cap : 256;
	while (cap < len)
		cap *= 2;
	if (!pending_make_room(s, cap)) {
		s->counters.shed++;
		return false;
	}
	s->begins_to_hold |= !a->bytes;
	uint8_t *bytes = pool_take(&s->pool, cap);
	if (a->len)
		memcpy(bytes, a->bytes, a->len);
	pool_give(&s->pool, a->bytes, a->cap);
	a->bytes = bytes;
	a->cap = cap;
	return true;
}

/* What does not fit makes the rest of the message unwanted. */
static void add_piece(struct sessions *s, struct flow *f, unsigned end, struct assembly *a,
	struct bytes body, const struct origin *origin)
{
	uint32_t max = session_of(f)->dissector->max_message;
	bool is_long = body.len > max || a->len > max - body.len;
	if (is_long)
		session_say(s, f, end, SESSION_MESSAGE_TOO_LONG, origin);
	if (is_long || !assembly_reserve(s, a, a->len + (uint32_t)body.len)) {
		assembly_clear(s, a);
		a->is_lost = true;
	} else if (body.len) {
		memcpy(a->bytes + a->len, body.at, body.len);
		a->len += (uint32_t)body.len;
	}
}

/* A message in one piece is parsed where it lies. What was kept for its id is over. */
static bool is_in_one_piece(struct sessions *s, const struct flow *f, struct direction *dir,
	enum assembled is, const struct piece *piece)
{
	if (is != ASSEMBLED_DONE || !piece->is_first ||
		piece->body.len > session_of(f)->dissector->max_message)
		return false;
	for (unsigned i = 0; dir->assemblies && i < ASSEMBLIES; i++)
		if (dir->assemblies[i].is_open && dir->assemblies[i].id == piece->id)
			assembly_clear(s, &dir->assemblies[i]);
	return true;
}

/* Put a frame to the pieces before it. False: there is no whole message yet. Of a frame that
 * is cut there will be no more: what is there is the message. */
bool assemble_frame(struct sessions *s, struct flow *f, unsigned end, struct bytes *frame,
	const struct origin *origin)
{
	struct session *ses = session_of(f);
	struct direction *dir = &ses->dir[end];
	struct piece piece = { 0 };
	if (!ses->dissector->assemble)
		return true;
	enum assembled is = ses->dissector->assemble(&s->d, *frame, &piece);
	bool lost_pieces = dir->lost_pieces;
	dir->lost_pieces = false;
	dir->in_pieces = piece.is_open;
	if (is == ASSEMBLED_WHOLE)
		return true;
	if (is_in_one_piece(s, f, dir, is, &piece)) {
		*frame = piece.body;
		return true;
	}
	struct assembly *a = find_assembly(s, dir, piece.id);
	if (piece.is_first || !a->is_open) {
		a->len = 0;
		a->is_lost = !piece.is_first && (piece.is_later || lost_pieces);
	}
	if (is != ASSEMBLED_DROP && !a->is_lost)
		add_piece(s, f, end, a, piece.body, origin);
	bool is_shown = is == ASSEMBLED_SHOWN;
	bool is_over = (is != ASSEMBLED_MORE && !is_shown) || s->tape.is_cut;
	a->is_open = !is_over;
	if (is_shown)
		return true;
	*frame = (struct bytes){ a->bytes, a->len };
	return is_over && is != ASSEMBLED_DROP && !a->is_lost;
}

/* Pieces of messages that are over need no room. */
void assemble_release(struct sessions *s, struct direction *dir)
{
	for (unsigned i = 0; dir->assemblies && i < ASSEMBLIES; i++)
		if (!dir->assemblies[i].is_open && dir->assemblies[i].bytes)
			assembly_clear(s, &dir->assemblies[i]);
}

void assemble_forget(struct sessions *s, struct direction *dir)
{
	for (unsigned i = 0; dir->assemblies && i < ASSEMBLIES; i++)
		dir->assemblies[i].is_open = false;
	assemble_release(s, dir);
	dir->lost_pieces = true;
}

void assemble_free(struct sessions *s, struct direction *dir)
{
	for (unsigned i = 0; dir->assemblies && i < ASSEMBLIES; i++)
		pool_give(&s->pool, dir->assemblies[i].bytes, dir->assemblies[i].cap);
	pool_give(&s->lasting, dir->assemblies, ASSEMBLIES * sizeof(struct assembly));
}

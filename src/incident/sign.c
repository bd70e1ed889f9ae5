#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "incident/canonical.h"
#include "incident/sign_alg.h"

static void ed25519_from_seed(struct sign_key *key, const uint8_t *seed)
{
	crypto_sign_seed_keypair(key->public_key, key->secret, seed);
}

static void ed25519_to_seed(const struct sign_key *key, uint8_t *seed)
{
	crypto_sign_ed25519_sk_to_seed(seed, key->secret);
}

static void ed25519_sign(const struct sign_key *key, struct bytes b, uint8_t *signature)
{
	crypto_sign_detached(signature, NULL, b.at, b.len, key->secret);
}

static bool ed25519_verify(const struct sign_key *key, struct bytes b, const uint8_t *signature)
{
	return crypto_sign_verify_detached(signature, b.at, b.len, key->public_key) == 0;
}

static const struct sign_alg algs[] = {
	{ "Ed25519", SIGN_NOTE, crypto_sign_PUBLICKEYBYTES, crypto_sign_SEEDBYTES,
		crypto_sign_BYTES, ed25519_from_seed, ed25519_to_seed, ed25519_sign,
		ed25519_verify },
};
static_assert(crypto_sign_PUBLICKEYBYTES <= SIGN_PUBLIC, "room for the public key");
static_assert(crypto_sign_SECRETKEYBYTES <= SIGN_SECRET, "room for the secret key");
static_assert(crypto_sign_BYTES <= SIGN_SIZE, "room for a signature");

const struct sign_alg *sign_alg_of_type(uint8_t type)
{
	for (size_t i = 0; i < sizeof(algs) / sizeof(*algs); i++)
		if (algs[i].type == type)
			return &algs[i];
	return NULL;
}

const struct sign_alg *sign_alg_default(void)
{
	return &algs[0];
}

const char *sign_alg_name(const struct sign_key *key)
{
	return key->alg->name;
}

size_t sign_size(const struct sign_key *key)
{
	return key->alg->size;
}

void sign_bytes(const struct sign_key *key, struct bytes b, uint8_t *signature)
{
	key->alg->sign(key, b, signature);
}

bool sign_verify(const struct sign_key *key, struct bytes b, struct bytes signature)
{
	return signature.len == key->alg->size && key->alg->verify(key, b, signature.at);
}

uint32_t sign_note_id(const struct sign_key *key, uint8_t type)
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const uint8_t *)key->name, strlen(key->name));
	crypto_hash_sha256_update(&state, (const uint8_t *)"\n", 1);
	crypto_hash_sha256_update(&state, &type, 1);
	crypto_hash_sha256_update(&state, key->public_key, key->alg->public_len);
	crypto_hash_sha256_final(&state, hash);
	return be32_at(hash);
}

/* ---- documents ---- */

/* The canonical form of `doc` without its signature. */
static bool put_unsigned(struct text *t, const json_t *doc)
{
	json_t *bare = json_copy((json_t *)doc);

	json_object_del(bare, "signature");
	bool ok = canonical_put(t, bare);
	json_decref(bare);
	return ok;
}

static struct bytes bytes_of(const struct text *t)
{
	return (struct bytes){ (const uint8_t *)t->at, t->len };
}

bool sign_document(json_t *doc, const char *what, const struct sign_key *key)
{
	struct text t = { 0 };
	uint8_t signature[SIGN_SIZE];

	if (!put_unsigned(&t, doc)) {
		text_fini(&t);
		return false;
	}
	sign_bytes(key, bytes_of(&t), signature);
	text_clear(&t);
	text_base64(&t, (struct bytes){ signature, sign_size(key) });
	char *over = mem_printf("JCS(%s without signature)", what);
	json_object_set_new(doc, "signature", json_pack("{ss ss ss ss%}", "alg", sign_alg_name(key),
		"key_id", key->id, "over", over, "value", t.at, t.len));
	free(over);
	text_fini(&t);
	return true;
}

static bool is_signed_with(const json_t *doc, const struct sign_key *key, uint8_t *signature)
{
	const json_t *s = json_object_get(doc, "signature");
	const char *alg = json_string_value(json_object_get(s, "alg"));
	const char *id = json_string_value(json_object_get(s, "key_id"));
	const json_t *value = json_object_get(s, "value");
	size_t len = 0;

	return alg && id && json_is_string(value) && strcmp(alg, sign_alg_name(key)) == 0 &&
		strcmp(id, key->id) == 0 &&
		sodium_base642bin(signature, SIGN_SIZE, json_string_value(value),
			json_string_length(value), NULL, &len, NULL,
			sodium_base64_VARIANT_ORIGINAL) == 0 &&
		len == sign_size(key);
}

bool sign_document_check(const json_t *doc, const struct sign_key *key)
{
	struct text t = { 0 };
	uint8_t signature[SIGN_SIZE];
	bool ok = is_signed_with(doc, key, signature) && put_unsigned(&t, doc) &&
		sign_verify(key, bytes_of(&t), (struct bytes){ signature, sign_size(key) });

	text_fini(&t);
	return ok;
}

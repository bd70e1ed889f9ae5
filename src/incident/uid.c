#include <sha1.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "incident/uid.h"

/* 5b0d9b3c-7a43-4c0e-9d5e-1f1b8a2f6c11, drawn once. */
static const uint8_t namespace[16] = { 0x5b, 0x0d, 0x9b, 0x3c, 0x7a, 0x43, 0x4c, 0x0e, 0x9d,
	0x5e, 0x1f, 0x1b, 0x8a, 0x2f, 0x6c, 0x11 };

void uid_of(const char *kind, const char *name, char out[UID_TEXT])
{
	uint8_t d[SHA1_DIGEST_LENGTH];
	SHA1_CTX c;

	SHA1Init(&c);
	SHA1Update(&c, namespace, sizeof(namespace));
	SHA1Update(&c, (const uint8_t *)kind, strlen(kind) + 1);
	SHA1Update(&c, (const uint8_t *)name, strlen(name));
	SHA1Final(d, &c);
	d[6] = (uint8_t)((d[6] & 0x0f) | 0x50);
	d[8] = (uint8_t)((d[8] & 0x3f) | 0x80);
	snprintf(out, UID_TEXT, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
		"%02x%02x%02x%02x%02x%02x", d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7], d[8],
		d[9], d[10], d[11], d[12], d[13], d[14], d[15]);
}

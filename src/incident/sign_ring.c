/* The keys somebody believes. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/report.h"
#include "incident/sign_key.h"

static bool add_line(struct sign_ring *ring, const char *path, unsigned number, char *line)
{
	struct sign_key key;

	line[strcspn(line, "#\r\n")] = '\0';
	for (size_t len = strlen(line); len > 0 && line[len - 1] == ' '; len--)
		line[len - 1] = '\0';
	if (!*line)
		return true;
	if (!sign_key_read_line(&key, line) || key.has_secret) {
		sign_key_wipe(&key);
		report_error("%s:%u: not a public key", path, number);
		return false;
	}
	ring->keys = mem_resize(ring->keys, (ring->count + 1) * sizeof(*ring->keys));
	ring->keys[ring->count++] = key;
	return true;
}

static bool load_file(struct sign_ring *ring, const char *path)
{
	FILE *in = fopen(path, "re");
	char line[512];
	unsigned number = 0;
	bool ok = true;

	if (!in) {
		report_error("%s: %s", path, strerror(errno));
		return false;
	}
	while (fgets(line, sizeof(line), in))
		ok = add_line(ring, path, ++number, line) && ok;
	fclose(in);
	return ok;
}

static int is_public_file(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return len > 4 && strcmp(e->d_name + len - 4, ".pub") == 0;
}

static bool load_folder(struct sign_ring *ring, const char *path)
{
	struct dirent **names;
	int count = scandir(path, &names, is_public_file, alphasort);
	bool ok = count >= 0;

	if (!ok)
		report_error("%s: %s", path, strerror(errno));
	for (int i = 0; i < count; i++) {
		char *file = mem_printf("%s/%s", path, names[i]->d_name);
		ok = load_file(ring, file) && ok;
		free(file);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	return ok;
}

bool sign_ring_load(struct sign_ring *ring, const char *path)
{
	struct stat st;

	*ring = (struct sign_ring){ 0 };
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return load_folder(ring, path);
	return load_file(ring, path);
}

void sign_ring_free(struct sign_ring *ring)
{
	free(ring->keys);
	*ring = (struct sign_ring){ 0 };
}

const struct sign_key *sign_ring_by_id(const struct sign_ring *ring, const char *key_id)
{
	for (unsigned i = 0; key_id && i < ring->count; i++)
		if (strcmp(ring->keys[i].id, key_id) == 0)
			return &ring->keys[i];
	return NULL;
}

const struct sign_key *sign_ring_check(
	const struct sign_ring *ring, const json_t *doc, const char **why)
{
	const json_t *s = json_object_get(doc, "signature");
	const char *id = json_string_value(json_object_get(s, "key_id"));
	const struct sign_key *key = sign_ring_by_id(ring, id);

	if (!s)
		*why = "not signed";
	else if (!key)
		*why = "signed with a key that is not known here";
	else if (!sign_document_check(doc, key))
		*why = "the signature is wrong";
	else
		return key;
	return NULL;
}

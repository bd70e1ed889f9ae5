#include "incident/health_line.h"
#include "incident/document.h"
#include "incident/eve_lines.h"
#include "incident/time.h"

static uint64_t count_at(const json_t *object, const char *key)
{
	json_int_t v = json_integer_value(json_object_get(object, key));

	return v > 0 ? (uint64_t)v : 0;
}

/* Of flows, of whatever it is the sum. */
static struct incident_loss hidden_of(const json_t *row)
{
	return (struct incident_loss){ .gaps = count_at(row, "gaps"),
		.blind_bytes = count_at(row, "blind_bytes"),
		.undecoded_bytes = count_at(row, "undecoded_bytes"),
		.one_sided = count_at(row, "one_sided"),
		.midstream = count_at(row, "midstream"),
		.encrypted = count_at(row, "encrypted") };
}

static struct incident_loss loss_of(const json_t *health)
{
	struct incident_loss loss = hidden_of(health);

	loss.packets = count_at(health, "packets");
	loss.dropped = count_at(health, "dropped");
	loss.missed = count_at(health, "missed");
	loss.unseen = count_at(health, "unseen");
	loss.shed = count_at(health, "shed");
	loss.blind_s = count_at(health, "away_s");
	return loss;
}

static void read_hosts(struct health_line *h, const json_t *health)
{
	const json_t *row;
	size_t i;

	json_array_foreach (json_object_get(health, "assets"), i, row) {
		struct incident_host_loss *host = &h->hosts[h->capture.host_count];
		const char *ip = document_string(row, "/ip");
		if (h->capture.host_count == HEALTH_LINE_HOSTS)
			return;
		if (!ip || !address_parse(&host->host, ip))
			continue;
		host->loss = hidden_of(row);
		h->capture.host_count++;
	}
}

bool health_line_read(struct health_line *h, const json_t *event)
{
	const json_t *health = document_at(event, "/ot/health");
	const char *from = document_string(health, "/from");
	struct incident_capture *c = &h->capture;

	*h = (struct health_line){ .capture = { .sensor = document_string(event, "/ot/sensor/id"),
		.hosts = h->hosts } };
	if (!c->sensor || !*c->sensor || !from || document_is_true(health, "/interim") ||
		!time_read_rfc3339(from, &c->from_ns) || !eve_event_time(event, &c->until_ns) ||
		c->until_ns < c->from_ns)
		return false;
	c->loss = loss_of(health);
	read_hosts(h, health);
	return true;
}

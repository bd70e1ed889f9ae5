#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/report.h"
#include "base/text.h"
#include "capture/filter.h"
#include "capture/tap.h"

void tap_init(struct tap *t, const char *name, const struct live_config *config,
	const struct pace *pace)
{
	*t = (struct tap){ .name = name, .config = config, .pace = pace, .fd = -1 };
}

/* ---- what is told ---- */

/* "; there are eth0, lo": a name may be mistyped. */
static void list_interfaces(struct text *out)
{
	struct if_nameindex *all = if_nameindex();
	const char *between = "; there are ";

	for (struct if_nameindex *i = all; i && i->if_name; i++) {
		text_str(out, between);
		text_str(out, i->if_name);
		between = ", ";
	}
	if (all)
		if_freenameindex(all);
	text_char(out, '\0');
}

/* Once, until it is back. */
static void tell_away(struct tap *t, const char *why, bool is_missing)
{
	struct text others = { 0 };

	if (t->is_told)
		return;
	t->is_told = true;
	if (is_missing)
		list_interfaces(&others);
	report_warning("%s: %s; waiting for it%s", t->name, why,
		others.len ? others.at : "");
	text_fini(&others);
}

static void tell_open(struct tap *t)
{
	report_news(t->is_told ? "%s is back; listening" : "listening on %s", t->name);
	t->is_told = false;
}

static void tell_forbidden(struct tap *t)
{
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (t->is_told)
		return;
	t->is_told = true;
	path[len > 0 ? len : 0] = '\0';
	report_error("%s: no permission to listen; run as root, or give the program the "
		     "right once: sudo setcap cap_net_raw+ep %s",
		t->name, path);
}

/* ---- opening ---- */

static bool has_link(const char *name)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool up = true; /* what is no network card, such as "any", has no flags */

	if (fd < 0)
		return up;
	strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
	if (ioctl(fd, SIOCGIFFLAGS, &request) == 0)
		up = request.ifr_flags & IFF_UP && request.ifr_flags & IFF_RUNNING;
	close(fd);
	return up;
}

static pcap_t *create(const struct tap *t)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_create(t->name, error);

	if (!p)
		return NULL;
	pcap_set_snaplen(p, (int)t->config->snaplen);
	pcap_set_promisc(p, t->config->promiscuous);
	pcap_set_timeout(p, TAP_BLOCK_MS);
	pcap_set_buffer_size(p, (int)t->config->ring);
	pcap_set_tstamp_precision(p, PCAP_TSTAMP_PRECISION_NANO);
	return p;
}

static enum tap_state tell_failure(struct tap *t, int code)
{
	switch (code) {
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		tell_forbidden(t);
		return TAP_WRONG;
	case PCAP_ERROR_NO_SUCH_DEVICE:
		tell_away(t, "no such interface", true);
		break;
	case PCAP_ERROR_IFACE_NOT_UP:
		tell_away(t, "the interface is down", false);
		break;
	default:
		tell_away(t, t->pcap ? pcap_geterr(t->pcap) : "libpcap cannot open it",
			false);
	}
	return TAP_AWAY;
}

static bool set_filter(struct tap *t)
{
	struct bpf_program code;

	if (!t->config->filter)
		return true;
	bool ok = pcap_compile(t->pcap, &code, t->config->filter, 1,
			  PCAP_NETMASK_UNKNOWN) == 0;
	if (ok) {
		ok = pcap_setfilter(t->pcap, &code) == 0;
		pcap_freecode(&code);
	}
	if (!ok && !t->is_told)
		report_error("%s: the filter is wrong: %s", t->name,
			pcap_geterr(t->pcap));
	t->is_told |= !ok;
	return ok;
}

static void know_link(struct tap *t)
{
	int dlt = pcap_datalink(t->pcap);
	const char *name = pcap_datalink_val_to_name(dlt);

	t->link_type = (uint16_t)dlt;
	if (!packet_link_known(t->link_type))
		report_warning("%s: packets of link type %d (%s) are counted, not decoded",
			t->name, dlt, name ? name : "unknown to libpcap too");
}

static void forget(struct tap *t)
{
	if (t->pcap)
		pcap_close(t->pcap);
	t->pcap = NULL;
	t->head = NULL;
	t->last = (struct pcap_stat){ 0 };
}

static enum tap_state start(struct tap *t)
{
	char error[PCAP_ERRBUF_SIZE];

	t->pcap = create(t);
	int code = t->pcap ? pcap_activate(t->pcap) : PCAP_ERROR;
	if (code < 0)
		return tell_failure(t, code);
	if (code > 0)
		report_note("%s: %s", t->name, pcap_geterr(t->pcap));
	if (!set_filter(t))
		return TAP_WRONG;
	if (pcap_setnonblock(t->pcap, 1, error) != 0)
		return tell_failure(t, PCAP_ERROR);
	t->fd = pcap_get_selectable_fd(t->pcap);
	t->index = if_nametoindex(t->name);
	t->is_down = false;
	know_link(t);
	return TAP_OPEN;
}

enum tap_state tap_open(struct tap *t)
{
	enum tap_state state = start(t);

	if (state == TAP_OPEN)
		tell_open(t);
	else
		forget(t);
	return state;
}

void tap_close(struct tap *t)
{
	tap_count(t);
	forget(t);
}

/* ---- while it runs ---- */

void tap_count(struct tap *t)
{
	struct pcap_stat now;

	if (!t->pcap || pcap_stats(t->pcap, &now) != 0)
		return;
	t->dropped += now.ps_drop - t->last.ps_drop; /* they wrap around */
	t->missed += now.ps_ifdrop - t->last.ps_ifdrop;
	t->last = now;
}

static void lose(struct tap *t, const char *why)
{
	tell_away(t, why, false);
	tap_close(t);
}

/* The ring stays open over a lost link: nothing is missed when it is back. */
static void look_at_link(struct tap *t)
{
	bool was_down = t->is_down;

	t->is_down = !has_link(t->name);
	if (t->is_down)
		tell_away(t, "the link is down", false);
	else if (was_down)
		tell_open(t);
}

void tap_look(struct tap *t, uint64_t past_ns)
{
	if (!t->pcap || t->is_down)
		t->away_ns += past_ns;
	if (t->pcap && if_nametoindex(t->name) != t->index)
		lose(t, "the interface is gone");
	if (!t->pcap)
		(void)tap_open(t);
	if (t->pcap)
		look_at_link(t);
	tap_count(t);
}

bool tap_peek(struct tap *t)
{
	if (t->head || t->is_empty || !t->pcap)
		return t->head != NULL;
	int got = pcap_next_ex(t->pcap, &t->head, &t->bytes);
	if (got == 1) {
		t->head_ns = pace_of(t->pace, (uint64_t)t->head->ts.tv_sec * 1000000000 +
			(uint64_t)t->head->ts.tv_usec); /* nanoseconds, as we asked */
		return true;
	}
	t->head = NULL;
	t->is_empty = true;
	if (got < 0)
		lose(t, pcap_geterr(t->pcap));
	return false;
}
